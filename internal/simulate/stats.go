package simulate

import "math"

// Series is what one run did: samples at equal distances, and the moments that matter.
type Series struct {
	// Seed is the run's seed, Events how many events it took.
	Seed   uint64
	Events int
	// Times are the moments of the samples in seconds.
	Times []float64
	// Nodes are the services and Edges the calls of the topology, services in order and their calls in order, then the
	// loads.
	Nodes []NodeSeries
	Edges []EdgeSeries
	// Users is what the clients from outside got, summed over the loads.
	Users UserSeries
}

// NodeSeries is what one service did. The counts are those since the sample before.
type NodeSeries struct {
	Busy, Queued, InFlight, Arrived, Done, Failed, Refused []float64
	// Saturated is the first of three samples in a row, from the trigger on, at which all slots are in use; Exhausted when a
	// request is first refused since then because no slot and no place in the queue was left, or the limit was reached;
	// +Inf where that never was.
	Saturated, Exhausted float64
	// Peak is the most that was in flight.
	Peak int
}

// EdgeSeries is what one call did in all.
type EdgeSeries struct {
	// Sent are attempts that reached the service, Repeated those that came after a failure, Expired those given up, Broken
	// those that an open breaker stopped, Degraded those answered by a default.
	Sent, Repeated, Expired, Broken, Degraded int
}

// UserSeries is what came out: requests answered and failed since the sample before, and the time of those answered.
type UserSeries struct {
	Done, Failed, Latency []float64
}

// stats collects a Series.
type stats struct {
	out   Series
	nodes []tally
	edges []EdgeSeries
	users struct {
		done, failed int
		latency      float64
	}
	begin float64
}

// tally is what a service did since the last sample.
type tally struct {
	arrived, done, failed, refused int
}

func newStats(w *world) *stats {
	s := &stats{nodes: make([]tally, len(w.nodes)), edges: make([]EdgeSeries, len(w.edges))}
	s.begin, _ = w.t.window()
	s.out.Nodes = make([]NodeSeries, len(w.nodes))
	for i := range s.out.Nodes {
		s.out.Nodes[i].Exhausted = math.Inf(1)
	}
	return s
}

func (s *stats) refuse(w *world, node int32) {
	s.nodes[node].refused++
	n := &s.out.Nodes[node]
	if !w.nodes[node].down && w.now >= s.begin && math.IsInf(n.Exhausted, 1) {
		n.Exhausted = w.now
	}
}

func (s *stats) end(node int32, ok bool) {
	if ok {
		s.nodes[node].done++
	} else {
		s.nodes[node].failed++
	}
}

func (s *stats) served(took float64, ok bool) {
	if ok {
		s.users.done++
		s.users.latency += took
	} else {
		s.users.failed++
	}
}

func (s *stats) sample(w *world) {
	s.out.Times = append(s.out.Times, w.now)
	for i := range w.nodes {
		n, c, out := &w.nodes[i], &s.nodes[i], &s.out.Nodes[i]
		out.Busy = append(out.Busy, float64(n.busy))
		out.Queued = append(out.Queued, float64(n.queue.len()))
		out.InFlight = append(out.InFlight, float64(n.inflight))
		out.Peak = max(out.Peak, n.inflight)
		out.Arrived = append(out.Arrived, float64(c.arrived))
		out.Done = append(out.Done, float64(c.done))
		out.Failed = append(out.Failed, float64(c.failed))
		out.Refused = append(out.Refused, float64(c.refused))
		*c = tally{}
	}
	u := &s.out.Users
	u.Done = append(u.Done, float64(s.users.done))
	u.Failed = append(u.Failed, float64(s.users.failed))
	mean := 0.0
	if s.users.done > 0 {
		mean = s.users.latency / float64(s.users.done)
	}
	u.Latency = append(u.Latency, mean)
	s.users.done, s.users.failed, s.users.latency = 0, 0, 0
}

func (s *stats) finish(w *world) *Series {
	s.out.Edges = s.edges
	for i := range s.out.Nodes {
		s.out.Nodes[i].Saturated = saturated(&s.out.Nodes[i], s.out.Times, s.begin, float64(w.nodes[i].service.Slots))
	}
	s.out.Events = w.events
	return &s.out
}

// saturated is the first of three samples in a row from begin on with all slots in use, +Inf where there are none.
func saturated(n *NodeSeries, times []float64, begin, slots float64) float64 {
	row := 0
	for i, busy := range n.Busy {
		if times[i] < begin || busy < slots {
			row = 0
			continue
		}
		if row++; row == 3 {
			return times[i-2]
		}
	}
	return math.Inf(1)
}
