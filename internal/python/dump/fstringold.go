package dump

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// Before 3.12 an f-string is an ordinary string token. The text of each of its expressions is parsed by a parser of its
// own, in parentheses, and the positions of the nodes are moved to where the expression stands. 3.10 and 3.11 get that
// right; 3.9 adds the column of the f-string also to expressions on its later lines; 3.8 looks for the text of the
// expression with its braces in the first literal, so that "{x!r}" is not found and "{x}" is found too early. The text
// and the fields themselves have the position of all the literals that are joined. Follows Parser/pegen/parse_string.c
// of 3.9, Parser/string_parser.c of 3.11, and fstring_fix_node_location in Python/ast.c of 3.8.

// oldString is a JoinedStr that is being written.
type oldString struct {
	pos, end uint32
	// whole is the span of all the literals, which their text and fields have.
	whole span
	// unicode is set when the first literal has the prefix "u".
	unicode bool
}

func (d *dumper) oldJoined(n ast.Node) {
	s := oldString{pos: d.t.Pos(n), end: d.t.End(n), whole: d.span(n)}
	s.unicode = d.t.Source()[s.pos] == 'u'
	d.begin("JoinedStr")
	d.oldValues(&s, n, s.whole, s.unicode)
	d.finishAt(s.whole)
}

// oldValues writes the parts of the JoinedStr n, which is all of s or a format specification in it. The last text has
// a position and kind of its own.
func (d *dumper) oldValues(s *oldString, n ast.Node, last span, lastUnicode bool) {
	list := lazyList{d: d, name: "values"}
	var run []string
	flush := func(at span, unicode bool) {
		if value := strings.Join(run, ""); value != "" {
			list.item()
			d.begin("Constant")
			d.field("value")
			d.repr(value)
			d.kind(unicode)
			d.finishAt(at)
		}
		run = run[:0]
	}
	values := d.t.Values(n)
	for v := values.First(); v != 0; v = values.Next(v) {
		if d.t.Kind(v) == ast.KindConstant {
			run = append(run, d.t.Str(v))
			continue
		}
		flush(s.whole, s.unicode)
		list.item()
		d.oldFormattedValue(s, v)
	}
	flush(last, lastUnicode)
	list.close()
}

func (d *dumper) oldFormattedValue(s *oldString, n ast.Node) {
	f := d.t.FormattedValue(n)
	d.begin("FormattedValue")
	outer := d.inner
	d.inner = d.fieldAt(s, n, f)
	d.field("value")
	d.oldValue(n, f)
	d.separate = true
	d.inner = outer
	d.conversion(f)
	if f.Spec == 0 {
		d.none("format_spec")
	} else {
		d.field("format_spec")
		d.oldSpec(s, f.Spec)
		d.separate = true
	}
	d.finishAt(s.whole)
}

// oldValue writes the expression of the replacement field n. It was parsed in parentheses, which a tuple or generator
// without its own takes for its own.
func (d *dumper) oldValue(n ast.Node, f ast.FormattedValue) {
	k := d.t.Kind(f.Value)
	if k != ast.KindTuple && k != ast.KindGeneratorExp || d.t.Parenthesised(f.Value) {
		d.node(f.Value)
		return
	}
	end := d.exprEnd(n, f)
	at := span{d.inner.paren, d.inner.place(d, end)}
	at.end.column++
	if at.end.line > at.start.line && d.version == 8 {
		at.end.column += d.inner.start.column - 1
	}
	d.begin(k.String())
	d.display(f.Value)
	d.finishAt(at)
}

// exprEnd returns where the text of the expression of the replacement field n ends, blanks included.
func (d *dumper) exprEnd(n ast.Node, f ast.FormattedValue) uint32 {
	end := d.t.Pos(n) + 1 + uint32(len(f.Text))
	for strings.IndexByte(" \t\r\n\f", d.t.Source()[end]) >= 0 {
		end++
	}
	return end
}

// oldSpec writes a format specification, which since 3.9 has the position of the literal it stands in.
func (d *dumper) oldSpec(s *oldString, n ast.Node) {
	at, unicode := s.whole, s.unicode
	if d.version > 8 {
		start, end := d.literalAt(s, d.t.Pos(n))
		at, unicode = d.spanOf(start, end), false
	}
	d.begin("JoinedStr")
	d.oldValues(s, n, at, unicode)
	d.finishAt(at)
}

// literalAt returns the span of the literal of s in which an offset lies.
func (d *dumper) literalAt(s *oldString, offset uint32) (start, end uint32) {
	source := d.t.Source()[:s.end]
	start = s.pos
	for {
		_, rest := ast.NextLiteral(source[start:])
		end = start + uint32(literalLen(source[start:]))
		if offset < end || rest == "" {
			return start, end
		}
		start = s.end - uint32(len(rest))
	}
}

// A field is a replacement field whose expression is moved.
type field struct {
	// expr is the offset of the expression's text, right after the brace.
	expr uint32
	// start is the position that expr has for CPython.
	start place
	// paren is the position of the parenthesis that CPython puts before the expression, mostly one column before start.
	paren place
}

