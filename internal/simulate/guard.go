package simulate

import (
	"fmt"
	"math"
)

// Worth is what one guard is worth: what happens without one that is there, or with one that is not.
type Worth struct {
	// Path names the call or service: "orders → payments". Guard is the kind, in the words of findings ("deadline").
	Path, Guard string
	// Change says what was done to the topology: "without the deadline of 2 s", "with a deadline of 500 ms".
	Change string
	// There is true where the guard is there and was taken out.
	There bool
	// Outcome is what happens then; Matters is true where it is worse (of a guard that is there) or better (of one that is
	// not) than what happens as it is.
	Outcome *Outcome
	Matters bool
}

// variant is a topology with one guard more or less.
type variant struct {
	path, guard, change string
	there               bool
	topology            *Topology
}

// variants makes one topology for each guard that is there, without it, and for each that could be, with it.
func (t *Topology) variants() []variant {
	known := ClosedForms(t)
	v := &varying{t: t}
	for i := range t.Loads {
		v.call("users → "+t.Services[t.Loads[i].Call.To].Name, &t.Loads[i].Call, known, func(c *Topology) *Call { return &c.Loads[i].Call })
	}
	for i := range t.Services {
		s := &t.Services[i]
		v.service(s, func(c *Topology) *Service { return &c.Services[i] })
		for k := range s.Calls {
			v.call(s.Name+" → "+t.Services[s.Calls[k].To].Name, &s.Calls[k], known, func(c *Topology) *Call { return &c.Services[i].Calls[k] })
		}
	}
	return v.all
}

type varying struct {
	t   *Topology
	all []variant
}

func (v *varying) add(path, guard, change string, there bool, edit func(c *Topology)) {
	c := v.t.clone()
	edit(c)
	v.all = append(v.all, variant{path, guard, change, there, c})
}

func (v *varying) service(s *Service, at func(c *Topology) *Service) {
	switch {
	case s.Queue >= 0:
		v.add(s.Name, "bound", fmt.Sprintf("without the bound of %d on its queue", s.Queue), true, func(c *Topology) { at(c).Queue = -1 })
	default:
		v.add(s.Name, "bound", fmt.Sprintf("with a queue of at most %d", 2*s.Slots), false, func(c *Topology) { at(c).Queue = 2 * s.Slots })
	}
	if !s.Cancels {
		v.add(s.Name, "cancellation", "if it stopped work for clients that have gone", false, func(c *Topology) { at(c).Cancels = true })
	} else {
		v.add(s.Name, "cancellation", "if it went on for clients that have gone", true, func(c *Topology) { at(c).Cancels = false })
	}
}

func (v *varying) call(path string, call *Call, known []Closed, at func(c *Topology) *Call) {
	hold := known[call.To].Hold
	if math.IsInf(call.Deadline, 1) {
		limit := max(3*hold, 0.001)
		v.add(path, "deadline", "with a deadline of "+Seconds(limit), false, func(c *Topology) { at(c).Deadline = limit })
	} else {
		v.add(path, "deadline", "without the deadline of "+Seconds(call.Deadline), true, func(c *Topology) { at(c).Deadline = math.Inf(1) })
	}
	if call.Attempts != 1 {
		v.add(path, "retry-bound", "without any retry", false, func(c *Topology) { at(c).Attempts = 1 })
		if call.Attempts > 0 {
			v.add(path, "retry-bound", fmt.Sprintf("without the bound of %d attempts", call.Attempts), true, func(c *Topology) { at(c).Attempts = -1 })
		}
		if !math.IsInf(call.Total, 1) {
			v.add(path, "retry-bound", "without the bound of "+Seconds(call.Total)+" on all attempts", true, func(c *Topology) { at(c).Total = math.Inf(1) })
		}
		v.pauses(path, call, at)
	}
	v.protection(path, call, hold, at)
}

// pauses varies backoff and jitter of a call that is repeated.
func (v *varying) pauses(path string, call *Call, at func(c *Topology) *Call) {
	if call.Backoff > 0 {
		v.add(path, "retry-bound", "without its backoff", true, func(c *Topology) { at(c).Backoff = 0 })
	} else {
		v.add(path, "retry-bound", "with an exponential backoff from 100 ms", false, func(c *Topology) { at(c).Backoff, at(c).Factor, at(c).Jitter = 0.1, 2, 1 })
	}
	if call.Jitter > 0 {
		v.add(path, "retry-bound", "without its jitter", true, func(c *Topology) { at(c).Jitter = 0 })
	}
}

// protection varies the breaker, fallback, pool and cache of a call.
func (v *varying) protection(path string, call *Call, hold float64, at func(c *Topology) *Call) {
	if call.Breaker != nil {
		v.add(path, "fallback", "without its breaker", true, func(c *Topology) { at(c).Breaker = nil })
	} else if !math.IsInf(call.Deadline, 1) {
		v.add(path, "fallback", "with a breaker (5 failures, 5 s)", false, func(c *Topology) { at(c).Breaker = &Breaker{Failures: 5, Open: 5} })
	}
	if call.Fallback {
		v.add(path, "fallback", "without its default answer", true, func(c *Topology) { at(c).Fallback = false })
	}
	if together := call.together(); call.Fan > 1 && together < call.Fan {
		v.add(path, "bound", fmt.Sprintf("without the bound of %d of its %d calls at once", together, call.Fan), true, func(c *Topology) { at(c).AtOnce = 0 })
	} else if call.Fan > 2 {
		v.add(path, "bound", fmt.Sprintf("with 2 of its %d calls at once", call.Fan), false, func(c *Topology) { at(c).AtOnce = 2 })
	}
	if call.Connections > 0 {
		v.add(path, "bound", fmt.Sprintf("without the pool of %d connections", call.Connections), true, func(c *Topology) { at(c).Connections = 0 })
		if math.IsInf(call.PoolWait, 1) {
			v.add(path, "deadline", "with a wait of at most "+Seconds(max(3*hold, 0.001))+" for a connection", false, func(c *Topology) { at(c).PoolWait = max(3*hold, 0.001) })
		}
	}
	if k := call.Cache; k != nil {
		other := *k
		other.Coalesce = !k.Coalesce
		change := "if only one request renewed an entry"
		if k.Coalesce {
			change = "if every request renewed an entry"
		}
		v.add(path, "bound", change, k.Coalesce, func(c *Topology) { at(c).Cache = &other })
		if k.Jitter == 0 {
			spread := *k
			spread.Jitter = 0.5
			v.add(path, "bound", "if its entries lived for different times", false, func(c *Topology) { at(c).Cache = &spread })
		}
	}
}
