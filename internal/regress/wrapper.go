package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// lostCalls gives the calls of base that head does not make in the same form.
func (p *pair) lostCalls() []callRef {
	lost := slices.Clone(p.calls.gone)
	for _, c := range p.calls.paired {
		lost = append(lost, c.base)
	}
	return lost
}

// wrappers looks for values that went through a call that made them safe and do not any more.
func (p *pair) wrappers() {
	for _, c := range p.lostCalls() {
		name := p.base.method(c.call)
		switch {
		case strings.Contains(name, "on_commit"):
			p.runsBeforeCommit(c)
		case strings.HasPrefix(name, "on_conflict_do_") || strings.HasPrefix(name, "on_duplicate_key_"):
			p.insertsTwice(c)
		case isOffload(p.base.callee(c.call)):
			p.runsUnwrapped(c)
		default:
			guard := wrapperGuard(name)
			if strings.HasSuffix(p.base.callee(c.call), "shlex.quote") {
				guard = program.Validation
			}
			if guard == "" && isFilterName(name) && slices.ContainsFunc(p.change.deleted, func(b *body) bool { return b.name == name }) {
				guard = program.Validation
			}
			if guard != "" {
				p.unwrapped(c, name, guard)
			}
		}
	}
}

// wrapperGuard says what a function that takes a value and gives a safer one guards, by its name.
func wrapperGuard(name string) program.GuardKind {
	guard := program.GuardKind("")
	eachWord(name, func(w string) {
		switch w {
		case "sanitize", "sanitise", "escape", "normalize", "normalise", "normpath", "realpath", "secure", "urljoin", "safe", "redact", "scrub", "purify", "bleach":
			guard = program.Validation
		case "limit", "clamp", "cap", "truncate", "clip", "bounded", "throttle":
			guard = program.Bound
		}
	})
	if strings.HasPrefix(name, "un") {
		return ""
	}
	return guard
}

// isFilterName says whether a function of this name leaves out some of what it is given: filter_pseudo_headers. Where it goes
// with its call it was there for that alone.
func isFilterName(name string) bool {
	switch first := firstWord(name); first {
	case "filter", "strip", "clean":
		return strings.Contains(strings.TrimLeft(name, "_"), "_")
	}
	return false
}

// unwrapped reports a value that stands in head where its safer form stood.
func (p *pair) unwrapped(c callRef, name string, guard program.GuardKind) {
	switch p.base.atoms[c.atom].kind {
	case assignAtom, returnAtom, exprAtom, forAtom, ifAtom, withAtom:
	default:
		return
	}
	var values []string
	for _, arg := range p.base.positional(c.call) {
		if !p.base.isLiteral(arg) {
			values = append(values, p.base.text(arg))
		}
	}
	if len(values) == 0 || p.kept < 0.3 || slices.ContainsFunc(p.head.atoms, func(h atom) bool { return mentions(h.key, c.text) }) || p.wrapsOtherwise(guard) {
		return
	}
	if a := &p.base.atoms[c.atom]; a.kind == assignAtom && p.counterpart[c.atom] < 0 && p.base.value(a) == c.call && len(values) == 1 && p.base.target(a) == values[0] {
		if p.kept >= 0.5 && p.head.uses(firstPart(values[0])) && p.change.fresh.calls[name] == 0 {
			p.lose(Removed, guard, "wrapper", c.atom, fmt.Sprintf("%s is used as it is, base passed it through %s", values[0], name), c.text)
		}
		return
	}
	candidates := p.changedInHead()
	if j := p.counterpart[c.atom]; j >= 0 {
		candidates = []int{j}
	}
	for _, j := range candidates {
		if !slices.ContainsFunc(values, func(v string) bool { return !p.usesBare(j, c.atom, v) }) {
			p.lose(Removed, guard, "wrapper", c.atom, fmt.Sprintf("%s is used as it is, base passed it through %s", strings.Join(values, ", "), name), c.text)
			return
		}
	}
}

// changedInHead gives the atoms of head that base does not have as they are.
func (p *pair) changedInHead() []int {
	var list []int
	for j, i := range p.origin {
		if i < 0 || p.edited[i] {
			list = append(list, j)
		}
	}
	return list
}

