package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// A write to a field that a lock guards elsewhere needs no lock of its own where the caller holds it, or where no other
// thread can see the object at that time.

// lockedByCallers says whether every known call of fn is made under a lock.
func (e *Eval) lockedByCallers(fn Func) (place Place, ok bool) {
	if e.p.Files[fn.File].Scopes[fn.Scope].Flags&fact.IsProperty != 0 {
		return e.readUnderLock(fn)
	}
	if len(e.p.Callers(fn)) == 0 {
		fn = e.overridden(fn)
	}
	ok = e.p.everyCaller(fn, lockAtCall, func(locks []Guard) {
		if len(locks) > 0 {
			place = locks[0].Where
		}
	})
	return place, ok
}

// readUnderLock says whether every place of the file that reads a property holds a lock.
func (e *Eval) readUnderLock(property Func) (place Place, ok bool) {
	facts := e.p.Files[property.File]
	class, name := facts.Class(property.Scope), facts.Scopes[property.Scope].Name
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Attr || x.Text != name || selfClass(facts, x.A) != class {
			continue
		}
		locks := e.locksAround(Func{property.File, callerScope(facts, x.Scope)}, x.Stmt)
		if len(locks) == 0 {
			return Place{}, false
		}
		place, ok = locks[0].where, true
	}
	return place, ok
}

// lockAtCall gives the locks around a call. A call needs none while nobody else can see the object.
func lockAtCall(e *Eval, site CallSite) (guards []Guard, holds bool) {
	fn := Func{site.File, e.p.Call(site).Func}
	if e.constructs(fn) {
		return nil, true
	}
	for _, lock := range e.locksAround(fn, e.p.Files[site.File].Exprs[e.p.Call(site).Expr].Stmt) {
		guards = append(guards, Guard{Kind: Lock, Where: lock.where, Text: lock.name})
	}
	return guards, len(guards) > 0
}

// overridden gives the method of a base class that a method stands in for, so that it is called where that one is; the
// method itself where there is none.
func (e *Eval) overridden(fn Func) Func {
	facts := e.p.Files[fn.File]
	class := facts.Class(fn.Scope)
	if class == fact.NoScope {
		return fn
	}
	name := facts.Text(facts.Scopes[fn.Scope].Name)
	for _, base := range e.p.Ancestors(Func{fn.File, class}) {
		if base.Kind != Class || base.Def == (Func{fn.File, class}) {
			continue
		}
		if sym := e.p.lookup(base.Def.File, base.Def.Scope, name); sym != 0 {
			if v := single(e.symbol(base.Def.File, sym)); v.Kind == Function {
				return v.Def
			}
		}
	}
	return fn
}

// needsNone says whether a write to a field that a lock guards elsewhere needs none of its own: it is whole in itself,
// the lock is held in another way, or nobody else can see the object.
func (e *Eval) needsNone(a *access) bool {
	return e.swapsWhole(a) || e.mendsItself(a) || e.holdsByCalls(a) || e.saysLocked(a.fn) || e.saysSafe(a.fn, a.stmt) || e.alone(a) || e.announces(a)
}

// empties says whether an access puts a field back to where it began: it is bound to a constant or to an empty container,
// or what it holds is thrown away.
func (e *Eval) empties(a *access) bool {
	facts := e.p.Files[a.fn.File]
	st, x := &facts.Stmts[a.stmt], &facts.Exprs[a.expr]
	if !a.write {
		return false
	}
	if x.Flag {
		return st.Kind == fact.Delete || (st.Kind == fact.Assign || st.Kind == fact.AnnAssign) && (isFlag(facts, st.A) || isEmptyContainer(facts, st.A))
	}
	switch up := &facts.Exprs[x.Parent]; up.Kind {
	case fact.Subscript: // del self.rows[:]
		return st.Kind == fact.Delete && facts.Exprs[up.B].Kind == fact.Slice
	case fact.Attr:
		return facts.Text(up.Text) == "clear"
	}
	return false
}

// mendsItself says whether a write is made by a method of the field's value that is safe between threads: an append to
// or a pop from a deque, as its documentation says, or a method that a class of the program gives, which may have a lock.
func (e *Eval) mendsItself(a *access) bool {
	facts := e.p.Files[a.fn.File]
	x := &facts.Exprs[a.expr]
	if x.Parent == 0 || facts.Exprs[x.Parent].Kind != fact.Attr {
		return false
	}
	name := facts.Text(facts.Exprs[x.Parent].Text)
	for _, v := range e.Of(ExprRef{a.fn.File, a.expr}) {
		if v.Kind != Instance {
			continue
		}
		if v.Path == "collections.deque" {
			switch name {
			case "append", "appendleft", "pop", "popleft":
				return true
			}
		}
		if v.Path == "" && len(e.classAttribute(&v, v.Def, name)) > 0 {
			return true
		}
	}
	return false
}

