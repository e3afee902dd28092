package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// scopeGuard says what entering the item of a with protects its body with; "" where that is nothing a name tells.
func (b *body) scopeGuard(i int) program.GuardKind {
	a := &b.atoms[i]
	e := b.awaited(a.exprs[0])
	text := b.text(e)
	name, words := lastPart(text), wordsOf(text)
	if b.Exprs[e].Kind == fact.Call {
		name = b.method(e)
		words = wordsOf(name)
		if (name == "acquire" || strings.HasPrefix(name, "get_")) && isLock(text) {
			return program.Lock
		}
	}
	if entry := b.contextEntry(e); entry != "" {
		return entry
	}
	switch {
	case isLock(name), b.Exprs[e].Kind != fact.Call && isLock(text):
		return program.Lock
	case words&semaphoreWord != 0:
		return program.Bound
	case words&transactionWord != 0 && !tracesOnly(text), name == "begin", name == "begin_nested":
		return program.Transaction
	case words&deadlineWord != 0, isDeadlineCall(name):
		return program.Deadline
	case name == "CancelScope" && strings.Contains(text, "shield"):
		return program.Cancellation
	}
	return ""
}

// tracesOnly says whether the transaction is one of a tool that watches how long things take, and not of a database.
func tracesOnly(text string) bool {
	for _, tool := range []string{"sentry", "hub.", "scope.", "tracer", "apm", "newrelic"} {
		if strings.Contains(strings.ToLower(text), tool) {
			return true
		}
	}
	return false
}

// contextEntry asks the catalog what the context manager is.
func (b *body) contextEntry(e fact.Expr) program.GuardKind {
	for _, v := range b.eval.Of(program.ExprRef{File: b.id, Expr: e}) {
		if v.Path == "" {
			continue
		}
		entry := b.p.Catalog.Lookup(v.Path)
		switch {
		case entry == nil:
		case entry.Has("lock"), entry.Has("async-lock"):
			return program.Lock
		case entry.Has("semaphore"):
			return program.Bound
		case entry.Has("transaction"):
			return program.Transaction
		}
	}
	return ""
}

// scopes looks for bodies of with statements that are not inside one of its kind any more.
func (p *pair) scopes() {
	for i := range p.base.atoms {
		if p.base.atoms[i].kind != withAtom {
			continue
		}
		guard := p.base.scopeGuard(i)
		if j := p.counterpart[i]; j >= 0 && p.head.atoms[j].kind == withAtom {
			if p.sameScope(i, j, guard) {
				continue
			}
		}
		switch {
		case guard == "":
			p.acquiredOutside(i)
		case guard == program.Lock && p.lockedByHand(i):
		default:
			p.lostScope(i, guard)
		}
	}
}

// sameScope compares a scope that head still enters. It says whether there is nothing left to ask.
func (p *pair) sameScope(i, j int, guard program.GuardKind) bool {
	now := p.head.scopeGuard(j)
	if guard == "" || now != guard {
		return false
	}
	base, head := &p.base.atoms[i], &p.head.atoms[j]
	switch guard {
	case program.Lock, program.Bound:
		if p.head.makesLock(head.exprs[0]) && !p.base.makesLock(base.exprs[0]) {
			p.lose(Removed, guard, "fresh", i, fmt.Sprintf("%s makes a new lock on every call, which keeps nobody out; base took %s",
				p.head.text(head.exprs[0]), p.base.text(base.exprs[0])), base.key)
		}
	}
	return !p.shrunk(i, guard)
}

// shrunk says whether the scope of base covers code that remains in head outside of any scope of its kind.
func (p *pair) shrunk(i int, guard program.GuardKind) bool {
	remaining, outside := p.coverage(i, guard)
	return len(outside) > 0 && (guard == program.Lock || guard == program.Transaction && len(p.writtenOutside(remaining, outside)) > 0)
}