// fieldAt returns how the expression of the replacement field n in s is moved.
func (d *dumper) fieldAt(s *oldString, n ast.Node, f ast.FormattedValue) *field {
	brace := d.t.Pos(n)
	if d.version == 8 {
		return d.field38(s, brace, d.exprEnd(n, f))
	}
	literal, end := d.literalAt(s, brace)
	at := d.spanOf(literal, end).start
	result := d.fieldIn(literal, at, brace, brace)
	lines := result.start.line > at.line
	if d.version >= 10 && lines {
		result.start.column = d.place(brace).column + 1
	}
	result.paren = place{result.start.line, result.start.column - 1}
	if d.startsWithLine(brace + 1) {
		// Columns are not moved at all, because the first line holds nothing but the parenthesis.
		result.paren.column = at.column
		if d.version >= 10 && lines {
			result.paren.column = 0
		}
	}
	return result
}

// startsWithLine reports whether nothing but blanks stands between an offset and the end of its line.
func (d *dumper) startsWithLine(offset uint32) bool {
	rest := strings.TrimLeft(d.t.Source()[offset:], " \t\f")
	return strings.HasPrefix(rest, "\n") || strings.HasPrefix(rest, "\r")
}

// fieldIn moves an expression whose field seems to start at found, in the literal that starts at the given offset and,
// for CPython, the given position. A column on a later line of the literal is counted from the line end before it and
// added to that of the literal.
func (d *dumper) fieldIn(literal uint32, at place, brace, found uint32) *field {
	source := d.t.Source()[literal:found]
	column := at.column + len(source)
	if i := strings.LastIndexAny(source, "\r\n"); i >= 0 {
		column = at.column + len(source) - i
	}
	line := at.line + d.place(found).line - d.place(literal).line
	return &field{expr: brace + 1, start: place{line, column + 1}, paren: place{line, column}}
}

// field38 looks for the expression between its braces in the first literal of s, as 3.8 does.
func (d *dumper) field38(s *oldString, brace, end uint32) *field {
	source := d.t.Source()
	_, stop := d.literalAt(s, s.pos)
	at := strings.Index(source[s.pos:stop], source[brace:end]+"}")
	if at < 0 {
		at := s.whole.start
		return &field{expr: brace + 1, start: place{at.line, at.column + 1}, paren: at}
	}
	return d.fieldIn(s.pos, s.whole.start, brace, s.pos+uint32(at))
}

// place moves one offset. Since 3.9 the column of a string of several lines on the first line of the expression stays
// what it is in the text of the expression and the parenthesis before it, because the tokenizer is on another line when
// it has read the string.
func (f *field) place(d *dumper, offset uint32) place {
	p := d.place(offset)
	if lines := p.line - d.place(f.expr).line; lines > 0 {
		return place{f.start.line + lines, p.column}
	}
	if d.version >= 9 && d.longString(offset) {
		return place{f.start.line, 1 + int(offset-f.expr)}
	}
	return place{f.start.line, f.start.column + int(offset) - int(f.expr)}
}

// longString reports whether a string literal of several lines starts at offset.
func (d *dumper) longString(offset uint32) bool {
	source := d.t.Source()[offset:]
	prefix := strings.IndexAny(source, "'\"")
	if prefix < 0 || strings.Trim(source[:prefix], "bBfFrRuU") != "" {
		return false
	}
	return strings.ContainsAny(source[:literalLen(source)], "\r\n")
}

func (f *field) span(d *dumper, pos, end uint32) span {
	return span{f.place(d, pos), f.place(d, end)}
}

// nodeSpan moves the span of n. 3.8 moves the columns of what starts on the first line of the expression, so also an
// end on a later line, if CPython took it from a part of its concrete tree that starts on the first line.
func (f *field) nodeSpan(d *dumper, n ast.Node) span {
	s := f.span(d, d.t.Pos(n), d.end(n))
	if d.version == 8 && s.end.line > f.start.line && f.place(d, d.endPart(n)).line == f.start.line {
		s.end.column += f.start.column - 1
	}
	return s
}

// endPart returns where the part of 3.8's concrete tree starts whose end is that of n.
func (d *dumper) endPart(n ast.Node) uint32 {
	t := d.t
	switch t.Kind(n) {
	case ast.KindAttribute:
		return d.trailer(t.Attribute(n).Value)
	case ast.KindSubscript:
		return d.trailer(t.Subscript(n).Value)
	case ast.KindCall:
		if c := t.Call(n); c.Args.Empty() && c.Keywords.Empty() {
			return d.trailer(c.Func)
		}
		return t.End(n) - 1
	case ast.KindGeneratorExp:
		if t.SharesParens(n) {
			return t.End(n) - 1
		}
	case ast.KindBinOp:
		b := t.BinOp(n)
		if b.Op == ast.Pow {
			break
		}
		if parens := t.ParensOf(b.Right); len(parens) > 0 {
			return parens[len(parens)-1].Open
		}
		return t.Pos(b.Right)
	}
	return t.Pos(n)
}

// trailer returns where the "(", "[" or "." after the primary n stands.
func (d *dumper) trailer(n ast.Node) uint32 {
	offset := d.t.End(n)
	if parens := d.t.ParensOf(n); len(parens) > 0 {
		offset = parens[len(parens)-1].Close + 1
	}
	for strings.IndexByte(" \t\r\n\f\\", d.t.Source()[offset]) >= 0 {
		offset++
	}
	return offset
}
