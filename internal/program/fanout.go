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
	switch guard := e.fanoutBound(file, call, b.work); {
	case guard != nil:
		site.Guards = []Guard{*guard}
	case e.itemsUnbounded(file, b.items) && !e.partsOfProgram(file, b.items) && !e.isItem(file, b) && !e.fewGiven(Func{file, call.Func}, b.items):
		site.Fault = unboundedFanout
	}
	return site
}

// loopFanout judges a task that a group starts for each item of a loop.
func (e *Eval) loopFanout(sites []Site, file FileID, call *CallInfo) []Site {
	facts := e.p.Files[file]
	loop := Loop(facts, facts.Exprs[call.Expr].Stmt)
	args := facts.OperandsOf(call.Expr)
	if loop == 0 || facts.Stmts[loop].Kind != fact.For || len(args) == 0 || e.groupInside(file, call, loop) {
		return sites
	}
	return append(sites, e.fanoutSite(file, call, batch{items: []fact.Expr{facts.Stmts[loop].A}, work: args[0]}))
}

// groupInside says whether the group that starts the task is made anew in each round of the loop.
func (e *Eval) groupInside(file FileID, call *CallInfo, loop fact.Stmt) bool {
	facts := e.p.Files[file]
	made := call.Receiver.Origin
	return made.File == file && made.Expr != 0 && facts.Exprs[made.Expr].Stmt > loop && facts.Exprs[made.Expr].Stmt < facts.Stmts[loop].Next
}

// isItem says whether the work for an item is one that the item itself stands for: it is awaited, called, or a method of
// it is. Then the program holds these objects, and whoever made them decided how many there are.
func (e *Eval) isItem(file FileID, b batch) bool {
	facts := e.p.Files[file]
	work := b.work
	for facts.Exprs[work].Kind == fact.Call {
		x := &facts.Exprs[work]
		callee := &facts.Exprs[x.A]
		if callee.Kind == fact.Attr && e.boundByBatch(facts, callee.A) || e.boundByBatch(facts, x.A) {
			return true
		}
		args := facts.OperandsOf(work)
		info := e.p.CallAt(file, work)
		if len(args) == 0 || !(info != nil && info.Entry != nil && info.Entry.Spawn != nil) && !startsGiven(facts, work) {
			return false
		}
		work = args[0] // create_task(item.run())
	}
	for facts.Exprs[work].Kind == fact.Attr {
		work = facts.Exprs[work].A // item.done
	}
	return e.boundByBatch(facts, work) || e.isFuture(ExprRef{file, work})
}

// isFuture says whether an expression is a future that was made before, for somebody else to end.
func (e *Eval) isFuture(ref ExprRef) bool {
	ref = e.Origin(ref)
	facts := e.p.Files[ref.File]
	return facts.Exprs[ref.Expr].Kind == fact.Call && (calleeName(facts, ref.Expr) == "create_future" || calleeName(facts, ref.Expr) == "Future")
}

// startsGiven says whether a call is named for starting what it is given: create_eager_task(coro).
func startsGiven(facts *fact.File, call fact.Expr) bool {
	name := calleeName(facts, call)
	return containsFold(name, "task") || containsFold(name, "future") || containsFold(name, "wait")
}

// boundByBatch says whether an expression is a name that a comprehension or loop binds.
func (e *Eval) boundByBatch(facts *fact.File, expr fact.Expr) bool {
	x := &facts.Exprs[expr]
	if x.Kind != fact.Name || x.Sym == 0 {
		return false
	}
	for _, def := range facts.DefsOf(x.Sym) {
		if def.Kind != fact.DefFor && def.Kind != fact.DefComprehension {
			return false
		}
	}
	return len(facts.DefsOf(x.Sym)) > 0
}

// maxFew is how many items of a list that is written out count as few.
const maxFew = 64

// fewGiven says whether every known call of the function gives a list that is written out for each parameter that is
// iterated over.
func (e *Eval) fewGiven(fn Func, items []fact.Expr) bool {
	for _, item := range items {
		if e.fromParameter(fn.File, item) && !e.fewIn(fn, item, maxHelpers) {
			return false
		}
	}
	return true
}

