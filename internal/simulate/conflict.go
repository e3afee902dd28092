package simulate

import (
	"fmt"
	"math"
	"strings"
)

// Conflict is two numbers of the topology that contradict each other, or one that cannot hold.
type Conflict struct {
	// Path names the call or service, as the file does: "gateway → orders".
	Path string
	// Message says what contradicts what, with both values.
	Message string
}

// Conflicts finds the deadlines and attempts that cannot all be meant: an inner call that may take longer than the one
// around it waits, a deadline below the time the work takes, repetitions that multiply, and services that have too much
// to do without anything going wrong. They are in the order of the services.
func Conflicts(t *Topology) []Conflict {
	var found []Conflict
	known := ClosedForms(t)
	tries := t.amplifications()
	add := func(path, format string, args ...any) {
		found = append(found, Conflict{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	each := func(from string, outer *Call) {
		to := &t.Services[outer.To]
		path := from + " → " + to.Name
		if outer.Deadline < known[outer.To].Hold {
			add(path, "gives up after %s, the work takes %s", Seconds(outer.Deadline), Seconds(known[outer.To].Hold))
		}
		for k := range to.Calls {
			inner := &to.Calls[k]
			name := t.Services[inner.To].Name
			if math.IsInf(outer.Deadline, 1) {
				continue
			}
			switch longest := inner.longest() * inner.rounds(); {
			case math.IsInf(longest, 1):
				add(path, "gives up after %s, %s goes on to wait for %s without bound", Seconds(outer.Deadline), to.Name, name)
			case longest+to.Time.Mean > outer.Deadline:
				add(path, "gives up after %s, %s may need %s for %s%s", Seconds(outer.Deadline), to.Name, Seconds(longest+to.Time.Mean), name, inner.sum())
			}
		}
	}
	for i := range t.Loads {
		each("users", &t.Loads[i].Call)
	}
	for i := range t.Services {
		s := &t.Services[i]
		for k := range s.Calls {
			each(s.Name, &s.Calls[k])
		}
		c := &known[i]
		if usual := c.Arrival / t.surge(); usual >= c.Capacity {
			add(s.Name, "%.4g requests/s arrive, it answers %.4g at most: it is exhausted without anything going wrong", usual, c.Capacity)
		}
		if tries[i] > 3 {
			add(s.Name, "up to %s attempts reach it for one request from outside when it fails", count(tries[i]))
		}
		if c.Metastable {
			add(s.Name, "%.4g requests/s arrive and %s when attempts fail, it answers %.4g: once overloaded it stays so (metastable)",
				c.Arrival, count(c.Arrival*tries[i]), c.Capacity)
		}
	}
	return found
}

// sum shows how the time of a call comes about, where it has more than one attempt.
func (c *Call) sum() string {
	text := ""
	switch {
	case c.Attempts < 0 || c.Total+c.Deadline < float64(c.Attempts)*c.Deadline+c.pauses():
		text = fmt.Sprintf("no attempt after %s", Seconds(c.Total))
	case c.Attempts > 1:
		text = fmt.Sprintf("%d × %s", c.Attempts, Seconds(c.Deadline))
		if pauses := c.pauses(); pauses > 0 {
			text += " + " + Seconds(pauses) + " of pauses"
		}
	}
	if rounds := c.rounds(); rounds > 1 {
		text = strings.TrimSuffix(fmt.Sprintf("%.0f calls one after the other, each %s", rounds, text), ", each ")
	}
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func count(v float64) string {
	if math.IsInf(v, 1) {
		return "endlessly many"
	}
	return fmt.Sprintf("%.4g", v)
}

// Seconds writes a time with the unit that fits it: 250 ms, 1.5 s, 3 min. +Inf is "never".
func Seconds(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "never"
	case math.IsNaN(v):
		return "?"
	case v < 1:
		return fmt.Sprintf("%.3g ms", v*1000)
	case v < 120:
		return fmt.Sprintf("%.3g s", v)
	}
	return fmt.Sprintf("%.3g min", v/60)
}
