//go:build unix

package cache

import (
	"io/fs"
	"os"
	"syscall"
)

// distrust says why what another user could have written is not read; empty where only we could.
func distrust(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case ok && int(stat.Uid) != os.Geteuid():
		return "belongs to another user"
	case info.Mode().Perm()&0o022 != 0:
		return "other users may write to it"
	}
	return ""
}

// openOwn opens a file for reading, not through a link and without waiting for a pipe.
func openOwn(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}
