package learn

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// functions mines what functions that play the same part do alike: handlers of a module, and overrides of one method.
func (m *miner) functions() {
	q := newPool()
	routes := m.routes()
	for file := range m.p.Files {
		if !m.own[file] {
			continue
		}
		facts := m.p.Files[file]
		for s := range facts.Scopes {
			if facts.Scopes[s].Kind == fact.FunctionScope {
				fn := program.Func{File: program.FileID(file), Scope: fact.Scope(s)}
				m.function(q, fn, routes[fn])
			}
		}
	}
	whole := func(g *group) *group {
		return q.groups[groupKey{Scope{Kind: InProgram}, g.subject, g.effect}]
	}
	for _, c := range q.widest(q.candidates(whole)) {
		v := m.invariant(q, &c)
		v.Statement = functionSentence(&v)
		m.found = append(m.found, v)
	}
}

// routes gives the functions that a framework calls with outside input, with what kind of handler they are.
func (m *miner) routes() map[program.Func]string {
	kinds := map[program.Func]string{}
	sites := m.p.Sites(program.Admit)
	for i := range sites {
		if kind, ok := m.subject(&sites[i]); ok {
			kinds[sites[i].Func] = kind
		}
	}
	return kinds
}

// function puts one function into the groups of those that play its part. kind is that of a handler, "" for others.
func (m *miner) function(q *pool, fn program.Func, kind string) {
	facts := m.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	name := facts.Text(scope.Name)
	var keys []groupKey
	if kind != "" {
		keys = append(keys, groupKey{Scope{Kind: InProgram}, kind, program.Admit})
		keys = m.placeGroups(keys, fn, kind, program.Admit)
	} else if class, ok := m.directClass(fn); ok {
		for i, base := range m.p.Ancestors(class) {
			if i > 0 && base.Kind == program.Class && m.overrides(base.Def, name) {
				keys = append(keys, groupKey{Scope{InBase, m.p.QualifiedName(base.Def)}, name, program.NoEffect})
			}
		}
	}
	if len(keys) == 0 {
		return
	}
	habits := m.decorators(fn)
	habits = append(habits, m.bodyHabits(fn, name)...)
	place := member{at: m.place(fn.File, scope.NameSpan), fn: fn, text: m.p.Symbol(fn)}
	q.add(place, keys, habits)
}

// directClass is the class that a method is defined in itself.
func (m *miner) directClass(fn program.Func) (program.Func, bool) {
	facts := m.p.Files[fn.File]
	parent := facts.Scopes[fn.Scope].Parent
	if parent == fact.NoScope || facts.Scopes[parent].Kind != fact.ClassScope {
		return program.Func{}, false
	}
	return program.Func{File: fn.File, Scope: parent}, true
}

// overrides reports whether a class defines the method itself, so that one of a subclass overrides it.
func (m *miner) overrides(base program.Func, name string) bool {
	return m.p.Files[base.File].Lookup(base.Scope, name) != 0
}

// decorators gives the decorators of a function that are neither of the language nor the route itself.
func (m *miner) decorators(fn program.Func) []habit {
	facts := m.p.Files[fn.File]
	var habits []habit
	for _, d := range m.p.Decorators(fn) {
		callee := d
		if facts.Exprs[d].Kind == fact.Call {
			callee = facts.Exprs[d].A
		}
		text := m.p.Text(program.ExprRef{File: fn.File, Expr: callee})
		last := text[strings.LastIndexByte(text, '.')+1:]
		if !isPlainDecorator(text, last) {
			habits = append(habits, habit{Decorator, guardWord(last), text})
		}
	}
	return habits
}

// isPlainDecorator reports whether a decorator belongs to the language or to typing, or makes a route.
func isPlainDecorator(text, last string) bool {
	switch last {
	case "property", "staticmethod", "classmethod", "abstractmethod", "override", "overload", "cached_property", "setter", "getter",
		"deleter", "wraps", "contextmanager", "asynccontextmanager", "lru_cache", "cache", "final", "singledispatch", "fixture",
		"get", "post", "put", "patch", "delete", "head", "options", "route", "websocket", "command", "group", "option", "argument",
		"register", "action", "receiver", "task", "shared_task", "listens_for", "profile":
		return true
	}
	return strings.HasPrefix(text, "pytest.") || strings.HasPrefix(text, "typing.") || strings.HasPrefix(text, "click.")
}

// bodyHabits gives what a function does that could be what its likes do: it calls the method that it overrides, and
// functions of the program that speak of a guard.
func (m *miner) bodyHabits(fn program.Func, name string) []habit {
	facts := m.p.Files[fn.File]
	var habits []habit
	calls := m.p.Calls(fn.File)
	for i := firstCall(facts, calls, fn.Scope); i < len(calls); i++ {
		call := &calls[i]
		if facts.Exprs[call.Expr].Start >= facts.Scopes[fn.Scope].End {
			break
		}
		if call.Func != fn.Scope {
			continue
		}
		callee := &facts.Exprs[facts.Exprs[call.Expr].A]
		if callee.Kind == fact.Attr && facts.Text(callee.Text) == name && (m.isSuper(fn.File, callee.A) || m.isOfBase(fn, call)) {
			habits = append(habits, habit{Super, "", name})
			continue
		}
		if len(call.Targets) == 1 {
			if guard := guardWord(facts.Text(callee.Text)); guard != "" {
				habits = append(habits, habit{Call, guard, m.p.QualifiedName(call.Targets[0])})
			}
		}
	}
	return habits
}

// firstCall is the first call at or behind the start of a scope.
func firstCall(facts *fact.File, calls []program.CallInfo, scope fact.Scope) int {
	start := facts.Scopes[scope].Start
	low, high := 0, len(calls)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if facts.Exprs[calls[middle].Expr].End <= start {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

func (m *miner) isSuper(file program.FileID, e fact.Expr) bool {
	facts := m.p.Files[file]
	x := &facts.Exprs[e]
	return x.Kind == fact.Call && facts.Exprs[x.A].Kind == fact.Name && facts.Text(facts.Exprs[x.A].Text) == "super"
}

// isOfBase reports whether a method calls one of a base class by the name of the class.
func (m *miner) isOfBase(fn program.Func, call *program.CallInfo) bool {
	class, ok := m.directClass(fn)
	if !ok {
		return false
	}
	for _, target := range call.Targets {
		home, ok := m.directClass(target)
		for _, base := range m.p.Ancestors(class) {
			if ok && home != class && base.Kind == program.Class && base.Def == home {
				return true
			}
		}
	}
	return false
}

func functionSentence(v *Invariant) string {
	who := fmt.Sprintf("overrides of %s in subclasses of %s", v.Subject, plainName(v.Scope.Name))
	if v.Effect == program.Admit {
		who = v.Subject + " handlers" + v.Scope.phrase()
	}
	switch v.Kind {
	case Decorator:
		return fmt.Sprintf("%s are decorated with @%s", who, v.Habit)
	case Super:
		return fmt.Sprintf("%s call the method that they override", who)
	}
	return fmt.Sprintf("%s call %s", who, plainName(v.Habit))
}
