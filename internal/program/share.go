package program

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// The rules that shared state may break.
const (
	tornUpdate         = "torn-update"
	unlockedWrite      = "unlocked-write"
	sharedMutableState = "shared-mutable-state"
)

// access is one read or write of a field of an object, or of a variable of a module, by a function.
type access struct {
	fn    Func
	stmt  fact.Stmt
	expr  fact.Expr // the attribute or name
	field string
	write bool
	// locks are the normal forms of the locks held, innermost first.
	locks []heldLock
}

type heldLock struct {
	name  string
	where Place
	// tasks is true for a lock between the tasks of one event loop. A write without awaits is whole without it.
	tasks bool
	// tried is true for a lock that is not waited for: acquire(blocking=False).
	tried bool
}

// owner is a class, or a module (scope 0), with the accesses that code makes to its fields.
type owner struct {
	class Func
	// locks are the fields that hold a lock made for as long as the owner lives.
	locks []string
	// uses are the places in the order of the source; accesses are what they do.
	uses     []fact.Expr
	accesses []access
}

// shareSites finds the writes of a file to the fields of objects and to variables of the module, with the lock each
// is made under, and judges them where the program shows that the object is shared.
func (p *Program) shareSites(eval *Eval, file FileID) []Site {
	var sites []Site
	for _, o := range eval.sharedOwners(file) {
		sites = append(sites, eval.judgeOwner(&o)...)
	}
	sites = append(sites, eval.mutableDefaults(file)...)
	sort.SliceStable(sites, func(i, j int) bool { return sites[i].At.Start < sites[j].At.Start })
	return sites
}

// owners groups the accesses of a file by the class or module whose state they touch, in the order of scopes.
func (e *Eval) owners(file FileID) []owner {
	all := map[fact.Scope]*owner{}
	return e.collectUses(file, all, func(scope fact.Scope) *owner {
		o := all[scope]
		if o == nil {
			o = &owner{class: Func{file, scope}}
			all[scope] = o
		}
		return o
	})
}

// sharedOwners gives those owners of a file that have a lock of their own, or of which the program hands an object to
// several threads.
func (e *Eval) sharedOwners(file FileID) []owner {
	shared := e.lockOwners(file)
	for class := range e.p.sharedClasses() {
		if class.File == file && class.Scope != 0 && shared[class.Scope] == nil {
			shared = put(shared, class.Scope, &owner{class: class})
		}
	}
	if len(shared) == 0 {
		return nil
	}
	return e.collectUses(file, shared, func(scope fact.Scope) *owner { return shared[scope] })
}

// collectUses gives each owner its uses. of gives the owner of a scope, nil for one that is not asked for.
func (e *Eval) collectUses(file FileID, all map[fact.Scope]*owner, of func(fact.Scope) *owner) []owner {
	facts := e.p.Files[file]
	add := func(scope fact.Scope, use fact.Expr) {
		if o := of(scope); o != nil {
			o.uses = append(o.uses, use)
		}
	}
	for i := 1; i < len(facts.Exprs); i++ {
		expr := fact.Expr(i)
		x := &facts.Exprs[i]
		switch x.Kind {
		case fact.Attr:
			if class := selfClass(facts, x.A); class != fact.NoScope {
				add(class, expr)
			}
		case fact.Name:
			if x.Sym == 0 || callerScope(facts, x.Scope) == 0 {
				continue
			}
			if sym := moduleSymbol(facts, x.Sym); sym != 0 && isData(facts, sym) {
				add(0, expr)
			}
		}
	}
	owners := make([]owner, 0, len(all))
	for _, o := range all {
		if len(o.uses) > 0 {
			owners = append(owners, *o)
		}
	}
	slices.SortFunc(owners, func(a, b owner) int { return cmp.Compare(a.class.Scope, b.class.Scope) })
	return owners
}

