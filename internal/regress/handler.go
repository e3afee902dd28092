package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// handlers looks for except and finally clauses whose protected code remains without them.
func (p *pair) handlers() {
	for i := range p.base.atoms {
		switch p.base.atoms[i].kind {
		case finallyAtom:
			p.lostFinally(i)
		case exceptAtom:
			p.lostHandler(i)
		}
	}
}

// protected gives the atoms of the try that remain in head, those that call something in preference.
func (p *pair) protected(try int) []int {
	var remaining, calling []int
	for k := try + 1; k < p.base.atoms[try].end; k++ {
		if p.base.atoms[k].kind.isNoise() || p.counterpart[k] < 0 {
			continue
		}
		remaining = append(remaining, k)
		if len(p.base.atomCalls(k)) > 0 {
			calling = append(calling, k)
		}
	}
	if len(calling) > 0 {
		return calling
	}
	return remaining
}

// lostFinally reports releases that a finally made and that are not certain to run any more.
func (p *pair) lostFinally(i int) {
	if len(p.protected(p.base.atoms[i].try)) == 0 {
		return
	}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		for _, call := range p.base.atomCalls(k) {
			if p.base.isRelease(call) {
				p.lostFinalRelease(k, call)
			}
		}
	}
}

func (p *pair) lostFinalRelease(k int, call fact.Expr) {
	name, root := p.base.method(call), p.base.root(p.base.Exprs[call].A)
	var remaining []callRef
	for _, c := range p.head.callsOf() {
		if p.head.method(c.call) == name && p.head.root(p.head.Exprs[c.call].A) == root {
			remaining = append(remaining, c)
		}
	}
	if slices.ContainsFunc(remaining, func(c callRef) bool { return p.head.around(c.atom, finallyAtom) }) {
		return
	}
	for _, j := range p.added() {
		if k := p.head.atoms[j].kind; k == withAtom || k == finallyAtom {
			return
		}
	}
	if len(remaining) == 0 && (root == "" || !p.head.uses(root) || p.change.moved(p.base.atoms[k].key)) {
		return
	}
	guard := program.Release
	switch callee := p.base.callee(call); {
	case name == "release" && isLock(callee):
		guard = program.Lock
	case name == "cancel":
		guard = program.Cancellation
	}
	text := p.base.text(call)
	if len(remaining) > 0 {
		p.lose(Weakened, guard, "finally", k, fmt.Sprintf("%s does not run where something raises before it, base called it in finally", text), text)
		return
	}
	p.lose(Removed, guard, "finally", k, fmt.Sprintf("%s, which base called in finally, is gone", text), text)
}

// exceptions gives the texts of the exception classes of a handler; "" for a bare except.
func (b *body) exceptions(i int) []string {
	e := b.Stmts[b.atoms[i].stmt].A
	if e == 0 {
		return []string{""}
	}
	if b.Exprs[e].Kind != fact.Tuple {
		return []string{b.text(e)}
	}
	var texts []string
	for _, part := range b.OperandsOf(e) {
		texts = append(texts, b.text(part))
	}
	return texts
}

func isBroad(class string) bool {
	switch lastPart(class) {
	case "", "BaseException", "Exception":
		return true
	}
	return false
}

// isCancellation says whether an ordinary "except Exception" lets the exception pass.
func isCancellation(class string) bool {
	switch lastPart(class) {
	case "", "BaseException", "CancelledError", "KeyboardInterrupt", "GeneratorExit", "SystemExit":
		return true
	}
	return false
}

// handled says whether head catches all the classes around the atom j.
func (b *body) handled(j int, classes []string) bool {
	for o := b.atoms[j].outer; o >= 0; o = b.atoms[o].outer {
		switch b.atoms[o].kind {
		case withAtom:
			if e := b.atoms[o].exprs[0]; b.Exprs[e].Kind == fact.Call && b.method(e) == "suppress" {
				return true
			}
		case tryAtom:
			if b.catches(o, classes) {
				return true
			}
		}
	}
	return false
}

