package program

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// rawSites adds the places where outside input is used as it came: elements of a request's body that are passed on
// without a schema or conversion, and annotated names that claim a type for an element of an untyped mapping.
// endpoints are the functions of the file that a framework calls.
func (e *Eval) rawSites(sites []Site, file FileID, endpoints []endpoint) []Site {
	if e.p.IsTest(file) {
		return sites
	}
	facts := e.p.Files[file]
	for _, source := range e.rawSources(file, endpoints) {
		if use := e.firstRawUse(file, &source); use != 0 {
			sites = append(sites, e.rawSite(file, use, source.what))
		}
	}
	for _, s := range e.p.index[file].spots.claims {
		if st := &facts.Stmts[s]; e.claimsType(file, st) {
			sites = append(sites, e.rawSite(file, st.A, "mapping"))
		}
	}
	return sites
}

func (e *Eval) rawSite(file FileID, use fact.Expr, what string) Site {
	facts := e.p.Files[file]
	x := &facts.Exprs[use]
	return Site{
		Effect: Admit, Func: Func{file, callerScope(facts, x.Scope)}, At: Place{file, x.Span}, Expr: use, Stmt: x.Stmt,
		What: what, Text: e.p.Text(ExprRef{file, use}), Detail: e.p.Text(ExprRef{file, use}), Fault: unvalidatedBoundary,
	}
}

// claimsType says whether "x: int = data['x']" takes an element of a dict parameter of a public function: the
// annotation is believed by the type checker and checked by nobody.
func (e *Eval) claimsType(file FileID, st *fact.StmtInfo) bool {
	facts := e.p.Files[file]
	value := &facts.Exprs[st.A]
	if value.Kind != fact.Subscript || facts.Exprs[st.B].Kind != fact.Name || !isPublic(facts, st.Scope) || e.mediated(Func{file, st.Scope}) {
		return false
	}
	if facts.Exprs[value.B].Kind != fact.StrConst {
		return false
	}
	source := &facts.Exprs[value.A]
	if source.Kind != fact.Name || source.Sym == 0 || facts.Symbols[source.Sym].Flags&fact.BoundParam == 0 || !namesInput(facts.Text(source.Text)) {
		return false
	}
	if !isScalarType(facts, st.C) || e.validatedIn(file, source.Sym, st.Scope) {
		return false
	}
	v := e.One(ExprRef{file, value.A})
	return v.Kind == Instance && v.Path == "builtins.dict"
}

// namesInput says whether the name of a parameter speaks of what came from outside, rather than of the program's own
// settings or state.
func namesInput(name string) bool {
	return slices.ContainsFunc(Words(name), func(word string) bool {
		switch word {
		case "data", "payload", "body", "event", "message", "msg", "params", "request", "req", "form", "input", "json", "raw", "obj", "record", "row",
			"item", "doc", "document", "order":
			return true
		}
		return false
	})
}

// mediated says whether a framework may stand between the caller and the function and validate: it is decorated, or a
// method of a class with bases.
func (e *Eval) mediated(fn Func) bool {
	scope := &e.p.Files[fn.File].Scopes[fn.Scope]
	if scope.Decorators.Count > 0 {
		return true
	}
	class := e.p.Files[fn.File].Class(fn.Scope)
	return class != fact.NoScope && len(e.p.Bases(Func{fn.File, class})) > 0
}

func isScalarType(facts *fact.File, annotation fact.Expr) bool {
	x := &facts.Exprs[annotation]
	if x.Kind != fact.Name || x.Sym != 0 {
		return false
	}
	switch facts.Text(x.Text) {
	case "int", "float", "str", "bool", "bytes":
		return true
	}
	return false
}

// rawSource is outside input as it came: an expression that gives it, or a parameter that is bound to it.
type rawSource struct {
	what string
	fn   fact.Scope
	expr fact.Expr // 0 for a parameter
	sym  fact.Sym  // the name that holds it, 0 where none does
}

