package program

import (
	"math"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// unboundedWait is the rule that a wait without a deadline breaks.
const unboundedWait = "unbounded-wait"

// waitSites finds the calls of a file that wait for something outside their own computation, each with every
// deadline that reaches it.
func (p *Program) waitSites(eval *Eval, file FileID) []Site {
	var sites []Site
	for _, i := range p.marked[file] {
		call := &p.calls[file][i]
		if call.Entry == nil || call.Entry.Wait == nil || eval.spared(file, call, call.Entry.Wait.Unless, call.Entry.Wait.UnlessMade) {
			continue
		}
		sites = append(sites, eval.waitSite(file, call))
	}
	return sites
}

func (e *Eval) waitSite(file FileID, call *CallInfo) Site {
	facts := e.p.Files[file]
	x := &facts.Exprs[call.Expr]
	site := Site{
		Effect: Wait,
		Func:   Func{file, call.Func},
		At:     Place{file, x.Span},
		Expr:   call.Expr,
		Stmt:   x.Stmt,
		What:   call.Entry.Path,
		Entry:  call.Entry,
		Text:   e.p.CallText(ExprRef{file, call.Expr}, call.Entry.Path),
		Strict: inProcess(call.Entry.Wait.For) || e.p.IsTest(file),
		Detail: call.Entry.Wait.For,
	}
	site.Guards = e.deadlines(file, call)
	if math.IsInf(site.Bound(), 1) && needsDeadline(call.Entry.Wait.For) && len(site.Guards) > 0 {
		if (call.Entry.Wait.For != "subprocess" || !e.meantToLast(file, call)) && !e.expectsToBlock(file, call.Expr) && !e.madeWaiting(file, call) && !e.streams(file, call) {
			site.Fault = unboundedWait
		}
	}
	return site
}

// streams says whether a call of a generated stub is run over, as a stream of answers that may be meant to last.
func (e *Eval) streams(file FileID, call *CallInfo) bool {
	facts := e.p.Files[file]
	st := &facts.Stmts[facts.Exprs[call.Expr].Stmt]
	return strings.HasPrefix(call.Entry.Path, "grpc.Stub.") && st.Kind == fact.For && st.A == call.Expr
}

// madeWaiting says whether the object of a call was made in the same function by a call that waits for ever itself and
// whose deadline would be that of the object: smtplib.SMTP(host). That is the place to mend.
func (e *Eval) madeWaiting(file FileID, call *CallInfo) bool {
	made := call.Receiver.Origin
	if call.Receiver.Kind != Instance || made.Expr == 0 || made.File != file || callerScope(e.p.Files[file], e.p.Files[file].Exprs[made.Expr].Scope) != call.Func {
		return false
	}
	maker := e.p.CallAt(file, made.Expr)
	if maker == nil || maker.Entry == nil || maker.Entry.Wait == nil || maker.Entry.Deadline == nil || maker.Expr == call.Expr ||
		e.spared(file, maker, maker.Entry.Wait.Unless, maker.Entry.Wait.UnlessMade) {
		return false
	}
	return math.IsInf(boundOf(e.deadlines(file, maker)), 1)
}

// needsDeadline says whether a wait for this is asked for a deadline at all. A statement on an open connection, a
// file and a user are not, though losing a deadline that such a wait had counts in a change.
func needsDeadline(what string) bool {
	return what == "network" || what == "subprocess" || inProcess(what)
}

// inProcess says whether what is waited for lives in this process, where waiting for ever is often meant.
func inProcess(what string) bool {
	switch what {
	case "queue", "future", "lock", "task":
		return true
	}
	return false
}

// deadlines collects the deadlines of a waiting call, the nearest first. A guard of +Inf seconds says that the wait
// has no bound from that source; it is listed so that a change can be told from its value.
func (e *Eval) deadlines(file FileID, call *CallInfo) []Guard {
	ref := ExprRef{file, call.Expr}
	var guards []Guard
	if b, ok := e.ownBound(ref, call); ok {
		guards = append(guards, b.guard())
	}
	guards = e.scopeDeadlines(guards, file, call)
	if math.IsInf(boundOf(guards), 1) {
		guards = e.callerDeadlines(guards, Func{file, call.Func})
	}
	return guards
}

// boundOf is the least bound among deadlines: +Inf for none, NaN where the only bounds are unknown ones.
func boundOf(guards []Guard) float64 {
	least := math.Inf(1)
	for i := range guards {
		if guards[i].Kind != Deadline || math.IsInf(guards[i].Seconds, 1) {
			continue
		}
		if math.IsInf(least, 1) || math.IsNaN(least) || guards[i].Seconds < least {
			least = guards[i].Seconds
		}
	}
	return least
}

// Bound is the least deadline that reaches the site in seconds: +Inf for none, NaN where it is bounded by a value
// that cannot be shown.
func (s *Site) Bound() float64 { return boundOf(s.Guards) }

// ownBound is the bound from the call, else from the object it is made through, else the library's default.
func (e *Eval) ownBound(ref ExprRef, call *CallInfo) (bound, bool) {
	d := call.Entry.Deadline
	if d == nil {
		// The call takes no deadline; only a scope around it can bound the wait. Inside the process that is how it is
		// meant.
		if inProcess(call.Entry.Wait.For) {
			return bound{}, false
		}
		return bound{seconds: math.Inf(1), from: "default", name: "default"}, true
	}
	if b, ok := e.argumentBound(ref, d, "argument"); ok {
		return b, true
	}
	if call.Bound.Expr != 0 {
		if b, ok := e.argumentBound(call.Bound, d, "partial"); ok {
			return b, true
		}
	}
	if d.Receiver || call.Receiver.Kind != Unknown {
		if b, ok := e.receiverBound(call.Receiver, d); ok {
			return b, true
		}
	}
	if b, ok := e.processBound(d); ok {
		return b, true
	}
	return defaultBound(d)
}

// scopeDeadlines adds the deadlines of enclosing scopes: with asyncio.timeout(...), wait_for around the call, and
// decorators of the function.
func (e *Eval) scopeDeadlines(guards []Guard, file FileID, call *CallInfo) []Guard {
	facts := e.p.Files[file]
	guards = e.wrapDeadlines(guards, file, call.Expr)
	for _, context := range e.Contexts(Func{file, call.Func}, facts.Exprs[call.Expr].Stmt) {
		if context.Entry == nil || context.Entry.Deadline == nil || !context.Entry.Deadline.Scope {
			continue
		}
		if b, ok := e.scopeBound(&context); ok {
			b.from = context.From
			guards = append(guards, b.guard())
		}
	}
	return guards
}

func (e *Eval) scopeBound(context *Context) (bound, bool) {
	item := context.Item
	if e.p.Files[item.File].Exprs[item.Expr].Kind != fact.Call {
		for _, v := range context.Values {
			if v.Origin.Expr != 0 {
				item = v.Origin
			}
		}
	}
	if e.p.Files[item.File].Exprs[item.Expr].Kind != fact.Call {
		return bound{seconds: math.NaN(), where: e.p.PlaceOf(item), name: context.Entry.Path}, true
	}
	b, ok := e.argumentBound(item, context.Entry.Deadline, "scope")
	if !ok {
		return defaultBound(context.Entry.Deadline)
	}
	return b, true
}

// wrapDeadlines adds the bound of a call such as asyncio.wait_for(X, 5) whose argument the expression is.
func (e *Eval) wrapDeadlines(guards []Guard, file FileID, expr fact.Expr) []Guard {
	facts := e.p.Files[file]
	for child, outer := expr, facts.Exprs[expr].Parent; outer != 0; child, outer = outer, facts.Exprs[outer].Parent {
		call := e.p.CallAt(file, outer)
		if call == nil || call.Entry == nil || call.Entry.Deadline == nil || call.Entry.Deadline.Wraps == nil {
			continue
		}
		if facts.Exprs[outer].A == child {
			continue
		}
		if b, ok := e.argumentBound(ExprRef{file, outer}, call.Entry.Deadline, "scope"); ok {
			guards = append(guards, b.guard())
		}
	}
	return guards
}

// callerDeadlines adds one deadline where every known call of fn stands in a scope that has one.
func (e *Eval) callerDeadlines(guards []Guard, fn Func) []Guard {
	least := math.Inf(1)
	var where Place
	ok := e.p.everyCaller(fn, deadlineAtCall, func(outer []Guard) {
		if b := boundOf(outer); math.IsInf(least, 1) || b > least {
			least, where = b, outer[0].Where
		}
	})
	if !ok {
		return guards
	}
	b := bound{seconds: least, where: where, from: "caller", name: "scope"}
	return append(guards, b.guard())
}

// deadlineAtCall gives the deadlines of the scopes that a call stands in.
func deadlineAtCall(e *Eval, site CallSite) (guards []Guard, holds bool) {
	guards = e.scopeDeadlines(nil, site.File, e.p.Call(site))
	return guards, !math.IsInf(boundOf(guards), 1)
}

// processBound is the default that the program sets for every wait of the kind: by a setting, or for every socket.
func (e *Eval) processBound(d *catalog.Deadline) (bound, bool) {
	if d.Setting != "" {
		if b, ok := e.p.settingDeadline(d.Setting); ok {
			return b, true
		}
	}
	if !d.Global {
		return bound{}, false
	}
	return e.p.processDeadline()
}
