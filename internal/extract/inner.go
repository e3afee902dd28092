package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// scopeOf gives the scope that n introduces.
func (x *Extractor) scopeOf(n ast.Node) (fact.Scope, bool) {
	s := x.bindings.Of(n)
	return fact.Scope(s), s != scope.None
}

// unnamed describes a scope without a name of its own.
func (x *Extractor) unnamed(s fact.Scope, n ast.Node, name string) {
	info := &x.scopes[s]
	info.Span = x.span(n)
	info.NameSpan = fact.Span{Start: info.Start, End: info.Start}
	info.Name = x.strings.text(name)
	info.Qualified = x.scopes[info.Parent].Qualified
}

// lambda lowers the defaults of the parameters as operands and the body as the value of the scope.
func (x *Extractor) lambda(n ast.Node) fact.Expr {
	l := x.tree.Lambda(n)
	s, ok := x.scopeOf(n)
	if !ok {
		return x.add(fact.ExprInfo{Kind: fact.Unreadable, Span: x.span(n)})
	}
	x.unnamed(s, n, "<lambda>")
	mark := len(x.pendingParams)
	x.lowerParams(l.Args, s, s)
	ops := len(x.pending)
	for _, p := range x.pendingParams[mark:] {
		if p.Default != 0 {
			x.pending = append(x.pending, p.Default)
		}
	}
	defaults := x.list(ops)
	outer, stmt := x.scope, x.stmt
	x.stmt = 0
	x.finishParams(mark, s)
	x.stmt = stmt
	x.scope = s
	body := x.expr(l.Body)
	x.scope = outer
	x.scopes[s].Value = body
	e := x.add(fact.ExprInfo{Kind: fact.Lambda, Span: x.span(n), Inner: s, Ops: defaults})
	x.exprs[body].Parent = e
	return e
}

var compKinds = [...]fact.Op{
	ast.KindListComp: fact.CompList, ast.KindSetComp: fact.CompSet, ast.KindDictComp: fact.CompDict,
	ast.KindGeneratorExp: fact.CompGenerator,
}

// comprehension lowers the clauses, then the element; the first iterable belongs to the scope around.
func (x *Extractor) comprehension(n ast.Node) fact.Expr {
	t := x.tree
	s, ok := x.scopeOf(n)
	if !ok {
		return x.add(fact.ExprInfo{Kind: fact.Unreadable, Span: x.span(n)})
	}
	x.unnamed(s, n, "<comprehension>")
	var elt, value ast.Node
	var generators ast.Nodes
	if t.Kind(n) == ast.KindDictComp {
		c := t.DictComp(n)
		elt, value, generators = c.Key, c.Value, c.Generators
	} else {
		c := t.Comp(n)
		elt, generators = c.Elt, c.Generators
	}
	outer := x.scope
	mark := len(x.pending)
	for g := generators.First(); g != 0; g = generators.Next(g) {
		x.clause(g, s)
		x.scope = s
	}
	clauses := x.list(mark)
	x.scope = s
	e := fact.ExprInfo{Kind: fact.Comp, Op: compKinds[t.Kind(n)], Span: x.span(n), Inner: s, Ops: clauses}
	e.A, e.B = x.expr(elt), x.expr(value)
	e.Flag = t.SharesParens(n)
	x.scope = outer
	return x.add(e)
}

// clause lowers one "for" with its conditions. The iterable is evaluated in the current scope.
func (x *Extractor) clause(g ast.Node, s fact.Scope) {
	t := x.tree
	c := t.Comprehension(g)
	iter := x.expr(c.Iter)
	x.scope = s
	target := x.target(c.Target, fact.Def{Kind: fact.DefComprehension, Value: iter}, whole)
	x.pending = append(x.pending, x.add(fact.ExprInfo{
		Kind: fact.CompFor, Flag: c.Async, A: target, B: iter,
		Span: fact.Span{Start: x.base + t.Pos(g), End: x.exprs[iter].End},
	}))
	for cond := c.Ifs.First(); cond != 0; cond = c.Ifs.Next(cond) {
		test := x.expr(cond)
		x.pending = append(x.pending, x.add(fact.ExprInfo{Kind: fact.CompIf, Span: x.exprs[test].Span, A: test}))
	}
}
