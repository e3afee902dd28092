package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// comparisonsOf gives the comparisons of an atom in normal form, "not" pushed into them.
func (b *body) comparisonsOf(i int) []comparison {
	var list []comparison
	for _, e := range b.atoms[i].exprs {
		b.addComparisons(e, false, &list)
	}
	return list
}

func (b *body) addComparisons(e fact.Expr, negated bool, list *[]comparison) {
	x := &b.Exprs[e]
	switch {
	case x.Kind == fact.Unary && x.Op == fact.OpNot:
		b.addComparisons(x.A, !negated, list)
		return
	case x.Kind == fact.Bool:
		for _, operand := range b.OperandsOf(e) {
			b.addComparisons(operand, negated, list)
		}
		return
	case x.Kind == fact.Compare:
		op := x.Op
		if negated {
			op = inverse[op]
		}
		c := b.source.comparison(x, op)
		c.left, c.right = rename(c.left, b.renamed), rename(c.right, b.renamed)
		*list = append(*list, c)
	}
	for child := range b.Children(e) {
		b.addComparisons(child, false, list)
	}
}

// sameOperands says whether every ordering of a is one of b on the same two operands, and there is one.
func sameOperands(a, b []comparison) bool {
	ordered := 0
	for _, x := range a {
		if !isOrder(x.op) {
			continue
		}
		ordered++
		found := false
		for _, y := range b {
			found = found || isOrder(y.op) && (x.left == y.left && x.right == y.right || x.left == y.right && x.right == y.left)
		}
		if !found {
			return false
		}
	}
	return ordered > 0
}

// sameContainer says whether a and b are each about what is in one collection, and that is the same: what is looked
// for has another name in another function.
func sameContainer(a, b []comparison) bool {
	asks := func(c comparison) bool { return c.op == fact.OpIn || c.op == fact.OpNotIn }
	return len(a) == 1 && len(b) == 1 && asks(a[0]) && asks(b[0]) && a[0].right == b[0].right && strings.Contains(a[0].right, ".")
}

func isOrder(op fact.Op) bool { return op == fact.OpLt || op == fact.OpLtE }

// comparisons looks for conditions of which only the operator or the constant changed.
func (p *pair) comparisons() {
	for i := range p.base.atoms {
		if !p.edited[i] {
			continue
		}
		switch p.base.atoms[i].kind {
		case deleteAtom:
			p.sliceByOne(i, p.counterpart[i])
		case ifAtom, whileAtom, forAtom, returnAtom, assignAtom, exprAtom, withAtom, assertAtom:
			p.compareAtoms(i, p.counterpart[i])
			p.compareNumbers(i, p.counterpart[i])
			p.conjoined(i, p.counterpart[i])
			p.turnedRound(i, p.counterpart[i])
			p.shiftedByOne(i, p.counterpart[i])
			p.shiftedLimit(i, p.counterpart[i])
		}
	}
}

func (p *pair) compareAtoms(i, j int) {
	was, is := p.base.comparisonsOf(i), p.head.comparisonsOf(j)
	for _, b := range without(was, is) {
		for _, h := range without(is, was) {
			same := b.left == h.left && b.right == h.right
			if !isOrder(b.op) || !isOrder(h.op) { // "==" has no direction
				same = same || b.left == h.right && b.right == h.left
			}
			if !same || b.op == h.op || !isBoundary(b.op, h.op) || strings.Contains(strings.ToLower(b.left+b.right), "version") {
				continue
			}
			if b.op == fact.OpEq && h.op == fact.OpLt && h.left == "0" {
				continue // of a count "none" and "some" are all there is: the branches were swapped
			}
			if weaker := p.lets(i, b, h); weaker {
				p.lose(Weakened, program.Boundary, "operator", i,
					fmt.Sprintf("the boundary moved: %s %s %s, base had %s", h.left, h.op, h.right, b.op), b.left+" "+b.right)
			}
		}
	}
}

// turnedRound finds a condition of which only the direction of one comparison changed: "a > b" that became "a < b" with the
// same branches.
func (p *pair) turnedRound(i, j int) {
	base, head := p.base.atoms[i].key, p.head.atoms[j].key
	for _, b := range without(p.base.comparisonsOf(i), p.head.comparisonsOf(j)) {
		for _, h := range without(p.head.comparisonsOf(j), p.base.comparisonsOf(i)) {
			if !isOrder(b.op) || !isOrder(h.op) || b.left != h.right || b.right != h.left || b.left == b.right {
				continue
			}
			was, is := fmt.Sprintf("%s %s %s", b.left, b.op, b.right), fmt.Sprintf("%s %s %s", h.left, h.op, h.right)
			if strings.Replace(base, was, is, 1) != head || !p.entersTheSame(i, j) {
				continue // the branches may have been swapped with it
			}
			p.lose(Weakened, program.Boundary, "turned", i, fmt.Sprintf("the comparison is turned round: %s, base had %s", is, was), was)
		}
	}
}

