package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// deletedFunctions looks at functions that are gone although what they guarded remains: an override, a hook, or a
// check that callers made.
func (c *change) deletedFunctions() {
	for _, b := range c.deleted {
		headPath := c.headPath[b.Path]
		if b.kind != fact.FunctionScope || headPath == "" || b.isTest() {
			continue
		}
		head := c.source(1, c.byPath[1][headPath])
		if class := b.classOf(b); class != nil && head.byName[class.key] == nil || c.bodyMoved(b) {
			continue
		}
		if b.classOf(b) == nil && c.definedElsewhere(b.name) {
			continue
		}
		c.deletedFunction(b, head)
	}
}

// bodyMoved says whether half of the statements of the body are elsewhere in head now.
func (c *change) bodyMoved(b *body) bool {
	all, moved := 0, 0
	for i := range b.lower() {
		if b.atoms[i].kind.isNoise() {
			continue
		}
		all++
		if c.moved(b.atoms[i].key) {
			moved++
		}
	}
	return all > 0 && 2*moved >= all
}

// definedElsewhere says whether a file of the change defines a function of the name in head.
func (c *change) definedElsewhere(name string) bool {
	for _, path := range sortedKeys(c.headPath) {
		if c.headPath[path] == "" {
			continue
		}
		for _, b := range c.source(1, c.byPath[1][c.headPath[path]]).bodies {
			if b.kind == fact.FunctionScope && b.name == name {
				return true
			}
		}
	}
	return false
}

// deletedFunction reports the guards of one function that is gone.
func (c *change) deletedFunction(b *body, head *source) {
	why := ""
	switch {
	case b.callsSuper():
		why = "an override"
	case b.isHook():
		why = "a hook"
	case c.callersRemain(b):
		why = "called by code that remains"
	default:
		return
	}
	at := fact.Span{}
	if class := b.classOf(b); class != nil {
		at = head.byName[class.key].span()
	}
	for _, guard := range b.guards() {
		c.losses = append(c.losses, Loss{
			Rule: Removed, Guard: guard, Shape: "function", Confidence: 1, Symbol: b.qualified,
			Message: fmt.Sprintf("%s, %s, is gone with what it guarded against", b.name, why), Key: "def " + b.name,
			Func: program.Func{File: head.id}, At: program.Place{File: head.id, Span: at},
			Base: program.Place{File: b.id, Span: b.span()},
		})
	}
}

// callsSuper says whether the body calls the method of its name that it overrides.
func (b *body) callsSuper() bool {
	for _, c := range b.callsOf() {
		if r := b.receiver(c.call); r != 0 && b.method(c.call) == b.name && b.Exprs[r].Kind == fact.Call && b.callee(r) == "super" {
			return true
		}
	}
	return false
}

// isHook says whether a decorator registers the function with somebody who calls it.
func (b *body) isHook() bool {
	return slices.ContainsFunc(b.decorators(), func(d string) bool {
		for _, part := range []string{"valid", "before_", "on_event", "listens_for", "receiver", "event"} {
			if strings.Contains(d, part) {
				return true
			}
		}
		return false
	})
}

// callersRemain says whether a function that called the body goes on without it.
func (c *change) callersRemain(b *body) bool {
	for _, p := range c.pairs {
		if p.kept < 0.4 {
			continue
		}
		for _, call := range p.base.callsOf() {
			if (p.counterpart[call.atom] < 0 || p.edited[call.atom]) && p.base.method(call.call) == b.name {
				return true
			}
		}
	}
	return false
}

// guards gives the kinds of guard that the body is made of.
func (b *body) guards() []program.GuardKind {
	var list []program.GuardKind
	add := func(guard program.GuardKind) {
		if !slices.Contains(list, guard) {
			list = append(list, guard)
		}
	}
	checks := false
	for i := range b.lower() {
		a := &b.atoms[i]
		switch a.kind {
		case withAtom:
			if g := b.scopeGuard(i); g == program.Lock || g == program.Transaction {
				add(g)
			}
		case assignAtom:
			if v := b.value(a); v != 0 && b.makesLock(v) {
				add(program.Lock)
			}
		case ifAtom:
			if how, _ := b.refuses(i); how == raises || how == answers {
				add(b.checkGuard(i))
				checks = true
			}
		}
		b.callGuards(i, add)
	}
	w := wordsOf(b.name)
	if !checks && (w&validateWord != 0 || w&(checkWord|requireWord) != 0 && b.raises()) {
		add(program.Validation)
	}
	if w&permissionWord != 0 && w&(checkWord|requireWord) != 0 {
		add(program.Authorization)
	}
	return list
}

// callGuards adds the guards that the calls of an atom are.
func (b *body) callGuards(i int, add func(program.GuardKind)) {
	for _, call := range b.atomCalls(i) {
		switch {
		case b.takesLock(call):
			add(program.Lock)
		case isDeadlineCall(b.method(call)):
			add(program.Deadline)
		case b.method(call) == "on_commit":
			add(program.Transaction)
		case len(b.atoms) <= 6 && b.isRelease(call):
			add(program.Release)
		}
		for _, k := range b.keywords(call) {
			if has(k.name, deadlineWord) && b.text(k.value) != "None" {
				add(program.Deadline)
			}
		}
	}
}

func (b *body) raises() bool {
	return slices.ContainsFunc(b.lower(), func(a atom) bool { return a.kind == raiseAtom })
}
