package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// idle is the obligation of a flow that only asks how control leaves a block.
type idle struct{}

func (idle) step(...fact.Expr) (meets, raises bool)    { return false, false }
func (idle) entered(fact.Expr) bool                    { return false }
func (idle) refines(fact.Expr) (thenMet, elseMet bool) { return false, false }
func (idle) inner(fact.Scope) bool                     { return false }
func leaving(facts *fact.File) *flow                   { return &flow{facts: facts, duty: idle{}} }
func (f *flow) through(b fact.Stmt) outcome            { return f.block(b, open) }
func (o outcome) repeats() bool                        { return o.fall|o.cont != 0 }
func (o outcome) ends() bool                           { return o.leave|o.brk != 0 }

// onward gives how control leaves one round of the loop when child, somewhere in its body, is left by falling through.
func (f *flow) onward(child, loop fact.Stmt) outcome {
	o := outcome{fall: open}
	for {
		parent := f.facts.Stmts[child].Parent
		if parent == 0 {
			return o
		}
		rest := f.run(f.facts.Stmts[child].Next, f.end(child, parent), o.fall)
		o.fall = 0
		o.or(rest)
		if f.facts.Stmts[parent].Parent == loop {
			return o
		}
		child, o = f.leaveBlock(parent, o)
	}
}

// attemptLoop is a loop that may be a retry: a try statement in it, and the handlers after which it goes on.
type attemptLoop struct {
	file   FileID
	loop   fact.Stmt
	try    fact.Stmt
	body   fact.Stmt // of the try
	after  fact.Stmt // the end of body and else
	end    fact.Stmt // the end of what is repeated: else counts where the loop may go on behind it
	again  []fact.Stmt
	caught []string
	// selective: a handler looks at what it has caught before it goes on.
	selective bool
	// bounded: a handler after which the loop goes on, or what follows the try, may also leave the loop.
	bounded bool
}

// retryLoops finds the loops of a file that repeat an effect on another side until it succeeds.
func (e *Eval) retryLoops(file FileID) []retry {
	facts := e.p.Files[file]
	var found []retry
	last := fact.Stmt(0)
	for _, s := range e.p.index[file].spots.attempts {
		loop := Loop(facts, s)
		if loop == 0 || loop == last || !InBlock(facts, s, loop, fact.Body) {
			continue
		}
		if one, ok := e.retryLoop(file, loop, s); ok {
			found = append(found, one)
			last = loop
		}
	}
	return found
}

func (e *Eval) retryLoop(file FileID, loop, try fact.Stmt) (retry, bool) {
	facts := e.p.Files[file]
	l := attemptLoop{file: file, loop: loop, try: try, body: try + 1}
	if facts.Stmts[try].Kind == fact.With {
		if !e.suppresses(&l) || !e.succeeds(&l) {
			return retry{}, false
		}
	} else if !e.goesOn(&l) || !e.succeeds(&l) {
		return retry{}, false
	}
	q, ok := e.loopBound(&l)
	if !ok || e.asksUser(&l) || e.onlyInterrupted(&l) {
		return retry{}, false
	}
	st := &facts.Stmts[loop]
	one := retry{
		form: "loop", fn: Func{file, st.Scope}, stmt: loop, first: l.body, end: l.end,
		at: Place{file, headOf(facts, loop)},
	}
	if one.what, one.parameter = e.repeated(&l); one.what == "" {
		return retry{}, false
	}
	q.selective, q.undoes = l.selective, e.rollsBack(&l)
	q.exceptions, q.exceptionsAt = l.caught, Place{file, facts.Stmts[try].Span}
	if len(l.again) > 0 {
		q.exceptionsAt.Span = facts.Stmts[l.again[0]].Span
	}
	e.loopPause(&l, &q)
	one.policy = q
	return one, true
}

// rollsBack says whether every handler after which the loop goes on rolls a transaction back.
func (e *Eval) rollsBack(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	for _, clause := range l.again {
		calls := e.p.callsWithin(l.file, clause, facts.Stmts[clause].Next)
		if !slices.ContainsFunc(calls, func(call CallInfo) bool { return calleeName(facts, call.Expr) == "rollback" }) {
			return false
		}
	}
	return len(l.again) > 0
}

