package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// prefixWithoutEnd reports "path.startswith(root + sep)" that became "path.startswith(root)", which siblings of root
// also satisfy.
func (p *pair) prefixWithoutEnd(i, j int, call fact.Expr) {
	args := p.base.positional(call)
	if p.base.method(call) != "startswith" || len(args) != 1 || !p.base.endsInSeparator(args[0], 0) || mentions(p.head.atoms[j].key, p.base.text(call)) {
		return
	}
	for _, other := range p.head.atomCalls(j) {
		given := p.head.positional(other)
		if p.head.method(other) != "startswith" || len(given) != 1 || !p.sameWithoutEnd(args[0], given[0]) {
			continue
		}
		p.lose(Weakened, program.Validation, "prefix", i,
			fmt.Sprintf("anything that starts like %s passes, base asked for %s", p.head.text(given[0]), p.base.text(args[0])), p.base.text(call))
	}
}

// sameWithoutEnd says whether the prefix of head is the one of base and does not end in a separator: the same text
// without it, or a local value of which that can be seen.
func (p *pair) sameWithoutEnd(base, head fact.Expr) bool {
	if x := &p.base.Exprs[base]; x.Kind == fact.Binary && x.Op == fact.OpAdd {
		return p.base.text(x.A) == p.head.text(head)
	}
	if p.head.endsInSeparator(head, 0) {
		return false
	}
	value := p.head.localValue(head)
	return p.head.Exprs[value].Kind == fact.Call || p.head.isLocal(p.head.text(head))
}

// maxLocals bounds how many local names are followed from one to the next.
const maxLocals = 4

// endsInSeparator says whether a path ends in its separator by the way it is made: joined with "", or with the
// separator added.
func (b *body) endsInSeparator(e fact.Expr, depth int) bool {
	x := &b.Exprs[e]
	switch x.Kind {
	case fact.Binary:
		return x.Op == fact.OpAdd && isSeparator(b.text(x.B))
	case fact.Call:
		args := b.positional(e)
		return b.method(e) == "join" && len(args) > 1 && b.text(args[len(args)-1]) == `""`
	case fact.Name:
		if value := b.localValue(e); value != e && depth < maxLocals {
			return b.endsInSeparator(value, depth+1)
		}
	}
	return false
}

// localValue gives what the only assignment in the body to a name gives it; the expression itself where there is none
// or several.
func (b *body) localValue(e fact.Expr) fact.Expr {
	if b.Exprs[e].Kind != fact.Name {
		return e
	}
	name, value, found := b.text(e), e, 0
	for i := range b.lower() {
		if a := &b.atoms[i]; a.kind == assignAtom && b.target(a) == name {
			found++
			value = b.value(a)
		}
	}
	if found == 1 && value != 0 {
		return value
	}
	return e
}

// isLocal says whether the name is a parameter of the body or the variable of one of its loops.
func (b *body) isLocal(name string) bool {
	if findParameter(b.parameters(), name) != nil {
		return true
	}
	for i := range b.lower() {
		if a := &b.atoms[i]; a.kind == forAtom && b.text(b.Stmts[a.stmt].B) == name {
			return true
		}
	}
	return false
}

func isSeparator(text string) bool {
	switch text {
	case "os.path.sep", "os.sep", "sep", `"/"`, "path.sep":
		return true
	}
	return false
}

// rootWithoutEnd reports "root = abspath(root) + os.sep" without the separator: siblings of root start like it as well.
func (p *pair) rootWithoutEnd(i, j int) {
	was, is := p.base.value(&p.base.atoms[i]), p.head.value(&p.head.atoms[j])
	if was == 0 || is == 0 {
		return
	}
	x := &p.base.Exprs[was]
	if x.Kind == fact.Binary && x.Op == fact.OpAdd && p.base.text(x.A) == p.head.text(is) && isSeparator(p.base.text(x.B)) {
		p.lose(Weakened, program.Validation, "prefix", i, fmt.Sprintf("%s does not end in a separator, so its siblings start like it", p.head.text(is)), p.base.atoms[i].key)
	}
}

// unescapedPattern reports text that goes into a regular expression as it is, where base escaped what is special there.
func (p *pair) unescapedPattern() {
	isEscape := func(b *body, call fact.Expr) bool {
		return b.callee(call) == "re.escape" || b.callee(call) == "regex.escape"
	}
	compiles := false
	for _, c := range p.head.callsOf() {
		if isEscape(p.head, c.call) {
			return
		}
		compiles = compiles || strings.HasPrefix(p.head.callee(c.call), "re.")
	}
	if !compiles || p.kept < 0.3 {
		return
	}
	for _, c := range p.base.callsOf() {
		if isEscape(p.base, c.call) && !p.change.addsText("re.escape") {
			p.lose(Removed, program.Validation, "pattern", c.atom, fmt.Sprintf("the regular expression takes text as it is, base had %s", c.text), c.text)
			return
		}
	}
}
