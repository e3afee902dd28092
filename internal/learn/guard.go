package learn

import (
	"fmt"
	"math"
	"path"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// guarded are the effects whose guards are mined as habits, each with the kinds of guard that keep it. Locks have their
// own miner, as what they guard is a field and not a call.
var guarded = []struct {
	effect program.Effect
	guards []program.GuardKind
}{
	{program.Wait, []program.GuardKind{program.Deadline, program.RetryBound, program.Fallback}},
	{program.Repeat, []program.GuardKind{program.RetryBound}},
	{program.Write, []program.GuardKind{program.Idempotency, program.Transaction}},
	{program.Block, []program.GuardKind{program.Offload}},
	{program.Acquire, []program.GuardKind{program.Release}},
	{program.Admit, []program.GuardKind{program.Authorization, program.Validation, program.Bound}},
	{program.Decide, []program.GuardKind{program.Boundary}},
	{program.Spawn, []program.GuardKind{program.Cancellation, program.Bound}},
}

// guards mines which guards the sites of each effect have.
func (m *miner) guards() {
	for _, e := range guarded {
		q := newPool()
		sites := m.p.Sites(e.effect)
		for i := range sites {
			site := &sites[i]
			if subject, ok := m.subject(site); ok {
				q.add(member{at: site.At, fn: site.Func, text: m.siteText(site), known: site.Fault != ""},
					m.siteGroups(site, subject), siteHabits(site, e.guards))
			}
		}
		whole := func(g *group) *group {
			return q.groups[groupKey{Scope{Kind: InProgram}, g.subject, g.effect}]
		}
		for _, c := range q.widest(q.candidates(whole)) {
			v := m.invariant(q, &c)
			if isTrivialGuard(&v) {
				continue
			}
			v.Statement = guardSentence(&v)
			m.found = append(m.found, v)
		}
	}
}

// subject says what of an effect a site is: what is waited for, written to, acquired. ok is false for a site that is not
// of production, or one that the project itself decides nothing about.
func (m *miner) subject(site *program.Site) (subject string, ok bool) {
	if !m.own[site.At.File] {
		return "", false
	}
	switch site.Effect {
	case program.Wait:
		if site.Entry == nil || site.Entry.Wait == nil {
			return "", false
		}
		switch site.Entry.Wait.For {
		case "network", "subprocess", "queue", "future", "lock", "task":
			return site.Entry.Wait.For, true
		}
		return "", false
	case program.Admit:
		if site.Entry == nil || site.Entry.Endpoint == nil {
			return "", false
		}
		return site.Entry.Endpoint.Kind, true
	case program.Decide:
		return "limit", true
	case program.Write, program.Acquire, program.Block, program.Spawn, program.Repeat:
		return "", !byFramework(site)
	}
	return "", false
}

// byFramework reports whether what guards a site is nothing that the project wrote.
func byFramework(site *program.Site) bool {
	for i := range site.Guards {
		if site.Guards[i].From != "framework" && site.Guards[i].From != "process" {
			return false
		}
	}
	return len(site.Guards) > 0
}

func (m *miner) siteText(site *program.Site) string {
	if site.Effect == program.Admit {
		return m.p.Symbol(site.Func)
	}
	if site.Expr != 0 {
		return m.line(program.ExprRef{File: site.At.File, Expr: site.Expr})
	}
	return shorten(site.Text)
}

// siteGroups gives the groups that a site is in.
func (m *miner) siteGroups(site *program.Site, subject string) []groupKey {
	add := func(keys []groupKey, kind ScopeKind, name string) []groupKey {
		return append(keys, groupKey{Scope{kind, name}, subject, site.Effect})
	}
	keys := add(nil, InProgram, "")
	if site.Entry != nil && site.Effect != program.Admit {
		keys = add(keys, OfLibrary, site.Entry.Library.Name)
	}
	if site.What != "" && site.Effect != program.Admit && site.Effect != program.Decide {
		keys = add(keys, OfCallee, site.What)
	}
	if site.Effect == program.Admit {
		if method := m.routeMethod(site.Func); method != "" {
			keys = add(keys, OfRoute, method)
		}
	}
	return m.placeGroups(keys, site.Func, subject, site.Effect)
}

// routeMethod is the method of a route that its decorator names ("delete"), "" where it names none.
func (m *miner) routeMethod(fn program.Func) string {
	facts := m.p.Files[fn.File]
	for _, d := range m.p.Decorators(fn) {
		x := &facts.Exprs[d]
		if x.Kind != fact.Call || facts.Exprs[x.A].Kind != fact.Attr {
			continue
		}
		switch name := facts.Text(facts.Exprs[x.A].Text); name {
		case "get", "post", "put", "patch", "delete", "head", "options", "websocket":
			return name
		}
	}
	return ""
}

// placeGroups adds the groups that a function is in by where it stands.
func (m *miner) placeGroups(keys []groupKey, fn program.Func, subject string, effect program.Effect) []groupKey {
	add := func(kind ScopeKind, name string) { keys = append(keys, groupKey{Scope{kind, name}, subject, effect}) }
	if class, ok := m.classOf(fn); ok {
		add(InClass, m.p.QualifiedName(class))
		for _, base := range m.basesOf(class) {
			add(InBase, base)
		}
	}
	add(InModule, m.p.Files[fn.File].Path)
	for dir := m.packageOf(fn.File); dir != ""; dir = path.Dir(dir) {
		if dir == "." {
			break
		}
		add(InPackage, dir)
	}
	return keys
}

// basesOf names the classes that a class inherits from, without those of the language.
func (m *miner) basesOf(class program.Func) []string {
	var names []string
	for i, base := range m.p.Ancestors(class) {
		name := m.p.TypeName(base)
		if m.p.Catalog.Lookup(base.Path).Has(catalog.RoleAuthorization) {
			continue // it is the guard itself
		}
		if i == 0 || name == "" || strings.HasPrefix(name, "builtins.") || strings.HasPrefix(name, "typing.") || strings.HasPrefix(name, "abc.") {
			continue
		}
		names = append(names, name)
	}
	return names
}

// siteHabits gives the guards of a site that hold on every path, by kind alone and with their text.
func siteHabits(site *program.Site, kinds []program.GuardKind) []habit {
	var habits []habit
	for i := range site.Guards {
		g := &site.Guards[i]
		if g.Weak != "" || g.Kind == program.Deadline && math.IsInf(g.Seconds, 1) {
			continue
		}
		for _, kind := range kinds {
			if g.Kind != kind {
				continue
			}
			if g.From != "default" && !(kind == program.Idempotency && g.From == "statement") {
				habits = append(habits, habit{Guard, kind, ""})
			}
			if kind == program.Authorization {
				habits = append(habits, habit{Guard, kind, shorten(g.Text)})
			}
		}
	}
	return habits
}

// isTrivialGuard reports whether an invariant says only what check asks of everybody: a resource that is released, a
// task that is owned, a blocking call off the loop. Such a habit tells a project from no other.
func isTrivialGuard(v *Invariant) bool {
	switch v.Guard {
	case program.Release, program.Cancellation, program.Offload:
		return v.Scope.Kind != InClass && v.Scope.Kind != OfCallee || len(v.Deviants) == 0
	}
	return false
}

// effectNouns name sites for people.
var effectNouns = map[program.Effect]string{
	program.Repeat: "retries", program.Write: "writes", program.Block: "blocking calls", program.Acquire: "resources",
	program.Spawn: "tasks and threads", program.Decide: "comparisons on a limit",
}

// guardHas say in words that a guard is there.
var guardHas = map[program.GuardKind]string{
	program.Deadline: "have a deadline of their own", program.RetryBound: "are retried with a bound", program.Fallback: "have a fallback",
	program.Idempotency: "are keyed, so that repeating them does no harm", program.Transaction: "are made in a transaction",
	program.Offload: "run off the event loop", program.Release: "are released on every path",
	program.Authorization: "refuse the unauthorised", program.Validation: "validate what comes in", program.Bound: "are bounded",
	program.Boundary: "are tested at the limit and on both sides", program.Cancellation: "have an owner that awaits or cancels them",
}

func guardSentence(v *Invariant) string {
	noun := effectNouns[v.Effect]
	switch v.Effect {
	case program.Wait:
		noun = "waits for the " + v.Subject
		if v.Subject == "task" || v.Subject == "future" || v.Subject == "lock" || v.Subject == "queue" {
			noun = "waits for a " + v.Subject
		}
	case program.Admit:
		noun = v.Subject + " handlers"
	}
	has := guardHas[v.Guard]
	if v.Guard == program.Authorization && v.Habit != "" {
		has = "are behind " + v.Habit
	}
	return fmt.Sprintf("%s%s %s", noun, v.Scope.phrase(), has)
}

// phrase says in words what the places of a scope have in common, with a space before it.
func (s Scope) phrase() string {
	switch s.Kind {
	case InClass:
		return " in class " + plainName(s.Name)
	case InModule:
		return " in " + s.Name
	case OfCallee:
		return " by " + s.Name
	case InBase:
		return " in subclasses of " + plainName(s.Name)
	case OfRoute:
		return " by " + strings.ToUpper(s.Name)
	case OfLibrary:
		return " through " + s.Name
	case InPackage:
		return " under " + s.Name + "/"
	}
	return ""
}

// plainName writes a qualified name of the program as "symbol of module"; a library's stays as it is.
func plainName(name string) string {
	if module, symbol, ok := strings.Cut(name, ":"); ok {
		return symbol + " of " + module
	}
	return name
}
