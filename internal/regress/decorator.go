package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// decorators looks for decorators and base classes that guarded a function or class.
func (p *pair) decorators() {
	if p.base.kind == fact.ModuleScope {
		return
	}
	head := p.head.decorators()
	for _, e := range p.base.List(p.base.info().Decorators) {
		text := p.base.text(e)
		guard := p.base.decoratorRole(e)
		if guard == "" {
			guard = decoratorGuard(text)
		}
		if slices.Contains(head, text) {
			continue
		}
		if same := p.sameDecorator(e); same != 0 {
			p.decoratorArguments(e, same)
			continue
		}
		if guard == "" || p.otherDecorator(guard) || p.guardedByBody(guard) || guard == program.Authorization && p.otherMixin() {
			continue
		}
		if guard == program.Authorization && strings.Contains(text, "login") && p.change.brings("LoginRequiredMiddleware") {
			continue
		}
		if guard == program.Authorization && (p.change.askedBefore(p.head.Path, text) || p.decoratedWhereUsed(text)) {
			continue
		}
		if guard == program.Fallback && p.head.mentionsText(text) {
			continue // breaker.call(function), with breaker
		}
		if guard == program.Offload && p.head.info().Flags&fact.Async != 0 {
			continue // what blocks in a coroutine is known by its sites
		}
		p.loseHeader(Removed, guard, "decorator", p.base.Exprs[e].Span, fmt.Sprintf("@%s is gone", text), "@"+text)
	}
	if p.base.kind == fact.ClassScope {
		p.lostMixins()
	}
}

// decoratorRole gives the guard that a decorator is by what it denotes: a circuit breaker, a transaction.
func (b *body) decoratorRole(e fact.Expr) program.GuardKind {
	for _, v := range b.eval.Of(program.ExprRef{File: b.id, Expr: e}) {
		entry := b.p.Catalog.Lookup(v.Path)
		switch {
		case entry.Has(catalog.RoleBreaker):
			return program.Fallback
		case entry.Has(catalog.RoleTransaction):
			return program.Transaction
		case entry != nil && entry.Offload != nil && entry.Offload.Decorator:
			return program.Offload
		}
	}
	return ""
}

// sameDecorator gives the decorator of head of the same name, 0 where there is none.
func (p *pair) sameDecorator(e fact.Expr) fact.Expr {
	name, _, _ := strings.Cut(p.base.text(e), "(")
	for _, h := range p.head.List(p.head.info().Decorators) {
		if other, _, _ := strings.Cut(p.head.text(h), "("); other == name {
			return h
		}
	}
	return 0
}

// decoratorArguments reports arguments of a decorator that guarded the function and are not given any more.
func (p *pair) decoratorArguments(base, head fact.Expr) {
	if p.base.Exprs[base].Kind != fact.Call || p.head.Exprs[head].Kind != fact.Call || p.head.spreads(head) {
		return
	}
	for _, k := range p.base.keywords(base) {
		if p.head.keyword(head, k.name) != 0 || p.base.text(k.value) == "None" {
			continue
		}
		guard := p.base.argumentGuard(k)
		switch w := wordsOf(k.name); {
		case isDeadlineName(k.name):
			guard = program.Deadline
		case has(p.base.callee(base), retryWord) && isRetryLimit(k.name):
			guard = program.RetryBound
		case w&permissionWord != 0, k.name == "dependencies" && has(p.base.text(k.value), permissionWord|requireWord):
			guard = program.Authorization
		}
		if guard == program.Authorization && p.change.addsText(strings.Trim(p.base.text(k.value), "[]()")) {
			continue // the router or blueprint asks for it now
		}
		if guard != "" {
			p.loseHeader(Removed, guard, "decorator-argument", p.base.Exprs[base].Span,
				fmt.Sprintf("@%s has no %s any more, it was %s", p.base.callee(base), k.name, p.base.text(k.value)), k.name)
		}
	}
}

// isRetryLimit says whether the argument of a retry decorator bounds or spreads the attempts.
func isRetryLimit(name string) bool {
	switch name {
	case "stop", "wait", "max_tries", "max_time", "tries", "attempts", "retries", "stop_max_attempt_number", "stop_max_delay",
		"max_value", "max_delay", "delay", "factor", "jitter", "timeout":
		return true
	}
	return false
}

// brings says whether the change adds the text, also inside of a string.
func (c *change) brings(text string) bool {
	return slices.ContainsFunc(c.fresh.atoms, func(f placedAtom) bool { return strings.Contains(f.atom().key, text) })
}

