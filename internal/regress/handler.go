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
			p.silenced(i)
		}
	}
}

// protected gives the atoms of the try that remain in head, those that call something in preference. For a handler
// only what no inner try protects counts, and only where it still calls something it called.
func (p *pair) protected(try int, handler bool) []int {
	var remaining, calling []int
	for k := try + 1; k < p.base.atoms[try].end; k++ {
		if p.base.atoms[k].kind.isNoise() || p.counterpart[k] < 0 {
			continue
		}
		if handler && (p.base.enclosing(k, tryAtom) != try || p.edited[k] && !p.callsTheSame(k)) {
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

// callsTheSame says whether the edited atom calls something that it called in base, or called nothing.
func (p *pair) callsTheSame(k int) bool {
	base := p.base.atomCalls(k)
	for _, b := range base {
		for _, h := range p.head.atomCalls(p.counterpart[k]) {
			if p.base.callee(b) == p.head.callee(h) {
				return true
			}
		}
	}
	return len(base) == 0
}

// lostFinally reports releases that a finally made and that are not certain to run any more.
func (p *pair) lostFinally(i int) {
	if len(p.protected(p.base.atoms[i].try, false)) == 0 {
		return
	}
	said := false
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		if p.base.isReset(k) && p.counterpart[k] >= 0 && !said {
			said = p.runsOnlyAtTheEnd(k, p.base.atoms[k].key)
		}
		for _, call := range p.base.atomCalls(k) {
			if p.base.isRelease(call) {
				p.lostFinalRelease(k, call)
			} else if said {
				continue
			} else if p.counterpart[k] >= 0 && p.base.value(&p.base.atoms[k]) == call && p.base.receiver(call) != 0 {
				said = p.lostFinalCall(k, call)
			}
		}
	}
}

// lostFinalCall reports what head does behind what may raise, where base did it in any case: the end of a span, the
// word that a queue is at its end. It says whether it reported it.
func (p *pair) lostFinalCall(k int, call fact.Expr) bool {
	return p.base.atoms[k].kind == exprAtom && p.runsOnlyAtTheEnd(k, p.base.text(call))
}

// isReset says whether the atom says of something kept that it is over: "self.task = None", "outstanding = None".
func (b *body) isReset(k int) bool {
	a := &b.atoms[k]
	if a.kind != assignAtom {
		return false
	}
	kept := strings.HasPrefix(b.target(a), "self.")
	if x := &b.Exprs[firstTarget(b, a)]; x.Kind == fact.Name && x.Sym != 0 {
		kept = kept || b.Symbols[x.Sym].Scope != b.scope
	}
	v := b.Exprs[b.value(a)].Kind
	return kept && (v == fact.NoneConst || v == fact.FalseConst)
}

// firstTarget gives the first target of an assignment, 0 where it has none.
func firstTarget(b *body, a *atom) fact.Expr {
	if st := &b.Stmts[a.stmt]; st.Kind == fact.Assign {
		if targets := b.List(st.Targets); len(targets) > 0 {
			return targets[0]
		}
	}
	return 0
}

// runsOnlyAtTheEnd reports the atom of a finally that head has where an exception before it passes it by.
func (p *pair) runsOnlyAtTheEnd(k int, text string) bool {
	j := p.counterpart[k]
	if p.head.around(j, finallyAtom) || p.head.around(j, exceptAtom) || p.kept < 0.5 || p.entersNow() {
		return false
	}
	if slices.ContainsFunc(p.added(), func(j int) bool { return p.head.atoms[j].kind == finallyAtom }) {
		return false
	}
	p.lose(Weakened, program.Release, "finally", k, fmt.Sprintf("%s does not run where something raises before it, base called it in finally", text), text)
	return true
}

func (p *pair) lostFinalRelease(k int, call fact.Expr) {
	name, root := p.base.method(call), p.base.root(p.base.Exprs[call].A)
	var remaining []callRef
	for _, c := range p.head.callsOf() {
		if p.head.method(c.call) != name || p.head.root(p.head.Exprs[c.call].A) != root {
			continue
		}
		if p.head.callee(c.call) == p.base.callee(call) || !p.base.makesCall(c.text) {
			remaining = append(remaining, c)
		}
	}
	if slices.ContainsFunc(remaining, func(c callRef) bool { return p.head.around(c.atom, finallyAtom) }) || p.head.refersTo(p.base.callee(call)) {
		return
	}
	if p.entersNow() || slices.ContainsFunc(p.added(), func(j int) bool { return p.head.atoms[j].kind == finallyAtom }) {
		return
	}
	if p.kept < 0.5 {
		return
	}
	if len(remaining) == 0 && (root == "" || !p.head.uses(root) || p.wentTo(p.base.atoms[k].key)) {
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

// refersTo says whether the body hands the function on without calling it: run_in_executor(None, file.close).
func (b *body) refersTo(callee string) bool {
	return slices.ContainsFunc(b.lower(), func(a atom) bool { return countMentions(a.key, callee) > countMentions(a.key, callee+"(") })
}

// makesCall says whether the body makes a call of this text.
func (b *body) makesCall(text string) bool {
	return slices.ContainsFunc(b.callsOf(), func(c callRef) bool { return c.text == text })
}

// lostHandler looks at one except clause.
func (p *pair) lostHandler(i int) {
	if loop := max(p.base.enclosing(i, forAtom), p.base.enclosing(i, whileAtom)); loop >= 0 && p.once[loop] {
		return
	}
	classes := p.base.exceptions(i)
	if p.base.neverTaken(i, classes) {
		return
	}
	remaining := p.protected(p.base.atoms[i].try, true)
	if len(remaining) == 0 {
		p.lostAroundCall(i, classes)
		return
	}
	var outside []int
	for _, k := range remaining {
		if !p.head.handled(p.counterpart[k], p.missing(p.counterpart[k], classes, p.base.complains(i))) {
			outside = append(outside, k)
		}
	}
	p.swallowed(i, classes, remaining)
	act := p.base.action(i)
	// A handler that releases and does not cover the acquisition any more is lost although the rest is covered.
	first := len(outside) > 0 && outside[0] == remaining[0] && len(p.base.atomCalls(outside[0])) > 0 && act.releases
	switch {
	case len(outside) == 0, len(outside) < len(remaining) && !first:
		p.broadened(i, classes)
	case p.wentTo(p.base.atoms[i].key) && !p.edited[i]:
	case slices.ContainsFunc(classes, func(c class) bool { return p.change.obsolete[c.name()] }):
	default:
		p.reportHandler(i, classes, act, p.counterpart[outside[0]])
	}
}

// lostAroundCall looks at a handler none of whose statements remains, while head makes a call of them inside another
// statement: "state = os.stat(path)" in a try became "if is_block(os.stat(path))".
func (p *pair) lostAroundCall(i int, classes []class) {
	try := p.base.atoms[i].try
	for k := try + 1; k < p.base.atoms[try].end; k++ {
		if p.base.enclosing(k, tryAtom) != try || p.base.atoms[k].kind == logAtom {
			continue
		}
		for _, call := range p.base.atomCalls(k) {
			j := p.madeInside(k, p.base.text(call))
			if j < 0 || len(p.base.OperandsOf(call)) == 0 {
				continue
			}
			if p.head.handled(j, p.missing(j, classes, p.base.complains(i))) || p.wentTo(p.base.atoms[i].key) {
				return
			}
			if !slices.ContainsFunc(classes, func(c class) bool { return p.change.obsolete[c.name()] }) {
				p.reportHandler(i, classes, p.base.action(i), j)
			}
			return
		}
	}
}

// madeInside gives the atom of head that makes the call of this text, which base made in the atom k alone; -1 where there
// is none.
func (p *pair) madeInside(k int, text string) int {
	for _, c := range p.base.callsOf() {
		if c.text == text && c.atom != k {
			return -1
		}
	}
	for _, c := range p.head.callsOf() {
		if i := p.origin[c.atom]; c.text == text && (i < 0 || p.edited[i]) {
			return c.atom
		}
	}
	return -1
}

// swallowed reports a handler that let an interruption pass and is gone, where the next one takes everything.
func (p *pair) swallowed(i int, classes []class, remaining []int) {
	named := slices.ContainsFunc(classes, func(c class) bool { return c.isInterruption() && c.name() != "" && c.name() != "BaseException" })
	if !named || p.counterpart[i] >= 0 || !p.base.action(i).reraises && !p.base.leaves(i) {
		return
	}
	for _, k := range remaining {
		try := p.head.enclosing(p.counterpart[k], tryAtom)
		for j := range p.head.atoms {
			if h := &p.head.atoms[j]; h.kind != exceptAtom || h.try != try {
				continue
			}
			act := p.head.action(j)
			takes := slices.ContainsFunc(p.head.exceptions(j), func(c class) bool { return c.name() == "" || c.name() == "BaseException" })
			if takes && !act.reraises && !act.raises && !p.head.leaves(j) {
				p.lose(Removed, program.Cancellation, "swallowed", i, fmt.Sprintf("%q swallows what %q let pass", p.head.atoms[j].key, p.base.atoms[i].key), p.base.atoms[i].key)
				return
			}
		}
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
				// "if error.code != 404: raise" takes some of what it catches.
				act.reraises = act.reraises || !b.endsQuietly(i)
			} else {
				act.raises = true
			}
		}
		for _, call := range b.atomCalls(k) {
			switch name := b.method(call); {
			case b.isRelease(call) || b.handsRelease(call):
				act.releases = true
			case strings.HasPrefix(name, "rollback"):
				act.rollsBack = true
			case name == "abort" && b.receiver(call) != 0 && has(b.text(b.receiver(call)), transactionWord):
				act.rollsBack = true
			case name == "abort":
				act.raises = true
			}
		}
	}
	return act
}

// endsQuietly says whether the body of the handler can come to an end without raising.
func (b *body) endsQuietly(i int) bool {
	last := -1
	for k := i + 1; k < b.atoms[i].end; k++ {
		switch b.atoms[k].kind {
		case returnAtom, continueAtom, breakAtom:
			return true
		}
		if b.atoms[k].outer == i && b.atoms[k].kind != logAtom {
			last = k
		}
	}
	for last >= 0 && b.atoms[last].kind == withAtom {
		last = b.lastIn(last)
	}
	return last < 0 || b.atoms[last].kind != raiseAtom && b.atoms[last].kind != elseAtom
}

// lastIn gives the last statement of the block at the atom, log records left out; -1 where there is none.
func (b *body) lastIn(i int) int {
	last := -1
	for k := i + 1; k < b.atoms[i].end; k++ {
		if b.atoms[k].outer == i && b.atoms[k].kind != logAtom {
			last = k
		}
	}
	return last
}

// handsRelease says whether the call is given a method that releases: self.sync(self.close).
func (b *body) handsRelease(call fact.Expr) bool {
	return slices.ContainsFunc(b.positional(call), func(arg fact.Expr) bool {
		x := &b.Exprs[arg]
		return x.Kind == fact.Attr && isReleaseName(b.Text(x.Text))
	})
}

// reportHandler says what was lost with a handler, by what it did; unprotected is the atom of head that it stood around.
func (p *pair) reportHandler(i int, classes []class, act action, unprotected int) {
	key := p.base.atoms[i].key
	what := fmt.Sprintf("%q does not protect this any more", key)
	reported := false
	report := func(guard program.GuardKind, shape, message string) {
		p.report(Loss{
			Rule: Removed, Guard: guard, Shape: shape, Message: message, Key: key,
			At:   program.Place{File: p.head.id, Span: p.head.header(unprotected)},
			Base: program.Place{File: p.base.id, Span: p.base.header(i)},
		})
		reported = true
	}
	interrupts := slices.ContainsFunc(classes, class.isInterruption) && !p.onlyTells(i, classes) && !p.base.contains(classes, act)
	named := slices.ContainsFunc(classes, func(c class) bool { return c.text != "" })
	switch {
	case interrupts && (named || act.reraises) && p.head.handled(unprotected, []class{{text: "Exception"}}):
		report(program.Cancellation, "narrowed", what+" from cancellation")
	case slices.ContainsFunc(classes, class.isConflict) && p.base.atoms[i+1].kind != raiseAtom:
		report(program.Idempotency, "conflict", what+", it took a second request for the first")
	case p.base.retriesTask(i):
		report(program.RetryBound, "task", what+", it tried again later")
	case act.rollsBack && p.insideTransaction(i, unprotected):
		reported = true
	case act.rollsBack:
		report(program.Transaction, "rollback", what+", it rolled back")
	case act.releases:
		report(program.Release, "handler-release", what+", it released what was acquired")
	case interrupts && (named || act.reraises):
		report(program.Cancellation, "handler", what+", which cancellation also passes")
	}
	switch {
	case reported:
	case p.endsTransaction(p.base.atoms[i].try) && !act.raises && !act.reraises:
		report(program.Transaction, "handler", what+", which ends the transaction")
	case p.keptWithout(i) < 0.5 || p.handledAnew(i, unprotected):
	case act.raises && p.translatesStill(i, unprotected):
	case act.raises:
		report(program.Validation, "translate", what+", it told the caller what was wrong")
	case !act.reraises && (p.base.complains(i) || p.refusedEffect(i, classes) || slices.ContainsFunc(classes, func(c class) bool { return !c.isLookup() })):
		report(program.Fallback, "handler", what+", it went on without")
	}
}

// retriesTask says whether the handler asks the queue to run the task again.
func (b *body) retriesTask(i int) bool {
	for k := i + 1; k < b.atoms[i].end; k++ {
		if b.atomMethods(k)["retry"] {
			return true
		}
	}
	return false
}

// refusedEffect says whether the handler takes the refusal of something that is done for its effect, and not the failure of a
// conversion or a look-up: "except ValueError" around "library.rename(song, name)".
func (p *pair) refusedEffect(i int, classes []class) bool {
	if !slices.ContainsFunc(classes, func(c class) bool { return c.name() == "ValueError" || c.name() == "RuntimeError" }) {
		return false
	}
	tried := p.base.tried(p.base.atoms[i].try)
	if tried < 0 || p.base.atoms[tried].kind != exprAtom {
		return false
	}
	switch p.base.method(p.base.atomCalls(tried)[0]) {
	case "remove", "index", "int", "float", "UUID":
		return false
	}
	return true
}

// contains says whether a handler of everything keeps the failure from spreading, where nobody is cancelled: the function is no
// coroutine, and it goes on in another way.
func (b *body) contains(classes []class, act action) bool {
	return len(classes) == 1 && classes[0].name() == "BaseException" && !act.reraises && !act.raises && !act.releases && b.info().Flags&fact.Async == 0
}

// onlyTells says whether the handler takes everything there is and only writes down what it was.
func (p *pair) onlyTells(i int, classes []class) bool {
	if len(classes) != 1 || classes[0].name() != "BaseException" || p.base.atoms[i].end == i+1 {
		return false
	}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		a := &p.base.atoms[k]
		if a.kind != logAtom && !(a.kind == exprAtom && strings.HasPrefix(a.key, "traceback.")) {
			return false
		}
	}
	return true
}

// handledAnew says whether the atom at of head stands in a try that has a handler which base did not have. What is left of
// the handler i itself, with some of its classes, is none.
func (p *pair) handledAnew(i, at int) bool {
	try := p.head.enclosing(at, tryAtom)
	return try >= 0 && slices.ContainsFunc(p.head.handlersOf(try), func(j int) bool {
		return p.origin[j] < 0 || p.edited[p.origin[j]] && !(p.origin[j] == i && p.head.isPartOf(j, p.base.exceptions(i)))
	})
}

// translatesStill says whether head still raises what the bare handler i raised: naming what is expected, where base
// caught everything, is what linters ask for.
func (p *pair) translatesStill(i, at int) bool {
	if p.base.Stmts[p.base.atoms[i].stmt].A != 0 {
		return false
	}
	if j := p.counterpart[i]; j >= 0 && p.head.atoms[j].kind == exceptAtom && p.head.action(j).raises {
		return true
	}
	try := p.head.enclosing(at, tryAtom)
	return try >= 0 && slices.ContainsFunc(p.head.handlersOf(try), func(j int) bool { return p.head.action(j).raises })
}

// isPartOf says whether the handler takes some of the classes, and no other.
func (b *body) isPartOf(handler int, classes []class) bool {
	return !slices.ContainsFunc(b.exceptions(handler), func(c class) bool {
		return !slices.ContainsFunc(classes, func(other class) bool { return other.name() == c.name() })
	})
}

// endsTransaction says whether the try of base commits or rolls back.
func (p *pair) endsTransaction(try int) bool {
	for k := try + 1; k < p.base.atoms[try].end; k++ {
		for _, call := range p.base.atomCalls(k) {
			if name := p.base.method(call); name == "commit" || name == "rollback" {
				return true
			}
		}
	}
	return false
}

// silenced reports a handler that raised again what it caught, and lets the caller believe that all went well now.
func (p *pair) silenced(i int) {
	j := p.counterpart[i]
	if j < 0 || p.head.atoms[j].kind != exceptAtom || p.kept < 0.5 || p.head.atoms[j].key != p.base.atoms[i].key {
		return
	}
	base, head := p.base.action(i), p.head.action(j)
	if !base.reraises || head.reraises || head.raises || slices.ContainsFunc(p.base.exceptions(i), class.isInterruption) {
		return
	}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		if a := &p.base.atoms[k]; a.kind == raiseAtom && a.outer != i {
			return // it raised some of what it caught
		}
	}
	for k := j + 1; k < p.head.atoms[j].end; k++ {
		switch p.head.atoms[k].kind {
		case returnAtom, continueAtom, breakAtom, assignAtom:
			return // it goes on in another way
		}
	}
	p.lose(Removed, program.Validation, "silenced", i, fmt.Sprintf("%q keeps what it caught to itself, base raised it again", p.head.atoms[j].key), p.base.atoms[i].key)
}

// broadened reports a handler that takes in much more than it did and does not raise it again.
func (p *pair) broadened(i int, classes []class) {
	j := p.counterpart[i]
	if !p.edited[i] || j < 0 || p.head.atoms[j].kind != exceptAtom {
		return
	}
	now := p.head.exceptions(j)
	interrupts := func(c class) bool { return c.name() == "" || c.name() == "BaseException" }
	if slices.ContainsFunc(now, interrupts) && !slices.ContainsFunc(classes, class.isInterruption) && !p.head.action(j).reraises && !p.head.action(j).raises {
		p.lose(Weakened, program.Cancellation, "broadened", i, fmt.Sprintf("%q swallows what %q let pass", p.head.atoms[j].key, p.base.atoms[i].key), p.base.atoms[i].key)
		return
	}
	if slices.ContainsFunc(classes, class.isBroad) || !slices.ContainsFunc(now, class.isBroad) || p.head.action(j).reraises {
		return
	}
	p.lose(Weakened, program.Cancellation, "broadened", i, fmt.Sprintf("%q swallows more than %q did", p.head.atoms[j].key, p.base.atoms[i].key), p.base.atoms[i].key)
}