// rawSources finds the outside input of a file that may be used as it came: the bodies of requests, JSON decoded from
// them or from the event of a function service, and parameters of validating routes that are declared as plain mappings.
func (e *Eval) rawSources(file FileID, endpoints []endpoint) []rawSource {
	facts := e.p.Files[file]
	var sources []rawSource
	add := func(expr fact.Expr) {
		if fn := callerScope(facts, facts.Exprs[expr].Scope); fn != 0 && e.givesBody(file, expr) {
			sources = append(sources, rawSource{what: "request body", fn: fn, expr: expr, sym: heldBy(facts, expr)})
		}
	}
	for _, i := range e.p.marked[file] {
		if call := e.p.calls[file][i].Expr; isLookedInto(facts, call) {
			add(call)
		}
	}
	known := map[selfAttribute]bool{}
	for _, expr := range e.p.index[file].spots.elements {
		of, ok := selfAttributeOf(facts, &facts.Exprs[expr])
		if gives, seen := known[of]; ok && seen && !gives {
			continue
		}
		before := len(sources)
		add(expr)
		if ok && callerScope(facts, facts.Exprs[expr].Scope) != 0 {
			known[of] = len(sources) > before
		}
	}
	slices.SortFunc(sources, func(a, b rawSource) int { return cmp.Compare(a.expr, b.expr) })
	for i := range endpoints {
		if one := &endpoints[i]; one.entry.Endpoint.Validates {
			for _, param := range facts.ParamsOf(one.fn) {
				if e.plainMapping(file, param.Annotation) {
					sources = append(sources, rawSource{what: "request body", fn: one.fn, sym: param.Symbol})
				}
			}
		}
	}
	return sources
}

// isLookedInto says whether an element of what an expression gives may be taken, as far as that can be followed: at once,
// as in request.json["name"], or through the name that it is assigned to.
func isLookedInto(facts *fact.File, expr fact.Expr) bool {
	up := facts.Exprs[expr].Parent
	if up != 0 && facts.Exprs[up].Kind == fact.Await {
		expr, up = up, facts.Exprs[up].Parent
	}
	if up != 0 {
		return facts.Exprs[up].Kind == fact.Subscript && facts.Exprs[up].A == expr || facts.Exprs[up].Kind == fact.Await
	}
	return heldBy(facts, expr) != 0
}

// selfAttribute is an attribute of the objects of a class, which is the same in all its methods.
type selfAttribute struct {
	class fact.Scope
	name  fact.Str
}

// selfAttributeOf reads "self.name" in a method that does not bind self anew.
func selfAttributeOf(facts *fact.File, x *fact.ExprInfo) (selfAttribute, bool) {
	if x.Kind != fact.Attr || facts.Exprs[x.A].Kind != fact.Name {
		return selfAttribute{}, false
	}
	sym := facts.Exprs[x.A].Sym
	if sym == 0 || facts.Symbols[sym].DefCount != 1 {
		return selfAttribute{}, false
	}
	method := &facts.Scopes[facts.Symbols[sym].Scope]
	class := selfClassOf(facts, sym)
	if class == fact.NoScope || method.Flags&fact.IsClass != 0 || facts.Text(method.Name) == "__new__" {
		return selfAttribute{}, false
	}
	return selfAttribute{class, x.Text}, true
}

// isCallee says whether an expression is what a call calls.
func isCallee(facts *fact.File, expr fact.Expr) bool {
	up := &facts.Exprs[facts.Exprs[expr].Parent]
	return up.Kind == fact.Call && up.A == expr
}

// givesBody says whether an expression gives the raw body of a request: as the catalogue says, or JSON decoded from
// such a body or from event["body"].
func (e *Eval) givesBody(file FileID, expr fact.Expr) bool {
	facts := e.p.Files[file]
	x := &facts.Exprs[expr]
	if x.Kind == fact.Attr {
		v := e.One(ExprRef{file, expr})
		return v.Path != "" && v.Kind != Instance && e.p.entry(v.Path).Has(catalog.RoleRequestBody)
	}
	call := e.p.CallAt(file, expr)
	if call == nil {
		return false
	}
	if call.Entry.Has(catalog.RoleRequestBody) {
		return !e.decoded(file, expr)
	}
	if !decodesJSON(call.Path) {
		return false
	}
	args := facts.OperandsOf(expr)
	if len(args) == 0 {
		return false
	}
	arg := &facts.Exprs[args[0]]
	if arg.Kind == fact.Await {
		arg = &facts.Exprs[arg.A]
	}
	switch arg.Kind {
	case fact.Call, fact.Attr:
		inner := e.p.CallAt(file, args[0])
		if arg.Kind == fact.Call {
			inner = e.p.CallAt(file, unwrapAwait(facts, args[0]))
		}
		return inner != nil && inner.Entry.Has(catalog.RoleRequestBody)
	case fact.Subscript:
		key := &facts.Exprs[arg.B]
		return key.Kind == fact.StrConst && facts.Text(key.Text) == "body" && e.isParameter(ExprRef{file, arg.A})
	}
	return false
}