// entersTheSame says whether the first statement under the header i of base is that under the header j of head; true where
// there is nothing under it.
func (p *pair) entersTheSame(i, j int) bool {
	if p.base.atoms[i].end == i+1 {
		return true
	}
	k := p.counterpart[i+1]
	return k > j && k < p.head.atoms[j].end
}

// shiftedLimit finds a limit that was computed with a one more or less, and an argument of that kind: "max_id = 2 ** bits -
// 1", "retries=tries - 1".
func (p *pair) shiftedLimit(i, j int) {
	a, h := &p.base.atoms[i], &p.head.atoms[j]
	if target := p.base.target(a); p.base.kind == fact.FunctionScope && target != "" && has(target, maximumWord) && target == p.head.target(h) {
		if was, is := p.base.text(p.base.value(a)), p.head.text(p.head.value(h)); differByOne(was, is) {
			p.lose(Weakened, program.Boundary, "operand", i, fmt.Sprintf("the boundary moved by one: %s, base had %s", is, was), a.key)
		}
	}
	for _, b := range p.base.atomCalls(i) {
		for _, hc := range p.head.atomCalls(j) {
			if p.base.callee(b) == p.head.callee(hc) {
				p.shiftedKeyword(i, b, hc)
			}
		}
	}
}

// shiftedKeyword compares the limits that two calls are given by name.
func (p *pair) shiftedKeyword(i int, base, head fact.Expr) {
	for _, k := range p.base.keywords(base) {
		value := p.head.keyword(head, k.name)
		if value == 0 || !has(k.name, retryWord|maximumWord) && k.name != "start" && k.name != "stop" {
			continue
		}
		was, is := p.base.text(k.value), p.head.text(value)
		switch {
		case !differByOne(was, is):
		case has(k.name, retryWord):
			if strings.HasSuffix(was, " - 1") || strings.HasSuffix(is, " + 1") {
				p.lose(Weakened, program.RetryBound, "operand", i, fmt.Sprintf("tried once more: %s=%s, base had %s", k.name, is, was), k.name)
			}
		default:
			p.lose(Weakened, program.Boundary, "operand", i, fmt.Sprintf("the boundary moved by one: %s=%s, base had %s", k.name, is, was), k.name)
		}
	}
}

// shiftedByOne finds an operand of a comparison or range that gained or lost a one.
func (p *pair) shiftedByOne(i, j int) {
	was, is := p.base.comparisonsOf(i), p.head.comparisonsOf(j)
	for _, b := range without(was, is) {
		for _, h := range without(is, was) {
			if b.op == h.op && isOrder(b.op) && (b.left == h.left && differByOne(b.right, h.right) || b.right == h.right && differByOne(b.left, h.left)) {
				p.lose(Weakened, program.Boundary, "operand", i,
					fmt.Sprintf("the boundary moved by one: %s %s %s, base had %s %s %s", h.left, h.op, h.right, b.left, b.op, b.right), b.left+" "+b.right)
			}
		}
	}
	p.sliceByOne(i, j)
	for _, b := range p.base.atomCalls(i) {
		name := p.base.method(b)
		if name != "min" && name != "max" && name != "range" {
			continue
		}
		for _, h := range p.head.atomCalls(j) {
			if p.head.method(h) == name && p.argumentsByOne(b, h) {
				p.lose(Weakened, program.Boundary, "operand", i, fmt.Sprintf("the boundary moved by one: %s, base had %s", p.head.text(h), p.base.text(b)), p.base.text(b))
			}
		}
	}
}

// sliceByOne finds a slice that ends or begins one further than it did, counted from the length of something.
func (p *pair) sliceByOne(i, j int) {
	was, is := p.base.sliceBounds(i), p.head.sliceBounds(j)
	if len(was) != len(is) {
		return
	}
	for k := range was {
		if strings.Contains(was[k], "len(") && differByOne(was[k], is[k]) {
			p.lose(Weakened, program.Boundary, "operand", i, fmt.Sprintf("the boundary moved by one: %s, base had %s", is[k], was[k]), was[k])
		}
	}
}

