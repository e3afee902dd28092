package program

import (
	"math"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Outgoing is what the program does around one call of another service, seen from the request that it serves: how often
// it calls, what it does when that fails, and what stops it.
type Outgoing struct {
	// Attempts is how often the call is made at most when it fails, the first time included; Total the seconds after which
	// no further attempt is made. Retries around retries multiply.
	Attempts, Total Measure
	// Pauses is the least sum of the pauses between the attempts in seconds, Growth how they grow ("none", "fixed", "linear",
	// "exponential", "random", "schedule", "?") and Jitter true where a part of them is random.
	Pauses Measure
	Growth string
	Jitter bool
	// Trip is when a circuit breaker around it opens.
	Trip Tripping
	// Remembers is the cache in front of it.
	Remembers Remembering
	// Calls is how many such calls one request makes, AtOnce how many of them are under way together.
	Calls, AtOnce Measure
	// Limit is how many calls a semaphore or a pool of workers lets go on together; Shared is true where that lives longer
	// than one request, so that it limits those of all requests.
	Limit  Measure
	Shared bool
}

// Measure is a number that the program says.
type Measure struct {
	// Value is NaN where there is such a number and it cannot be shown.
	Value float64
	// Where is the place that says it, the zero Place where there is none.
	Where Place
}

// There says whether there is such a number.
func (m Measure) There() bool { return m.Where != Place{} }

// Tripping says when a circuit breaker opens; of none the measures are not there.
type Tripping struct {
	Failures, Seconds Measure
	// Fallback is true where something else answers while it is open.
	Fallback bool
}

// Remembering is a cache in front of a call; of none the measures are not there.
type Remembering struct {
	// Lifetime is how many seconds an answer is kept, +Inf for ever; Jitter the random part of it, from 0 to 1.
	Lifetime Measure
	Jitter   float64
	// Answers is how many different ones there are.
	Answers Measure
	// Coalesces is true where one caller fetches an answer for all that wait for it.
	Coalesces bool
}

// Outward looks at the calls of a program from the requests for which they are made. It is not for use by several
// goroutines.
type Outward struct {
	p      *Program
	handed map[Func][]CallSite
	seen   map[Func]bool // the functions on the way
}

// Outward prepares to look at calls. Cost: all calls of the program, once.
func (p *Program) Outward() *Outward {
	return &Outward{p: p, handed: p.handedFunctions(), seen: map[Func]bool{}}
}

// Outgoing looks at the function that makes the call of a site and at its callers, up to the handler of a request. Where
// several callers differ the weakest counts: most calls, most attempts, no breaker, no cache. Cost: the callers within four calls.
func (o *Outward) Outgoing(s *Site) Outgoing { return o.of(s.Func, s.Expr, maxCallerDepth) }

// of sums up what surrounds an expression in a function, and what surrounds the calls of that function.
func (o *Outward) of(fn Func, expr fact.Expr, depth int) Outgoing {
	here := o.around(fn, expr)
	if depth == 0 || o.seen[fn] || o.begins(fn) {
		return here
	}
	o.seen[fn] = true
	defer delete(o.seen, fn)
	var above Outgoing
	any := false
	add := func(site CallSite) {
		call := o.p.Call(site)
		if o.p.IsTest(site.File) && !o.p.IsTest(fn.File) {
			return
		}
		one := o.of(Func{site.File, call.Func}, call.Expr, depth-1)
		if any {
			above.weaken(&one)
		} else {
			above, any = one, true
		}
	}
	for _, site := range o.p.Callers(fn) {
		add(site)
	}
	for _, site := range o.handed[fn] {
		add(site)
	}
	if any {
		here.within(&above)
	}
	return here
}

// begins says whether a request begins with the function: the handler of a route or message, the start of a program.
func (o *Outward) begins(fn Func) bool {
	facts := o.p.Files[fn.File]
	if facts.Scopes[fn.Scope].Kind != fact.FunctionScope || facts.Text(facts.Scopes[fn.Scope].Name) == "main" {
		return true
	}
	_, decorator := o.p.Eval(fn.File).decoratedEndpoint(fn)
	return decorator.Expr != 0
}

// within adds what surrounds the whole.
func (g *Outgoing) within(above *Outgoing) {
	switch {
	case !g.Attempts.There():
		g.Attempts, g.Total, g.Pauses, g.Growth, g.Jitter = above.Attempts, above.Total, above.Pauses, above.Growth, above.Jitter
	case above.Attempts.There():
		g.Attempts.Value *= above.Attempts.Value
	}
	if !g.Trip.Failures.There() {
		g.Trip = above.Trip
	}
	if !g.Remembers.Lifetime.There() {
		g.Remembers = above.Remembers
	}
	g.Calls, g.AtOnce = times(g.Calls, above.Calls), times(g.AtOnce, above.AtOnce)
	if above.Limit.There() && (!g.Limit.There() || above.Limit.Value < g.Limit.Value) {
		g.Limit, g.Shared = above.Limit, above.Shared
	}
}

// times multiplies numbers of which one that is not there counts as one.
func times(a, b Measure) Measure {
	switch {
	case !a.There():
		return b
	case b.There():
		if math.IsNaN(b.Value) {
			a.Where = b.Where
		}
		a.Value *= b.Value
	}
	return a
}

// weaken takes from another caller what guards less.
func (g *Outgoing) weaken(other *Outgoing) {
	if larger(g.Attempts, other.Attempts) == other.Attempts {
		g.Attempts, g.Total, g.Pauses, g.Growth, g.Jitter = other.Attempts, other.Total, other.Pauses, other.Growth, other.Jitter
	}
	if !other.Trip.Failures.There() {
		g.Trip = other.Trip
	}
	if !other.Remembers.Lifetime.There() {
		g.Remembers = other.Remembers
	}
	g.Calls, g.AtOnce = larger(g.Calls, other.Calls), larger(g.AtOnce, other.AtOnce)
	switch {
	case !g.Limit.There() || !other.Limit.There():
		g.Limit, g.Shared = Measure{}, false
	case larger(g.Limit, other.Limit) == other.Limit:
		g.Limit, g.Shared = other.Limit, other.Shared
	}
}

// larger prefers a number that is there, and of two the one that is not known, as it may be the larger one.
func larger(a, b Measure) Measure {
	switch {
	case !b.There() || math.IsNaN(a.Value):
		return a
	case !a.There() || math.IsNaN(b.Value) || b.Value > a.Value:
		return b
	}
	return a
}