// lockOwners finds the owners of a file that have a lock, without their uses.
func (e *Eval) lockOwners(file FileID) map[fact.Scope]*owner {
	facts := e.p.Files[file]
	var found map[fact.Scope]*owner
	add := func(scope fact.Scope, field string) {
		if found[scope] == nil {
			found = put(found, scope, &owner{class: Func{file, scope}})
		}
		found[scope].locks = append(found[scope].locks, field)
	}
	for _, sym := range e.p.index[file].spots.makers {
		if e.isLock(e.symbol(file, sym)) {
			add(0, facts.Text(facts.Symbols[sym].Name))
		}
	}
	for _, use := range e.p.index[file].spots.locks {
		x := &facts.Exprs[use]
		scope, field := selfClass(facts, x.A), facts.Text(x.Text)
		if o := found[scope]; o != nil && slices.Contains(o.locks, field) {
			continue
		}
		recv := Value{Kind: Instance, Def: Func{file, scope}}
		if e.isLock(e.classAttribute(&recv, recv.Def, field)) {
			add(scope, field)
		}
	}
	return found
}

// isLock says whether one of the values is a lock.
func (e *Eval) isLock(values []Value) bool {
	for _, v := range values {
		if v.Kind == Instance && v.Path != "" {
			if entry := e.p.entry(v.Path); entry.Has(catalog.RoleLock) || entry.Has(catalog.RoleAsyncLock) {
				return true
			}
		}
	}
	return false
}

// moduleSymbol gives the module's symbol that a symbol stands for, 0 for one of a function or class.
func moduleSymbol(facts *fact.File, sym fact.Sym) fact.Sym {
	info := &facts.Symbols[sym]
	if info.Scope == 0 {
		return sym
	}
	if info.Flags&fact.DeclGlobal != 0 {
		return facts.Lookup(0, facts.Text(info.Name))
	}
	return 0
}

// isData says whether a symbol of a module is assigned a value, rather than imported or defined.
func isData(facts *fact.File, sym fact.Sym) bool {
	for _, def := range facts.DefsOf(sym) {
		if def.Kind == fact.DefAssign {
			return true
		}
	}
	return false
}

func (e *Eval) access(file FileID, expr fact.Expr) access {
	facts := e.p.Files[file]
	x := &facts.Exprs[expr]
	return access{
		fn: Func{file, callerScope(facts, x.Scope)}, stmt: x.Stmt, expr: expr, field: facts.Text(x.Text), write: e.isWrite(file, expr),
	}
}

// isWrite says whether an occurrence of a field changes it: it is assigned or deleted, an element of it is, or a
// method that changes its receiver is called on it.
func (e *Eval) isWrite(file FileID, expr fact.Expr) bool {
	facts := e.p.Files[file]
	x := &facts.Exprs[expr]
	if x.Flag {
		return true
	}
	if x.Parent == 0 {
		return false
	}
	up := &facts.Exprs[x.Parent]
	switch {
	case up.Kind == fact.Subscript && up.A == expr:
		return up.Flag
	case up.Kind == fact.Attr && up.Parent != 0 && facts.Exprs[up.Parent].Kind == fact.Call && facts.Exprs[up.Parent].A == x.Parent:
		return e.mutates(file, up)
	}
	return false
}

// mutates says whether a method changes its receiver: as the catalogue says, or, for a receiver whose type is not
// known, by the names that only containers have.
func (e *Eval) mutates(file FileID, attr *fact.ExprInfo) bool {
	name := e.p.Files[file].Text(attr.Text)
	for _, v := range e.Of(ExprRef{file, attr.A}) {
		if v.Kind == Instance && v.Path != "" {
			if e.p.entry(v.Path).Has(catalog.RoleThreads) {
				return false // a queue between threads has its own lock
			}
			if entry := e.p.entry(v.Path + "." + name); entry != nil {
				return entry.Has(catalog.RoleMutates)
			}
			return false
		}
	}
	switch name {
	case "append", "extend", "insert", "setdefault", "popitem", "appendleft", "popleft", "update", "clear", "discard":
		return true
	}
	return false
}

// holds fills in the locks under which an access is made.
func (e *Eval) holds(a *access) {
	a.locks = e.locksAround(a.fn, a.stmt)
}

