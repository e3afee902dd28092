package parse

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// fstring is one f-string or t-string under way. Recovery uses the outermost
// one: an error inside a field makes the whole literal end where it would if it
// had no fields.
type fstring struct {
	outer   *fstring
	literal literal
	pos     uint32 // of the prefix
	body    int    // offset after the opening quotes
	depth   int    // open brackets outside
}

// formatted parses the f-string or t-string whose opening is the current token,
// appends its parts to values, and leaves the token after it.
func (p *parser) formatted(values *ast.Chain) {
	f := &fstring{outer: p.fstring, literal: p.literal, pos: p.pos, body: p.off, depth: p.depth}
	if f.literal.is(literalTemplate) {
		p.gate(14, p.pos, p.end, "t-string")
	}
	p.fstring = f
	fieldDepth := p.fieldDepth
	p.pieces(values, f, 0)
	if p.failed {
		return // recovery has left all f-strings
	}
	p.fstring = f.outer
	p.fieldDepth = fieldDepth
	p.end = uint32(p.off)
	p.next()
}

// pieces parses the text and the replacement fields of f from p.off up to its
// closing quotes, or in a format specification (nested > 0) up to the "}".
// It leaves p.off after the quotes, or at the "}".
func (p *parser) pieces(values *ast.Chain, f *fstring, nested int) {
	src := p.src
	quote := f.literal.quote()
	raw := f.literal.is(literalRaw)
	i := p.off
	start := i
	for {
		if i >= len(src) {
			p.off = i
			p.failFString(f)
			return
		}
		c := src[i]
		if fstringByte[c] == 0 {
			i++
			continue
		}
		switch {
		case c == quote[0] && strings.HasPrefix(src[i:], quote):
			p.piece(values, start, i, f, nested)
			if nested > 0 {
				p.off = i
				p.fail(uint32(i), uint32(i+len(quote)), "expected '}' at the end of the replacement field")
				return
			}
			p.off = i + len(quote)
			return
		case c == '\\':
			i = skipEscape(src, i, raw)
		case c == '{' && nested == 0 && i+1 < len(src) && src[i+1] == '{':
			i += 2
		case c == '{':
			p.piece(values, start, i, f, nested)
			if p.field(values, f, i, nested); p.failed {
				return
			}
			i = p.off
			start = i
		case c == '}' && nested > 0:
			p.piece(values, start, i, f, nested)
			p.off = i
			return
		case c == '}' && i+1 < len(src) && src[i+1] == '}':
			i += 2
		case c == '}':
			p.off = i
			p.fail(uint32(i), uint32(i+1), "single '}' is not allowed in an f-string")
			return
		case (c == '\n' || c == '\r') && !f.literal.is(literalTriple):
			if nested > 0 && p.version >= 12 && p.version < 14 {
				p.piece(values, start, i, f, nested)
				if i = p.afterSpecLine(i); p.failed {
					return
				}
				start = i
				continue
			}
			p.off = i
			if nested > 0 {
				p.fail(uint32(i), uint32(i), "newline is not allowed in the format specification of a single-quoted f-string")
				return
			}
			p.failFString(f)
			return
		default:
			i++
		}
	}
}

// afterSpecLine passes the line end at i in the format specification of a
// single-quoted f-string. Python 3.12 and 3.13 let it end the text of the
// specification, after which only blanks may come; later versions refuse it.
func (p *parser) afterSpecLine(i int) int {
	for i < len(p.src) {
		switch p.src[i] {
		case ' ', '\t', '\f', '\n', '\r':
			i++
			continue
		case '#':
			i = p.comment(i)
			continue
		case '{', '}':
			return i
		}
		break
	}
	p.off = i
	p.fail(uint32(i), uint32(i), "expected '}' at the end of the replacement field")
	return i
}

// fstringByte is 1 for the bytes at which the scan of an f-string stops to look.
var fstringByte = [256]uint8{'"': 1, '\'': 1, '\\': 1, '\n': 1, '\r': 1, '{': 1, '}': 1}

// skipEscape passes the backslash at i and what it protects. Braces are not
// protected, except those of \N{...}.
func skipEscape(src string, i int, raw bool) int {
	if i+1 >= len(src) {
		return i + 1
	}
	if next := joinedLine(src, i); next > 0 {
		return next
	}
	switch c := src[i+1]; {
	case c == '{' || c == '}':
		return i + 1
	case c == 'N' && !raw && i+2 < len(src) && src[i+2] == '{':
		n := i + 3
		for n < len(src) && isNameByte(src[n]) {
			n++
		}
		if n < len(src) && src[n] == '}' {
			n++
		}
		return n
	}
	return i + 2
}

// isNameByte reports whether c can be part of the name of a character.
func isNameByte(c byte) bool { return wordByte[c] == 1 && c != '_' || c == ' ' || c == '-' }

// piece appends the literal text between start and end.
func (p *parser) piece(values *ast.Chain, start, end int, f *fstring, nested int) {
	if start == end {
		return
	}
	style := ast.PieceEscaped
	if f.literal.is(literalRaw) {
		style |= ast.PieceRaw
	} else {
		p.checkEscapes(start, p.src[start:end], false)
	}
	if nested > 0 {
		style |= ast.PieceSpec
	}
	p.t.Append(values, p.t.NewPiece(uint32(start), uint32(end), style))
}

