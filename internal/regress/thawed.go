package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

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
