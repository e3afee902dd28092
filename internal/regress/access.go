package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// access looks for who may do something in the forms that are neither check nor decorator: attributes of a class that
// a framework asks, injected users, queries limited to the user, and a protection switched off.
func (p *pair) access() {
	if p.base.kind == fact.ClassScope {
		p.lostPolicy()
	}
	if p.base.kind == fact.FunctionScope {
		p.lostUser()
		p.exempted()
	}
	p.lostOwner()
}

// isPolicy says whether a framework asks the class attribute of this name before it lets anybody in.
func isPolicy(name string) bool {
	switch name {
	case "permission_classes", "authentication_classes", "permission_required", "permissions", "required_permissions", "permission_policy",
		"required_scopes", "login_required", "raise_exception", "http_method_names", "read_only_fields", "readonly_fields":
		return true
	}
	return strings.HasSuffix(name, "permission_required") || strings.HasSuffix(name, "_permissions")
}

// policies gives the attributes of the class that are policies, and the text of each.
func (b *body) policies() map[string]int {
	found := map[string]int{}
	for i := range b.lower() {
		if name := b.target(&b.atoms[i]); name != "" && isPolicy(name) {
			found[name] = i
		}
	}
	return found
}

// lostPolicy reports policies that are gone or let everybody in.
func (p *pair) lostPolicy() {
	was, is := p.base.policies(), p.head.policies()
	for _, name := range sortedKeys(was) {
		i := was[name]
		value := p.base.text(p.base.value(&p.base.atoms[i]))
		if isOpen(value) {
			continue
		}
		j, there := is[name]
		if there && p.shorterPolicy(i, j, name) {
			continue
		}
		if there && !isOpen(p.head.text(p.head.value(&p.head.atoms[j]))) || !there && p.change.addsText(strings.Trim(value, "[]()")) {
			continue
		}
		p.lose(Removed, program.Authorization, "policy", i, fmt.Sprintf("%s is not %s any more", name, value), name)
	}
}

// shorterPolicy reports a list of what is asked, or of what nobody may write, that lost some of its members and gained none.
func (p *pair) shorterPolicy(i, j int, name string) bool {
	was, is := p.base.members(i), p.head.members(j)
	if len(was) == 0 || len(is) == 0 || len(is) >= len(was) || slices.ContainsFunc(is, func(m string) bool { return !slices.Contains(was, m) }) {
		return false
	}
	lost := slices.DeleteFunc(slices.Clone(was), func(m string) bool { return slices.Contains(is, m) || p.change.addsText(m) })
	if len(lost) > 0 {
		p.lose(Weakened, program.Authorization, "policy", i, fmt.Sprintf("%s has no %s any more", name, strings.Join(lost, ", ")), name)
	}
	return true
}

// members gives the texts of what the list or tuple that the atom assigns holds.
func (b *body) members(i int) []string {
	value := b.value(&b.atoms[i])
	switch b.Exprs[value].Kind {
	case fact.ListDisplay, fact.Tuple:
	default:
		return nil
	}
	var texts []string
	for _, e := range b.OperandsOf(value) {
		texts = append(texts, b.text(e))
	}
	return texts
}

// isOpen says whether the policy lets everybody in.
func isOpen(value string) bool {
	switch value {
	case "", "[]", "()", "None", "False", "{}":
		return true
	}
	return strings.Contains(value, "AllowAny")
}

// isInjection says whether the default of a parameter makes a framework find out who asks.
func isInjection(text string) bool {
	if strings.HasPrefix(text, "Security(") {
		return true
	}
	if !strings.HasPrefix(text, "Depends(") && !strings.Contains(text, ".Depends(") {
		return false
	}
	asks := has(text, permissionWord|requireWord)
	eachWord(text, func(w string) { asks = asks || w == "user" || w == "token" || w == "verify" || w == "role" })
	return asks
}

