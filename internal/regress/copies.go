package regress

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// copied gives what an expression makes an independent copy of: a call, or a slice of everything; 0 where it copies
// nothing.
func (b *body) copied(call fact.Expr) fact.Expr {
	switch x := &b.Exprs[call]; x.Kind {
	case fact.Call:
	case fact.Subscript:
		if s := &b.Exprs[x.B]; s.Kind == fact.Slice && s.A == 0 && s.B == 0 && s.C == 0 && !x.Flag {
			return x.A
		}
		return 0
	default:
		return 0
	}
	name, receiver, args := b.method(call), b.receiver(call), b.positional(call)
	switch name {
	case "copy", "deepcopy", "model_copy":
		if receiver != 0 && b.text(receiver) != "copy" {
			if len(args) == 0 {
				return receiver
			}
			return 0
		}
		if len(args) > 0 {
			return args[0]
		}
	case "MappingProxyType":
		if len(args) > 0 {
			return args[0]
		}
	case "clone":
		return receiver
	case "dict", "list", "tuple", "set", "frozenset":
		if receiver != 0 || len(args) != 1 || len(b.OperandsOf(call)) != 1 {
			return 0
		}
		switch b.Exprs[args[0]].Kind {
		case fact.Comp, fact.ListDisplay, fact.Tuple, fact.DictDisplay, fact.SetDisplay:
			return 0
		}
		return args[0]
	}
	if receiver == 0 && len(args) > 0 && (strings.Contains(name, "deepcopy") || strings.HasSuffix(name, "_copy") || strings.HasPrefix(name, "copy_")) {
		return args[0]
	}
	return 0
}

// copiesOf gives the expressions of an atom that make a copy. A set is mostly made to look things up, and is none.
func (b *body) copiesOf(i int) []fact.Expr {
	var list []fact.Expr
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		of := b.copied(e)
		if of == 0 {
			return
		}
		if name := b.source.text(of); name == "self" || name == "cls" {
			return
		}
		if b.Exprs[e].Kind == fact.Call {
			if name := b.method(e); name == "set" || name == "frozenset" {
				return
			}
		}
		if parent := &b.Exprs[b.Exprs[e].Parent]; parent.Kind == fact.Binary && parent.Op == fact.OpMod || parent.Kind == fact.Compare {
			return // made for a text or an answer alone
		}
		list = append(list, e)
	})
	return list
}

// copies looks for values that head shares where base handed out or kept a copy.
func (p *pair) copies() {
	for i := range p.base.atoms {
		switch {
		case p.edited[i]:
			p.unwrappedCopy(i, p.counterpart[i])
			p.handedCopy(i, p.counterpart[i])
		case p.counterpart[i] < 0:
			p.lostCopy(i)
		}
	}
}

// unwrappedCopy finds "copy(x)" that became "x".
func (p *pair) unwrappedCopy(i, j int) {
	base, head := p.base.atoms[i].key, p.head.atoms[j].key
	for _, call := range p.base.copiesOf(i) {
		inner := p.base.copied(call)
		whole, part := p.base.text(call), p.base.text(inner)
		if strings.Contains(head, whole) || p.head.copiesAny(j) || p.madeAnew(i, p.base.root(inner)) {
			continue
		}
		if p.base.Exprs[inner].Kind == fact.Call {
			part = p.base.callee(inner)
		}
		if !mentions(head, part) {
			if part = p.valueOf(inner); part == "" || !strings.Contains(head, part) {
				continue
			}
		} else if p.convertedOtherwise(i, j, part) || iterates(strings.ReplaceAll(head, base, "")) && p.base.atoms[i].kind != forAtom {
			continue
		}
		p.lose(Removed, program.Immutability, "uncopied", i, fmt.Sprintf("%s itself is used, base made a copy", part), whole)
	}
}

// handedCopy finds a call that was told how to copy what it hands on, picker=copy.deepcopy, and is not any more.
func (p *pair) handedCopy(i, j int) {
	head := p.head.atoms[j].key
	for _, call := range p.base.atomCalls(i) {
		for _, arg := range p.base.argumentExprs(call) {
			if k := p.base.Exprs[arg].Kind; k != fact.Name && k != fact.Attr {
				continue
			}
			text := p.base.text(arg)
			if lastPart(text) == "deepcopy" && !strings.Contains(head, "deepcopy") && p.head.atomMethods(j)[p.base.method(call)] {
				p.lose(Removed, program.Immutability, "handed", i, fmt.Sprintf("%s is not given %s any more", p.base.method(call), text), text)
			}
		}
	}
}

