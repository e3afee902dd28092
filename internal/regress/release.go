package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// isRelease says whether a call gives back or ends what its receiver or argument holds.
func (b *body) isRelease(call fact.Expr) bool {
	switch name := strings.TrimLeft(b.method(call), "_"); name {
	case "exit__", "aexit__": // called by hand where entering fails
		return true
	case "join":
		r, args := b.receiver(call), b.argumentExprs(call)
		if r == 0 || len(args) > 1 {
			return false
		}
		if len(args) == 1 {
			_, known := b.Number(args[0])
			return known || isDeadlineName(b.text(args[0]))
		}
		return !strings.Contains(b.text(r), "path") && b.Exprs[r].Kind != fact.StrConst
	default:
		return isReleaseName(name)
	}
}

// isReleaseName says whether a function of this name gives back or ends something.
func isReleaseName(name string) bool {
	switch name = strings.TrimLeft(name, "_"); name {
	case "close", "aclose", "release", "shutdown", "cleanup", "dispose", "disconnect", "terminate", "kill", "unlink",
		"rmtree", "destroy", "teardown", "wait_closed", "putconn", "CloseHandle":
		return true
	}
	if has(name, clockWord) || strings.Contains(strings.ToLower(name), "after") || strings.Contains(strings.ToLower(name), "later") {
		return false // it only says when
	}
	switch firstWord(name) {
	case "close", "aclose", "release", "dispose", "disconnect", "cleanup", "teardown":
		return true
	}
	return false
}

// firstWord gives the first word of a name in lower case: "close" of closeRpmDB.
func firstWord(name string) string {
	first := ""
	eachWord(name, func(w string) {
		if first == "" {
			first = w
		}
	})
	return first
}

// releases looks for calls that end something and are not made any more: close, commit, cancel, and taking a lock.
func (p *pair) releases() {
	base, head := p.base.countMethods(), p.head.countMethods()
	for _, c := range p.calls.gone {
		name := p.base.method(c.call)
		if name == "" {
			continue
		}
		still := head[name] >= base[name] || p.otherArm(c) || p.change.fresh.callees[p.base.shortCallee(c.call)] > 0 || p.renamedCall(name)
		p.goneCall(c, name, still, head[name] < base[name])
	}
	for _, i := range p.gone() {
		p.goneLock(i)
		p.goneAwait(i)
	}
}

// otherArm says whether base made the call in both arms of a condition, of which head has one, and head still makes it.
func (p *pair) otherArm(c callRef) bool {
	arm := p.base.atoms[c.atom].outer
	if arm < 0 || p.counterpart[arm] >= 0 {
		return false
	}
	callee := p.base.callee(c.call)
	twin := slices.ContainsFunc(p.base.callsOf(), func(other callRef) bool {
		o := p.base.atoms[other.atom].outer
		return o >= 0 && o != arm && p.base.callee(other.call) == callee && (p.base.atoms[o].try == arm || p.base.atoms[arm].try == o)
	})
	return twin && slices.ContainsFunc(p.head.callsOf(), func(h callRef) bool { return p.head.callee(h.call) == callee })
}

// renamedCall says whether head calls the same under a name that differs in leading underscores or "a" only.
func (p *pair) renamedCall(name string) bool {
	bare := strings.TrimPrefix(strings.TrimLeft(name, "_"), "a")
	return slices.ContainsFunc(p.calls.added, func(c callRef) bool {
		return strings.TrimPrefix(strings.TrimLeft(p.head.method(c.call), "_"), "a") == bare
	})
}

