package program

import (
	"math"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// A function runs again as a whole without a loop or a decorator that says so: where it calls itself in the handler of
// its failure, and where the message that it was called for is delivered again.

// whole says whether the retry repeats a function from its beginning.
func (r *retry) whole() bool {
	switch r.form {
	case "decorator", "call", "recursion", "redelivery":
		return true
	}
	return false
}

// requeueCalls are the methods by which a consumer gives a message back, for objects of which nothing is known.
var requeueCalls = set(`basic_nack basic_reject nack reject requeue`)

// retryAgain adds the retry that a call in a handler makes of the function around it: a call of the function itself, or
// one that gives the message back.
func (e *Eval) retryAgain(found []retry, file FileID, call *CallInfo) []retry {
	facts := e.p.Files[file]
	fn := Func{file, call.Func}
	if facts.Scopes[fn.Scope].Kind != fact.FunctionScope {
		return found
	}
	form := ""
	switch {
	case len(call.Targets) == 1 && call.Targets[0] == fn && e.sameArguments(fn, call.Expr):
		form = "recursion"
	case len(call.Targets) == 0 && e.requeues(file, call.Expr):
		form = "redelivery"
	}
	if form == "" {
		return found
	}
	handler, try := handlerAround(facts, facts.Exprs[call.Expr].Stmt)
	if handler == 0 {
		return found
	}
	caught := e.exceptionNames(ExprRef{file, facts.Stmts[handler].A})
	what := e.repeatedFrom(file, try, caught)
	if what == "" || isLocal(caught) {
		return found
	}
	scope := &facts.Scopes[fn.Scope]
	one := retry{
		form: form, fn: fn, at: e.p.PlaceOf(ExprRef{file, call.Expr}), expr: call.Expr, stmt: facts.Exprs[call.Expr].Stmt, what: what,
		first: scope.BodyFirst, end: scope.BodyEnd, policy: unknownPolicy(),
	}
	if form == "recursion" {
		one.policy = e.recursionPolicy(file, call.Expr, handler)
	}
	one.policy.exceptions, one.policy.exceptionsAt = caught, Place{file, facts.Stmts[handler].Span}
	return append(found, one)
}

// handlerAround gives the handler that a statement stands in, and the try statement that it belongs to; 0 for none.
func handlerAround(facts *fact.File, s fact.Stmt) (handler, try fact.Stmt) {
	for outer := range Enclosing(facts, s) {
		switch facts.Stmts[outer].Kind {
		case fact.Handler:
			return outer, facts.Stmts[outer].Parent
		case fact.For, fact.While:
			return 0, 0 // the loop decides how often
		}
	}
	return 0, 0
}

// repeatedFrom names the first effect on another side in the body of a try.
func (e *Eval) repeatedFrom(file FileID, try fact.Stmt, caught []string) string {
	body := try + 1
	calls := e.p.callsWithin(file, body, e.p.Files[file].Stmts[body].Next)
	for i := range calls {
		if name := e.repeatedCall(file, &calls[i], caught); name != "" {
			return name
		}
	}
	return ""
}

// sameArguments says whether a call of fn inside itself passes on what fn was given, but for a number that counts.
func (e *Eval) sameArguments(fn Func, call fact.Expr) bool {
	facts := e.p.Files[fn.File]
	for _, arg := range facts.OperandsOf(call) {
		x := &facts.Exprs[arg]
		if x.Kind == fact.Keyword || x.Kind == fact.Starred {
			x = &facts.Exprs[x.A]
		}
		switch x.Kind {
		case fact.Name:
			if x.Sym == 0 || facts.Symbols[x.Sym].Scope != fn.Scope || facts.Symbols[x.Sym].Flags&fact.BoundParam == 0 {
				return false
			}
		case fact.Binary, fact.IntConst, fact.TrueConst, fact.FalseConst:
		default:
			return false
		}
	}
	return true
}

// recursionPolicy reads what bounds a function that calls itself when it fails: a number that counts, or a condition.
func (e *Eval) recursionPolicy(file FileID, call fact.Expr, handler fact.Stmt) policy {
	facts := e.p.Files[file]
	q := policy{attempts: math.Inf(1), attemptsAt: e.p.PlaceOf(ExprRef{file, call}), total: math.Inf(1), pause: "none", pauses: math.NaN()}
	for _, arg := range facts.OperandsOf(call) {
		x := &facts.Exprs[arg]
		if x.Kind == fact.Keyword {
			x = &facts.Exprs[x.A]
		}
		if x.Kind != fact.Name {
			q.attempts = math.NaN()
		}
	}
	for outer := range Enclosing(facts, facts.Exprs[call].Stmt) {
		if outer == handler {
			break
		}
		if k := facts.Stmts[outer].Kind; k == fact.Arm || k == fact.Else {
			q.attempts = math.NaN()
		}
	}
	for s := handler + 1; s < facts.Exprs[call].Stmt; s++ {
		if k := facts.Stmts[s].Kind; k == fact.Raise || k == fact.Return {
			q.attempts = math.NaN() // it may give up
		}
	}
	before := e.p.callsWithin(file, handler, facts.Exprs[call].Stmt+1)
	for i := range before {
		if before[i].Entry.Has(catalog.RolePause) || containsFold(calleeName(facts, before[i].Expr), "sleep") {
			q.pause = "?"
		}
	}
	if !e.p.runsWhenCalled(Func{file, callerScope(facts, facts.Exprs[call].Scope)}) && !e.p.IsAsync(Func{file, callerScope(facts, facts.Exprs[call].Scope)}) {
		q.attempts = math.NaN()
	}
	return q
}

// requeues says whether a call gives a message back to its queue, to be delivered again.
func (e *Eval) requeues(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	if facts.Exprs[facts.Exprs[call].A].Kind != fact.Attr {
		return false
	}
	name := calleeName(facts, call)
	value, known := facts.Argument(call, "requeue", -1)
	switch name {
	case "basic_nack", "basic_reject": // as AMQP says: with the message back into the queue unless told otherwise
		position := 2
		if name == "basic_reject" {
			position = 1
		}
		if value == 0 {
			value, known = facts.Argument(call, "requeue", position)
		}
		return known && (value == 0 || facts.Exprs[value].Kind == fact.TrueConst)
	case "nack", "reject":
		return value != 0 && facts.Exprs[value].Kind == fact.TrueConst
	case "requeue":
		return len(facts.OperandsOf(call)) == 0
	}
	return false
}

// redelivered says whether a decorator asks its task queue to deliver a message again whose task did not come to its
// end: @app.task(acks_late=True).
func (e *Eval) redelivered(ref ExprRef, entry *catalog.Entry) bool {
	return entry.Endpoint != nil && e.p.Files[ref.File].Exprs[ref.Expr].Kind == fact.Call && e.AnyHolds(ref.File, ref.Expr, entry.Endpoint.Redelivers)
}

// enqueuedRetry adds the function that is enqueued with a policy of its own: queue.enqueue(f, retry=Retry(max=3)).
func (e *Eval) enqueuedRetry(found []retry, file FileID, call *CallInfo) []retry {
	facts := e.p.Files[file]
	if call.Entry == nil || call.Entry.Offload == nil || call.Entry.Write == nil || call.Entry.Write.To != "queue" {
		return found
	}
	value, _ := facts.Argument(call.Expr, "retry", -1)
	if value == 0 {
		return found
	}
	given := e.Origin(ExprRef{file, value})
	entry := e.retryEntry(given)
	if entry == nil || entry.Retry.As != "value" {
		return found
	}
	q := e.policyOf(given, entry.Retry)
	q.attempts++ // the first time and that many more
	if q.pause == "none" {
		q.pause = "?"
	}
	q.exceptions = nil
	function, _ := facts.Argument(call.Expr, call.Entry.Offload.Keyword, call.Entry.Offload.Argument)
	first := len(found)
	found = e.handedOver(found, ExprRef{file, call.Expr}, function, q)
	for i := first; i < len(found); i++ {
		found[i].derived = true
	}
	return found
}
