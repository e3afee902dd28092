package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// refusal is how the body of an if keeps the code behind it from running.
type refusal uint8

const (
	noRefusal refusal = iota
	raises            // raises, or calls something that does
	answers           // returns or records an error
	returns           // returns quietly
	skips             // continue, break
)

func (r refusal) String() string {
	return [...]string{"none", "raise", "answer", "return", "skip"}[r]
}

// refuses says how the if at i ends, and which atom of its body does it.
func (b *body) refuses(i int) (refusal, int) {
	last := -1
	recorded := false
	for k := i + 1; k < b.atoms[i].end; k++ {
		a := &b.atoms[k]
		if a.outer != i || a.kind == elseAtom {
			continue
		}
		last = k
		if a.kind == raiseAtom || a.kind == exprAtom && b.isAbort(b.value(a)) {
			return raises, k
		}
		recorded = recorded || recordsError(a.key)
	}
	if last < 0 {
		return noRefusal, -1
	}
	switch a := &b.atoms[last]; a.kind {
	case assignAtom:
		// "allowed = False" is how a function that collects its answer refuses.
		if v := b.value(a); b.Exprs[v].Kind == fact.FalseConst && wordsOf(b.name)&(validateWord|checkWord|allowWord) != 0 {
			return returns, last
		}
	case returnAtom:
		if isErrorAnswer(a.key) || recorded {
			return answers, last
		}
		return returns, last
	case continueAtom, breakAtom:
		if recorded {
			return answers, last
		}
		return skips, last
	}
	return noRefusal, -1
}

// isAbort says whether the call never comes back to the code behind it, by its name.
func (b *body) isAbort(e fact.Expr) bool {
	if b.Exprs[e].Kind != fact.Call {
		return false
	}
	switch name := strings.ToLower(strings.TrimLeft(b.method(e), "_")); name {
	case "error": // of argparse, which prints the usage and exits
		r := b.receiver(e)
		return r != 0 && isParserName(b.text(r))
	case "abort", "fail", "fatal", "throw", "error_exit", "exit", "deny", "handle_no_permission", "permission_denied", "not_found", "bad_request", "send_error":
		return true
	default:
		return strings.HasPrefix(name, "reject") || strings.HasPrefix(name, "forbid") || strings.HasPrefix(name, "raise_")
	}
}

// isParserName says whether the text names what reads the command line.
func isParserName(text string) bool {
	found := false
	eachWord(lastPart(text), func(w string) {
		found = found || w == "parser" || w == "subparser" || w == "argparser" || w == "ap"
	})
	return found
}

// recordsError says whether the atom notes that something is wrong with the input.
func recordsError(key string) bool {
	return strings.Contains(key, "errors.append(") || strings.Contains(key, "add_error(") || strings.Contains(key, "reject") ||
		strings.Contains(key, "error(") || strings.Contains(key, "append(") && strings.Contains(key, "Error")
}

// isErrorAnswer says whether what is returned is a refusal.
func isErrorAnswer(key string) bool {
	for _, part := range []string{"Error", "error", "Invalid", "Denied", "reject", "Forbidden", "BadRequest", "Unauthorized", "redirect_to_login", "HTTP_4",
		"ERROR", "INVALID", "DENIED", "NOT_FOUND", "NOT_ALLOWED", "NOT_ACCEPTABLE", "CONFLICT", "FORBIDDEN", "UNAUTHORIZED", "BAD_REQUEST"} {
		if strings.Contains(key, part) {
			return true
		}
	}
	refused := false
	eachToken(key, func(t string) {
		switch t {
		case "400", "401", "403", "404", "405", "406", "409", "413", "422", "429":
			refused = true
		}
	})
	return refused
}

// checks looks for conditions that refused and do not any more, while what they stood before remains.
func (p *pair) checks() {
	raised := map[string]int{}
	for _, f := range p.change.fresh.atoms {
		if f.atom().kind == raiseAtom && p.near(f.body) && !p.raisedAlready(f) {
			raised[f.body.raised(f.index)]++
		}
	}
	for i := range p.base.atoms {
		if p.counterpart[i] >= 0 {
			if p.base.atoms[i].kind == ifAtom {
				p.softened(i, raised)
			}
			continue
		}
		switch p.base.atoms[i].kind {
		case ifAtom:
			p.lostCheck(i, raised)
		case elseAtom:
			p.lostElse(i, raised)
		case raiseAtom:
			p.defaulted(i, raised)
		}
	}
}

