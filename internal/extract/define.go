package extract

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// around gives the scope in which annotations and bases of the definition of s are evaluated: that of its type
// parameters, which this lowers, or the current one.
func (x *Extractor) around(s fact.Scope, n ast.Node, params ast.Nodes) fact.Scope {
	parent := x.scopes[s].Parent
	if parent != x.scope && x.scopes[parent].Kind == fact.TypeScope {
		x.unnamed(parent, n, "<types>")
		x.typeParams(params, parent)
		return parent
	}
	return x.scope
}

// typeParams lowers the bounds and defaults of type parameters in their own scope.
func (x *Extractor) typeParams(params ast.Nodes, types fact.Scope) {
	t := x.tree
	outer := x.scope
	x.scope = types
	for p := range params.All() {
		param := t.TypeParam(p)
		start := t.End(p) - uint32(len(strings.TrimLeft(t.SourceOf(p), "* \t\f\\\r\n"))) // behind the stars
		def := fact.Def{Kind: fact.DefTypeParam, Annotation: x.annotate(param.Bound), Value: x.annotate(param.Default)}
		x.define(param.Name, x.nameAt(start), def)
	}
	x.scope = outer
}

// qualified gives the name of a definition in the current scope with those of the classes and functions around it.
func (x *Extractor) qualified(name ast.Ident) fact.Str {
	around := x.strings.list[x.scopes[x.scope].Qualified]
	if around == "" {
		return x.strings.ident(name)
	}
	return x.strings.text(around + "." + x.tree.Text(name))
}

// definition describes the scope of a function or class that the statement s defines, and its decorators.
func (x *Extractor) definition(s fact.Stmt, inner fact.Scope, name ast.Ident, namePos uint32,
	decorators ast.Nodes) {
	x.stmts[s].Inner = inner
	list := x.exprList(decorators)
	info := &x.scopes[inner]
	info.Decorators = list
	info.Span, info.NameSpan = x.stmts[s].Span, x.nameAt(namePos)
	info.Name, info.Qualified, info.Stmt = x.strings.ident(name), x.qualified(name), s
}

// decorated gives the span of a definition with its decorators, which stand before it in the tree.
func (x *Extractor) decorated(n ast.Node, decorators ast.Nodes) fact.Span {
	span := x.span(n)
	first := decorators.First()
	if first == 0 {
		return span
	}
	src := x.tree.Source()
	span.Start = x.tree.Pos(first)
	if at := strings.LastIndexByte(src[:span.Start], '@'); at >= 0 && strings.Trim(src[at+1:span.Start], " \t\f(\\\r\n") == "" {
		span.Start = uint32(at)
	}
	return span
}

// function lowers a function definition and its body.
func (x *Extractor) function(n ast.Node) {
	t := x.tree
	f := t.Function(n)
	inner, ok := x.scopeOf(n)
	if !ok {
		x.unreadable(n)
		return
	}
	s := x.open(fact.FunctionDef, x.decorated(n, f.Decorators))
	x.stmts[s].Flag = t.Kind(n) == ast.KindAsyncFunctionDef
	x.definition(s, inner, f.Name, f.NamePos, f.Decorators)
	x.scopes[inner].Flags |= x.decoratorFlags(x.scopes[inner].Decorators)
	x.define(f.Name, x.scopes[inner].NameSpan, fact.Def{Kind: fact.DefFunction, Inner: inner})
	types := x.around(inner, n, f.TypeParams)
	mark := len(x.pendingParams)
	x.lowerParams(f.Args, inner, types)
	outer := x.scope
	x.scope = types
	returns := x.annotate(f.Returns)
	x.scopes[inner].Returns = returns
	x.scope = outer
	x.finishParams(mark, inner)
	guarded := x.guardedImport
	x.guardedImport = false // the body runs later, outside the try
	x.inside(inner, f.Body)
	x.guardedImport = guarded
	x.close(s)
}

