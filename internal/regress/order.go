package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// reordered looks for a guard that still stands, but behind what it guarded: a check after the effect, a message sent
// before the commit it tells of.
func (p *pair) reordered() {
	for i := range p.base.atoms {
		j := p.counterpart[i]
		if j < 0 || p.edited[i] {
			continue
		}
		a := &p.base.atoms[i]
		switch {
		case a.kind == ifAtom:
			p.checkedLate(i, j)
		case a.kind == exprAtom && p.base.isCommit(i):
			p.toldEarly(i, j)
		}
	}
}

// checkedLate reports a check that raises and that head makes only after a call that base made behind it.
func (p *pair) checkedLate(i, j int) {
	if how, _ := p.base.refuses(i); how != raises || p.base.atoms[i].outer >= 0 {
		return
	}
	for k := p.base.atoms[i].end; k < len(p.base.atoms); k++ {
		l := p.counterpart[k]
		if l < 0 || l >= j || p.edited[k] || p.base.atoms[k].outer >= 0 || !p.base.isEffect(k) {
			continue
		}
		p.lose(Weakened, p.base.checkGuard(i), "late", i,
			fmt.Sprintf("the check %q comes after %q, which it stood before", strings.TrimPrefix(p.base.atoms[i].key, "if "), p.head.atoms[l].key), p.base.atoms[i].key)
		return
	}
}

// isEffect says whether the atom is a call for its effect: its value goes nowhere.
func (b *body) isEffect(i int) bool {
	if b.atoms[i].kind != exprAtom {
		return false
	}
	calls := b.atomCalls(i)
	for _, call := range calls {
		if r := b.receiver(call); r != 0 && b.Exprs[r].Kind == fact.Call && b.callee(r) == "super" {
			return false // the construction of the base class is no effect outside
		}
	}
	return len(calls) > 0
}

func (b *body) isCommit(i int) bool {
	for _, call := range b.atomCalls(i) {
		if b.method(call) == "commit" && b.receiver(call) != 0 {
			return true
		}
	}
	return false
}

// toldEarly reports a message that head sends before the commit which base made first.
func (p *pair) toldEarly(i, j int) {
	for k := i + 1; k < len(p.base.atoms); k++ {
		l := p.counterpart[k]
		if l < 0 || l >= j || p.edited[k] || !p.base.tells(k) {
			continue
		}
		p.lose(Weakened, program.Transaction, "order", i, fmt.Sprintf("%q runs before the commit, base committed first", p.head.atoms[l].key), p.base.atoms[i].key)
		return
	}
}

// tells says whether the atom tells others what happened, by the name of the call.
func (b *body) tells(i int) bool {
	if b.atoms[i].kind != exprAtom {
		return false
	}
	for _, call := range b.atomCalls(i) {
		switch b.method(call) {
		case "publish", "send", "notify", "emit", "enqueue", "delay", "apply_async", "dispatch", "send_message", "broadcast", "produce":
			return true
		}
	}
	return false
}