// raisedAlready says whether base raised the same there, in other words and under the same condition.
func (p *pair) raisedAlready(f placedAtom) bool {
	if f.body != p.head {
		return false
	}
	i := p.origin[f.index]
	if i < 0 || p.base.atoms[i].kind != raiseAtom || p.base.raised(i) != f.body.raised(f.index) {
		return false
	}
	o := p.base.atoms[i].outer
	return o < 0 || p.counterpart[o] >= 0 && p.counterpart[o] == p.head.atoms[f.index].outer
}

// raised gives the last name of the exception class that the atom raises.
func (b *body) raised(i int) string {
	e := b.Stmts[b.atoms[i].stmt].A
	if b.Exprs[e].Kind == fact.Call {
		e = b.Exprs[e].A
	}
	return lastPart(b.text(e))
}

// raisesStored says whether the check only raises what was caught or given before ("if error: raise error"), or what
// says that something is not there.
func (b *body) raisesStored(i int) bool {
	for k := i + 1; k < b.atoms[i].end; k++ {
		if a := &b.atoms[k]; a.kind == raiseAtom && a.outer == i {
			e := b.Stmts[a.stmt].A
			if e == 0 {
				return b.atoms[i].words&retryWord == 0 // "if not again: raise" ends the attempts
			}
			if isProtocol(b.raised(k)) {
				return true
			}
			return b.Exprs[e].Kind == fact.Name && mentions(b.atoms[i].key, b.text(e)) && !b.isResult(b.text(e))
		}
	}
	return false
}

// isProtocol says whether raising the exception is how an object answers that it has not got something.
func isProtocol(class string) bool {
	switch class {
	case "KeyError", "IndexError", "StopIteration", "StopAsyncIteration", "AttributeError":
		return true
	}
	return false
}

// isResult says whether the name is what a call of the body gave.
func (b *body) isResult(name string) bool {
	return slices.ContainsFunc(b.atoms, func(a atom) bool {
		return a.kind == assignAtom && b.target(&a) == name && b.Exprs[b.value(&a)].Kind == fact.Call
	})
}

// needed is how similar a condition in the body must be: the one of another function that was there before is
// another condition, unless it is nearly equal.
func (p *pair) needed(b *body) float64 {
	switch {
	case p.near(b):
		return minRephrased
	case p.change.isNew[b] && b.Path == p.head.Path:
		return 0.75 // somebody calls it, by way of others
	}
	return 0.85
}

// wentTo says whether the change adds the same text where a guard of the pair may have gone.
func (p *pair) wentTo(key string) bool {
	return slices.ContainsFunc(p.change.fresh.atoms, func(f placedAtom) bool {
		return f.atom().key == key && (p.change.isNew[f.body] || p.near(f.body))
	})
}

// namesNear says whether the change adds the name where a guard of the pair may have gone.
func (p *pair) namesNear(name string) bool {
	return slices.ContainsFunc(p.change.fresh.atoms, func(f placedAtom) bool { return p.near(f.body) && f.body.mentionsName(f.index, name) })
}

// near says whether a check may have gone from the pair to the body: the body itself, one that it calls and one that
// calls it, by name.
func (p *pair) near(b *body) bool {
	if b == p.head || p.head.countMethods()[b.name] > 0 || b.countMethods()[p.head.name] > 0 || b.countMethods()[p.base.name] > 0 {
		return true
	}
	for _, d := range p.head.decorators() {
		if strings.HasPrefix(b.qualified, lastPart(strings.SplitN(d, "(", 2)[0])+".") {
			return true // what the decorator puts around it
		}
	}
	class := b.classOf(b)
	return class != nil && isConstruction(b.name) && p.head.countMethods()[class.name] > 0
}

// minRephrased is the similarity from which a condition of head is taken for the one that is gone.
const minRephrased = 0.6

