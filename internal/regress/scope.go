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
	case words&transactionWord != 0, name == "begin", name == "begin_nested":
		return program.Transaction
	case words&deadlineWord != 0, isDeadlineCall(name):
		return program.Deadline
	case name == "CancelScope" && strings.Contains(text, "shield"):
		return program.Cancellation
	}
	return ""
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
		if guard == "" {
			p.acquiredOutside(i)
		} else {
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
	_, outside := p.coverage(i, guard)
	return len(outside) > 0 && guard == program.Lock
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
		if b.atoms[o].kind == withAtom && b.scopeGuard(o) == guard {
			return true
		}
	}
	return false
}

// lostScope reports a scope of which the protected code remains.
func (p *pair) lostScope(i int, guard program.GuardKind) {
	remaining, outside := p.coverage(i, guard)
	if len(outside) == 0 {
		return
	}
	if guard == program.Lock {
		outside = slices.DeleteFunc(outside, func(k int) bool { return !p.sharesState(k) })
		if len(outside) == 0 {
			return
		}
	} else if len(outside) < len(remaining) {
		return
	}
	if p.scopeElsewhere(guard) || p.guardedByCaller(guard) || p.guardedByCallee(outside, guard) {
		return
	}
	a := &p.base.atoms[i]
	at := program.Place{File: p.head.id, Span: p.head.header(p.counterpart[outside[0]])}
	p.report(Loss{
		Rule: Removed, Guard: guard, Shape: "scope", At: at,
		Base:    program.Place{File: p.base.id, Span: p.base.header(i)},
		Message: fmt.Sprintf("this is not inside %q any more", strings.TrimPrefix(a.key, "with ")), Key: a.key,
	})
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

// makesLock says whether the expression constructs a lock.
func (b *body) makesLock(e fact.Expr) bool {
	e = b.awaited(e)
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
		return
	}
	switch p.base.method(resource) {
	case "suppress", "redirect_stdout", "redirect_stderr", "nullcontext":
		return
	case "closing", "aclosing":
		args := p.base.positional(resource)
		if len(args) == 0 {
			return
		}
		resource = args[0]
	}
	text := p.base.text(resource)
	for j := range p.head.atoms {
		h := &p.head.atoms[j]
		if h.kind == withAtom || h.kind == returnAtom || countMentions(h.key, text) == 0 {
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
	return false
}
