package regress

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// deadlines looks for bounds on waiting that calls, wrappers, attributes and checks of the clock lose.
func (p *pair) deadlines() {
	for _, c := range p.calls.paired {
		if !isDeadlineCall(p.base.method(c.base.call)) {
			p.deadlineArguments(c)
		}
	}
	p.deadlinePaths()
	p.unwrappedWaits()
	for i := range p.base.atoms {
		if p.counterpart[i] < 0 || p.edited[i] {
			p.deadlineAttribute(i)
			p.deadlineSetter(i)
		}
		if p.counterpart[i] < 0 {
			p.clockCheck(i)
		} else if p.edited[i] {
			p.deadlineEntry(i)
		}
	}
}

// deadlinePaths finds calls with a deadline that are gone while the same is called without one elsewhere.
func (p *pair) deadlinePaths() {
	for _, c := range p.calls.gone {
		if isDeadlineCall(p.base.method(c.call)) {
			continue
		}
		for _, k := range p.base.keywords(c.call) {
			if isDeadlineName(k.name) && p.base.text(k.value) != "None" && p.callsWithoutDeadline(p.base.callee(c.call)) {
				what := p.base.method(c.call)
				p.lose(Removed, program.Deadline, "path", c.atom, fmt.Sprintf("%s is called without %s only", what, k.name), what+"("+k.name+")")
			}
		}
	}
}

// callsWithoutDeadline says whether head makes the call, and never with a deadline.
func (p *pair) callsWithoutDeadline(callee string) bool {
	found := false
	for _, c := range p.head.callsOf() {
		if p.head.callee(c.call) != callee {
			continue
		}
		if p.head.spreads(c.call) || slices.ContainsFunc(p.head.keywords(c.call), func(k keyword) bool { return isDeadlineName(k.name) }) {
			return false
		}
		found = true
	}
	return found
}

// vanishedDeadline finds a function that does not mention any deadline it had, in whatever form, and goes on.
func (p *pair) vanishedDeadline() {
	if p.kept < 0.5 || p.change.lostInBody(p.head, program.Deadline) {
		return
	}
	base, head := p.base.namesUsed(), p.head.namesUsed()
	sameWords := map[string]bool{}
	for name := range head {
		sameWords[strings.ToLower(strings.ReplaceAll(name, "_", ""))] = true
	}
	var lost []string
	for _, name := range sortedKeys(base) {
		first := strings.TrimLeft(name, "_")
		if !isDeadlineName(name) || strings.HasPrefix(name, "__") || has(name, retryWord) || firstWord(name) == "cancel" || first == "" || isUpper(first[0]) || head[name] || sameWords[strings.ToLower(strings.ReplaceAll(name, "_", ""))] {
			continue
		}
		if !p.change.fresh.names[name] && !p.change.addsKey(first) && !p.givenByPosition(name) {
			lost = append(lost, name)
		}
	}
	if len(lost) == 0 || p.change.addsDeadlineName() {
		return
	}
	for i := range p.base.atoms {
		if p.base.kind == fact.ModuleScope && p.base.atoms[i].kind == assignAtom && !p.base.assignsNumber(i) {
			continue // a name that stands for something else, such as "none was given"
		}
		if (p.counterpart[i] < 0 || p.edited[i]) && p.base.atoms[i].kind != logAtom && mentionsAny(p.base.atoms[i].key, lost) && !p.reported(i) {
			p.lose(Removed, program.Deadline, "vanished", i, fmt.Sprintf("nothing here speaks of %s any more", strings.Join(lost, ", ")), strings.Join(lost, ","))
			return
		}
	}
}

// givenByPosition says whether a call of head takes the value of the keyword without its name.
func (p *pair) givenByPosition(name string) bool {
	return slices.ContainsFunc(p.calls.paired, func(c callPair) bool {
		value := p.base.keyword(c.base.call, name)
		return value != 0 && slices.ContainsFunc(p.head.positional(c.head.call), func(e fact.Expr) bool { return p.head.text(e) == p.base.text(value) })
	})
}

func mentionsAny(text string, names []string) bool {
	found := false
	eachToken(text, func(t string) { found = found || slices.Contains(names, t) })
	return found
}

