//go:build unix

package proc

import (
	"time"

	"golang.org/x/sys/unix"
)

// OwnTime is the processor time that this program has used so far.
func OwnTime() time.Duration {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
