package regress

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// reachesAbsent says whether a condition that goes on without a word kept the rest from what is not there, and the rest is as
// it was: "if row is None: return" before "row.name", "if key not in rooms: return" before "rooms[key]".
func (p *pair) reachesAbsent(i int) bool {
	clauses := p.base.clauses(p.base.test(&p.base.atoms[i]))
	if len(clauses) != 1 {
		return false
	}
	object, uses := absence(clauses[0].text)
	if object == "" || !p.definedAlike(object, i) || p.asksAnew(object) {
		return false
	}
	for k := p.base.atoms[i].end; k < len(p.base.atoms); k++ {
		j := p.counterpart[k]
		if j < 0 || p.edited[k] || !slices.ContainsFunc(uses, func(use string) bool { return mentionsUse(p.base.atoms[k].key, use) }) {
			continue
		}
		return !p.conditionAdded(j) && !p.head.around(j, tryAtom)
	}
	return false
}

// absence gives what a condition says is not there, and the texts by which code behind it would reach for it.
func absence(condition string) (object string, uses []string) {
	if key, in, ok := strings.Cut(condition, " not in "); ok {
		return in, []string{in + "[" + key + "]"}
	}
	object, ok := strings.CutSuffix(condition, " is None")
	if !ok {
		if object, ok = strings.CutPrefix(condition, "not "); !ok {
			return "", nil
		}
	}
	for i := range len(object) {
		if !isWordByte(object[i]) && object[i] != '.' {
			return "", nil
		}
	}
	return object, []string{object + ".", object + "["}
}

// mentionsUse says whether the text has the use as a whole expression and not as the end of another one.
func mentionsUse(text, use string) bool {
	for from := 0; ; {
		at := strings.Index(text[from:], use)
		if at < 0 {
			return false
		}
		at += from
		if at == 0 || !isWordByte(text[at-1]) && text[at-1] != '.' {
			return true
		}
		from = at + 1
	}
}

// definedAlike says whether head gets the object from where base got it: an attribute, a parameter that may be left out as
// before, or the same assignment.
func (p *pair) definedAlike(object string, before int) bool {
	name := firstPart(object)
	if was := findParameter(p.base.parameters(), name); was != nil {
		is := findParameter(p.head.parameters(), name)
		return is != nil && is.text == was.text && is.annotation == was.annotation
	}
	if name == "self" || name == "cls" {
		return p.base.info().Flags&fact.Async == p.head.info().Flags&fact.Async
	}
	found := false
	for k := range p.base.atoms[:before] {
		if a := &p.base.atoms[k]; a.kind == assignAtom && p.base.target(a) == name {
			if p.counterpart[k] < 0 || p.edited[k] || slices.ContainsFunc(p.base.atomCalls(k), func(call fact.Expr) bool { return p.change.touches(p.base.method(call)) }) {
				return false
			}
			found = true
		}
	}
	return found
}

// asksAnew says whether a condition or handler that the change adds speaks of the object.
func (p *pair) asksAnew(object string) bool {
	return slices.ContainsFunc(p.changedInHead(), func(j int) bool {
		switch h := &p.head.atoms[j]; h.kind {
		case ifAtom, whileAtom, assertAtom:
			return mentions(h.key, object)
		case exceptAtom:
			return true
		}
		return strings.Contains(p.head.atoms[j].key, " if ") && mentions(p.head.atoms[j].key, object)
	})
}

// touches says whether the change edits, adds or takes away a function of the name: it may give another answer now.
func (c *change) touches(name string) bool {
	named := func(b *body) bool { return b.name == name }
	return slices.ContainsFunc(c.pairs, func(p *pair) bool { return p.base.name == name || p.head.name == name }) ||
		slices.ContainsFunc(c.added, named) || slices.ContainsFunc(c.deleted, named)
}