func (p *pair) lostCheck(i int, raised map[string]int) {
	if p.lostPassage(i) || p.base.raisesStored(i) || p.base.isGap(i) {
		return
	}
	if p.turnedIntoAssert(i) {
		return
	}
	how, by := p.base.refuses(i)
	if how == noRefusal && p.goneWhole(i) {
		how, by = p.base.refusesOtherwise(i)
	}
	if how == noRefusal || how == raises && p.counterpart[by] >= 0 && !p.refusesElse(i, by) {
		return // where the refusal itself remains, its condition was rephrased
	}
	if !p.protects(i) || p.keptBeside(i) < 0.5 || p.wentTo(p.base.atoms[i].key) {
		return
	}
	if p.rephrased(i) || p.requiredNow(i) || p.declaredNow(i) || p.askedNow(i) {
		return
	}
	a := &p.base.atoms[i]
	guard := program.GuardKind("")
	switch how {
	case raises, answers:
		if a := &p.base.atoms[by]; a.kind == raiseAtom && raised[p.base.raised(by)] > 0 {
			return
		}
		guard = p.base.checkGuard(i)
		if how == answers && p.base.speaksOfBefore(i) {
			guard = program.Idempotency
		}
	default:
		guard = p.base.quietGuard(i)
		if guard == program.Idempotency && p.base.asksForAbsence(i) {
			guard = program.Validation
		}
		if guard == "" && (p.base.notesBefore(i) || how == returns && p.base.onlyOnce(i)) {
			guard = program.Idempotency
		}
		if guard == "" && (p.base.answersQuestion(i, by) || p.base.complains(i) || p.reachesAbsent(i)) {
			guard = program.Validation
		}
	}
	if guard != "" && !p.otherDecorator(guard) {
		condition := strings.TrimPrefix(a.key, "if ")
		p.lose(Removed, guard, "check-"+how.String(), i, fmt.Sprintf("the check %q is gone", condition), a.key)
	}
}

// asksForAbsence says whether the condition is true where something is not there: what it refuses is a request for what
// nobody knows, and not a second one.
func (b *body) asksForAbsence(i int) bool {
	clauses := b.clauses(b.test(&b.atoms[i]))
	known := func(c clause) bool { return has(c.text, knownWord) }
	return slices.ContainsFunc(clauses, known) && !slices.ContainsFunc(clauses, func(c clause) bool {
		return known(c) && !strings.HasPrefix(c.text, "not ") && !strings.Contains(c.text, " not in ")
	})
}

// speaksOfBefore says whether a check and its answer are about something that was there before.
func (b *body) speaksOfBefore(i int) bool {
	for k := i; k < b.atoms[i].end; k++ {
		if b.atoms[k].words&knownWord != 0 {
			return true
		}
	}
	return false
}

// notesBefore says whether the body of the condition tells somebody that something was there before: in a log record, or
// in what it answers.
func (b *body) notesBefore(i int) bool {
	for k := i + 1; k < b.atoms[i].end; k++ {
		if a := &b.atoms[k]; (a.kind == logAtom || (a.kind == returnAtom || a.kind == exprAtom) && len(b.atomCalls(k)) > 0 && speaksOfAlready(a.key)) && a.words&knownWord != 0 {
			return true
		}
	}
	return false
}

// speaksOfAlready says whether a text tells that something was there before.
func speaksOfAlready(key string) bool {
	found := false
	eachWord(key, func(w string) { found = found || w == "already" || w == "duplicate" })
	return found
}

// requiredNow says whether the check asked for an argument that callers cannot leave out any more.
func (p *pair) requiredNow(i int) bool {
	name, ok := strings.CutSuffix(strings.TrimPrefix(p.base.atoms[i].key, "if "), " is None")
	if !ok {
		return false
	}
	was, is := findParameter(p.base.parameters(), name), findParameter(p.head.parameters(), name)
	return was != nil && was.text == "None" && is != nil && is.text == ""
}

// declaredNow says whether the change bounds a field of a class that has the name of what the check compared.
func (p *pair) declaredNow(i int) bool {
	compared := map[string]bool{}
	for _, c := range p.base.comparisonsOf(i) {
		compared[lastPart(c.left)], compared[lastPart(c.right)] = true, true
	}
	return slices.ContainsFunc(p.change.fresh.atoms, func(f placedAtom) bool {
		if f.body.kind != fact.ClassScope || f.atom().kind != assignAtom || !compared[f.body.target(f.atom())] {
			return false
		}
		return slices.ContainsFunc(f.body.atomCalls(f.index), func(call fact.Expr) bool {
			return slices.ContainsFunc(f.body.keywords(call), func(k keyword) bool { return bounding.MatchString(k.name) || strings.HasPrefix(k.name, "min_") })
		})
	})
}

// askedNow says whether the check was about what somebody answered, "if not confirm", and head calls a function of that
// name, which refuses in its place.
func (p *pair) askedNow(i int) bool {
	name := strings.TrimPrefix(strings.TrimPrefix(p.base.atoms[i].key, "if "), "not ")
	return slices.ContainsFunc(p.calls.added, func(c callRef) bool { return p.head.method(c.call) == name && p.head.isStatement(c) })
}

