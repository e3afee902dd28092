package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// span gives the place of n in the file.
func (x *Extractor) span(n ast.Node) fact.Span {
	return fact.Span{Start: x.base + x.tree.Pos(n), End: x.base + x.tree.End(n)}
}

// add appends an expression whose operands exist and makes it their parent.
func (x *Extractor) add(e fact.ExprInfo) fact.Expr {
	i := fact.Expr(len(x.exprs))
	e.Stmt, e.Scope = x.stmt, x.scope
	x.exprs = append(x.exprs, e)
	if e.A != 0 && !(e.Kind == fact.Compare && e.Flag) {
		x.exprs[e.A].Parent = i
	}
	if e.B != 0 {
		x.exprs[e.B].Parent = i
	}
	if e.C != 0 {
		x.exprs[e.C].Parent = i
	}
	for _, operand := range x.operands[e.Ops.First : e.Ops.First+e.Ops.Count] {
		if operand != 0 {
			x.exprs[operand].Parent = i
		}
	}
	return i
}

// list moves the pending operands from mark on to the file.
func (x *Extractor) list(mark int) fact.List {
	if mark == len(x.pending) {
		return fact.List{}
	}
	l := fact.List{First: uint32(len(x.operands)), Count: uint32(len(x.pending) - mark)}
	x.operands = append(x.operands, x.pending[mark:]...)
	x.pending = x.pending[:mark]
	return l
}

// exprList lowers sibling expressions.
func (x *Extractor) exprList(nodes ast.Nodes) fact.List {
	mark := len(x.pending)
	for n := nodes.First(); n != 0; n = nodes.Next(n) {
		x.pending = append(x.pending, x.expr(n))
	}
	return x.list(mark)
}

// expr lowers n and everything below it; 0 for no node.
func (x *Extractor) expr(n ast.Node) fact.Expr {
	if n == 0 {
		return 0
	}
	if x.tooDeep(n) {
		return x.add(fact.ExprInfo{Kind: fact.Unreadable, Span: x.span(n)})
	}
	x.depth++
	e := x.exprKind(n)
	x.depth--
	return e
}

func (x *Extractor) exprKind(n ast.Node) fact.Expr {
	t := x.tree
	e := fact.ExprInfo{Span: x.span(n)}
	switch t.Kind(n) {
	case ast.KindName:
		return x.name(n, t.Context(n) != ast.Load)
	case ast.KindConstant:
		return x.constant(n)
	case ast.KindAttribute:
		attr := t.Attribute(n)
		e.Kind, e.A, e.Text, e.Flag = fact.Attr, x.expr(attr.Value), x.strings.ident(attr.Attr), t.Context(n) != ast.Load
	case ast.KindCall:
		return x.call(n)
	case ast.KindSubscript:
		return x.subscript(n)
	case ast.KindKeyword:
		k := t.Keyword(n)
		e.Kind, e.Text, e.A = fact.Keyword, x.strings.ident(k.Arg), x.expr(k.Value)
	case ast.KindStarred:
		e.Kind, e.A = fact.Starred, x.expr(t.Value(n))
	case ast.KindJoinedStr:
		e.Kind, e.Ops = fact.FString, x.parts(n)
	case ast.KindTemplateStr:
		e.Kind, e.Flag, e.Ops = fact.FString, true, x.parts(n)
	case ast.KindFormattedValue, ast.KindInterpolation:
		v := t.FormattedValue(n)
		e.Kind, e.A, e.B = fact.Formatted, x.expr(v.Value), x.expr(v.Spec)
	case ast.KindTuple:
		e.Kind, e.Ops = fact.Tuple, x.exprList(t.Elts(n))
	case ast.KindList:
		e.Kind, e.Ops = fact.ListDisplay, x.exprList(t.Elts(n))
	case ast.KindSet:
		e.Kind, e.Ops = fact.SetDisplay, x.exprList(t.Elts(n))
	case ast.KindDict:
		e.Kind, e.Ops = fact.DictDisplay, x.items(t.DictItems(n))
	case ast.KindUnaryOp:
		u := t.UnaryOp(n)
		e.Kind, e.Op, e.A = fact.Unary, unaryOps[u.Op], x.expr(u.Operand)
	case ast.KindBinOp:
		b := t.BinOp(n)
		e.Kind, e.Op, e.A, e.B = fact.Binary, binaryOps[b.Op], x.expr(b.Left), x.expr(b.Right)
	case ast.KindBoolOp:
		b := t.BoolOp(n)
		e.Kind, e.Op, e.Ops = fact.Bool, boolOps[b.Op], x.exprList(b.Values)
	case ast.KindCompare:
		return x.compare(n)
	case ast.KindIfExp:
		c := t.IfExp(n)
		e.Kind, e.B, e.A, e.C = fact.IfExp, x.expr(c.Body), x.expr(c.Test), x.expr(c.Orelse)
	case ast.KindAwait:
		e.Kind, e.A = fact.Await, x.expr(t.Value(n))
	case ast.KindYield:
		e.Kind, e.A = fact.Yield, x.expr(t.Value(n))
	case ast.KindYieldFrom:
		e.Kind, e.A = fact.YieldFrom, x.expr(t.Value(n))
	case ast.KindSlice:
		s := t.Slice(n)
		e.Kind, e.A, e.B, e.C = fact.Slice, x.expr(s.Lower), x.expr(s.Upper), x.expr(s.Step)
	case ast.KindNamedExpr:
		return x.named(n)
	case ast.KindLambda:
		return x.lambda(n)
	case ast.KindListComp, ast.KindSetComp, ast.KindGeneratorExp, ast.KindDictComp:
		return x.comprehension(n)
	default:
		e.Kind = fact.Unreadable
	}
	return x.add(e)
}

