package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// clause is one leaf of a condition.
type clause struct {
	text string
	expr fact.Expr
	// op joins the leaf to the others: OpAnd, OpOr, or NoOp where it is the whole condition.
	op fact.Op
}

// clauses gives the leaves of a condition with "not" pushed into them.
func (b *body) clauses(e fact.Expr) []clause {
	var list []clause
	b.addClauses(e, fact.NoOp, false, &list)
	return list
}

func (b *body) addClauses(e fact.Expr, op fact.Op, negated bool, list *[]clause) {
	x := &b.Exprs[e]
	switch {
	case x.Kind == fact.Unary && x.Op == fact.OpNot:
		b.addClauses(x.A, op, !negated, list)
	case x.Kind == fact.Bool:
		joined := x.Op
		if negated {
			joined = inverse[joined]
		}
		for _, operand := range b.OperandsOf(e) {
			b.addClauses(operand, joined, negated, list)
		}
	default:
		text := b.source.text(e)
		if negated {
			text = b.negated(e)
		}
		*list = append(*list, clause{rename(text, b.renamed), e, op})
	}
}

// shortened looks for conditions that lost one of their clauses and let more through without it: one joined by "and"
// to what permits, or by "or" to what refuses.
func (p *pair) shortened() {
	for i := range p.base.atoms {
		if p.edited[i] {
			p.lostClause(i, p.counterpart[i])
			p.rejoined(i, p.counterpart[i])
		}
	}
}

// rejoined finds a condition with the clauses it had, joined the other way: one of them is enough now to be let in.
func (p *pair) rejoined(i, j int) {
	was, is := p.base.condition(i), p.head.condition(j)
	if was == 0 || is == 0 {
		return
	}
	base, head := p.base.clauses(was), p.head.clauses(is)
	before, now := joinOf(base), joinOf(head)
	if before == fact.NoOp || now == fact.NoOp || before == now || len(base) != len(head) || len(clausesWithout(base, head)) > 0 {
		return
	}
	guard := program.GuardKind("")
	switch how, _ := p.base.refuses(i); {
	case p.base.atoms[i].kind == ifAtom && (how == raises || how == answers): // see conjoined
	case p.base.atoms[i].kind == returnAtom && wordsOf(p.base.name)&refuseWord != 0:
		if now == fact.OpAnd {
			guard = p.joinedGuard(base)
		}
	case now == fact.OpOr:
		guard = p.joinedGuard(base)
	}
	if guard != "" {
		p.lose(Weakened, guard, "rejoined", i, fmt.Sprintf("%q is joined by %q, base had %q", p.head.text(is), now, before), p.base.atoms[i].key)
	}
}

// joinOf is the operator that joins all the clauses of a condition; NoOp where there is none, or more than one.
func joinOf(clauses []clause) fact.Op {
	for _, c := range clauses {
		if c.op != clauses[0].op {
			return fact.NoOp
		}
	}
	if len(clauses) < 2 {
		return fact.NoOp
	}
	return clauses[0].op
}

// joinedGuard says what a condition guards that lets something through: a permission, or a limit; "" for control flow.
func (p *pair) joinedGuard(clauses []clause) program.GuardKind {
	for _, c := range clauses {
		if wordsOf(c.text)&(grantWord|permissionWord) != 0 {
			return program.Authorization
		}
	}
	for _, c := range clauses {
		if x := &p.base.Exprs[c.expr]; x.Kind == fact.Compare && (isOrder(x.Op) || isOrder(inverse[x.Op])) && wordsOf(p.base.name)&(allowWord|refuseWord) != 0 {
			return program.Boundary
		}
	}
	if wordsOf(p.base.name)&allowWord != 0 {
		return program.Validation
	}
	return ""
}

// condition gives the expression that decides: a test, or what a function returns.
func (b *body) condition(i int) fact.Expr {
	a := &b.atoms[i]
	if a.kind == returnAtom {
		return b.value(a)
	}
	if a.kind == ifAtom || a.kind == whileAtom {
		return b.test(a)
	}
	return 0
}

func (p *pair) lostClause(i, j int) {
	was, is := p.base.condition(i), p.head.condition(j)
	if was == 0 || is == 0 {
		return
	}
	base, head := p.base.clauses(was), p.head.clauses(is)
	lost := clausesWithout(base, head)
	if len(lost) == 0 || len(lost) == len(base) || len(clausesWithout(head, base)) > 0 {
		return
	}
	how := noRefusal
	if p.base.atoms[i].kind == ifAtom {
		how, _ = p.base.refuses(i)
	}
	for _, c := range lost {
		guard := p.clauseGuard(i, how, c)
		if guard != "" {
			p.lose(Weakened, guard, "clause", i, fmt.Sprintf("the condition does not ask for %q any more", c.text), c.text)
		}
	}
}