// fewIn is fewGiven for one parameter; a caller may have the list from its own.
func (e *Eval) fewIn(fn Func, parameter fact.Expr, depth int) bool {
	facts := e.p.Files[fn.File]
	x := &facts.Exprs[parameter]
	if x.Kind != fact.Name || x.Sym == 0 || facts.Symbols[x.Sym].Scope != fn.Scope || depth == 0 {
		return false
	}
	e.p.asked.note(Ask{Root: fn})
	any := false
	for _, site := range e.p.Callers(fn) {
		if e.p.IsTest(site.File) && !e.p.IsTest(fn.File) {
			continue
		}
		any = true
		call := e.p.Call(site)
		value := e.argumentFor(ExprRef{site.File, call.Expr}, fn, x.Sym)
		if value == 0 || !e.writtenOut(ExprRef{site.File, value}) && !(e.isParameter(ExprRef{site.File, value}) && e.fewIn(Func{site.File, call.Func}, value, depth-1)) {
			return false
		}
	}
	return any
}

// writtenOut says whether a value is a list, tuple, set or dictionary whose items stand in the source.
func (e *Eval) writtenOut(ref ExprRef) bool {
	ref = e.Origin(ref)
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	switch x.Kind {
	case fact.ListDisplay, fact.Tuple, fact.SetDisplay, fact.DictDisplay:
	default:
		return false
	}
	for _, part := range facts.List(x.Ops) {
		if part == 0 || facts.Exprs[part].Kind == fact.Starred {
			return false
		}
	}
	return len(facts.List(x.Ops)) <= maxFew
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

// fanoutBound finds a semaphore that each item's work enters, or the size of the pool that it is started in.
func (e *Eval) fanoutBound(file FileID, call *CallInfo, work fact.Expr) *Guard {
	facts := e.p.Files[file]
	if class, _ := methodOf(call.Entry.Path); e.p.entry(class) != nil && e.p.entry(class).Bound != nil {
		return &Guard{Kind: Bound, From: "pool", Text: "pool", Where: e.p.PlaceOf(ExprRef{file, call.Expr})}
	}
	if made := e.Origin(ExprRef{file, work}); made.File == file { // "one = limited(gate, call(item))", then "calls.append(one)"
		work = made.Expr
	}
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
			if e.isSemaphore(ExprRef{file, arg}) {
				found = &Guard{Kind: Bound, From: "semaphore", Text: "semaphore", Where: e.p.PlaceOf(ExprRef{file, arg})}
			}
		}
		return found == nil
	})
	return found
}

// isSemaphore says whether an argument may be a semaphore or limiter, or is named for one.
func (e *Eval) isSemaphore(ref ExprRef) bool {
	for _, v := range e.Of(ref) {
		if v.Path != "" && e.p.entry(v.Path).Has(catalog.RoleSemaphore) {
			return true
		}
	}
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	return (x.Kind == fact.Name || x.Kind == fact.Attr) && (containsFold(facts.Text(x.Text), "semaphore") || containsFold(facts.Text(x.Text), "limiter"))
}

// namesBound says whether a name speaks of what bounds how many run at once.
func namesBound(name string) bool {
	return containsFold(name, "sem") || containsFold(name, "limit") || containsFold(name, "throttl") || namesLock(name)
}

// entersSemaphore says whether a function's code, or a decorator of it, enters a semaphore, a limiter or a lock, which is
// one for a single item.
func (e *Eval) entersSemaphore(fn Func) (Place, bool) {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	for s := scope.BodyFirst; s < scope.BodyEnd; s++ {
		if st := &facts.Stmts[s]; st.Kind == fact.Item {
			ref := ExprRef{fn.File, st.A}
			entry := e.contextEntry(ref, e.Of(ref))
			if entry.Has(catalog.RoleSemaphore) || entry.Has(catalog.RoleAsyncLock) || e.isParameter(ref) && namesBound(facts.Text(facts.Exprs[st.A].Text)) {
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
