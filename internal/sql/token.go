package sql

import "strings"

// kind is the form of a token.
type kind uint8

const (
	word   kind = iota // identifier or keyword; text is lower-case
	quoted             // quoted identifier; text as written
	text               // string constant
	number
	param // placeholder or hole
	mark  // operator or punctuation; text is it
)

type token struct {
	kind kind
	text string
}

// is says whether the token is the keyword or the punctuation.
func (t token) is(s string) bool { return (t.kind == word || t.kind == mark) && t.text == s }

// name gives the identifier that the token is, "" where it is none or has a hole.
func (t token) name() string {
	switch t.kind {
	case word:
		return t.text
	case quoted:
		if !strings.Contains(t.text, Hole) {
			return strings.ToLower(t.text)
		}
	}
	return ""
}

// Hole is what stands in the text given to Parse where the program puts in a value that is not known.
const Hole = "{}"

// scan cuts a text into tokens. Comments and white space are left out.
func scan(s string) []token {
	var tokens []token
	for i := 0; i < len(s); {
		if skipped := blank(s[i:]); skipped > 0 {
			i += skipped
			continue
		}
		t, size := next(s[i:])
		tokens = append(tokens, t)
		i += size
	}
	return tokens
}

// blank gives the length of the white space or comment at the start of s.
func blank(s string) int {
	switch {
	case s[0] <= ' ':
		return 1
	case strings.HasPrefix(s, "--"):
		return upTo(s, "\n", 2)
	case strings.HasPrefix(s, "/*"):
		return upTo(s, "*/", 2)
	}
	return 0
}

// upTo gives the length of s up to and with the end mark, looked for from offset on; all of s where there is none.
func upTo(s, end string, from int) int {
	if i := strings.Index(s[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(s)
}

// next reads one token at the start of s, which is not empty.
func next(s string) (token, int) {
	switch c := s[0]; {
	case strings.HasPrefix(s, Hole):
		return token{kind: param}, len(Hole)
	case c == '?':
		return token{kind: param}, 1
	case c == '\'':
		return stringToken(s, 1)
	case c == '"' || c == '`':
		end := upTo(s, string(c), 1)
		return token{quoted, strings.Trim(s[:end], "\"`")}, end
	case c == '[' && len(s) > 1 && isLetter(s[1]):
		end := upTo(s, "]", 1)
		return token{quoted, strings.Trim(s[:end], "[]")}, end
	case c == '$':
		return dollar(s)
	case c == '%':
		return percent(s)
	case (c == ':' || c == '@') && len(s) > 1 && isLetter(s[1]):
		return token{kind: param}, 1 + wordLength(s[1:])
	case c >= '0' && c <= '9':
		return token{kind: number}, numberLength(s)
	case isLetter(c):
		return wordToken(s)
	}
	return operator(s)
}

// stringToken reads a string constant whose opening quote stands before offset from.
func stringToken(s string, from int) (token, int) {
	for i := from; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			if i+1 < len(s) && s[i+1] == '\'' {
				i++
				continue
			}
			return token{text, s[from:i]}, i + 1
		}
	}
	return token{kind: text}, len(s)
}

// dollar reads $1 and the dollar-quoted strings of PostgreSQL.
func dollar(s string) (token, int) {
	n := wordLength(s[1:])
	if 1+n < len(s) && s[1+n] == '$' && (n == 0 || !isDigit(s[1])) {
		tag := s[:n+2]
		return token{kind: text}, upTo(s, tag, len(tag))
	}
	return token{kind: param}, 1 + n
}

// percent reads %s and %(name)s; a lone % is the operator.
func percent(s string) (token, int) {
	if len(s) > 1 && (s[1] == 's' || s[1] == 'd') {
		return token{kind: param}, 2
	}
	if strings.HasPrefix(s, "%(") {
		if end := strings.IndexByte(s, ')'); end > 0 {
			return token{kind: param}, min(end+2, len(s))
		}
	}
	return token{mark, "%"}, 1
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func wordLength(s string) int {
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n])) {
		n++
	}
	return n
}

func numberLength(s string) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n] == '.' || isLetter(s[n])) {
		n++
	}
	return n
}

func wordToken(s string) (token, int) {
	n := wordLength(s)
	if n == 1 && n < len(s) && s[n] == '\'' { // E'...', N'...', x'...'
		t, size := stringToken(s, 2)
		return t, size
	}
	return token{word, strings.ToLower(s[:n])}, n
}

func operator(s string) (token, int) {
	for _, two := range [...]string{"::", "||", "<=", ">=", "<>", "!=", "->"} {
		if strings.HasPrefix(s, two) {
			return token{mark, two}, 2
		}
	}
	return token{mark, s[:1]}, 1
}
