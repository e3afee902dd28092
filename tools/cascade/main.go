package main

import (
	"context"
	"embed"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/simulate"
)

//go:embed topologies/*.toml
var files embed.FS

func main() {
	entries, err := files.ReadDir("topologies")
	if err != nil {
		fmt.Fprintln(os.Stderr, "cascade:", err)
		os.Exit(2)
	}
	differ := false
	fmt.Println("| topology | exhausted: simulated | real | fails: simulated | real | recovers: simulated | real | agree |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".toml")
		if len(os.Args) > 1 && !slices.Contains(os.Args[1:], name) {
			continue
		}
		agree, err := compare(name)
		if err != nil {
			fmt.Fprintf(os.Stderr, "cascade: %s: %v\n", name, err)
			os.Exit(2)
		}
		differ = differ || !agree
	}
	if differ {
		os.Exit(1)
	}
}

// compare runs one topology both ways and prints a row.
func compare(name string) (agree bool, err error) {
	raw, err := files.ReadFile("topologies/" + name + ".toml")
	if err != nil {
		return false, err
	}
	topology, err := simulate.Read(name, raw, nil)
	if err != nil {
		return false, err
	}
	observed, err := observe(topology)
	if err != nil {
		return false, err
	}
	var runs []*simulate.Series
	for seed := range 20 {
		runs = append(runs, simulate.Run(topology, uint64(seed)))
	}
	played, real := simulate.Summarise(topology, runs), simulate.Summarise(topology, []*simulate.Series{observed})
	agree = true
	var left, right []string
	for i := range topology.Services {
		p, r := played.Services[i].Exhausted, real.Services[i].Exhausted.Mid
		if p.Never() && math.IsInf(r, 1) {
			continue
		}
		left = append(left, topology.Services[i].Name+" "+p.String())
		right = append(right, topology.Services[i].Name+" "+simulate.Seconds(r))
		agree = agree && r >= 0.75*p.Low && r <= 1.25*p.High
	}
	recovers := func(o *simulate.Outcome) string {
		switch {
		case o.Recovered < 0:
			return "-"
		case 2*o.Recovered >= o.Runs:
			return "yes"
		}
		return "no"
	}
	agree = agree && recovers(played) == recovers(real)
	or := func(parts []string) string {
		if len(parts) == 0 {
			return "none"
		}
		return strings.Join(parts, ", ")
	}
	fmt.Printf("| %s | %s | %s | %.0f %% | %.0f %% | %s | %s | %v |\n", name, or(left), or(right),
		100*played.Failed.Mid, 100*real.Failed.Mid, recovers(played), recovers(real), agree)
	return agree, nil
}

// observe runs the topology for real. What the servers' own work really took replaces what the file says, so that the
// simulation is asked about the same servers.
func observe(t *simulate.Topology) (*simulate.Series, error) {
	var servers []*server
	for i := range t.Services {
		v, err := newServer(&t.Services[i])
		if err != nil {
			return nil, err
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
	o.run()
	for i, v := range servers {
		if v.works > 0 {
			measured := (v.held / time.Duration(v.works)).Seconds()
			t.Services[i].Time.Mean = measured
		}
	}
	return o.series, nil
}

// observer plays load and triggers and takes the samples.
type observer struct {
	t       *simulate.Topology
	servers []*server
	series  *simulate.Series

	mu           sync.Mutex
	done, failed float64
}

func (o *observer) run() {
	started := time.Now()
	end := started.Add(time.Duration(o.t.Duration * float64(time.Second)))
	ctx, stop := context.WithDeadline(context.Background(), end)
	defer stop()
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
	time.Sleep(time.Duration(t.At * float64(time.Second)))
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