// clausesWithout gives the clauses of a whose text b has not.
func clausesWithout(a, b []clause) []clause {
	var rest []clause
	for _, x := range a {
		found := false
		for _, y := range b {
			found = found || x.text == y.text
		}
		if !found {
			rest = append(rest, x)
		}
	}
	return rest
}

// clauseGuard says what a lost clause guarded; "" where it was control flow or where the condition is stricter now.
func (p *pair) clauseGuard(i int, how refusal, c clause) program.GuardKind {
	if how == raises || how == answers {
		if c.op == fact.OpAnd {
			return ""
		}
		return p.base.checkGuard(i)
	}
	if how != noRefusal || c.op != fact.OpAnd {
		return ""
	}
	w := wordsOf(c.text)
	switch {
	case w&knownWord != 0 && !asksPresence(c.text):
		return program.Idempotency
	case w&grantWord != 0:
		return program.Authorization
	case p.base.atoms[i].kind == whileAtom && w&retryWord != 0:
		return program.RetryBound
	case p.base.atoms[i].kind == whileAtom && p.base.countsDown(i, c.text):
		return program.Bound
	case p.base.comparesSize(c.expr) && w&maximumWord != 0:
		return program.Bound
	}
	return ""
}

// countsDown says whether the clause of a loop is about a number that every round makes smaller: "left > 0".
func (b *body) countsDown(loop int, clause string) bool {
	name, ok := strings.CutPrefix(clause, "0 < ")
	for k := loop + 1; ok && k < b.atoms[loop].end; k++ {
		if b.atoms[k].key == name+" -= 1" {
			return true
		}
	}
	return false
}

// caps looks for conditions on a maximum whose body kept something small: dropped the oldest, paused, cut.
func (p *pair) caps() {
	for i := range p.base.atoms {
		a := &p.base.atoms[i]
		if a.kind != ifAtom || p.counterpart[i] >= 0 || a.words&maximumWord == 0 && !has(a.key, limitWord) || !p.base.comparesSize(p.base.test(a)) {
			continue
		}
		if how, _ := p.base.refuses(i); how != noRefusal || p.keptWithout(i) < 0.5 || p.wentTo(a.key) || p.rephrased(i) {
			continue
		}
		remains := false
		for k := i + 1; k < a.end; k++ {
			remains = remains || p.counterpart[k] >= 0
		}
		if remains || a.words&maximumWord == 0 && !speaksOfCapacity(a.key) || p.addsText("min(") {
			continue
		}
		p.lose(Removed, program.Bound, "cap", i, fmt.Sprintf("nothing is done any more when %q", strings.TrimPrefix(a.key, "if ")), a.key)
	}
}

func speaksOfCapacity(key string) bool {
	found := false
	eachWord(key, func(w string) { found = found || w == "capacity" || w == "prefetch" })
	return found
}

// addsText says whether an atom that head adds has the text.
func (p *pair) addsText(text string) bool {
	for _, j := range p.added() {
		if strings.Contains(p.head.atoms[j].key, text) {
			return true
		}
	}
	return false
}

// skips looks for branches that answered a repeated request without doing it again.
func (p *pair) skips() {
	for i := range p.base.atoms {
		a := &p.base.atoms[i]
		if a.kind != ifAtom || p.counterpart[i] >= 0 || !speaksOfRepetition(a.key) || p.keptWithout(i) < 0.5 || p.wentTo(a.key) {
			continue
		}
		returns, remains := false, false
		for k := i + 1; k < a.end; k++ {
			if p.base.atoms[k].kind == returnAtom {
				returns = true
			} else if p.counterpart[k] >= 0 {
				remains = true
			}
		}
		if returns && !remains {
			p.lose(Removed, program.Idempotency, "skip", i, fmt.Sprintf("%q does not end it any more", strings.TrimPrefix(a.key, "if ")), a.key)
		}
	}
}

func speaksOfRepetition(key string) bool {
	found := false
	eachWord(key, func(w string) {
		switch w {
		case "duplicate", "duplicates", "deduplicate", "dedup", "redelivered", "idempotency", "idempotent":
			found = true
		}
	})
	return found
}
