package parse

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/token"
)

// next makes the following token the current one.
func (p *parser) next() {
	p.prevEnd = p.end
	if p.lineStart && p.layout() {
		return
	}
	src := p.src
	i := p.off
	for {
		if uint(i) >= uint(len(src)) {
			p.endOfFile()
			return
		}
		c := src[i]
		switch classes[c] {
		case classSpace:
			i++
		case classWord:
			start := i
			i++
			for uint(i) < uint(len(src)) && wordByte[src[i]] == 1 {
				i++
			}
			p.word(start, i)
			return
		case classSimple:
			p.set(simpleTokens[c&0x7F], i, i+1)
			return
		case classOpen:
			p.open(i)
			return
		case classClose:
			p.closeBracket(i)
			return
		case classQuote:
			p.stringToken(i, i)
			return
		case classDigit:
			p.number(i)
			return
		case classOperator:
			p.operator(i)
			return
		case classNewline:
			if p.depth == 0 {
				p.newline(i)
				return
			}
			if i = p.lineInBrackets(i); i < 0 {
				return
			}
		case classHash:
			i = p.comment(i)
		case classBackslash:
			if i = p.continuation(i); i < 0 {
				return
			}
		case classUnicode:
			p.unicodeWord(i)
			return
		default:
			p.invalidCharacter(i)
			return
		}
	}
}

func (p *parser) set(k token.Kind, start, end int) {
	p.tok = k
	p.pos, p.end = uint32(start), uint32(end)
	p.off = end
}

// endOfFile ends the last logical line, then the blocks, then the file.
func (p *parser) endOfFile() {
	n := len(p.src)
	switch {
	case p.depth > 0 && !p.skipping:
		p.set(token.EndOfFile, n, n)
		p.failUnclosed()
		p.depth = 0
	case p.tok != token.Newline && p.tok != token.Dedent && p.tok != token.None && p.tok != token.EndOfFile && p.tok != token.Indent:
		p.unclosed, p.depth = p.depth, 0
		p.set(token.Newline, n, n)
		p.lineStart = true
	default:
		p.set(token.EndOfFile, n, n)
	}
}

// newline ends a logical line at i.
func (p *parser) newline(i int) {
	end := i + 1
	if p.src[i] == '\r' && end < len(p.src) && p.src[end] == '\n' {
		end++
	}
	p.set(token.Newline, i, end)
	p.lineStart = true
}

// comment records the comment at i and returns where it ends.
func (p *parser) comment(i int) int {
	end := lineEnd(p.src, i)
	p.t.AddComment(uint32(i), uint32(end))
	if p.fieldDepth >= 0 && p.version < 12 {
		p.report(uint32(i), uint32(i+1), "f-string expression must not contain a comment before Python 3.12")
	}
	return end
}

// lineEnd returns the offset of the line end at or after i.
func lineEnd(src string, i int) int {
	// By chunks, because either character may be far away or missing.
	const chunk = 128
	for i < len(src) {
		part := src[i:min(i+chunk, len(src))]
		n := strings.IndexByte(part, '\n')
		if n >= 0 {
			part = part[:n]
		}
		if r := strings.IndexByte(part, '\r'); r >= 0 {
			return i + r
		}
		i += len(part)
		if n >= 0 {
			break
		}
	}
	return i
}

// continuation joins the line that ends with the backslash at i to the next.
// It returns where the scan goes on, or a negative number if it failed.
func (p *parser) continuation(i int) int {
	end := joinedLine(p.src, i)
	if end < 0 {
		p.set(token.Invalid, i, i+1)
		if i+1 >= len(p.src) {
			p.failScan("unexpected end of file after '\\'")
		} else {
			p.failScan("unexpected character after '\\'")
		}
		return -1
	}
	if end == len(p.src) && !p.skipping {
		p.set(token.Invalid, i, end)
		p.failScan("unexpected end of file after '\\'")
		return -1
	}
	return end
}

// open pushes a bracket.
func (p *parser) open(i int) {
	p.set(simpleTokens[p.src[i]&0x7F], i, i+1)
	if p.depth >= len(p.brackets) {
		p.failScan("too many nested brackets")
		p.depth++
		return
	}
	p.brackets[p.depth] = uint32(i)
	p.depth++
}