// announces says whether the function sets an event of the same object behind the write: whoever needs the value waits
// for that, or looks for it only when it is woken.
func (e *Eval) announces(a *access) bool {
	facts := e.p.Files[a.fn.File]
	scope := &facts.Scopes[a.fn.Scope]
	for i := firstExpr(facts, a.stmt); int(i) < len(facts.Exprs) && facts.Exprs[i].Stmt < scope.BodyEnd; i++ {
		x := &facts.Exprs[i]
		if x.Kind != fact.Attr || facts.Text(x.Text) != "set" || callerScope(facts, x.Scope) != a.fn.Scope {
			continue
		}
		for _, v := range e.Of(ExprRef{a.fn.File, x.A}) {
			if v.Kind == Instance && (v.Path == "threading.Event" || v.Path == "asyncio.Event" || v.Path == "multiprocessing.Event") {
				return true
			}
		}
	}
	return false
}

// swapsWhole says whether a write only binds the field to a value that is made without it, whatever the field held: who
// reads it sees the old value or the new one, and a lock would add nothing.
func (e *Eval) swapsWhole(a *access) bool {
	facts := e.p.Files[a.fn.File]
	st := &facts.Stmts[a.stmt]
	x := &facts.Exprs[a.expr]
	if !x.Flag || st.Kind != fact.Assign && st.Kind != fact.AnnAssign || rests(facts, x, st.A, 0) {
		return false
	}
	if isFlag(facts, st.A) {
		return true
	}
	for outer := range Enclosing(facts, a.stmt) {
		if k := facts.Stmts[outer].Kind; (k == fact.Arm || k == fact.While) && rests(facts, x, facts.Stmts[outer].A, 0) {
			return false // tested before
		}
	}
	return true
}

// rests says whether an expression looks at the field x, also through local names.
func rests(facts *fact.File, x *fact.ExprInfo, expr fact.Expr, depth int) bool {
	found := false
	facts.Walk(expr, func(inner fact.Expr) bool {
		i := &facts.Exprs[inner]
		found = found || i.Kind == x.Kind && i.Text == x.Text && !ofAnother(facts, x, i)
		if i.Kind == fact.Name && i.Sym != 0 && depth < maxHelpers {
			for _, def := range facts.DefsOf(i.Sym) {
				found = found || (def.Kind == fact.DefAssign || def.Kind == fact.DefAugment) && def.Value != 0 && rests(facts, x, def.Value, depth+1)
			}
		}
		return !found
	})
	return found
}

// ofAnother says whether two attributes of the same name are those of objects that are called differently: self.state and
// other.state.
func ofAnother(facts *fact.File, x, y *fact.ExprInfo) bool {
	if x.Kind != fact.Attr {
		return false
	}
	a, b := &facts.Exprs[x.A], &facts.Exprs[y.A]
	return a.Kind == fact.Name && b.Kind == fact.Name && a.Text != b.Text
}

// isFlag says whether a value is a constant, or an attribute that is named as one: State.CLOSED.
func isFlag(facts *fact.File, value fact.Expr) bool {
	switch x := &facts.Exprs[value]; x.Kind {
	case fact.TrueConst, fact.FalseConst, fact.NoneConst, fact.IntConst, fact.StrConst:
		return true
	case fact.Attr:
		return strings.ToUpper(facts.Text(x.Text)) == facts.Text(x.Text)
	}
	return false
}

// holdsByCalls says whether the function takes a lock before the write by a call, and gives it back in a way of its own,
// or gives back behind it one that it has from its caller.
func (e *Eval) holdsByCalls(a *access) bool {
	facts := e.p.Files[a.fn.File]
	scope := &facts.Scopes[a.fn.Scope]
	calls := e.p.callsWithin(a.fn.File, scope.BodyFirst, scope.BodyEnd)
	for i := range calls {
		callee := &facts.Exprs[facts.Exprs[calls[i].Expr].A]
		if callee.Kind != fact.Attr || calls[i].Func != a.fn.Scope {
			continue
		}
		name := facts.Text(callee.Text)
		of := func(word string) bool {
			return name == word && namesLock(e.p.Text(ExprRef{a.fn.File, callee.A})) || containsFold(name, word) && namesLock(name)
		}
		before := facts.Exprs[calls[i].Expr].Stmt < a.stmt
		if of("acquire") {
			return before
		}
		if !before && of("release") {
			return true
		}
	}
	return false
}

// triesLock says whether the function around a try statement takes the lock of this name before it without waiting for it.
func (e *Eval) triesLock(file FileID, try fact.Stmt, lock string) bool {
	facts := e.p.Files[file]
	calls := e.p.callsWithin(file, facts.Scopes[facts.Stmts[try].Scope].BodyFirst, try)
	return slices.ContainsFunc(calls, func(call CallInfo) bool {
		callee := &facts.Exprs[facts.Exprs[call.Expr].A]
		if callee.Kind != fact.Attr || facts.Text(callee.Text) != "acquire" || e.p.Text(ExprRef{file, callee.A}) != lock {
			return false
		}
		blocking, _ := facts.Argument(call.Expr, "blocking", 0)
		return blocking != 0 && facts.Exprs[blocking].Kind == fact.FalseConst
	})
}

