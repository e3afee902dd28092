package pg

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// maxShape bounds a shape in bytes.
const maxShape = 4 << 10

// shape takes the values out of a statement: constants and placeholders become a question mark, comments go, and white
// space is one blank. values are the constants, for hashing.
func shape(statement string) (out string, values []string) {
	var b strings.Builder
	space := false
	for i := 0; i < len(statement) && b.Len() < maxShape; {
		size, kind := lexeme(statement[i:])
		part := statement[i : i+size]
		before := byte(0)
		if i > 0 {
			before = statement[i-1]
		}
		i += size
		if kind == blank {
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		switch {
		case kind == constant && !(isWord(before) && part[0] >= '0' && part[0] <= '9'):
			values = append(values, part)
			b.WriteByte('?')
		case kind == placeholder:
			b.WriteByte('?')
		default:
			b.WriteString(part)
		}
	}
	return wire.Cut(strings.ToValidUTF8(strings.TrimRight(b.String(), "; "), "?"), maxShape), values
}

// The kinds of lexemes.
const (
	blank = iota
	constant
	placeholder
	other
)

// lexeme gives the size and kind of what a text, which is not empty, starts with.
func lexeme(s string) (size, kind int) {
	switch c := s[0]; {
	case c <= ' ':
		return 1, blank
	case strings.HasPrefix(s, "--"):
		return through(s, 2, "\n"), blank
	case strings.HasPrefix(s, "/*"):
		return comment(s), blank
	case c == '\'':
		return quote(s, 1, false), constant
	case (c == 'E' || c == 'e') && len(s) > 1 && s[1] == '\'':
		return quote(s, 2, true), constant
	case (c == 'B' || c == 'b' || c == 'X' || c == 'x') && len(s) > 1 && s[1] == '\'':
		return quote(s, 2, false), constant
	case c == '"':
		return through(s, 1, `"`), other
	case c == '$':
		return dollar(s)
	case c >= '0' && c <= '9':
		return span(s, func(c byte) bool { return isWord(c) || c == '.' }), constant
	case isWord(c):
		return span(s, isWord), other
	}
	return 1, other
}

func isWord(c byte) bool {
	return c == '_' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func span(s string, in func(byte) bool) int {
	n := 1
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

// through gives the length up to and with an end mark looked for from an offset; all where there is none.
func through(s string, from int, end string) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// comment gives the length of a comment, which nests.
func comment(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func quote(s string, from int, escapes bool) int {
	for i := from; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == '\'':
			return i + 1
		}
	}
	return len(s)
}

// dollar reads $1, $$text$$ and $tag$text$tag$.
func dollar(s string) (size, kind int) {
	n := 1
	for n < len(s) && isWord(s[n]) {
		n++
	}
	if n > 1 && s[1] >= '0' && s[1] <= '9' {
		return n, placeholder
	}
	if n < len(s) && s[n] == '$' {
		return through(s, n+1, s[:n+1]), constant
	}
	return n, other
}
