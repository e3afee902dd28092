package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// assertSites adds the asserts outside tests that check the value of what a caller passed in: python -O removes them.
// Asserts that narrow a type for a checker or state what the code itself just established are left alone.
func (e *Eval) assertSites(sites []Site, file FileID) []Site {
	facts := e.p.Files[file]
	if e.p.IsTest(file) {
		return sites
	}
	for s := fact.Stmt(1); int(s) < len(facts.Stmts); s++ {
		st := &facts.Stmts[s]
		if st.Kind != fact.Assert || facts.Scopes[st.Scope].Kind != fact.FunctionScope || !isPublic(facts, st.Scope) {
			continue
		}
		if !e.checksInput(file, st) {
			continue
		}
		sites = append(sites, Site{
			Effect: Admit, Func: Func{file, st.Scope}, At: Place{file, st.Span}, Stmt: s, What: "assert",
			Text: e.p.Text(ExprRef{file, st.A}), Detail: e.p.Text(ExprRef{file, st.A}), Fault: assertAsValidation,
		})
	}
	return sites
}

// isPublic says whether a function can be called from outside its module by the convention of PEP 8: neither it nor
// anything it is nested in starts with an underscore, and it is not nested in another function.
func isPublic(facts *fact.File, s fact.Scope) bool {
	for ; s != 0 && s != fact.NoScope; s = facts.Scopes[s].Parent {
		scope := &facts.Scopes[s]
		name := facts.Text(scope.Name)
		if strings.HasPrefix(name, "_") && name != "__init__" && name != "__call__" {
			return false
		}
		if parent := scope.Parent; parent != fact.NoScope && facts.Scopes[parent].Kind == fact.FunctionScope {
			return false
		}
	}
	return true
}

// checksInput says whether an assert compares a value that came in through a parameter with a limit, or tests its
// membership, or checks it with a message for the caller.
func (e *Eval) checksInput(file FileID, st *fact.StmtInfo) bool {
	facts := e.p.Files[file]
	switch x := &facts.Exprs[st.A]; x.Kind {
	case fact.Compare:
		return e.checksValue(file, x, st.B != 0)
	case fact.Bool:
		for _, part := range facts.List(x.Ops) {
			if c := &facts.Exprs[part]; c.Kind == fact.Compare && e.checksValue(file, c, st.B != 0) {
				return true
			}
		}
	}
	return false
}

func (e *Eval) checksValue(file FileID, x *fact.ExprInfo, hasMessage bool) bool {
	facts := e.p.Files[file]
	a, b := e.fromInput(file, x.A, 0), e.fromInput(file, x.B, 0)
	if !a && !b {
		return false
	}
	switch x.Op {
	case fact.OpLt, fact.OpLtE, fact.OpGt, fact.OpGtE:
		return true
	case fact.OpIn, fact.OpNotIn:
		return a && isDisplay(facts, x.B)
	case fact.OpEq, fact.OpNotEq:
		return hasMessage && a != b
	}
	return false
}

func isDisplay(facts *fact.File, e fact.Expr) bool {
	switch facts.Exprs[e].Kind {
	case fact.Tuple, fact.ListDisplay, fact.SetDisplay, fact.DictDisplay:
		return true
	}
	return false
}

// maxInputSteps bounds how many assignments a value is followed back through.
const maxInputSteps = 6

// fromInput says whether an expression is a parameter of the function, an element or conversion of one, or a local
// name that was given such a value.
func (e *Eval) fromInput(file FileID, expr fact.Expr, steps int) bool {
	if steps > maxInputSteps || expr == 0 {
		return false
	}
	facts := e.p.Files[file]
	x := &facts.Exprs[expr]
	switch x.Kind {
	case fact.Name:
		if x.Sym == 0 || selfClass(facts, expr) != fact.NoScope {
			return false
		}
		if facts.Symbols[x.Sym].Flags&fact.BoundParam != 0 {
			return true
		}
		defs := facts.DefsOf(x.Sym)
		return len(defs) == 1 && defs[0].Kind == fact.DefAssign && e.fromInput(file, defs[0].Value, steps+1)
	case fact.Subscript:
		return e.fromInput(file, x.A, steps+1)
	case fact.Call:
		callee := &facts.Exprs[x.A]
		args := facts.OperandsOf(expr)
		if callee.Kind == fact.Attr && facts.Text(callee.Text) == "get" {
			return e.fromInput(file, callee.A, steps+1)
		}
		if callee.Kind == fact.Name && callee.Sym == 0 && len(args) == 1 {
			switch facts.Text(callee.Text) {
			case "int", "float", "str", "len", "abs":
				return e.fromInput(file, args[0], steps+1)
			}
		}
	}
	return false
}