// askedBefore says whether a function that the change adds to the file has the decorator and runs before every request.
func (c *change) askedBefore(path, decorator string) bool {
	return slices.ContainsFunc(c.added, func(b *body) bool {
		decorators := b.decorators()
		return b.Path == path && slices.Contains(decorators, decorator) &&
			slices.ContainsFunc(decorators, func(d string) bool { return lastPart(d) == "before_request" })
	})
}

// decoratedWhereUsed says whether the change gives the function to the decorator where it is used: path("close/",
// login_required(views.close)).
func (p *pair) decoratedWhereUsed(decorator string) bool {
	name := lastPart(firstCall(decorator))
	return p.change.fresh.calls[name] > 0 && slices.ContainsFunc(p.change.fresh.atoms, func(f placedAtom) bool {
		return slices.ContainsFunc(f.body.atomCalls(f.index), func(call fact.Expr) bool {
			return f.body.method(call) == name && slices.ContainsFunc(f.body.positional(call), func(arg fact.Expr) bool {
				return lastPart(strings.TrimSuffix(f.body.text(arg), ".as_view()")) == p.head.name
			})
		})
	})
}

// otherDecorator says whether head has a decorator of the kind that base has not.
func (p *pair) otherDecorator(guard program.GuardKind) bool {
	base := p.base.decorators()
	for _, d := range p.head.decorators() {
		if !slices.Contains(base, d) && decoratorGuard(d) == guard {
			return true
		}
	}
	return false
}

// guardedByBody says whether head does inside the function what the decorator did around it.
func (p *pair) guardedByBody(guard program.GuardKind) bool {
	for _, j := range p.added() {
		h := &p.head.atoms[j]
		switch {
		case h.kind == withAtom && p.head.scopeGuard(j) == guard:
			return true
		case guard == program.Authorization && h.words&grantWord != 0 && h.kind != defAtom:
			return true
		}
	}
	return false
}

// decoratorGuard says what a decorator guards by its name; "" where it registers or declares something.
func decoratorGuard(text string) program.GuardKind {
	name := text
	if i := strings.IndexByte(name, '('); i >= 0 {
		name = name[:i]
	}
	switch lastPart(name) {
	case "route", "get", "post", "put", "delete", "patch", "api", "command", "option", "task", "event", "register", "parametrize",
		"property", "overload", "setter", "fixture":
		return ""
	}
	w := wordsOf(text)
	switch {
	case strings.Contains(text, "pytest"), strings.Contains(name, "exempt"), lastPart(name) == "ensure_csrf_cookie", lastPart(name) == "requires_csrf_token":
		return "" // the first lift a guard, the last ones hand out a token and refuse nobody
	case w&lockWord != 0:
		return program.Lock
	case w&transactionWord != 0:
		return program.Transaction
	case w&permissionWord != 0, w&accessWord != 0 && w&requireWord != 0:
		return program.Authorization
	case w&deadlineWord != 0:
		return program.Deadline
	case w&retryWord != 0:
		return program.RetryBound
	case w&validateWord != 0:
		return program.Validation
	case w&throttleWord != 0:
		return program.Bound
	}
	fallback := false
	eachWord(name, func(w string) { fallback = fallback || w == "circuit" || w == "breaker" || w == "fallback" })
	if fallback {
		return program.Fallback
	}
	return ""
}

// otherMixin says whether head has a base class that asks for a permission and that base has not.
func (p *pair) otherMixin() bool {
	return p.head.kind == fact.ClassScope && slices.ContainsFunc(p.head.bases(), func(h string) bool { return has(h, permissionWord) && !slices.Contains(p.base.bases(), h) })
}

// lostMixins looks for base classes that ask for a permission.
func (p *pair) lostMixins() {
	head := p.head.bases()
	for _, e := range p.base.List(p.base.info().Arguments) {
		text := p.base.text(e)
		w := wordsOf(text)
		if slices.Contains(head, text) || w&(permissionWord|accessWord) == 0 || w&requireWord == 0 {
			continue
		}
		if p.otherMixin() || p.otherDecorator(program.Authorization) || p.stillInherits(e) || p.decoratedWhereUsed("login_required") {
			continue
		}
		p.loseHeader(Removed, program.Authorization, "base-class", p.base.Exprs[e].Span, fmt.Sprintf("the class is no %s any more", text), text)
	}
}

// stillInherits says whether the class of head has the base class through another one.
func (p *pair) stillInherits(base fact.Expr) bool {
	was := p.base.eval.One(program.ExprRef{File: p.base.id, Expr: base})
	return slices.ContainsFunc(p.head.p.Ancestors(p.head.fn()), func(is program.Value) bool {
		if was.Kind != is.Kind {
			return false
		}
		if is.Kind == program.Class {
			return p.base.p.Symbol(was.Def) == p.head.p.Symbol(is.Def)
		}
		return is.Kind == program.External && is.Path == was.Path
	})
}
