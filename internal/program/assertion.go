package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// assertSites adds the asserts outside tests that check the value of what a caller passed in: python -O removes them.
// Asserts that narrow a type for a checker or state what the code itself just established are left alone.
func (e *Eval) assertSites(sites []Site, file FileID) []Site {
	facts := e.p.Files[file]
	if e.p.IsTest(file) {
		return sites
	}
	for _, s := range e.p.index[file].spots.asserts {
		st := &facts.Stmts[s]
		if facts.Scopes[st.Scope].Kind != fact.FunctionScope || !isPublic(facts, st.Scope) {
			continue
		}
		if !e.checksInput(file, st) || e.saysOwnMistake(file, s) {
			continue
		}
		sites = append(sites, Site{
			Effect: Admit, Func: Func{file, st.Scope}, At: Place{file, st.Span}, Stmt: s, What: "assert",
			Text: e.p.Text(ExprRef{file, st.A}), Detail: e.p.Text(ExprRef{file, st.A}), Fault: assertAsValidation,
		})
	}
	return sites
}

// saysOwnMistake says whether the docstring of the function, or a comment at the assert, calls what it finds a mistake of
// the program itself, which an assert is for.
func (e *Eval) saysOwnMistake(file FileID, s fact.Stmt) bool {
	facts := e.p.Files[file]
	return claimsOwnMistake(docstringOf(facts, facts.Stmts[s].Scope)) || commentSays(facts, s, claimsOwnMistake)
}

// docstringOf is the docstring of a function, "" where it has none.
func docstringOf(facts *fact.File, fn fact.Scope) string {
	if st := &facts.Stmts[facts.Scopes[fn].BodyFirst]; st.Kind == fact.ExprStmt && facts.Exprs[st.A].Kind == fact.StrConst {
		return facts.Text(facts.Exprs[st.A].Text)
	}
	return ""
}

func claimsOwnMistake(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"developer error", "programming error", "programmer error", "sanity check"}, func(claim string) bool {
		return strings.Contains(text, claim)
	})
}

// isPublic says whether a function can be called from outside its module by the convention of PEP 8: neither it nor
// anything it is nested in starts with an underscore, and it is not nested in another function.
func isPublic(facts *fact.File, s fact.Scope) bool {
	for ; s != 0 && s != fact.NoScope; s = facts.Scopes[s].Parent {
		scope := &facts.Scopes[s]
		name := facts.Text(scope.Name)
		if strings.HasPrefix(name, "_") && name != "__init__" && name != "__call__" && !checksFields(name) {
			return false
		}
		if parent := scope.Parent; parent != fact.NoScope && facts.Scopes[parent].Kind == fact.FunctionScope {
			return false
		}
	}
	return true
}

// checksFields says whether a method of this name is run by the generated constructor, to look at the fields it was given.
func checksFields(method string) bool {
	return method == "__post_init__" || method == "__attrs_post_init__"
}

// checksInput says whether an assert tests a value that came in through a parameter: compares it with a limit, or,
// with a message for the caller, tests it in any way that is not about its type.
func (e *Eval) checksInput(file FileID, st *fact.StmtInfo) bool {
	return e.checksValue(file, st.A, st.B != 0)
}

func (e *Eval) checksValue(file FileID, test fact.Expr, hasMessage bool) bool {
	facts := e.p.Files[file]
	x := &facts.Exprs[test]
	switch x.Kind {
	case fact.Bool:
		for _, part := range facts.List(x.Ops) {
			if e.checksValue(file, part, hasMessage) {
				return true
			}
		}
	case fact.Unary:
		return x.Op == fact.OpNot && e.checksValue(file, x.A, hasMessage)
	case fact.Compare:
		return e.checksComparison(file, x, hasMessage)
	case fact.Name:
		return hasMessage && e.fromInput(file, test, 0)
	case fact.Attr:
		return e.fromInput(file, x.A, 0) && (hasMessage || authorizes(facts.Text(x.Text)))
	case fact.Call:
		return hasMessage && e.checksCall(file, test, x)
	}
	return false
}

