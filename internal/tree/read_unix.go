//go:build unix

package tree

import (
	"errors"
	"io/fs"
	"syscall"

	"github.com/tiebeam/tiebeam/internal/source"
)

// readRegular reads a regular file in four system calls: thousands of small files are read, and os.File would double
// them. O_NONBLOCK keeps a named pipe from hanging the open, O_NOFOLLOW keeps a link at the end from leading elsewhere.
func readRegular(disk, name string, maxBytes int, follow bool) ([]byte, error) {
	flags := syscall.O_RDONLY | syscall.O_NONBLOCK | syscall.O_CLOEXEC
	if !follow {
		flags |= syscall.O_NOFOLLOW
	}
	fd, err := again(func() (int, error) { return syscall.Open(disk, flags, 0) })
	if errors.Is(err, syscall.ELOOP) {
		return nil, errors.New(notRegular(fs.ModeSymlink))
	}
	if err != nil {
		return nil, err
	}
	defer syscall.Close(fd)
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		return nil, err
	}
	if kind := stat.Mode & syscall.S_IFMT; kind != syscall.S_IFREG {
		return nil, errors.New(notRegular(fileMode(uint32(kind))))
	}
	if stat.Size > int64(maxBytes) {
		return nil, source.TooLarge(name, stat.Size, maxBytes)
	}
	// One byte more than its size shows in the same call that the file ends there.
	raw := make([]byte, stat.Size+1)
	size := 0
	for {
		n, err := again(func() (int, error) { return syscall.Read(fd, raw[size:]) })
		if err != nil {
			return nil, err
		}
		size += n
		if n == 0 || size < len(raw) && int64(size) == stat.Size {
			return raw[:size], nil
		}
		if size > maxBytes {
			return nil, source.TooLarge(name, int64(size), maxBytes)
		}
		if size == len(raw) {
			raw = append(raw, make([]byte, len(raw))...)
		}
	}
}

// again repeats a call that a signal interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != syscall.EINTR {
			return n, err
		}
	}
}

func fileMode(kind uint32) fs.FileMode {
	switch kind {
	case syscall.S_IFIFO:
		return fs.ModeNamedPipe
	case syscall.S_IFSOCK:
		return fs.ModeSocket
	case syscall.S_IFBLK, syscall.S_IFCHR:
		return fs.ModeDevice
	case syscall.S_IFDIR:
		return fs.ModeDir
	case syscall.S_IFLNK:
		return fs.ModeSymlink
	}
	return fs.ModeIrregular
}