// addsDeadlineName says whether the change brings a name of a deadline that no gone code had.
func (c *change) addsDeadlineName() bool {
	for name := range c.fresh.names {
		if isDeadlineName(name) && !c.goneNames[name] {
			return true
		}
	}
	for _, b := range c.added {
		if b.kind == fact.FunctionScope && slices.ContainsFunc(b.parameters(), func(p parameter) bool { return isDeadlineName(p.name) && p.text != "" && p.text != "None" }) {
			return true
		}
	}
	return false
}

// deadlineArguments compares the arguments of one call that bound its waiting.
func (p *pair) deadlineArguments(c callPair) {
	head := p.head.keywords(c.head.call)
	for _, k := range p.base.keywords(c.base.call) {
		if !isDeadlineName(k.name) {
			continue
		}
		i := slices.IndexFunc(head, func(h keyword) bool { return h.name == k.name })
		if i < 0 {
			p.lostDeadlineArgument(c, k, head)
			continue
		}
		p.compareDeadline(c, k, head[i])
	}
	p.lostPositionalDeadline(c)
}

func (p *pair) lostDeadlineArgument(c callPair, k keyword, head []keyword) {
	value := p.base.text(k.value)
	if value == "None" || p.head.spreads(c.head.call) && !p.base.spreads(c.base.call) {
		return
	}
	positional := func(b *body, call fact.Expr) bool {
		return slices.ContainsFunc(b.positional(call), func(e fact.Expr) bool { return b.text(e) == value })
	}
	if positional(p.head, c.head.call) && !positional(p.base, c.base.call) {
		return
	}
	if slices.ContainsFunc(head, func(h keyword) bool { return isDeadlineName(h.name) }) {
		return
	}
	what := p.base.method(c.base.call)
	p.loseCall(Removed, program.Deadline, "argument", c, fmt.Sprintf("%s has no %s any more, it was %s", what, k.name, value), what+"("+k.name+")")
}

// compareDeadline compares one argument that both sides have.
func (p *pair) compareDeadline(c callPair, base, head keyword) {
	was, is := p.base.text(base.value), p.head.text(head.value)
	what := p.base.method(c.base.call)
	key := what + "(" + base.name + ")"
	if is == "None" && was != "None" {
		p.loseCall(Removed, program.Deadline, "none", c, fmt.Sprintf("%s of %s is None, it was %s", base.name, what, was), key)
		return
	}
	b, h := p.number(p.base, base.value), p.number(p.head, head.value)
	if b.Known && h.Known && !b.None && !h.None && h.Value > b.Value {
		p.loseCall(Weakened, program.Deadline, "longer", c,
			fmt.Sprintf("%s of %s is %s s, it was %s s", base.name, what, number(h.Value), number(b.Value)), key)
	}
}

// lostPositionalDeadline finds a variable called for a deadline that the call does not pass on any more.
func (p *pair) lostPositionalDeadline(c callPair) {
	if p.head.spreads(c.head.call) || len(p.head.positional(c.head.call)) >= len(p.base.positional(c.base.call)) {
		return
	}
	passed := p.head.argumentTexts(c.head.call)
	for _, arg := range p.base.positional(c.base.call) {
		if k := p.base.Exprs[arg].Kind; k != fact.Name && k != fact.Attr {
			continue
		}
		text := p.base.text(arg)
		if isDeadlineName(lastPart(text)) && !slices.Contains(passed, text) {
			what := p.base.method(c.base.call)
			p.loseCall(Removed, program.Deadline, "argument", c, fmt.Sprintf("%s is not given %s any more", what, text), what+"("+text+")")
		}
	}
}

// isDeadlineCall says whether calling the name bounds the waiting of what is given to it or done inside it.
func isDeadlineCall(name string) bool {
	switch name {
	case "wait_for", "timeout", "timeout_at", "fail_after", "move_on_after", "fail_at", "move_on_at":
		return true
	}
	if !has(name, deadlineWord) {
		return false
	}
	wraps := false
	eachWord(name, func(w string) {
		switch w {
		case "with", "wait", "for", "run", "context", "after", "ceil":
			wraps = true
		}
	})
	return wraps
}

