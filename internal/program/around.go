package program

import (
	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// Context is one context manager (or decorator used as one) that is entered around a place.
type Context struct {
	// Item is the context expression, with a decorator's parameter replaced by the argument given for it.
	Item ExprRef
	// Values is what the expression denotes.
	Values []Value
	// Entry is the catalog's row for the callable or the class of the object, nil where it has none.
	Entry *catalog.Entry
	// From is "scope" for a with statement around the place, "decorator" and "helper" (a generator function under
	// @contextmanager that enters it around its yield).
	From string
	// Async is true for "async with".
	Async bool
}

// Contexts gives the context managers around statement s of fn, innermost first: those of its with statements, of
// project context managers these call, and of the decorators of fn.
func (e *Eval) Contexts(fn Func, s fact.Stmt) []Context {
	contexts := e.withContexts(nil, fn.File, s, "scope", 0)
	return e.decoratorContexts(contexts, fn)
}

// maxHelpers bounds how many project context managers are looked through.
const maxHelpers = 4

func (e *Eval) withContexts(contexts []Context, file FileID, s fact.Stmt, from string, depth int) []Context {
	facts := e.p.Files[file]
	for item := range WithItems(facts, s) {
		contexts = e.addContext(contexts, ExprRef{file, facts.Stmts[item].A}, from, facts.Stmts[facts.Stmts[item].Parent].Flag, depth)
	}
	return contexts
}

func (e *Eval) addContext(contexts []Context, item ExprRef, from string, async bool, depth int) []Context {
	values := e.Of(item)
	contexts = append(contexts, Context{Item: item, Values: values, Entry: e.contextEntry(item, values), From: from, Async: async})
	if depth >= maxHelpers {
		return contexts
	}
	for i := range values {
		if v := &values[i]; v.Kind == Instance && v.Path == "builtins.generator" && v.Def != (Func{}) {
			for _, y := range e.p.index[v.Def.File].yields.of(v.Def.Scope) {
				contexts = e.withContexts(contexts, v.Def.File, e.p.Files[v.Def.File].Exprs[y.at].Stmt, "helper", depth+1)
			}
		}
	}
	return contexts
}

// contextEntry finds the row of a context expression: of the callable where it is a call, else of the object's class.
func (e *Eval) contextEntry(item ExprRef, values []Value) *catalog.Entry {
	if call := e.p.CallAt(item.File, item.Expr); call != nil && call.Entry != nil {
		return call.Entry
	}
	for i := range values {
		if values[i].Path != "" {
			if entry := e.p.entry(values[i].Path); entry != nil {
				return entry
			}
		}
	}
	return nil
}

// decoratorContexts adds what the decorators of fn enter around every call of it.
func (e *Eval) decoratorContexts(contexts []Context, fn Func) []Context {
	facts := e.p.Files[fn.File]
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		ref := ExprRef{fn.File, decorator}
		values := e.Of(ref)
		if entry := e.contextEntry(ref, values); entry != nil {
			contexts = append(contexts, Context{Item: ref, Values: values, Entry: entry, From: "decorator"})
			continue
		}
		for i := range values {
			if values[i].Kind == Function {
				contexts = e.wrapperContexts(contexts, values[i].Def, ref)
			}
		}
	}
	return contexts
}

// wrapperContexts adds the context managers that a decorator of the program enters around its call of the function
// it decorates. decorator is the expression behind the "@".
func (e *Eval) wrapperContexts(contexts []Context, decorate Func, decorator ExprRef) []Context {
	call, ok := e.p.WrappedCall(decorate)
	if !ok {
		return contexts
	}
	facts := e.p.Files[decorate.File]
	first := len(contexts)
	contexts = e.withContexts(contexts, decorate.File, facts.Exprs[call.Expr].Stmt, "decorator", 0)
	for i := first; i < len(contexts); i++ {
		if arg := e.decoratorArgument(contexts[i].Item, decorator); arg.Expr != 0 {
			contexts[i].Item, contexts[i].Values = arg, e.Of(arg)
			contexts[i].Entry = e.contextEntry(arg, contexts[i].Values)
		}
	}
	return contexts
}

