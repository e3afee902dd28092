package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// call gives what calling each of the callees at ref gives.
func (e *Eval) call(ref ExprRef, callees []Value) []Value {
	if len(callees) == 1 {
		if values := e.called(ref, &callees[0]); len(values) > 0 {
			return values
		}
		return unknown()
	}
	var values []Value
	for i := range callees {
		for _, v := range e.called(ref, &callees[i]) {
			values = addValue(values, v)
		}
	}
	if len(values) == 0 {
		return unknown()
	}
	return values
}

func (e *Eval) called(ref ExprRef, callee *Value) []Value {
	switch callee.Kind {
	case Class:
		return []Value{{Kind: Instance, Def: callee.Def, Origin: ref}}
	case Function:
		return e.result(callee.Def)
	case Partial:
		return e.called(ref, callee.Recv)
	case Instance:
		if callee.Path == "" {
			return e.call(ref, e.classAttribute(callee, callee.Def, "__call__"))
		}
		if path := callee.Path + ".__call__"; e.p.entry(path) != nil {
			return e.externalCall(ref, &Value{Kind: Method, Path: path, Recv: callee})
		}
	case Method:
		if callee.Path == "" {
			return e.methodResult(callee)
		}
		return e.externalCall(ref, callee)
	case External:
		return e.externalCall(ref, callee)
	}
	return unknown()
}

// methodResult is what a bound method of the program gives; "return self" gives the receiver.
func (e *Eval) methodResult(method *Value) []Value {
	e.cut = e.cut || !e.p.based
	values := e.result(method.Def)
	for i := range values {
		v := &values[i]
		if v.Kind == Instance && method.Recv != nil && method.Recv.Kind == Instance && v.Path == "" && v.Origin == (ExprRef{}) && e.p.isAncestor(method.Recv.Def, v.Def) {
			values = append([]Value(nil), values...)
			values[i] = *method.Recv
		}
	}
	return values
}

func (p *Program) isAncestor(class, ancestor Func) bool {
	for _, a := range p.Ancestors(class) {
		if a.Kind == Class && a.Def == ancestor {
			return true
		}
	}
	return false
}

// externalCall gives the result of calling something outside the program.
func (e *Eval) externalCall(ref ExprRef, callee *Value) []Value {
	facts := e.p.Files[ref.File]
	switch callee.Path {
	case "functools.partial", "functools.partialmethod":
		if args := facts.OperandsOf(ref.Expr); len(args) > 0 {
			inner := e.One(ExprRef{ref.File, args[0]})
			return []Value{{Kind: Partial, Recv: &inner, Origin: ref}}
		}
		return unknown()
	case "builtins.super":
		return e.super(ref)
	case "typing.cast":
		if args := facts.OperandsOf(ref.Expr); len(args) == 2 {
			return e.Annotation(ExprRef{ref.File, args[0]})
		}
	case "builtins.getattr":
		return e.getattr(ref)
	}
	entry := e.p.entry(callee.Path)
	if entry == nil {
		if callee.Kind == External && isClassName(callee.Path) {
			return []Value{{Kind: Instance, Path: callee.Path, Origin: ref}}
		}
		return unknown()
	}
	switch {
	case entry.Returns == "self":
		if callee.Recv != nil {
			return []Value{*callee.Recv}
		}
	case entry.Returns == "argument":
		if args := facts.OperandsOf(ref.Expr); len(args) > 0 {
			return e.Of(ExprRef{ref.File, args[0]})
		}
	case entry.Class:
		return []Value{{Kind: Instance, Path: entry.Path, Origin: ref}}
	case entry.Returns != "":
		return []Value{{Kind: Instance, Path: entry.Returns, Origin: ref, Recv: callee.Recv}}
	}
	return unknown()
}

// super finds the class whose method contains the call, or the one named in super(Class, self).
func (e *Eval) super(ref ExprRef) []Value {
	facts := e.p.Files[ref.File]
	class := facts.Class(facts.Exprs[ref.Expr].Scope)
	if class == fact.NoScope {
		return unknown()
	}
	recv := Value{Kind: Instance, Def: Func{ref.File, class}}
	return []Value{{Kind: Super, Def: Func{ref.File, class}, Recv: &recv}}
}

