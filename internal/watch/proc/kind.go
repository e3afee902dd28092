package proc

import (
	"strconv"
	"strings"
)

// Kind is what a descriptor refers to. The zero value is Other.
type Kind uint8

// The kinds of descriptor.
const (
	Other Kind = iota
	File
	Deleted
	Pipe
	Socket
	Epoll
	Eventfd
	Inotify
	Timerfd
	Signalfd
	Memfd
	Device

	kinds // how many there are
)

var kindNames = [kinds]string{"other", "file", "deleted", "pipe", "socket", "epoll", "eventfd", "inotify", "timerfd", "signalfd", "memfd", "device"}

// String is the name of a kind as metrics and reports have it.
func (k Kind) String() string { return kindNames[k] }

// Kinds lists all kinds in a fixed order.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// deletedMark is what the kernel puts behind the name of a file that no directory has any more. A file may be called
// so itself, which only its link count tells.
const deletedMark = " (deleted)"

// anonymous are the names of what has no place in a file system.
var anonymous = map[string]Kind{
	"[eventpoll]": Epoll, "[eventfd]": Eventfd, "inotify": Inotify, "[timerfd]": Timerfd, "[signalfd]": Signalfd,
}

// target is what one link of /proc/PID/fd says.
type target struct {
	kind  Kind
	inode uint64 // of a socket or pipe
	path  string // of a file, without the mark of a deleted one
	// unsure is set for a file whose name ends like that of a deleted one.
	unsure bool
}

// readTarget takes a link apart. A regular file's path starts with a slash, so no name can pass for something else.
func readTarget(link string) target {
	if inode, ok := numbered(link, "socket:["); ok {
		return target{kind: Socket, inode: inode}
	}
	if inode, ok := numbered(link, "pipe:["); ok {
		return target{kind: Pipe, inode: inode}
	}
	if name, ok := strings.CutPrefix(link, "anon_inode:"); ok {
		return target{kind: anonymous[name], path: name}
	}
	path, marked := strings.CutSuffix(link, deletedMark)
	switch {
	case marked && strings.HasPrefix(link, "/memfd:"):
		return target{kind: Memfd, path: path}
	case strings.HasPrefix(link, "/dev/") && !strings.HasPrefix(link, "/dev/shm/"):
		return target{kind: Device, path: link}
	case strings.HasPrefix(link, "/"):
		return target{kind: File, path: link, unsure: marked}
	}
	return target{kind: Other, path: link}
}

func numbered(link, prefix string) (inode uint64, ok bool) {
	digits, ok := strings.CutPrefix(link, prefix)
	if !ok || !strings.HasSuffix(digits, "]") {
		return 0, false
	}
	inode, err := strconv.ParseUint(digits[:len(digits)-1], 10, 64)
	return inode, err == nil
}
