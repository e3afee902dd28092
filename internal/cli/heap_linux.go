//go:build linux && (amd64 || arm64)

package cli

import (
	"os"
	"runtime"
	"syscall"
)

// heap gets huge pages for what a run keeps in memory.
type heap struct{ reserved bool }

// Most files keep less than fileBytes in memory, with their part of the program. A few files are not worth the trouble,
// and what is more than mostBytes has to do with ordinary pages.
const (
	fileBytes  = 64 << 10
	leastBytes = 16 << 20
	mostBytes  = memoryLimit - 32<<20
)

// reserve asks the kernel, once, to back the heap that files are about to fill with huge pages: with pages of 4 KiB, a
// check of a large project spends an eighth of its time in page faults. The runtime never asks by itself, so an object
// is allocated where the heap will grow, marked, and given back untouched, which costs addresses and no memory.
func (h *heap) reserve(files int) {
	size := min(files*fileBytes, mostBytes)
	if h.reserved || size < leastBytes || !roomy() {
		return
	}
	h.reserved = true
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
