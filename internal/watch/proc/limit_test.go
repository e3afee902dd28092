//go:build linux

package proc

import "golang.org/x/sys/unix"

// setLimit sets how many descriptors another process may open.
func setLimit(pid int, limit uint64) error {
	return unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit, Max: limit}, nil)
}