// copiesAny says whether the atom copies anything.
func (b *body) copiesAny(j int) bool {
	found := false
	eachExpr(b.source, b.atoms[j].exprs, func(e fact.Expr) { found = found || b.copied(e) != 0 })
	return found
}

// valueOf gives what a local of base that is gone was assigned, which head may have in its place.
func (p *pair) valueOf(e fact.Expr) string {
	if p.base.Exprs[e].Kind != fact.Name {
		return ""
	}
	name := p.base.text(e)
	for _, i := range p.gone() {
		if a := &p.base.atoms[i]; a.kind == assignAtom && p.base.target(a) == name {
			return p.base.text(p.base.value(a))
		}
	}
	return ""
}

// convertedOtherwise says whether another call takes the value in the place of the copy, as list(x) became sort(x).
func (p *pair) convertedOtherwise(i, j int, value string) bool {
	return slices.ContainsFunc(p.head.atomCalls(j), func(call fact.Expr) bool {
		args := p.head.positional(call)
		if len(args) != 1 || p.head.receiver(call) != 0 || p.head.text(args[0]) != value {
			return false
		}
		if p.base.atomMethods(i)[p.head.method(call)] {
			return false // it was given the copy
		}
		switch p.head.method(call) {
		case "len", "sorted", "enumerate", "iter", "reversed", "zip", "dict", "list", "tuple":
			return false
		}
		return !slices.ContainsFunc(p.base.callsOf(), func(b callRef) bool { return b.text == p.head.text(call) })
	})
}

// iterates says whether the text unpacks or runs over something, which makes a new collection as well.
func iterates(text string) bool {
	return strings.Contains(text, " for ") || strings.Contains(text, "[*") || strings.Contains(text, "{*") || strings.Contains(strings.ReplaceAll(text, "(**", "("), "(*")
}

// lostCopy finds "x = copy(x)" that is gone while x is still used.
func (p *pair) lostCopy(i int) {
	a := &p.base.atoms[i]
	value := p.base.value(a)
	if a.kind != assignAtom || value == 0 || p.kept < 0.5 || p.wentTo(a.key) {
		return
	}
	inner := p.base.copied(value)
	if inner == 0 || !slices.Contains(p.base.copiesOf(i), value) {
		return
	}
	root := p.base.root(inner)
	if root == "" || !p.head.uses(root) || p.madeAnew(i, root) {
		return
	}
	for _, j := range p.added() {
		for _, again := range p.head.copiesOf(j) {
			if p.head.root(p.head.copied(again)) == root {
				return
			}
		}
	}
	p.lose(Removed, program.Immutability, "copy", i, fmt.Sprintf("%s itself is used, base made a copy", p.base.text(inner)), a.key)
}

// bounding are the keyword arguments that bound how much is taken in, kept or run at once.
var bounding = regexp.MustCompile(`^(max_?size|max_?len|max_?length|max_?workers|max_?items|max_digits|limit|limit_value|le|lt|ge|gt|multiple_of|pattern|max_connections|max_results|max_rows|max_count|max_entries|max_bytes|max_concurrency|max_tasks|max_instances|pool_size|page_size|max_overflow)$`)

// arguments looks for keyword arguments other than deadlines that guarded a call.
func (p *pair) arguments() {
	for _, c := range p.calls.paired {
		if p.head.spreads(c.head.call) && !p.base.spreads(c.base.call) {
			continue
		}
		if p.base.method(c.base.call) == "Retry" {
			p.lostTotal(c)
		}
		for _, k := range p.base.keywords(c.base.call) {
			if p.head.keyword(c.head.call, k.name) != 0 {
				p.looserArgument(c, k)
				continue
			}
			if guard := p.base.argumentGuard(k); guard == program.Idempotency && (p.head.around(c.head.atom, tryAtom) || p.conditionAdded(c.head.atom)) {
				continue // asked before, or taken from the failure
			}
			if p.asPositional(c, k) || k.name == "unique" && p.uniqueOtherwise(c.base.atom) {
				continue
			}
			limited := func(h keyword) bool { return isDeadlineName(h.name) }
			if guard := p.base.argumentGuard(k); guard != "" && !(guard == program.Deadline && slices.ContainsFunc(p.head.keywords(c.head.call), limited)) {
				what := p.base.method(c.base.call)
				p.loseCall(Removed, guard, "argument", c, fmt.Sprintf("%s has no %s any more, it was %s", what, k.name, p.base.text(k.value)), what+"("+k.name+")")
			}
		}
	}
}

