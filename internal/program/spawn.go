package program

import (
	"sort"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// The rules that concurrent work may break.
const (
	orphanTask            = "orphan-task"
	unboundedFanout       = "unbounded-fanout"
	swallowedCancellation = "swallowed-cancellation"
)

// spawnSites finds where a file starts concurrent work, who owns it and what bounds it, and the handlers that may
// swallow a cancellation.
func (p *Program) spawnSites(eval *Eval, file FileID) []Site {
	var sites []Site
	for i := range p.calls[file] {
		call := &p.calls[file][i]
		if entry := call.Entry; entry != nil && entry.Spawn != nil {
			switch {
			case entry.Spawn.What == "task" && entry.Spawn.Starts && !entry.Spawn.Owned:
				sites = append(sites, eval.taskSite(file, call, entry))
			case entry.Spawn.What == "gather":
				sites = eval.fanout(sites, file, call)
			}
			continue
		}
		if entry := eval.startedInside(call); entry != nil {
			sites = append(sites, eval.taskSite(file, call, entry))
		}
	}
	sites = eval.cancellationSites(sites, file)
	sort.SliceStable(sites, func(i, j int) bool { return sites[i].At.Start < sites[j].At.Start })
	return sites
}

// startedInside finds the row of the task that a plain function of the program starts and returns without keeping it:
// then the caller has to.
func (e *Eval) startedInside(call *CallInfo) *catalog.Entry {
	if len(call.Targets) != 1 || !e.p.runsWhenCalled(call.Targets[0]) {
		return nil
	}
	fn := call.Targets[0]
	returns := e.p.index[fn.File].returns.of(fn.Scope)
	if len(returns) != 1 {
		return nil
	}
	inner := e.p.CallAt(fn.File, returns[0].expr)
	if inner == nil || inner.Entry == nil || inner.Entry.Spawn == nil || inner.Entry.Spawn.What != "task" || inner.Entry.Spawn.Owned {
		return nil
	}
	return inner.Entry
}

func (e *Eval) taskSite(file FileID, call *CallInfo, entry *catalog.Entry) Site {
	x := &e.p.Files[file].Exprs[call.Expr]
	site := Site{
		Effect: Spawn, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt,
		What: entry.Path, Entry: entry, Text: e.p.CallText(ExprRef{file, call.Expr}, entry.Path), Strict: e.p.IsTest(file),
	}
	owner, why := e.taskOwner(file, call.Expr)
	if owner == "" {
		site.Fault, site.Detail = orphanTask, why
	} else {
		site.Guards = []Guard{{Kind: Cancellation, From: owner, Text: "kept", Where: site.At}}
	}
	return site
}

// taskOwner says what keeps a started task alive and able to be awaited: "awaited", "kept", "returned"; "" with the
// reason where nothing does.
func (e *Eval) taskOwner(file FileID, task fact.Expr) (owner, why string) {
	facts := e.p.Files[file]
	for expr := task; ; {
		x := &facts.Exprs[expr]
		if x.Parent == 0 {
			return e.taskAtRoot(file, expr)
		}
		switch up := &facts.Exprs[x.Parent]; up.Kind {
		case fact.Await:
			return "awaited", ""
		case fact.IfExp, fact.Bool, fact.Keyword, fact.Starred:
			expr = x.Parent
		case fact.Attr:
			if facts.Text(up.Text) == "add_done_callback" {
				return "callback", ""
			}
			return "kept", ""
		case fact.Lambda:
			return "returned", ""
		default:
			return "kept", ""
		}
	}
}

func (e *Eval) taskAtRoot(file FileID, expr fact.Expr) (owner, why string) {
	facts := e.p.Files[file]
	st := &facts.Stmts[facts.Exprs[expr].Stmt]
	switch st.Kind {
	case fact.ExprStmt:
		return "", "nothing keeps the task"
	case fact.Return:
		return "returned", ""
	case fact.Assign:
		for _, target := range facts.List(st.Targets) {
			t := &facts.Exprs[target]
			if t.Kind != fact.Name || t.Sym == 0 || isRead(facts, t.Sym) || !livesInFunction(facts, t.Sym) {
				return "kept", ""
			}
		}
		return "", "the name it is assigned to is never used"
	}
	return "kept", ""
}

// isRead says whether a symbol is read anywhere, or declared to live outside the function.
func isRead(facts *fact.File, sym fact.Sym) bool {
	for i := range facts.Exprs {
		if x := &facts.Exprs[i]; x.Kind == fact.Name && x.Sym == sym && !x.Flag {
			return true
		}
	}
	return false
}

func livesInFunction(facts *fact.File, sym fact.Sym) bool {
	info := &facts.Symbols[sym]
	return facts.Scopes[info.Scope].Kind == fact.FunctionScope && info.Flags&(fact.DeclGlobal|fact.DeclNonlocal|fact.WrittenInside) == 0
}

// fanout adds gather(*(f(x) for x in xs)) and its like: as many at once as there are items.
func (e *Eval) fanout(sites []Site, file FileID, call *CallInfo) []Site {
	facts := e.p.Files[file]
	for _, arg := range facts.OperandsOf(call.Expr) {
		x := &facts.Exprs[arg]
		source := arg
		if x.Kind == fact.Starred {
			source = x.A
		}
		comp := e.comprehension(file, source)
		if comp == 0 {
			continue
		}
		at := &facts.Exprs[call.Expr]
		site := Site{
			Effect: Spawn, Func: Func{file, call.Func}, At: Place{file, at.Span}, Expr: call.Expr, Stmt: at.Stmt,
			What: call.Entry.Path, Entry: call.Entry, Text: call.Entry.Path + "(*)", Strict: e.p.IsTest(file),
			Detail: e.p.Text(ExprRef{file, facts.Exprs[facts.OperandsOf(comp)[0]].B}),
		}
		switch guard, size := e.fanoutBound(file, comp), e.itemsUnbounded(file, comp); {
		case guard != nil:
			site.Guards = []Guard{*guard}
		case size:
			site.Fault = unboundedFanout
		}
		return append(sites, site)
	}
	return sites
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
func (e *Eval) fanoutBound(file FileID, comp fact.Expr) *Guard {
	facts := e.p.Files[file]
	var found *Guard
	facts.Walk(facts.Exprs[comp].A, func(expr fact.Expr) bool {
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
			if v := e.One(ExprRef{file, arg}); v.Path != "" && e.p.Catalog.Lookup(v.Path).Has(catalog.RoleSemaphore) {
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

// itemsUnbounded says whether a comprehension ranges over data whose size the caller decides: a parameter of the
// function, or something reached from one.
func (e *Eval) itemsUnbounded(file FileID, comp fact.Expr) bool {
	facts := e.p.Files[file]
	for _, clause := range facts.OperandsOf(comp) {
		if c := &facts.Exprs[clause]; c.Kind == fact.CompFor && e.fromParameter(file, c.B) {
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
