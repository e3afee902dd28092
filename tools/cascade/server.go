package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tiebeam/tiebeam/internal/simulate"
)

// server is one service of a topology as a real one.
type server struct {
	service  *simulate.Service
	url      string
	slots    chan struct{}
	edges    []*edge
	http     *http.Server
	inflight atomic.Int64
	busy     atomic.Int64

	mu        sync.Mutex
	add       time.Duration
	times     float64
	down      bool
	begun     time.Time // of the trigger; zero before
	exhausted time.Duration
	held      time.Duration // own work before the trigger, and how often
	works     int
}

// edge is one call of a service, or of a load.
type edge struct {
	call     *simulate.Call
	to       *server
	client   *http.Client
	pool     chan struct{}
	cache    *cache // nil for none
	mu       sync.Mutex
	failures int
	openTill time.Time
	trying   bool
}

func newServer(s *simulate.Service) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	v := &server{service: s, url: "http://" + listener.Addr().String(), slots: make(chan struct{}, s.Slots), times: 1}
	v.http = &http.Server{Handler: v}
	go v.http.Serve(listener)
	return v, nil
}

func newEdge(c *simulate.Call, servers []*server) *edge {
	e := &edge{call: c, to: servers[c.To], client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4096, MaxConnsPerHost: 0}}}
	if c.Connections > 0 {
		e.pool = make(chan struct{}, c.Connections)
	}
	if c.Cache != nil {
		e.cache = newCache(c.Cache)
	}
	return e
}

// ServeHTTP holds a slot for the own work and for the calls, as threads and workers do.
func (v *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s := v.service
	n := v.inflight.Add(1)
	defer v.inflight.Add(-1)
	queued := n - 1 - int64(s.Slots)
	v.mu.Lock()
	down := v.down
	v.mu.Unlock()
	if down || s.Limit >= 0 && n > int64(s.Limit) || s.Queue >= 0 && queued >= int64(s.Queue) {
		v.refuse(down)
		http.Error(w, "full", http.StatusServiceUnavailable)
		return
	}
	v.slots <- struct{}{}
	v.busy.Add(1)
	defer func() { v.busy.Add(-1); <-v.slots }()
	gone := func() bool { return s.Cancels && r.Context().Err() != nil }
	if gone() {
		return
	}
	v.work()
	for _, e := range v.edges {
		if gone() {
			return
		}
		if err := e.do(context.Background()); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
	}
	io.WriteString(w, "ok")
}

func (v *server) work() {
	v.mu.Lock()
	d := time.Duration(v.service.Time.Mean*v.times*float64(time.Second)) + v.add
	slowed := v.add > 0 || v.times != 1
	v.mu.Unlock()
	started := time.Now()
	time.Sleep(d)
	if !slowed {
		v.mu.Lock()
		v.held += time.Since(started)
		v.works++
		v.mu.Unlock()
	}
}

func (v *server) refuse(down bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !down && !v.begun.IsZero() && v.exhausted == 0 {
		v.exhausted = time.Since(v.begun)
	}
}

// trigger switches what goes wrong on or off.
func (v *server) trigger(t *simulate.Trigger, on bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.add, v.times, v.down = 0, 1, false
	if on {
		v.add, v.times, v.down = time.Duration(t.Add*float64(time.Second)), t.Times, t.Down
	}
}

// do makes a call, through its cache where it has one.
func (e *edge) do(ctx context.Context) error {
	if e.cache != nil {
		return e.cache.get(ctx, e.fetch)
	}
	return e.fetch(ctx)
}

// fetch makes a call with its attempts.
func (e *edge) fetch(ctx context.Context) error {
	c := e.call
	var err error
	for try := 0; c.Attempts < 0 || try < c.Attempts; try++ {
		if try > 0 {
			pause := min(c.Backoff*math.Pow(c.Factor, float64(try-1)), c.MaxBackoff)
			pause *= 1 - c.Jitter*rand.Float64()
			time.Sleep(time.Duration(pause * float64(time.Second)))
		}
		if err = e.attempt(ctx); err == nil {
			return nil
		}
	}
	if c.Fallback {
		return nil
	}
	return err
}

func (e *edge) attempt(ctx context.Context) error {
	if !e.allowed() {
		return fmt.Errorf("breaker open")
	}
	if !math.IsInf(e.call.Deadline, 1) {
		limited, cancel := context.WithTimeout(ctx, time.Duration(e.call.Deadline*float64(time.Second)))
		defer cancel()
		ctx = limited
	}
	if e.pool != nil {
		if err := e.connect(); err != nil {
			e.judge(err)
			return err
		}
		defer func() { <-e.pool }()
	}
	err := e.send(ctx)
	e.judge(err)
	return err
}

func (e *edge) connect() error {
	if math.IsInf(e.call.PoolWait, 1) {
		e.pool <- struct{}{}
		return nil
	}
	timer := time.NewTimer(time.Duration(e.call.PoolWait * float64(time.Second)))
	defer timer.Stop()
	select {
	case e.pool <- struct{}{}:
		return nil
	case <-timer.C:
		return fmt.Errorf("no connection")
	}
}

func (e *edge) send(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.to.url, nil)
	if err != nil {
		return err
	}
	response, err := e.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

func (e *edge) allowed() bool {
	b := e.call.Breaker
	if b == nil {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.failures < b.Failures {
		return true
	}
	if time.Now().Before(e.openTill) || e.trying {
		return false
	}
	e.trying = true
	return true
}

func (e *edge) judge(err error) {
	b := e.call.Breaker
	if b == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.trying = false
	if err == nil {
		e.failures = 0
		return
	}
	if e.failures++; e.failures >= b.Failures {
		e.openTill = time.Now().Add(time.Duration(b.Open * float64(time.Second)))
	}
}
