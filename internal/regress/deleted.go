package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// deletedFunctions looks at functions that are gone although what they guarded remains: an override, a hook, or a
// check that callers made.
func (c *change) deletedFunctions() {
	for _, b := range c.deleted {
		headPath := c.headPath[b.Path]
		if b.kind != fact.FunctionScope || headPath == "" || b.isTest() {
			continue
		}
		head := c.source(1, c.byPath[1][headPath])
		if class := b.classOf(b); class != nil && head.byName[class.key] == nil && !(b.callsSuper() && c.usesBaseOf(class)) || c.bodyMoved(b) || c.rewritten(b) {
			c.inlinedWithoutCheck(b, head)
			continue
		}
		if b.classOf(b) == nil && c.definedElsewhere(b.name) {
			continue
		}
		c.deletedFunction(b, head)
	}
}

// bodyMoved says whether half of the statements of the body are elsewhere in head now.
func (c *change) bodyMoved(b *body) bool {
	all, moved := 0, 0
	for i := range b.lower() {
		if b.atoms[i].kind.isNoise() {
			continue
		}
		all++
		if c.moved(b.atoms[i].key) {
			moved++
		}
	}
	return all > 0 && 2*moved >= all
}

// definedElsewhere says whether a file of the change defines a function of the name in head.
func (c *change) definedElsewhere(name string) bool {
	for _, path := range sortedKeys(c.headPath) {
		if c.headPath[path] == "" {
			continue
		}
		for _, b := range c.source(1, c.byPath[1][c.headPath[path]]).bodies {
			if b.kind == fact.FunctionScope && b.name == name {
				return true
			}
		}
	}
	return false
}

// deletedFunction reports the guards of one function that is gone.
func (c *change) deletedFunction(b *body, head *source) {
	why, guards := "", c.guardsOf(b)
	switch {
	case b.callsSuper():
		why = "an override"
	case b.forbids():
		why, guards = "which refused every change", []program.GuardKind{program.Immutability}
	case b.isHook():
		if c.fieldsGone(b, head) {
			return
		}
		why = "a hook"
	case !strings.HasPrefix(b.name, "__") && c.callersRemain(b):
		why = "called by code that remains"
	case c.endsWhatRemains(b, head):
		why, guards = "which whoever made the object calls at its end", []program.GuardKind{program.Cancellation}
	case c.isOverride(b, head):
		why = "an override"
		known := b.overridesKnown()
		guards = slices.DeleteFunc(guards, func(g program.GuardKind) bool {
			if (g == program.Validation || g == program.Cancellation) && known {
				return false
			}
			return g != program.Lock && g != program.Transaction && g != program.Authorization && g != program.Bound
		})
	default:
		c.inlinedWithoutCheck(b, head)
		return
	}
	at := fact.Span{}
	if class := b.classOf(b); class != nil && head.byName[class.key] != nil {
		at = head.byName[class.key].span()
	}
	routes := head.routesOf(b.hookOwner())
	for _, guard := range guards {
		if guard == program.Authorization && len(routes) > 0 {
			c.unguardedRoutes(b, routes)
			continue
		}
		c.losses = append(c.losses, Loss{
			Rule: Removed, Guard: guard, Shape: "function", Confidence: 1, Symbol: b.qualified,
			Message: fmt.Sprintf("%s, %s, is gone with what it guarded against", b.name, why), Key: "def " + b.name,
			Func: program.Func{File: head.id}, At: program.Place{File: head.id, Span: at},
			Base: program.Place{File: b.id, Span: b.span()},
		})
	}
}

// hookOwner gives the application or blueprint before whose requests the function runs: "bp" of @bp.before_request; ""
// where it is no such hook.
func (b *body) hookOwner() string {
	for _, d := range b.decorators() {
		if owner, is := strings.CutSuffix(d, ".before_request"); is {
			return owner
		}
	}
	return ""
}

// routesOf gives the functions of the file that are routes of the application or blueprint.
func (s *source) routesOf(owner string) []*body {
	var routes []*body
	for _, b := range s.bodies {
		if owner != "" && b.kind == fact.FunctionScope && slices.ContainsFunc(b.decorators(), func(d string) bool { return isRouteOf(d, owner) }) {
			routes = append(routes, b)
		}
	}
	return routes
}

func isRouteOf(decorator, owner string) bool {
	switch strings.TrimPrefix(firstCall(decorator), owner+".") {
	case "route", "get", "post", "put", "patch", "delete":
		return true
	}
	return false
}

