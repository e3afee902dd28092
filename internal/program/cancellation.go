package program

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// cancellationSites adds the handlers of coroutines that catch a cancellation around an await: guarded where they
// raise again or leave the function, at fault where the coroutine goes on as if it had not been asked to end.
func (e *Eval) cancellationSites(sites []Site, file FileID) []Site {
	at := &e.p.index[file].spots
	for _, s := range at.items {
		if site, ok := e.suppressSite(file, s); ok {
			sites = append(sites, site)
		}
	}
	for _, s := range at.handlers {
		if site, ok := e.handlerSite(file, s); ok {
			sites = append(sites, site)
		}
	}
	return sites
}

// handlerSite judges one handler.
func (e *Eval) handlerSite(file FileID, s fact.Stmt) (Site, bool) {
	facts := e.p.Files[file]
	st := &facts.Stmts[s]
	if !e.p.IsAsync(Func{file, st.Scope}) || !e.catchesCancellation(ExprRef{file, st.A}) && !e.resumesLoop(file, s) {
		return Site{}, false
	}
	if e.caughtBefore(file, s) || !awaitsInTry(facts, st.Parent) {
		return Site{}, false
	}
	site := Site{
		Effect: Spawn, Func: Func{file, st.Scope}, At: Place{file, handlerHead(facts, s)}, Stmt: s,
		What: "except", Text: "except " + e.p.Text(ExprRef{file, st.A}), Strict: e.p.IsTest(file),
	}
	if leaves(facts, s) || e.endsProcess(file, s) || e.passesOn(file, s) {
		site.Guards = []Guard{{Kind: Cancellation, From: "raise", Text: "cancellation passes", Where: site.At}}
	} else if !e.endsTask(Func{file, st.Scope}, s) {
		site.Fault = swallowedCancellation
	}
	return site, true
}

// endsProcess says whether a handler calls what ends the process, or is named for it.
func (e *Eval) endsProcess(file FileID, handler fact.Stmt) bool {
	facts := e.p.Files[file]
	calls := e.p.callsWithin(file, handler, facts.Stmts[handler].Next)
	return slices.ContainsFunc(calls, func(call CallInfo) bool {
		return call.Entry.Has(catalog.RoleNeverReturns) || calleeName(facts, call.Expr) == "exit"
	})
}

// endsTask says whether a coroutine is a task of its own which ends with the try statement of the handler: all known calls
// give the coroutine to somebody else, and nothing that follows awaits. Cancelled, it ends either way.
func (e *Eval) endsTask(fn Func, handler fact.Stmt) bool {
	facts := e.p.Files[fn.File]
	if Loop(facts, handler) != 0 {
		return false
	}
	for i := firstExpr(facts, facts.Stmts[facts.Stmts[handler].Parent].Next); int(i) < len(facts.Exprs) && facts.Exprs[i].Stmt < facts.Scopes[fn.Scope].BodyEnd; i++ {
		if facts.Exprs[i].Kind == fact.Await {
			return false
		}
	}
	e.p.asked.note(Ask{Root: fn})
	callers := slices.DeleteFunc(slices.Clone(e.p.Callers(fn)), func(site CallSite) bool { return e.p.IsTest(site.File) })
	return len(callers) > 0 && !slices.ContainsFunc(callers, func(site CallSite) bool {
		return len(e.p.Call(site).Targets) != 1 || !e.p.detached(site) && !e.handsOver(site)
	})
}

// handsOver says whether the coroutine that a call makes is an argument of another call, outside of any await.
func (e *Eval) handsOver(site CallSite) bool {
	return e.argumentOf(site.File, e.p.Call(site).Expr) != 0
}

// suppressSite judges "with suppress(BaseException)" around an await in a coroutine.
func (e *Eval) suppressSite(file FileID, item fact.Stmt) (Site, bool) {
	facts := e.p.Files[file]
	st := &facts.Stmts[item]
	if !e.p.IsAsync(Func{file, st.Scope}) {
		return Site{}, false
	}
	call := e.p.CallAt(file, st.A)
	if call == nil || !call.Entry.Has(catalog.RoleSuppress) || !awaitsCall(facts, st.Parent) {
		return Site{}, false
	}
	for _, arg := range facts.OperandsOf(st.A) {
		if e.catchesCancellation(ExprRef{file, arg}) {
			return Site{
				Effect: Spawn, Func: Func{file, st.Scope}, At: Place{file, facts.Exprs[st.A].Span}, Expr: st.A, Stmt: item,
				What: "except", Text: "suppress " + e.p.Text(ExprRef{file, arg}), Strict: e.p.IsTest(file), Fault: swallowedCancellation,
			}, true
		}
	}
	return Site{}, false
}

// awaitsCall says whether the block of a with statement awaits what it starts itself. Awaiting a future that somebody
// else ends only collects its outcome.
func awaitsCall(facts *fact.File, with fact.Stmt) bool {
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind == fact.Await && facts.Exprs[x.A].Kind == fact.Call && x.Stmt > with && x.Stmt < facts.Stmts[with].Next {
			return true
		}
	}
	return false
}

// resumesLoop says whether a handler that names CancelledError goes on with the loop around it, in a function that
// does not itself cancel anything: then it is this coroutine that was asked to end.
func (e *Eval) resumesLoop(file FileID, handler fact.Stmt) bool {
	facts := e.p.Files[file]
	st := &facts.Stmts[handler]
	v := e.One(ExprRef{file, st.A})
	if v.Path == "" || !e.p.entry(v.Path).Has(catalog.RoleCancellation) || Loop(facts, handler) == 0 {
		return false
	}
	last := fact.Stmt(0)
	for s := range facts.Block(handler) {
		last = s
	}
	again := last != 0 && facts.Stmts[last].Kind == fact.Continue || endlessTurn(facts, st.Parent)
	return again && !e.cancels(Func{file, st.Scope})
}

