package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/simulate"
)

// sight is what a real run tells of the machine it ran on.
type sight struct {
	// hold is how long the own work of each service took on average before anything went wrong, in seconds; 0 for none.
	hold []float64
	// late is by how much a sleep of ten milliseconds was overrun, of a hundred the fifth worst.
	late time.Duration
}

// The most by which a machine may disturb a run that is judged. Work that takes a fifth longer than measured shifts what
// is expected by about as much as the envelope is wide.
const (
	mostLate  = 25 * time.Millisecond
	mostDrift = 0.2
)

// busy says in which way the machine was too busy for a verdict, "" where it was not.
func (s *sight) busy(measured []float64) string {
	if s.late > mostLate {
		return fmt.Sprintf("the machine let a sleeper wait %v longer", s.late.Round(time.Millisecond))
	}
	for i, hold := range s.hold {
		// Work of a few milliseconds is short beside everything else.
		if was := measured[i]; was > 0 && math.Abs(hold-was) > max(mostDrift*was, 0.004) {
			return fmt.Sprintf("work took %s that took %s before", simulate.Seconds(hold), simulate.Seconds(was))
		}
	}
	return ""
}

// observe runs a topology for real, for so many seconds.
func observe(t *simulate.Topology, seconds float64) (*simulate.Series, *sight, error) {
	var servers []*server
	for i := range t.Services {
		v, err := newServer(&t.Services[i])
		if err != nil {
			return nil, nil, err
		}
		defer v.http.Close()
		servers = append(servers, v)
	}
	for i, v := range servers {
		for k := range t.Services[i].Calls {
			v.edges = append(v.edges, newEdge(&t.Services[i].Calls[k], servers))
		}
	}
	o := &observer{t: t, servers: servers, series: &simulate.Series{Nodes: make([]simulate.NodeSeries, len(servers))}}
	o.run(seconds)
	seen := &sight{late: o.lateness()}
	for _, v := range servers {
		v.mu.Lock()
		seen.hold = append(seen.hold, 0)
		if v.works > 0 {
			seen.hold[len(seen.hold)-1] = (v.held / time.Duration(v.works)).Seconds()
		}
		v.mu.Unlock()
	}
	return o.series, seen, nil
}

// observer plays load and triggers and takes the samples.
type observer struct {
	t       *simulate.Topology
	servers []*server
	series  *simulate.Series

	mu           sync.Mutex
	done, failed float64
	late         []time.Duration
}

func (o *observer) run(seconds float64) {
	started := time.Now()
	end := started.Add(time.Duration(seconds * float64(time.Second)))
	ctx, stop := context.WithDeadline(context.Background(), end)
	defer stop()
	go o.sleeper(ctx)
	for i := range o.t.Loads {
		go o.load(ctx, &o.t.Loads[i], uint64(i))
	}
	for i := range o.t.Triggers {
		go o.trigger(ctx, &o.t.Triggers[i])
	}
	step := time.Duration(o.t.Step * float64(time.Second))
	for at := step; ; at += step {
		time.Sleep(time.Until(started.Add(at)))
		if time.Now().After(end) {
			break
		}
		o.sample(at.Seconds())
	}
	begin := o.t.Triggers[0].At
	for i, v := range o.servers {
		v.mu.Lock()
		o.series.Nodes[i].Exhausted, o.series.Nodes[i].Saturated = math.Inf(1), math.Inf(1)
		if v.exhausted > 0 {
			o.series.Nodes[i].Exhausted = begin + v.exhausted.Seconds()
		}
		v.mu.Unlock()
	}
}

// sleeper notes by how much the machine overruns a short sleep.
func (o *observer) sleeper(ctx context.Context) {
	const nap = 10 * time.Millisecond
	for ctx.Err() == nil {
		began := time.Now()
		time.Sleep(nap)
		o.mu.Lock()
		o.late = append(o.late, time.Since(began)-nap)
		o.mu.Unlock()
	}
}

// lateness is the overrun that one sleep in twenty exceeded.
func (o *observer) lateness() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.late) == 0 {
		return 0
	}
	slices.Sort(o.late)
	return o.late[len(o.late)*19/20]
}

// load sends requests at random moments, whether or not earlier ones were answered.
func (o *observer) load(ctx context.Context, l *simulate.Load, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	e := newEdge(&l.Call, o.servers)
	next := time.Now()
	for ctx.Err() == nil {
		next = next.Add(time.Duration(rng.ExpFloat64() / l.Rate * float64(time.Second)))
		time.Sleep(time.Until(next))
		go func() {
			err := e.do(context.Background())
			o.mu.Lock()
			defer o.mu.Unlock()
			if err == nil {
				o.done++
			} else {
				o.failed++
			}
		}()
	}
}

func (o *observer) trigger(ctx context.Context, t *simulate.Trigger) {
	select {
	case <-time.After(time.Duration(t.At * float64(time.Second))):
	case <-ctx.Done():
		return
	}
	now := time.Now()
	for _, v := range o.servers {
		v.mu.Lock()
		v.begun = now
		v.mu.Unlock()
	}
	o.servers[t.Service].trigger(t, true)
	if math.IsInf(t.For, 1) {
		return
	}
	select {
	case <-time.After(time.Duration(t.For * float64(time.Second))):
		o.servers[t.Service].trigger(t, false)
	case <-ctx.Done():
	}
}

func (o *observer) sample(at float64) {
	s := o.series
	s.Times = append(s.Times, at)
	for i, v := range o.servers {
		n := &s.Nodes[i]
		n.InFlight = append(n.InFlight, float64(v.inflight.Load()))
		n.Busy = append(n.Busy, float64(v.busy.Load()))
		n.Peak = max(n.Peak, int(v.inflight.Load()))
	}
	o.mu.Lock()
	s.Users.Done, s.Users.Failed = append(s.Users.Done, o.done), append(s.Users.Failed, o.failed)
	o.done, o.failed = 0, 0
	o.mu.Unlock()
}