// asksUser says whether each round asks the user of the program, who decides how often and with what.
func (e *Eval) asksUser(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	calls := e.p.callsWithin(l.file, l.loop+1, facts.Stmts[l.loop].Next)
	return slices.ContainsFunc(calls, func(call CallInfo) bool {
		switch name := calleeName(facts, call.Expr); name {
		case "input", "getpass", "prompt", "confirm":
			return true
		}
		return false
	})
}

// onlyInterrupted says whether the handlers after which the loop goes on ask for EINTR, a signal that came in between,
// which is no failure.
func (e *Eval) onlyInterrupted(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	for _, clause := range l.again {
		found := false
		for i := firstExpr(facts, clause); int(i) < len(facts.Exprs) && facts.Exprs[i].Stmt < facts.Stmts[clause].Next; i++ {
			x := &facts.Exprs[i]
			found = found || (x.Kind == fact.Attr || x.Kind == fact.Name) && facts.Text(x.Text) == "EINTR"
		}
		if !found {
			return false
		}
	}
	return len(l.again) > 0
}

// headOf is the span of the first line of a loop: from its keyword to its test or iterable.
func headOf(facts *fact.File, loop fact.Stmt) fact.Span {
	st := &facts.Stmts[loop]
	if st.A == 0 || facts.Exprs[st.A].End < st.Start {
		return st.Span
	}
	return fact.Span{Start: st.Start, End: facts.Exprs[st.A].End}
}

// goesOn looks at the handlers: after which of them does the loop go on, and may it also end there?
func (e *Eval) goesOn(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	f := leaving(facts)
	after := f.onward(l.try, l.loop)
	l.after = facts.Stmts[l.body].Next
	l.end = l.after
	for clause := range facts.Block(l.try) {
		st := &facts.Stmts[clause]
		if st.Kind == fact.Else {
			l.after = st.Next
			if o := f.through(clause); o.cont != 0 || o.fall != 0 && after.repeats() {
				l.end = l.after // what it raises is not caught, but it runs in every round
			}
		}
		if st.Kind != fact.Handler {
			continue
		}
		o := f.through(clause)
		again := o.cont != 0 || o.fall != 0 && after.repeats()
		caught := e.exceptionNames(ExprRef{l.file, st.A})
		if !again || isLocal(caught) {
			continue
		}
		l.again = append(l.again, clause)
		l.selective = l.selective || looksAt(facts, clause)
		l.caught = append(l.caught, caught...)
		if o.raise|o.leave|o.brk != 0 || o.fall != 0 && (after.raise|after.leave|after.brk != 0) || e.mayRaise(l.file, clause) {
			l.bounded = true
		}
	}
	l.bounded = l.bounded || e.leavesElsewhere(l)
	return len(l.again) > 0
}

// suppresses reads "with contextlib.suppress(...):" as a try after whose handler the loop goes on.
func (e *Eval) suppresses(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	for item := range facts.Block(l.try) {
		st := &facts.Stmts[item]
		if st.Kind == fact.Body {
			l.body, l.after, l.end = item, st.Next, st.Next
			continue
		}
		call := e.p.CallAt(l.file, st.A)
		if call == nil || !call.Entry.Has(catalog.RoleSuppress) {
			continue
		}
		for _, arg := range facts.OperandsOf(st.A) {
			l.caught = append(l.caught, e.exceptionNames(ExprRef{l.file, arg})...)
		}
	}
	if len(l.caught) == 0 || isLocal(l.caught) || !leaving(facts).onward(l.try, l.loop).repeats() {
		return false
	}
	l.bounded = e.leavesElsewhere(l)
	return true
}

// looksAt says whether a condition in a handler asks for a part of the exception it has caught.
func looksAt(facts *fact.File, clause fact.Stmt) bool {
	name := facts.Stmts[clause].Text
	found := false
	for s := clause; name != 0 && s < facts.Stmts[clause].Next; s++ {
		if facts.Stmts[s].Kind == fact.Arm {
			facts.Walk(facts.Stmts[s].A, func(x fact.Expr) bool {
				found = found || facts.Exprs[x].Kind == fact.Name && facts.Exprs[x].Text == name
				return !found
			})
		}
	}
	return found
}

// leavesElsewhere says whether the loop may end before or behind the try, or on the time.
func (e *Eval) leavesElsewhere(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	for s := l.loop + 1; s < facts.Stmts[l.loop].Next; s++ {
		st := &facts.Stmts[s]
		switch st.Kind {
		case fact.Raise, fact.Return:
			if st.Scope != facts.Stmts[l.loop].Scope {
				continue
			}
			if s < l.try || s >= facts.Stmts[l.try].Next || st.Kind == fact.Raise && s < l.after && e.passes(l, st.A) {
				return true
			}
		case fact.Arm:
			if e.asksClock(l.file, st.A) {
				return true
			}
		}
	}
	return false
}

