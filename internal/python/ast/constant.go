package ast

import (
	"strconv"
	"strings"
)

// ConstKind returns the type of a Constant or MatchSingleton.
func (t *Tree) ConstKind(n Node) ConstKind {
	t.must2(n, KindConstant, KindMatchSingleton)
	return ConstKind(t.nodes[n].op)
}

// NewConstant makes a Constant. A string or bytes Constant may span several
// literals that are joined implicitly.
func (t *Tree) NewConstant(pos, end uint32, kind ConstKind) Node {
	return t.add(KindConstant, uint8(kind), 0, pos, end, 0, 0)
}

// PieceStyle says how the text of a literal piece inside an f-string is read.
type PieceStyle uint8

// Styles of pieces.
const (
	PieceEscaped  PieceStyle = 0 // backslash escapes, doubled braces
	PieceRaw      PieceStyle = 1 // doubled braces only
	PieceSpec     PieceStyle = 2 // in a format specification: braces are not doubled
	PieceVerbatim PieceStyle = 4 // the text of {expr=}: nothing is special
)

// NewPiece makes the Constant for the text between pos and end inside an
// f-string or t-string. An ordinary string literal that is joined with an
// f-string is made with [Tree.NewConstant].
func (t *Tree) NewPiece(pos, end uint32, style PieceStyle) Node {
	f := flagPiece
	if style&PieceRaw != 0 {
		f |= flagRaw
	}
	if style&PieceSpec != 0 {
		f |= flagSpec
	}
	if style&PieceVerbatim != 0 {
		f |= flagVerbatim
	}
	return t.add(KindConstant, uint8(ConstStr), f, pos, end, 0, 0)
}

// IsPiece reports whether the Constant n is text inside an f-string or t-string,
// so that its span has no quotes.
func (t *Tree) IsPiece(n Node) bool { return t.nodes[n].flags&flagPiece != 0 }

// IsRaw reports whether the piece n stands in a literal with the prefix "r".
func (t *Tree) IsRaw(n Node) bool { return t.IsPiece(n) && t.nodes[n].flags&flagRaw != 0 }

// UnicodePrefix reports whether the string Constant n starts with the prefix
// "u", which CPython keeps as its kind.
func (t *Tree) UnicodePrefix(n Node) bool {
	x := &t.nodes[n]
	if x.kind != KindConstant || ConstKind(x.op) != ConstStr || x.flags&flagPiece != 0 {
		return false
	}
	return t.src[x.pos] == 'u'
}

// Number returns the source text of a number.
func (t *Tree) Number(n Node) string { return t.SourceOf(n) }

// Int returns the value of a ConstInt, and false if it does not fit.
func (t *Tree) Int(n Node) (int64, bool) {
	if t.ConstKind(n) != ConstInt {
		return 0, false
	}
	text := t.SourceOf(n)
	if len(text) > 1 && text[0] == '0' && strings.Trim(text, "0_") == "" {
		return 0, true // CPython accepts 00 and 0_0, which are no octal numbers
	}
	if len(text) > 128 {
		return 0, false
	}
	v, err := strconv.ParseInt(text, 0, 64)
	return v, err == nil
}

// Float returns the value of a ConstFloat, or the imaginary part of a
// ConstImag. Values too large are infinite, as in CPython.
func (t *Tree) Float(n Node) float64 {
	text := strings.TrimRight(t.SourceOf(n), "jJ")
	v, _ := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	return v
}

// Values returns the parts of a JoinedStr or TemplateStr: Constant and
// FormattedValue or Interpolation nodes, in source order. Literal pieces are
// not merged and may be empty strings.
func (t *Tree) Values(n Node) Nodes {
	t.must2(n, KindJoinedStr, KindTemplateStr)
	return t.list(Node(t.nodes[n].a))
}

// NewJoined makes a JoinedStr or TemplateStr.
func (t *Tree) NewJoined(kind Kind, pos, end uint32, values Chain) Node {
	return t.add(kind, 0, 0, pos, end, uint32(values.First), 0)
}

// FormattedValue is a replacement field: a FormattedValue or Interpolation.
// Spec, a JoinedStr, is 0 if absent. Debug reports "=" after the expression,
// whose text is then a Constant before this node; CPython's implied conversion
// 'r' is in Conversion. Text is the source of the expression, Interpolation's
// str.
type FormattedValue struct {
	Value      Node
	Conversion Conversion
	Spec       Node
	Debug      bool
	Text       string
}

// FormattedValue returns the parts of a FormattedValue or Interpolation.
func (t *Tree) FormattedValue(n Node) FormattedValue {
	t.must2(n, KindFormattedValue, KindInterpolation)
	x := t.extra[t.nodes[n].b:][:3]
	return FormattedValue{
		Value: Node(t.nodes[n].a), Conversion: Conversion(t.nodes[n].op), Spec: Node(x[0]),
		Debug: t.nodes[n].flags&flagDebug != 0, Text: t.src[x[1]:x[2]],
	}
}

// NewFormattedValue makes a FormattedValue or Interpolation whose expression
// has the source text between textPos and textEnd.
func (t *Tree) NewFormattedValue(kind Kind, pos, end uint32, value Node, c Conversion, spec Node,
	debug bool, textPos, textEnd uint32) Node {
	f := flags(0)
	if debug {
		f = flagDebug
	}
	x := t.more(uint32(spec), textPos, textEnd)
	return t.add(kind, uint8(c), f, pos, end, uint32(value), x)
}