func (b *body) catches(try int, classes []string) bool {
	caught := map[string]bool{}
	for k := range b.atoms {
		if b.atoms[k].kind == exceptAtom && b.atoms[k].try == try {
			for _, class := range b.exceptions(k) {
				caught[lastPart(class)] = true
			}
		}
	}
	if caught[""] || caught["BaseException"] {
		return true
	}
	if caught["Exception"] && !slices.ContainsFunc(classes, isCancellation) {
		return true
	}
	return !slices.ContainsFunc(classes, func(class string) bool { return !caught[lastPart(class)] })
}

// lostHandler looks at one except clause.
func (p *pair) lostHandler(i int) {
	classes := p.base.exceptions(i)
	remaining := p.protected(p.base.atoms[i].try)
	outside := 0
	for _, k := range remaining {
		if !p.head.handled(p.counterpart[k], classes) {
			outside++
		}
	}
	switch {
	case len(remaining) == 0:
	case outside == 0, outside < len(remaining):
		p.broadened(i, classes)
	case p.change.moved(p.base.atoms[i].key) && !p.edited[i]:
	default:
		p.reportHandler(i, classes)
	}
}

// action is what a handler does with the exception.
type action struct {
	reraises, raises, releases, rollsBack bool
}

func (b *body) action(i int) action {
	var act action
	bound := b.Text(b.Stmts[b.atoms[i].stmt].Text)
	for k := i + 1; k < b.atoms[i].end; k++ {
		if a := &b.atoms[k]; a.kind == raiseAtom {
			if e := b.Stmts[a.stmt].A; e == 0 || b.text(e) == bound {
				act.reraises = true
			} else {
				act.raises = true
			}
		}
		for _, call := range b.atomCalls(k) {
			switch name := b.method(call); {
			case b.isRelease(call):
				act.releases = true
			case strings.HasPrefix(name, "rollback"):
				act.rollsBack = true
			case name == "abort":
				act.raises = true
			}
		}
	}
	return act
}

// reportHandler says what was lost with a handler, by what it did.
func (p *pair) reportHandler(i int, classes []string) {
	act := p.base.action(i)
	key := p.base.atoms[i].key
	what := fmt.Sprintf("%q does not protect this any more", key)
	reported := false
	report := func(guard program.GuardKind, shape, message string) {
		p.report(Loss{
			Rule: Removed, Guard: guard, Shape: shape, Message: message, Key: key,
			At:   program.Place{File: p.head.id, Span: p.head.header(p.counterpart[p.protected(p.base.atoms[i].try)[0]])},
			Base: program.Place{File: p.base.id, Span: p.base.header(i)},
		})
		reported = true
	}
	interrupts := slices.ContainsFunc(classes, isCancellation)
	named := slices.ContainsFunc(classes, func(class string) bool { return class != "" })
	switch {
	case act.rollsBack:
		report(program.Transaction, "rollback", what+", it rolled back")
	case act.releases:
		report(program.Release, "handler-release", what+", it released what was acquired")
	case interrupts && (named || act.reraises):
		report(program.Cancellation, "handler", what+", which cancellation also passes")
	case slices.ContainsFunc(classes, isConflict) && !act.reraises && !act.raises:
		report(program.Idempotency, "conflict", what+", it took a second request for the first")
	}
	if reported || slices.ContainsFunc(classes, func(class string) bool { return has(class, deadlineWord) }) {
		return
	}
	switch {
	case act.raises:
		report(program.Validation, "translate", what+", it told the caller what was wrong")
	case !act.reraises:
		report(program.Fallback, "handler", what+", it went on without")
	}
}

// isConflict says whether the exception tells that something is there already.
func isConflict(class string) bool {
	for _, part := range []string{"Integrity", "AlreadyExists", "Duplicate", "Unique", "Conflict", "DoesNotExist"} {
		if strings.Contains(class, part) {
			return true
		}
	}
	return strings.HasSuffix(class, "Exists")
}

// broadened reports a handler that takes in much more than it did and does not raise it again.
func (p *pair) broadened(i int, classes []string) {
	j := p.counterpart[i]
	if !p.edited[i] || j < 0 || p.head.atoms[j].kind != exceptAtom {
		return
	}
	now := p.head.exceptions(j)
	if slices.ContainsFunc(classes, isBroad) || !slices.ContainsFunc(now, isBroad) || p.head.action(j).reraises {
		return
	}
	p.lose(Weakened, program.Cancellation, "broadened", i, fmt.Sprintf("%q swallows more than %q did", p.head.atoms[j].key, p.base.atoms[i].key), p.base.atoms[i].key)
}

