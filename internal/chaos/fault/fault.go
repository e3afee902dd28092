// Package fault says what can go wrong at one operation, and where: the kinds of faults, the points at which one is
// injected, and the plan of one run.
//
// It imports wire only and does nothing itself. Invariant: a Point names an operation in the same way in every run,
// whatever the order of threads, connections and workers. Entry points: Plan, Parse.
package fault

import (
	"fmt"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Kind is what goes wrong.
type Kind string

// The kinds. All but ResetBefore and Outage let the operation be executed.
const (
	// ResponseLost: the request is delivered and executed, and instead of the answer the connection ends.
	ResponseLost Kind = "response-lost"
	// Hang: delivered, executed, and nothing comes any more.
	Hang Kind = "hang"
	// ResetBefore: the request is not delivered, the connection is reset.
	ResetBefore Kind = "reset-before"
	// ResetAfter: delivered, executed, and the connection is reset.
	ResetAfter Kind = "reset-after"
	// HalfOpen: delivered, executed; nothing passes in either direction, and the server does not learn that the client
	// gives up: its transaction stays open.
	HalfOpen Kind = "half-open"
	// SlowClose: delivered, executed, the answer is dropped, and the connection ends only after a while.
	SlowClose Kind = "slow-close"
	// Truncate: delivered, executed, and half of the answer comes before the connection ends.
	Truncate Kind = "truncate"
	// Latency: everything passes, and the answer comes late.
	Latency Kind = "latency"
	// ErrorStatus: delivered, executed, and an error comes in place of the answer: status 503, SQLSTATE 57P01, LOADING.
	ErrorStatus Kind = "error-status"
	// Outage: the request is not delivered, and from then on every connection to the service is reset, so that attempts
	// can be counted.
	Outage Kind = "outage"
)

var kinds = []Kind{ResponseLost, Hang, ResetBefore, ResetAfter, HalfOpen, SlowClose, Truncate, Latency, ErrorStatus, Outage}

// Kinds lists all kinds, the most telling first.
func Kinds() []Kind { return append([]Kind(nil), kinds...) }

// Parse reads names of kinds; "all" stands for all of them.
func Parse(names []string) ([]Kind, error) {
	var chosen []Kind
	var known []string
	for _, k := range kinds {
		known = append(known, string(k))
	}
	for _, name := range names {
		if name == "all" {
			return Kinds(), nil
		}
		found := false
		for _, k := range kinds {
			if string(k) == name {
				chosen, found = append(chosen, k), true
			}
		}
		if !found {
			return nil, fmt.Errorf("unknown fault %q: expected all or one of %s%s", name, strings.Join(known, ", "), text.Suggest(name, known))
		}
	}
	return chosen, nil
}

// Point is one operation of one test, wherever and on whichever connection it is done.
type Point struct {
	// Test is the id of the test, empty for a command that is no test run.
	Test string `json:"test"`
	// Protocol and Shape say which operation.
	Protocol wire.Protocol `json:"protocol"`
	Shape    string        `json:"shape"`
	// Occurrence counts the operations of that shape in that test, from 1.
	Occurrence int `json:"occurrence"`
}

// String names the point for people.
func (p Point) String() string {
	name := p.Shape
	if p.Occurrence > 1 {
		name = fmt.Sprintf("%s (no. %d)", name, p.Occurrence)
	}
	return name
}

// Plan is the fault of one run. The zero value is a run without one.
type Plan struct {
	Point Point
	Kind  Kind
	// Patience is how long a peer that hears nothing may wait before it counts as waiting for ever.
	Patience time.Duration
	// Delay is how late an answer comes with Latency, and a close with SlowClose.
	Delay time.Duration
}
