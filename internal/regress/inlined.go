package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// inlinedWithoutCheck reports the checks of a function that is gone while what it did is done where it was called: the
// effect was written out there, and what refused was not.
func (c *change) inlinedWithoutCheck(b *body, head *source) {
	at, ok := c.writtenOutAt(b)
	if !ok {
		return
	}
	for i := range b.lower() {
		if b.atoms[i].kind != ifAtom || c.moved(b.atoms[i].key) || b.isGap(i) {
			continue
		}
		how, by := b.refuses(i)
		if how != raises || b.raisesStored(i) || c.raisesNow(b.raised(by)) || c.asksAlike(b, i) {
			continue
		}
		condition := strings.TrimPrefix(b.atoms[i].key, "if ")
		c.losses = append(c.losses, Loss{
			Rule: Removed, Guard: b.checkGuard(i), Shape: "inlined", Confidence: 1, Symbol: b.qualified, Key: b.atoms[i].key,
			Message: fmt.Sprintf("%s is written out where it was called, without the check %q", b.name, condition),
			Func:    program.Func{File: head.id}, At: at, Base: program.Place{File: b.id, Span: b.header(i)},
		})
	}
}

// writtenOutAt gives the place in head of a statement of the function that stands where it was called now.
func (c *change) writtenOutAt(b *body) (program.Place, bool) {
	calls := map[string]bool{}
	for i := range b.lower() {
		if k := b.atoms[i].kind; k == exprAtom || k == assignAtom || k == returnAtom {
			for _, call := range b.atomCalls(i) {
				calls[b.callee(call)] = true
			}
		}
	}
	for _, p := range c.pairs {
		if p.base.countMethods()[b.name] <= p.head.countMethods()[b.name] || p.base.kind != fact.FunctionScope {
			continue
		}
		for _, call := range p.calls.added {
			if callee := p.head.callee(call.call); calls[callee] && strings.Contains(callee, ".") {
				return program.Place{File: p.head.id, Span: p.head.header(call.atom)}, true
			}
		}
	}
	return program.Place{}, false
}

// raisesNow says whether the change adds a raise of the class.
func (c *change) raisesNow(class string) bool {
	for _, f := range c.fresh.atoms {
		if f.atom().kind == raiseAtom && f.body.raised(f.index) == class {
			return true
		}
	}
	return false
}

// asksAlike says whether the change adds a condition much like the one at the atom of base.
func (c *change) asksAlike(b *body, i int) bool {
	for _, f := range c.fresh.atoms {
		switch f.atom().kind {
		case ifAtom, whileAtom, assertAtom:
			if similarity(b.atoms[i].tokens, f.atom().tokens) >= minRephrased {
				return true
			}
		}
	}
	return false
}