// usesBare says whether the value stands in the atom j of head, and is not given to a call that the atom i of base did
// not make: that one may make it safe as well.
func (p *pair) usesBare(j, i int, value string) bool {
	made := p.base.atomMethods(i)
	bare := false
	eachExpr(p.head.source, p.head.atoms[j].exprs, func(e fact.Expr) {
		if p.head.text(e) != value {
			return
		}
		parent := p.head.Exprs[e].Parent
		if p.head.Exprs[parent].Kind == fact.Keyword {
			parent = p.head.Exprs[parent].Parent
		}
		if x := &p.head.Exprs[parent]; x.Kind != fact.Call || x.A != e && made[p.head.method(parent)] {
			bare = true
		}
	})
	return bare
}

// wrapsOtherwise says whether head adds a call of the same purpose.
func (p *pair) wrapsOtherwise(guard program.GuardKind) bool {
	return slices.ContainsFunc(p.head.callsOf(), func(c callRef) bool {
		j := p.origin[c.atom]
		if j >= 0 && !p.edited[j] || p.base.makesCall(c.text) {
			return false
		}
		return wrapperGuard(p.head.method(c.call)) == guard || isCheckName(p.head.method(c.call))
	})
}

// runsBeforeCommit reports what base left to the end of the transaction and head does at once.
func (p *pair) runsBeforeCommit(c callRef) {
	for _, arg := range p.base.handed(c.call) {
		if k := p.base.Exprs[arg].Kind; k != fact.Name && k != fact.Attr {
			continue
		}
		text := p.base.text(arg)
		direct := directCalls(p.head, text) > directCalls(p.base, text)
		if inner := p.base.byName[p.base.key+"."+text]; inner != nil && p.head.byName[p.head.key+"."+text] == nil {
			direct = direct || p.runsInner(inner)
		}
		if direct {
			p.lose(Removed, program.Transaction, "on-commit", c.atom, fmt.Sprintf("%s runs before the transaction is committed, base ran it on commit", text), text)
		}
	}
}

// runsInner says whether head itself makes a call that a function defined in base made, which is gone.
func (p *pair) runsInner(inner *body) bool {
	inner.lower()
	return slices.ContainsFunc(inner.callsOf(), func(c callRef) bool {
		callee := inner.callee(c.call)
		return strings.Contains(callee, ".") && directCalls(p.head, callee) > directCalls(p.base, callee)
	})
}

// directCalls counts the calls of callee outside of any on_commit.
func directCalls(b *body, callee string) (n int) {
	for _, c := range b.callsOf() {
		if b.callee(c.call) != callee {
			continue
		}
		deferred := slices.ContainsFunc(b.atomCalls(c.atom), func(other fact.Expr) bool { return strings.Contains(b.method(other), "on_commit") })
		if !deferred {
			n++
		}
	}
	return n
}

// runsUnwrapped reports "x = to_thread(f(...))" that became "x = f(...)".
func (p *pair) runsUnwrapped(c callRef) {
	if p.isPlainRoute() {
		return
	}
	a := &p.base.atoms[c.atom]
	for _, arg := range p.base.positional(c.call) {
		if k := p.base.Exprs[arg].Kind; k != fact.Call && k != fact.Name {
			continue
		}
		text := p.base.text(arg)
		for j := range p.head.atoms {
			h := &p.head.atoms[j]
			if h.kind != a.kind || p.head.target(h) != p.base.target(a) {
				continue
			}
			if v := p.head.value(h); v != 0 && p.head.text(v) == text {
				p.lose(Removed, program.Offload, "wrapper", c.atom, fmt.Sprintf("%s is done here, base handed it to %s", text, p.base.callee(c.call)), text)
				return
			}
		}
	}
}

// twin is a function and its likes that do the same with less care.
type twin struct {
	careful string
	plain   []string
	guard   program.GuardKind
}

var twins = []twin{
	{"fullmatch", []string{"match", "search"}, program.Validation},
	{"safe_load", []string{"load"}, program.Validation},
	{"safe_load_all", []string{"load_all"}, program.Validation},
	{"literal_eval", []string{"eval"}, program.Validation},
	{"mkstemp", []string{"mktemp"}, program.Validation},
	{"lstat", []string{"stat"}, program.Validation},
	{"model_validate", []string{"model_construct", "construct"}, program.Validation},
	{"deepcopy", []string{"copy", "dict", "list"}, program.Immutability},
	{"token_hex", []string{"random", "randint"}, program.Validation},
	{"token_urlsafe", []string{"random", "randint"}, program.Validation},
}