// locksAround gives the locks held at a statement: of with statements and decorators around it, and of acquire()
// before a try whose finally releases.
func (e *Eval) locksAround(fn Func, s fact.Stmt) []heldLock {
	var locks []heldLock
	for _, context := range e.Contexts(fn, s) {
		if name, ok := e.lockName(fn, &context); ok {
			tasks := context.Async || context.Entry.Has(catalog.RoleAsyncLock)
			locks = append(locks, heldLock{name: name, where: e.p.PlaceOf(context.Item), tasks: tasks})
		}
	}
	facts := e.p.Files[fn.File]
	for outer := range Enclosing(facts, s) {
		if facts.Stmts[outer].Kind == fact.Try {
			if lock, ok := e.releasedInFinally(fn.File, outer); ok {
				locks = append(locks, lock)
			}
		}
	}
	return locks
}

// lockName gives the normal form of a lock that a context enters. A lock that is made for this call alone excludes
// nobody and is none.
func (e *Eval) lockName(fn Func, context *Context) (string, bool) {
	item := context.Item
	facts := e.p.Files[item.File]
	if facts.Exprs[item.Expr].Kind == fact.Call && context.Entry != nil && context.Entry.Class {
		return "", false // with threading.Lock():
	}
	text := e.p.Text(item)
	if !context.Entry.Has(catalog.RoleLock) && !context.Entry.Has(catalog.RoleAsyncLock) {
		if context.Entry != nil || !namesLock(text) {
			return "", false
		}
	}
	if x := &facts.Exprs[item.Expr]; x.Kind == fact.Name && x.Sym != 0 && item.File == fn.File && e.madeHere(item.File, x.Sym) {
		return "", false
	}
	return text, true
}

// mayHoldLock says whether the name of an attribute speaks of a lock or condition.
func mayHoldLock(field string) bool {
	for i := 1; i < len(field); i++ { // nearly no name has one of these pairs, which "lock", "mutex" and "cond" end in
		switch [2]byte{field[i-1] | 0x20, field[i] | 0x20} {
		case [2]byte{'c', 'k'}, [2]byte{'e', 'x'}, [2]byte{'n', 'd'}:
			return namesLock(field) || strings.Contains(field, "cond")
		}
	}
	return false
}

// namesLock says whether the last part of a dotted text names a lock.
func namesLock(text string) bool {
	text = strings.TrimSuffix(text, "()")
	last := text[strings.LastIndexByte(text, '.')+1:]
	return containsFold(last, "lock") && !containsFold(last, "block") && !containsFold(last, "clock") || containsFold(last, "mutex")
}

// madeHere says whether a local name is assigned a new lock in the function itself and goes nowhere else.
func (e *Eval) madeHere(file FileID, sym fact.Sym) bool {
	facts := e.p.Files[file]
	info := &facts.Symbols[sym]
	if facts.Scopes[info.Scope].Kind != fact.FunctionScope || info.Flags&fact.Captured != 0 {
		return false
	}
	for _, def := range facts.DefsOf(sym) {
		if def.Kind != fact.DefAssign {
			return false
		}
		call := e.p.CallAt(file, def.Value)
		if call == nil || call.Entry == nil || !call.Entry.Class || !call.Entry.Has(catalog.RoleLock) && !call.Entry.Has(catalog.RoleAsyncLock) {
			return false
		}
	}
	return true
}

func (e *Eval) releasedInFinally(file FileID, try fact.Stmt) (heldLock, bool) {
	facts := e.p.Files[file]
	for clause := range facts.Block(try) {
		if facts.Stmts[clause].Kind != fact.Finally {
			continue
		}
		for s := clause + 1; s < facts.Stmts[clause].Next; s++ {
			st := &facts.Stmts[s]
			if st.Kind != fact.ExprStmt || facts.Exprs[st.A].Kind != fact.Call {
				continue
			}
			callee := &facts.Exprs[facts.Exprs[st.A].A]
			if callee.Kind == fact.Attr && facts.Text(callee.Text) == "release" {
				name := e.p.Text(ExprRef{file, callee.A})
				return heldLock{name: name, where: Place{file, st.Span}, tried: e.triesLock(file, try, name)}, true
			}
		}
	}
	return heldLock{}, false
}