func decodesJSON(path string) bool {
	return path == "json.loads" || path == "orjson.loads" || path == "ujson.loads"
}

func unwrapAwait(facts *fact.File, e fact.Expr) fact.Expr {
	if facts.Exprs[e].Kind == fact.Await {
		return facts.Exprs[e].A
	}
	return e
}

// decoded says whether the bytes of a body go straight into a decoder, which is then the source.
func (e *Eval) decoded(file FileID, expr fact.Expr) bool {
	facts := e.p.Files[file]
	up := facts.Exprs[expr].Parent
	if up != 0 && facts.Exprs[up].Kind == fact.Await {
		up = facts.Exprs[up].Parent
	}
	return up != 0 && facts.Exprs[up].Kind == fact.Call
}

// plainMapping says whether a parameter is declared as a bare dict, which a framework does not look into.
func (e *Eval) plainMapping(file FileID, annotation fact.Expr) bool {
	facts := e.p.Files[file]
	x := &facts.Exprs[annotation]
	if x.Kind == fact.Subscript {
		x = &facts.Exprs[x.A]
	}
	return x.Kind == fact.Name && x.Sym == 0 && facts.Text(x.Text) == "dict"
}

// firstRawUse finds the first element of the source that is passed to other code as it is; 0 where the function
// validates the source, converts its elements or only stores it.
func (e *Eval) firstRawUse(file FileID, source *rawSource) fact.Expr {
	facts := e.p.Files[file]
	if source.sym != 0 && e.validatedIn(file, source.sym, source.fn) {
		return 0
	}
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Subscript || x.Flag || facts.Exprs[x.B].Kind != fact.StrConst || callerScope(facts, x.Scope) != source.fn {
			continue
		}
		from := unwrapAwait(facts, x.A)
		named := facts.Exprs[from].Kind == fact.Name && facts.Exprs[from].Sym == source.sym && source.sym != 0
		if !named && (source.expr == 0 || from != source.expr) {
			continue
		}
		if use := e.rawUse(file, fact.Expr(i)); use != 0 {
			return use
		}
	}
	return 0
}

// rawUse finds the call that takes an element as it is, directly or through the one name it is assigned to.
func (e *Eval) rawUse(file FileID, element fact.Expr) fact.Expr {
	facts := e.p.Files[file]
	if facts.Exprs[element].Parent != 0 {
		if outer := e.argumentOf(file, element); outer != 0 && e.takesRaw(file, outer) {
			return outer
		}
		return 0
	}
	sym := heldBy(facts, element)
	if sym == 0 || facts.Symbols[sym].DefCount != 1 {
		return 0
	}
	use := fact.Expr(0)
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Name || x.Sym != sym || x.Flag {
			continue
		}
		outer := e.argumentOf(file, fact.Expr(i))
		if outer == 0 || !e.takesRaw(file, outer) {
			return 0 // compared, converted or tested somewhere: it is looked at
		}
		if use == 0 {
			use = outer
		}
	}
	return use
}

// heldBy gives the local name that the value of an expression is assigned to, through await.
func heldBy(facts *fact.File, expr fact.Expr) fact.Sym {
	x := &facts.Exprs[expr]
	for x.Parent != 0 {
		if up := &facts.Exprs[x.Parent]; up.Kind != fact.Await {
			return 0
		}
		x = &facts.Exprs[x.Parent]
	}
	st := &facts.Stmts[x.Stmt]
	if st.Kind != fact.Assign {
		return 0
	}
	for _, target := range facts.List(st.Targets) {
		if t := &facts.Exprs[target]; t.Kind == fact.Name {
			return t.Sym
		}
	}
	return 0
}

// argumentOf gives the call of which the expression is an argument, directly or by keyword; 0 where it is none.
func (e *Eval) argumentOf(file FileID, expr fact.Expr) fact.Expr {
	facts := e.p.Files[file]
	up := facts.Exprs[expr].Parent
	if up != 0 && facts.Exprs[up].Kind == fact.Keyword {
		expr, up = up, facts.Exprs[up].Parent
	}
	if up != 0 && (facts.Exprs[up].Kind == fact.Tuple || facts.Exprs[up].Kind == fact.ListDisplay) && isStatement(facts, facts.Exprs[up].Parent) {
		expr, up = up, facts.Exprs[up].Parent // the values of a statement: execute(sql, (a, b))
	}
	if up == 0 || facts.Exprs[up].Kind != fact.Call || facts.Exprs[up].A == expr {
		return 0
	}
	return up
}

