package metrics

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// maxLabels is how many values a label with names from the process can have; the rest is "other".
const maxLabels = 20

// other is the label of what has no label of its own.
const other = "other"

// Collector gives the newest state of a hub as metrics. It may be used by several goroutines.
type Collector struct {
	hub *watch.Hub

	mu     sync.Mutex
	labels map[string]map[string]bool // by name of the label: the values that were given out
}

var _ prometheus.Collector = (*Collector)(nil)

// New makes a collector that must be registered once.
func New(hub *watch.Hub) *Collector {
	return &Collector{hub: hub, labels: map[string]map[string]bool{}}
}

// Describe sends all descriptions.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	for _, f := range all {
		out <- f.desc
	}
}

// Collect sends what is known.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	s, _ := c.hub.State()
	if s == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	w := &writer{Collector: c, out: out}
	w.process(s)
	w.descriptors(s)
	w.agent(s)
	w.put(samples, float64(s.Samples))
	w.put(share, s.Share)
}

// writer sends the metrics of one state.
type writer struct {
	*Collector
	out chan<- prometheus.Metric
}

func (w *writer) put(f family, value float64, labels ...string) {
	w.out <- prometheus.MustNewConstMetric(f.desc, f.kind, value, labels...)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// orInfinite makes +Inf of a limit that there is not.
func orInfinite(limit float64, none bool) float64 {
	if none {
		return math.Inf(1)
	}
	return limit
}

func (w *writer) process(s *watch.State) {
	w.put(up, truth(s.Ended == ""))
	w.put(maxFDs, orInfinite(float64(s.Sample.MaxOpen), s.Sample.MaxOpen == proc.Unlimited))
	w.put(threads, float64(s.Sample.Threads))
	w.put(children, float64(max(s.Sample.Children-s.Sample.Zombies, 0)), "running")
	w.put(children, float64(s.Sample.Zombies), "zombie")
	w.put(resident, float64(s.Sample.RSSBytes))
	w.put(virtual, float64(s.Sample.VirtualBytes))
	w.put(cpuSeconds, s.Sample.CPU.Seconds())
	counts := map[string]int{}
	for i := range s.Leaks {
		counts[watch.RuleOf(s.Leaks[i].Subject.What)]++
	}
	for _, r := range watch.Rules() {
		if r.Class == watch.ClassLeak {
			w.put(leaks, float64(counts[r.Name]), r.Name)
		}
	}
}

// descriptors are absent where they may not be read.
func (w *writer) descriptors(s *watch.State) {
	if s.Sample.Denied != "" {
		return
	}
	for _, kind := range proc.Kinds() {
		w.put(openFDs, float64(s.Sample.Kind(kind)), kind.String())
	}
	w.put(headroom, s.Sample.Headroom())
	slope := 0.0
	for i := range s.Leaks {
		if s.Leaks[i].Subject.What == cause.Descriptors {
			slope += s.Leaks[i].Judgement.Slope
		}
	}
	w.put(fdSlope, slope)
	w.put(exhaustion, s.Exhaustion)
	w.put(detailsAge, max(s.At.Sub(s.Sample.DetailedAt), 0).Seconds())
	for class, n := range s.Sample.Sockets {
		w.put(sockets, float64(n), class.State, string(class.Peer))
	}
}

func (w *writer) agent(s *watch.State) {
	told := !s.Agent.At.IsZero()
	w.put(agentUp, truth(s.Agent.Connected && told))
	if !told {
		return
	}
	stats := &s.Agent.Stats
	w.put(agentFaults, float64(stats.Faults))
	lost := 0
	for _, u := range stats.Unclosed {
		lost += u.Count
	}
	w.put(unclosed, float64(lost))
	w.loops(&s.Agent)
	w.blocks(s.Agent.Stats.Blocks)
	w.pools(stats.Pools)
}

func (w *writer) loops(view *probe.View) {
	seen := map[string]bool{}
	for i := range view.Stats.Loops {
		l := &view.Stats.Loops[i]
		number, impl := w.label("loop", strconv.Itoa(l.ID)), w.label("impl", l.Impl)
		if seen[number] {
			continue // further loops have no label of their own
		}
		seen[number] = true
		if l.Tasks >= 0 {
			w.put(tasks, float64(l.Tasks), number, impl)
		}
		buckets := map[float64]uint64{}
		sum := uint64(0)
		for k, bound := range view.Hello.Bounds {
			if k < len(l.Lag.Counts) {
				sum += l.Lag.Counts[k]
				buckets[bound] = sum
			}
		}
		w.out <- prometheus.MustNewConstHistogram(lag.desc, max(l.Lag.Count, sum), l.Lag.Sum, buckets, number, impl)
	}
}

func (w *writer) blocks(all []probe.Block) {
	counts, times := map[string]float64{}, map[string]float64{}
	for _, b := range all {
		site := w.label("site", siteLabel(b.Site))
		counts[site] += float64(b.Count)
		times[site] += b.Seconds
	}
	for site, n := range counts {
		w.put(blocked, n, site)
		w.put(blockedFor, times[site], site)
	}
}

// siteLabel is a place that reads well in a legend: the last folders of the file, the line and the function.
func siteLabel(s probe.Site) string {
	dir, name := path.Split(s.File)
	return fmt.Sprintf("%s:%d %s", path.Join(path.Base(dir), name), s.Line, s.Func)
}

func (w *writer) pools(all []probe.Pool) {
	seen := map[string]bool{}
	for i := range all {
		p := &all[i]
		kind, name := w.label("kind", p.Kind), w.label("pool", p.Name)
		if seen[kind+"\x00"+name] {
			continue
		}
		seen[kind+"\x00"+name] = true
		w.put(poolSize, float64(p.Size), kind, name)
		w.put(poolMax, orInfinite(float64(p.Max), p.Max == 0), kind, name)
		w.put(poolAvailable, float64(p.Available), kind, name)
		w.put(poolWaiting, float64(p.Waiting), kind, name)
		// The other libraries do not count these; psycopg leaves out what is still zero, which the agent fills in.
		if p.Kind == "psycopg" {
			w.put(poolRequests, p.Requests, kind, name)
			w.put(poolErrors, p.Errors, kind, name)
			w.put(poolWait, p.WaitSeconds, kind, name)
			w.put(poolUsage, p.UsageSeconds, kind, name)
			w.put(poolLost, p.Lost, kind, name)
		}
	}
}

// label gives a value of a label, or "other" once there are too many. Who has one keeps it, so that no counter falls.
func (w *writer) label(name, value string) string {
	known := w.labels[name]
	if known == nil {
		known = map[string]bool{}
		w.labels[name] = known
	}
	value = text.Visible(value)
	if !known[value] {
		if len(known) >= maxLabels {
			return other
		}
		known[value] = true
	}
	return value
}