// asPositional says whether head gives the value of the argument without its name: Queue(maxsize=100) and Queue(BACKLOG).
func (p *pair) asPositional(c callPair, k keyword) bool {
	before := p.base.positional(c.base.call)
	was := p.number(p.base, k.value)
	for i, arg := range p.head.positional(c.head.call) {
		if i < len(before) {
			continue
		}
		if is := p.number(p.head, arg); p.head.text(arg) == p.base.text(k.value) || was.Known && is.Known && is.Value == was.Value {
			return true
		}
	}
	return false
}

// uniqueOtherwise says whether the change adds a constraint of the table on the field that the atom of base declares.
func (p *pair) uniqueOtherwise(i int) bool {
	field := p.base.target(&p.base.atoms[i])
	return field != "" && slices.ContainsFunc(p.change.fresh.atoms, func(f placedAtom) bool {
		key := f.atom().key
		return f.body.Path == p.head.Path && (strings.Contains(key, "UniqueConstraint") || strings.Contains(key, "unique_together") || strings.Contains(key, "unique=True")) &&
			(strings.Contains(key, `"`+field+`"`) || strings.Contains(key, `'`+field+`'`))
	})
}

// lostTotal reports a Retry object without the number of attempts it had.
func (p *pair) lostTotal(c callPair) {
	for _, name := range []string{"total", "connect", "read", "stop", "wait", "max_attempts"} {
		if v := p.base.keyword(c.base.call, name); v != 0 && p.head.keyword(c.head.call, name) == 0 {
			p.loseCall(Removed, program.RetryBound, "argument", c, fmt.Sprintf("Retry has no %s any more, it was %s", name, p.base.text(v)), "Retry("+name+")")
		}
	}
}

// argumentGuard says what an argument guards by its name.
func (b *body) argumentGuard(k keyword) program.GuardKind {
	value := b.text(k.value)
	if value == "None" {
		return ""
	}
	w := wordsOf(k.name)
	switch {
	case k.name == "unique" && value == "True", (k.name == "exist_ok" || k.name == "dirs_exist_ok" || k.name == "missing_ok" || k.name == "if_not_exists" || k.name == "ignore_conflicts") && value == "True", strings.Contains(k.name, "idempotency"), k.name == "nonce":
		return program.Idempotency
	case k.name == "exclude" && w&permissionWord == 0 && has(value, permissionWord):
		return program.Authorization // what only an administrator may set
	case k.name == "return_exceptions" && value == "True": // one failure leaves the others to nobody
		return program.Cancellation
	case (k.name == "block" || k.name == "blocking") && value == "False":
		return program.Deadline
	case w&retryWord != 0 && value != "False" && (value != "True" || w&pauseWord != 0):
		return program.RetryBound
	case k.name == "nx" && value == "True":
		return program.Idempotency
	case k.name == "frozen" && value == "True":
		return program.Immutability
	case k.name == "validate" || k.name == "validators" || k.name == "strict" && value == "True":
		return program.Validation
	case bounding.MatchString(k.name) && value != "0":
		return program.Bound
	case strings.HasPrefix(k.name, "permission"):
		return program.Authorization
	}
	return ""
}

