package regress

import (
	"fmt"
	"math"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// amounts compares by value the sizes that constructors and decorators of libraries bound: queues, semaphores, pools,
// caches.
func (p *pair) amounts() {
	for _, c := range p.calls.paired {
		p.compareAmount(c.base.call, c.head.call, c.base.atom)
	}
	for _, b := range p.base.List(p.base.info().Decorators) {
		if h := p.amountDecorator(b); h != 0 {
			p.compareDecoratorAmount(b, h)
		}
	}
}

// boundEntry gives the row by which a call or decorator bounds an amount, nil where it does not.
func (b *body) boundEntry(e fact.Expr) *catalog.Entry {
	call := fact.Expr(0)
	if b.Exprs[e].Kind == fact.Call {
		call, e = e, b.Exprs[e].A
	}
	entry := b.p.Catalog.Lookup(b.eval.One(program.ExprRef{File: b.id, Expr: e}).Path)
	if entry == nil || entry.Bound == nil {
		return nil
	}
	if needs := entry.Bound.Needs; needs != "" && (call == 0 || !b.eval.AnyHolds(b.id, call, []string{needs})) {
		return nil
	}
	return entry
}

// amount gives how many the expression allows: +Inf for no bound, NaN where it cannot be shown.
func (b *body) amount(e fact.Expr, bound *catalog.Bound) float64 {
	param := &bound.Parameter
	if b.Exprs[e].Kind == fact.Call && param.Name != "" {
		position := -1
		if param.Position != nil {
			position = *param.Position
		}
		value, known := b.Argument(e, param.Name, position)
		if value != 0 {
			return b.amountOf(value, param)
		}
		if !known {
			return math.NaN()
		}
	}
	for _, d := range bound.Defaults {
		if d.Count < 0 {
			return math.Inf(1)
		}
		return float64(d.Count)
	}
	return math.NaN()
}

func (b *body) amountOf(value fact.Expr, param *catalog.Parameter) float64 {
	n := b.eval.Number(program.ExprRef{File: b.id, Expr: value})
	switch {
	case n.None && !n.Known:
		if param.NoneIs == "default" {
			return math.NaN()
		}
		return math.Inf(1)
	case !n.Known:
		return math.NaN()
	}
	for _, spelling := range param.Infinite {
		if spelling == number(n.Value) {
			return math.Inf(1)
		}
	}
	return n.Value
}

func (p *pair) compareAmount(base, head fact.Expr, at int) {
	was, is := p.base.boundEntry(base), p.head.boundEntry(head)
	if was == nil || is == nil || was.Bound.Of != is.Bound.Of {
		return
	}
	rule, message := amountLoss(p.base.amount(base, was.Bound), p.head.amount(head, is.Bound), was.Bound.Of, p.head.callee(head))
	if rule != "" {
		p.lose(rule, program.Bound, "amount", at, message, was.Path)
	}
}

// amountLoss judges two amounts; the rule is empty where nothing is lost or nothing can be shown.
func amountLoss(was, is float64, of, callee string) (rule, message string) {
	switch {
	case math.IsNaN(was) || math.IsNaN(is) || math.IsInf(was, 1) || is <= was:
		return "", ""
	case math.IsInf(is, 1):
		return Removed, fmt.Sprintf("%s has no bound on its %s any more, it was %s", callee, of, number(was))
	}
	return Weakened, fmt.Sprintf("%s lets through %s (%s), base had %s", callee, number(is), of, number(was))
}

// amountDecorator gives the decorator of head that bounds the same kind of amount as the one of base; 0 for none.
func (p *pair) amountDecorator(base fact.Expr) fact.Expr {
	was := p.base.boundEntry(base)
	if was == nil {
		return 0
	}
	for _, h := range p.head.List(p.head.info().Decorators) {
		if is := p.head.boundEntry(h); is != nil && is.Bound.Of == was.Bound.Of {
			return h
		}
	}
	return 0
}

func (p *pair) compareDecoratorAmount(base, head fact.Expr) {
	was, is := p.base.boundEntry(base), p.head.boundEntry(head)
	rule, message := amountLoss(p.base.amount(base, was.Bound), p.head.amount(head, is.Bound), was.Bound.Of, "@"+p.head.text(head))
	if rule != "" {
		p.loseHeader(rule, program.Bound, "amount", p.base.Exprs[base].Span, message, was.Path)
	}
}

// thresholds compares the numbers that conditions which refuse compare with: a limit that lets more through.
func (p *pair) thresholds() {
	for i := range p.base.atoms {
		j := p.counterpart[i]
		if !p.edited[i] || j < 0 || p.base.atoms[i].kind != ifAtom || p.head.atoms[j].kind != ifAtom {
			continue
		}
		if how, _ := p.base.refuses(i); how != raises && how != answers {
			continue
		}
		was, is := p.base.comparisonsOf(i), p.head.comparisonsOf(j)
		for _, b := range without(was, is) {
			for _, h := range without(is, was) {
				if passesMore(b, h) {
					p.lose(Weakened, thresholdGuard(b, h), "threshold", i,
						fmt.Sprintf("refuses %s %s %s, base refused %s %s %s", h.left, h.op, h.right, b.left, b.op, b.right), b.left+" "+b.right)
				}
			}
		}
	}
}

// thresholdGuard says what a number guards that lets more through: by one it is the boundary of what is meant, by more the
// bound itself is another.
func thresholdGuard(base, head comparison) program.GuardKind {
	was, is := base.right, head.right
	if was == is {
		was, is = base.left, head.left
	}
	b, _ := parseNumber(was)
	h, _ := parseNumber(is)
	if math.Abs(b-h) <= 1 {
		return program.Boundary
	}
	return program.Bound
}

// passesMore says whether a refusal of head lets more through than that of base, by its number alone. In normal form
// a comparison is "left < right" or "left <= right".
func passesMore(base, head comparison) bool {
	if base.op != head.op || !isOrder(base.op) {
		return false
	}
	if base.right == head.right {
		b, okB := parseNumber(base.left)
		h, okH := parseNumber(head.left)
		return okB && okH && h > b // refused is what is more than the number
	}
	if base.left == head.left {
		b, okB := parseNumber(base.right)
		h, okH := parseNumber(head.right)
		return okB && okH && h < b // refused is what is less than the number
	}
	return false
}