// name lowers an identifier that is read, stored to or deleted.
func (x *Extractor) name(n ast.Node, written bool) fact.Expr {
	ident := x.tree.Name(n)
	sym := scope.Sym(0)
	if x.tree == x.quoted {
		sym = x.bindings.Resolve(scope.ID(x.scope), ident)
	} else {
		sym = x.bindings.ResolveNode(scope.ID(x.scope), n)
	}
	return x.add(fact.ExprInfo{
		Kind: fact.Name, Flag: written, Span: x.span(n), Text: x.strings.ident(ident), Sym: fact.Sym(sym),
	})
}

// call lowers a call with its arguments in source order.
func (x *Extractor) call(n ast.Node) fact.Expr {
	c := x.tree.Call(n)
	annotation := x.annotation
	x.annotation = false
	e := fact.ExprInfo{Kind: fact.Call, Span: x.span(n), A: x.expr(c.Func)}
	e.Ops = x.arguments(c.Args, c.Keywords)
	x.annotation = annotation
	return x.add(e)
}

// arguments lowers positional and keyword arguments, which the tree keeps apart, in source order: "f(a=1, *b)".
func (x *Extractor) arguments(args, keywords ast.Nodes) fact.List {
	mark := len(x.pending)
	arg, keyword := args.First(), keywords.First()
	for arg != 0 || keyword != 0 {
		if keyword == 0 || arg != 0 && x.tree.Pos(arg) < x.tree.Pos(keyword) {
			x.pending = append(x.pending, x.expr(arg))
			arg = args.Next(arg)
		} else {
			x.pending = append(x.pending, x.expr(keyword))
			keyword = keywords.Next(keyword)
		}
	}
	return x.list(mark)
}

// items lowers the keys and values of a dictionary display.
func (x *Extractor) items(items ast.Items) fact.List {
	mark := len(x.pending)
	for key, value := range items.All() {
		k := x.expr(key)
		v := x.expr(value)
		x.pending = append(x.pending, k, v)
	}
	return x.list(mark)
}

// compare lowers a comparison; a chain becomes the conjunction of its links, neighbours sharing an operand.
func (x *Extractor) compare(n ast.Node) fact.Expr {
	c := x.tree.Compare(n)
	mark := len(x.pending)
	left := x.expr(c.Left)
	for r := c.Comparators.First(); r != 0; r = c.Comparators.Next(r) {
		right := x.expr(r)
		x.pending = append(x.pending, x.add(fact.ExprInfo{
			Kind: fact.Compare, Op: compareOps[x.tree.CmpOp(r)], Flag: len(x.pending) > mark,
			Span: fact.Span{Start: x.exprs[left].Start, End: x.exprs[right].End}, A: left, B: right,
		}))
		left = right
	}
	if len(x.pending) == mark+1 {
		only := x.pending[mark]
		x.pending = x.pending[:mark]
		x.exprs[only].Span = x.span(n)
		return only
	}
	return x.add(fact.ExprInfo{Kind: fact.Bool, Op: fact.OpAnd, Span: x.span(n), Ops: x.list(mark)})
}

var unaryOps = [...]fact.Op{
	ast.Invert: fact.OpInvert, ast.Not: fact.OpNot, ast.UAdd: fact.OpPlus, ast.USub: fact.OpNegate,
}

var binaryOps = [...]fact.Op{
	ast.NoOperator: fact.NoOp, ast.Add: fact.OpAdd, ast.Sub: fact.OpSub, ast.Mult: fact.OpMul,
	ast.MatMult: fact.OpMatMul, ast.Div: fact.OpDiv, ast.Mod: fact.OpMod, ast.Pow: fact.OpPow,
	ast.LShift: fact.OpLShift, ast.RShift: fact.OpRShift, ast.BitOr: fact.OpBitOr, ast.BitXor: fact.OpBitXor,
	ast.BitAnd: fact.OpBitAnd, ast.FloorDiv: fact.OpFloorDiv,
}

var boolOps = [...]fact.Op{ast.And: fact.OpAnd, ast.Or: fact.OpOr}

var compareOps = [...]fact.Op{
	ast.NoCmp: fact.NoOp, ast.Eq: fact.OpEq, ast.NotEq: fact.OpNotEq, ast.Lt: fact.OpLt, ast.LtE: fact.OpLtE,
	ast.Gt: fact.OpGt, ast.GtE: fact.OpGtE, ast.Is: fact.OpIs, ast.IsNot: fact.OpIsNot, ast.In: fact.OpIn,
	ast.NotIn: fact.OpNotIn,
}