func (e *Eval) getattr(ref ExprRef) []Value {
	facts := e.p.Files[ref.File]
	args := facts.OperandsOf(ref.Expr)
	if len(args) < 2 || facts.Exprs[args[1]].Kind != fact.StrConst {
		return unknown()
	}
	values := e.attribute(e.Of(ExprRef{ref.File, args[0]}), facts.Text(facts.Exprs[args[1]].Text))
	if len(args) == 3 && allUnknown(values) {
		return append(append([]Value(nil), e.Of(ExprRef{ref.File, args[2]})...), Value{})
	}
	return values
}

// result gives what a function of the program returns: the values of its return statements, or its annotation
// where they show nothing. A generator function gives what its decorator makes of it.
func (e *Eval) result(fn Func) []Value {
	slot := e.p.memory.result(fn)
	if values, ok := e.recall(slot); ok {
		return values
	}
	q := e.ask(slot)
	values := unknown()
	if e.begin(fn) {
		values = e.returned(fn)
		e.end()
	}
	e.answered(q, values)
	return values
}

// returned is result without memory.
func (e *Eval) returned(fn Func) []Value {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	if scope.Kind == fact.LambdaScope {
		return e.Of(ExprRef{fn.File, scope.Value})
	}
	if scope.Flags&fact.Generator != 0 {
		return []Value{{Kind: Instance, Path: "builtins.generator", Def: fn}}
	}
	var values []Value
	for _, r := range e.p.index[fn.File].returns.of(fn.Scope) {
		if facts.IsNone(r.expr) {
			continue
		}
		for _, v := range e.Of(ExprRef{fn.File, r.expr}) {
			values = addValue(values, v)
		}
	}
	if len(values) > 0 && !allUnknown(values) {
		return values
	}
	if scope.Returns != 0 {
		return e.Annotation(ExprRef{fn.File, scope.Returns})
	}
	return unknown()
}

// entered gives what "with X as name" binds.
func (e *Eval) entered(values []Value) []Value {
	var result []Value
	for i := range values {
		for _, v := range e.enteredOne(&values[i]) {
			result = addValue(result, v)
		}
	}
	if len(result) == 0 {
		return unknown()
	}
	return result
}

func (e *Eval) enteredOne(v *Value) []Value {
	if v.Kind != Instance {
		return unknown()
	}
	if v.Path == "builtins.generator" && v.Def != (Func{}) {
		return e.yielded(v.Def) // a function under @contextmanager
	}
	if v.Path == "" {
		for _, name := range []string{"__enter__", "__aenter__"} {
			entered := single(e.classAttribute(v, v.Def, name))
			if entered.Kind == Method && entered.Path == "" {
				return e.call(ExprRef{}, []Value{entered})
			}
		}
		return []Value{*v}
	}
	entry := e.p.entry(v.Path)
	if entry == nil || entry.Enters == "" || entry.Enters == "self" {
		return []Value{*v}
	}
	if entry.Enters == "argument" { // contextlib.closing
		if v.Origin.Expr == 0 {
			return unknown()
		}
		if args := e.p.Files[v.Origin.File].OperandsOf(v.Origin.Expr); len(args) > 0 {
			return e.Of(ExprRef{v.Origin.File, args[0]})
		}
		return unknown()
	}
	return []Value{{Kind: Instance, Path: entry.Enters, Origin: v.Origin, Recv: v.Recv}}
}

// yielded gives what a generator function yields.
func (e *Eval) yielded(fn Func) []Value {
	if !e.begin(fn) {
		return unknown()
	}
	defer e.end()
	var values []Value
	for _, y := range e.p.index[fn.File].yields.of(fn.Scope) {
		if y.expr == 0 {
			continue
		}
		for _, v := range e.Of(ExprRef{fn.File, y.expr}) {
			values = addValue(values, v)
		}
	}
	if len(values) == 0 {
		return unknown()
	}
	return values
}

