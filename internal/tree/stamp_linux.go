package tree

import "syscall"

// timesOf gives when the content and when the inode changed.
func timesOf(stat *syscall.Stat_t) (content, node syscall.Timespec) { return stat.Mtim, stat.Ctim }
