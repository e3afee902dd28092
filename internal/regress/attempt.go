package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// attempts looks for what was tried again when it failed and is tried once now: the loop around it is gone, or the function
// that repeated it.
func (p *pair) attempts() {
	for i := range p.base.atoms {
		switch p.base.atoms[i].kind {
		case forAtom, whileAtom:
			if p.counterpart[i] < 0 && p.base.isBoundedRetry(i) && p.base.speaksOfAttempts(i) {
				p.triedOnce(i)
			}
		}
	}
	if p.retriesOtherwise() {
		return
	}
	for _, c := range p.calls.gone {
		if has(p.base.method(c.call), retryWord) {
			p.calledOnce(c)
		}
	}
}

// speaksOfAttempts says whether the loop counts its rounds, pauses between them, or calls them attempts.
func (b *body) speaksOfAttempts(loop int) bool {
	for k := loop; k < b.atoms[loop].end; k++ {
		if b.atoms[k].words&retryWord != 0 || b.atomMethods(k)["sleep"] {
			return true
		}
	}
	st := &b.Stmts[b.atoms[loop].stmt]
	return b.atoms[loop].kind == forAtom && b.Exprs[st.A].Kind == fact.Call && b.method(st.A) == "range"
}

// triedOnce reports the attempt of a loop of base that head makes outside of any loop in its place.
func (p *pair) triedOnce(loop int) {
	if p.retriesOtherwise() {
		return
	}
	for _, try := range p.base.retried(loop) {
		for _, k := range p.protected(try, true) {
			if len(p.base.atomCalls(k)) == 0 || p.head.loopsAround(p.counterpart[k]) >= p.base.loopsAround(k) {
				continue
			}
			if p.once == nil {
				p.once = map[int]bool{}
			}
			p.once[loop] = true
			key := p.base.atoms[loop].key
			p.report(Loss{
				Rule: Removed, Guard: program.RetryBound, Shape: "once", Key: key,
				At:      program.Place{File: p.head.id, Span: p.head.header(p.counterpart[k])},
				Base:    program.Place{File: p.base.id, Span: p.base.header(loop)},
				Message: fmt.Sprintf("this is tried once, base tried it again in %q", key),
			})
			return
		}
	}
}

// loopsAround counts the loops around an atom.
func (b *body) loopsAround(i int) (n int) {
	for o := b.atoms[i].outer; o >= 0; o = b.atoms[o].outer {
		if k := b.atoms[o].kind; k == forAtom || k == whileAtom {
			n++
		}
	}
	return n
}

// retriesOtherwise says whether the change brings a retry, in whatever form.
func (p *pair) retriesOtherwise() bool {
	if p.change.fresh.words&retryWord != 0 {
		return true
	}
	base := p.base.decorators()
	return slices.ContainsFunc(p.head.decorators(), func(d string) bool { return has(d, retryWord) && !slices.Contains(base, d) })
}

// calledOnce reports a function that was handed to one that repeats it, or called under a name that says so, and that head
// calls itself: "retry(fetch, url)" that became "fetch(url)", "fetch_with_retries(url)" that became "fetch(url)".
func (p *pair) calledOnce(c callRef) {
	plain := withoutRetry(p.base.method(c.call))
	handed := map[string]bool{}
	for _, arg := range p.base.positional(c.call) {
		switch p.base.Exprs[arg].Kind {
		case fact.Name, fact.Attr, fact.Lambda:
			handed[strings.TrimPrefix(p.base.text(arg), "lambda : ")] = true
		}
	}
	for _, h := range p.calls.added {
		same := p.base.receiver(c.call) == 0 && p.head.receiver(h.call) == 0 ||
			p.base.receiver(c.call) != 0 && p.head.receiver(h.call) != 0 && p.base.text(p.base.receiver(c.call)) == p.head.text(p.head.receiver(h.call))
		if handed[p.head.callee(h.call)] || handed[h.text] || plain != "" && same && withoutRetry(p.head.method(h.call)) == plain {
			p.lose(Removed, program.RetryBound, "once", c.atom, fmt.Sprintf("%s is called once, base tried it again by way of %s", p.head.callee(h.call), p.base.method(c.call)), c.text)
			return
		}
	}
}

// withoutRetry gives the words of a name without those that speak of trying again; "" where nothing is left.
func withoutRetry(name string) string {
	var words []string
	eachWord(name, func(w string) {
		switch w {
		case "with", "and", "on", "or", "do":
		default:
			if meanings[w]&retryWord == 0 {
				words = append(words, w)
			}
		}
	})
	return strings.Join(words, " ")
}

// lostPolicies finds a policy of attempts that was made and put to use, and is not made any more: an adapter with
// max_retries that a session was given.
func (p *pair) lostPolicies() {
	if p.kept < 0.5 || p.retriesOtherwise() || p.change.lostInBody(p.head, program.RetryBound) {
		return
	}
	for _, c := range p.calls.gone {
		if p.counterpart[c.atom] >= 0 && !p.edited[c.atom] {
			continue
		}
		for _, k := range p.base.keywords(c.call) {
			if text := p.base.text(k.value); k.name == "max_retries" && text != "0" && text != "None" && p.base.putsToUse(c.atom) {
				p.lose(Removed, program.RetryBound, "policy", c.atom, fmt.Sprintf("%s is not made any more, with it what failed was tried again", p.base.method(c.call)), c.text)
				return
			}
		}
	}
}

// putsToUse says whether the atom hands what it makes to an object, or keeps it in a name that another hands on.
func (b *body) putsToUse(i int) bool {
	a := &b.atoms[i]
	if a.kind == exprAtom {
		return true
	}
	name := b.target(a)
	return name != "" && slices.ContainsFunc(b.callsOf(), func(c callRef) bool { return c.atom > i && slices.Contains(b.argumentTexts(c.call), name) })
}
