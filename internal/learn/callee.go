package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// minCalls is how many calls of one function it takes to speak of a habit of its callers.
const minCalls = 8

// called is a function with the calls that the program makes of it.
type called struct {
	name  string
	fn    program.Func // of the program; the zero Func for a library's
	calls []program.CallSite
}

// callees mines what callers of one function do alike: an optional argument, an exception handled around the call.
func (m *miner) callees() {
	q := newPool()
	for _, c := range m.calledOften() {
		names := m.optional(&c)
		for _, site := range c.calls {
			call := m.p.Call(site)
			ref := program.ExprRef{File: site.File, Expr: call.Expr}
			place := member{at: m.callPlace(site), fn: program.Func{File: site.File, Scope: call.Func}, expr: ref}
			q.add(place, calleeKeys(c.name, "handlers"), m.handlers(ref))
			if habits, ok := m.arguments(ref, names, c.fn == (program.Func{})); ok {
				q.add(place, calleeKeys(c.name, "arguments"), habits)
			}
		}
	}
	whole := func(g *group) *group { return q.groups[groupKey{Scope{Kind: InProgram}, g.subject, g.effect}] }
	for _, c := range q.candidates(whole) {
		if c.group.scope.Kind == InProgram {
			continue
		}
		v := m.invariant(q, &c)
		if v.Kept < minCalls || !telling(&v) {
			continue
		}
		v.Statement = calleeSentence(&v)
		m.found = append(m.found, v)
	}
}

// calleeKeys gives the groups of a call: those of its callee, and those of all calls. What is counted tells two sorts of
// habits apart, as a call with a star says nothing of its arguments.
func calleeKeys(name, counted string) []groupKey {
	return []groupKey{
		{Scope{Kind: InProgram}, counted, program.NoEffect},
		{Scope{OfCallee, name}, counted, program.NoEffect},
	}
}

// minPlain is how many callers have to give an argument that speaks of no guard.
const minPlain = 16

// telling reports whether a habit of callers says more than how the function is used: somebody does without it, and it
// is an argument that guards or that very many give, or a handler of more than whatever happens.
func telling(v *Invariant) bool {
	if len(v.Deviants) == 0 {
		return v.Kind == Handler && v.Habit != "Exception" && v.Habit != "BaseException"
	}
	return v.Kind != Argument || v.Guard != "" || v.Kept >= minPlain
}

// calledOften gives the functions that production code calls often, in the order of their names.
func (m *miner) calledOften() []called {
	byName := map[string]*called{}
	for file := range m.p.Files {
		if !m.own[file] {
			continue
		}
		calls := m.p.Calls(program.FileID(file))
		for i := range calls {
			name, fn := m.calleeOf(&calls[i])
			if name == "" {
				continue
			}
			c := byName[name]
			if c == nil {
				c = &called{name: name, fn: fn}
				byName[name] = c
			}
			c.calls = append(c.calls, program.CallSite{File: program.FileID(file), Index: int32(i)})
		}
	}
	var often []called
	for _, c := range byName {
		if len(c.calls) >= minCalls {
			often = append(often, *c)
		}
	}
	slices.SortFunc(often, func(a, b called) int { return strings.Compare(a.name, b.name) })
	return often
}

// calleeOf names the one function that a call means; "" where it is not known, or one that is called for anything.
func (m *miner) calleeOf(call *program.CallInfo) (string, program.Func) {
	switch {
	case len(call.Targets) == 1:
		fn := call.Targets[0]
		if !m.own[fn.File] {
			return "", fn
		}
		return m.p.QualifiedName(fn), fn
	case len(call.Targets) == 0 && call.Entry != nil && (call.Entry.Wait != nil || call.Entry.Write != nil || call.Entry.Resource != nil):
		return call.Path, program.Func{}
	}
	return "", program.Func{}
}

// parameter is one that callers may leave out.
type parameter struct {
	name string
	// position among the arguments of a call, negative for one that is given by name only.
	position int
}

// optional gives the parameters of a function that callers may leave out; nil for a library's.
func (m *miner) optional(c *called) []parameter {
	if c.fn == (program.Func{}) {
		return nil
	}
	facts := m.p.Files[c.fn.File]
	self := 0
	if _, method := m.directClass(c.fn); method && facts.Scopes[c.fn.Scope].Flags&fact.IsStatic == 0 {
		self = 1
	}
	var found []parameter
	for i, param := range facts.ParamsOf(c.fn.Scope) {
		if param.Default == 0 {
			continue
		}
		one := parameter{facts.Text(param.Name), i - self}
		if param.Kind == fact.KeywordOnly {
			one.position = -1
		}
		found = append(found, one)
	}
	return found
}