// sliceBounds gives the texts of the ends of the slices of an atom.
func (b *body) sliceBounds(i int) []string {
	var texts []string
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		if x := &b.Exprs[e]; x.Kind == fact.Slice {
			for _, end := range []fact.Expr{x.A, x.B} {
				if end != 0 {
					texts = append(texts, b.text(end))
				}
			}
		}
	})
	return texts
}

// argumentsByOne says whether two calls differ in one argument, and there by one.
func (p *pair) argumentsByOne(b, h fact.Expr) bool {
	was, is := p.base.argumentTexts(b), p.head.argumentTexts(h)
	if len(was) != len(is) {
		return false
	}
	differ, byOne := 0, 0
	for k := range was {
		if was[k] == is[k] {
			continue
		}
		differ++
		if differByOne(was[k], is[k]) {
			byOne++
		}
	}
	return differ == 1 && byOne == 1
}

// differByOne says whether one text is the other plus or minus one.
func differByOne(a, b string) bool {
	if a == b+" + 1" || a == b+" - 1" || b == a+" + 1" || b == a+" - 1" {
		return true
	}
	for _, sign := range []string{" + 1", " - 1"} {
		if a == "("+b+")"+sign || b == "("+a+")"+sign {
			return true
		}
	}
	a, b = strings.Trim(a, "()"), strings.Trim(b, "()")
	return a == b+" + 1" || a == b+" - 1" || b == a+" + 1" || b == a+" - 1"
}

// without gives the comparisons of a that b has not.
func without(a, b []comparison) []comparison {
	var rest []comparison
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x == y
		}
		if !found {
			rest = append(rest, x)
		}
	}
	return rest
}

// isBoundary says whether two operators differ in what they say of the limit itself.
func isBoundary(a, b fact.Op) bool {
	known := func(op fact.Op) bool { return isOrder(op) || op == fact.OpEq }
	return known(a) && known(b) && (isOrder(a) || isOrder(b))
}

// lets says whether the operator of head may let more through than that of base. Only where a function does nothing
// but answer, and is named for what a true answer means, a stricter operator is told from a wrong one.
func (p *pair) lets(i int, base, head comparison) bool {
	grows := admits(head.op) > admits(base.op)
	if how, _ := p.base.refuses(i); (how == raises || how == answers) && p.base.atoms[i].kind == ifAtom && (!isOrder(base.op) || !isOrder(head.op)) {
		return !grows
	}
	if p.base.atoms[i].kind != returnAtom {
		if k := p.base.atoms[i].kind; (k == exprAtom || k == assignAtom) && head.op == fact.OpEq {
			return false // a query for one value in the place of many
		}
		return p.base.atoms[i].kind != assertAtom || isOrder(base.op) && isOrder(head.op)
	}
	switch w := wordsOf(p.base.name); {
	case w&refuseWord != 0:
		return !grows
	case w&allowWord != 0:
		return grows
	}
	return true
}

// admits orders the operators by how many pairs satisfy them.
func admits(op fact.Op) int {
	return map[fact.Op]int{fact.OpEq: 0, fact.OpLt: 1, fact.OpLtE: 2, fact.OpNotEq: 3}[op]
}

// limits looks for values that were cut to a maximum: a slice, or min().
func (p *pair) limits() {
	for i := range p.base.atoms {
		switch {
		case p.edited[i]:
			p.lostSlice(i, p.counterpart[i])
			p.lostMinimum(i, p.counterpart[i])
			p.lostLimit(i, p.counterpart[i])
		case p.counterpart[i] < 0:
			p.lostCut(i)
			p.lostCapped(i)
		}
	}
}

// lostLimit finds "query.limit(100)" that became "query".
func (p *pair) lostLimit(i, j int) {
	head := p.head.atoms[j].key
	for _, call := range p.base.atomCalls(i) {
		r := p.base.receiver(call)
		if p.base.method(call) != "limit" || r == 0 || len(p.base.OperandsOf(call)) == 0 || strings.Contains(head, ".limit(") || !mentions(head, p.base.text(r)) {
			continue
		}
		p.lose(Removed, program.Bound, "limit", i, fmt.Sprintf("%s has no limit any more", p.base.text(r)), p.base.text(call))
	}
}