// unguardedRoutes reports each route before which a hook refused callers that is gone, unless the route asks itself now.
func (c *change) unguardedRoutes(hook *body, routes []*body) {
	for _, r := range routes {
		was := c.source(0, hook.id).byName[r.key]
		if was == nil || slices.ContainsFunc(r.decorators(), func(d string) bool {
			return decoratorGuard(d) == program.Authorization && !slices.Contains(was.decorators(), d)
		}) {
			continue
		}
		c.losses = append(c.losses, Loss{
			Rule: Removed, Guard: program.Authorization, Shape: "hook", Confidence: 1, Symbol: r.qualified,
			Message: fmt.Sprintf("nothing refuses callers as %s did before each request", hook.name), Key: "def " + hook.name,
			Func: r.fn(), At: program.Place{File: r.id, Span: r.span()}, Base: program.Place{File: hook.id, Span: hook.span()},
		})
	}
}

// endsWhatRemains says whether the method is one that frameworks and owners call at the end, all that it did was to cancel
// what the object keeps, and head still makes that.
func (c *change) endsWhatRemains(b *body, head *source) bool {
	class := b.classOf(b)
	if class == nil || head.byName[class.key] == nil || !has(b.name, shutdownWord|endWord) && !isEnding(b.name) {
		return false
	}
	return slices.ContainsFunc(b.callsOf(), func(call callRef) bool {
		r := b.receiver(call.call)
		if r == 0 || b.method(call.call) != "cancel" {
			return false
		}
		object := b.text(r)
		if loop := b.enclosing(call.atom, forAtom); loop >= 0 && !strings.HasPrefix(object, "self.") {
			object = b.text(b.Stmts[b.atoms[loop].stmt].A)
		}
		object = firstPart(strings.TrimPrefix(object, "self."))
		if slices.ContainsFunc(head.byName[class.key].methods(), func(m *body) bool { return m.name == object }) {
			return true // a task that its decorator made of the method
		}
		return slices.ContainsFunc(head.byName[class.key].methods(), func(m *body) bool {
			return slices.ContainsFunc(m.lower(), func(a atom) bool { return a.kind == assignAtom && m.target(&a) == "self."+object })
		})
	})
}

// isEnding says whether a framework calls the method of this name where something is over.
func isEnding(name string) bool {
	switch name {
	case "cog_unload", "connectionLost", "connection_lost", "on_close", "on_disconnect":
		return true
	}
	return false
}

// forbids says whether the method only raises where an attribute or item is set or deleted.
func (b *body) forbids() bool {
	switch b.name {
	case "__setattr__", "__delattr__", "__setitem__", "__delitem__":
		atoms := b.lower()
		return len(atoms) == 1 && atoms[0].kind == raiseAtom
	}
	return false
}

// usesBaseOf says whether an atom of head names a base of the class where base named the class itself.
func (c *change) usesBaseOf(class *body) bool {
	for _, p := range c.pairs {
		for i := range p.base.atoms {
			if !p.edited[i] || !p.base.mentionsName(i, class.name) || p.head.mentionsName(p.counterpart[i], class.name) {
				continue
			}
			for _, base := range class.bases() {
				if p.head.mentionsName(p.counterpart[i], lastPart(base)) {
					return true
				}
			}
		}
	}
	return false
}

// callsSuper says whether the body calls the method of its name that it overrides.
func (b *body) callsSuper() bool {
	var bases []string
	if class := b.classOf(b); class != nil {
		bases = class.bases()
	}
	return slices.ContainsFunc(b.callsOf(), func(c callRef) bool {
		r := b.receiver(c.call)
		if r == 0 || b.method(c.call) != b.name {
			return false
		}
		return b.Exprs[r].Kind == fact.Call && b.callee(r) == "super" || slices.Contains(bases, b.text(r)) && len(b.positional(c.call)) > 0 && b.text(b.positional(c.call)[0]) == "self"
	})
}

// isHook says whether a decorator registers the function with somebody who calls it.
func (b *body) isHook() bool {
	switch b.name {
	case "__del__", "__exit__", "__aexit__", "has_permission", "has_object_permission":
		return true
	}
	if class := b.classOf(b); class != nil && isFormHook(b.name) && class.isForm() {
		return true
	}
	return slices.ContainsFunc(b.decorators(), func(d string) bool {
		for _, part := range []string{"valid", "before_", "on_event", "listens_for", "receiver", "event", "callback", "teardown", "atexit"} {
			if strings.Contains(d, part) {
				return true
			}
		}
		return false
	})
}

