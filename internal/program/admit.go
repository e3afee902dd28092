package program

import (
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// The rules that a place which takes outside input may break.
const (
	assertAsValidation  = "assert-as-validation"
	unvalidatedBoundary = "unvalidated-boundary"
)

// admitSites finds where a file takes outside input: the handlers that a framework calls, with what authorises and
// validates them, raw input that is used as it came, and asserts that stand in for validation.
func (p *Program) admitSites(eval *Eval, file FileID) []Site {
	endpoints := eval.endpoints(file)
	sites := make([]Site, 0, len(endpoints))
	for i := range endpoints {
		sites = append(sites, eval.endpointSite(file, &endpoints[i]))
	}
	sites = eval.assertSites(sites, file)
	sites = eval.rawSites(sites, file, endpoints)
	sort.SliceStable(sites, func(i, j int) bool { return sites[i].At.Start < sites[j].At.Start })
	return sites
}

// endpoint is a function that a framework calls with outside input.
type endpoint struct {
	fn fact.Scope
	// entry is the catalogue's row by which it does, and where the decorator that says so; the zero ExprRef where it is
	// the name of a method.
	entry *catalog.Entry
	where ExprRef
}

// endpoints finds the entry points of a file.
func (e *Eval) endpoints(file FileID) []endpoint {
	facts := e.p.Files[file]
	var found []endpoint
	last := fact.NoScope // most methods stand with the others of their class
	var handlers []*catalog.Entry
	registered := e.registeredIn(file)
	for s := range facts.Scopes {
		if facts.Scopes[s].Kind != fact.FunctionScope {
			continue
		}
		one := endpoint{fn: fact.Scope(s)}
		one.entry, one.where = e.decoratedEndpoint(Func{file, one.fn})
		if class := facts.Scopes[s].Parent; one.entry == nil && class != fact.NoScope && facts.Scopes[class].Kind == fact.ClassScope {
			if class != last {
				last, handlers = class, e.handlersOf(Func{file, class})
			}
			one.entry = handlerNamed(handlers, facts.Text(facts.Scopes[s].Name))
		}
		if one.entry == nil && registered[one.fn].entry != nil {
			one = registered[one.fn]
		}
		if one.entry != nil {
			found = append(found, one)
		}
	}
	return found
}

// registeredIn gives the functions of a file that a call in it makes entry points: app.add_url_rule("/x", view_func=f).
func (e *Eval) registeredIn(file FileID) map[fact.Scope]endpoint {
	var found map[fact.Scope]endpoint
	for _, i := range e.p.marked[file] {
		call := &e.p.calls[file][i]
		if call.Entry == nil || call.Entry.Endpoint == nil || call.Entry.Endpoint.Handler == nil {
			continue
		}
		position := -1
		if p := call.Entry.Endpoint.Handler.Position; p != nil {
			position = *p
		}
		value, _ := e.p.Files[file].Argument(call.Expr, call.Entry.Endpoint.Handler.Name, position)
		if value == 0 {
			continue
		}
		if v := e.One(ExprRef{file, value}); v.Kind == Function && v.Def.File == file && found[v.Def.Scope].entry == nil {
			found = put(found, v.Def.Scope, endpoint{fn: v.Def.Scope, entry: call.Entry, where: ExprRef{file, call.Expr}})
		}
	}
	return found
}

// decoratedEndpoint is the row by which a decorator of fn makes it an entry point, and that decorator.
func (e *Eval) decoratedEndpoint(fn Func) (*catalog.Entry, ExprRef) {
	facts := e.p.Files[fn.File]
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		ref := ExprRef{fn.File, decorator}
		if entry := e.contextEntry(ref, e.Of(ref)); entry != nil && entry.Endpoint != nil {
			return entry, ref
		}
	}
	return nil, ExprRef{}
}

// handlersOf gives the rows of those bases of a class whose methods are entry points.
func (e *Eval) handlersOf(class Func) []*catalog.Entry {
	var handlers []*catalog.Entry
	for _, base := range e.p.Ancestors(class) {
		if base.Kind != External {
			continue
		}
		if entry := e.p.entry(base.Path); entry != nil && entry.Endpoint != nil {
			handlers = append(handlers, entry)
		}
	}
	return handlers
}

func handlerNamed(handlers []*catalog.Entry, name string) *catalog.Entry {
	for _, entry := range handlers {
		if slices.Contains(entry.Endpoint.Methods, name) {
			return entry
		}
	}
	return nil
}

func (e *Eval) endpointSite(file FileID, of *endpoint) Site {
	fn := Func{file, of.fn}
	scope := &e.p.Files[file].Scopes[of.fn]
	return Site{
		Effect: Admit, Func: fn, At: Place{file, scope.NameSpan}, Stmt: scope.Stmt, What: of.entry.Endpoint.Kind,
		Entry: of.entry, Text: e.p.Symbol(fn), Detail: of.entry.Endpoint.Kind, Strict: e.p.IsTest(file),
		Guards: e.authorizations(fn, of.entry, of.where),
	}
}

