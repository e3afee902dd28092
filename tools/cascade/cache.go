package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/simulate"
)

// cache holds answers as the caller of a service does: all made when the run begins, so that they expire at one moment
// unless their life times differ.
type cache struct {
	of *simulate.Cache

	mu      sync.Mutex
	expires []time.Time
	under   []*fetching // nil where no answer is being fetched
}

// fetching is one answer on its way.
type fetching struct {
	done chan struct{} // closed when it is over
	err  error
}

func newCache(of *simulate.Cache) *cache {
	c := &cache{of: of, expires: make([]time.Time, of.Keys), under: make([]*fetching, of.Keys)}
	now := time.Now()
	for i := range c.expires {
		left := c.lifetime()
		if of.Spread {
			left = time.Duration(float64(left) * rand.Float64())
		}
		c.expires[i] = now.Add(left)
	}
	return c
}

func (c *cache) lifetime() time.Duration {
	return time.Duration(c.of.TTL * (1 - c.of.Jitter*rand.Float64()) * float64(time.Second))
}

// get answers a key drawn by chance from the cache, or fetches it; with Coalesce one fetches and the others wait for it.
func (c *cache) get(ctx context.Context, fetch func(ctx context.Context) error) error {
	key := rand.IntN(c.of.Keys)
	c.mu.Lock()
	if time.Now().Before(c.expires[key]) {
		c.mu.Unlock()
		return nil
	}
	if under := c.under[key]; under != nil && c.of.Coalesce {
		c.mu.Unlock()
		<-under.done
		return under.err
	}
	mine := &fetching{done: make(chan struct{})}
	c.under[key] = mine
	c.mu.Unlock()
	err := fetch(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.expires[key] = time.Now().Add(c.lifetime())
	}
	c.under[key], mine.err = nil, err
	close(mine.done)
	return err
}
