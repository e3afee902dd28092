package parse

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// literal says how a string literal is written.
type literal uint8

const (
	literalBytes literal = 1 << iota
	literalRaw
	literalFormat   // f-string
	literalTemplate // t-string
	literalTriple
	literalDouble // quoted with ", not with '
)

func (l literal) is(other literal) bool { return l&other != 0 }

// quote returns the closing quotes.
func (l literal) quote() string {
	switch l & (literalTriple | literalDouble) {
	case literalTriple | literalDouble:
		return `"""`
	case literalTriple:
		return `'''`
	case literalDouble:
		return `"`
	}
	return `'`
}

// isPrefix reports whether one or two letters may stand before a quote.
func isPrefix(word string) bool {
	a := word[0] | 0x20
	if len(word) == 1 {
		return a == 'r' || a == 'u' || a == 'b' || a == 'f' || a == 't'
	}
	b := word[1] | 0x20
	if a != 'r' {
		a, b = b, a
	}
	return a == 'r' && (b == 'b' || b == 'f' || b == 't')
}

func prefixOf(word string) (l literal) {
	for i := range len(word) {
		switch word[i] | 0x20 {
		case 'b':
			l |= literalBytes
		case 'r':
			l |= literalRaw
		case 'f':
			l |= literalFormat
		case 't':
			l |= literalTemplate
		}
	}
	return l
}

// stringToken makes a token of the literal whose prefix starts at start and whose
// quotes start at i: a whole String, or the beginning of an FString.
func (p *parser) stringToken(start, i int) {
	src := p.src
	l := literal(0)
	if start < i {
		l = prefixOf(src[start:i])
	}
	c := src[i]
	if c == '"' {
		l |= literalDouble
	}
	i++
	if i+1 < len(src) && src[i] == c && src[i+1] == c {
		l |= literalTriple
		i += 2
	}
	p.literal = l
	if l.is(literalFormat|literalTemplate) && !p.skipping {
		p.set(token.FString, start, i)
		return
	}
	body := i
	i, escaped, ok := stringEnd(src, i, l)
	p.set(token.String, start, i)
	if !ok {
		p.failUnterminated()
		return
	}
	if p.skipping {
		return
	}
	text := src[body : i-len(l.quote())]
	if escaped && !l.is(literalRaw) {
		p.checkEscapes(body, text, l.is(literalBytes))
	}
	if l.is(literalBytes) {
		p.checkASCII(body, text)
	}
}

// stringEnd returns the offset after the closing quotes of the literal whose
// text starts at i, and whether there is a backslash in it. If it is not closed,
// ok is false and end is where the line or the file ends.
func stringEnd(src string, i int, l literal) (end int, escaped, ok bool) {
	if l.is(literalTriple) {
		return tripleEnd(src, i, l.quote())
	}
	quote := l.quote()[0]
	for uint(i) < uint(len(src)) {
		c := src[i]
		if stringByte[c] == 0 {
			i++
			continue
		}
		switch {
		case c == quote:
			return i + 1, escaped, true
		case c == '\\':
			escaped = true
			if next := joinedLine(src, i); next > 0 {
				i = next
			} else {
				i += 2
			}
		case c == '\n' || c == '\r':
			return i, escaped, false
		default:
			i++
		}
	}
	return len(src), escaped, false
}

// stringByte is 1 for the bytes at which the scan of a literal stops to look.
var stringByte = [256]uint8{'"': 1, '\'': 1, '\\': 1, '\n': 1, '\r': 1}

func tripleEnd(src string, i int, quote string) (end int, escaped, ok bool) {
	for i < len(src) {
		n := strings.IndexByte(src[i:], quote[0])
		if n < 0 {
			break
		}
		for stop := i + n; i < stop; {
			b := strings.IndexByte(src[i:stop], '\\')
			if b < 0 {
				i = stop
				break
			}
			escaped = true
			i += b + 2
		}
		if i >= len(src) || src[i] != quote[0] {
			continue // the quote was escaped
		}
		if strings.HasPrefix(src[i:], quote) {
			return i + len(quote), escaped, true
		}
		i++
	}
	return len(src), escaped, false
}

// checkEscapes reports the first escape in text, which starts at offset body,
// that Python refuses.
func (p *parser) checkEscapes(body int, text string, bytes bool) {
	for i := strings.IndexByte(text, '\\'); i >= 0; {
		e := ast.Escape(text[i:], bytes)
		if message := escapeMessage(e, text[i:]); message != "" {
			p.report(uint32(body+i), uint32(body+i+e.Len), message)
			return
		}
		i += e.Len
		n := strings.IndexByte(text[i:], '\\')
		if n < 0 {
			return
		}
		i += n
	}
}

func escapeMessage(e ast.EscapeSequence, text string) string {
	switch e.Status {
	case ast.EscapeTruncated:
		digits := map[byte]string{'x': "two", 'u': "four", 'U': "eight"}[text[1]]
		return "'\\" + text[1:2] + "' must be followed by " + digits + " hexadecimal digits"
	case ast.EscapeOutOfRange:
		return "'\\U' escape is above U+10FFFF"
	case ast.EscapeMalformed:
		return "'\\N' must be followed by a character name in braces"
	case ast.EscapeUnknownName:
		return "unknown character name in '\\N{...}'"
	}
	return ""
}

func (p *parser) checkASCII(body int, text string) {
	for i := range len(text) {
		if text[i] >= 0x80 {
			p.report(uint32(body+i), uint32(body+i+1), "bytes literal can only contain ASCII characters")
			return
		}
	}
}

// strings parses one or more adjacent literals, which Python joins.
func (p *parser) strings() ast.Node {
	start := p.pos
	kind := p.literal.kind()
	values := ast.Chain{}
	formatted := token.None
	for p.at(token.String) || p.at(token.FString) {
		if p.literal.kind() != kind {
			p.report(p.pos, p.end, mixMessage(kind, p.literal.kind()))
			kind = p.literal.kind()
		}
		if p.at(token.FString) {
			formatted = token.FString
			p.formatted(&values)
			continue
		}
		from := p.pos
		for p.at(token.String) && p.literal.kind() == kind {
			p.next()
		}
		p.t.Append(&values, p.t.NewConstant(from, p.prevEnd, kind.constant()))
	}
	if formatted == token.None && values.First == values.Last {
		return values.First
	}
	if kind == kindTemplate {
		return p.t.NewJoined(ast.KindTemplateStr, start, p.prevEnd, values)
	}
	return p.t.NewJoined(ast.KindJoinedStr, start, p.prevEnd, values)
}

// literalKind is what literals must agree in to be joined.
type literalKind uint8

const (
	kindText literalKind = iota // with f-strings
	kindBytes
	kindTemplate
)

func (l literal) kind() literalKind {
	switch {
	case l.is(literalBytes):
		return kindBytes
	case l.is(literalTemplate):
		return kindTemplate
	}
	return kindText
}

func (k literalKind) constant() ast.ConstKind {
	if k == kindBytes {
		return ast.ConstBytes
	}
	return ast.ConstStr
}

func mixMessage(a, b literalKind) string {
	if a == kindTemplate || b == kindTemplate {
		return "cannot join a t-string with a literal of another kind"
	}
	return "cannot join a bytes literal with a string literal"
}
