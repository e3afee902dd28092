package regress

import (
	"fmt"
	"math"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// settings looks at constants of modules and classes, and at entries of dictionaries, that are named for a deadline
// or a maximum and let more through.
func (p *pair) settings() {
	for i := range p.base.atoms {
		if !p.edited[i] {
			continue
		}
		if p.base.kind == fact.ModuleScope {
			p.lostMiddleware(i, p.counterpart[i])
		}
		if p.base.kind != fact.FunctionScope {
			p.looserConstant(i, p.counterpart[i])
		}
		p.looserEntry(i, p.counterpart[i])
	}
}

// settingGuard says what a value of this name bounds; "" where the name does not say.
func settingGuard(name string) program.GuardKind {
	minimum := false
	eachWord(name, func(w string) { minimum = minimum || w == "min" || w == "minimum" })
	switch {
	case minimum:
		return ""
	case isDeadlineName(name):
		return program.Deadline
	case has(name, retryWord) && has(name, maximumWord|retryWord) && !strings.HasSuffix(strings.ToLower(name), "delay"):
		return program.RetryBound
	case has(name, maximumWord):
		return program.Bound
	}
	return ""
}

func (p *pair) looserConstant(i, j int) {
	base, head := &p.base.atoms[i], &p.head.atoms[j]
	name := p.base.target(base)
	if p.base.kind == fact.ClassScope && base.kind == assignAtom && head.kind == assignAtom && p.head.target(head) == name {
		p.sharedDefault(i, j, name)
	}
	guard := settingGuard(name)
	if guard == "" || base.kind != assignAtom || head.kind != assignAtom || p.head.target(head) != name {
		return
	}
	symbol := name
	if p.base.qualified != "" {
		symbol = p.base.qualified + "." + name
	}
	p.compareSetting(i, guard, name, symbol, p.base.value(base), p.head.value(head), program.Place{File: p.head.id, Span: p.head.header(j)})
}

// lostMiddleware reports what refused requests before every handler and is not in the list any more.
func (p *pair) lostMiddleware(i, j int) {
	name := p.base.target(&p.base.atoms[i])
	if !strings.HasPrefix(name, "MIDDLEWARE") || p.head.target(&p.head.atoms[j]) != name {
		return
	}
	now := map[string]bool{}
	for _, e := range p.head.OperandsOf(p.head.value(&p.head.atoms[j])) {
		now[lastPart(strings.Trim(p.head.text(e), `"`))] = true
	}
	for _, e := range p.base.OperandsOf(p.base.value(&p.base.atoms[i])) {
		class := lastPart(strings.Trim(p.base.text(e), `"`))
		if p.base.Exprs[e].Kind == fact.StrConst && !now[class] && has(class, permissionWord) && !p.change.addsText(class) {
			p.lose(Removed, program.Authorization, "middleware", i, fmt.Sprintf("%s does not stand before the handlers any more", class), class)
		}
	}
}

// sharedDefault reports an attribute of a class that was None and is a collection that all objects share.
func (p *pair) sharedDefault(i, j int, name string) {
	value := p.head.text(p.head.value(&p.head.atoms[j]))
	if p.base.text(p.base.value(&p.base.atoms[i])) == "None" && isMutable(value) && !p.base.isSchema() {
		p.lose(Removed, program.Immutability, "mutable-default", i, fmt.Sprintf("the %s of %s is shared by all objects", value, name), name+"="+value)
	}
}

// compareSetting reports a value that lets more through under the same name.
func (p *pair) compareSetting(i int, guard program.GuardKind, name, symbol string, base, head fact.Expr, at program.Place) {
	was, is := p.base.text(base), p.head.text(head)
	loss := Loss{
		Rule: Weakened, Guard: guard, Shape: "setting", At: at, Symbol: symbol, Key: name,
		Base: program.Place{File: p.base.id, Span: p.base.Exprs[base].Span},
	}
	b, h := p.number(p.base, base), p.number(p.head, head)
	switch {
	case is == "None" && was != "None":
		loss.Rule, loss.Message = Removed, fmt.Sprintf("%s is None, it was %s", name, was)
	case guard == program.Bound && differByOne(was, is), guard == program.Bound && b.Known && h.Known && math.Abs(b.Value-h.Value) == 1:
		loss.Guard, loss.Message = program.Boundary, fmt.Sprintf("the limit %s moved by one: %s, it was %s", name, is, was)
	case b.Known && h.Known && !b.None && !h.None && h.Value > b.Value && b.Value > 0:
		loss.Message = fmt.Sprintf("%s is %s, it was %s", name, number(h.Value), number(b.Value))
	default:
		return
	}
	p.report(loss)
}

// looserEntry compares the entries of dictionaries with a literal key.
func (p *pair) looserEntry(i, j int) {
	base, head := p.base.entries(i), p.head.entries(j)
	for k, b := range base {
		guard := settingGuard(b.name)
		if guard != program.Deadline && guard != program.Bound || countEntries(base, b.name) != countEntries(head, b.name) {
			continue
		}
		// The same key in several dictionaries is told apart by its turn.
		if h := entryAt(head, b.name, countEntries(base[:k], b.name)); h != nil {
			p.compareSetting(i, guard, b.name, p.head.qualified, b.value, h.value, program.Place{File: p.head.id, Span: p.head.Exprs[h.value].Span})
		}
	}
}

func countEntries(list []keyword, name string) (n int) {
	for _, e := range list {
		if e.name == name {
			n++
		}
	}
	return n
}

// entryAt gives the entry of the name that has turn others of the name before it.
func entryAt(list []keyword, name string, turn int) *keyword {
	for i := range list {
		if list[i].name != name {
			continue
		}
		if turn == 0 {
			return &list[i]
		}
		turn--
	}
	return nil
}

// entries gives the entries with a string key of the dictionaries that an atom displays.
func (b *body) entries(i int) []keyword {
	var list []keyword
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		if b.Exprs[e].Kind != fact.DictDisplay {
			return
		}
		operands := b.OperandsOf(e)
		for k := 0; k+1 < len(operands); k += 2 {
			if key := &b.Exprs[operands[k]]; key.Kind == fact.StrConst {
				list = append(list, keyword{b.Text(key.Text), operands[k+1]})
			}
		}
	})
	return list
}