// writtenOutside gives the writes among the atoms outside of a transaction that still covers other writes: what was done as
// one is done in part where the second fails.
func (p *pair) writtenOutside(remaining, outside []int) []int {
	writes := func(k int) bool {
		a := &p.base.atoms[k]
		return (a.kind == exprAtom || a.kind == assignAtom) && slices.ContainsFunc(p.base.atomCalls(k), func(call fact.Expr) bool { return isWriteName(p.base.method(call)) })
	}
	inside := slices.ContainsFunc(remaining, func(k int) bool { return writes(k) && !slices.Contains(outside, k) })
	if !inside {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(outside), func(k int) bool { return !writes(k) })
}

// isWriteName says whether a method of this name writes to a database.
func isWriteName(name string) bool {
	switch name {
	case "save", "create", "delete", "bulk_create", "bulk_update", "update", "insert", "execute", "get_or_create", "update_or_create", "add_all", "merge":
		return true
	}
	return false
}

// coverage gives the atoms of base inside the scope that remain, and those of them that head does not cover.
func (p *pair) coverage(i int, guard program.GuardKind) (remaining, outside []int) {
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		if p.base.atoms[k].kind.isNoise() || p.base.atoms[k].kind == withAtom || p.counterpart[k] < 0 {
			continue
		}
		remaining = append(remaining, k)
		if !p.head.covered(p.counterpart[k], guard) {
			outside = append(outside, k)
		}
	}
	return remaining, outside
}

// covered says whether the atom lies in a with of the kind.
func (b *body) covered(j int, guard program.GuardKind) bool {
	for o := b.atoms[j].outer; o >= 0; o = b.atoms[o].outer {
		if b.atoms[o].kind == withAtom && b.scopeGuard(o) == guard && !b.makesLock(b.atoms[o].exprs[0]) {
			return true
		}
	}
	return false
}

// lostScope reports a scope of which the protected code remains.
func (p *pair) lostScope(i int, guard program.GuardKind) {
	remaining, outside := p.coverage(i, guard)
	at := program.Place{File: p.head.id}
	switch {
	case len(remaining) == 0 && guard == program.Lock && p.rewrittenOutside(i):
		at.Span = p.remains(i)
	case len(outside) == 0:
		return
	default:
		if guard == program.Lock {
			outside = p.unlocked(remaining, outside)
		} else if guard == program.Transaction && len(outside) < len(remaining) {
			outside = p.writtenOutside(remaining, outside)
		} else if len(outside) < len(remaining) {
			return
		}
		if len(outside) == 0 || p.guardedByCallee(outside, guard) {
			return
		}
		at.Span = p.head.header(p.counterpart[outside[0]])
	}
	if p.scopeElsewhere(guard) || p.guardedByCaller(guard) || p.movedDown(i, guard) {
		return
	}
	a := &p.base.atoms[i]
	p.report(Loss{
		Rule: Removed, Guard: guard, Shape: "scope", At: at,
		Base:    program.Place{File: p.base.id, Span: p.base.header(i)},
		Message: fmt.Sprintf("this is not inside %q any more", strings.TrimPrefix(a.key, "with ")), Key: a.key,
	})
}

// unlocked gives those of the atoms outside of the lock that need it: where most of the body is still locked, only
// what writes an attribute that the locked part also touches.
func (p *pair) unlocked(remaining, outside []int) []int {
	shared := slices.DeleteFunc(slices.Clone(outside), func(k int) bool { return !p.sharesState(k) })
	if 2*len(outside) >= len(remaining) {
		return shared
	}
	locked := map[string]bool{}
	for _, k := range remaining {
		if !slices.Contains(outside, k) {
			for name := range p.base.ownAttributes(k) {
				locked[name] = true
			}
		}
	}
	return slices.DeleteFunc(shared, func(k int) bool {
		if name, object := p.base.storedName(&p.base.atoms[k]); name == "" || object != "self" {
			return true
		}
		for name := range p.base.ownAttributes(k) {
			if locked[name] {
				return false
			}
		}
		return true
	})
}

// ownAttributes gives the attributes of self or cls that an atom mentions, without leading underscores.
func (b *body) ownAttributes(i int) map[string]bool {
	names := map[string]bool{}
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		x := &b.Exprs[e]
		if x.Kind != fact.Attr {
			return
		}
		if of := b.source.text(x.A); of == "self" || of == "cls" {
			names[strings.TrimLeft(b.Text(x.Text), "_")] = true
		}
	})
	return names
}

