package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// retries looks for loops that repeat what failed without the bound they had.
func (p *pair) retries() {
	for i := range p.base.atoms {
		if k := p.base.atoms[i].kind; (k == forAtom || k == whileAtom) && p.base.isBoundedRetry(i) {
			p.unboundedRetry(i)
		}
	}
	p.lostPause()
	p.lostJitter()
	p.lostPolicies()
	p.vanishedRetry()
}

// lostJitter reports a random share of a pause that is gone: those who failed together try again together.
func (p *pair) lostJitter() {
	if p.kept < 0.3 || slices.ContainsFunc(p.head.atoms, isRandom) || p.change.lostInBody(p.head, program.RetryBound) {
		return
	}
	for i := range p.base.atoms {
		a := &p.base.atoms[i]
		if (p.counterpart[i] < 0 || p.edited[i]) && isRandom(*a) && a.words&(pauseWord|clockWord) != 0 {
			p.lose(Removed, program.RetryBound, "jitter", i, fmt.Sprintf("the pause is the same for all, base had %s", a.key), a.key)
			return
		}
	}
}

func isRandom(a atom) bool {
	found := false
	eachToken(a.key, func(t string) { found = found || t == "random" })
	return found
}

// vanishedRetry finds a function that repeats something and does not mention the bound or backoff it had.
func (p *pair) vanishedRetry() {
	if p.kept < 0.4 || p.change.lostInBody(p.head, program.RetryBound) || !p.head.repeats() {
		return
	}
	head := p.head.namesUsed()
	var lost []string
	for _, name := range sortedKeys(p.base.namesUsed()) {
		if isRetryName(name) && !head[name] && !p.change.addsRetryName(name) {
			lost = append(lost, name)
		} else if isRetryName(name) && !head[name] {
			return
		}
	}
	if len(lost) == 0 {
		return
	}
	for i := range p.base.atoms {
		if p.edited[i] {
			if w := p.head.atoms[p.counterpart[i]].words; w&retryWord != 0 && w&maximumWord != 0 {
				return // it counts in another way
			}
		}
		if (p.counterpart[i] < 0 || p.edited[i]) && p.base.atoms[i].kind != logAtom && mentionsAny(p.base.atoms[i].key, lost) && !p.reported(i) {
			p.lose(Removed, program.RetryBound, "vanished", i, fmt.Sprintf("nothing here speaks of %s any more", strings.Join(lost, ", ")), strings.Join(lost, ","))
			return
		}
	}
}

func isRetryName(name string) bool {
	found := has(name, retryWord)
	eachWord(name, func(w string) { found = found || w == "exponential" || w == "poisson" })
	return found
}

// addsRetryName says whether the change brings a name with a word of the lost one.
func (c *change) addsRetryName(lost string) bool {
	words := map[string]bool{}
	eachWord(lost, func(w string) {
		if isRetryName(w) {
			words[w] = true
		}
	})
	found := false
	for name := range c.fresh.names {
		eachWord(name, func(w string) { found = found || words[w] })
	}
	return found
}

// repeats says whether the body loops, sleeps or is about trying again.
func (b *body) repeats() bool {
	return has(b.qualified, retryWord) || slices.ContainsFunc(b.lower(), func(a atom) bool {
		return a.kind == whileAtom || a.kind == forAtom || a.words&retryWord != 0 || strings.Contains(a.key, "sleep")
	})
}

// retried gives the tries of a loop whose handlers let the loop go round again.
func (b *body) retried(loop int) []int {
	var tries []int
	for k := loop + 1; k < b.atoms[loop].end; k++ {
		a := &b.atoms[k]
		if a.kind == exceptAtom && b.atoms[a.try].outer == loop && !b.leaves(k) {
			tries = append(tries, a.try)
		}
	}
	return tries
}

// leaves says whether the handler always ends the loop.
func (b *body) leaves(handler int) bool {
	last := -1
	for k := handler + 1; k < b.atoms[handler].end; k++ {
		if b.atoms[k].outer == handler {
			last = k
		}
	}
	if last < 0 {
		return false
	}
	switch b.atoms[last].kind {
	case raiseAtom, returnAtom, breakAtom:
		return true
	}
	return false
}