// endlessTurn says whether the statement is the last one of "while True", so that coming to its end begins anew.
func endlessTurn(facts *fact.File, s fact.Stmt) bool {
	loop := Loop(facts, s)
	if loop == 0 || facts.Stmts[loop].Kind != fact.While || facts.Exprs[facts.Stmts[loop].A].Kind != fact.TrueConst {
		return false
	}
	body := facts.Stmts[s].Parent
	return facts.Stmts[body].Parent == loop && facts.Stmts[s].Next == facts.Stmts[body].Next
}

func (e *Eval) cancels(fn Func) bool {
	for i := range e.p.calls[fn.File] {
		facts := e.p.Files[fn.File]
		call := &e.p.calls[fn.File][i]
		if callee := &facts.Exprs[facts.Exprs[call.Expr].A]; call.Func == fn.Scope && callee.Kind == fact.Attr && facts.Text(callee.Text) == "cancel" {
			return true
		}
	}
	return false
}

// handlerHead is the span of "except X", without the block.
func handlerHead(facts *fact.File, handler fact.Stmt) fact.Span {
	st := &facts.Stmts[handler]
	end := st.Start + uint32(len("except"))
	if st.A != 0 {
		end = facts.Exprs[st.A].End
	}
	return fact.Span{Start: st.Start, End: end}
}

// catchesCancellation says whether a handler catches asyncio.CancelledError without naming it: bare, or BaseException.
// A handler that names CancelledError alone is a decision of its author.
func (e *Eval) catchesCancellation(t ExprRef) bool {
	if t.Expr == 0 {
		return true
	}
	facts := e.p.Files[t.File]
	if x := &facts.Exprs[t.Expr]; x.Kind == fact.Tuple {
		for _, part := range facts.List(x.Ops) {
			if e.catchesCancellation(ExprRef{t.File, part}) {
				return true
			}
		}
		return false
	}
	return e.namesClass(t) && e.One(t).Path == "builtins.BaseException"
}

// namesClass says whether an expression gives the class itself rather than something annotated as one of its kind:
// of "errors: type[BaseException]" only the program that runs knows what it is.
func (e *Eval) namesClass(t ExprRef) bool {
	facts := e.p.Files[t.File]
	x := &facts.Exprs[t.Expr]
	if x.Kind == fact.Attr {
		v := e.One(ExprRef{t.File, x.A})
		return v.Kind == Module || v.Kind == External
	}
	if x.Kind != fact.Name || x.Sym == 0 {
		return x.Kind == fact.Name
	}
	return !slices.ContainsFunc(facts.DefsOf(x.Sym), func(def fact.Def) bool { return def.Annotation != 0 || def.Kind == fact.DefParam })
}

// caughtBefore says whether an earlier handler of the same try statement takes cancellations away.
func (e *Eval) caughtBefore(file FileID, handler fact.Stmt) bool {
	facts := e.p.Files[file]
	for clause := range facts.Block(facts.Stmts[handler].Parent) {
		if clause == handler {
			return false
		}
		st := &facts.Stmts[clause]
		if st.Kind != fact.Handler || st.A == 0 {
			continue
		}
		for _, v := range e.Of(ExprRef{file, st.A}) {
			if v.Path != "" && e.p.entry(v.Path).Has(catalog.RoleCancellation) {
				return true
			}
		}
	}
	return false
}

// awaitsInTry says whether the body of a try statement awaits.
func awaitsInTry(facts *fact.File, try fact.Stmt) bool {
	return awaitsInside(facts, try+1)
}

// passesOn says whether a handler gives the exception to somebody else: it uses the bound name other than to log or
// print it, or asks for sys.exc_info().
func (e *Eval) passesOn(file FileID, handler fact.Stmt) bool {
	facts := e.p.Files[file]
	st := &facts.Stmts[handler]
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Start < st.Start || x.End > st.End || x.Stmt <= handler || x.Stmt >= st.Next {
			continue
		}
		switch x.Kind {
		case fact.Name:
			if st.Text != 0 && x.Text == st.Text && !x.Flag && !e.onlyTold(file, fact.Expr(i)) {
				return true
			}
		case fact.Call:
			if call := e.p.CallAt(file, fact.Expr(i)); call != nil && call.Path == "sys.exc_info" {
				return true
			}
		}
	}
	return false
}

// onlyTold says whether an expression ends up in a message: formatted, logged or printed.
func (e *Eval) onlyTold(file FileID, expr fact.Expr) bool {
	facts := e.p.Files[file]
	for x := &facts.Exprs[expr]; x.Parent != 0; x = &facts.Exprs[x.Parent] {
		up := &facts.Exprs[x.Parent]
		if up.Kind == fact.Formatted {
			return true
		}
		if up.Kind != fact.Call {
			continue
		}
		call := e.p.CallAt(file, x.Parent)
		if call != nil && (call.Entry.Has(catalog.RoleLog) || call.Path == "builtins.print" || call.Path == "builtins.str" || call.Path == "builtins.repr") {
			return true
		}
		if callee := &facts.Exprs[up.A]; callee.Kind == fact.Attr {
			switch facts.Text(callee.Text) {
			case "debug", "info", "warning", "error", "exception", "critical", "log":
				return true
			}
		}
	}
	return false
}

// leaves says whether a handler raises, returns, breaks out or ends the process on some path.
func leaves(facts *fact.File, handler fact.Stmt) bool {
	for s := handler + 1; s < facts.Stmts[handler].Next; s++ {
		switch facts.Stmts[s].Kind {
		case fact.Raise, fact.Return, fact.Break:
			return true
		}
	}
	return false
}