// goneCall looks at one call that head does not make; still is true where the change calls the same name elsewhere.
func (p *pair) goneCall(c callRef, name string, still, fewer bool) {
	a := &p.base.atoms[c.atom]
	switch {
	case strings.Contains(name, "for_update") || (a.kind == exprAtom || a.kind == assignAtom) && p.base.takesLock(c.call):
		// What a locked row is asked for goes with it: the check of the row, and what refuses.
		enough := p.kept >= 0.5 || p.kept >= 0.2 && strings.Contains(name, "for_update")
		if fewer && enough && !p.change.callsOutside(p.head, name) && !p.takesLockNow() {
			p.lose(Removed, program.Lock, "lock-call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
		}
	case p.base.waitsForTurn(c.call) && p.base.isStatement(c):
		if !still && max(p.kept, p.keptBeside(c.atom)) >= 0.5 {
			p.lose(Removed, program.Bound, "turn", c.atom, fmt.Sprintf("%s is not waited for any more", p.base.callee(c.call)), c.text)
		}
	case name == "signal" || name == "add_signal_handler":
		p.goneSignal(c)
	case name == "shield":
		if !still {
			p.lose(Removed, program.Cancellation, "shield", c.atom, fmt.Sprintf("this is not shielded from cancellation any more: %s", c.text), c.text)
		}
	case name == "cancel" && p.base.cancelsAll(c):
		if p.keptBeside(c.atom) >= 0.4 && !p.namesNear("all_tasks") && !p.head.namesUsed()["all_tasks"] {
			p.lose(Removed, program.Cancellation, "call", c.atom, "the tasks that still run are not cancelled any more", c.text)
		}
	case still || !p.base.isStatement(c) && !p.base.isOneOfMany(c) && !(a.kind == returnAtom && p.base.isRelease(c.call)):
	case name == "commit" || name == "savepoint_commit" || isRollbackName(name):
		if p.kept >= 0.5 && !(name == "commit" && p.writesGone(c)) {
			p.lose(Removed, program.Transaction, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
		}
	case firstWord(name) == "cancel" && name != "cancel":
		p.goneCancel(c)
	case name == "cancel" && p.spawnGone(c):
	case name == "cancel" || name == "add_done_callback":
		if max(p.kept, p.keptBeside(c.atom)) >= 0.4 && (p.head.uses(p.base.root(p.base.receiver(c.call))) || p.base.loopsOverOwn(c.atom)) {
			p.lose(Removed, program.Cancellation, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
		}
	case p.base.isRelease(c.call) && !isLock(p.base.callee(c.call)) && !p.head.refersTo(p.base.callee(c.call)):
		p.goneRelease(c)
	}
}

// goneCancel reports a function of the object that cancels something, self._cancel_timer(), and is not called any more, and
// not written out in the place of the call either.
func (p *pair) goneCancel(c callRef) {
	r := p.base.receiver(c.call)
	if r == 0 || p.base.text(r) != "self" || max(p.kept, p.keptBeside(c.atom)) < 0.5 || p.change.fresh.calls["cancel"] > 0 && p.head.countMethods()["cancel"] > p.base.countMethods()["cancel"] {
		return
	}
	p.lose(Removed, program.Cancellation, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
}

// waitsForTurn says whether the call waits until what limits the rate or the number of requests lets one more pass.
func (b *body) waitsForTurn(call fact.Expr) bool {
	r := b.receiver(call)
	if r == 0 || !has(lastPart(b.text(r)), semaphoreWord) {
		return false
	}
	switch b.method(call) {
	case "acquire", "wait", "throttle":
		return true
	}
	return false
}

// isOneOfMany says whether the call is made for each of several objects, and its atom waits for them all:
// "gather(*[c.close() for c in clients])".
func (b *body) isOneOfMany(c callRef) bool {
	a := &b.atoms[c.atom]
	value := b.value(a)
	if a.kind != exprAtom || b.Exprs[value].Kind != fact.Call {
		return false
	}
	switch b.method(value) {
	case "gather", "wait", "gather_maybe":
	default:
		return false
	}
	inside := false
	for _, arg := range b.OperandsOf(value) {
		eachExpr(b.source, []fact.Expr{arg}, func(e fact.Expr) {
			if x := &b.Exprs[e]; x.Kind == fact.Comp && x.A == c.call {
				inside = true
			}
		})
	}
	return inside
}

// iterated gives the text of what the comprehension runs over that makes the call.
func (b *body) iterated(call fact.Expr) string {
	comp := &b.Exprs[b.Exprs[call].Parent]
	for _, e := range b.List(comp.Ops) {
		if x := &b.Exprs[e]; x.Kind == fact.CompFor {
			return b.text(x.B)
		}
	}
	return ""
}

// isRollbackName says whether a function of this name undoes what a transaction did: rollback, set_rollback.
func isRollbackName(name string) bool {
	found := false
	eachWord(name, func(w string) { found = found || w == "rollback" })
	return found && firstWord(name) != "on"
}

// loopsOverOwn says whether the atom stands in a loop over what the object keeps.
func (b *body) loopsOverOwn(i int) bool {
	loop := b.enclosing(i, forAtom)
	return loop >= 0 && strings.HasPrefix(b.text(b.Stmts[b.atoms[loop].stmt].A), "self.")
}

// cancelsAll says whether the call cancels every task of the event loop: it stands in a loop over what all_tasks gave.
func (b *body) cancelsAll(c callRef) bool {
	loop := b.enclosing(c.atom, forAtom)
	return loop >= 0 && b.namesUsed()["all_tasks"] && firstPart(b.text(b.receiver(c.call))) == b.text(b.Stmts[b.atoms[loop].stmt].B)
}

// writesGone says whether what was committed is not written here any more: everything else that base called on the same
// object, and something was, is gone with the commit.
func (p *pair) writesGone(c callRef) bool {
	r := p.base.receiver(c.call)
	if r == 0 {
		return false
	}
	object, wrote := p.base.text(r), false
	for _, other := range p.base.callsOf() {
		if o := p.base.receiver(other.call); other.call == c.call || o == 0 || p.base.text(o) != object {
			continue
		}
		switch p.base.method(other.call) {
		case "commit", "rollback", "query", "get", "refresh", "scalar", "scalars", "close":
			continue
		}
		wrote = true
		if p.counterpart[other.atom] >= 0 {
			return false
		}
	}
	return wrote
}

// callsOutside says whether another function of the change calls the name where it did not.
func (c *change) callsOutside(head *body, name string) bool {
	return slices.ContainsFunc(c.fresh.atoms, func(f placedAtom) bool { return f.body != head && f.body.atomMethods(f.index)[name] })
}

func (p *pair) takesLockNow() bool {
	for _, j := range p.added() {
		if key := p.head.atoms[j].key; isLock(key) || strings.Contains(key, "for_update") {
			return true
		}
	}
	return false
}

// takesLock says whether calling takes a lock: lock.acquire(), self._lock_row(), flock(handle).
func (b *body) takesLock(call fact.Expr) bool {
	name := b.method(call)
	if name == "acquire" {
		return isLock(b.callee(call))
	}
	switch name {
	case "Lock", "RLock", "FileLock", "Semaphore", "release":
		return false
	}
	w := wordsOf(name)
	if w&(unlockWord|getWord) != 0 || strings.Contains(strings.ToLower(name), "locked") {
		return false
	}
	return w&lockWord != 0 || strings.Contains(name, "for_update")
}

// goneRelease reports a release that is not called any more while its object lives on.
func (p *pair) goneRelease(c callRef) {
	if p.kept < 0.5 && (p.kept < 0.3 || p.keptBeside(c.atom) < 0.5) && p.keptOfWork() < 0.6 {
		return
	}
	a := &p.base.atoms[c.atom]
	if a.outer >= 0 && p.entersNow() {
		return
	}
	object := ""
	if r := p.base.receiver(c.call); r != 0 {
		object = p.base.text(r)
	} else if args := p.base.positional(c.call); len(args) > 0 {
		object = p.base.text(args[0])
	}
	if p.base.isOneOfMany(c) {
		object = p.base.iterated(c.call)
	}
	object, _, _ = strings.Cut(object, "(")
	object, _, _ = strings.Cut(object, "[")
	if object == "" {
		p.goneBareRelease(c)
		return
	}
	if p.releasesOtherwise(object) || p.head.entersAs(object) {
		return
	}
	lives := p.head.uses(firstPart(object)) || strings.HasPrefix(object, "self.") || strings.HasPrefix(object, "cls.") || object == "super" || p.base.around(c.atom, forAtom)
	for j := range p.head.atoms {
		lives = lives || mentions(p.head.atoms[j].key, object)
	}
	if h := p.base.enclosing(c.atom, exceptAtom); lives && h >= 0 && p.counterpart[h] >= 0 {
		p.record(Loss{
			Rule: Removed, Guard: program.Release, Shape: "call", Key: c.text,
			At: program.Place{File: p.head.id, Span: p.remains(c.atom)}, Base: program.Place{File: p.base.id, Span: p.base.header(c.atom)},
			Message: fmt.Sprintf("%s is not called any more where something fails", c.text),
		})
	} else if lives {
		p.lose(Removed, program.Release, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
	}
}

// keptOfWork is kept with the releases and the conditions for nothing but releases left out: a function that ends something
// may consist of little else.
func (p *pair) keptOfWork() float64 {
	releases := func(k int) bool {
		a := &p.base.atoms[k]
		return a.kind == exprAtom && slices.ContainsFunc(p.base.atomCalls(k), func(call fact.Expr) bool { return p.base.isRelease(call) })
	}
	all, kept := 0, 0
	for k := range p.base.atoms {
		a := &p.base.atoms[k]
		only := a.kind == ifAtom
		for inner := k + 1; inner < a.end; inner++ {
			only = only && (p.base.atoms[inner].kind == ifAtom || p.base.atoms[inner].kind.isNoise() || releases(inner))
		}
		if a.kind.isNoise() || p.counterpart[k] < 0 && (only || releases(k)) {
			continue
		}
		all++
		if p.counterpart[k] >= 0 {
			kept++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(kept) / float64(all)
}

// goneBareRelease reports a function that released what it knows of itself, close_pools(), and that head does not call.
func (p *pair) goneBareRelease(c callRef) {
	if p.base.receiver(c.call) != 0 || p.addsRelease() {
		return
	}
	p.lose(Removed, program.Release, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
}

// addsRelease says whether head makes a release that base does not.
func (p *pair) addsRelease() bool {
	return slices.ContainsFunc(p.calls.added, func(c callRef) bool { return p.head.isRelease(c.call) })
}

// entersAs says whether a with of the body gives its context the name.
func (b *body) entersAs(name string) bool {
	return slices.ContainsFunc(b.lower(), func(a atom) bool { return a.kind == withAtom && strings.HasSuffix(a.key, " as "+name) })
}

// releasesOtherwise says whether head ends the object by another call than base did.
func (p *pair) releasesOtherwise(object string) bool {
	return slices.ContainsFunc(p.head.callsOf(), func(c callRef) bool {
		r := p.head.receiver(c.call)
		if r == 0 || p.base.makesCall(c.text) {
			return false
		}
		own := firstPart(object) == "self" && p.head.text(r) == "self" && has(p.head.method(c.call), endWord)
		return own || p.head.text(r) == object && p.head.isRelease(c.call)
	})
}

// goneLock reports a lock that is not made any more.
func (p *pair) goneLock(i int) {
	a := &p.base.atoms[i]
	value := p.base.value(a)
	if a.kind != assignAtom || value == 0 || !p.base.makesLock(value) || p.kept < 0.5 {
		return
	}
	// A lock that is made at the construction is one for all; made later, two callers may each make their own.
	target := p.base.target(a)
	name := lastPart(target)
	if p.base.kind == fact.FunctionScope && !strings.Contains(target, ".") {
		return // a local lock goes with what used it
	}
	early := isConstruction(p.base.name) && strings.HasPrefix(target, "self.")
	for _, f := range p.change.fresh.atoms {
		if f.atom().kind == assignAtom && mentions(lastPart(f.body.target(f.atom())), name) && (!early || f.body == p.head) {
			return
		}
	}
	p.lose(Removed, program.Lock, "lock-made", i, fmt.Sprintf("%s is not made any more", p.base.target(a)), a.key)
}

// spawnGone says whether what the call cancelled is not started any more either.
func (p *pair) spawnGone(c callRef) bool {
	r := p.base.receiver(c.call)
	if r == 0 {
		return false
	}
	object := p.base.text(r)
	for _, q := range p.change.pairs {
		for i := range q.base.atoms {
			a := &q.base.atoms[i]
			if (q.counterpart[i] < 0 || q.edited[i]) && a.kind == assignAtom && q.base.target(a) == object && q.base.text(q.base.value(a)) != "None" {
				return true
			}
		}
	}
	return false
}

// goneAwait reports a cancelled task that head does not wait for any more, and an exception that nobody reads.
func (p *pair) goneAwait(i int) {
	a := &p.base.atoms[i]
	if a.kind == exprAtom && p.kept >= 0.5 && p.base.Exprs[p.base.Stmts[a.stmt].A].Kind == fact.Await {
		awaited := p.base.value(a)
		if k := p.base.Exprs[awaited].Kind; k == fact.Name || k == fact.Attr {
			text := p.base.text(awaited)
			cancels := slices.ContainsFunc(p.head.atoms, func(h atom) bool { return mentions(h.key, text+".cancel(") })
			waits := slices.ContainsFunc(p.added(), func(j int) bool {
				return strings.Contains(p.head.atoms[j].key, "gather(") || strings.Contains(p.head.atoms[j].key, "wait(")
			})
			if cancels && !waits {
				p.lose(Removed, program.Cancellation, "await", i, fmt.Sprintf("%s is cancelled and not waited for", text), a.key)
			}
		}
	}
	for _, call := range p.base.atomCalls(i) {
		r := p.base.receiver(call)
		if p.base.method(call) != "exception" || r == 0 || len(p.base.OperandsOf(call)) > 0 || !isTaskName(p.base.text(r)) {
			continue
		}
		task := firstPart(p.base.text(r))
		if (p.head.uses(task) || findParameter(p.head.parameters(), task) != nil) && !slices.ContainsFunc(p.head.atoms, func(h atom) bool { return strings.Contains(h.key, ".exception()") }) {
			p.lose(Removed, program.Cancellation, "exception", i, fmt.Sprintf("nobody reads the exception of %s", p.base.text(r)), a.key)
		}
	}
}

func isTaskName(text string) bool {
	found := false
	eachWord(text, func(w string) { found = found || w == "task" || w == "fut" || w == "future" || w == "t" || w == "f" })
	return found
}
