//go:build linux && (amd64 || arm64)

package cli

import (
	"os"
	"runtime"
	"syscall"
)

// reserve asks the kernel to back the heap that a run is about to fill with huge pages: with pages of 4 KiB, a check of
// a large project spends an eighth of its time in page faults. The runtime never asks by itself, so an object is
// allocated where the heap will grow, marked, and given back untouched, which costs addresses and no memory.
func reserve(size int) {
	if !roomy() {
		return
	}
	room := make([]byte, size)
	_ = syscall.Madvise(room, syscall.MADV_HUGEPAGE) // an advice: where the kernel has none, all is as it was
	runtime.KeepAlive(room)
	runtime.GC()
}

// roomy reports whether addresses are plenty, and huge pages small: 2 MiB, which they are beside pages of 4 KiB only.
func roomy() bool {
	const unlimited = ^uint64(0)
	var limit syscall.Rlimit
	return syscall.Getrlimit(syscall.RLIMIT_AS, &limit) == nil && limit.Cur == unlimited && os.Getpagesize() == 4<<10
}
