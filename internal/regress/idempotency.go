package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// uniqueness looks for what made a second request harmless: a unique constraint, an idempotency key, an upsert.
func (p *pair) uniqueness() {
	if p.base.kind == fact.ClassScope {
		p.lostConstraint()
	}
	p.lostKey()
	p.lostUpsert()
	p.lostTolerance()
}

// lostTolerance finds "makedirs(path, exist_ok=True)" and its likes, of which head makes the call that fails a second time.
func (p *pair) lostTolerance() {
	for i := range p.base.atoms {
		j := p.counterpart[i]
		if !p.edited[i] || p.head.around(j, tryAtom) {
			continue
		}
		for _, call := range p.base.atomCalls(i) {
			name, args := p.base.tolerance(call), p.base.positional(call)
			if name == "" || mentions(p.head.atoms[j].key, name) || p.conditionAdded(j) {
				continue
			}
			again := slices.ContainsFunc(p.head.atomCalls(j), func(h fact.Expr) bool {
				switch m := p.head.method(h); m {
				case "mkdir", "unlink", "remove":
					return len(args) == 0 || slices.Contains(p.head.argumentTexts(h), p.base.text(args[0]))
				default:
					return m == p.base.method(call)
				}
			})
			if again {
				p.lose(Removed, program.Idempotency, "tolerance", i, fmt.Sprintf("%s fails the second time, base had %s=True", p.head.atoms[j].key, name), name)
			}
		}
	}
}

// tolerance gives the argument by which the call may be made again: exist_ok, missing_ok; "" where it has none.
func (b *body) tolerance(call fact.Expr) string {
	for _, k := range b.keywords(call) {
		if (k.name == "exist_ok" || k.name == "dirs_exist_ok" || k.name == "missing_ok") && b.Exprs[k.value].Kind == fact.TrueConst {
			return k.name
		}
	}
	return ""
}

// conditionAdded says whether the atom j of head stands under a condition that base does not have.
func (p *pair) conditionAdded(j int) bool {
	for o := p.head.atoms[j].outer; o >= 0; o = p.head.atoms[o].outer {
		if p.head.atoms[o].kind == ifAtom && (p.origin[o] < 0 || p.edited[p.origin[o]]) {
			return true
		}
	}
	return false
}

// lostConstraint finds a constraint on several columns that the class does not declare any more.
func (p *pair) lostConstraint() {
	for _, j := range p.added() {
		if strings.Contains(strings.ToLower(p.head.atoms[j].key), "unique") {
			return
		}
	}
	for i := range p.base.atoms {
		if p.counterpart[i] >= 0 && !p.edited[i] {
			continue
		}
		if j := p.counterpart[i]; j >= 0 && strings.Contains(strings.ToLower(p.head.atoms[j].key), "unique") {
			continue
		}
		a := &p.base.atoms[i]
		constraint := p.base.target(a) == "unique_together"
		for _, call := range p.base.atomCalls(i) {
			constraint = constraint || p.base.method(call) == "UniqueConstraint"
		}
		if constraint {
			p.report(Loss{
				Rule: Removed, Guard: program.Idempotency, Shape: "unique", Key: a.key, Message: fmt.Sprintf("%s is gone", a.key),
				At: program.Place{File: p.head.id, Span: p.head.span()}, Base: program.Place{File: p.base.id, Span: p.base.header(i)},
			})
		}
	}
}

// isKeyName says whether the name is that of a value by which a receiver recognises a repeated request.
func isKeyName(name string) bool {
	flat := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
	return strings.Contains(flat, "idempotency") || strings.Contains(flat, "idempotent") || flat == "dedupid" || flat == "deduplicationid" ||
		flat == "messagededuplicationid" || flat == "clientrequesttoken"
}

// lostKey finds an idempotency key that the change does not send any more.
func (p *pair) lostKey() {
	for name := range p.change.fresh.names {
		if isKeyName(name) {
			return
		}
	}
	for i := range p.base.atoms {
		if p.counterpart[i] < 0 || !p.edited[i] || len(p.base.atomCalls(i)) == 0 {
			continue
		}
		for _, name := range append(p.base.entryNames(i), p.base.keywordNames(i)...) {
			if isKeyName(name) && !strings.Contains(p.head.atoms[p.counterpart[i]].key, name) {
				p.lose(Removed, program.Idempotency, "key", i, fmt.Sprintf("the key %q is not sent any more", name), name)
				return
			}
		}
	}
}

// keywordNames gives the names of the arguments that the calls of an atom are given.
func (b *body) keywordNames(i int) []string {
	var names []string
	for _, call := range b.atomCalls(i) {
		for _, k := range b.keywords(call) {
			names = append(names, k.name)
		}
	}
	return names
}

// upserts are calls that make something or find it, in one step.
var upserts = []string{
	"get_or_create", "update_or_create", "upsert", "on_conflict_do_nothing", "on_conflict_do_update", "insert_or_ignore", "bulk_upsert",
	"setnx", "get_or_insert", "aget_or_create", "aupdate_or_create", "merge_or_create",
}

// lostUpsert finds an upsert that became a plain read and write.
func (p *pair) lostUpsert() {
	for _, c := range p.calls.added {
		if slices.Contains(upserts, p.head.method(c.call)) {
			return
		}
	}
	for _, c := range p.calls.gone {
		name := p.base.method(c.call)
		if !slices.Contains(upserts, name) || p.change.fresh.calls[name] > 0 {
			continue
		}
		for _, h := range p.calls.added {
			switch p.head.method(h.call) {
			case "get", "create", "first", "save", "insert", "add":
				p.lose(Removed, program.Idempotency, "upsert", c.atom, fmt.Sprintf("%s became a read and a write, between which another request fits", name), c.text)
				return
			}
		}
	}
}

// insertsTwice reports a built statement that head makes without what it did about a row that is there already.
func (p *pair) insertsTwice(c callRef) {
	name, j := p.base.method(c.call), p.counterpart[c.atom]
	for _, other := range sortedKeys(p.change.fresh.calls) {
		if strings.HasPrefix(other, "on_conflict_do_") || strings.HasPrefix(other, "on_duplicate_key_") {
			return
		}
	}
	if j < 0 || !p.edited[c.atom] || !p.head.atomMethods(j)["insert"] || p.head.around(j, tryAtom) {
		return
	}
	p.lose(Removed, program.Idempotency, "conflict-clause", c.atom, fmt.Sprintf("a row that is there already is not passed over any more, base called %s", name), name)
}