// isBoundedRetry says whether the loop repeats what failed and ends after some attempts.
func (b *body) isBoundedRetry(loop int) bool {
	if len(b.retried(loop)) == 0 {
		return false
	}
	if b.atoms[loop].kind == forAtom {
		st := &b.Stmts[b.atoms[loop].stmt]
		return b.Exprs[st.A].Kind == fact.Call && b.method(st.A) == "range" || has(b.text(st.A), retryWord) || has(b.text(st.B), retryWord)
	}
	return b.speaksOfAttempts(loop) && (!b.isEndless(loop) || b.countsAttempts(loop))
}

// isEndless says whether the condition of the loop never ends it.
func (b *body) isEndless(loop int) bool {
	a := &b.atoms[loop]
	if a.kind != whileAtom {
		return false
	}
	switch x := &b.Exprs[b.Stmts[a.stmt].A]; x.Kind {
	case fact.TrueConst:
		return true
	case fact.IntConst:
		return b.Text(x.Text) != "0"
	}
	return false
}

// countsAttempts says whether a condition inside the loop ends it after a number of attempts or a time.
func (b *body) countsAttempts(loop int) bool {
	for k := loop + 1; k < b.atoms[loop].end; k++ {
		if a := &b.atoms[k]; a.kind == ifAtom && (a.words&(retryWord|clockWord|deadlineWord|maximumWord) != 0 || b.comparesSize(b.test(a))) {
			return true
		}
	}
	return false
}

// unboundedRetry reports a bounded loop of base whose attempt stands in an endless loop of head.
func (p *pair) unboundedRetry(i int) {
	for _, try := range p.base.retried(i) {
		for _, k := range p.protected(try, true) {
			j := p.counterpart[k]
			loop := p.head.enclosing(j, whileAtom)
			if loop < 0 || !p.head.isEndless(loop) || p.head.countsAttempts(loop) || len(p.head.retried(loop)) == 0 {
				continue
			}
			p.report(Loss{
				Rule: Removed, Guard: program.RetryBound, Shape: "loop", Key: p.base.atoms[i].key,
				At:      program.Place{File: p.head.id, Span: p.head.header(j)},
				Base:    program.Place{File: p.base.id, Span: p.base.header(i)},
				Message: fmt.Sprintf("this is tried again for ever, base tried %q", p.base.atoms[i].key),
			})
			return
		}
	}
}

// lostPause reports the wait between two attempts of a loop that is gone.
func (p *pair) lostPause() {
	for _, i := range p.gone() {
		a := &p.base.atoms[i]
		call := p.base.value(a)
		if a.kind != exprAtom || p.base.Exprs[call].Kind != fact.Call || p.base.method(call) != "sleep" || p.base.sleepsZero(call) {
			continue
		}
		loop := max(p.base.enclosing(i, whileAtom), p.base.enclosing(i, forAtom))
		if loop < 0 || p.counterpart[loop] < 0 || p.keptWithout(i) < 0.6 || p.pausesNow() {
			continue
		}
		at := program.Place{File: p.base.id, Span: p.base.header(i)}
		if !p.base.around(i, exceptAtom) && p.change.isDecided(program.RetryBound, at) {
			continue // the loop pauses all the same
		}
		p.record(Loss{
			Rule: Removed, Guard: program.RetryBound, Shape: "pause", Key: a.key,
			At: program.Place{File: p.head.id, Span: p.remains(i)}, Base: at,
			Message: fmt.Sprintf("the loop does not pause any more, base had %s", a.key),
		})
	}
}

func (b *body) sleepsZero(call fact.Expr) bool {
	args := b.positional(call)
	if len(args) == 0 {
		return true
	}
	v, ok := b.Number(args[0])
	return ok && v == 0
}

func (p *pair) pausesNow() bool {
	for _, j := range p.added() {
		if key := p.head.atoms[j].key; strings.Contains(key, "sleep") || strings.Contains(key, "wait") {
			return true
		}
	}
	return false
}