// lostUser reports parameters by which a framework demanded a user.
func (p *pair) lostUser() {
	head := p.head.parameters()
	for _, b := range p.base.parameters() {
		text := b.text + " " + b.annotation
		inject := isInjection(b.text) || strings.HasPrefix(b.annotation, "Annotated[") && isInjection(afterComma(b.annotation))
		if !inject {
			continue
		}
		again := slices.ContainsFunc(head, func(h parameter) bool { return isInjection(h.text) || strings.Contains(h.annotation, "Depends(") })
		if again || p.otherDecorator(program.Authorization) || p.change.addsText(strings.TrimSpace(text)) || p.decoratedWith(strings.TrimSpace(text)) || b.text != "" && p.decoratedWith(b.text) {
			continue
		}
		p.loseHeader(Removed, program.Authorization, "injected", b.span, fmt.Sprintf("%s is not asked for any more, it was %s", b.name, strings.TrimSpace(text)), b.name)
	}
}

// decoratedWith says whether a decorator that base has not has the text: route("/", dependencies=[Depends(user)]).
func (p *pair) decoratedWith(text string) bool {
	base := p.base.decorators()
	return slices.ContainsFunc(p.head.decorators(), func(d string) bool { return strings.Contains(d, text) && !slices.Contains(base, d) })
}

func afterComma(text string) string {
	_, rest, _ := strings.Cut(text, ", ")
	return rest
}

// exempted reports decorators that switch a protection off.
func (p *pair) exempted() {
	base := p.base.decorators()
	for _, d := range p.head.decorators() {
		if slices.Contains(base, d) {
			continue
		}
		switch name := lastPart(strings.SplitN(d, "(", 2)[0]); name {
		case "csrf_exempt", "login_not_required", "authentication_exempt", "no_auth", "auth_exempt", "allow_anonymous":
			p.loseHeader(Removed, program.Authorization, "exempt", p.base.span(), fmt.Sprintf("@%s switches the protection off", name), "@"+d)
		}
	}
}

// isUser says whether the text is the user who asks.
func isUser(text string) bool {
	switch text {
	case "request.user", "self.request.user", "current_user", "info.context.user", "g.user", "request.user.id", "self.request.user.id",
		"current_user.id", "request.user.pk", "user.id", "current_user.org", "self.current_org", "self.current_user":
		return true
	}
	return isOwnerOf(text)
}

// lostNarrowing reports a step of a query that limited it to the user and is gone, while the steps before it remain:
// "rows.filter(name=name).filter(owner=request.user)" that became "rows.filter(name=name)".
func (p *pair) lostNarrowing() {
	for _, c := range p.calls.gone {
		r, j := p.base.receiver(c.call), p.counterpart[c.atom]
		if name := p.base.method(c.call); name != "filter" && name != "filter_by" && name != "where" || r == 0 || j < 0 || !mentions(p.head.atoms[j].key, p.base.text(r)) {
			continue
		}
		for _, k := range p.base.keywords(c.call) {
			if text := p.base.text(k.value); isUser(text) && !p.addsText(text) {
				p.lose(Removed, program.Authorization, "owner", c.atom, fmt.Sprintf("the query is not limited to %s=%s any more", k.name, text), k.name+"="+text)
			}
		}
	}
}

// isOwnerOf says whether the text is the tenant that a request belongs to: request.space, self.context["request"].team.
func isOwnerOf(text string) bool {
	name := lastPart(text)
	of := strings.TrimSuffix(text, "."+name)
	if lastPart(of) != "request" && !strings.HasSuffix(of, "[\"request\"]") {
		return false
	}
	switch name {
	case "space", "tenant", "organization", "organisation", "org", "team", "workspace", "account", "company", "owner":
		return true
	}
	return false
}

// lostOwner reports queries that were limited to what belongs to the user.
func (p *pair) lostOwner() {
	p.lostNarrowing()
	for _, c := range p.calls.paired {
		switch p.base.method(c.base.call) {
		case "filter", "get", "filter_by", "get_object_or_404", "get_list_or_404", "first_or_404", "one", "exclude", "where":
		default:
			continue
		}
		if p.head.spreads(c.head.call) {
			continue
		}
		now := p.head.argumentTexts(c.head.call)
		for _, k := range p.base.keywords(c.base.call) {
			text := p.base.text(k.value)
			if isUser(text) && !slices.Contains(now, text) && !p.addsText(text) {
				p.loseCall(Removed, program.Authorization, "owner", c, fmt.Sprintf("the query is not limited to %s=%s any more", k.name, text), k.name+"="+text)
			}
		}
	}
}
