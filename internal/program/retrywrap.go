package program

import (
	"math"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

func sortRetries(list []retry) {
	sort.SliceStable(list, func(i, j int) bool { return list[i].at.Start < list[j].at.Start })
}

// retryWrappers finds the retries of a file that are not loops of its own: decorators, iterators of attempts, and
// calls that are given the function. loops are the loops of the program that repeat a function handed in, by the
// function whose parameter it is, and handed the calls of those.
func (e *Eval) retryWrappers(file FileID, loops map[Func][]*retry, handed []int32) []retry {
	facts := e.p.Files[file]
	var found []retry
	for s := range facts.Scopes {
		if facts.Scopes[s].Kind != fact.FunctionScope {
			continue
		}
		for _, decorator := range facts.List(facts.Scopes[s].Decorators) {
			if one, ok := e.retryDecorator(Func{file, fact.Scope(s)}, decorator, loops); ok {
				found = append(found, one)
			}
		}
	}
	for _, s := range e.p.index[file].spots.loops {
		if one, ok := e.retryIterator(file, s); ok {
			found = append(found, one)
		}
	}
	for _, i := range e.p.merged(file, handed) {
		found = e.retryCall(found, file, &e.p.calls[file][i], loops)
		found = e.enqueuedRetry(found, file, &e.p.calls[file][i])
	}
	for i := range e.p.calls[file] {
		if call := &e.p.calls[file][i]; len(call.Targets) == 1 && call.Targets[0] == (Func{file, call.Func}) {
			found = e.retryAgain(found, file, call)
		} else if _, ok := requeueCalls[calleeName(facts, call.Expr)]; ok && len(call.Targets) == 0 {
			found = e.retryAgain(found, file, call)
		}
	}
	return found
}

// retryDecorator reads one decorator of a function.
func (e *Eval) retryDecorator(fn Func, decorator fact.Expr, loops map[Func][]*retry) (retry, bool) {
	ref := ExprRef{fn.File, decorator}
	form := "decorator"
	q, derived, ok := e.decoratorPolicy(fn, ref, loops)
	if source := e.Origin(ref); !ok {
		if entry := e.retryEntry(source); entry == nil || !e.redelivered(source, entry) {
			return retry{}, false
		}
		form, q, derived = "redelivery", unknownPolicy(), true
	}
	scope := &e.p.Files[fn.File].Scopes[fn.Scope]
	return retry{
		form: form, fn: fn, at: e.p.PlaceOf(ref), expr: decorator, what: e.repeatedIn(fn),
		first: scope.BodyFirst, end: scope.BodyEnd, policy: q, derived: derived,
	}, true
}

// decoratorPolicy is the policy by which a decorator repeats what it decorates; ok is false where it does not. derived
// is true where a loop elsewhere in the program does, or nothing more is known than a name.
func (e *Eval) decoratorPolicy(fn Func, ref ExprRef, loops map[Func][]*retry) (q policy, derived, ok bool) {
	source := e.Origin(ref)
	if entry := e.retryEntry(source); entry != nil {
		switch entry.Retry.As {
		case "decorator":
			q = e.policyOf(source, entry.Retry)
			return q, false, entry.Endpoint == nil || narrows(&q)
		case "iterator", "call": // @Retrying(...).wraps, @retrying.wraps
			return e.receiverPolicy(source), false, true
		}
		return policy{}, false, false
	}
	for _, v := range e.Of(ref) {
		if v.Kind != Function || v.Def.Scope == fn.Scope && v.Def.File == fn.File {
			continue
		}
		for _, loop := range loops[v.Def] {
			if e.p.IsAsync(fn) && !e.p.IsAsync(loop.fn) {
				return policy{}, false, false // a loop that does not await makes the coroutine, and never sees it fail
			}
			return e.handedPolicy(loop, ref), true, true
		}
	}
	return unknownPolicy(), true, e.namedRetry(source)
}

// namedRetry says whether a decorator of a library of which nothing is known is named for it and nothing else.
func (e *Eval) namedRetry(ref ExprRef) bool {
	facts := e.p.Files[ref.File]
	if facts.Exprs[ref.Expr].Kind == fact.Call {
		ref.Expr = facts.Exprs[ref.Expr].A
	}
	v := e.One(ref)
	return v.Kind == External && (strings.HasSuffix(v.Path, ".retry") || strings.HasSuffix(v.Path, ".Retry"))
}

// narrows says whether a policy says on what it repeats: without that the decorator of a task queue does not repeat.
func narrows(q *policy) bool {
	return q.exceptions != nil && (len(q.exceptions) != 1 || q.exceptions[0] != anyException || q.exceptionsAt != Place{})
}

// receiverPolicy reads the policy of the object a method of which is used: retrying.wraps, retrying(function).
func (e *Eval) receiverPolicy(ref ExprRef) policy {
	facts := e.p.Files[ref.File]
	for range maxHelpers {
		x := &facts.Exprs[ref.Expr]
		if x.Kind == fact.Call {
			if entry := e.retryEntry(ref); entry != nil && entry.Class {
				return e.policyOf(ref, entry.Retry)
			}
		}
		if x.Kind != fact.Call && x.Kind != fact.Attr {
			break
		}
		ref = e.Origin(ExprRef{ref.File, x.A})
		facts = e.p.Files[ref.File]
	}
	return unknownPolicy()
}

// repeatedIn names the first effect on another side in a function.
func (e *Eval) repeatedIn(fn Func) string {
	if site, ok := e.p.remote()[fn]; ok {
		call := e.p.Call(site)
		if call.Entry != nil {
			return call.Entry.Path
		}
		if len(call.Targets) > 0 {
			return e.p.stableName(call.Targets[0])
		}
	}
	return e.p.Symbol(fn)
}

// handedPolicy is the policy of a loop that repeats the function handed in, seen from the place that hands it in:
// a number of attempts that is a parameter has the value given there.
func (e *Eval) handedPolicy(loop *retry, at ExprRef) policy {
	q := loop.policy
	st := &e.p.Files[loop.fn.File].Stmts[loop.stmt]
	if !math.IsNaN(q.attempts) || st.Kind != fact.For {
		return q
	}
	args := e.p.Files[loop.fn.File].OperandsOf(st.A)
	if len(args) != 1 {
		return q
	}
	if arg := e.decoratorArgument(ExprRef{loop.fn.File, args[0]}, at); arg.Expr != 0 {
		if n := e.Number(arg); n.Known && !n.None {
			q.attempts, q.attemptsAt = n.Value, n.Where
		}
	}
	return q
}

// retryIterator reads a loop over attempts: "for attempt in Retrying(...)".
func (e *Eval) retryIterator(file FileID, loop fact.Stmt) (retry, bool) {
	facts := e.p.Files[file]
	st := &facts.Stmts[loop]
	if x := &facts.Exprs[st.A]; x.Kind == fact.Call {
		if call := e.p.CallAt(file, st.A); call.Entry == nil || call.Entry.Retry == nil {
			return retry{}, false
		}
	} else if x.Kind != fact.Name && x.Kind != fact.Attr {
		return retry{}, false
	}
	ref := e.Origin(ExprRef{file, st.A})
	entry := e.retryEntry(ref)
	if entry == nil || entry.Retry.As != "iterator" {
		return retry{}, false
	}
	body := loop + 1
	one := retry{
		form: "iterator", fn: Func{file, st.Scope}, at: Place{file, headOf(facts, loop)}, expr: st.A, stmt: loop,
		first: body, end: facts.Stmts[body].Next, policy: e.policyOf(ref, entry.Retry),
	}
	calls := e.p.callsWithin(file, one.first, one.end)
	for i := range calls {
		if name := e.repeatedCall(file, &calls[i], []string{"ConnectionError"}); name != "" {
			one.what = name
			break
		}
	}
	if one.what == "" {
		one.what = e.p.Symbol(one.fn)
	}
	return one, true
}

// retryCall adds the function that a call repeats: retrying(function), retry_call(function, attempts=3).
func (e *Eval) retryCall(found []retry, file FileID, call *CallInfo, loops map[Func][]*retry) []retry {
	facts := e.p.Files[file]
	ref := ExprRef{file, call.Expr}
	if entry := call.Entry; entry != nil && entry.Retry != nil && entry.Retry.Function == nil {
		return e.retryStatement(found, ref, call, entry)
	}
	if entry := e.boundTask(file, call); entry != nil {
		return e.retryStatement(found, ref, call, entry)
	}
	if entry := call.Entry; entry != nil && entry.Retry != nil && entry.Retry.As == "call" && entry.Retry.Function != nil {
		position := 0
		if entry.Retry.Function.Position != nil {
			position = *entry.Retry.Function.Position
		}
		value, _ := facts.Argument(call.Expr, entry.Retry.Function.Name, position)
		q := e.receiverPolicy(ExprRef{file, facts.Exprs[call.Expr].A})
		return e.handedOver(found, ref, value, q)
	}
	if len(call.Targets) == 0 {
		// An object that is called: only names that speak of it are looked up, as nearly every call is of this form.
		if call.Path == "" && call.Entry == nil && namesRetry(calleeName(facts, call.Expr)) {
			if entry := e.retryEntry(ExprRef{file, facts.Exprs[call.Expr].A}); entry != nil && entry.Class && entry.Retry.As == "iterator" {
				if args := facts.OperandsOf(call.Expr); len(args) > 0 {
					return e.handedOver(found, ref, args[0], e.receiverPolicy(e.Origin(ExprRef{file, facts.Exprs[call.Expr].A})))
				}
			}
		}
		return found
	}
	for _, target := range call.Targets {
		for _, loop := range loops[target] {
			if value := e.argumentFor(ref, target, loop.parameter); value != 0 {
				first := len(found)
				found = e.handedOver(found, ref, value, e.handedPolicy(loop, ref))
				for i := first; i < len(found); i++ {
					found[i].derived = true
				}
			}
		}
	}
	return found
}

// retryStatement adds a policy that is given by value (an adapter's max_retries, a client's Retry), and a task that asks
// to be run again: raise self.retry(exc=error).
func (e *Eval) retryStatement(found []retry, ref ExprRef, call *CallInfo, entry *catalog.Entry) []retry {
	facts := e.p.Files[ref.File]
	r := entry.Retry
	fn := Func{ref.File, call.Func}
	one := retry{form: r.As, fn: fn, at: e.p.PlaceOf(ref), expr: ref.Expr, stmt: facts.Exprs[ref.Expr].Stmt, what: entry.Path}
	switch {
	case r.As == "call" && facts.Scopes[fn.Scope].Kind == fact.FunctionScope:
		scope := &facts.Scopes[fn.Scope]
		one.first, one.end, one.what = scope.BodyFirst, scope.BodyEnd, e.repeatedIn(fn)
		one.policy = e.policyOf(ref, r)
		e.taskAttempts(ref, fn, r, &one)
		one.policy.exceptions = e.caughtAround(ref)
	case r.As == "value" && r.Stops == "" && r.Waits == "":
		given := false
		for i := range r.Attempts {
			_, _, ok := e.countArgument(ref, &r.Attempts[i])
			given = given || ok
		}
		if !given {
			return found
		}
		one.policy = e.policyOf(ref, r)
		if one.policy.pause == "none" {
			one.policy.pause = "?" // that of the library
		}
	default:
		return found
	}
	return append(found, one)
}

// taskAttempts takes the number of attempts from the decorator that makes the task, where the call that asks to be run
// again does not give one.
func (e *Eval) taskAttempts(ref ExprRef, fn Func, r *catalog.Retry, one *retry) {
	facts := e.p.Files[ref.File]
	for i := range r.Attempts {
		if _, _, given := e.countArgument(ref, &r.Attempts[i]); given {
			return
		}
	}
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		task := ExprRef{ref.File, decorator}
		entry := e.contextEntry(task, nil)
		if facts.Exprs[decorator].Kind != fact.Call || entry == nil || entry.Decorates == "" || entry.Retry == nil {
			continue
		}
		for i := range entry.Retry.Attempts {
			if n, where, given := e.countArgument(task, &entry.Retry.Attempts[i]); given {
				one.policy.attempts, one.policy.attemptsAt = n, where
				one.at = e.p.PlaceOf(task)
			}
		}
	}
}