// isStatement says whether an expression is a call named for what runs a statement of a database.
func isStatement(facts *fact.File, call fact.Expr) bool {
	return call != 0 && facts.Exprs[call].Kind == fact.Call && calleeName(facts, call) == "execute"
}

// takesRaw says whether a call does something with the raw value other than converting or validating it: it is a
// function of the program that is no class with a schema, or changes something outside the process.
func (e *Eval) takesRaw(file FileID, call fact.Expr) bool {
	info := e.p.CallAt(file, call)
	if info == nil {
		return false
	}
	if e.answersErrors(file, call) || e.looksAtResult(file, call) || e.handsResultOn(file, call) || e.looksUp(file, call) {
		return false
	}
	if info.Entry != nil {
		return info.Entry.Write != nil && info.Entry.Schema == nil
	}
	if len(info.Targets) == 0 && isStatement(e.p.Files[file], call) {
		return true
	}
	return info.Class == (Func{}) && len(info.Targets) == 1 && !e.checksArguments(info.Targets[0])
}

// answersErrors says whether the call stands in the body of a try with a handler: what is wrong with the value is found
// there.
func (e *Eval) answersErrors(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	for range Handlers(facts, facts.Exprs[call].Stmt) {
		return true
	}
	return false
}

// handsResultOn says whether what a call gives is passed on whole, under a name, to other code, which may validate it: the
// call only turns the value into another form.
func (e *Eval) handsResultOn(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	sym := heldBy(facts, call)
	for i := range facts.Exprs {
		if x := &facts.Exprs[i]; sym != 0 && x.Kind == fact.Name && x.Sym == sym && !x.Flag && e.argumentOf(file, fact.Expr(i)) != 0 {
			return true
		}
	}
	return false
}

// looksUp says whether a call is named for finding what has an identity, and is given nothing raw but that: a wrong one
// finds nothing.
func (e *Eval) looksUp(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	words := Words(calleeName(facts, call))
	if len(words) == 0 || !slices.Contains([]string{"get", "find", "fetch", "lookup", "load"}, words[0]) {
		return false
	}
	for _, arg := range facts.OperandsOf(call) {
		x := &facts.Exprs[arg]
		if x.Kind == fact.Subscript {
			x = &facts.Exprs[x.B]
		}
		if name := Words(facts.Text(x.Text)); len(name) > 0 && slices.Contains([]string{"id", "pk", "uuid", "key"}, name[len(name)-1]) {
			return true
		}
	}
	return false
}

// looksAtResult says whether the result of a call is tested, as that of a look-up which finds nothing for a wrong value.
func (e *Eval) looksAtResult(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	sym := heldBy(facts, call)
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if sym == 0 || x.Kind != fact.Name || x.Sym != sym || x.Flag {
			continue
		}
		test := fact.Expr(i)
		for facts.Exprs[test].Parent != 0 {
			up := &facts.Exprs[facts.Exprs[test].Parent]
			if up.Kind != fact.Compare && up.Kind != fact.Unary && up.Kind != fact.Bool {
				break
			}
			test = facts.Exprs[test].Parent
		}
		if st := &facts.Stmts[facts.Exprs[test].Stmt]; facts.Exprs[test].Parent == 0 && (st.Kind == fact.Arm || st.Kind == fact.Assert) {
			return true
		}
	}
	return false
}

// checksArguments says whether a function of the program may be the validation itself: it raises somewhere, or its
// name says that it decodes or checks.
func (e *Eval) checksArguments(fn Func) bool {
	name := strings.ToLower(e.p.Symbol(fn))
	for _, word := range []string{"decode", "parse", "valid", "verify", "check", "clean", "sanit", "convert", "coerce"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return e.refuses(fn)
}

// validatedIn says whether a function checks what a symbol holds: passes it whole to a schema or to a function that
// raises, tests for keys in it, or looks at its type.
func (e *Eval) validatedIn(file FileID, sym fact.Sym, scope fact.Scope) bool {
	facts := e.p.Files[file]
	span := facts.Scopes[scope].Span
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Name || x.Sym != sym || x.Start < span.Start || x.End > span.End || x.Parent == 0 {
			continue
		}
		up := &facts.Exprs[x.Parent]
		switch up.Kind {
		case fact.Compare:
			if up.Op == fact.OpIn || up.Op == fact.OpNotIn {
				return true
			}
		case fact.Keyword, fact.Call:
			if e.argumentOf(file, fact.Expr(i)) != 0 {
				return true // whole, to something that may well validate it
			}
		}
	}
	return false
}