// isFormHook says whether forms and serializers of Django call the method of this name: clean_email, validate_name.
func isFormHook(name string) bool {
	return name == "clean" || name == "validate" || strings.HasPrefix(name, "clean_") || strings.HasPrefix(name, "validate_")
}

// isForm says whether the class is a form or serializer by the names of its bases.
func (b *body) isForm() bool {
	return slices.ContainsFunc(b.bases(), func(base string) bool {
		return strings.HasSuffix(base, "Form") || strings.HasSuffix(base, "Serializer") || strings.HasSuffix(base, "Validator")
	})
}

// callersRemain says whether a function that called the body goes on without it.
func (c *change) callersRemain(b *body) bool {
	for _, p := range c.pairs {
		if p.kept < 0.6 {
			continue
		}
		for i := range p.base.atoms {
			if p.base.atoms[i].kind == defAtom {
				continue // to define is not to call
			}
			if p.callsSimilar(b.name) {
				continue
			}
			if (p.counterpart[i] < 0 || p.edited[i]) && p.base.mentionsName(i, b.name) && !p.callsAnother(i) {
				return true
			}
		}
	}
	return false
}

// callsSimilar says whether head calls a new function of much the same name: _select_host_key_algs in the place of
// _validate_host_key_algs.
func (p *pair) callsSimilar(name string) bool {
	words, total := map[string]bool{}, 0
	eachWord(name, func(w string) { words[w], total = true, total+1 })
	return slices.ContainsFunc(p.change.added, func(b *body) bool {
		shared := 0
		eachWord(b.name, func(w string) {
			if words[w] {
				shared++
			}
		})
		return total >= 3 && 5*shared >= 3*total && p.head.countMethods()[b.name] > 0
	})
}

// callsAnother says whether the edited atom calls something in head that it did not call in base.
func (p *pair) callsAnother(i int) bool {
	if p.counterpart[i] < 0 {
		return false
	}
	made := p.base.atomMethods(i)
	for name := range p.head.atomMethods(p.counterpart[i]) {
		if !made[name] {
			return true
		}
	}
	return false
}

// mentionsName says whether the atom has the name or an attribute of the name.
func (b *body) mentionsName(i int, name string) bool {
	found := false
	eachToken(b.atoms[i].key, func(t string) { found = found || t == name })
	return found
}

// isOverride says whether a framework calls the method: the class has a base and the change shows no caller.
func (c *change) isOverride(b *body, head *source) bool {
	class := b.classOf(b)
	if class == nil || strings.HasPrefix(b.name, "_") || c.callsGone(b.name) != c.fresh.names[b.name] {
		return false // it came or went with those who call it
	}
	now := head.byName[class.key]
	for _, base := range now.bases() {
		switch base {
		case "object", "ABC", "Protocol":
		default:
			return len(now.lower()) > 1
		}
	}
	return false
}

// callsGone says whether something of base that is gone used the name, its definition apart.
func (c *change) callsGone(name string) bool {
	if !c.goneNames[name] {
		return false
	}
	uses := func(b *body, i int) bool { return b.atoms[i].kind != defAtom && b.mentionsName(i, name) }
	for _, p := range c.pairs {
		for i := range p.base.atoms {
			if (p.counterpart[i] < 0 || p.edited[i]) && uses(p.base, i) {
				return true
			}
		}
	}
	return slices.ContainsFunc(c.deleted, func(b *body) bool {
		for i := range b.lower() {
			if uses(b, i) {
				return true
			}
		}
		return false
	})
}

// overridesKnown says whether a base class that the program defines has the method as well, so that it takes its place.
func (b *body) overridesKnown() bool {
	class := b.classOf(b)
	if class == nil {
		return false
	}
	own := program.Func{File: b.id, Scope: class.scope}
	return slices.ContainsFunc(b.p.Ancestors(own), func(v program.Value) bool {
		if v.Kind != program.Class || v.Def == own {
			return false
		}
		f := b.p.Files[v.Def.File]
		return slices.ContainsFunc(f.Scopes, func(s fact.ScopeInfo) bool {
			return s.Kind == fact.FunctionScope && s.Parent == v.Def.Scope && f.Text(s.Name) == b.name
		})
	})
}