// closeBracket pops a bracket, which must match.
func (p *parser) closeBracket(i int) {
	c := p.src[i]
	p.set(simpleTokens[c&0x7F], i, i+1)
	if p.depth == 0 || p.depth <= p.fieldDepth && c != '}' {
		p.failScan("unmatched '" + string(c) + "'")
		return
	}
	p.depth--
	if p.depth >= len(p.brackets) {
		return
	}
	opening := p.src[p.brackets[p.depth]]
	if closers[opening&0x7F] != c && !p.skipping {
		p.failScan("closing '" + string(c) + "' does not match opening '" + string(opening) + "'")
	}
}

// lineInBrackets passes the line end at i inside brackets. If the next line
// starts a statement no deeper than the present one, the bracket was forgotten:
// then it fails and returns a negative number.
func (p *parser) lineInBrackets(i int) int {
	src := p.src
	lineEnd := i
	i++
	start := i
	for i < len(src) && (src[i] == ' ' || src[i] == '\t') {
		i++
	}
	if i < len(src) && classes[src[i]] == classWord && p.fieldDepth < 0 &&
		i-start <= p.indents[p.level].alternate && startsStatement(src[i:]) {
		if p.skipping {
			p.unclosed, p.depth = p.depth, 0
			p.set(token.Newline, start, start)
			p.lineStart = true
			return -1
		}
		p.set(token.Invalid, lineEnd, lineEnd)
		p.failUnclosed()
		return -1
	}
	return i
}

// startsStatement reports whether a line begins with a keyword that cannot stand
// in an expression.
func startsStatement(line string) bool {
	n := 0
	for n < len(line) && wordByte[line[n]] == 1 {
		n++
	}
	switch line[:n] {
	case "def", "class", "return", "import", "while", "with", "try", "raise", "del", "pass", "assert",
		"break", "continue", "global", "nonlocal", "except", "finally", "elif":
		return true
	case "from":
		rest := line[:lineEnd(line, 0)]
		return strings.Contains(rest, " import ")
	case "async":
		rest := strings.TrimLeft(line[n:], " ")
		return strings.HasPrefix(rest, "def ") || strings.HasPrefix(rest, "with ")
	}
	return false
}

// operator scans an operator of one to three characters that begins one of its
// own length.
func (p *parser) operator(i int) {
	src := p.src
	c := src[i]
	var c1, c2 byte
	if i+1 < len(src) {
		c1 = src[i+1]
	}
	if i+2 < len(src) {
		c2 = src[i+2]
	}
	k := operators[c&0x7F]
	switch c {
	case '.':
		p.dot(i, c1, c2)
		return
	case ':':
		if c1 == '=' && p.depth != p.fieldDepth {
			p.set(token.ColonEqual, i, i+2)
			return
		}
	case '!':
		if c1 != '=' {
			p.exclamation(i)
			return
		}
		p.set(token.NotEqual, i, i+2)
		return
	case '-':
		if c1 == '>' {
			p.set(token.Arrow, i, i+2)
			return
		}
		fallthrough
	default:
		if c1 == c && k.double != 0 {
			if c2 == '=' && k.doubleEqual != 0 {
				p.set(k.doubleEqual, i, i+3)
				return
			}
			p.set(k.double, i, i+2)
			return
		}
		if c1 == '=' {
			p.set(k.equal, i, i+2)
			return
		}
	}
	p.set(k.single, i, i+1)
}

// dot scans ".", "..." or a number such as ".5".
func (p *parser) dot(i int, c1, c2 byte) {
	switch {
	case c1 >= '0' && c1 <= '9':
		p.number(i)
	case c1 == '.' && c2 == '.':
		p.set(token.Ellipsis, i, i+3)
	default:
		p.set(token.Dot, i, i+1)
	}
}

// exclamation scans a "!" that is not part of "!=": a conversion directly
// inside a replacement field, nothing elsewhere.
func (p *parser) exclamation(i int) {
	if p.depth == p.fieldDepth {
		p.set(token.Exclamation, i, i+1)
		return
	}
	p.invalidCharacter(i)
}
