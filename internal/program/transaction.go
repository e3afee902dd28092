package program

import (
	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// transactionNames are the names of methods and functions that open a transaction, for objects of which nothing is
// known.
var transactionNames = set(`transaction begin begin_nested atomic savepoint in_transaction start_transaction`)

// transactionGuards adds what makes the writes around the call one: a context manager, a decorator, the scope of every
// caller, a commit behind it.
func (e *Eval) transactionGuards(guards []Guard, file FileID, call *CallInfo) []Guard {
	fn := Func{file, call.Func}
	stmt := e.p.Files[file].Exprs[call.Expr].Stmt
	if g, ok := e.transactionAround(fn, stmt); ok {
		return append(guards, g)
	}
	if g, ok := e.committed(fn, stmt); ok {
		return append(guards, g)
	}
	var outer Guard
	if e.p.everyCaller(fn, transactionAtCall, func(found []Guard) {
		if outer.Kind == "" {
			outer = found[0]
			outer.From = "caller"
		}
	}) && outer.Kind != "" {
		return append(guards, outer)
	}
	return guards
}

// transactionAtCall gives the transaction that is open around a call.
func transactionAtCall(e *Eval, site CallSite) (guards []Guard, holds bool) {
	call := e.p.Call(site)
	g, ok := e.transactionAround(Func{site.File, call.Func}, e.p.Files[site.File].Exprs[call.Expr].Stmt)
	return []Guard{g}, ok
}

// transactionAround finds a transaction that is open around a statement.
func (e *Eval) transactionAround(fn Func, stmt fact.Stmt) (Guard, bool) {
	for _, context := range e.Contexts(fn, stmt) {
		if context.Entry.Has(catalog.RoleTransaction) || context.Entry == nil && e.namedTransaction(context.Item) {
			return Guard{Kind: Transaction, From: context.From, Text: "transaction", Where: e.p.PlaceOf(context.Item)}, true
		}
	}
	facts := e.p.Files[fn.File]
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		if e.namedTransaction(ExprRef{fn.File, decorator}) {
			return Guard{Kind: Transaction, From: "decorator", Text: "transaction", Where: Place{fn.File, facts.Exprs[decorator].Span}}, true
		}
	}
	return Guard{}, false
}

// namedTransaction says whether an expression is, or calls, something that is named for opening a transaction.
func (e *Eval) namedTransaction(ref ExprRef) bool {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if x.Kind == fact.Call {
		x = &facts.Exprs[x.A]
	}
	if x.Kind != fact.Name && x.Kind != fact.Attr {
		return false
	}
	_, ok := transactionNames[facts.Text(x.Text)]
	return ok
}

// committed finds a commit of the same function behind the statement.
func (e *Eval) committed(fn Func, stmt fact.Stmt) (Guard, bool) {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	if scope.Kind != fact.FunctionScope {
		return Guard{}, false
	}
	calls := e.p.callsWithin(fn.File, stmt+1, scope.BodyEnd)
	for i := range calls {
		call := &calls[i]
		if call.Func != fn.Scope {
			continue
		}
		if call.Entry.Has(catalog.RoleCommit) || call.Entry == nil && len(call.Targets) == 0 && calleeName(facts, call.Expr) == "commit" {
			return Guard{Kind: Transaction, From: "commit", Text: "commit", Where: Place{fn.File, facts.Exprs[call.Expr].Span}}, true
		}
	}
	return Guard{}, false
}
