package regress

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// test is a comparison of something with a whole number.
type test struct {
	what  string
	op    fact.Op
	limit int
	// turned is true where the number stands on the left.
	turned bool
}

// testOf reads a comparison as a test of something against a number.
func testOf(c comparison) (test, bool) {
	if n, err := strconv.Atoi(c.right); err == nil {
		return test{c.left, c.op, n, false}, true
	}
	if n, err := strconv.Atoi(c.left); err == nil {
		return test{c.right, c.op, n, true}, true
	}
	return test{}, false
}

// holds says whether the test is true of n.
func (t test) holds(n int) bool {
	a, b := n, t.limit
	if t.turned {
		a, b = b, a
	}
	switch t.op {
	case fact.OpLt:
		return a < b
	case fact.OpLtE:
		return a <= b
	case fact.OpEq:
		return a == b
	default:
		return a != b
	}
}

func (t test) isKnown() bool {
	return isOrder(t.op) || t.op == fact.OpEq || t.op == fact.OpNotEq
}

// conjoined reports a refusal of which any part was enough, and for which all are asked for now.
func (p *pair) conjoined(i, j int) {
	how, _ := p.base.refuses(i)
	if p.base.atoms[i].kind != ifAtom || p.head.atoms[j].kind != ifAtom || how != raises && how != answers {
		return
	}
	was, is := &p.base.Exprs[p.base.test(&p.base.atoms[i])], &p.head.Exprs[p.head.test(&p.head.atoms[j])]
	if was.Kind != fact.Bool || is.Kind != fact.Bool || was.Op != fact.OpOr || is.Op != fact.OpAnd {
		return
	}
	if slices.Equal(p.base.parts(p.base.test(&p.base.atoms[i])), p.head.parts(p.head.test(&p.head.atoms[j]))) {
		key := strings.TrimPrefix(p.head.atoms[j].key, "if ")
		p.lose(Weakened, p.base.checkGuard(i), "conjoined", i, fmt.Sprintf("%q refuses less, any part was enough in base", key), p.base.atoms[i].key)
	}
}

// parts gives the texts of the operands of an expression, sorted.
func (b *body) parts(e fact.Expr) []string {
	var texts []string
	for _, operand := range b.OperandsOf(e) {
		texts = append(texts, b.text(operand))
	}
	slices.Sort(texts)
	return texts
}

// compareNumbers reports a refusal that depends on a number and is true of fewer of them: "!= 1" that became "== 0".
// Those that differ in the limit alone, and those of one operator, are compared as boundaries.
func (p *pair) compareNumbers(i, j int) {
	how, _ := p.base.refuses(i)
	if p.base.atoms[i].kind != ifAtom || how == noRefusal || p.head.atoms[j].kind != ifAtom {
		return
	}
	was, is := p.base.comparisonsOf(i), p.head.comparisonsOf(j)
	for _, b := range without(was, is) {
		for _, h := range without(is, was) {
			bt, ok := testOf(b)
			ht, also := testOf(h)
			if !ok || !also || bt.what != ht.what || !bt.isKnown() || !ht.isKnown() || bt.op == ht.op || bt.limit == ht.limit {
				continue
			}
			if (how == returns || how == skips) && !strings.HasPrefix(bt.what, "len(") {
				continue // a way to go on, as likely as a refusal
			}
			if bt.narrowed(ht) {
				p.lose(Weakened, program.Boundary, "number", i,
					fmt.Sprintf("less is refused: %s %s %s, base had %s %s %s", h.left, h.op, h.right, b.left, b.op, b.right), b.left+" "+b.right)
			}
		}
	}
}

// narrowed says whether other is true of some of the numbers that t is true of, and of no other.
func (t test) narrowed(other test) bool {
	fewer := false
	for n := min(t.limit, other.limit) - 2; n <= max(t.limit, other.limit)+2; n++ {
		if strings.HasPrefix(t.what, "len(") && n < 0 {
			continue
		}
		was, is := t.holds(n), other.holds(n)
		if is && !was {
			return false
		}
		fewer = fewer || was && !is
	}
	return fewer
}