// isRelease says whether a call gives back or ends what its receiver or argument holds.
func (b *body) isRelease(call fact.Expr) bool {
	switch name := strings.TrimLeft(b.method(call), "_"); name {
	case "join":
		r := b.receiver(call)
		return r != 0 && len(b.OperandsOf(call)) == 0 && !strings.Contains(b.text(r), "path") && b.Exprs[r].Kind != fact.StrConst
	case "close", "aclose", "release", "shutdown", "cleanup", "dispose", "disconnect", "terminate", "kill", "unlink",
		"rmtree", "destroy", "teardown", "wait_closed", "putconn", "CloseHandle":
		return true
	default:
		return strings.HasPrefix(name, "close_") || strings.HasPrefix(name, "aclose_") || strings.HasPrefix(name, "closeConnection")
	}
}

// releases looks for calls that end something and are not made any more: close, commit, cancel, and taking a lock.
func (p *pair) releases() {
	base, head := p.base.countMethods(), p.head.countMethods()
	for _, c := range p.calls.gone {
		name := p.base.method(c.call)
		if name == "" {
			continue
		}
		still := head[name] >= base[name] || p.change.fresh.calls[name] > 0
		p.goneCall(c, name, still, head[name] < base[name])
	}
	for _, i := range p.gone() {
		p.goneLock(i)
	}
}

// goneCall looks at one call that head does not make; still is true where the change calls the same name elsewhere.
func (p *pair) goneCall(c callRef, name string, still, fewer bool) {
	a := &p.base.atoms[c.atom]
	switch {
	case name == "select_for_update" || name == "with_for_update" || (a.kind == exprAtom || a.kind == assignAtom) && p.base.takesLock(c.call):
		if fewer && p.kept >= 0.5 && !p.takesLockNow() {
			p.lose(Removed, program.Lock, "lock-call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
		}
	case name == "shield":
		if !still {
			p.lose(Removed, program.Cancellation, "shield", c.atom, fmt.Sprintf("this is not shielded from cancellation any more: %s", c.text), c.text)
		}
	case still || !p.base.isStatement(c) && !(a.kind == returnAtom && p.base.isRelease(c.call)):
	case name == "commit" || name == "rollback" || name == "savepoint_commit" || name == "rollback_unless_managed":
		if p.kept >= 0.5 {
			p.lose(Removed, program.Transaction, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
		}
	case name == "cancel" || name == "add_done_callback":
		if p.kept >= 0.4 {
			p.lose(Removed, program.Cancellation, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
		}
	case p.base.isRelease(c.call) && !isLock(p.base.callee(c.call)):
		p.goneRelease(c)
	}
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
	if p.kept < 0.5 {
		return
	}
	a := &p.base.atoms[c.atom]
	if a.outer >= 0 {
		for _, j := range p.added() {
			if p.head.atoms[j].kind == withAtom {
				return
			}
		}
	}
	object := ""
	if r := p.base.receiver(c.call); r != 0 {
		object = p.base.text(r)
	} else if args := p.base.positional(c.call); len(args) > 0 {
		object = p.base.text(args[0])
	}
	object = strings.FieldsFunc(object+"(", func(r rune) bool { return r == '(' || r == '[' })[0]
	if object == "" {
		return
	}
	lives := strings.HasPrefix(object, "self.") || strings.HasPrefix(object, "cls.") || object == "super" || p.base.around(c.atom, forAtom)
	for j := range p.head.atoms {
		lives = lives || mentions(p.head.atoms[j].key, object)
	}
	if lives {
		p.lose(Removed, program.Release, "call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
	}
}

// goneLock reports a lock that is not made any more.
func (p *pair) goneLock(i int) {
	a := &p.base.atoms[i]
	value := p.base.value(a)
	if a.kind != assignAtom || value == 0 || !p.base.makesLock(value) || p.change.moved(a.key) || p.kept < 0.5 {
		return
	}
	name := lastPart(p.base.target(a))
	for _, f := range p.change.fresh.atoms {
		if f.atom().kind == assignAtom && mentions(f.atom().key, name) {
			return
		}
	}
	p.lose(Removed, program.Lock, "lock-made", i, fmt.Sprintf("%s is not made any more", p.base.target(a)), a.key)
}