// rewrittenOutside says whether none of the body of a lock remains as it was and new code of the function touches the
// same attributes without it.
func (p *pair) rewrittenOutside(i int) bool {
	if p.callsOutside(i) {
		return true
	}
	if p.keptWithout(i) < 0.5 {
		return false
	}
	inside := map[string]bool{}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		for name := range p.base.ownAttributes(k) {
			inside[name] = true
		}
	}
	for j := range p.head.atoms {
		if k := p.origin[j]; k >= 0 && !p.edited[k] {
			continue
		}
		for name := range p.head.ownAttributes(j) {
			if inside[name] && !isLock(name) {
				return true
			}
		}
	}
	return false
}

// callsOutside says whether head makes a call of the object's own that base made in the lock, in new code outside of any.
func (p *pair) callsOutside(i int) bool {
	made := map[string]bool{}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		for _, call := range p.base.atomCalls(k) {
			if r := p.base.receiver(call); r != 0 && strings.HasPrefix(p.base.text(r), "self") && len(p.base.OperandsOf(call)) > 0 {
				made[p.base.text(call)] = true
			}
		}
	}
	return slices.ContainsFunc(p.head.callsOf(), func(c callRef) bool {
		k := p.origin[c.atom]
		return made[c.text] && (k < 0 || p.edited[k]) && !p.head.covered(c.atom, program.Lock)
	})
}

// movedDown says whether a function that the body of the scope calls by name takes a scope of the kind that it did
// not take in base.
func (p *pair) movedDown(i int, guard program.GuardKind) bool {
	called := map[string]bool{}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		for _, call := range p.base.atomCalls(k) {
			called[p.base.method(call)] = true
		}
	}
	for _, f := range p.change.fresh.atoms {
		if f.body != p.head && called[f.body.name] && f.atom().kind == withAtom && f.body.scopeGuard(f.index) == guard {
			return true
		}
	}
	return false
}

// sharesState says whether the atom of base touches something that others can see: an attribute, a global, or the
// result of a call. Preparing a local needs no lock.
func (p *pair) sharesState(k int) bool {
	a := &p.base.atoms[k]
	shared := false
	eachExpr(p.base.source, a.exprs, func(e fact.Expr) {
		switch x := &p.base.Exprs[e]; x.Kind {
		case fact.Attr, fact.Call, fact.Subscript:
			shared = true
		case fact.Name:
			if x.Sym != 0 && p.base.Symbols[x.Sym].Scope == 0 {
				shared = true
			}
		}
	})
	return shared
}

// scopeElsewhere says whether head takes a guard of the kind in the same function in another form.
func (p *pair) scopeElsewhere(guard program.GuardKind) bool {
	for _, d := range p.head.decorators() {
		if decoratorGuard(d) == guard {
			return true
		}
	}
	if slices.ContainsFunc(p.change.fresh.atoms, func(f placedAtom) bool {
		return f.body != p.head && f.atom().kind == withAtom && p.change.isNew[f.body] && p.near(f.body) && f.body.scopeGuard(f.index) == guard
	}) {
		return true
	}
	for _, j := range p.added() {
		h := &p.head.atoms[j]
		switch guard {
		case program.Lock:
			if (h.kind == withAtom || h.kind == exprAtom) && isLock(h.key) && !p.head.makesLock(p.head.awaited(h.exprs[0])) {
				return true
			}
		case program.Deadline:
			if h.words&deadlineWord != 0 {
				return true
			}
		case program.Transaction:
			if h.kind == withAtom && p.head.scopeGuard(j) == program.Transaction {
				return true
			}
		}
	}
	return false
}

