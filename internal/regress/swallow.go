package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// swallowsCancellation looks for handlers of coroutines that let cancellations pass and take them in now, and for new
// ones that do so around what could be cancelled.
func (p *pair) swallowsCancellation() {
	if p.head.info().Flags&fact.Async == 0 {
		return
	}
	from := map[int]int{}
	for i := range p.base.atoms {
		if j := p.counterpart[i]; j >= 0 && p.base.atoms[i].kind == exceptAtom {
			from[j] = i
		}
	}
	for j := range p.head.atoms {
		if p.head.atoms[j].kind != exceptAtom || !p.head.takesCancellation(j) || p.head.action(j).reraises {
			continue
		}
		if i, had := from[j]; !had {
			p.swallowsAnew(j)
		} else if p.base.takesCancellation(i) && p.base.action(i).reraises {
			if !p.head.action(j).raises && !p.head.endsOnCancel(j) {
				p.lose(Removed, program.Cancellation, "reraise", i, fmt.Sprintf("%q does not raise cancellations again", p.head.atoms[j].key), p.base.atoms[i].key)
			}
		} else if p.edited[i] && !p.base.takesCancellation(i) {
			p.lose(Weakened, program.Cancellation, "swallows", i, fmt.Sprintf("%q takes in cancellations, %q let them pass", p.head.atoms[j].key, p.base.atoms[i].key), p.base.atoms[i].key)
		}
	}
}

// swallowsAnew reports a handler that base did not have, where what it stands around was there and was left by a
// cancellation. A coroutine that ends quietly when it is cancelled, and one that waits for what it has cancelled itself,
// are as they should be.
func (p *pair) swallowsAnew(j int) {
	cancels := func(c callRef) bool { return p.head.method(c.call) == "cancel" }
	if slices.ContainsFunc(p.head.callsOf(), cancels) || p.head.endsOnCancel(j) {
		return
	}
	try := p.head.atoms[j].try
	for i := range p.base.atoms {
		k := p.counterpart[i]
		if k < 0 || p.head.enclosing(k, tryAtom) != try || k > j || !p.base.atoms[i].awaits(p.base) {
			continue
		}
		if classes := p.head.exceptions(j); p.base.handled(i, classes) {
			return
		}
		p.lose(Weakened, program.Cancellation, "swallows", i, fmt.Sprintf("%q takes in cancellations, in base they passed", p.head.atoms[j].key), p.base.atoms[i].key)
		return
	}
}

// endsOnCancel says whether the handler at j ends the coroutine, or the loop around it, without an answer.
func (b *body) endsOnCancel(j int) bool {
	for k := j + 1; k < b.atoms[j].end; k++ {
		switch a := &b.atoms[k]; a.kind {
		case breakAtom:
			return true
		case returnAtom:
			return b.value(a) == 0 || a.key == "return None"
		}
	}
	return false
}

// awaits says whether the atom waits for something, so that a cancellation can reach it.
func (a *atom) awaits(b *body) bool {
	return slices.ContainsFunc(a.exprs, func(e fact.Expr) bool { return e != 0 && b.awaited(e) != e }) || strings.Contains(a.key, "await ")
}

// takesCancellation says whether the handler at i catches CancelledError: by name, by its base, or by naming nothing.
// In a try where an earlier handler has it, it does not come this far.
func (b *body) takesCancellation(i int) bool {
	takes := func(k int) bool {
		t := b.Stmts[b.atoms[k].stmt].A
		if t == 0 {
			return true
		}
		tokens := tokensOf(b.text(t))
		return slices.Contains(tokens, "BaseException") || slices.Contains(tokens, "CancelledError")
	}
	if !takes(i) {
		return false
	}
	for _, k := range b.handlersOf(b.atoms[i].try) {
		if k < i && takes(k) {
			return false
		}
	}
	return true
}
