package regress

import (
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// callRef is one call of a body and the atom that makes it.
type callRef struct {
	call fact.Expr
	atom int
	text string
}

// callsOf gives the calls of the body in source order of their atoms.
func (b *body) callsOf() []callRef {
	if b.calls == nil {
		for i := range b.lower() {
			for _, call := range b.atomCalls(i) {
				b.calls = append(b.calls, callRef{call: call, atom: i, text: b.text(call)})
			}
		}
	}
	return b.calls
}

// atomCalls gives the calls that the atom itself makes.
func (b *body) atomCalls(i int) []fact.Expr {
	var calls []fact.Expr
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		if b.Exprs[e].Kind == fact.Call {
			calls = append(calls, e)
		}
	})
	return calls
}

// callee gives the text of what is called.
func (b *body) callee(call fact.Expr) string { return b.text(b.Exprs[call].A) }

// method gives the last name of what is called: "get" of session.get(url); "" where it has none.
func (b *body) method(call fact.Expr) string {
	e := b.Exprs[call].A
	for b.Exprs[e].Kind == fact.Call {
		e = b.Exprs[e].A
	}
	switch x := &b.Exprs[e]; x.Kind {
	case fact.Name, fact.Attr:
		return b.Text(x.Text)
	}
	return ""
}

// shortCallee gives the last two parts of what is called, without leading underscores: "session.commit".
func (b *body) shortCallee(call fact.Expr) string {
	name := b.method(call)
	r := b.receiver(call)
	if r == 0 {
		return name
	}
	if b.Exprs[r].Kind == fact.Call {
		return b.method(r) + "()." + name
	}
	return strings.TrimLeft(lastPart(b.text(r)), "_") + "." + name
}

// receiver gives the object a method is called on; 0 where a plain name is called.
func (b *body) receiver(call fact.Expr) fact.Expr {
	if x := &b.Exprs[b.Exprs[call].A]; x.Kind == fact.Attr {
		return x.A
	}
	return 0
}

// root gives the name that an expression starts with: "self" of self.pool.get().rows[0].
func (b *body) root(e fact.Expr) string {
	for e != 0 {
		switch x := &b.Exprs[e]; x.Kind {
		case fact.Attr, fact.Subscript, fact.Starred, fact.Await, fact.Call:
			e = x.A
		case fact.Name:
			return rename(b.Text(x.Text), b.renamed)
		default:
			return ""
		}
	}
	return ""
}

// keyword is one argument given by name.
type keyword struct {
	name  string
	value fact.Expr
}

// keywords gives the arguments of a call that have a name, in source order.
func (b *body) keywords(call fact.Expr) []keyword {
	var list []keyword
	for _, arg := range b.OperandsOf(call) {
		if x := &b.Exprs[arg]; x.Kind == fact.Keyword && x.Text != 0 {
			list = append(list, keyword{b.Text(x.Text), x.A})
		}
	}
	return list
}

func (b *body) keyword(call fact.Expr, name string) fact.Expr {
	for _, k := range b.keywords(call) {
		if k.name == name {
			return k.value
		}
	}
	return 0
}

// positional gives the arguments of a call without a name, stars left out.
func (b *body) positional(call fact.Expr) []fact.Expr {
	var list []fact.Expr
	for _, arg := range b.OperandsOf(call) {
		if k := b.Exprs[arg].Kind; k != fact.Keyword && k != fact.Starred {
			list = append(list, arg)
		}
	}
	return list
}

// spreads says whether the call takes arguments from a * or **.
func (b *body) spreads(call fact.Expr) bool {
	return slices.ContainsFunc(b.OperandsOf(call), func(arg fact.Expr) bool {
		x := &b.Exprs[arg]
		return x.Kind == fact.Starred || x.Kind == fact.Keyword && x.Text == 0
	})
}

// argumentTexts gives the values of all arguments of a call.
func (b *body) argumentTexts(call fact.Expr) []string {
	var texts []string
	for _, arg := range b.OperandsOf(call) {
		if x := &b.Exprs[arg]; x.Kind == fact.Keyword {
			texts = append(texts, b.text(x.A))
		} else {
			texts = append(texts, b.text(arg))
		}
	}
	return texts
}

// isStatement says whether the call is all that its atom does.
func (b *body) isStatement(c callRef) bool {
	a := &b.atoms[c.atom]
	return a.kind == exprAtom && b.value(a) == c.call
}

// callPair is a call of base and what became of it in head.
type callPair struct{ base, head callRef }

// calls of two bodies, those that are equal on both sides left out.
type callPairs struct {
	paired []callPair
	gone   []callRef
	added  []callRef
}

// pairCalls finds for every call of base that head does not make any more the call of head that replaced it: one of
// the same name, the more alike the better.
func (p *pair) pairCalls() callPairs {
	base, head := p.base.callsOf(), p.head.callsOf()
	restBase, restHead := unequal(base, head), unequal(head, base)
	type candidate struct {
		score float64
		i, j  int
	}
	var candidates []candidate
	for i, b := range restBase {
		name := p.base.method(b.call)
		if name == "" {
			continue
		}
		tokens := tokensOf(b.text)
		for j, h := range restHead {
			if p.head.method(h.call) != name {
				continue
			}
			score := similarity(tokens, tokensOf(h.text))
			if p.base.callee(b.call) == p.head.callee(h.call) {
				score += 0.2
			}
			if p.counterpart[b.atom] == h.atom {
				score += 0.3
			}
			if score >= 0.4 {
				candidates = append(candidates, candidate{score, i, j})
			}
		}
	}
	sort.SliceStable(candidates, func(a, b int) bool { return candidates[a].score > candidates[b].score })
	var result callPairs
	usedBase, usedHead := make([]bool, len(restBase)), make([]bool, len(restHead))
	for _, c := range candidates {
		if usedBase[c.i] || usedHead[c.j] {
			continue
		}
		usedBase[c.i], usedHead[c.j] = true, true
		result.paired = append(result.paired, callPair{restBase[c.i], restHead[c.j]})
	}
	result.gone = unused(restBase, usedBase)
	result.added = unused(restHead, usedHead)
	return result
}

// unequal gives the calls of a that b does not make as often.
func unequal(a, b []callRef) []callRef {
	count := map[string]int{}
	for _, c := range b {
		count[c.text]++
	}
	var rest []callRef
	for _, c := range a {
		if count[c.text] > 0 {
			count[c.text]--
			continue
		}
		rest = append(rest, c)
	}
	return rest
}

func unused(list []callRef, used []bool) []callRef {
	var rest []callRef
	for i := range list {
		if !used[i] {
			rest = append(rest, list[i])
		}
	}
	return rest
}

// countMethods counts the calls by their last name.
func (b *body) countMethods() map[string]int {
	count := map[string]int{}
	for _, c := range b.callsOf() {
		count[b.method(c.call)]++
	}
	return count
}

// firstPart gives what stands before the first dot, bracket or parenthesis.
func firstPart(text string) string {
	if i := strings.IndexAny(text, ".[("); i >= 0 {
		return text[:i]
	}
	return text
}
