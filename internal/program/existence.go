package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/sql"
)

// existenceWords are parts of the names of functions that ask whether something was done already.
var existenceWords = []string{"exist", "already", "processed", "seen", "handled", "duplicate", "get_or_none", "one_or_none", "find_one"}

// checkedBefore adds the guard of a check that the write was not done yet: "if await seen(key): return" ahead of it in
// its block or one around it, or "if not seen(key):" around it.
func (e *Eval) checkedBefore(guards []Guard, file FileID, call *CallInfo) []Guard {
	facts := e.p.Files[file]
	stmt := facts.Exprs[call.Expr].Stmt
	by, repeated := e.p.retryAround(Func{file, call.Func}, stmt)
	add := func(test fact.Expr) []Guard {
		where := Place{file, facts.Exprs[test].Span}
		weak := ""
		if repeated && !e.insideRetry(where, &by) {
			weak = "asked before the first attempt only"
		}
		return append(guards, Guard{Kind: Idempotency, From: "check", Text: "check", Where: where, Weak: weak})
	}
	for child := stmt; child != 0; child = facts.Stmts[child].Parent {
		if st := &facts.Stmts[child]; st.Kind == fact.Arm && st.A != 0 && isAbsent(facts, st.A) && e.asksExistence(file, st.A) {
			return add(st.A)
		}
		for s := e.blockStart(file, child); s < child; s = facts.Stmts[s].Next {
			if facts.Stmts[s].Kind != fact.If {
				continue
			}
			arm := s + 1
			o := leaving(facts).through(arm)
			if o.fall == 0 && (o.leave|o.cont|o.brk|o.raise) != 0 && !isAbsent(facts, facts.Stmts[arm].A) && e.asksExistence(file, facts.Stmts[arm].A) {
				return add(facts.Stmts[arm].A)
			}
		}
	}
	return guards
}

// blockStart is the first statement of the block that s stands in.
func (e *Eval) blockStart(file FileID, s fact.Stmt) fact.Stmt {
	facts := e.p.Files[file]
	if parent := facts.Stmts[s].Parent; parent != 0 {
		switch facts.Stmts[parent].Kind {
		case fact.If, fact.Try, fact.For, fact.While, fact.With, fact.Match:
			return s // a block of a compound statement
		}
		return parent + 1
	}
	return facts.Scopes[facts.Stmts[s].Scope].BodyFirst
}

// isAbsent says whether a condition holds where something is not there: "not x", "x is None".
func isAbsent(facts *fact.File, test fact.Expr) bool {
	x := &facts.Exprs[test]
	return x.Kind == fact.Unary && x.Op == fact.OpNot || x.Kind == fact.Compare && x.Op == fact.OpIs && facts.IsNone(x.B)
}

// asksExistence says whether a condition is the answer to a query by key: a SELECT with a WHERE clause, or a function
// that is named for it, directly or through a name.
func (e *Eval) asksExistence(file FileID, test fact.Expr) bool {
	return e.asks(file, test, 0)
}

func (e *Eval) asks(file FileID, expr fact.Expr, depth int) bool {
	facts := e.p.Files[file]
	found := false
	if depth > 2 {
		return false
	}
	facts.Walk(expr, func(child fact.Expr) bool {
		x := &facts.Exprs[child]
		switch x.Kind {
		case fact.Call:
			found = found || e.isExistenceCall(file, child)
		case fact.Name:
			if x.Sym == 0 || facts.Symbols[x.Sym].Scope == 0 {
				return true
			}
			for _, def := range facts.DefsOf(x.Sym) {
				if (def.Kind == fact.DefAssign || def.Kind == fact.DefNamed) && def.Value != 0 {
					found = found || e.asks(file, def.Value, depth+1)
				}
			}
		}
		return !found
	})
	return found
}

func (e *Eval) isExistenceCall(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	name := strings.ToLower(calleeName(facts, call))
	if hasAny(name, existenceWords) {
		return true
	}
	if _, ok := statementMethods[name]; !ok {
		return false
	}
	for _, s := range e.statements(file, call, 0) {
		if s.Verb == sql.Select && len(s.Keys) > 0 {
			return true
		}
	}
	return false
}

// conflictHandled adds the guard of a handler for the error that a second row gives: except IntegrityError.
func (e *Eval) conflictHandled(guards []Guard, file FileID, call *CallInfo) []Guard {
	facts := e.p.Files[file]
	stmt := facts.Exprs[call.Expr].Stmt
	for handler := range Handlers(facts, stmt) {
		caught := facts.Stmts[handler].A
		if caught == 0 {
			continue
		}
		for _, name := range e.exceptionNames(ExprRef{file, caught}) {
			if hasWord(name, []string{"integrity", "uniqueviolation", "duplicate", "alreadyexists", "conflict"}) {
				return append(guards, Guard{
					Kind: Idempotency, From: "handler", Text: "conflict handled", Where: Place{file, facts.Exprs[caught].Span},
				})
			}
		}
	}
	return guards
}