// passes says whether an exception that the body of the try raises itself passes the handlers after which the loop
// goes on.
func (e *Eval) passes(l *attemptLoop, raised fact.Expr) bool {
	facts := e.p.Files[l.file]
	if facts.Exprs[raised].Kind == fact.Call {
		raised = facts.Exprs[raised].A
	}
	if raised == 0 || slices.Contains(l.caught, anyException) {
		return false
	}
	for _, name := range e.exceptionNames(ExprRef{l.file, raised}) {
		if slices.Contains(l.caught, name) {
			return false
		}
	}
	return true
}

// asksClock says whether a condition compares the time.
func (e *Eval) asksClock(file FileID, test fact.Expr) bool {
	facts := e.p.Files[file]
	found := false
	facts.Walk(test, func(x fact.Expr) bool {
		if call := e.p.CallAt(file, x); facts.Exprs[x].Kind == fact.Call && call != nil && call.Entry.Has(catalog.RoleClock) {
			found = true
		}
		return !found
	})
	return found
}

// mayRaise says whether a handler calls something that may end the retry by an exception: a function of the program
// that raises, sys.exit, or an unknown one that is named for it.
func (e *Eval) mayRaise(file FileID, clause fact.Stmt) bool {
	facts := e.p.Files[file]
	calls := e.p.callsWithin(file, clause, facts.Stmts[clause].Next)
	for i := range calls {
		call := &calls[i]
		if call.Entry.Has(catalog.RoleNeverReturns) {
			return true
		}
		for _, target := range call.Targets {
			if e.p.raises(target) {
				return true
			}
		}
		if len(call.Targets) == 0 && call.Entry == nil && hasAny(strings.ToLower(calleeName(facts, call.Expr)), []string{"raise", "fail", "abort", "give_up", "giveup", "retry", "check", "handle", "exit", "stop"}) {
			return true
		}
	}
	return false
}

// raises says whether the code of fn has a raise statement.
func (p *Program) raises(fn Func) bool {
	facts := p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	for s := scope.BodyFirst; s < scope.BodyEnd; s++ {
		if facts.Stmts[s].Kind == fact.Raise {
			return true
		}
	}
	return false
}

// calleeName is the last name of what a call calls, "" where it has none.
func calleeName(facts *fact.File, call fact.Expr) string {
	switch x := &facts.Exprs[facts.Exprs[call].A]; x.Kind {
	case fact.Name, fact.Attr:
		return facts.Text(x.Text)
	}
	return ""
}

// succeeds says whether the loop ends when the body of the try is completed: it is repeated until it succeeds, and
// not to serve the next item.
func (e *Eval) succeeds(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	f := leaving(facts)
	o := f.through(l.body)
	for clause := range facts.Block(l.try) {
		if facts.Stmts[clause].Kind == fact.Else && o.fall != 0 {
			o.fall = 0
			o.or(f.through(clause))
		}
	}
	if o.fall != 0 {
		o.fall = 0
		o.or(f.onward(l.try, l.loop))
	}
	if !o.repeats() {
		return o.ends()
	}
	if facts.Stmts[l.loop].Kind == fact.While {
		return e.untilFlag(l)
	}
	// "if response.ok: return response" in a counted loop: repeated on a bad answer as well.
	return o.ends() && e.isCounted(l)
}

// untilFlag says whether the test of a while loop asks for something that only the body of the try sets: "while not
// done", "while result is None".
func (e *Eval) untilFlag(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	set := map[string]fact.Expr{}
	for s := l.body; s < l.after; s++ {
		st := &facts.Stmts[s]
		if st.Kind == fact.Assign {
			for _, target := range facts.List(st.Targets) {
				set[e.p.Text(ExprRef{l.file, target})] = st.A
			}
		}
	}
	return len(set) > 0 && e.asksFor(l.file, facts.Stmts[l.loop].A, set)
}