// fieldsGone says whether the hook names fields of its class that are all gone with it: validator("db_type").
func (c *change) fieldsGone(b *body, head *source) bool {
	class := b.classOf(b)
	if class == nil || head.byName[class.key] == nil {
		return false
	}
	now, named := head.byName[class.key], 0
	for _, d := range b.List(b.info().Decorators) {
		if b.Exprs[d].Kind != fact.Call {
			continue
		}
		for _, arg := range b.positional(d) {
			if b.Exprs[arg].Kind != fact.StrConst {
				continue
			}
			named++
			field := strings.Trim(b.text(arg), "\"")
			if field == "*" || slices.ContainsFunc(now.lower(), func(a atom) bool { return now.declares(&a, field) }) {
				return false
			}
		}
	}
	return named > 0
}

// declares says whether the atom of a class body gives the class the attribute.
func (b *body) declares(a *atom, name string) bool {
	if b.target(a) == name {
		return true
	}
	return a.kind == otherAtom && strings.HasPrefix(a.key, name+": ")
}

// containedFailures looks for small functions that only kept the failure of one call from spreading, and are gone
// while the call itself stands in their place.
func (c *change) containedFailures() {
	for _, b := range c.deleted {
		if b.kind != fact.FunctionScope || b.effects() > 6 || b.isTest() {
			continue
		}
		contained := map[string]bool{}
		for i := range b.atoms {
			if b.atoms[i].kind != exceptAtom {
				continue
			}
			if act := b.action(i); act.raises || act.reraises {
				continue
			}
			for k := b.atoms[i].try + 1; k < b.atoms[b.atoms[i].try].end; k++ {
				for _, call := range b.atomCalls(k) {
					contained[b.callee(call)] = true
				}
			}
		}
		for _, p := range c.pairs {
			if p.base.Path == b.Path {
				p.uncontained(b, contained)
			}
		}
	}
}

// effects counts the atoms of the body that are more than control flow and records.
func (b *body) effects() (n int) {
	for i := range b.lower() {
		if !b.atoms[i].kind.isNoise() {
			n++
		}
	}
	return n
}

// uncontained reports a call that head makes or hands out itself, where base used the function b around it.
func (p *pair) uncontained(b *body, contained map[string]bool) {
	inside := strings.HasPrefix(b.qualified, p.base.qualified+".")
	used := -1
	for _, i := range p.gone() {
		if p.base.mentionsName(i, b.name) {
			used = i
		}
	}
	if !inside && used < 0 {
		return
	}
	for j := range p.head.atoms {
		if k := p.origin[j]; k >= 0 && !p.edited[k] {
			continue
		}
		for _, callee := range sortedKeys(contained) {
			if strings.Contains(callee, ".") && mentions(p.head.atoms[j].key, callee) {
				p.report(Loss{
					Rule: Removed, Guard: program.Fallback, Shape: "contained", Key: "def " + b.name,
					At: program.Place{File: p.head.id, Span: p.head.header(j)}, Base: program.Place{File: b.id, Span: b.span()},
					Message: fmt.Sprintf("a failure of %s spreads, %s kept it", callee, b.name),
				})
				return
			}
		}
	}
}

// offloadedElsewhere looks for functions that were handed to a thread by code that is gone, and that another function
// calls itself now.
func (c *change) offloadedElsewhere() {
	type origin struct {
		pair *pair
		atom int
	}
	gone := map[string]origin{}
	still := map[string]bool{}
	for _, p := range c.pairs {
		for _, call := range p.lostCalls() {
			if !p.base.offloads(call.call) {
				continue
			}
			for _, arg := range p.base.handed(call.call) {
				if k := p.base.Exprs[arg].Kind; k == fact.Name || k == fact.Attr {
					gone[p.base.text(arg)] = origin{p, call.atom}
				}
			}
		}
		for _, call := range p.head.callsOf() {
			if p.head.offloads(call.call) {
				for _, arg := range p.head.handed(call.call) {
					still[p.head.text(arg)] = true
				}
			}
		}
	}
	if len(gone) == 0 {
		return
	}
	for _, p := range c.pairs {
		for _, call := range append(slices.Clone(p.calls.added), headsOf(p.calls.paired)...) {
			callee := p.head.callee(call.call)
			from, ok := gone[callee]
			if !ok || still[callee] || from.pair == p || p.head.name == lastPart(callee) {
				continue
			}
			from.pair.lose(Removed, program.Offload, "elsewhere", from.atom, fmt.Sprintf("%s calls %s itself, base handed it to a thread here", p.head.qualified, callee), callee)
		}
	}
}