// carelessTwins looks for calls that became their plain twin.
func (p *pair) carelessTwins() {
	for i := range p.base.atoms {
		if !p.edited[i] {
			continue
		}
		j := p.counterpart[i]
		base, head := p.base.atomMethods(i), p.head.atomMethods(j)
		p.rootWithoutEnd(i, j)
		for _, t := range twins {
			if !base[t.careful] || head[t.careful] {
				continue
			}
			for _, plain := range t.plain {
				if head[plain] && !base[plain] {
					p.lose(Weakened, t.guard, "twin", i, fmt.Sprintf("%s became %s", t.careful, plain), t.careful)
				}
			}
		}
		for _, call := range p.base.atomCalls(i) {
			p.comparedInVariableTime(i, j, call, head)
			p.prefixWithoutEnd(i, j, call)
		}
	}
}

func (b *body) atomMethods(i int) map[string]bool {
	names := map[string]bool{}
	for _, call := range b.atomCalls(i) {
		names[b.method(call)] = true
	}
	return names
}

// comparedInVariableTime reports secrets compared with "==".
func (p *pair) comparedInVariableTime(i, j int, call fact.Expr, head map[string]bool) {
	name := p.base.method(call)
	switch name {
	case "compare_digest", "constant_time_compare", "safe_str_cmp":
	default:
		return
	}
	args := p.base.positional(call)
	if head[name] || len(args) != 2 {
		return
	}
	key := p.head.atoms[j].key
	if mentions(key, p.base.text(args[0])) && mentions(key, p.base.text(args[1])) {
		p.lose(Removed, program.Authorization, "twin", i, fmt.Sprintf("the comparison takes longer the more is right, base used %s", name), p.base.text(call))
	}
}

// lazyChecks looks for a loop of checks that became a map or generator that nothing consumes.
func (p *pair) lazyChecks() {
	for j := range p.head.atoms {
		if k := p.origin[j]; p.head.atoms[j].kind != exprAtom || k >= 0 && !p.edited[k] {
			continue
		}
		value := p.head.value(&p.head.atoms[j])
		x := &p.head.Exprs[value]
		lazy := x.Kind == fact.Comp && x.Op == fact.CompGenerator
		if x.Kind == fact.Call {
			callee := p.head.callee(value)
			lazy = callee == "map" || callee == "filter"
		}
		if !lazy {
			continue
		}
		p.report(Loss{
			Rule: Removed, Guard: program.Validation, Shape: "lazy", Key: p.head.atoms[j].key,
			At:      program.Place{File: p.head.id, Span: p.head.header(j)},
			Base:    program.Place{File: p.base.id, Span: p.eager(j)},
			Message: "nothing consumes this, so it never runs",
		})
	}
}

// eager gives the place in base that called what the lazy atom of head names; the function where there is none.
func (p *pair) eager(j int) fact.Span {
	for i := range p.base.atoms {
		for _, call := range p.base.atomCalls(i) {
			if mentions(p.head.atoms[j].key, p.base.callee(call)) {
				return p.base.header(i)
			}
		}
	}
	return p.base.span()
}

// replacedFiles looks for files that were written beside and moved into place, and are written in place now.
func (p *pair) replacedFiles() {
	atomic := slices.IndexFunc(p.calls.gone, func(c callRef) bool {
		name := p.base.method(c.call)
		temporary := strings.Contains(c.text, "tmp") || strings.Contains(c.text, "temp")
		switch name {
		case "replace":
			return p.base.callee(c.call) == "os.replace" || temporary
		case "rename":
			return temporary
		}
		writes := false
		eachWord(name, func(w string) { writes = writes || w == "write" || w == "save" || w == "replace" || w == "open" })
		return writes && has(name, transactionWord)
	})
	if atomic < 0 {
		return
	}
	for _, c := range append(slices.Clone(p.calls.added), headsOf(p.calls.paired)...) {
		if p.removesFirst(p.calls.gone[atomic].call, c.call) {
			gone := p.calls.gone[atomic]
			p.lose(Removed, program.Lock, "atomic-file", gone.atom, fmt.Sprintf("for a while there is nothing at the path, base swapped it with %s", p.base.method(gone.call)), gone.text)
			return
		}
		switch p.head.method(c.call) {
		case "open", "rename", "write_text", "dump", "move":
			gone := p.calls.gone[atomic]
			guard := program.Lock // what others see is swapped in one step
			if has(p.base.method(gone.call), transactionWord) {
				guard = program.Transaction
			}
			p.lose(Removed, guard, "atomic-file", gone.atom, fmt.Sprintf("a reader or a crash sees half of the file, base moved it into place with %s", p.base.method(gone.call)), gone.text)
			return
		}
	}
}