// makesLock says whether the expression constructs a lock, or is a local name that holds one made in the same function and
// that nothing else knows.
func (b *body) makesLock(e fact.Expr) bool {
	e = b.awaited(e)
	if x := &b.Exprs[e]; x.Kind == fact.Name && x.Sym != 0 && b.kind == fact.FunctionScope {
		sym, defs := &b.Symbols[x.Sym], b.DefsOf(x.Sym)
		return sym.Scope == b.scope && sym.Flags&(fact.Captured|fact.BoundParam) == 0 && len(defs) == 1 && defs[0].Kind == fact.DefAssign &&
			b.Exprs[defs[0].Value].Kind == fact.Call && b.makesLock(defs[0].Value)
	}
	if b.Exprs[e].Kind != fact.Call {
		return false
	}
	switch b.method(e) {
	case "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Mutex":
		return true
	}
	return false
}

// acquiredOutside finds "with X() as f" that became "f = X()".
func (p *pair) acquiredOutside(i int) {
	a := &p.base.atoms[i]
	resource := p.base.awaited(a.exprs[0])
	if p.base.Exprs[resource].Kind != fact.Call {
		p.ownedObject(i)
		return
	}
	switch p.base.method(resource) {
	case "suppress":
		p.unsuppressed(i, resource)
		return
	case "redirect_stdout", "redirect_stderr", "nullcontext":
		return
	case "closing", "aclosing":
		args := p.base.positional(resource)
		if len(args) == 0 {
			return
		}
		resource = args[0]
	}
	text := p.base.text(resource)
	if p.closedByHand(i, resource) {
		return
	}
	for j := range p.head.atoms {
		h := &p.head.atoms[j]
		if h.kind == withAtom || h.key == "return "+text || countMentions(h.key, text) == 0 {
			continue
		}
		if i := p.origin[j]; i >= 0 && p.base.atoms[i].kind != withAtom && countMentions(p.base.atoms[i].key, text) >= countMentions(h.key, text) {
			continue
		}
		if strings.Contains(h.key, "enter_context") || strings.Contains(h.key, "enter_async_context") || strings.Contains(h.key, ".push(") {
			continue
		}
		p.acquired(i, j, text)
		return
	}
}

// unsuppressed reports the body of a "with suppress(...)" that remains outside of anything that catches the same.
func (p *pair) unsuppressed(i int, call fact.Expr) {
	var classes []class
	var names []string
	for _, arg := range p.base.positional(call) {
		classes = append(classes, p.base.class(arg))
		names = append(names, p.base.text(arg))
	}
	if p.counterpart[i] >= 0 || !slices.ContainsFunc(classes, func(c class) bool { return !c.isLookup() }) {
		return
	}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		j := p.counterpart[k]
		if j < 0 || p.head.handled(j, classes) {
			continue
		}
		guard := program.Fallback
		if slices.ContainsFunc(classes, class.isInterruption) {
			guard = program.Cancellation
		}
		p.lose(Removed, guard, "suppress", k, fmt.Sprintf("nothing suppresses %s here any more", strings.Join(names, ", ")), p.base.atoms[i].key)
		return
	}
}

// ownedObject finds "with self.connection:" whose body remains without it.
func (p *pair) ownedObject(i int) {
	text := p.base.text(p.base.atoms[i].exprs[0])
	if p.counterpart[i] >= 0 || p.kept < 0.6 || p.entersNow() {
		return
	}
	remains := false
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		j := p.counterpart[k]
		if j < 0 {
			continue
		}
		remains = true
		for o := p.head.atoms[j].outer; o >= 0; o = p.head.atoms[o].outer {
			if p.head.atoms[o].kind == withAtom && p.head.text(p.head.atoms[o].exprs[0]) == text {
				return
			}
		}
	}
	used := slices.ContainsFunc(p.head.atoms, func(h atom) bool { return mentions(h.key, text) })
	if remains && used {
		p.lose(Removed, program.Release, "owner", i, fmt.Sprintf("%s is not entered any more", text), p.base.atoms[i].key)
	}
}

// entersNow says whether head has a with that base has not.
func (p *pair) entersNow() bool {
	return slices.ContainsFunc(p.changedInHead(), func(j int) bool {
		i := p.origin[j]
		return p.head.atoms[j].kind == withAtom && (i < 0 || p.base.atoms[i].kind != withAtom)
	})
}