// inside lowers the body of a definition: a new scope, whose statements have no parent.
func (x *Extractor) inside(inner fact.Scope, body ast.Nodes) {
	outer, parent := x.scope, x.parent
	x.scope, x.parent = inner, 0
	first := fact.Stmt(len(x.stmts))
	x.block(body)
	info := &x.scopes[inner]
	info.BodyFirst, info.BodyEnd = first, fact.Stmt(len(x.stmts))
	x.scope, x.parent = outer, parent
}

// class lowers a class definition and its body.
func (x *Extractor) class(n ast.Node) {
	c := x.tree.Class(n)
	inner, ok := x.scopeOf(n)
	if !ok {
		x.unreadable(n)
		return
	}
	s := x.open(fact.ClassDef, x.decorated(n, c.Decorators))
	x.definition(s, inner, c.Name, c.NamePos, c.Decorators)
	x.define(c.Name, x.scopes[inner].NameSpan, fact.Def{Kind: fact.DefClass, Inner: inner})
	outer := x.scope
	x.scope = x.around(inner, n, c.TypeParams)
	arguments := x.arguments(c.Bases, c.Keywords)
	x.scopes[inner].Arguments = arguments
	x.scope = outer
	x.inside(inner, c.Body)
	x.close(s)
}

// decoratorFlags looks for the decorators that change what kind of thing a method is, by the last part of the name.
func (x *Extractor) decoratorFlags(list fact.List) (flags fact.ScopeFlags) {
	for _, d := range x.operands[list.First : list.First+list.Count] {
		e := &x.exprs[d]
		if e.Kind != fact.Name && e.Kind != fact.Attr {
			continue
		}
		switch x.strings.list[e.Text] {
		case "property", "cached_property":
			flags |= fact.IsProperty
		case "staticmethod":
			flags |= fact.IsStatic
		case "classmethod":
			flags |= fact.IsClass
		}
	}
	return flags
}

var paramKinds = [...]fact.ParamKind{
	ast.ParamPosOnly: fact.PositionalOnly, ast.ParamNormal: fact.Positional, ast.ParamVarArg: fact.VarPositional,
	ast.ParamKwOnly: fact.KeywordOnly, ast.ParamKwArg: fact.VarKeyword,
}

// lowerParams lowers annotations (in the scope types) and defaults (in the current scope) of the parameters of inner, and
// leaves the parameters pending: a lambda among the defaults has parameters of its own.
func (x *Extractor) lowerParams(args ast.Node, inner, types fact.Scope) {
	t := x.tree
	list := t.Params(args)
	outer := x.scope
	for p := list.First(); p != 0; p = list.Next(p) {
		arg := t.Arg(p)
		param := fact.Param{
			Name: x.strings.ident(arg.Name), Kind: paramKinds[arg.Kind], Span: x.nameAt(t.Pos(p)),
			Symbol: fact.Sym(x.bindings.Resolve(scope.ID(inner), arg.Name)),
		}
		x.scope = types
		param.Annotation = x.annotate(arg.Annotation)
		x.scope = outer
		param.Default = x.expr(arg.Default)
		x.pendingParams = append(x.pendingParams, param)
	}
}

// finishParams moves the pending parameters from mark on to the file.
func (x *Extractor) finishParams(mark int, inner fact.Scope) {
	info := &x.scopes[inner]
	info.FirstParam, info.ParamCount = uint32(len(x.params)), uint32(len(x.pendingParams)-mark)
	for _, p := range x.pendingParams[mark:] {
		if p.Symbol != 0 {
			x.defs = append(x.defs, fact.Def{
				Kind: fact.DefParam, Symbol: p.Symbol, Stmt: x.stmt, Scope: inner, Annotation: p.Annotation,
				Index: int32(len(x.params)), Span: p.Span,
			})
		}
		x.params = append(x.params, p)
	}
	x.pendingParams = x.pendingParams[:mark]
}
