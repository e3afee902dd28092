package regress

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// guardsOf gives the kinds of guard that a body of base is made of and that are nowhere else in head.
func (c *change) guardsOf(b *body) []program.GuardKind {
	guards := b.guards(func(i int) bool { return c.moved(b.atoms[i].key) })
	for _, inner := range c.deleted {
		if inner.Path != b.Path || !strings.HasPrefix(inner.qualified, b.qualified+".") {
			continue
		}
		for i := range inner.lower() { // what a factory or decorator puts around the functions that it is given
			if inner.atoms[i].kind == exceptAtom && inner.action(i).rollsBack && !slices.Contains(guards, program.Transaction) {
				guards = append(guards, program.Transaction)
			}
		}
	}
	return guards
}

// guards gives the kinds of guard that the body is made of; atoms for which elsewhere is true do not count.
func (b *body) guards(elsewhere func(i int) bool) []program.GuardKind {
	var list []program.GuardKind
	add := func(guard program.GuardKind) {
		if !slices.Contains(list, guard) {
			list = append(list, guard)
		}
	}
	checks := false
	for i := range b.lower() {
		a := &b.atoms[i]
		if !a.kind.isNoise() && elsewhere(i) {
			checks = checks || a.kind == ifAtom
			continue
		}
		switch a.kind {
		case exceptAtom:
			if b.action(i).raises && b.callsSuper() {
				add(program.Validation)
			}
		case withAtom:
			if g := b.scopeGuard(i); g == program.Lock || g == program.Transaction {
				add(g)
			}
		case assignAtom:
			if v := b.value(a); v != 0 && b.makesLock(v) {
				add(program.Lock)
			}
		case ifAtom:
			switch how, _ := b.refuses(i); {
			case how == raises || how == answers:
				add(b.checkGuard(i))
				checks = true
			case how == returns && a.outer < 0 && b.returnsNothing(i) && b.callsSuper():
				add(b.passingGuard(i))
				checks = true
			}
		case raiseAtom:
			if a.outer < 0 && i > 0 && b.raised(i) != "NotImplementedError" {
				add(program.Validation) // what no branch before it let through
				checks = true
			}
		}
		b.callGuards(i, add)
	}
	w := wordsOf(b.name)
	if !checks && (w&validateWord != 0 || w&(checkWord|requireWord) != 0 && b.raises()) {
		add(program.Validation)
	}
	if w&permissionWord != 0 && (w&(checkWord|requireWord) != 0 || b.isHook()) {
		add(program.Authorization)
	}
	return list
}

// passingGuard says what a condition guards under which an override does not go on to the method it stands for.
func (b *body) passingGuard(i int) program.GuardKind {
	if guard := b.quietGuard(i); guard != "" && !b.asksForAbsence(i) {
		return guard
	}
	if b.onlyOnce(i) {
		return program.Idempotency
	}
	return program.Validation
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
		case b.method(call) == "cancel" && (b.callsSuper() || b.overridesKnown()), b.method(call) == "add_done_callback", strings.Contains(b.method(call), "task_factory"):
			add(program.Cancellation)
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
