package engine

import (
	"context"
	"sync"
	"sync/atomic"
)

// each calls work for 0 to n-1 on some goroutines, each of which has what start made for it. Every result must go to a
// place of its own, so that the order in which workers finish does not show. It stops early when the context ends.
func each[W any](ctx context.Context, n, workers int, start func() W, work func(w W, i int)) error {
	if workers = min(workers, n); workers <= 1 {
		w := start()
		for i := 0; i < n && ctx.Err() == nil; i++ {
			work(w, i)
		}
		return ctx.Err()
	}
	var next atomic.Int64
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			w := start()
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				work(w, i)
			}
		})
	}
	group.Wait()
	return ctx.Err()
}
