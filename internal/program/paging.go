package program

import (
	"math"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// pages finds the while loops around the expression that go on by what it answers: those that turn pages or ask until
// something is ready. How often is for the answers to say. A loop that does not look at them serves one request each time
// round, as a consumer does.
func (l *local) pages() {
	facts := l.e.p.Files[l.fn.File]
	if facts.Stmts[l.stmt].Kind == fact.While {
		l.turn(l.stmt)
	}
	for outer := range Enclosing(facts, l.stmt) {
		if facts.Stmts[outer].Kind == fact.While && InBlock(facts, l.stmt, outer, fact.Body) {
			l.turn(outer)
		}
	}
}

// turn notes that the expression runs as often as a loop goes round, where that is no retry and ends by what is answered.
func (l *local) turn(loop fact.Stmt) {
	if l.counted[loop] || !l.decides(loop) {
		return
	}
	rounds := Measure{math.NaN(), Place{l.fn.File, headOf(l.e.p.Files[l.fn.File], loop)}}
	l.out.Calls = times(l.out.Calls, rounds)
	if l.starts {
		l.out.AtOnce = times(l.out.AtOnce, rounds)
	}
}

// decides says whether a loop is ended by what the expression gives: its test, or one in front of a statement that leaves
// it, depends on it.
func (l *local) decides(loop fact.Stmt) bool {
	facts := l.e.p.Files[l.fn.File]
	from := l.answers(loop)
	if l.dependsOn(facts.Stmts[loop].A, from) {
		return true
	}
	for s := loop + 1; s < facts.Stmts[loop].Next; s++ {
		if k := facts.Stmts[s].Kind; k != fact.Break && k != fact.Return {
			continue
		}
		for outer := range Enclosing(facts, s) {
			if outer == loop {
				break
			}
			if st := &facts.Stmts[outer]; (st.Kind == fact.Arm || st.Kind == fact.If) && l.dependsOn(st.A, from) {
				return true
			}
		}
	}
	return false
}

// answers are the names that hold what the expression gives, or something made of it, inside a loop.
func (l *local) answers(loop fact.Stmt) map[fact.Sym]bool {
	facts := l.e.p.Files[l.fn.File]
	from := map[fact.Sym]bool{}
	for known := -1; known < len(from); {
		known = len(from)
		for s := loop + 1; s < facts.Stmts[loop].Next; s++ {
			st := &facts.Stmts[s]
			switch st.Kind {
			case fact.Assign:
				l.hand(st.A, facts.List(st.Targets), from)
			case fact.AnnAssign, fact.AugAssign, fact.Item:
				l.hand(st.A, []fact.Expr{st.B}, from)
			case fact.For:
				l.hand(st.A, facts.List(st.Targets), from)
			}
		}
	}
	return from
}

// hand notes the names of targets that are given something that depends on the expression.
func (l *local) hand(value fact.Expr, targets []fact.Expr, from map[fact.Sym]bool) {
	if !l.dependsOn(value, from) {
		return
	}
	facts := l.e.p.Files[l.fn.File]
	for _, target := range targets {
		facts.Walk(target, func(x fact.Expr) bool {
			if facts.Exprs[x].Kind == fact.Name && facts.Exprs[x].Sym != 0 {
				from[facts.Exprs[x].Sym] = true
			}
			return facts.Exprs[x].Kind == fact.Tuple || facts.Exprs[x].Kind == fact.ListDisplay
		})
	}
}

// dependsOn says whether a value holds the expression or one of the names.
func (l *local) dependsOn(value fact.Expr, from map[fact.Sym]bool) (depends bool) {
	facts := l.e.p.Files[l.fn.File]
	facts.Walk(value, func(x fact.Expr) bool {
		depends = depends || x == l.expr || facts.Exprs[x].Kind == fact.Name && from[facts.Exprs[x].Sym]
		return !depends
	})
	return depends
}
