package program

import (
	"math"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// loopBound reads the bound of the loop from its head and its handlers; ok is false where the loop goes through items.
func (e *Eval) loopBound(l *attemptLoop) (policy, bool) {
	facts := e.p.Files[l.file]
	st := &facts.Stmts[l.loop]
	q := policy{attempts: math.Inf(1), total: math.Inf(1), pause: "none", pauses: math.NaN()}
	q.attemptsAt = Place{l.file, facts.Exprs[st.A].Span}
	if st.Kind == fact.For {
		if !e.forBound(l, &q) {
			return q, false
		}
	} else {
		e.whileBound(l, &q)
	}
	if math.IsInf(q.attempts, 1) {
		if l.bounded {
			q.attempts = math.NaN()
		}
		e.counterBound(l, &q)
	}
	if math.IsInf(q.attempts, 1) {
		e.scopeTotal(l, &q)
	}
	return q, true
}

// forBound reads the iterable of a for loop.
func (e *Eval) forBound(l *attemptLoop, q *policy) bool {
	facts := e.p.Files[l.file]
	st := &facts.Stmts[l.loop]
	iterable := &facts.Exprs[st.A]
	if iterable.Kind == fact.Call {
		args := facts.OperandsOf(st.A)
		switch callee := e.One(ExprRef{l.file, iterable.A}); callee.Path {
		case "builtins.range":
			q.attempts = e.rangeLength(l.file, args)
			steps := strings.ToLower(e.p.Text(ExprRef{l.file, st.A}))
			return !hasAny(steps, []string{"redirect", "page", "chunk", "hops", "len("}) && !e.usesTarget(l)
		case "itertools.count":
			return !e.usesTarget(l)
		case "itertools.repeat":
			if len(args) > 1 {
				q.attempts = math.NaN()
			}
			return true
		}
		if hasAny(strings.ToLower(calleeName(facts, st.A)), []string{"retr", "backoff", "attempt"}) {
			q.attempts, q.pause = math.NaN(), "?"
			return true
		}
		return false
	}
	return e.delaysBound(l, q)
}

// delaysBound is for a loop over a list of numbers, which are the pauses: one attempt for each.
func (e *Eval) delaysBound(l *attemptLoop, q *policy) bool {
	facts := e.p.Files[l.file]
	v := e.One(ExprRef{l.file, facts.Stmts[l.loop].A})
	if v.Kind != Instance || v.Path != "builtins.tuple" && v.Path != "builtins.list" || v.Origin.Expr == 0 {
		return false
	}
	other := e.p.Files[v.Origin.File]
	items := other.OperandsOf(v.Origin.Expr)
	for _, item := range items {
		if _, ok := other.Number(item); !ok && !other.IsNone(item) {
			return false
		}
	}
	q.attempts = float64(len(items))
	return len(items) > 0 && !e.usesTarget(l)
}

func (e *Eval) rangeLength(file FileID, args []fact.Expr) float64 {
	if len(args) == 0 || len(args) > 2 {
		return math.NaN()
	}
	n := e.Number(ExprRef{file, args[len(args)-1]})
	first := Number{Known: true}
	if len(args) == 2 {
		first = e.Number(ExprRef{file, args[0]})
	}
	if !n.Known || !first.Known {
		return math.NaN()
	}
	return math.Max(0, n.Value-first.Value)
}

// whileBound reads the test of a while loop: a constant and a flag that the try sets do not bound it, everything else
// does in some way.
func (e *Eval) whileBound(l *attemptLoop, q *policy) {
	facts := e.p.Files[l.file]
	st := &facts.Stmts[l.loop]
	for _, part := range conjuncts(facts, st.A) {
		x := &facts.Exprs[part]
		switch {
		case x.Kind == fact.TrueConst || x.Kind == fact.IntConst:
		case l.isFlag(e, part):
		case e.countsDown(l, part):
			q.attempts = e.startOf(l, part)
		case x.Kind == fact.Compare && (x.Op == fact.OpLt || x.Op == fact.OpLtE || x.Op == fact.OpNotEq):
			q.attempts = math.NaN()
			if n := e.Number(ExprRef{l.file, x.B}); n.Known && !n.None && e.isCounter(l, x.A) {
				q.attempts = n.Value
				if x.Op == fact.OpLtE {
					q.attempts++
				}
			}
		default:
			q.attempts = math.NaN()
		}
	}
}

func conjuncts(facts *fact.File, test fact.Expr) []fact.Expr {
	if x := &facts.Exprs[test]; x.Kind == fact.Bool && x.Op == fact.OpAnd {
		return facts.List(x.Ops)
	}
	return []fact.Expr{test}
}

// isFlag says whether this part of the test asks for what the body of the try sets.
func (l *attemptLoop) isFlag(e *Eval, part fact.Expr) bool {
	facts := e.p.Files[l.file]
	set := map[string]fact.Expr{}
	for s := l.body; s < l.after; s++ {
		if st := &facts.Stmts[s]; st.Kind == fact.Assign {
			for _, target := range facts.List(st.Targets) {
				set[e.p.Text(ExprRef{l.file, target})] = st.A
			}
		}
	}
	return e.asksFor(l.file, part, set)
}

// countsDown says whether this part of the test is a number that the loop takes one from: "while tries", "while
// tries > 0".
func (e *Eval) countsDown(l *attemptLoop, part fact.Expr) bool {
	facts := e.p.Files[l.file]
	x := &facts.Exprs[part]
	if x.Kind == fact.Compare && x.Op == fact.OpGt {
		if n, ok := facts.Number(x.B); !ok || n != 0 {
			return false
		}
		x = &facts.Exprs[x.A]
	}
	return x.Kind == fact.Name && x.Sym != 0 && e.steps(l, x.Sym) == fact.OpSub
}

// startOf gives the number from which such a test counts down; NaN where it is not known.
func (e *Eval) startOf(l *attemptLoop, part fact.Expr) float64 {
	facts := e.p.Files[l.file]
	x := &facts.Exprs[part]
	if x.Kind == fact.Compare {
		x = &facts.Exprs[x.A]
	}
	start := math.NaN()
	for _, def := range facts.DefsOf(x.Sym) {
		if def.Kind == fact.DefAssign && def.Stmt < l.loop {
			if n := e.Number(ExprRef{l.file, def.Value}); n.Known && !n.None {
				start = n.Value
			}
		}
	}
	return start
}

// steps gives the operator by which the loop changes the name by one; NoOp where it does not.
func (e *Eval) steps(l *attemptLoop, name fact.Sym) fact.Op {
	facts := e.p.Files[l.file]
	for _, def := range facts.DefsOf(name) {
		if def.Kind == fact.DefAugment && def.Stmt > l.loop && def.Stmt < facts.Stmts[l.loop].Next {
			if n, ok := facts.Number(facts.Stmts[def.Stmt].A); ok && n == 1 {
				return facts.Stmts[def.Stmt].Op
			}
		}
	}
	return fact.NoOp
}

// isCounter says whether the loop adds one to the name.
func (e *Eval) isCounter(l *attemptLoop, name fact.Expr) bool {
	facts := e.p.Files[l.file]
	x := &facts.Exprs[name]
	if x.Kind != fact.Name || x.Sym == 0 {
		return false
	}
	return e.steps(l, x.Sym) == fact.OpAdd
}

// counterBound looks for "if attempt >= n: raise" in a loop that its head does not bound.
func (e *Eval) counterBound(l *attemptLoop, q *policy) {
	facts := e.p.Files[l.file]
	for s := l.body; s < facts.Stmts[l.loop].Next; s++ {
		st := &facts.Stmts[s]
		if st.Kind != fact.Arm || st.A == 0 {
			continue
		}
		x := &facts.Exprs[st.A]
		if x.Kind != fact.Compare || !e.isCounter(l, x.A) {
			continue
		}
		n := e.Number(ExprRef{l.file, x.B})
		if !n.Known || n.None {
			continue
		}
		switch x.Op {
		case fact.OpGtE, fact.OpEq:
			q.attempts = n.Value
		case fact.OpGt:
			q.attempts = n.Value + 1
		default:
			continue
		}
		q.attemptsAt = Place{l.file, facts.Exprs[st.A].Span}
		if e.isUsed(l, &facts.Exprs[x.A]) {
			q.pause = "?" // each attempt does another thing
		}
		return
	}
}

// scopeTotal reads the time that scopes around the loop leave it: "async with asyncio.timeout(30)".
func (e *Eval) scopeTotal(l *attemptLoop, q *policy) {
	facts := e.p.Files[l.file]
	fn := Func{l.file, facts.Stmts[l.loop].Scope}
	for _, context := range e.Contexts(fn, l.loop) {
		if context.Entry == nil || context.Entry.Deadline == nil || !context.Entry.Deadline.Scope {
			continue
		}
		if b, ok := e.scopeBound(&context); ok && !math.IsInf(b.seconds, 1) {
			q.total, q.totalAt = b.seconds, b.where
			return
		}
	}
	if guards := e.callerDeadlines(nil, fn); len(guards) > 0 {
		q.total, q.totalAt = guards[0].Seconds, guards[0].Where
	}
}