// arguments gives the optional arguments of a call: those of the list, or for a library's function those that guard. ok
// is false where a star may hold more.
func (m *miner) arguments(ref program.ExprRef, optional []parameter, library bool) (habits []habit, ok bool) {
	facts := m.p.Files[ref.File]
	for _, arg := range facts.OperandsOf(ref.Expr) {
		x := &facts.Exprs[arg]
		if x.Kind == fact.Starred || x.Kind == fact.Keyword && x.Text == 0 {
			return nil, false
		}
		if library && x.Kind == fact.Keyword {
			if name := facts.Text(x.Text); guardWord(name) != "" {
				habits = append(habits, habit{Argument, guardWord(name), name})
			}
		}
	}
	for _, param := range optional {
		if value, _ := facts.Argument(ref.Expr, param.name, param.position); value != 0 {
			habits = append(habits, habit{Argument, guardWord(param.name), param.name})
		}
	}
	return habits, true
}

// handlers gives the exceptions that are handled around an expression.
func (m *miner) handlers(ref program.ExprRef) []habit {
	facts := m.p.Files[ref.File]
	stmt := facts.Exprs[ref.Expr].Stmt
	var habits []habit
	for outer := range program.Enclosing(facts, stmt) {
		if facts.Stmts[outer].Kind != fact.Try || !program.InBlock(facts, stmt, outer, fact.Body) {
			continue
		}
		for part := range facts.Block(outer) {
			if st := &facts.Stmts[part]; st.Kind == fact.Handler {
				for _, name := range exceptionTexts(m.p, ref.File, st.A) {
					habits = append(habits, habit{Handler, program.Fallback, name})
				}
			}
		}
	}
	return habits
}

// exceptionTexts gives the last names of the exceptions that a handler catches.
func exceptionTexts(p *program.Program, file program.FileID, caught fact.Expr) []string {
	facts := p.Files[file]
	switch x := &facts.Exprs[caught]; x.Kind {
	case fact.Name, fact.Attr:
		return []string{facts.Text(x.Text)}
	case fact.Tuple:
		var names []string
		for _, one := range facts.OperandsOf(caught) {
			names = append(names, exceptionTexts(p, file, one)...)
		}
		return names
	}
	return nil
}

// guardWord gives the guard that the name of an argument, function or decorator speaks of; "" for none.
func guardWord(name string) program.GuardKind {
	for _, word := range strings.Split(strings.ToLower(name), "_") {
		if guard, ok := guardWords[word]; ok {
			return guard
		}
	}
	return ""
}

var guardWords = map[string]program.GuardKind{
	"timeout": program.Deadline, "deadline": program.Deadline, "timeouts": program.Deadline,
	"retry": program.RetryBound, "retries": program.RetryBound, "attempts": program.RetryBound, "backoff": program.RetryBound,
	"idempotency": program.Idempotency, "idempotent": program.Idempotency, "dedupe": program.Idempotency,
	"atomic": program.Transaction, "transaction": program.Transaction, "transactional": program.Transaction,
	"lock": program.Lock, "locked": program.Lock, "synchronized": program.Lock,
	"auth": program.Authorization, "authenticated": program.Authorization, "authorize": program.Authorization, "authorized": program.Authorization,
	"permission": program.Authorization, "permissions": program.Authorization, "login": program.Authorization, "admin": program.Authorization,
	"tenant": program.Authorization, "organization": program.Authorization, "organisation": program.Authorization, "org": program.Authorization,
	"account": program.Authorization, "workspace": program.Authorization, "project": program.Authorization, "user": program.Authorization,
	"verify": program.Authorization, "csrf": program.Authorization, "scope": program.Authorization, "scopes": program.Authorization,
	"check": program.Validation, "validate": program.Validation, "validates": program.Validation, "validator": program.Validation,
	"require": program.Validation, "required": program.Validation, "requires": program.Validation, "ensure": program.Validation,
	"sanitize": program.Validation, "strict": program.Validation, "safe": program.Validation, "escape": program.Validation,
	"limit": program.Bound, "throttle": program.Bound, "ratelimit": program.Bound, "max": program.Bound, "maxsize": program.Bound,
	"shield": program.Cancellation, "cancel": program.Cancellation, "readonly": program.Immutability, "frozen": program.Immutability,
}

func calleeSentence(v *Invariant) string {
	name := plainName(v.Scope.Name)
	switch v.Kind {
	case Argument:
		return fmt.Sprintf("calls of %s give %s=", name, v.Habit)
	case Handler:
		return fmt.Sprintf("calls of %s are made where %s is handled", name, v.Habit)
	}
	return ""
}