// Annotation gives the values that a type annotation admits: an instance of each class it names, None left out.
func (e *Eval) Annotation(ref ExprRef) []Value {
	if ref.Expr == 0 || !e.enter() {
		return unknown()
	}
	defer e.leave()
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	switch x.Kind {
	case fact.NoneConst:
		return nil
	case fact.Binary:
		if x.Op == fact.OpBitOr {
			return e.annotations(ref.File, x.A, x.B)
		}
	case fact.Name, fact.Attr:
		// Client = Annotated[AsyncClient, Depends(get_client)]
		if alias := e.Origin(ref); e.p.Files[alias.File].Exprs[alias.Expr].Kind == fact.Subscript {
			return e.Annotation(alias)
		}
		return instances(e.Of(ref))
	case fact.Subscript:
		return e.generic(ref.File, x)
	}
	return unknown()
}

// injected gives what a framework passes for a parameter that depends on a function or class of the program: what Depends
// is given returns, yields or makes. Nil where the expression is no such dependency, or nothing is known of it.
func (e *Eval) injected(ref ExprRef) []Value {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if x.Kind != fact.Call || facts.Exprs[x.A].Kind != fact.Name && facts.Exprs[x.A].Kind != fact.Attr {
		return nil
	}
	// The name first: to look up every call in a default or an annotation would cost more than what is found.
	if name := facts.Text(facts.Exprs[x.A].Text); name != "Depends" && name != "Security" || e.One(ExprRef{ref.File, x.A}).Kind != External {
		return nil
	}
	args := facts.OperandsOf(ref.Expr)
	if len(args) == 0 {
		return nil
	}
	var values []Value
	switch v := e.One(ExprRef{ref.File, args[0]}); {
	case v.Kind == Class:
		values = []Value{{Kind: Instance, Def: v.Def}}
	case v.Kind == Function && e.p.Files[v.Def.File].Scopes[v.Def.Scope].Flags&fact.Generator != 0:
		values = e.yielded(v.Def)
	case v.Kind == Function:
		values = e.result(v.Def)
	}
	if len(values) == 0 || allUnknown(values) {
		return nil
	}
	return values
}

func (e *Eval) annotations(file FileID, exprs ...fact.Expr) []Value {
	var values []Value
	for _, expr := range exprs {
		for _, v := range e.Annotation(ExprRef{file, expr}) {
			values = addValue(values, v)
		}
	}
	if len(values) == 0 {
		return unknown()
	}
	return values
}

func (e *Eval) generic(file FileID, x *fact.ExprInfo) []Value {
	facts := e.p.Files[file]
	outer := e.One(ExprRef{file, x.A})
	arguments := []fact.Expr{x.B}
	if b := &facts.Exprs[x.B]; b.Kind == fact.Tuple {
		arguments = facts.List(b.Ops)
	}
	name := outer.Path[strings.LastIndexByte(outer.Path, '.')+1:]
	if outer.Kind == External && (strings.HasPrefix(outer.Path, "typing.") || strings.HasPrefix(outer.Path, "typing_extensions.")) {
		switch name {
		case "Optional", "Union":
			return e.annotations(file, arguments...)
		case "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly":
			for _, more := range arguments[1:] {
				if values := e.injected(ExprRef{file, more}); values != nil {
					return values
				}
			}
			if len(arguments) > 0 {
				return e.annotations(file, arguments[0])
			}
		case "Awaitable", "Coroutine":
			return e.annotations(file, arguments[len(arguments)-1])
		case "Type":
			return e.Of(ExprRef{file, arguments[0]})
		}
	}
	if outer.Path == "builtins.type" && len(arguments) == 1 {
		return e.Of(ExprRef{file, arguments[0]})
	}
	return instances([]Value{outer})
}

// instances turns classes into objects of them.
func instances(classes []Value) []Value {
	var values []Value
	for _, v := range classes {
		switch v.Kind {
		case Class:
			values = addValue(values, Value{Kind: Instance, Def: v.Def})
		case External:
			values = addValue(values, Value{Kind: Instance, Path: typingClass(v.Path)})
		default:
			values = addValue(values, Value{})
		}
	}
	if len(values) == 0 {
		return unknown()
	}
	return values
}

// typingClass maps the capitalised aliases of typing to the classes they stand for.
func typingClass(path string) string {
	switch path {
	case "typing.Dict", "typing.Mapping", "typing.MutableMapping":
		return "builtins.dict"
	case "typing.List":
		return "builtins.list"
	case "typing.Set":
		return "builtins.set"
	case "typing.Tuple":
		return "builtins.tuple"
	}
	return path
}