// authorizations collects what refuses a caller before fn runs: decorators, dependencies of the route, its router and
// its parameters, and mixins and class attributes of a view class.
func (e *Eval) authorizations(fn Func, entry *catalog.Entry, where ExprRef) []Guard {
	var guards []Guard
	facts := e.p.Files[fn.File]
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		ref := ExprRef{fn.File, decorator}
		if row := e.contextEntry(ref, e.Of(ref)); row.Has(catalog.RoleAuthorization) {
			guards = append(guards, Guard{Kind: Authorization, From: "decorator", Text: e.p.Text(ref), Where: e.p.PlaceOf(ref)})
		}
	}
	if where.Expr != 0 {
		guards = e.dependencies(guards, where, entry.Endpoint.Dependencies, "route")
		if router := e.router(where); router.Expr != 0 {
			guards = e.dependencies(guards, router, entry.Endpoint.Dependencies, "router")
		}
	}
	for _, param := range facts.ParamsOf(fn.Scope) {
		for _, candidate := range []fact.Expr{param.Default, annotatedDependency(facts, param.Annotation)} {
			if candidate != 0 {
				guards = e.dependency(guards, ExprRef{fn.File, candidate}, "parameter")
			}
		}
	}
	return e.viewGuards(guards, fn, entry)
}

// annotatedDependency gives the Depends(...) of Annotated[T, Depends(...)].
func annotatedDependency(facts *fact.File, annotation fact.Expr) fact.Expr {
	x := &facts.Exprs[annotation]
	if x.Kind != fact.Subscript {
		return 0
	}
	index := &facts.Exprs[x.B]
	if index.Kind != fact.Tuple {
		return 0
	}
	for _, part := range facts.List(index.Ops)[1:] {
		if facts.Exprs[part].Kind == fact.Call {
			return part
		}
	}
	return 0
}

// dependencies adds the guards in a list argument such as dependencies=[Depends(require_user)].
func (e *Eval) dependencies(guards []Guard, call ExprRef, name, from string) []Guard {
	facts := e.p.Files[call.File]
	if name == "" || facts.Exprs[call.Expr].Kind != fact.Call {
		return guards
	}
	list, _ := facts.Argument(call.Expr, name, -1)
	if list == 0 {
		return guards
	}
	for _, item := range facts.OperandsOf(list) {
		guards = e.dependency(guards, ExprRef{call.File, item}, from)
	}
	return guards
}

// dependency adds Depends(f) where f refuses: it raises on some path.
func (e *Eval) dependency(guards []Guard, ref ExprRef, from string) []Guard {
	call := e.p.CallAt(ref.File, ref.Expr)
	if call == nil || !strings.HasSuffix(call.Path, ".Depends") && !strings.HasSuffix(call.Path, ".Security") {
		return guards
	}
	args := e.p.Files[ref.File].OperandsOf(ref.Expr)
	if len(args) == 0 {
		return guards
	}
	v := e.One(ExprRef{ref.File, args[0]})
	if v.Kind == Function && !e.refuses(v.Def) {
		return guards
	}
	text := e.p.Text(ExprRef{ref.File, args[0]})
	return append(guards, Guard{Kind: Authorization, From: from, Text: "depends on " + text, Where: e.p.PlaceOf(ref)})
}

// refuses says whether a function raises or aborts on some path.
func (e *Eval) refuses(fn Func) bool {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	for s := scope.BodyFirst; s < scope.BodyEnd; s++ {
		if facts.Stmts[s].Kind == fact.Raise {
			return true
		}
	}
	return false
}

// router gives the construction of the object whose method decorates a route: APIRouter(...), FastAPI(...).
func (e *Eval) router(decorator ExprRef) ExprRef {
	call := e.p.CallAt(decorator.File, decorator.Expr)
	if call == nil || call.Receiver.Kind != Instance {
		return ExprRef{}
	}
	return call.Receiver.Origin
}

// viewGuards adds the mixins and class attributes of a view class that authorise.
func (e *Eval) viewGuards(guards []Guard, fn Func, entry *catalog.Entry) []Guard {
	facts := e.p.Files[fn.File]
	class := facts.Scopes[fn.Scope].Parent
	if class == fact.NoScope || facts.Scopes[class].Kind != fact.ClassScope {
		return guards
	}
	for _, base := range e.p.Ancestors(Func{fn.File, class}) {
		if base.Kind == External && e.p.entry(base.Path).Has(catalog.RoleAuthorization) {
			guards = append(guards, Guard{Kind: Authorization, From: "base class", Text: base.Path, Where: Place{fn.File, facts.Scopes[class].NameSpan}})
		}
	}
	for _, name := range entry.Endpoint.Guards {
		sym := facts.Lookup(class, name)
		if sym == 0 {
			continue
		}
		for _, def := range facts.DefsOf(sym) {
			if def.Value == 0 || facts.Exprs[def.Value].Ops.Count == 0 {
				continue
			}
			ref := ExprRef{fn.File, def.Value}
			guards = append(guards, Guard{Kind: Authorization, From: "class attribute", Text: name + "=" + e.p.Text(ref), Where: e.p.PlaceOf(ref)})
		}
	}
	return guards
}