// looserArgument compares the values of a bounding argument that both sides give.
func (p *pair) looserArgument(c callPair, k keyword) {
	guard := p.base.argumentGuard(k)
	column := p.base.kind == fact.ClassScope && (k.name == "max_length" || k.name == "max_digits") // grows with what it holds
	if guard != program.Bound && guard != program.RetryBound || column {
		return
	}
	value := p.head.keyword(c.head.call, k.name)
	what := p.base.method(c.base.call)
	was, is := p.number(p.base, k.value), p.number(p.head, value)
	lower := k.name == "ge" || k.name == "gt"
	switch {
	case p.head.text(value) == "None":
		p.loseCall(Removed, guard, "none", c, fmt.Sprintf("%s of %s is None, it was %s", k.name, what, p.base.text(k.value)), what+"("+k.name+")")
	case was.Known && is.Known && !was.None && !is.None && (!lower && is.Value > was.Value || lower && is.Value < was.Value):
		p.loseCall(Weakened, guard, "looser", c, fmt.Sprintf("%s of %s is %s, it was %s", k.name, what, number(is.Value), number(was.Value)), what+"("+k.name+")")
	}
}

// defaults looks at the parameters of a function: a deadline that is none any more, a default that became endless or
// shared.
func (p *pair) defaults() {
	if p.base.kind != fact.FunctionScope {
		return
	}
	head := p.head.parameters()
	for _, b := range p.base.parameters() {
		h := findParameter(head, b.name)
		if h != nil {
			p.declaredBounds(b, h)
		}
		switch {
		case h == nil:
			p.lostParameter(b, head)
		case b.text == "None" && isMutable(h.text):
			p.loseHeader(Removed, program.Immutability, "mutable-default", b.span,
				fmt.Sprintf("the default %s of %s is shared by all calls", h.text, b.name), b.name+"="+h.text)
		case b.text != "" && b.text != "None" && h.text == "None" && !p.head.mentionsText(b.text) && (isDeadlineName(b.name) || has(b.name, limitWord)):
			guard := program.Bound
			if isDeadlineName(b.name) {
				guard = program.Deadline
			}
			p.loseHeader(Removed, guard, "default", b.span, fmt.Sprintf("%s is None unless given, it was %s", b.name, b.text), b.name)
		}
	}
}

// declaredBounds compares what a framework is told of a parameter in its default: Query(10, le=100).
func (p *pair) declaredBounds(b parameter, h *parameter) {
	if b.value == 0 || p.base.Exprs[b.value].Kind != fact.Call {
		return
	}
	for _, k := range p.base.keywords(b.value) {
		guard := p.base.argumentGuard(k)
		if guard != program.Bound && guard != program.Validation {
			continue
		}
		if h.value != 0 && p.head.Exprs[h.value].Kind == fact.Call && p.head.keyword(h.value, k.name) != 0 || strings.Contains(h.annotation, k.name+"=") {
			continue
		}
		p.loseHeader(Removed, guard, "declared", b.span, fmt.Sprintf("%s has no %s any more, it was %s", b.name, k.name, p.base.text(k.value)), b.name+":"+k.name)
	}
}

// mentionsText says whether an atom of the body has the text: a default that is filled in later.
func (b *body) mentionsText(text string) bool {
	return slices.ContainsFunc(b.lower(), func(a atom) bool { return mentions(a.key, text) })
}

func (p *pair) lostParameter(b parameter, head []parameter) {
	if !isDeadlineName(b.name) || p.kept < 0.5 || p.change.addsKey(b.name) {
		return
	}
	base := p.base.parameters()
	for _, h := range head {
		if isDeadlineName(h.name) && findParameter(base, h.name) == nil {
			return
		}
	}
	p.loseHeader(Removed, program.Deadline, "parameter", b.span, fmt.Sprintf("callers cannot give %s any more", b.name), b.name)
}

func isMutable(text string) bool {
	switch text {
	case "[]", "{}", "set()", "dict()", "list()":
		return true
	}
	return false
}

// madeAnew says whether the name that is copied at the atom stands for another value in head: base assigned it elsewhere,
// and every assignment is gone.
func (p *pair) madeAnew(at int, name string) bool {
	if findParameter(p.base.parameters(), name) != nil {
		return false
	}
	assigned := false
	for i := range p.base.atoms {
		if a := &p.base.atoms[i]; i != at && a.kind == assignAtom && p.base.target(a) == name {
			assigned = true
			j := p.counterpart[i]
			if j >= 0 && (!p.edited[i] || p.head.root(p.head.value(&p.head.atoms[j])) == p.base.root(p.base.value(a))) {
				return false
			}
		}
	}
	return assigned
}