func (e *Eval) checksComparison(file FileID, x *fact.ExprInfo, hasMessage bool) bool {
	facts := e.p.Files[file]
	a, b := e.fromInput(file, x.A, 0), e.fromInput(file, x.B, 0)
	if !a && !b {
		return false
	}
	switch x.Op {
	case fact.OpLt, fact.OpLtE, fact.OpGt, fact.OpGtE:
		return true
	case fact.OpIn, fact.OpNotIn:
		return a && hasMessage
	case fact.OpEq, fact.OpNotEq:
		return hasMessage && (a && isLiteral(facts, x.B) || b && isLiteral(facts, x.A))
	}
	return false
}

// isLiteral says whether an expression is a constant or a display of constants.
func isLiteral(facts *fact.File, e fact.Expr) bool {
	x := &facts.Exprs[e]
	switch x.Kind {
	case fact.StrConst, fact.BytesConst, fact.IntConst, fact.FloatConst, fact.TrueConst, fact.FalseConst:
		return true
	case fact.Tuple, fact.ListDisplay:
		for _, part := range facts.List(x.Ops) {
			if !isLiteral(facts, part) {
				return false
			}
		}
		return true
	}
	return false
}

// checksCall judges a test that is a call: a method of the value, or a function that is given it and does more than
// look at its type.
func (e *Eval) checksCall(file FileID, call fact.Expr, x *fact.ExprInfo) bool {
	info := e.p.CallAt(file, call)
	if info != nil && info.Entry.Has(catalog.RoleNarrow) {
		return false
	}
	facts := e.p.Files[file]
	callee := &facts.Exprs[x.A]
	if callee.Kind == fact.Name && callee.Sym == 0 {
		switch facts.Text(callee.Text) {
		case "isinstance", "issubclass", "callable", "hasattr", "type":
			return false
		}
	}
	if callee.Kind == fact.Attr && e.fromInput(file, callee.A, 0) {
		return true
	}
	for _, arg := range facts.OperandsOf(call) {
		if e.fromInput(file, arg, 0) {
			return true
		}
	}
	return false
}

// authorizes says whether an attribute tells that somebody may do something.
func authorizes(name string) bool {
	switch name {
	case "is_admin", "is_staff", "is_superuser", "is_authenticated", "is_active", "is_owner", "authorized", "authenticated":
		return true
	}
	return strings.HasPrefix(name, "can_") || strings.HasPrefix(name, "may_") || strings.HasPrefix(name, "has_perm")
}

// maxInputSteps bounds how many assignments a value is followed back through.
const maxInputSteps = 6

// fromInput says whether an expression is a parameter of the function, the body of a request, a field that the generated
// constructor was given, an element or conversion of one, or a local name that was given such a value.
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
		defs := facts.DefsOf(x.Sym)
		if facts.Symbols[x.Sym].Flags&fact.BoundParam != 0 {
			return len(defs) == 1 // assigned again, it is no longer what came in
		}
		return len(defs) == 1 && defs[0].Kind == fact.DefAssign && e.fromInput(file, defs[0].Value, steps+1)
	case fact.Await:
		return e.fromInput(file, x.A, steps+1)
	case fact.Subscript:
		return e.fromInput(file, x.A, steps+1)
	case fact.Attr:
		if selfClass(facts, x.A) != fact.NoScope && checksFields(facts.Text(facts.Scopes[callerScope(facts, x.Scope)].Name)) {
			return true
		}
		return e.givesBody(file, expr) || e.fromInput(file, x.A, steps+1)
	case fact.Call:
		if e.givesBody(file, expr) {
			return true
		}
		callee := &facts.Exprs[x.A]
		args := facts.OperandsOf(expr)
		if callee.Kind == fact.Attr {
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
