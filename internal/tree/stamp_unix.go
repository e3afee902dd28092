//go:build linux || darwin

package tree

import "syscall"

// stateOf asks the system for the parts of a stamp.
func stateOf(disk string) (state [parts]int64, ok bool) {
	var stat syscall.Stat_t
	if _, err := again(func() (int, error) { return 0, syscall.Lstat(disk, &stat) }); err != nil || stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return state, false
	}
	content, node := timesOf(&stat)
	return [parts]int64{
		device: int64(stat.Dev), inode: int64(stat.Ino), size: stat.Size, modified: content.Nano(), altered: node.Nano(),
	}, true
}