func (e *Eval) asksFor(file FileID, test fact.Expr, set map[string]fact.Expr) bool {
	facts := e.p.Files[file]
	x := &facts.Exprs[test]
	text := func(expr fact.Expr) (fact.Expr, bool) { v, ok := set[e.p.Text(ExprRef{file, expr})]; return v, ok }
	switch {
	case x.Kind == fact.Bool && x.Op == fact.OpAnd:
		for _, part := range facts.List(x.Ops) {
			if e.asksFor(file, part, set) {
				return true
			}
		}
	case x.Kind == fact.Unary && x.Op == fact.OpNot:
		value, ok := text(x.A)
		return ok && facts.Exprs[value].Kind != fact.FalseConst && !facts.IsNone(value)
	case x.Kind == fact.Compare && x.Op == fact.OpIs && facts.IsNone(x.B):
		value, ok := text(x.A)
		return ok && !facts.IsNone(value)
	case x.Kind == fact.Name || x.Kind == fact.Attr:
		value, ok := text(test)
		return ok && facts.Exprs[value].Kind == fact.FalseConst
	}
	return false
}

// isCounted says whether a for loop runs over a range whose number is not used in what is repeated, or is named for
// attempts.
func (e *Eval) isCounted(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	st := &facts.Stmts[l.loop]
	return st.Kind == fact.For && e.One(ExprRef{l.file, facts.Exprs[st.A].A}).Path == "builtins.range" && !e.usesTarget(l)
}

// usesTarget says whether what is repeated uses the loop's variable for something else than to count attempts: then
// each round does another thing.
func (e *Eval) usesTarget(l *attemptLoop) bool {
	facts := e.p.Files[l.file]
	target := &facts.Exprs[facts.Stmts[l.loop].B]
	return target.Kind != fact.Name || e.isUsed(l, target)
}

// isUsed says whether what is repeated uses the name that counts the attempts.
func (e *Eval) isUsed(l *attemptLoop, counter *fact.ExprInfo) bool {
	facts := e.p.Files[l.file]
	if hasAny(strings.ToLower(facts.Text(counter.Text)), []string{"attempt", "retr", "tries", "try"}) {
		return false
	}
	for expr := firstExpr(facts, l.loop+1); int(expr) < len(facts.Exprs) && facts.Exprs[expr].Stmt < l.after; expr++ {
		x := &facts.Exprs[expr]
		if x.Kind == fact.Name && x.Sym == counter.Sym && !e.onlyCounts(l.file, expr) {
			return true
		}
	}
	return false
}

// firstExpr gives the first expression that belongs to a statement from s on.
func firstExpr(facts *fact.File, s fact.Stmt) fact.Expr {
	low, high := 1, len(facts.Exprs)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if facts.Exprs[middle].Stmt < s {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return fact.Expr(low)
}

// onlyCounts says whether a use of the loop's variable is a comparison, a condition, a pause or a message.
func (e *Eval) onlyCounts(file FileID, use fact.Expr) bool {
	facts := e.p.Files[file]
	if k := facts.Stmts[facts.Exprs[use].Stmt].Kind; k == fact.Arm || k == fact.For {
		return true
	}
	for outer := facts.Exprs[use].Parent; outer != 0; outer = facts.Exprs[outer].Parent {
		switch facts.Exprs[outer].Kind {
		case fact.Compare:
			return true
		case fact.Call:
			if call := e.p.CallAt(file, outer); call.Entry.Has(catalog.RolePause) || tells(facts, call) {
				return true
			}
		}
	}
	return false
}

// tells says whether a call writes to a log or to the screen.
func tells(facts *fact.File, call *CallInfo) bool {
	switch calleeName(facts, call.Expr) {
	case "debug", "info", "warning", "warn", "error", "exception", "log", "print":
		return true
	}
	return call.Entry.Has(catalog.RoleLog)
}

// repeated names the first effect on another side in the body of the try; parameter is set where it is a function
// that was handed in.
func (e *Eval) repeated(l *attemptLoop) (what string, parameter fact.Sym) {
	facts := e.p.Files[l.file]
	calls := e.p.callsWithin(l.file, l.body, l.after)
	for i := range calls {
		call := &calls[i]
		callee := &facts.Exprs[facts.Exprs[call.Expr].A]
		if callee.Kind == fact.Name && callee.Sym != 0 && facts.Symbols[callee.Sym].Flags&fact.BoundParam != 0 &&
			facts.Exprs[call.Expr].Stmt < facts.Stmts[l.body].Next && e.isOutside(l.caught) {
			return facts.Text(callee.Text), callee.Sym
		}
		if name := e.repeatedCall(l.file, call, l.caught); name != "" {
			return name, 0
		}
	}
	return "", 0
}