// removesFirst says whether the call of head takes away what the call of base replaced in one step: os.replace(new, path)
// against remove(path).
func (p *pair) removesFirst(base, head fact.Expr) bool {
	swapped, removed := p.base.positional(base), p.head.positional(head)
	if p.base.callee(base) != "os.replace" || len(swapped) != 2 || len(removed) == 0 || p.head.text(removed[0]) != p.base.text(swapped[1]) {
		return false
	}
	switch firstWord(p.head.method(head)) {
	case "remove", "unlink", "del", "delete", "rmtree", "rm":
		return true
	}
	return false
}

func headsOf(pairs []callPair) []callRef {
	var list []callRef
	for _, c := range pairs {
		list = append(list, c.head)
	}
	return list
}

// containers looks for queues and caches of a given size that became endless, and for values of one thread that
// became those of all.
func (p *pair) containers() {
	for i := range p.base.atoms {
		j := p.counterpart[i]
		if !p.edited[i] || p.base.atoms[i].kind != assignAtom || p.head.atoms[j].kind != assignAtom || p.base.target(&p.base.atoms[i]) != p.head.target(&p.head.atoms[j]) {
			continue
		}
		was, is := p.base.value(&p.base.atoms[i]), p.head.value(&p.head.atoms[j])
		if p.base.Exprs[was].Kind != fact.Call {
			continue
		}
		p.endlessContainer(i, was, is)
		if isThreadLocal(p.base.callee(was)) && !(p.head.Exprs[is].Kind == fact.Call && isThreadLocal(p.head.callee(is))) {
			p.lose(Removed, program.Lock, "thread-local", i, fmt.Sprintf("%s is shared by all threads, base kept one for each", p.base.target(&p.base.atoms[i])), p.base.atoms[i].key)
		}
	}
}

func isThreadLocal(callee string) bool {
	switch lastPart(callee) {
	case "local", "ContextVar", "Local":
		return true
	}
	return false
}

func (p *pair) endlessContainer(i int, was, is fact.Expr) {
	bounded := ""
	for _, k := range p.base.keywords(was) {
		if bounding.MatchString(k.name) || k.name == "max_entries" || k.name == "capacity" {
			bounded = k.name
		}
	}
	if bounded == "" {
		return
	}
	plain := false
	switch x := &p.head.Exprs[is]; x.Kind {
	case fact.ListDisplay, fact.DictDisplay, fact.SetDisplay:
		plain = true
	case fact.Call:
		plain = len(p.head.OperandsOf(is)) == 0
	}
	if plain {
		p.lose(Removed, program.Bound, "container", i, fmt.Sprintf("%s may grow without end, base gave it %s", p.base.target(&p.base.atoms[i]), bounded), p.base.atoms[i].key)
	}
}

// checkCalls looks for calls of a checking function that are gone.
func (p *pair) checkCalls() {
	for _, c := range p.calls.gone {
		name := p.base.method(c.call)
		asks := p.base.isGatekeeper(c.call)
		if !isCheckName(name) && !asks || p.change.fresh.calls[name] > 0 || p.keptWithout(c.atom) < 0.5 || !p.decides(c) || p.checksOtherwise(name) || p.writtenOut(name) || p.mapped(name) {
			continue
		}
		guard := program.Validation
		switch w := wordsOf(name); {
		case w&lockWord != 0:
			guard = program.Lock
		case asks || w&validateWord == 0 && asksPermission(name):
			guard = program.Authorization
		case w&limitWord != 0, countsRequests(name):
			guard = program.Bound
		}
		p.lose(Removed, guard, "check-call", c.atom, fmt.Sprintf("%s is not called any more", c.text), c.text)
	}
}

// mapped says whether head gives the function to a map of which something is made: list(map(check, rows)).
func (p *pair) mapped(name string) bool {
	return slices.ContainsFunc(p.head.callsOf(), func(c callRef) bool {
		args := p.head.positional(c.call)
		return p.head.method(c.call) == "map" && len(args) > 1 && lastPart(p.head.text(args[0])) == name && p.head.Exprs[c.call].Parent != 0
	})
}