// answersQuestion says whether the function is a check by its name and the condition decides its answer.
func (b *body) answersQuestion(i, by int) bool {
	if wordsOf(b.name)&(validateWord|checkWord|allowWord) == 0 {
		return false
	}
	for k := i + 1; k < b.atoms[i].end; k++ {
		if k != by && b.atoms[k].kind != logAtom {
			return false
		}
	}
	key := b.atoms[by].key
	return key == "return False" || key == "return True" || b.atoms[by].kind == assignAtom
}

// protects says whether something that the check at i stood before remains: code behind it, or the loop around it.
func (p *pair) protects(i int) bool {
	if p.base.inLoop(i) {
		return true
	}
	for k := p.base.atoms[i].end; k < len(p.base.atoms); k++ {
		if p.counterpart[k] >= 0 {
			return true
		}
	}
	for k := range i {
		if p.counterpart[k] >= 0 {
			return true
		}
	}
	return false
}

// rephrased says whether the change adds a condition much like the one of the atom i, or one that compares the same.
func (p *pair) rephrased(i int) bool {
	tokens, compared := p.base.atoms[i].tokens, p.base.comparisonsOf(i)
	for _, f := range p.change.fresh.atoms {
		if f.body == p.head && sameOperands(compared, f.body.comparisonsOf(f.index)) || p.near(f.body) && f.atom().kind == ifAtom && sameContainer(compared, f.body.comparisonsOf(f.index)) {
			return true
		}
		switch f.atom().kind {
		case ifAtom, whileAtom, assertAtom:
			if similarity(tokens, f.atom().tokens) >= p.needed(f.body) {
				return true
			}
		}
	}
	return false
}

// turnedIntoAssert reports a check that head makes with assert, which python -O leaves out.
func (p *pair) turnedIntoAssert(i int) bool {
	if p.base.countKind(raiseAtom) <= p.head.countKind(raiseAtom) {
		return false
	}
	condition := termsOf(p.base.text(p.base.test(&p.base.atoms[i])))
	for _, j := range p.added() {
		h := &p.head.atoms[j]
		if h.kind == assertAtom && similarity(condition, termsOf(p.head.text(p.head.test(h)))) > minRephrased {
			p.report(Loss{
				Rule: Weakened, Guard: program.Validation, Shape: "assert", Key: p.base.atoms[i].key,
				At:      program.Place{File: p.head.id, Span: p.head.header(j)},
				Base:    program.Place{File: p.base.id, Span: p.base.header(i)},
				Message: fmt.Sprintf("%q is only asserted, base raised; python -O leaves it out", strings.TrimPrefix(h.key, "assert ")),
			})
			return true
		}
	}
	return false
}

// termsOf gives the tokens of a condition without those that a negation changes, sorted.
func termsOf(condition string) []string {
	return slices.DeleteFunc(tokensOf(condition), func(t string) bool {
		switch t {
		case "not", "(", ")", "=", "!", "<", ">", "and", "or":
			return true
		}
		return false
	})
}

func (b *body) countKind(kind atomKind) (n int) {
	for i := range b.lower() {
		if b.atoms[i].kind == kind {
			n++
		}
	}
	return n
}

// conditions looks for effects that stood under a condition and do not any more.
func (p *pair) conditions() {
	for i := range p.base.atoms {
		a := &p.base.atoms[i]
		if a.kind != ifAtom || p.counterpart[i] >= 0 {
			continue
		}
		if how, _ := p.base.refuses(i); how != noRefusal {
			continue
		}
		guard := p.base.quietGuard(i)
		if guard == program.Idempotency && (a.words&knownWord != 0 && !asksPresence(a.key) || p.base.removesWhatIsThere(i)) || guard == program.Authorization && a.words&grantWord != 0 {
			p.lostCondition(i, guard)
		}
	}
}

// asksPresence says whether the words of a condition are those of a query or path, which is asked for other reasons
// as well.
func asksPresence(key string) bool {
	found := false
	eachWord(key, func(w string) { found = found || w == "exists" || w == "existing" || w == "handled" })
	return found
}

func (p *pair) lostCondition(i int, guard program.GuardKind) {
	effects, remaining := 0, 0
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		if len(p.base.atomCalls(k)) == 0 {
			continue
		}
		effects++
		j := p.counterpart[k]
		if j < 0 {
			continue
		}
		remaining++
		for o := p.head.atoms[j].outer; o >= 0; o = p.head.atoms[o].outer {
			if p.head.atoms[o].kind == ifAtom && p.origin[o] < 0 {
				return
			}
		}
	}
	if remaining > 0 && 2*remaining >= effects {
		key := p.base.atoms[i].key
		p.lose(Removed, guard, "condition", i, fmt.Sprintf("this does not depend on %q any more", strings.TrimPrefix(key, "if ")), key)
	}
}