// field parses the replacement field whose "{" is at i and leaves p.off after
// its "}".
func (p *parser) field(values *ast.Chain, f *fstring, i, nested int) {
	if nested >= p.maxSpecs() {
		p.fail(uint32(i), uint32(i+1), "f-string expressions are nested too deeply")
		return
	}
	if !p.enter() {
		p.leave()
		return
	}
	outerField := p.fieldDepth
	p.open(i)
	if p.failed {
		p.leave()
		return
	}
	p.fieldDepth = p.depth
	p.next()
	if p.at(token.RightBrace) || p.at(token.Exclamation) || p.at(token.Colon) || p.at(token.Equal) {
		p.fail(p.pos, p.end, "expected an expression in the replacement field before '"+p.tok.String()+"'")
	}
	textStart := uint32(i + 1)
	value := p.yieldOrStarExprs()
	if p.version < 12 && p.atFor() {
		// The braces counted as parentheses.
		generators := p.generators(value)
		value = p.t.NewComp(ast.KindGeneratorExp, uint32(i), max(p.end, p.prevEnd), value, generators)
		p.t.SetParenthesised(value)
	}
	textEnd := p.prevEnd
	debug := false
	if p.at(token.Equal) && !p.failed {
		debug = true
		p.next()
		style := ast.PieceVerbatim
		if f.literal.is(literalRaw) {
			style |= ast.PieceRaw
		}
		p.t.Append(values, p.t.NewPiece(textStart, p.pos, style))
	}
	if p.version < 12 {
		p.checkOldField(f, value, int(textStart), int(p.pos))
	}
	conversion := p.conversion()
	spec := p.spec(f, nested)
	if !p.failed && !p.at(token.RightBrace) {
		p.fail(p.pos, p.end, "expected '}' at the end of the replacement field")
	}
	p.leave()
	if p.failed {
		return
	}
	p.fieldDepth = outerField
	if debug && conversion == 0 && spec == 0 {
		conversion = 'r'
	}
	kind := ast.KindFormattedValue
	if f.literal.is(literalTemplate) && nested == 0 { // a format specification is evaluated at once (PEP 750)
		kind = ast.KindInterpolation
	}
	p.off = int(p.end)
	p.t.Append(values, p.t.NewFormattedValue(kind, uint32(i), p.end, value, conversion, spec, debug, textStart, textEnd))
}

// maxSpecs is how deep format specifications may hold fields that have format
// specifications.
func (p *parser) maxSpecs() int {
	if p.version < 12 {
		return 2
	}
	return 3
}

// checkOldField holds the expression of a replacement field, between start and
// end, to the rules before Python 3.12, when it was cut out of the literal and
// parsed in parentheses.
func (p *parser) checkOldField(f *fstring, value ast.Node, start, end int) {
	if p.failed {
		return
	}
	text := p.src[start:end]
	if i := strings.IndexByte(text, '\\'); i >= 0 {
		p.report(uint32(start+i), uint32(start+i+1), "f-string expression must not contain a backslash before Python 3.12")
	}
	if i := strings.IndexAny(text, "\r\n"); i >= 0 && !f.literal.is(literalTriple) {
		p.report(f.pos, uint32(f.body), "f-string is not closed on its line, which it must be before Python 3.12")
	}
	if i := strings.Index(text, f.literal.quote()); i >= 0 {
		p.report(uint32(start+i), uint32(start+i+1), "f-string expression must not use the quotes of the f-string before Python 3.12")
	}
	if p.version >= 9 && p.t.Kind(value) == ast.KindStarred {
		p.report(uint32(start), uint32(end), "cannot use a starred expression here")
	}
}

// conversion parses "!s", "!r" or "!a" if it is there.
func (p *parser) conversion() ast.Conversion {
	if !p.at(token.Exclamation) || p.failed {
		return 0
	}
	end := p.end
	p.next()
	text := p.src[p.pos:p.end]
	if p.pos != end && p.at(token.Name) {
		p.fail(p.pos, p.end, "the conversion must come right after '!'")
		return 0
	}
	if !p.at(token.Name) || text != "s" && text != "r" && text != "a" {
		p.fail(p.pos, p.end, "expected the conversion 's', 'r' or 'a' after '!'")
		return 0
	}
	end = p.end
	p.next()
	if p.version < 12 && p.pos != end {
		p.fail(p.pos, p.end, "expected '}' right after the conversion")
	}
	return ast.Conversion(text[0])
}

// spec parses ":" and a format specification if it is there, and makes its "}"
// the current token.
func (p *parser) spec(f *fstring, nested int) ast.Node {
	if !p.at(token.Colon) || p.failed {
		return 0
	}
	pos := p.pos
	p.off = int(p.end)
	parts := ast.Chain{}
	depth := p.fieldDepth
	p.pieces(&parts, f, nested+1)
	if p.failed {
		return 0
	}
	p.fieldDepth = depth
	end := pos + 1
	if parts.Last != 0 {
		end = p.t.End(parts.Last)
	}
	p.next() // the "}"
	return p.t.NewJoined(ast.KindJoinedStr, pos, end, parts)
}

// failFString reports that f is not closed.
func (p *parser) failFString(f *fstring) {
	what := "f-string"
	if f.literal.is(literalTemplate) {
		what = "t-string"
	}
	if f.literal.is(literalTriple) {
		what = "triple-quoted " + what
	}
	p.fail(f.pos, uint32(f.body), what+" is not closed")
}