// isCheckName says whether a function of this name refuses what is wrong.
func isCheckName(name string) bool {
	other := false
	eachWord(name, func(w string) {
		switch w {
		case "connection", "output", "call", "exists", "update", "updates":
			other = true
		}
	})
	switch {
	case other:
		return false
	case has(name, validateWord):
		return true
	}
	switch name {
	case "match_hostname":
		return true
	}
	if countsRequests(name) {
		return true
	}
	if rest, ok := strings.CutPrefix(name, "assert"); ok && rest != "" && isUpper(rest[0]) {
		return false // assertEqual, of a test
	}
	switch firstWord(name) {
	case "check", "verify", "ensure", "require", "assert", "enforce", "authorize", "sanitize", "forbid":
		return true
	case "raise":
		return name != "raise_signal" // requests' raise_for_status, a project's raise_if_closed
	}
	return false
}

// countsRequests says whether a function of this name counts a request and refuses what is too many: hit_rate_limit.
func countsRequests(name string) bool {
	rate, limit := false, false
	eachWord(name, func(w string) {
		rate, limit = rate || w == "rate", limit || w == "limit"
		if w == "throttle" || w == "ratelimit" {
			rate, limit = true, true
		}
	})
	return rate && limit && !has(name, getWord)
}

// isGatekeeper says whether the call asks an object that is there to say who may do what: self.auth.get_user(request).
func (b *body) isGatekeeper(call fact.Expr) bool {
	receiver := b.receiver(call)
	if receiver == 0 {
		return false
	}
	switch strings.ToLower(strings.TrimLeft(lastPart(b.text(receiver)), "_")) {
	case "auth", "authz", "authorizer", "authorization", "authenticator", "acl", "permissions", "permission_checker":
		return true
	}
	return false
}

// asksPermission says whether a check of this name asks who may do something.
func asksPermission(name string) bool {
	found := has(name, grantWord)
	eachWord(name, func(w string) {
		switch w {
		case "access", "authorize", "auth", "authed", "login", "manage", "credentials":
			found = true
		}
	})
	return found
}

// decides says whether the check stands on its own, or its answer refuses.
func (p *pair) decides(c callRef) bool {
	a := &p.base.atoms[c.atom]
	switch a.kind {
	case ifAtom:
		how, _ := p.base.refuses(c.atom)
		return p.edited[c.atom] && (how == raises || how == answers)
	case exprAtom, returnAtom:
		return p.base.value(a) == c.call
	case assignAtom:
		return p.base.value(a) == c.call && (has(p.base.method(c.call), validateWord) || p.answerAsked(c.atom))
	}
	return false
}

// writtenOut says whether the function of the name is gone and its checks are where it was called.
func (p *pair) writtenOut(name string) bool {
	return slices.ContainsFunc(p.change.deleted, func(b *body) bool {
		if b.name != name || b.kind != fact.FunctionScope {
			return false
		}
		checks, kept := 0, 0
		for i := range b.lower() {
			if b.atoms[i].kind == ifAtom {
				checks++
				if slices.ContainsFunc(p.added(), func(j int) bool { return p.head.atoms[j].key == b.atoms[i].key }) {
					kept++
				}
			}
		}
		return checks > 0 && kept == checks
	})
}

// answerAsked says whether the condition behind the atom asks for what it was given, and is gone with it.
func (p *pair) answerAsked(i int) bool {
	target := p.base.target(&p.base.atoms[i])
	for k := i + 1; target != "" && k < len(p.base.atoms); k++ {
		if a := &p.base.atoms[k]; a.outer == p.base.atoms[i].outer && !a.kind.isNoise() {
			return a.kind == ifAtom && p.counterpart[k] < 0 && p.base.text(p.base.test(a)) == target
		}
	}
	return false
}

// checksOtherwise says whether the change brings another check in the place of the one called name.
func (p *pair) checksOtherwise(name string) bool {
	for _, h := range p.calls.added {
		if now := p.head.method(h.call); isCheckName(now) && !isUpper(now[0]) || asksPermission(now) && asksPermission(name) {
			return true
		}
	}
	deleted := slices.ContainsFunc(p.change.deleted, func(b *body) bool { return b.name == name })
	for _, called := range sortedKeys(p.change.fresh.calls) {
		if deleted && isCheckName(called) {
			return true
		}
	}
	for _, q := range p.change.pairs {
		if q.moved && q.base.name == name && p.change.fresh.calls[q.head.name] > 0 {
			return true
		}
	}
	return false
}
