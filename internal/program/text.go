package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// maxText bounds the normal form of one expression, so that a table of a million entries costs nothing.
const maxText = 400

// Text gives the normal form of an expression: one spelling for what differs in layout, quotes and parentheses only.
// Longer than a few hundred bytes it is cut.
func (p *Program) Text(ref ExprRef) string {
	var b strings.Builder
	writeExpr(&b, p.Files[ref.File], ref.Expr, 0)
	return b.String()
}

// CallText is the normal form of a call with its callee written as path, and the values of keyword arguments kept in
// order of their names.
func (p *Program) CallText(ref ExprRef, path string) string {
	var b strings.Builder
	b.WriteString(path)
	writeArguments(&b, p.Files[ref.File], ref.Expr, 0)
	return b.String()
}

func writeArguments(b *strings.Builder, facts *fact.File, call fact.Expr, depth int) {
	b.WriteByte('(')
	for i, arg := range facts.OperandsOf(call) {
		if i > 0 {
			b.WriteString(", ")
		}
		writeExpr(b, facts, arg, depth+1)
	}
	b.WriteByte(')')
}

func writeExpr(b *strings.Builder, facts *fact.File, e fact.Expr, depth int) {
	if e == 0 || b.Len() > maxText || depth > 20 {
		if e != 0 {
			b.WriteString("…")
		}
		return
	}
	x := &facts.Exprs[e]
	depth++
	sub := func(child fact.Expr) { writeExpr(b, facts, child, depth) }
	list := func(open string, end string) {
		b.WriteString(open)
		for i, child := range facts.List(x.Ops) {
			if i > 0 {
				b.WriteString(", ")
			}
			sub(child)
		}
		b.WriteString(end)
	}
	switch x.Kind {
	case fact.Name:
		b.WriteString(facts.Text(x.Text))
	case fact.Attr:
		sub(x.A)
		b.WriteByte('.')
		b.WriteString(facts.Text(x.Text))
	case fact.Subscript:
		sub(x.A)
		b.WriteByte('[')
		sub(x.B)
		b.WriteByte(']')
	case fact.Call:
		sub(x.A)
		writeArguments(b, facts, e, depth)
	case fact.Keyword:
		if x.Text == 0 {
			b.WriteString("**")
		} else {
			b.WriteString(facts.Text(x.Text))
			b.WriteByte('=')
		}
		sub(x.A)
	case fact.Starred:
		b.WriteByte('*')
		sub(x.A)
	case fact.StrConst, fact.BytesConst:
		b.WriteByte('\'')
		b.WriteString(cut(facts.Text(x.Text), 80))
		b.WriteByte('\'')
	case fact.IntConst, fact.FloatConst, fact.ComplexConst:
		b.WriteString(cut(facts.Text(x.Text), 80))
	case fact.TrueConst:
		b.WriteString("True")
	case fact.FalseConst:
		b.WriteString("False")
	case fact.NoneConst:
		b.WriteString("None")
	case fact.EllipsisConst:
		b.WriteString("...")
	case fact.Tuple:
		list("(", ")")
	case fact.ListDisplay:
		list("[", "]")
	case fact.SetDisplay, fact.DictDisplay:
		list("{", "}")
	case fact.FString:
		list("f'", "'")
	case fact.Formatted:
		b.WriteByte('{')
		sub(x.A)
		b.WriteByte('}')
	case fact.Unary:
		b.WriteString(x.Op.String())
		if x.Op == fact.OpNot {
			b.WriteByte(' ')
		}
		sub(x.A)
	case fact.Binary, fact.Compare:
		infix(b, depth, x.Op, []fact.Expr{x.A, x.B}, sub)
	case fact.Bool:
		infix(b, depth, x.Op, facts.List(x.Ops), sub)
	case fact.Await:
		b.WriteString("await ")
		sub(x.A)
	default:
		b.WriteString(kindText(x.Kind))
		for child := range facts.Children(e) {
			b.WriteByte(' ')
			sub(child)
		}
	}
}

// infix writes operands joined by an operator, in parentheses unless they are the whole text.
func infix(b *strings.Builder, depth int, op fact.Op, operands []fact.Expr, sub func(fact.Expr)) {
	if depth > 1 {
		b.WriteByte('(')
	}
	for i, operand := range operands {
		if i > 0 {
			b.WriteString(" " + op.String() + " ")
		}
		sub(operand)
	}
	if depth > 1 {
		b.WriteByte(')')
	}
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}

func kindText(kind fact.ExprKind) string {
	switch kind {
	case fact.IfExp:
		return "if"
	case fact.Lambda:
		return "lambda"
	case fact.Comp:
		return "comprehension"
	case fact.Yield, fact.YieldFrom:
		return "yield"
	case fact.Walrus:
		return ":="
	case fact.Slice:
		return "slice"
	}
	return "expr"
}