// boundTask gives the row of Task.retry for "self.retry(...)" in a task that is bound to its first parameter.
func (e *Eval) boundTask(file FileID, call *CallInfo) *catalog.Entry {
	facts := e.p.Files[file]
	if call.Entry != nil || len(call.Targets) > 0 || calleeName(facts, call.Expr) != "retry" {
		return nil
	}
	callee := &facts.Exprs[facts.Exprs[call.Expr].A]
	params := facts.ParamsOf(call.Func)
	if callee.Kind != fact.Attr || len(params) == 0 || facts.Exprs[callee.A].Sym != params[0].Symbol {
		return nil
	}
	for _, decorator := range facts.List(facts.Scopes[call.Func].Decorators) {
		if entry := e.contextEntry(ExprRef{file, decorator}, nil); entry != nil && entry.Decorates != "" {
			if task := e.p.entry(entry.Decorates + ".retry"); task != nil && task.Retry != nil {
				return task
			}
		}
	}
	return nil
}

// caughtAround gives the exceptions of the handler that an expression stands in; nil outside any.
func (e *Eval) caughtAround(ref ExprRef) []string {
	facts := e.p.Files[ref.File]
	for outer := range Enclosing(facts, facts.Exprs[ref.Expr].Stmt) {
		if facts.Stmts[outer].Kind == fact.Handler {
			return e.exceptionNames(ExprRef{ref.File, facts.Stmts[outer].A})
		}
	}
	return nil
}