// WrappedCall finds, inside a decorator function of the program, the call of the function that it decorates: a call
// of its first parameter by the decorator or a function nested in it.
func (p *Program) WrappedCall(decorate Func) (call ExprRef, ok bool) {
	facts := p.Files[decorate.File]
	params := facts.ParamsOf(decorate.Scope)
	if len(params) == 0 {
		return ExprRef{}, false
	}
	wrapped := params[0].Symbol
	if selfClassOf(facts, wrapped) != fact.NoScope {
		return ExprRef{}, false
	}
	span := facts.Scopes[decorate.Scope].Span
	for _, expr := range p.index[decorate.File].calls {
		x := &facts.Exprs[expr]
		if x.Start < span.Start || x.End > span.End {
			continue
		}
		if callee := &facts.Exprs[x.A]; callee.Kind == fact.Name && callee.Sym == wrapped {
			return ExprRef{decorate.File, expr}, true
		}
	}
	return ExprRef{}, false
}

// decoratorArgument gives the argument that the decorator expression "@factory(argument)" passes for the parameter
// that item names; the zero ExprRef where item is no such parameter.
func (e *Eval) decoratorArgument(item, decorator ExprRef) ExprRef {
	facts := e.p.Files[item.File]
	x := &facts.Exprs[item.Expr]
	if x.Kind != fact.Name || x.Sym == 0 || facts.Symbols[x.Sym].Flags&fact.BoundParam == 0 {
		return ExprRef{}
	}
	if e.p.Files[decorator.File].Exprs[decorator.Expr].Kind != fact.Call {
		return ExprRef{}
	}
	for position, param := range facts.ParamsOf(facts.Symbols[x.Sym].Scope) {
		if param.Symbol != x.Sym {
			continue
		}
		if value, _ := e.p.Files[decorator.File].Argument(decorator.Expr, facts.Text(param.Name), position); value != 0 {
			return ExprRef{decorator.File, value}
		}
		return ExprRef{item.File, param.Default}
	}
	return ExprRef{}
}

// maxCallerDepth bounds how far up a guard is looked for in callers.
const maxCallerDepth = 4

// callerGuard is a question about one call: the guards that it gives to what is called, and whether they are such as
// every call has to give.
type callerGuard func(e *Eval, site CallSite) (guards []Guard, holds bool)

// callerGuards are all such questions, by whose answers a part of the program tells whether it matters to others.
var callerGuards = []callerGuard{deadlineAtCall, transactionAtCall, lockAtCall, startAtCall}

// everyCaller says whether all known calls of fn give the guard, directly or because all calls of the calling
// function do. It is false where no call is known, and calls from tests do not count. What each call gives is handed
// to each, in the order of the calls.
func (p *Program) everyCaller(fn Func, guard callerGuard, each func(guards []Guard)) bool {
	holds := func(site CallSite) bool {
		guards, ok := guard(p.Eval(site.File), site)
		if ok {
			each(guards)
		}
		return ok
	}
	w := callerWalk{p: p, holds: holds, seen: map[Func]bool{}, ask: Ask{Root: fn}}
	for i := range w.ask.Through {
		w.ask.Through[i] = noFile
	}
	every := w.every(fn, maxCallerDepth)
	w.ask.Settled = !every && !w.cut
	p.asked.note(w.ask)
	return every
}

// callerWalk is one question about callers, and what its answer rests on.
type callerWalk struct {
	p     *Program
	holds func(site CallSite) bool
	seen  map[Func]bool // true where all calls satisfy, false while they are being looked at
	ask   Ask
	cut   bool // an answer was cut short, as the function is already being asked about
}

func (w *callerWalk) every(fn Func, depth int) bool {
	if depth == 0 {
		return false
	}
	if satisfied, asked := w.seen[fn]; asked {
		w.cut = w.cut || !satisfied
		return satisfied
	}
	w.seen[fn] = false
	any := false
	for _, site := range w.p.Callers(fn) {
		if w.p.IsTest(site.File) && !w.p.IsTest(fn.File) {
			continue
		}
		any = true
		if w.holds(site) {
			continue
		}
		if !w.every(Func{site.File, w.p.Call(site).Func}, depth-1) {
			w.ask.Through[depth-1] = site.File
			return false
		}
	}
	if !any {
		w.ask.End = fn
	}
	w.seen[fn] = any
	return any
}
