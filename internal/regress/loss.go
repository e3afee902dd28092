package regress

import (
	"cmp"
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// The rules under which losses are reported.
const (
	// Removed is a guard that is gone while what it protected remains, or that is written and cannot act any more.
	Removed = "guard-removed"
	// Weakened is a guard that lets more through than it did.
	Weakened = "guard-weakened"
)

// Loss is one guard that a change removes or weakens.
type Loss struct {
	// Rule is Removed or Weakened.
	Rule string
	// Guard is the kind of guard lost.
	Guard program.GuardKind
	// Func is the function of head that lost it, and At what is unprotected now: the effect, or the function's name.
	Func program.Func
	At   program.Place
	// Symbol is the qualified name that the finding carries: that of Func, or of the function that is gone.
	Symbol string
	// Base is the guard as base had it.
	Base program.Place
	// Cause is the place in head of the edit that lost the guard; the zero Place where that is the site itself.
	Cause program.Place
	// Library is the distribution whose installed version is another one in head and whose default the guard was; empty
	// where the program itself was edited.
	Library string
	// Message says what was lost, with both values where there are two.
	Message string
	// Key is the normal form of the lost guard, which makes the fingerprint independent of lines.
	Key string
	// Shape names the form of the loss, for measuring: "keyword", "scope", "handler", "check".
	Shape string
	// Confidence says how sure the comparison is that Func is what became of Was, between 0 and 1.
	Confidence float64
	// Was is the function of base, the zero Func where the loss is of none; Moved is true where it had another name or path.
	Was   program.Func
	Moved bool
	// Related are further places of head, in the order in which a reader should follow them.
	Related []program.Step
}

// compareLosses is the order of output: by place in head, then by everything else that can differ.
func compareLosses(a, b Loss) int {
	return cmp.Or(
		cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Start, b.At.Start), cmp.Compare(a.At.End, b.At.End),
		cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Guard, b.Guard),
		cmp.Compare(a.Base.File, b.Base.File), cmp.Compare(a.Base.Start, b.Base.Start),
		cmp.Compare(a.Message, b.Message), cmp.Compare(a.Key, b.Key),
	)
}

// claim is what one loss is about, so that no two judges report it.
type claim struct {
	guard program.GuardKind
	fn    program.Func
	base  program.Place
}

// lose reports a loss in the pair. at is the atom of base that carried the guard; where its counterpart or, failing
// that, the nearest atom behind it that remains stands in head is where the finding is shown.
func (p *pair) lose(rule string, guard program.GuardKind, shape string, at int, message, key string) {
	p.report(Loss{
		Rule: rule, Guard: guard, Shape: shape, Message: message, Key: key,
		At:   program.Place{File: p.head.id, Span: p.remains(at)},
		Base: program.Place{File: p.base.id, Span: p.base.header(at)},
	})
}

// loseHeader reports a loss of what stands before the first statement: a decorator, a base class, a parameter.
func (p *pair) loseHeader(rule string, guard program.GuardKind, shape string, base fact.Span, message, key string) {
	p.report(Loss{
		Rule: rule, Guard: guard, Shape: shape, Message: message, Key: key,
		At:   program.Place{File: p.head.id, Span: p.head.span()},
		Base: program.Place{File: p.base.id, Span: base},
	})
}

// report notes a loss unless the guards at its place of base were compared by value.
func (p *pair) report(l Loss) {
	if !p.change.isDecided(l.Guard, l.Base) {
		p.record(l)
	}
}

// record notes a loss, each once.
func (p *pair) record(l Loss) {
	if p.base.isTest() || p.head.isTest() {
		return
	}
	l.Func = p.head.fn()
	if l.Symbol == "" {
		l.Symbol = p.head.qualified
	}
	l.Was, l.Moved, l.Confidence = p.base.fn(), p.moved, p.confidence()
	c := claim{l.Guard, l.Func, l.Base}
	if p.change.claimed[c] {
		return
	}
	p.change.claimed[c] = true
	p.change.losses = append(p.change.losses, l)
}

// confidence says how sure it is that head is what became of base: what was moved is known by its statements alone, what
// kept its place and name also by those.
func (p *pair) confidence() float64 {
	if p.moved {
		return p.kept
	}
	return 0.5 + p.kept/2
}

// lostInBody says whether a loss of the kind was reported in the body of head.
func (c *change) lostInBody(b *body, guard program.GuardKind) bool {
	return slices.ContainsFunc(c.losses, func(l Loss) bool { return l.Guard == guard && l.Func == b.fn() })
}

// reported says whether a loss was reported at the atom of base.
func (p *pair) reported(i int) bool {
	span := p.base.header(i)
	return slices.ContainsFunc(p.change.losses, func(l Loss) bool {
		return l.Base.File == p.base.id && (within(l.Base.Span, span) || within(span, l.Base.Span)) && l.Func == p.head.fn()
	})
}

// remains gives the span in head of what is left of the atom of base, or of the nearest one behind it.
func (p *pair) remains(at int) fact.Span {
	for i := at; i < len(p.counterpart); i++ {
		if j := p.counterpart[i]; j >= 0 {
			return p.head.header(j)
		}
	}
	for i := at; i >= 0; i-- {
		if j := p.counterpart[i]; j >= 0 {
			return p.head.header(j)
		}
	}
	return p.head.span()
}

// withoutEchoes drops a lock that is not made any more where the finding on its use says so already.
func withoutEchoes(losses []Loss) []Loss {
	used := map[program.FileID]bool{}
	for i := range losses {
		if losses[i].Guard == program.Lock && losses[i].Shape != "lock-made" {
			used[losses[i].Base.File] = true
		}
	}
	return slices.DeleteFunc(losses, func(l Loss) bool { return l.Shape == "lock-made" && used[l.Base.File] })
}

// withoutRepeats drops what an earlier judge has said of the same guard: the same place of base in the same function,
// or one inside it for the same kind of guard.
func withoutRepeats(losses []Loss) []Loss {
	var kept []Loss
	for _, l := range losses {
		repeated := slices.ContainsFunc(kept, func(k Loss) bool {
			if k.Func != l.Func || k.Base.File != l.Base.File || k.Shape == "function" && l.Shape == "function" {
				return false
			}
			overlap := within(k.Base.Span, l.Base.Span) || within(l.Base.Span, k.Base.Span)
			return k.Base == l.Base || k.Guard == l.Guard && overlap && k.Shape != l.Shape
		})
		if !repeated {
			kept = append(kept, l)
		}
	}
	return kept
}

func sortLosses(losses []Loss) []Loss {
	slices.SortStableFunc(losses, compareLosses)
	return slices.CompactFunc(losses, func(a, b Loss) bool { return compareLosses(a, b) == 0 })
}