// argumentFor gives the argument of a call that binds the parameter of the function of the program.
func (e *Eval) argumentFor(call ExprRef, target Func, parameter fact.Sym) fact.Expr {
	facts := e.p.Files[target.File]
	shift := 0
	for position, param := range facts.ParamsOf(target.Scope) {
		if position == 0 && selfClassOf(facts, param.Symbol) != fact.NoScope {
			shift = 1
		}
		if param.Symbol == parameter {
			value, _ := e.p.Files[call.File].Argument(call.Expr, facts.Text(param.Name), position-shift)
			return value
		}
	}
	return 0
}

// handedOver adds a retry for every function of the program that the argument is.
func (e *Eval) handedOver(found []retry, call ExprRef, value fact.Expr, q policy) []retry {
	if value == 0 {
		return found
	}
	for _, v := range e.Of(ExprRef{call.File, value}) {
		for v.Kind == Partial && v.Recv != nil {
			v = *v.Recv
		}
		if v.Kind != Function && v.Kind != Method || v.Path != "" {
			continue
		}
		scope := &e.p.Files[v.Def.File].Scopes[v.Def.Scope]
		found = append(found, retry{
			form: "call", fn: v.Def, at: e.p.PlaceOf(call), expr: call.Expr, first: scope.BodyFirst, end: scope.BodyEnd,
			what: strings.TrimPrefix(e.repeatedIn(v.Def), "<lambda>"), policy: q,
		})
	}
	return found
}