// closedByHand finds a with over something that is opened whose body remains and that head releases with a call that
// an exception skips.
func (p *pair) closedByHand(i int, resource fact.Expr) bool {
	if p.counterpart[i] >= 0 || p.entersNow() || !opens(p.base.method(resource)) {
		return false
	}
	if !slices.ContainsFunc(p.counterpart[i+1:p.base.atoms[i].end], func(j int) bool { return j >= 0 && p.head.atoms[j].kind != withAtom }) {
		return false
	}
	released := false
	for _, j := range p.added() {
		for _, call := range p.head.atomCalls(j) {
			if !p.head.isRelease(call) {
				continue
			}
			if p.head.around(j, finallyAtom) {
				return true
			}
			released = true
		}
	}
	if released {
		p.lose(Weakened, program.Release, "normal-path", i,
			fmt.Sprintf("%s is released only where nothing raises, base entered it", p.base.text(resource)), p.base.atoms[i].key)
	}
	return released
}

// opens says whether calling the name gives something that must be given back.
func opens(name string) bool {
	found := false
	eachWord(name, func(w string) {
		switch w {
		case "open", "connect", "connection", "acquire", "session", "cursor", "client", "pool", "lease", "executor", "socket":
			found = true
		}
	})
	return found
}

// lockedByHand says whether head takes and gives back with calls the lock that base entered, and reports it where an
// exception in between leaves it taken.
func (p *pair) lockedByHand(i int) bool {
	lock := p.base.text(p.base.atoms[i].exprs[0])
	taken, released, certain := -1, -1, false
	for j := range p.head.atoms {
		for _, call := range p.head.atomCalls(j) {
			switch p.head.callee(call) {
			case lock + ".acquire":
				taken = j
			case lock + ".release":
				released, certain = j, certain || p.head.around(j, finallyAtom)
			}
		}
	}
	if p.counterpart[i] >= 0 || taken < 0 || released < taken {
		return false
	}
	raises := slices.ContainsFunc(p.head.atoms[taken+1:released], func(h atom) bool {
		return strings.ContainsAny(h.key, "([") || h.kind == raiseAtom
	})
	if !certain && raises {
		p.report(Loss{
			Rule: Weakened, Guard: program.Release, Shape: "normal-path", Key: p.base.atoms[i].key,
			At:      program.Place{File: p.head.id, Span: p.head.header(taken)},
			Base:    program.Place{File: p.base.id, Span: p.base.header(i)},
			Message: fmt.Sprintf("%s is released only where nothing raises, base entered it", lock),
		})
	}
	return true
}

// acquired reports an acquisition that the atom j of head makes outside of a with.
func (p *pair) acquired(i, j int, text string) {
	name := p.head.target(&p.head.atoms[j])
	rule, message := Removed, fmt.Sprintf("%s is not closed any more, base opened it in a with", text)
	if name != "" {
		for k := range p.head.atoms {
			if !closes(p.head, k, name) {
				continue
			}
			if p.head.around(k, finallyAtom) {
				return
			}
			rule, message = Weakened, fmt.Sprintf("%s is closed only where nothing raises, base opened it in a with", text)
		}
		if strings.HasPrefix(name, "self.") && p.change.fresh.words&shutdownWord != 0 && p.change.fresh.calls["close"] > 0 {
			return
		}
	}
	at := program.Place{File: p.head.id, Span: p.head.header(j)}
	p.report(Loss{
		Rule: rule, Guard: program.Release, Shape: "with", At: at,
		Base: program.Place{File: p.base.id, Span: p.base.header(i)}, Message: message, Key: p.base.atoms[i].key,
	})
}

// closes says whether the atom releases the object called name.
func closes(b *body, k int, name string) bool {
	for _, call := range b.atomCalls(k) {
		if r := b.receiver(call); r != 0 && b.isRelease(call) && b.text(r) == name {
			return true
		}
	}
	return mentions(b.atoms[k].key, name+".close") && len(b.atomCalls(k)) > 0
}
