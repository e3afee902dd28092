package program

import (
	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// fanout adds gather(*(f(x) for x in xs)) and its like: as many at once as there are items.
func (e *Eval) fanout(sites []Site, file FileID, call *CallInfo) []Site {
	facts := e.p.Files[file]
	for _, arg := range facts.OperandsOf(call.Expr) {
		source := arg
		if x := &facts.Exprs[arg]; x.Kind == fact.Starred {
			source = x.A
		}
		if b, ok := e.batchOf(file, source); ok {
			return append(sites, e.fanoutSite(file, call, b))
		}
	}
	return sites
}

// batch is work that is started once for each item of a collection.
type batch struct {
	items []fact.Expr // what is iterated over
	work  fact.Expr   // what is started for each
}

// batchOf reads an argument of gather: a comprehension, map(f, items), or a list that a loop fills.
func (e *Eval) batchOf(file FileID, source fact.Expr) (batch, bool) {
	facts := e.p.Files[file]
	if comp := e.comprehension(file, source); comp != 0 {
		b := batch{work: facts.Exprs[comp].A}
		for _, clause := range facts.OperandsOf(comp) {
			if c := &facts.Exprs[clause]; c.Kind == fact.CompFor {
				b.items = append(b.items, c.B)
			}
		}
		return b, len(b.items) > 0
	}
	if call := e.p.CallAt(file, source); call != nil && call.Path == "builtins.map" {
		if args := facts.OperandsOf(source); len(args) >= 2 {
			return batch{items: args[1:], work: args[0]}, true
		}
	}
	return e.filledBy(file, source)
}

// filledBy reads "for x in items: tasks.append(start(x))" where source is the name tasks.
func (e *Eval) filledBy(file FileID, source fact.Expr) (batch, bool) {
	facts := e.p.Files[file]
	name := &facts.Exprs[source]
	if name.Kind != fact.Name || name.Sym == 0 {
		return batch{}, false
	}
	for i := range e.p.calls[file] {
		expr := e.p.calls[file][i].Expr
		callee := &facts.Exprs[facts.Exprs[expr].A]
		args := facts.OperandsOf(expr)
		if callee.Kind != fact.Attr || facts.Text(callee.Text) != "append" || len(args) != 1 || facts.Exprs[callee.A].Sym != name.Sym {
			continue
		}
		loop := Loop(facts, facts.Exprs[expr].Stmt)
		if facts.Exprs[callee.A].Kind == fact.Name && loop != 0 && facts.Stmts[loop].Kind == fact.For {
			return batch{items: []fact.Expr{facts.Stmts[loop].A}, work: args[0]}, true
		}
	}
	return batch{}, false
}

func (e *Eval) fanoutSite(file FileID, call *CallInfo, b batch) Site {
	at := &e.p.Files[file].Exprs[call.Expr]
	site := Site{
		Effect: Spawn, Func: Func{file, call.Func}, At: Place{file, at.Span}, Expr: call.Expr, Stmt: at.Stmt,
		What: call.Entry.Path, Entry: call.Entry, Text: call.Entry.Path + "(*)", Strict: e.p.IsTest(file),
		Detail: e.p.Text(ExprRef{file, b.items[0]}),
	}
	switch guard := e.fanoutBound(file, b.work); {
	case guard != nil:
		site.Guards = []Guard{*guard}
	case e.itemsUnbounded(file, b.items):
		site.Fault = unboundedFanout
	}
	return site
}

// loopFanout judges a task that a group starts for each item of a loop.
func (e *Eval) loopFanout(sites []Site, file FileID, call *CallInfo) []Site {
	facts := e.p.Files[file]
	loop := Loop(facts, facts.Exprs[call.Expr].Stmt)
	args := facts.OperandsOf(call.Expr)
	if loop == 0 || facts.Stmts[loop].Kind != fact.For || len(args) == 0 {
		return sites
	}
	return append(sites, e.fanoutSite(file, call, batch{items: []fact.Expr{facts.Stmts[loop].A}, work: args[0]}))
}

// comprehension gives the comprehension that an argument is, or that the name it is was assigned; 0 for others.
func (e *Eval) comprehension(file FileID, expr fact.Expr) fact.Expr {
	facts := e.p.Files[file]
	x := &facts.Exprs[expr]
	switch x.Kind {
	case fact.Comp:
		return expr
	case fact.Name:
		if x.Sym == 0 || facts.Symbols[x.Sym].DefCount != 1 {
			return 0
		}
		if def := facts.DefsOf(x.Sym)[0]; def.Kind == fact.DefAssign && facts.Exprs[def.Value].Kind == fact.Comp {
			return def.Value
		}
	}
	return 0
}

// fanoutBound finds a semaphore that each item's work enters.
func (e *Eval) fanoutBound(file FileID, work fact.Expr) *Guard {
	facts := e.p.Files[file]
	if v := e.One(ExprRef{file, work}); v.Kind == Function {
		if place, ok := e.entersSemaphore(v.Def); ok {
			return &Guard{Kind: Bound, From: "semaphore", Text: "semaphore", Where: place}
		}
	}
	var found *Guard
	facts.Walk(work, func(expr fact.Expr) bool {
		info := e.p.CallAt(file, expr)
		if info == nil || found != nil {
			return found == nil
		}
		for _, target := range info.Targets {
			if place, ok := e.entersSemaphore(target); ok {
				found = &Guard{Kind: Bound, From: "semaphore", Text: "semaphore", Where: place}
			}
		}
		for _, arg := range facts.OperandsOf(expr) {
			if v := e.One(ExprRef{file, arg}); v.Path != "" && e.p.entry(v.Path).Has(catalog.RoleSemaphore) {
				found = &Guard{Kind: Bound, From: "semaphore", Text: "semaphore", Where: e.p.PlaceOf(ExprRef{file, arg})}
			}
		}
		return found == nil
	})
	return found
}

// entersSemaphore says whether a function's code, or a decorator of it, enters a semaphore or limiter.
func (e *Eval) entersSemaphore(fn Func) (Place, bool) {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	for s := scope.BodyFirst; s < scope.BodyEnd; s++ {
		if st := &facts.Stmts[s]; st.Kind == fact.Item {
			ref := ExprRef{fn.File, st.A}
			if e.contextEntry(ref, e.Of(ref)).Has(catalog.RoleSemaphore) {
				return e.p.PlaceOf(ref), true
			}
		}
	}
	for _, context := range e.decoratorContexts(nil, fn) {
		if context.Entry.Has(catalog.RoleSemaphore) {
			return e.p.PlaceOf(context.Item), true
		}
	}
	return Place{}, false
}

// itemsUnbounded says whether one of the collections is data whose size the caller decides: a parameter of the
// function, or something reached from one.
func (e *Eval) itemsUnbounded(file FileID, items []fact.Expr) bool {
	for _, item := range items {
		if e.fromParameter(file, item) {
			return true
		}
	}
	return false
}

// fromParameter says whether the expression is a parameter other than self, also through enumerate, zip, sorted and
// methods of a mapping. A slice with an end is bounded.
func (e *Eval) fromParameter(file FileID, expr fact.Expr) bool {
	facts := e.p.Files[file]
	x := &facts.Exprs[expr]
	switch x.Kind {
	case fact.Name:
		return e.isParameter(ExprRef{file, expr}) && selfClass(facts, expr) == fact.NoScope
	case fact.Call:
		callee := &facts.Exprs[x.A]
		if callee.Kind == fact.Attr {
			switch facts.Text(callee.Text) {
			case "items", "values", "keys":
				return e.fromParameter(file, callee.A)
			}
			return false
		}
		switch e.One(ExprRef{file, x.A}).Path {
		case "builtins.enumerate", "builtins.zip", "builtins.sorted", "builtins.list", "builtins.set", "builtins.reversed", "builtins.tuple":
			for _, arg := range facts.OperandsOf(expr) {
				if e.fromParameter(file, arg) {
					return true
				}
			}
		}
	}
	return false
}
