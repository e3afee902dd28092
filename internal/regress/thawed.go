package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// swallowsCancellation looks for handlers of coroutines that took in ordinary exceptions and take in cancellations now.
func (p *pair) swallowsCancellation() {
	if p.head.info().Flags&fact.Async == 0 {
		return
	}
	for i := range p.base.atoms {
		j := p.counterpart[i]
		if j < 0 || !p.edited[i] || p.base.atoms[i].kind != exceptAtom || p.head.atoms[j].kind != exceptAtom {
			continue
		}
		if takesAll(p.base, i) || !takesAll(p.head, j) || p.head.action(j).reraises {
			continue
		}
		p.lose(Weakened, program.Cancellation, "swallows", i, fmt.Sprintf("%q takes in cancellations, %q let them pass", p.head.atoms[j].key, p.base.atoms[i].key), p.base.atoms[i].key)
	}
}

// takesAll says whether the handler at i catches BaseException, by name or by naming nothing.
func takesAll(b *body, i int) bool {
	t := b.Stmts[b.atoms[i].stmt].A
	return t == 0 || slices.Contains(tokensOf(b.text(t)), "BaseException")
}

// thawed looks for classes whose objects could not be changed and can be now, and for tables that lost their
// read-only wrapper.
func (p *pair) thawed() {
	if p.base.kind == fact.ClassScope && p.head.kind == fact.ClassScope && p.base.isFrozen() && !p.head.isFrozen() {
		p.loseHeader(Removed, program.Immutability, "frozen", p.base.info().NameSpan, fmt.Sprintf("objects of %s can be changed after they are made", p.head.name), "frozen")
	}
}

// isFrozen says whether a decorator or base class keeps the objects of the class from being changed.
func (b *body) isFrozen() bool {
	for _, d := range b.List(b.info().Decorators) {
		if b.Exprs[d].Kind == fact.Call {
			if k := b.keyword(d, "frozen"); k != 0 && b.text(k) == "True" {
				return true
			}
		}
		if text := b.text(d); lastPart(firstCall(text)) == "frozen" {
			return true
		}
	}
	return slices.ContainsFunc(b.bases(), func(base string) bool {
		return lastPart(base) == "NamedTuple" || lastPart(firstCall(base)) == "namedtuple"
	})
}

func firstCall(text string) string {
	name, _, _ := strings.Cut(text, "(")
	return name
}
