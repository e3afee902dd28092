package parse

import "github.com/tiebeam/tiebeam/internal/python/token"

// class says what a byte begins, outside of strings.
type class uint8

const (
	classInvalid class = iota
	classSpace
	classWord
	classSimple // a token of one character that is no prefix of another
	classOpen
	classClose
	classQuote
	classDigit
	classOperator
	classNewline
	classHash
	classBackslash
	classUnicode
)

var classes = makeClasses()

func makeClasses() (t [256]class) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = classWord, classWord
	}
	t['_'] = classWord
	for c := '0'; c <= '9'; c++ {
		t[c] = classDigit
	}
	for c := 0x80; c <= 0xFF; c++ {
		t[c] = classUnicode
	}
	set := func(chars string, k class) {
		for i := range len(chars) {
			t[chars[i]] = k
		}
	}
	set(" \t\f", classSpace)
	set(",;~", classSimple)
	set("([{", classOpen)
	set(")]}", classClose)
	set("\"'", classQuote)
	set(".:!-=<>+*/%@&|^", classOperator)
	set("\n\r", classNewline)
	set("#", classHash)
	set("\\", classBackslash)
	return t
}

// wordByte is 1 for the ASCII characters inside an identifier, 2 for bytes of
// others.
var wordByte = makeWordBytes()

func makeWordBytes() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= 0x80:
			t[c] = 2
		case c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z':
			t[c] = 1
		}
	}
	return t
}

var simpleTokens = [128]token.Kind{
	',': token.Comma, ';': token.Semicolon, '~': token.Tilde,
	'(': token.LeftParen, '[': token.LeftBracket, '{': token.LeftBrace,
	')': token.RightParen, ']': token.RightBracket, '}': token.RightBrace,
}

var closers = [128]byte{'(': ')', '[': ']', '{': '}'}

// operatorSet lists what a character makes alone, before "=", doubled, and
// doubled before "=".
type operatorSet struct{ single, equal, double, doubleEqual token.Kind }

var operators = [128]operatorSet{
	'.': {single: token.Dot},
	':': {single: token.Colon},
	'-': {single: token.Minus, equal: token.MinusEqual},
	'=': {single: token.Equal, equal: token.EqualEqual},
	'<': {token.Less, token.LessEqual, token.LeftShift, token.LeftShiftEqual},
	'>': {token.Greater, token.GreaterEqual, token.RightShift, token.RightShiftEqual},
	'+': {single: token.Plus, equal: token.PlusEqual},
	'*': {token.Star, token.StarEqual, token.DoubleStar, token.DoubleStarEqual},
	'/': {token.Slash, token.SlashEqual, token.DoubleSlash, token.DoubleSlashEqual},
	'%': {single: token.Percent, equal: token.PercentEqual},
	'@': {single: token.At, equal: token.AtEqual},
	'&': {single: token.Amper, equal: token.AmperEqual},
	'|': {single: token.Bar, equal: token.BarEqual},
	'^': {single: token.Caret, equal: token.CaretEqual},
}