// unwrappedWaits finds "wait_for(x, t)" that became "x".
func (p *pair) unwrappedWaits() {
	count := func(b *body) (n int) {
		for _, c := range b.callsOf() {
			if isDeadlineCall(b.method(c.call)) {
				n++
			}
		}
		return n
	}
	if count(p.head) >= count(p.base) {
		return
	}
	lost := slices.Clone(p.calls.gone)
	for _, c := range p.calls.paired {
		lost = append(lost, c.base)
	}
	for _, c := range lost {
		args := p.base.positional(c.call)
		if !isDeadlineCall(p.base.method(c.call)) || len(args) == 0 {
			continue
		}
		inner := p.base.awaited(args[0])
		if p.change.waitsElsewhere(p, p.base.method(c.call), p.base.waitedFor(inner)) {
			continue
		}
		if p.remainsUnwrapped(c, inner) {
			p.lose(Removed, program.Deadline, "unwrapped", c.atom,
				fmt.Sprintf("%s is waited for without the deadline of %s", p.base.text(inner), p.base.method(c.call)), c.text)
		}
	}
}

// waitedFor gives the last name of what is waited for.
func (b *body) waitedFor(e fact.Expr) string {
	if b.Exprs[e].Kind == fact.Call {
		return b.method(e)
	}
	return lastPart(b.text(e))
}

// waitsElsewhere says whether another function of the change calls the wrapper on the same thing where it did not.
func (c *change) waitsElsewhere(here *pair, wrapper, waited string) bool {
	for _, f := range c.fresh.atoms {
		if f.body == here.head {
			continue
		}
		for _, call := range f.body.atomCalls(f.index) {
			if args := f.body.positional(call); f.body.method(call) == wrapper && len(args) > 0 && f.body.waitedFor(f.body.awaited(args[0])) == waited {
				return true
			}
		}
	}
	return false
}

// remainsUnwrapped says whether head still waits for the argument of a call of base.
func (p *pair) remainsUnwrapped(wrapper callRef, inner fact.Expr) bool {
	text := p.base.text(inner)
	for j := range p.head.atoms {
		if mentions(p.head.atoms[j].key, text) {
			return !slices.ContainsFunc(p.head.callsOf(), func(c callRef) bool { return c.text == wrapper.text })
		}
	}
	if p.base.Exprs[inner].Kind == fact.Call {
		name := p.base.method(inner)
		return name != "" && slices.ContainsFunc(p.head.callsOf(), func(c callRef) bool { return p.head.method(c.call) == name })
	}
	return false
}

// deadlineAttribute finds an assignment to a time-out that is gone: "session.timeout = 5", options["timeout"] = 5.
func (p *pair) deadlineAttribute(i int) {
	a := &p.base.atoms[i]
	if a.kind != assignAtom || p.wentTo(a.key) {
		return
	}
	name, object := p.base.storedName(a)
	if name == "" || !isDeadlineName(name) || p.base.text(p.base.value(a)) == "None" || object == "" || !p.head.uses(object) {
		return
	}
	for j := range p.head.atoms {
		if h, _ := p.head.storedName(&p.head.atoms[j]); h == name && !p.lostDefault(a) {
			return
		}
	}
	if (p.change.fresh.names[name] || p.change.addsKey(strings.TrimLeft(name, "_"))) && !p.lostDefault(a) {
		return
	}
	p.lose(Removed, program.Deadline, "attribute", i, fmt.Sprintf("%s is not set any more", p.base.target(a)), a.key)
}

// lostDefault says whether the value stored is a constant that head does not mention: one branch set the default
// and the other what was given.
func (p *pair) lostDefault(a *atom) bool {
	value := p.base.text(p.base.value(a))
	name := lastPart(value)
	_, err := strconv.ParseFloat(value, 64)
	if name != strings.ToUpper(name) && err != nil {
		return false
	}
	for j := range p.head.atoms {
		if mentions(p.head.atoms[j].key, value) {
			return false
		}
	}
	return true
}

// storedName gives the attribute or key that an assignment stores to, and the name of the object it belongs to.
func (b *body) storedName(a *atom) (name, object string) {
	if a.kind != assignAtom {
		return "", ""
	}
	st := &b.Stmts[a.stmt]
	target := st.B
	if st.Kind == fact.Assign {
		target = b.List(st.Targets)[0]
	}
	switch x := &b.Exprs[target]; x.Kind {
	case fact.Attr:
		return b.Text(x.Text), b.root(target)
	case fact.Subscript:
		if key := &b.Exprs[x.B]; key.Kind == fact.StrConst {
			return b.Text(key.Text), b.root(target)
		}
	}
	return "", ""
}

