package main

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/simulate"
)

// stated is what twenty seeds said of one service: exhausted after 4 to 8 seconds, and everything recovers.
func stated(exhausted simulate.Span) *statement {
	return &statement{
		topology: &simulate.Topology{Services: []simulate.Service{{Name: "shop"}}},
		played:   &simulate.Outcome{Services: []simulate.ServiceOutcome{{Exhausted: exhausted}}, Recovered: 20, Runs: 20},
	}
}

// TestJudge holds real moments against what was stated.
func TestJudge(t *testing.T) {
	never := simulate.Span{Low: math.Inf(1), Mid: math.Inf(1), High: math.Inf(1)}
	some := simulate.Span{Low: 4, Mid: 6, High: 8}
	for _, test := range []struct {
		name      string
		stated    simulate.Span
		at        float64
		recovered int
		text      string
		want      string
	}{
		{"within", some, 9.9, 1, "shop 3 s … 10 s", agrees},
		{"too late", some, 10.1, 1, "shop 3 s … 10 s", differs},
		{"too early", some, 2.9, 1, "shop 3 s … 10 s", differs},
		{"not at all", some, math.Inf(1), 1, "shop 3 s … 10 s", differs},
		{"does not recover", some, 6, 0, "shop 3 s … 10 s", differs},
		{"neither", never, math.Inf(1), 1, "none", agrees},
		{"only in reality", never, 6, 1, "none", differs},
		{"in some runs only, and not", simulate.Span{Low: 4, Mid: 6, High: math.Inf(1)}, math.Inf(1), 1, "shop from 3 s on or not", agrees},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := stated(test.stated)
			real := &simulate.Outcome{
				Services: []simulate.ServiceOutcome{{Exhausted: simulate.Span{Low: test.at, Mid: test.at, High: test.at}}}, Recovered: test.recovered, Runs: 1,
			}
			if got := s.text(); got != test.text {
				t.Errorf("stated %q, want %q", got, test.text)
			}
			if got := s.judge(real); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

// TestBusy says when a run gives no verdict.
func TestBusy(t *testing.T) {
	for _, test := range []struct {
		sight sight
		busy  bool
	}{
		{sight{hold: []float64{0.050, 0}, late: 5 * time.Millisecond}, false},
		{sight{hold: []float64{0.059, 0}, late: 5 * time.Millisecond}, false},
		{sight{hold: []float64{0.062, 0}, late: 5 * time.Millisecond}, true},
		{sight{hold: []float64{0.038, 0}, late: 5 * time.Millisecond}, true},
		{sight{hold: []float64{0.050, 0.004}, late: 5 * time.Millisecond}, false}, // nothing was measured there
		{sight{hold: []float64{0.050, 0}, late: 30 * time.Millisecond}, true},
	} {
		if why := test.sight.busy([]float64{0.050, 0}); (why != "") != test.busy {
			t.Errorf("%+v: %q", test.sight, why)
		}
	}
}

// TestTopologies reads every topology; all have a trigger, from which moments are counted.
func TestTopologies(t *testing.T) {
	entries, err := files.ReadDir("topologies")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		raw, err := files.ReadFile("topologies/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		topology, err := simulate.Read(entry.Name(), raw, nil)
		if err != nil {
			t.Error(err)
			continue
		}
		if len(topology.Triggers) != 1 || topology.Triggers[0].Service < 0 || topology.Triggers[0].At <= calibration {
			t.Errorf("%s: wants one trigger of a service, after the time in which servers are measured", entry.Name())
		}
	}
}

// TestCache answers what is there, fetches what has expired, and with coalesce lets one fetch for all.
func TestCache(t *testing.T) {
	fetched := 0
	fetch := func(context.Context) error { fetched++; return nil }
	kept := newCache(&simulate.Cache{Keys: 1, TTL: 3600})
	if err := kept.get(context.Background(), fetch); err != nil || fetched != 0 {
		t.Errorf("an answer that is there: %v, fetched %d times", err, fetched)
	}
	kept.expires[0] = time.Time{}
	for range 2 {
		if err := kept.get(context.Background(), fetch); err != nil || fetched != 1 {
			t.Errorf("an answer that has expired: %v, fetched %d times", err, fetched)
		}
	}
	shared := newCache(&simulate.Cache{Keys: 1, TTL: 3600, Coalesce: true})
	shared.expires[0] = time.Time{}
	refused := errors.New("refused")
	began, end := make(chan struct{}), make(chan struct{})
	first := make(chan error)
	go func() {
		first <- shared.get(context.Background(), func(context.Context) error { close(began); <-end; return refused })
	}()
	<-began
	second := make(chan error)
	go func() {
		second <- shared.get(context.Background(), func(context.Context) error { close(end); return nil })
	}()
	select {
	case <-end:
		t.Error("two fetch the same answer")
	case end <- struct{}{}:
	}
	if err := <-first; err != refused {
		t.Errorf("who fetches gets %v", err)
	}
	if err := <-second; err != refused && err != nil {
		t.Errorf("who waits gets %v", err)
	}
}
