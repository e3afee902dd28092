package dump

import "github.com/tiebeam/tiebeam/internal/python/ast"

// expression writes an expression.
func (d *dumper) expression(n ast.Node) {
	switch d.t.Kind(n) {
	case ast.KindJoinedStr, ast.KindTemplateStr:
		d.joined(n)
	case ast.KindSubscript:
		d.subscript(n)
	case ast.KindSlice:
		d.slice(n)
	case ast.KindInvalidExpr:
		d.invalid(n)
	default:
		d.begin(d.t.Kind(n).String())
		d.operation(n)
		d.finish(n)
	}
}

// operation writes the fields of an expression, of an operator or a primary.
func (d *dumper) operation(n ast.Node) {
	t := d.t
	switch t.Kind(n) {
	case ast.KindBoolOp:
		e := t.BoolOp(n)
		d.bare("op", e.Op.String())
		d.list("values", e.Values)
	case ast.KindNamedExpr:
		e := t.NamedExpr(n)
		d.expr("target", e.Target)
		d.expr("value", e.Value)
	case ast.KindBinOp:
		e := t.BinOp(n)
		d.expr("left", e.Left)
		d.bare("op", e.Op.String())
		d.expr("right", e.Right)
	case ast.KindUnaryOp:
		e := t.UnaryOp(n)
		d.bare("op", e.Op.String())
		d.expr("operand", e.Operand)
	case ast.KindLambda:
		e := t.Lambda(n)
		d.field("args")
		d.arguments(e.Args)
		d.expr("body", e.Body)
	case ast.KindIfExp:
		e := t.IfExp(n)
		d.expr("test", e.Test)
		d.expr("body", e.Body)
		d.expr("orelse", e.Orelse)
	case ast.KindCompare:
		d.compare(t.Compare(n))
	case ast.KindCall:
		d.call(t.Call(n))
	case ast.KindAwait, ast.KindYieldFrom:
		d.expr("value", t.Value(n))
	case ast.KindYield:
		d.optional("value", t.Value(n))
	default:
		d.display(n)
	}
}

// display writes the fields of an atom, a display, a comprehension or a target.
func (d *dumper) display(n ast.Node) {
	t := d.t
	switch t.Kind(n) {
	case ast.KindName:
		d.ident("id", t.Name(n))
		d.context(n)
	case ast.KindConstant:
		d.field("value")
		d.constant(n)
		d.kind(t.UnicodePrefix(n))
	case ast.KindAttribute:
		e := t.Attribute(n)
		d.expr("value", e.Value)
		d.ident("attr", e.Attr)
		d.context(n)
	case ast.KindStarred:
		d.expr("value", t.Value(n))
		d.context(n)
	case ast.KindList, ast.KindTuple:
		d.list("elts", t.Elts(n))
		d.context(n)
	case ast.KindSet:
		d.list("elts", t.Elts(n))
	case ast.KindDict:
		d.items("values", t.DictItems(n))
	case ast.KindListComp, ast.KindSetComp, ast.KindGeneratorExp:
		e := t.Comp(n)
		d.expr("elt", e.Elt)
		d.list("generators", e.Generators)
	case ast.KindDictComp:
		e := t.DictComp(n)
		d.expr("key", e.Key)
		d.expr("value", e.Value)
		d.list("generators", e.Generators)
	}
}

func (d *dumper) context(n ast.Node) { d.bare("ctx", d.t.Context(n).String()) }

// kind writes the kind of a Constant, which only a literal with the prefix "u" has.
func (d *dumper) kind(unicode bool) {
	if !unicode {
		d.none("kind")
		return
	}
	d.field("kind")
	d.repr("u")
}

func (d *dumper) compare(e ast.Compare) {
	d.expr("left", e.Left)
	d.openList("ops", false)
	for c := e.Comparators.First(); c != 0; c = e.Comparators.Next(c) {
		d.item()
		d.buf = append(d.buf, d.t.CmpOp(c).String()...)
		d.buf = append(d.buf, "()"...)
	}
	d.closeList()
	d.list("comparators", e.Comparators)
}

func (d *dumper) call(e ast.Call) {
	d.expr("func", e.Func)
	d.positional("args", e.Args)
	d.list("keywords", e.Keywords)
}

// positional writes the positional arguments of a call or the bases of a class. In 3.8 a starred one ends where its
// value does, without the parentheses around that.
func (d *dumper) positional(name string, args ast.Nodes) {
	if d.version > 8 {
		d.list(name, args)
		return
	}
	d.openList(name, args.Empty())
	for n := args.First(); n != 0; n = args.Next(n) {
		d.item()
		if d.t.Kind(n) == ast.KindStarred {
			d.begin("Starred")
			d.display(n)
			d.finishAt(span{d.span(n).start, d.span(d.t.Value(n)).end})
		} else {
			d.node(n)
		}
		d.separate = true
	}
	d.closeList()
}

// subscript writes a Subscript. Until 3.8 its slice is an Index, a Slice, or an ExtSlice with at least one Slice.
func (d *dumper) subscript(n ast.Node) {
	e := d.t.Subscript(n)
	d.begin("Subscript")
	d.expr("value", e.Value)
	if d.version > 8 {
		d.expr("slice", e.Slice)
	} else {
		d.field("slice")
		d.oldSlice(e.Slice)
	}
	d.context(n)
	d.finish(n)
}

func (d *dumper) oldSlice(n ast.Node) {
	switch {
	case d.t.Kind(n) == ast.KindSlice:
		d.slice(n)
	case d.t.Kind(n) == ast.KindTuple && d.hasSlice(n):
		d.begin("ExtSlice")
		d.openList("dims", false)
		elts := d.t.Elts(n)
		for e := elts.First(); e != 0; e = elts.Next(e) {
			d.item()
			d.oldSlice(e)
		}
		d.closeList()
		d.close()
	default:
		d.begin("Index")
		d.expr("value", n)
		d.close()
	}
}

// hasSlice reports whether the Tuple n has a Slice among its elements.
func (d *dumper) hasSlice(n ast.Node) bool {
	elts := d.t.Elts(n)
	for e := elts.First(); e != 0; e = elts.Next(e) {
		if d.t.Kind(e) == ast.KindSlice {
			return true
		}
	}
	return false
}

// slice writes a Slice, which has a position since 3.9.
func (d *dumper) slice(n ast.Node) {
	e := d.t.Slice(n)
	d.begin("Slice")
	d.optional("lower", e.Lower)
	d.optional("upper", e.Upper)
	d.optional("step", e.Step)
	d.finishSince(n, 9)
}