// saysLocked says whether a function tells in its name, its docstring or a comment that its caller holds the lock, or in
// its name that it does without on purpose.
func (e *Eval) saysLocked(fn Func) bool {
	if name := e.p.Symbol(fn); strings.HasSuffix(name, "_locked") || strings.HasSuffix(name, "_unlocked") {
		return true
	}
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	if claimsLock(docstringOf(facts, fn.Scope)) {
		return true
	}
	first, _ := slices.BinarySearchFunc(facts.Comments, scope.Start, func(c fact.Comment, start uint32) int { return int(c.Start) - int(start) })
	for i := first; i < len(facts.Comments) && facts.Comments[i].Start < scope.End; i++ {
		if claimsLock(facts.Text(facts.Comments[i].Text)) {
			return true
		}
	}
	return false
}

// claimsLock says whether a text says that a lock is held.
func claimsLock(text string) bool {
	text = strings.ToLower(text)
	if !strings.Contains(text, "lock") || strings.Contains(text, "n't hold") || strings.Contains(text, "not hold") {
		return false
	}
	return strings.Contains(text, "hold") || strings.Contains(text, "held")
}

// saysSafe says whether a comment on the line of a write, or right above it, or the docstring of the function calls it
// safe between threads.
func (e *Eval) saysSafe(fn Func, s fact.Stmt) bool {
	facts := e.p.Files[fn.File]
	return commentSays(facts, s, claimsSafe) || claimsSafe(docstringOf(facts, fn.Scope))
}

// commentSays says whether the comment on the first line of a statement, or one right above it, makes a claim.
func commentSays(facts *fact.File, s fact.Stmt, claims func(text string) bool) bool {
	at := facts.Stmts[s].Start
	after, _ := slices.BinarySearchFunc(facts.Comments, at, func(c fact.Comment, start uint32) int { return int(c.Start) - int(start) })
	if after < len(facts.Comments) {
		c := &facts.Comments[after]
		ends := int(s)+1 >= len(facts.Stmts) || facts.Stmts[s+1].Start > c.Start
		if !c.Alone && ends && claims(facts.Text(c.Text)) {
			return true
		}
	}
	if after == 0 {
		return false
	}
	c := &facts.Comments[after-1]
	return c.Alone && facts.Stmts[s-1].Start < c.Start && claims(facts.Text(c.Text))
}

// claimsSafe says whether a text says that something may be done by several threads.
func claimsSafe(text string) bool {
	text = strings.ToLower(text)
	for _, claim := range []string{"thread-safe", "thread safe", "threadsafe", "atomic"} {
		if before, _, found := strings.Cut(text, claim); found {
			return !strings.HasSuffix(before, "not ") && !strings.HasSuffix(before, "non-") && !strings.HasSuffix(before, "n't ")
		}
	}
	return false
}

// alone says whether a function makes a thread behind the write, which then finds the value there, or has waited before
// it for the end of one.
func (e *Eval) alone(a *access) bool {
	facts := e.p.Files[a.fn.File]
	scope := &facts.Scopes[a.fn.Scope]
	calls := e.p.callsWithin(a.fn.File, scope.BodyFirst, scope.BodyEnd)
	return slices.ContainsFunc(calls, func(call CallInfo) bool {
		if call.Func != a.fn.Scope {
			return false
		}
		if facts.Exprs[call.Expr].Stmt > a.stmt {
			return call.Entry != nil && call.Entry.Spawn != nil && call.Entry.Spawn.What == "thread"
		}
		return call.Path == "threading.Thread.join" || call.Entry == nil && calleeName(facts, call.Expr) == "join" && containsFold(e.p.Text(ExprRef{a.fn.File, facts.Exprs[call.Expr].A}), "thread")
	})
}

// constructs says whether a function runs before the object is shared, or when it no longer is.
func (e *Eval) constructs(fn Func) bool {
	if fn.Scope == 0 {
		return true
	}
	facts := e.p.Files[fn.File]
	switch facts.Text(facts.Scopes[fn.Scope].Name) {
	case "__init__", "__new__", "__post_init__", "__setstate__", "__del__", "__enter__", "__init_subclass__", "setUp", "__copy__", "__deepcopy__", "__getstate__":
		return true
	}
	name := facts.Text(facts.Scopes[fn.Scope].Name)
	if words := Words(name); len(words) > 0 {
		switch words[0] {
		case "init", "initialize", "initialise", "setup", "bootstrap", "populate":
			return true
		}
	}
	return strings.Contains(name, "fork") // after a fork there is one thread
}