// judgeOwner gives the write sites of a class or module that has a lock or is shared.
func (e *Eval) judgeOwner(o *owner) []Site {
	o.accesses = make([]access, len(o.uses))
	for i, use := range o.uses {
		o.accesses[i] = e.access(o.class.File, use)
		e.holds(&o.accesses[i])
	}
	guarded := e.guardedFields(o)
	makers := lockMakers(o)
	var sites []Site
	for i := range o.accesses {
		a := &o.accesses[i]
		if !a.write || e.constructs(a.fn) || slices.Contains(makers, a.fn) || namesLock(a.field) || slices.Contains(o.locks, a.field) {
			continue
		}
		site := e.writeSite(o, a, guarded)
		if last := len(sites) - 1; last >= 0 && sites[last].Stmt == site.Stmt && sites[last].Fault != "" {
			site.Fault = "" // "self.a = self.b = x" is one place to mend
		}
		sites = append(sites, site)
	}
	if len(o.locks) == 0 {
		sites = e.torn(o, sites)
	}
	return sites
}

// lockMakers gives the functions that set a lock of the owner: they make the object as a constructor does, for the first
// time or anew after a fork.
func lockMakers(o *owner) []Func {
	var makers []Func
	for i := range o.accesses {
		if a := &o.accesses[i]; a.write && slices.Contains(o.locks, a.field) && o.class.Scope != 0 {
			makers = append(makers, a.fn)
		}
	}
	return makers
}

// guardedFields gives the fields that belong to a lock: at least as many functions use them under a thread's lock as
// write them without one. Where most writers do without, the lock guards something else; so it does where a single
// function only reads the field in passing while it holds the lock, where the field is only emptied under it, with all
// that the object holds, and where the lock is only tried, which tells who works and keeps nobody waiting.
func (e *Eval) guardedFields(o *owner) map[string]bool {
	type counts struct {
		with, without []Func
		written       bool // under the lock
	}
	byField := map[string]*counts{}
	note := func(list []Func, fn Func) []Func {
		if slices.Contains(list, fn) {
			return list
		}
		return append(list, fn)
	}
	for i := range o.accesses {
		a := &o.accesses[i]
		if e.constructs(a.fn) {
			continue
		}
		c := byField[a.field]
		if c == nil {
			c = &counts{}
			byField[a.field] = c
		}
		switch {
		case len(a.locks) > 0 && !a.locks[0].tasks:
			c.written = c.written || a.write
			if !e.empties(a) && !a.locks[0].tried {
				c.with = note(c.with, a.fn)
			}
		case len(a.locks) == 0 && a.write:
			c.without = note(c.without, a.fn)
		}
	}
	guarded := map[string]bool{}
	for field, c := range byField {
		guarded[field] = len(c.with) >= max(len(c.without), 1) && (c.written || len(c.with) > 1)
	}
	return guarded
}

func (e *Eval) writeSite(o *owner, a *access, guarded map[string]bool) Site {
	x := &e.p.Files[a.fn.File].Exprs[a.expr]
	name := e.p.Symbol(o.class)
	if name != "" {
		name += "."
	}
	site := Site{
		Effect: Share, Func: a.fn, At: Place{a.fn.File, e.p.Files[a.fn.File].Stmts[a.stmt].Span}, Expr: a.expr, Stmt: a.stmt,
		What: name + a.field, Text: e.p.Text(ExprRef{a.fn.File, a.expr}), Detail: a.field, Strict: e.p.IsTest(a.fn.File),
	}
	if e.p.Files[a.fn.File].Stmts[a.stmt].Kind >= fact.If {
		site.At.Span = x.Span
	}
	for _, lock := range a.locks {
		site.Guards = append(site.Guards, Guard{Kind: Lock, From: "with", Text: lock.name, Where: lock.where})
	}
	if len(site.Guards) == 0 {
		if place, ok := e.lockedByCallers(a.fn); ok {
			site.Guards = []Guard{{Kind: Lock, From: "caller", Text: "caller", Where: place}}
		} else if guarded[a.field] && !e.needsNone(a) {
			site.Fault = unlockedWrite
		}
	}
	return site
}

// makesPlain says whether an expression is a call without arguments, as that which makes a lock is.
func makesPlain(facts *fact.File, value fact.Expr) bool {
	x := &facts.Exprs[value]
	return x.Kind == fact.Call && x.Ops.Count == 0
}