// lostCut finds "text = text[:100]" that is gone while the text is still used.
func (p *pair) lostCut(i int) {
	a := &p.base.atoms[i]
	target := p.base.target(a)
	if target == "" || p.kept < 0.5 || p.wentTo(a.key) || p.addsText("[:") || p.handedToNew(target) {
		return
	}
	cut := false
	eachExpr(p.base.source, a.exprs, func(e fact.Expr) {
		x := &p.base.Exprs[e]
		if x.Kind != fact.Subscript || p.base.text(x.A) != target {
			return
		}
		s := &p.base.Exprs[x.B]
		cut = cut || s.Kind == fact.Slice && s.A == 0 && s.B != 0 && !strings.HasPrefix(p.base.text(s.B), "-")
	})
	if cut && p.head.uses(firstPart(target)) {
		p.lose(Removed, program.Bound, "cut", i, fmt.Sprintf("%s is not cut any more", target), a.key)
	}
}

// handedToNew says whether head gives the value to a function that the change adds, or takes it from one, which may bound it.
func (p *pair) handedToNew(value string) bool {
	return slices.ContainsFunc(p.calls.added, func(c callRef) bool {
		name := p.head.method(c.call)
		given := slices.Contains(p.head.argumentTexts(c.call), value) || p.head.target(&p.head.atoms[c.atom]) == value
		return given && slices.ContainsFunc(p.change.added, func(b *body) bool { return b.name == name })
	})
}

// lostCapped finds "wait = min(wait, most)" that is gone while what it cut is used in the place of its result.
func (p *pair) lostCapped(i int) {
	a := &p.base.atoms[i]
	value, target := p.base.value(a), p.base.target(a)
	if a.kind != assignAtom || target == "" || p.base.Exprs[value].Kind != fact.Call || p.base.callee(value) != "min" || p.wentTo(a.key) {
		return
	}
	args := p.base.positional(value)
	if len(args) == 2 && p.kept >= 0.5 && !slices.ContainsFunc(p.changedInHead(), func(j int) bool { return strings.Contains(p.head.atoms[j].key, "min(") }) && slices.ContainsFunc(args, func(e fact.Expr) bool { return p.base.text(e) == target }) && p.head.uses(firstPart(target)) && !p.handedToNew(target) {
		p.lose(Removed, program.Bound, "minimum", i, fmt.Sprintf("%s does not bound this any more", p.base.text(value)), a.key)
		return
	}
	for k := range p.base.atoms {
		if len(args) != 2 || !p.edited[k] || !p.base.mentionsName(k, target) || p.head.uses(target) {
			continue
		}
		head := p.head.atoms[p.counterpart[k]].key
		for _, arg := range args {
			if text := p.base.text(arg); !p.base.isLiteral(arg) && mentions(head, text) && !strings.Contains(head, "min(") {
				p.lose(Removed, program.Bound, "minimum", i, fmt.Sprintf("%s does not bound this any more", p.base.text(value)), a.key)
				return
			}
		}
	}
}

func (p *pair) lostSlice(i, j int) {
	head := p.head.atoms[j].key
	eachExpr(p.base.source, p.base.atoms[i].exprs, func(e fact.Expr) {
		x := &p.base.Exprs[e]
		if x.Kind != fact.Subscript {
			return
		}
		if s := &p.base.Exprs[x.B]; s.Kind != fact.Slice || s.A != 0 || s.B == 0 {
			return
		}
		text, inner := p.base.text(e), p.base.text(x.A)
		if strings.Contains(head, text) || !mentions(head, inner) || strings.Contains(head, inner+"[") {
			return
		}
		p.lose(Removed, program.Bound, "slice", i, fmt.Sprintf("%s is not cut to %s any more", inner, p.base.text(p.base.Exprs[x.B].B)), text)
	})
}

func (p *pair) lostMinimum(i, j int) {
	head := p.head.atoms[j].key
	for _, call := range p.base.atomCalls(i) {
		args := p.base.positional(call)
		if p.base.callee(call) != "min" || len(args) != 2 || strings.Contains(head, "min(") {
			continue
		}
		if !mentions(head, p.base.text(args[0])) && !mentions(head, p.base.text(args[1])) {
			continue
		}
		guard := program.Bound
		switch w := p.base.atoms[i].words; {
		case w&retryWord != 0:
			guard = program.RetryBound
		case w&deadlineWord != 0:
			guard = program.Deadline
		}
		text := p.base.text(call)
		p.lose(Removed, guard, "minimum", i, fmt.Sprintf("%s does not bound this any more", text), text)
	}
}
