package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// onlyOnce says whether the condition ends the function without an answer where an attribute says that the rest has run:
// the function itself sets what it asks for, as in "if self.closed: return" before "self.closed = True".
func (b *body) onlyOnce(i int) bool {
	if !b.returnsNothing(i) {
		return false
	}
	clauses := b.clauses(b.test(&b.atoms[i]))
	if len(clauses) != 1 {
		return false
	}
	asked := strings.TrimPrefix(clauses[0].text, "not ")
	asked = strings.TrimSuffix(strings.TrimSuffix(asked, " is not None"), " is None")
	if !strings.Contains(asked, ".") || strings.ContainsAny(asked, "([ ") {
		return false
	}
	return slices.ContainsFunc(b.atoms[b.atoms[i].end:], func(a atom) bool {
		return a.kind == assignAtom && b.target(&a) == asked && (b.setsFlag(&a) || strings.HasSuffix(clauses[0].text, " is not None"))
	})
}

// setsFlag says whether the atom assigns True or False.
func (b *body) setsFlag(a *atom) bool {
	k := b.Exprs[b.value(a)].Kind
	return k == fact.TrueConst || k == fact.FalseConst
}

// returnsNothing says whether all that the body of the condition does, but for telling somebody, is to return nothing.
func (b *body) returnsNothing(i int) bool {
	returned := false
	for k := i + 1; k < b.atoms[i].end; k++ {
		switch a := &b.atoms[k]; {
		case a.kind == logAtom:
		case a.kind == returnAtom && (b.value(a) == 0 || a.key == "return None"):
			returned = true
		default:
			return false
		}
	}
	return returned
}

// lostPassage reports a condition by which a cancellation that was handed in as a value is raised again, and is not any
// more: "if isinstance(error, CancelledError): raise error". It says whether the atom is one.
func (p *pair) lostPassage(i int) bool {
	how, by := p.base.refuses(i)
	if how != raises || by < 0 || !strings.HasPrefix(p.base.atoms[i].key, "if isinstance(") {
		return false
	}
	named := false
	eachToken(p.base.atoms[i].key, func(t string) {
		named = named || isWordByte(t[0]) && t != "BaseException" && class{text: t}.isInterruption()
	})
	if !named {
		return false
	}
	if p.counterpart[by] < 0 && p.protects(i) && p.keptBeside(i) >= 0.5 && !p.wentTo(p.base.atoms[i].key) && !p.rephrased(i) {
		key := p.base.atoms[i].key
		p.lose(Removed, program.Cancellation, "passage", i, fmt.Sprintf("a cancellation does not pass any more, base raised it where %q", strings.TrimPrefix(key, "if ")), key)
	}
	return true
}

// refusesElse says whether the refusal at the atom by, which head has as well, is that of another condition there: two checks
// raised the same, and one is left.
func (p *pair) refusesElse(i, by int) bool {
	o := p.head.atoms[p.counterpart[by]].outer
	return o >= 0 && p.head.atoms[o].kind == ifAtom && p.origin[o] >= 0 && p.origin[o] != i
}

// isGap says whether the condition only refuses what the program cannot do yet, or what an interpreter of Python before
// the supported ones would do: when that is gone a feature came, or an old version went.
func (b *body) isGap(i int) bool {
	how, by := b.refuses(i)
	if how != raises || by < 0 {
		return false
	}
	return b.atoms[by].kind == raiseAtom && b.raised(by) == "NotImplementedError" || strings.Contains(b.atoms[i].key, "sys.version_info")
}

// refusesOtherwise says how the body of the condition refuses where nothing in it can put things right: the raise in its last
// else, "if closed: if again: connect() else: raise Error".
func (b *body) refusesOtherwise(i int) (refusal, int) {
	if !strings.Contains(b.atoms[i].key, "self.") {
		return noRefusal, -1 // of what was given or found; the state of the object is what stays
	}
	for k := i + 1; k < b.atoms[i].end; k++ {
		if a := &b.atoms[k]; a.kind == raiseAtom && b.atoms[a.outer].kind == elseAtom && b.atoms[a.outer].outer == i && b.Stmts[a.stmt].A != 0 {
			return raises, k
		}
	}
	return noRefusal, -1
}

// removesWhatIsThere says whether the condition asks if something is in the collection from which its body takes it.
func (b *body) removesWhatIsThere(i int) bool {
	cs := b.comparisonsOf(i)
	if len(cs) != 1 || cs[0].op != fact.OpIn {
		return false
	}
	for k := i + 1; k < b.atoms[i].end; k++ {
		for _, call := range b.atomCalls(k) {
			args, r := b.positional(call), b.receiver(call)
			if name := b.method(call); (name == "remove" || name == "pop") && r != 0 && len(args) == 1 && b.text(r) == cs[0].right && b.text(args[0]) == cs[0].left {
				return true
			}
		}
	}
	return false
}
