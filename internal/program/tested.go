package program

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// That no test calls a function at a limit says something only where the tests that matter would be seen: those that call
// it directly. A function that tests reach in another way may be called with any values.

// reachedUnseen says whether tests may run fn with values that its direct calls do not show: a framework calls it, a
// function that tests call leads to it, or a test that uses the file names it other than in a call that is followed.
func (e *Eval) reachedUnseen(fn Func) bool {
	return e.isHandedOut(fn) || e.leadsFromTests(fn, maxCallerDepth, map[Func]bool{fn: true}) || e.namedInTests(fn)
}

// plainDecorators leave a function where it is, to be called by its name.
var plainDecorators = set(`staticmethod classmethod abstractmethod override final wraps cache lru_cache contextmanager asynccontextmanager`)

// isHandedOut says whether a decorator may give the function to somebody else to call: a route, a task, a filter.
func (e *Eval) isHandedOut(fn Func) bool {
	facts := e.p.Files[fn.File]
	return slices.ContainsFunc(facts.List(facts.Scopes[fn.Scope].Decorators), func(decorator fact.Expr) bool {
		x := &facts.Exprs[decorator]
		if x.Kind == fact.Call {
			x = &facts.Exprs[x.A]
		}
		_, plain := plainDecorators[facts.Text(x.Text)]
		return x.Kind != fact.Name && x.Kind != fact.Attr || !plain
	})
}

// leadsFromTests says whether a test calls a function that calls fn, through at most so many others.
func (e *Eval) leadsFromTests(fn Func, depth int, seen map[Func]bool) bool {
	e.p.asked.note(Ask{Root: fn})
	for _, site := range e.p.Callers(fn) {
		caller := Func{site.File, e.p.Call(site).Func}
		if e.p.IsTest(site.File) || seen[caller] || caller.Scope == 0 {
			continue
		}
		seen[caller] = true
		e.p.asked.note(Ask{Root: Func{caller.File, fact.NoScope}})
		called := slices.ContainsFunc(e.p.Callers(caller), func(outer CallSite) bool { return e.p.IsTest(outer.File) })
		if called || depth == 1 || e.leadsFromTests(caller, depth-1, seen) {
			return true
		}
	}
	return false
}

// namedInTests says whether a test file that calls something of the function's file also names the function, or the class
// that it constructs, where it is not known to call it: client.fits(size), a table of functions, a mock.
func (e *Eval) namedInTests(fn Func) bool {
	facts := e.p.Files[fn.File]
	name := facts.Scopes[fn.Scope].Name
	if class := facts.Class(fn.Scope); class != fact.NoScope && facts.Text(name) == "__init__" {
		name = facts.Scopes[class].Name
	}
	looked := map[FileID]bool{}
	for s := range facts.Scopes {
		for _, site := range e.p.Callers(Func{fn.File, fact.Scope(s)}) {
			if !e.p.IsTest(site.File) || looked[site.File] {
				continue
			}
			looked[site.File] = true
			if e.names(site.File, facts.Text(name), fn) {
				return true
			}
		}
	}
	return false
}

// names says whether a file has the name in an expression that is not what a known call of fn calls.
func (e *Eval) names(file FileID, name string, fn Func) bool {
	facts := e.p.Files[file]
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Name && x.Kind != fact.Attr || facts.Text(x.Text) != name || x.Flag {
			continue
		}
		if up := &facts.Exprs[x.Parent]; up.Kind == fact.Call && up.A == fact.Expr(i) {
			if call := e.p.CallAt(file, x.Parent); call != nil && (len(call.Targets) > 0 || call.Entry != nil) && !slices.Contains(call.Targets, fn) {
				continue // another one of the same name
			} else if call != nil && slices.Contains(call.Targets, fn) {
				continue
			}
		}
		return true
	}
	return false
}

// refusesPlainly says whether a comparison that decides ends in its being returned, or in a raise or a constant: what
// returns something else only shapes it, and mostly alike on both sides of the limit.
func refusesPlainly(facts *fact.File, e fact.Expr) bool {
	s := facts.Exprs[e].Stmt
	if facts.Stmts[s].Kind == fact.Return {
		return true
	}
	for inner := range facts.Block(s) {
		switch st := &facts.Stmts[inner]; st.Kind {
		case fact.Raise:
			return true
		case fact.Return:
			return st.A == 0 || isFlag(facts, st.A)
		}
	}
	return false
}