// deadlineSetter finds a call such as settimeout that is gone while its object is still used.
func (p *pair) deadlineSetter(i int) {
	a := &p.base.atoms[i]
	call := p.base.value(a)
	if a.kind != exprAtom || p.base.Exprs[call].Kind != fact.Call {
		return
	}
	name := p.base.method(call)
	switch strings.ToLower(strings.ReplaceAll(name, "_", "")) {
	case "settimeout", "setdefaulttimeout", "alarm", "setitimer", "settimeouts":
	default:
		return
	}
	object := p.base.root(p.base.Exprs[call].A)
	if object == "" || !p.head.uses(object) || p.head.countMethods()[name] > 0 || p.change.fresh.calls[name] > 0 {
		return
	}
	p.lose(Removed, program.Deadline, "setter", i, fmt.Sprintf("%s is not called any more", a.key), a.key)
}

// clockCheck finds a loop or wait that gave up after a time and does not any more.
func (p *pair) clockCheck(i int) {
	a := &p.base.atoms[i]
	if a.kind != ifAtom || a.words&clockWord == 0 || !p.endsEarly(i) {
		return
	}
	ends := false
	eachWord(a.key, func(w string) {
		switch w {
		case "timeout", "deadline", "end", "elapsed", "expires", "expired":
			ends = true
		}
	})
	if !ends {
		return
	}
	for _, j := range p.added() {
		if h := &p.head.atoms[j]; (h.kind == ifAtom || h.kind == whileAtom) && h.words&(clockWord|deadlineWord) != 0 {
			return
		}
	}
	p.lose(Removed, program.Deadline, "clock", i, fmt.Sprintf("the check %q that ends the wait is gone", strings.TrimPrefix(a.key, "if ")), a.key)
}

// endsEarly says whether the body of the atom of base leaves the loop or function.
func (p *pair) endsEarly(i int) bool {
	for _, a := range p.base.atoms[i+1 : p.base.atoms[i].end] {
		switch a.kind {
		case raiseAtom, returnAtom, breakAtom:
			return true
		}
	}
	return false
}

// deadlineEntry finds a time-out that is no entry of a dictionary of options any more.
func (p *pair) deadlineEntry(i int) {
	base, head := p.base.entryNames(i), p.head.entryNames(p.counterpart[i])
	if slices.ContainsFunc(head, func(name string) bool { return isDeadlineName(name) }) {
		return
	}
	for _, name := range base {
		if isDeadlineName(name) && !p.change.fresh.names[name] {
			p.lose(Removed, program.Deadline, "entry", i, fmt.Sprintf("the option %q is gone", name), name)
		}
	}
}

// entryNames gives the string keys of the dictionaries that an atom displays.
func (b *body) entryNames(i int) []string {
	var names []string
	for _, e := range b.entries(i) {
		names = append(names, e.name)
	}
	return names
}

// loseCall reports a loss at a call that both sides make.
func (p *pair) loseCall(rule string, guard program.GuardKind, shape string, c callPair, message, key string) {
	p.report(Loss{
		Rule: rule, Guard: guard, Shape: shape, Message: message, Key: key,
		At:   program.Place{File: p.head.id, Span: p.head.Exprs[c.head.call].Span},
		Base: program.Place{File: p.base.id, Span: p.base.Exprs[c.base.call].Span},
	})
}

// number evaluates an expression of one side through names and constants.
func (p *pair) number(b *body, e fact.Expr) program.Number {
	return b.eval.Number(program.ExprRef{File: b.id, Expr: e})
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

func parseNumber(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// addsKey says whether head has the word as a string or keyword that base had not: an attribute that became an entry of
// a table of options.
func (c *change) addsKey(word string) bool {
	return slices.ContainsFunc(c.fresh.atoms, func(f placedAtom) bool {
		key := f.atom().key
		return strings.Contains(key, "\""+word+"\"") || strings.Contains(key, word+"=")
	})
}

// assignsNumber says whether the assignment at i is of a number.
func (b *body) assignsNumber(i int) bool {
	_, known := b.Number(b.value(&b.atoms[i]))
	return known
}
