package program

import (
	"math"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// around is what surrounds an expression inside its function.
func (o *Outward) around(fn Func, expr fact.Expr) Outgoing {
	e := o.p.Eval(fn.File)
	facts := o.p.Files[fn.File]
	l := local{e: e, fn: fn, expr: expr, stmt: facts.Exprs[expr].Stmt, counted: map[fact.Stmt]bool{}}
	l.retries()
	l.guards()
	if facts.Scopes[fn.Scope].Kind == fact.FunctionScope {
		l.batches()
		l.started()
		l.rounds()
		l.pages()
		l.remembered()
	}
	return l.out
}

// local gathers what surrounds one expression inside one function.
type local struct {
	e       *Eval
	fn      Func
	expr    fact.Expr
	stmt    fact.Stmt
	out     Outgoing
	counted map[fact.Stmt]bool // loops that are accounted for
	comp    fact.Expr          // the comprehension that is
	starts  bool               // what is called goes on beside its caller
}

// retries takes the retry loops around the statement, and the retry of the whole function.
func (l *local) retries() {
	list := l.e.p.retriesOf(l.fn.File)
	for i := range list {
		one := &list[i]
		if one.fn != l.fn || (one.form != "loop" && one.form != "iterator") || one.parameter != 0 || l.stmt < one.first || l.stmt >= one.end {
			continue
		}
		l.counted[one.stmt] = true
		l.repeat(&one.policy, one.at)
	}
	if one := l.e.p.allRetries().around[l.fn]; one != nil {
		l.repeat(&one.policy, one.at)
	}
}

func (l *local) repeat(q *policy, at Place) {
	one := Outgoing{Attempts: Measure{q.attempts, at}, Growth: q.pause, Jitter: q.jitter}
	if !math.IsInf(q.total, 1) {
		one.Total = Measure{q.total, q.totalAt}
	}
	if q.pause != "none" {
		one.Pauses = Measure{q.pauses, at}
	}
	l.out.within(&one)
}

// guards takes the breakers and semaphores that the expression stands in, and those of a call that is given it.
func (l *local) guards() {
	for _, context := range l.e.Contexts(l.fn, l.stmt) {
		origin := context.Item
		for _, v := range context.Values {
			if v.Origin.Expr != 0 {
				origin = v.Origin
			}
		}
		switch {
		case isBreaker(context.Entry):
			l.breaker(origin, context.Entry)
		case context.Entry.Has(catalog.RoleSemaphore):
			l.limit(origin)
		}
	}
	if call := l.e.p.CallAt(l.fn.File, l.expr); call != nil && isBreaker(call.Entry) {
		l.breaker(call.Receiver.Origin, call.Entry)
	}
}

func isBreaker(entry *catalog.Entry) bool { return entry.Has(catalog.RoleBreaker) }

// breaker reads when a breaker opens, from the call that makes it; made may be a name for one whose making is not seen.
func (l *local) breaker(made ExprRef, entry *catalog.Entry) {
	if l.out.Trip.Failures.There() {
		return
	}
	at := l.e.p.PlaceOf(made)
	if made.Expr == 0 {
		at = l.e.p.PlaceOf(ExprRef{l.fn.File, l.expr})
	}
	trip := Tripping{Failures: Measure{math.NaN(), at}, Seconds: Measure{math.NaN(), at}}
	call := l.e.p.CallAt(made.File, made.Expr)
	if call != nil && (call.Entry == nil || call.Entry.Breaker == nil) && call.Receiver.Origin.Expr != 0 { // breaker.calling()
		made = call.Receiver.Origin
		call = l.e.p.CallAt(made.File, made.Expr)
	}
	if call != nil && call.Entry != nil && call.Entry.Breaker != nil {
		entry = call.Entry
	}
	if b := entry.Breaker; b != nil {
		trip.Failures.Value, trip.Seconds.Value = float64(b.DefaultFailures), b.DefaultOpenSeconds
		if call != nil {
			l.tripping(&trip, made, b)
		}
	}
	l.out.Trip = trip
}

// tripping reads the parameters of a breaker.
func (l *local) tripping(trip *Tripping, made ExprRef, b *catalog.Breaker) {
	facts := l.e.p.Files[made.File]
	if n, where, given := l.e.countArgument(made, &b.Failures); given {
		trip.Failures = Measure{n, where}
	}
	position := -1
	if b.Open.Position != nil {
		position = *b.Open.Position
	}
	if value, _ := facts.Argument(made.Expr, b.Open.Name, position); value != 0 {
		if open, ok := l.e.durationOf(ExprRef{made.File, value}, &b.Open); ok {
			trip.Seconds = Measure{open.seconds, l.e.p.PlaceOf(ExprRef{made.File, value})}
		}
	}
	if b.Fallback.Name != "" {
		value, _ := facts.Argument(made.Expr, b.Fallback.Name, -1)
		trip.Fallback = value != 0 && !facts.IsNone(value)
	}
}

// limit reads how many a semaphore or an executor lets in, from the call that makes it.
func (l *local) limit(made ExprRef) {
	call := l.e.p.CallAt(made.File, made.Expr)
	if call == nil || call.Entry == nil || call.Entry.Bound == nil {
		return
	}
	b := call.Entry.Bound
	limit := Measure{math.NaN(), l.e.p.PlaceOf(made)}
	if n, _, given := l.e.countArgument(made, &b.Parameter); given {
		limit.Value = n
	} else if len(b.Defaults) > 0 && b.Defaults[0].Count >= 0 {
		limit.Value = float64(b.Defaults[0].Count)
	} else {
		return
	}
	facts := l.e.p.Files[made.File]
	scope := &facts.Scopes[callerScope(facts, facts.Exprs[made.Expr].Scope)]
	shared := scope.Kind != fact.FunctionScope || facts.Text(scope.Name) == "__init__"
	if !l.out.Limit.There() || limit.Value < l.out.Limit.Value {
		l.out.Limit, l.out.Shared = limit, shared
	}
}

// many notes that the expression runs so often for one run of the function.
func (l *local) many(items ExprRef, together bool) {
	n := Measure{l.e.lengthOf(items, maxHelpers), l.e.p.PlaceOf(items)}
	l.out.Calls = times(l.out.Calls, n)
	if together {
		l.out.AtOnce = times(l.out.AtOnce, n)
	}
}

// batches finds a gather that starts the expression once for each item.
func (l *local) batches() {
	file, facts := l.fn.File, l.e.p.Files[l.fn.File]
	for i := range l.e.p.calls[file] {
		call := &l.e.p.calls[file][i]
		if call.Func != l.fn.Scope || call.Entry == nil || call.Entry.Spawn == nil || call.Entry.Spawn.What != "gather" {
			continue
		}
		for _, arg := range facts.OperandsOf(call.Expr) {
			if facts.Exprs[arg].Kind == fact.Starred {
				arg = facts.Exprs[arg].A
			}
			b, ok := l.e.batchOf(file, arg)
			if !ok || !l.inside(b.work) && facts.Exprs[b.work].Parent != l.expr { // map(f, items) is itself the expression
				continue
			}
			for _, items := range b.items {
				l.many(ExprRef{file, items}, true)
				if st := facts.Exprs[items].Stmt; facts.Stmts[st].Kind == fact.For && facts.Stmts[st].A == items {
					l.counted[st] = true
				}
				l.comp = facts.Exprs[facts.Exprs[items].Parent].Parent
			}
			return
		}
	}
}

// inside says whether the expression is a part of another one, or that itself.
func (l *local) inside(outer fact.Expr) bool {
	facts := l.e.p.Files[l.fn.File]
	for x := l.expr; x != 0; x = facts.Exprs[x].Parent {
		if x == outer {
			return true
		}
	}
	return false
}

// started looks whether the expression is, or is given to, a call that starts it beside the caller, and how many workers
// that call has.
func (l *local) started() {
	file, facts := l.fn.File, l.e.p.Files[l.fn.File]
	for x := l.expr; x != 0; x = facts.Exprs[x].Parent {
		call := l.e.p.CallAt(file, x)
		if call == nil || call.Entry == nil || call.Entry.Spawn == nil || !call.Entry.Spawn.Starts {
			continue
		}
		l.starts = true
		l.limit(call.Receiver.Origin)
		if args := facts.OperandsOf(x); strings.HasSuffix(call.Entry.Path, ".map") && len(args) > 1 {
			l.many(ExprRef{file, args[1]}, true)
		}
	}
}

// rounds counts the loops and comprehensions around the expression that are not retries. One that ends with what it finds
// first (return, break) tries the next only when that fails, and is none.
func (l *local) rounds() {
	file, facts := l.fn.File, l.e.p.Files[l.fn.File]
	for x := l.expr; x != 0; x = facts.Exprs[x].Parent {
		comp := &facts.Exprs[x]
		if comp.Kind != fact.Comp || x == l.comp {
			continue
		}
		for _, clause := range facts.OperandsOf(x) {
			if c := &facts.Exprs[clause]; c.Kind == fact.CompFor {
				l.many(ExprRef{file, c.B}, l.starts)
			}
		}
	}
	for outer := range Enclosing(facts, l.stmt) {
		st := &facts.Stmts[outer]
		if st.Kind == fact.For && !st.Flag && !l.counted[outer] && InBlock(facts, l.stmt, outer, fact.Body) && !endsEarly(facts, outer) {
			l.many(ExprRef{file, st.A}, l.starts)
		}
	}
}

// endsEarly says whether a loop contains a statement that leaves it.
func endsEarly(facts *fact.File, loop fact.Stmt) bool {
	for s := loop + 1; s < facts.Stmts[loop].Next; s++ {
		if k := facts.Stmts[s].Kind; k == fact.Return || k == fact.Break {
			return true
		}
	}
	return false
}
