package extract

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// annotate lowers an annotation: strings in it are forward references (PEP 484) and become the expressions they
// spell; 0 for no node.
func (x *Extractor) annotate(n ast.Node) fact.Expr {
	if n == 0 {
		return 0
	}
	x.annotation = true
	e := x.expr(n)
	x.annotation = false
	return e
}

// subscript lowers A[B]. In annotations the strings in Literal["a"] are values, and so is what follows the type in
// Annotated[T, "a"].
func (x *Extractor) subscript(n ast.Node) fact.Expr {
	t := x.tree
	s := t.Subscript(n)
	e := fact.ExprInfo{Kind: fact.Subscript, Flag: t.Context(n) != ast.Load, Span: x.span(n), A: x.expr(s.Value)}
	annotation := x.annotation
	switch {
	case annotation && x.lastName(s.Value) == "Literal":
		x.annotation = false
		e.B = x.expr(s.Slice)
	case annotation && x.lastName(s.Value) == "Annotated" && t.Kind(s.Slice) == ast.KindTuple:
		mark := len(x.pending)
		for part := range t.Elts(s.Slice).All() {
			x.pending = append(x.pending, x.expr(part))
			x.annotation = false
		}
		e.B = x.add(fact.ExprInfo{Kind: fact.Tuple, Span: x.span(s.Slice), Ops: x.list(mark)})
	default:
		e.B = x.expr(s.Slice)
	}
	x.annotation = annotation
	return x.add(e)
}

// lastName gives the name of a Name or the last part of an Attribute.
func (x *Extractor) lastName(n ast.Node) string {
	switch x.tree.Kind(n) {
	case ast.KindName:
		return x.tree.Text(x.tree.Name(n))
	case ast.KindAttribute:
		return x.tree.Text(x.tree.Attribute(n).Attr)
	}
	return ""
}

// forward lowers the annotation inside the string n, with its places in the file; 0 when n has to stay a string:
// because it does not spell an expression, or is not written as one literal without escapes.
func (x *Extractor) forward(n ast.Node) fact.Expr {
	if x.tree != x.quotable() {
		return 0
	}
	source := x.tree.SourceOf(n)
	literal, rest := ast.NextLiteral(source)
	body := strings.TrimLeft(literal.Body, " \t")
	if rest != "" || body == "" || literal.Is('b') || strings.ContainsAny(body, "\\\r\n") {
		return 0
	}
	parse.File(x.quoted, body, parse.Options{})
	root := x.expression(x.quoted)
	if root == 0 {
		return 0
	}
	start := len(literal.Prefix) + len(literal.Quote) + len(literal.Body) - len(body)
	outer := x.tree
	x.base = outer.Pos(n) + uint32(start)
	x.tree = x.quoted
	e := x.expr(root)
	x.tree, x.base = outer, 0
	return e
}

// quotable gives the tree whose strings may be read as annotations: a string in a string stays one.
func (x *Extractor) quotable() *ast.Tree {
	if x.tree == x.quoted {
		return nil
	}
	return x.tree
}

// expression gives the expression that is all of a tree without errors; 0 if it has anything else, or something that
// would need a scope of its own.
func (x *Extractor) expression(t *ast.Tree) ast.Node {
	body := t.Body(t.Root())
	only := body.First()
	if len(t.Diagnostics()) > 0 || only == 0 || body.Next(only) != 0 || t.Kind(only) != ast.KindExpr {
		return 0
	}
	for n := ast.Node(1); int(n) < t.Len(); n++ {
		switch t.Kind(n) {
		case ast.KindLambda, ast.KindListComp, ast.KindSetComp, ast.KindDictComp, ast.KindGeneratorExp,
			ast.KindNamedExpr, ast.KindYield, ast.KindYieldFrom, ast.KindAwait, ast.KindInvalidExpr:
			return 0
		}
	}
	return t.Value(only)
}
