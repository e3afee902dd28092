package extract

import (
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// constant lowers a literal, decoded; a string in an annotation becomes what it says.
func (x *Extractor) constant(n ast.Node) fact.Expr {
	e := fact.ExprInfo{Span: x.span(n)}
	e.Kind = constKinds[x.tree.ConstKind(n)]
	switch e.Kind {
	case fact.StrConst:
		if x.annotation {
			if forward := x.forward(n); forward != 0 {
				return forward
			}
		}
		e.Text = x.strings.text(x.tree.Str(n))
	case fact.BytesConst:
		e.Text = x.strings.text(x.tree.Str(n))
	case fact.IntConst:
		e.Text = x.integer(n)
	case fact.FloatConst, fact.ComplexConst:
		e.Text = x.strings.text(strings.ReplaceAll(x.tree.Number(n), "_", ""))
	}
	return x.add(e)
}

var constKinds = [...]fact.ExprKind{
	ast.ConstNone: fact.NoneConst, ast.ConstTrue: fact.TrueConst, ast.ConstFalse: fact.FalseConst,
	ast.ConstEllipsis: fact.EllipsisConst, ast.ConstInt: fact.IntConst, ast.ConstFloat: fact.FloatConst,
	ast.ConstImag: fact.ComplexConst, ast.ConstStr: fact.StrConst, ast.ConstBytes: fact.BytesConst,
}

// integer gives the decimal digits of an integer that fits 64 bits, and the source spelling of a larger one.
func (x *Extractor) integer(n ast.Node) fact.Str {
	source := x.tree.Number(n)
	if isDecimal(source) {
		return x.strings.text(source)
	}
	if v, ok := x.tree.Int(n); ok {
		return x.strings.text(strconv.FormatInt(v, 10))
	}
	if v, err := strconv.ParseUint(source, 0, 64); err == nil {
		return x.strings.text(strconv.FormatUint(v, 10))
	}
	return x.strings.text(source)
}

// isDecimal says whether text is a number that is its own decimal form.
func isDecimal(text string) bool {
	if len(text) > 1 && text[0] == '0' {
		return false
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// parts lowers the parts of an f-string. The tree has every literal piece by itself; neighbours become one constant,
// as Python joins them.
func (x *Extractor) parts(n ast.Node) fact.List {
	t := x.tree
	annotation := x.annotation
	x.annotation = false
	mark := len(x.pending)
	values := t.Values(n)
	for v := values.First(); v != 0; {
		if t.Kind(v) != ast.KindConstant {
			x.pending = append(x.pending, x.expr(v))
			v = values.Next(v)
			continue
		}
		e := fact.ExprInfo{Kind: fact.StrConst, Span: x.span(v)}
		text := t.Str(v)
		for v = values.Next(v); v != 0 && t.Kind(v) == ast.KindConstant; v = values.Next(v) {
			text += t.Str(v)
			e.End = x.base + t.End(v)
		}
		if text != "" {
			e.Text = x.strings.text(text)
			x.pending = append(x.pending, x.add(e))
		}
	}
	x.annotation = annotation
	return x.list(mark)
}
