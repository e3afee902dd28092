package cli

import (
	"runtime"
	"runtime/debug"
)

// A run is short, and collecting the facts of a large project again and again while they are made costs more than
// keeping the garbage of a moment. Above memoryLimit the collector works harder again, so that a large project stays
// below a gibibyte.
const (
	gcPercent   = 400
	memoryLimit = 800 << 20
	// firstCollection is the size of the heap at which the garbage of a large project is collected for the first time.
	firstCollection = 640 << 20
)

// tune trades memory for time. Whoever sets GOGC or GOMEMLIMIT decides himself.
func (p *program) tune() {
	if p.env["GOGC"] == "" {
		debug.SetGCPercent(gcPercent)
	}
	if p.env["GOMEMLIMIT"] == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}

// Most files keep less than fileBytes in memory, with their part of the program. A few files are not worth the trouble.
const (
	fileBytes  = 64 << 10
	leastBytes = 16 << 20
	mostBytes  = memoryLimit - 32<<20
)

// prepare gives what prepares the memory, once, for the files that are about to be read.
func (p *program) prepare() func(files int) {
	prepared := false
	return func(files int) {
		size := min(files*fileBytes, mostBytes)
		if prepared || size < leastBytes {
			return
		}
		prepared = true
		reserve(size)
		if p.env["GOGC"] == "" && p.env["GOMEMLIMIT"] == "" {
			collectLate()
		}
	}
}

// collectLate puts off the first collection until the heap has grown to firstCollection. From then on everything is as
// tune left it.
func collectLate() {
	debug.SetMemoryLimit(firstCollection)
	debug.SetGCPercent(-1)
	// Nothing refers to the object, so the first collection is what calls this.
	runtime.SetFinalizer(new([2]uintptr), func(*[2]uintptr) {
		debug.SetGCPercent(gcPercent)
		debug.SetMemoryLimit(memoryLimit)
	})
}
