package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// softened finds a condition that both sides have and that refused in base: head only notes it, or goes on.
func (p *pair) softened(i int, raised map[string]int) {
	j := p.counterpart[i]
	if p.edited[i] || p.head.atoms[j].kind != ifAtom {
		return
	}
	how, by := p.base.refuses(i)
	now, _ := p.head.refuses(j)
	if p.counterpart[max(by, 0)] >= 0 || now == raises || now == answers || p.head.checksWithin(j) {
		return
	}
	guard := program.GuardKind("")
	switch {
	case how == raises && now == noRefusal && p.head.mends(j): // it puts right what it refused
	case how == raises && p.base.atoms[by].kind == raiseAtom && raised[p.base.raised(by)] == 0:
		guard = p.base.checkGuard(i)
	case how == raises && p.base.atoms[by].kind == exprAtom && now == returns && p.answersText(j):
		guard = p.base.checkGuard(i)
	case (how == skips || how == returns) && now == noRefusal && p.base.complains(i) && p.head.complains(j):
		guard = program.Validation
	}
	if guard != "" {
		key := p.base.atoms[i].key
		p.lose(Weakened, guard, "softened", i, fmt.Sprintf("%q does not keep the rest from running any more", strings.TrimPrefix(key, "if ")), key)
	}
}

// mends says whether the body of the condition takes away or makes something outside, which is more than to note it: a file
// that is removed, a state that is set anew.
func (b *body) mends(i int) bool {
	calls, sets := false, false
	for k := i + 1; k < b.atoms[i].end; k++ {
		switch a := &b.atoms[k]; a.kind {
		case exprAtom:
			calls = calls || len(b.atomCalls(k)) > 0
		case assignAtom:
			sets = true
		}
	}
	return calls && sets
}

// answersText says whether the condition of head returns a text, which whoever asked takes for an answer.
func (p *pair) answersText(j int) bool {
	for k := j + 1; k < p.head.atoms[j].end; k++ {
		if a := &p.head.atoms[k]; a.kind == returnAtom && p.head.Exprs[p.head.value(a)].Kind == fact.StrConst {
			return true
		}
	}
	return false
}

// checksWithin says whether the body of the condition calls a check, which refuses in its place.
func (b *body) checksWithin(i int) bool {
	for k := i + 1; k < b.atoms[i].end; k++ {
		if v := b.value(&b.atoms[k]); v != 0 && b.Exprs[v].Kind == fact.Call && isCheckName(b.method(v)) {
			return true
		}
	}
	return false
}

// complains says whether the body of the condition tells somebody that something is wrong.
func (b *body) complains(i int) bool {
	for k := i + 1; k < b.atoms[i].end; k++ {
		if a := &b.atoms[k]; a.kind == logAtom && isComplaint(a.key) {
			return true
		}
	}
	return false
}

// isComplaint says whether a log record tells of something wrong, by the level or the text.
func isComplaint(key string) bool {
	lower := strings.ToLower(key)
	return strings.Contains(lower, "warn") || strings.Contains(lower, "error") || strings.Contains(lower, "exception")
}

// lostElse finds "if ok: work, else: raise" of which only the work remains.
func (p *pair) lostElse(i int, raised map[string]int) {
	first := p.base.atoms[i].try
	by := i + 1
	for by < p.base.atoms[i].end && p.base.atoms[by].kind == logAtom {
		by++
	}
	if first < 0 || p.base.atoms[first].kind != ifAtom || by >= p.base.atoms[i].end || !p.base.isRefusal(by) {
		return
	}
	if p.counterpart[by] >= 0 || p.base.atoms[by].kind == raiseAtom && raised[p.base.raised(by)] > 0 || p.base.atoms[by].kind != raiseAtom && p.counterpart[first] >= 0 || p.keptWithout(i) < 0.7 || p.change.moved(p.base.atoms[first].key) {
		return
	}
	for k := first + 1; k < p.base.atoms[first].end; k++ {
		if p.counterpart[k] >= 0 {
			guard := program.Validation
			if speaksOfPermission(p.base.atoms[by].key) {
				guard = program.Authorization
			}
			key := p.base.atoms[first].key
			p.lose(Removed, guard, "else", i, fmt.Sprintf("%q is not refused otherwise any more", strings.TrimPrefix(key, "if ")), key)
			return
		}
	}
}

// isRefusal says whether the atom raises, or tells the user of an error.
func (b *body) isRefusal(i int) bool {
	switch a := &b.atoms[i]; a.kind {
	case raiseAtom:
		return true
	case exprAtom:
		return strings.Contains(a.key, "messages.error(") || strings.Contains(a.key, "add_error(") || strings.Contains(a.key, "errors.append(") || b.isAbort(b.value(a))
	case returnAtom:
		return isErrorAnswer(a.key)
	}
	return false
}

// defaulted finds a raise at the end of a function or branch in whose place head returns nothing, or only notes it.
func (p *pair) defaulted(i int, raised map[string]int) {
	o := p.base.atoms[i].outer
	if o >= 0 && (p.base.atoms[o].kind != elseAtom || p.counterpart[o] < 0) || p.base.raised(i) == "NotImplementedError" || p.base.Stmts[p.base.atoms[i].stmt].A == 0 {
		return
	}
	if isProtocol(p.base.raised(i)) || raised[p.base.raised(i)] > 0 || p.keptWithout(i) < 0.5 || !p.protects(i) {
		return
	}
	outer := -1
	if o >= 0 {
		outer = p.counterpart[o]
	}
	for _, j := range p.added() {
		h := &p.head.atoms[j]
		if h.outer != outer {
			continue
		}
		switch h.key {
		case "return None", "return", "return False", `return ""`, "return []", "return {}":
			guard := program.Validation
			if speaksOfPermission(p.base.atoms[i].key) {
				guard = program.Authorization
			}
			p.lose(Weakened, guard, "defaulted", i, fmt.Sprintf("head goes on with %q, base had %q", h.key, p.base.atoms[i].key), p.base.atoms[i].key)
			return
		}
	}
}
