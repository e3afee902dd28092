package simulate

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
)

// Span is what several runs say of one moment or share: the least, the median and the most. +Inf is never.
type Span struct {
	Low, Mid, High float64
}

// spanOf orders what the runs said.
func spanOf(values []float64) Span {
	if len(values) == 0 {
		return Span{math.Inf(1), math.Inf(1), math.Inf(1)}
	}
	slices.Sort(values)
	return Span{values[0], values[len(values)/2], values[len(values)-1]}
}

// Never says whether it happens in no run.
func (s Span) Never() bool { return math.IsInf(s.Low, 1) }

// Outcome is what several runs of one topology have in common.
type Outcome struct {
	// Services are in the order of the topology; moments are in seconds from the begin of the trigger.
	Services []ServiceOutcome
	// Recovered counts the runs in which as much is answered after the trigger as before, of Runs; it is -1 where no
	// trigger ends within the run. RecoveredAfter is how long that took from the end of the trigger.
	Recovered, Runs int
	RecoveredAfter  Span
	// Failed is the share of the requests from outside that failed since the trigger began.
	Failed Span
	// First is the index of the service that is exhausted first in most runs, none where none is.
	First int
	// Events is how many events the runs took.
	Events int
}

// ServiceOutcome is what happens to one service.
type ServiceOutcome struct {
	Saturated, Exhausted Span
	// Peak is the most that was in flight in any run.
	Peak int
}

// play runs a topology with a number of seeds, on all cores; the series are in the order of the seeds.
func play(t *Topology, runs int) []*Series {
	all := make([]*Series, runs)
	var group sync.WaitGroup
	turn := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range all {
		turn <- struct{}{}
		group.Go(func() {
			defer func() { <-turn }()
			all[i] = Run(t, t.Seed+uint64(i))
			all[i].Seed = t.Seed + uint64(i)
		})
	}
	group.Wait()
	return all
}

// Summarise says what several runs of a topology have in common, played or observed.
func Summarise(t *Topology, runs []*Series) *Outcome {
	begin, end := t.window()
	o := &Outcome{Runs: len(runs), Recovered: none, First: none, Services: make([]ServiceOutcome, len(t.Services))}
	firsts := make([]int, len(t.Services))
	for i := range t.Services {
		var saturated, exhausted []float64
		for _, run := range runs {
			saturated = append(saturated, run.Nodes[i].Saturated-begin)
			exhausted = append(exhausted, run.Nodes[i].Exhausted-begin)
			o.Services[i].Peak = max(o.Services[i].Peak, run.Nodes[i].Peak)
		}
		o.Services[i].Saturated, o.Services[i].Exhausted = spanOf(saturated), spanOf(exhausted)
	}
	var failed, recovered []float64
	ends := len(t.Triggers) > 0 && end < t.Duration
	if ends {
		o.Recovered = 0
	}
	for _, run := range runs {
		o.Events += run.Events
		failed = append(failed, run.failedSince(begin))
		if first := run.first(); first >= 0 {
			firsts[first]++
		}
		if !ends {
			continue
		}
		after := run.recovery(begin, end)
		recovered = append(recovered, after)
		if !math.IsInf(after, 1) {
			o.Recovered++
		}
	}
	o.Failed, o.RecoveredAfter = spanOf(failed), spanOf(recovered)
	for i, n := range firsts {
		if n > 0 && (o.First < 0 || n > firsts[o.First]) {
			o.First = i
		}
	}
	return o
}

// first is the service that is exhausted first in the run, none where none is.
func (s *Series) first() int {
	first := none
	for i := range s.Nodes {
		if at := s.Nodes[i].Exhausted; !math.IsInf(at, 1) && (first < 0 || at < s.Nodes[first].Exhausted) {
			first = i
		}
	}
	return first
}

// failedSince is the share of failures among what clients from outside got from a moment on; what never was answered is
// no part of it.
func (s *Series) failedSince(begin float64) float64 {
	done, failed := 0.0, 0.0
	for i, at := range s.Times {
		if at > begin {
			done += s.Users.Done[i]
			failed += s.Users.Failed[i]
		}
	}
	if done+failed == 0 {
		return 0
	}
	return failed / (done + failed)
}

// recovery is how long after end it takes until as much is answered as before begin, and stays so to the end of the run;
// +Inf where that never is. Before is measured behind the first quarter, when the run has warmed up.
func (s *Series) recovery(begin, end float64) float64 {
	before := s.answered(begin/4, begin)
	const window = 5
	for i := len(s.Times) - 1; i >= 0; i-- {
		from := max(0, i-window+1)
		good := 0.0
		for k := from; k <= i; k++ {
			good += s.Users.Done[k]
		}
		good /= float64(i - from + 1)
		// Nine tenths are asked for, less three standard deviations of what arrives by chance within a window.
		if s.Times[i] <= end || good < 0.9*before-3*math.Sqrt(before/window) {
			after := s.Times[min(i+1, len(s.Times)-1)] - end
			if i >= len(s.Times)-1-window {
				return math.Inf(1)
			}
			return max(0, after)
		}
	}
	return 0
}

// answered is how many requests are answered between two samples on average within a time.
func (s *Series) answered(from, to float64) float64 {
	sum, n := 0.0, 0
	for i, at := range s.Times {
		if at > from && at <= to {
			sum += s.Users.Done[i]
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

// worse says whether an outcome is worse than another: it exhausts what the other does not, or earlier; it does not
// recover where the other does; more fails.
func (o *Outcome) worse(other *Outcome) bool {
	return cmp.Or(
		cmp.Compare(other.earliest(), o.earliest()),
		cmp.Compare(o.recoveredShare()*-1, other.recoveredShare()*-1),
		cmp.Compare(math.Round(o.Failed.Mid*50), math.Round(other.Failed.Mid*50)),
	) > 0
}

// earliest is the median moment at which the first service is exhausted, +Inf for never.
func (o *Outcome) earliest() float64 {
	at := math.Inf(1)
	for i := range o.Services {
		at = min(at, o.Services[i].Exhausted.Mid)
	}
	return at
}

func (o *Outcome) recoveredShare() float64 {
	if o.Recovered < 0 || o.Runs == 0 {
		return 1
	}
	return float64(o.Recovered) / float64(o.Runs)
}
