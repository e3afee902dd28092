package main

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// ours is the parser of this repository. Each thread reuses one tree, as the program does.
type ours struct{ sources []string }

func (o *ours) name() string { return "ours" }

func (o *ours) parseAll(threads int) (pass, error) {
	var next, errors atomic.Int64
	var wait sync.WaitGroup
	start := startClock()
	for range threads {
		wait.Go(func() {
			tree := ast.NewTree(nil)
			for {
				i := int(next.Add(1)) - 1
				if i >= len(o.sources) {
					return
				}
				parse.File(tree, o.sources[i], parse.Options{})
				if len(tree.Diagnostics()) > 0 {
					errors.Add(1)
				}
			}
		})
	}
	wait.Wait()
	return start.stop(int(errors.Load())), nil
}

// A clock measures wall and processor time of this process.
type clock struct {
	wall      time.Time
	processor time.Duration
}

func startClock() clock { return clock{wall: time.Now(), processor: processorTime()} }

func (c clock) stop(errors int) pass {
	return pass{wall: time.Since(c.wall), processor: processorTime() - c.processor, errors: errors}
}

// processorTime returns the processor time of all threads of this process so far.
func processorTime() time.Duration {
	var usage syscall.Rusage
	// The call can only fail for a wrong argument.
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
