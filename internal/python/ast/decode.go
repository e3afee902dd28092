package ast

import "strings"

// Str returns the value of a string or bytes Constant: the joined and unescaped
// text of its literals. A string is UTF-8, with lone surrogates encoded as three
// bytes each, as in Python's "surrogatepass"; bytes are the bytes themselves.
// Invalid escapes, which have a diagnostic, stay as they are written. A single
// literal without escapes costs no allocation.
func (t *Tree) Str(n Node) string {
	x := &t.nodes[n]
	kind := t.ConstKind(n)
	if kind != ConstStr && kind != ConstBytes {
		panic(wrongKind(x.kind))
	}
	if x.flags&flagPiece != 0 {
		return decodePiece(t.src[x.pos:x.end], x.flags)
	}
	text := t.src[x.pos:x.end]
	lit, rest := NextLiteral(text)
	if rest == "" {
		return lit.Value()
	}
	dst := lit.append(nil)
	for rest != "" {
		lit, rest = NextLiteral(rest)
		dst = lit.append(dst)
	}
	return string(dst)
}

func decodePiece(text string, f flags) string {
	if f&flagVerbatim != 0 {
		return normaliseNewlines(text)
	}
	mode := modeStr
	if f&flagRaw != 0 {
		mode = modeRaw
	}
	if f&flagSpec == 0 {
		mode |= modeBraces
	}
	if plain(text, mode) {
		return text
	}
	return string(unescape(nil, text, mode))
}

func normaliseNewlines(text string) string {
	if strings.IndexByte(text, '\r') < 0 {
		return text
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// Literal is one string literal in source form: Prefix as written, Quote one or
// three quote characters, Body what is between the quotes.
type Literal struct{ Prefix, Quote, Body string }

// NextLiteral splits the first literal off the text of a string Constant, which
// may hold several with spaces, comments and line ends between them. It reads
// f-strings as Python did before 3.12: up to the first quote that closes.
func NextLiteral(text string) (lit Literal, rest string) {
	i := 0
	for i < len(text) && text[i] != '"' && text[i] != '\'' {
		i++
	}
	lit.Prefix, text = text[:i], text[i:]
	if text == "" {
		return lit, ""
	}
	lit.Quote = text[:1]
	if len(text) >= 3 && text[1] == text[0] && text[2] == text[0] {
		lit.Quote = text[:3]
	}
	text = text[len(lit.Quote):]
	quote := lit.Quote[0]
	for i = 0; i < len(text) && (text[i] != quote || !strings.HasPrefix(text[i:], lit.Quote)); i++ {
		if text[i] == '\\' {
			i++
		}
	}
	i = min(i, len(text))
	lit.Body = text[:i]
	return lit, skipBlank(text[min(i+len(lit.Quote), len(text)):])
}

// skipBlank skips what may stand between two literals of one Constant.
func skipBlank(text string) string {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\f', '\r', '\n', '\\', '(', ')':
		case '#':
			for i+1 < len(text) && text[i+1] != '\n' && text[i+1] != '\r' {
				i++
			}
		default:
			return text[i:]
		}
	}
	return ""
}

// Is reports whether the prefix holds letter, given in lower case.
func (l Literal) Is(letter byte) bool {
	for i := 0; i < len(l.Prefix); i++ {
		if l.Prefix[i]|0x20 == letter {
			return true
		}
	}
	return false
}

func (l Literal) mode() mode {
	switch {
	case l.Is('r'):
		return modeRaw
	case l.Is('b'):
		return modeBytes
	}
	return modeStr
}

// Value returns the unescaped text of the literal.
func (l Literal) Value() string {
	if plain(l.Body, l.mode()) {
		return l.Body
	}
	return string(l.append(nil))
}

func (l Literal) append(dst []byte) []byte { return unescape(dst, l.Body, l.mode()) }

type mode uint8

const (
	modeStr   mode = iota // all escapes
	modeBytes             // no \N, \u, \U
	modeRaw               // none
	modeKind  mode = 3
	// modeBraces is added for text in which braces are doubled.
	modeBraces mode = 4
)

// plain reports whether text needs no decoding.
func plain(text string, m mode) bool {
	if m&modeKind != modeRaw && strings.IndexByte(text, '\\') >= 0 {
		return false
	}
	if m&modeBraces != 0 && strings.ContainsAny(text, "{}") {
		return false
	}
	return strings.IndexByte(text, '\r') < 0
}

// unescape appends the value of text to dst. Follows the Python 3.14 language
// reference, section 2.7.2.
func unescape(dst []byte, text string, m mode) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c == '\r':
			dst = append(dst, '\n')
			i++
			if i < len(text) && text[i] == '\n' {
				i++
			}
		case (c == '{' || c == '}') && m&modeBraces != 0:
			dst = append(dst, c)
			i++
			if i < len(text) && text[i] == c {
				i++
			}
		case c != '\\' || m&modeKind == modeRaw || m&modeBraces != 0 && i+1 < len(text) && (text[i+1] == '{' || text[i+1] == '}'):
			// A backslash does not protect a brace, which may be doubled.
			dst = append(dst, c)
			i++
		default:
			e := Escape(text[i:], m&modeKind == modeBytes)
			dst = e.append(dst, text[i:i+e.Len])
			i += e.Len
		}
	}
	return dst
}

// EscapeStatus says what is wrong with an escape sequence.
type EscapeStatus uint8

// What Escape finds.
const (
	EscapeOK            EscapeStatus = iota
	EscapeUnknown                    // not an escape: the backslash stays
	EscapeTruncated                  // \x, \u or \U with too few digits
	EscapeOutOfRange                 // \U beyond U+10FFFF
	EscapeMalformed                  // \N without braces, or with empty ones
	EscapeUnknownName                // \N{...} with a name that Unicode does not have
	EscapeOctalTooLarge              // above \377: accepted with a warning
)

// EscapeSequence is one escape sequence: Len bytes of source that stand for Rune,
// or for nothing (an escaped line end) if Rune is negative.
type EscapeSequence struct {
	Len    int
	Rune   rune
	Bytes  bool
	Status EscapeStatus
}

func (e EscapeSequence) append(dst []byte, source string) []byte {
	switch {
	case e.Status != EscapeOK && e.Status != EscapeOctalTooLarge:
		return append(dst, source...)
	case e.Rune < 0:
		return dst
	case e.Bytes:
		return append(dst, byte(e.Rune))
	}
	return appendRune(dst, e.Rune)
}

// appendRune encodes r, also if it is a surrogate.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r < 0x80:
		return append(dst, byte(r))
	case r < 0x800:
		return append(dst, 0xC0|byte(r>>6), 0x80|byte(r)&0x3F)
	case r < 0x10000:
		return append(dst, 0xE0|byte(r>>12), 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
	}
	return append(dst, 0xF0|byte(r>>18), 0x80|byte(r>>12)&0x3F, 0x80|byte(r>>6)&0x3F, 0x80|byte(r)&0x3F)
}

var simpleEscapes = [128]rune{
	'\\': '\\', '\'': '\'', '"': '"', 'a': 7, 'b': 8, 'f': 12, 'n': 10, 'r': 13, 't': 9, 'v': 11,
}

// Escape reads the escape sequence at the start of text, which begins with a
// backslash, in a bytes literal or in a string.
func Escape(text string, bytes bool) EscapeSequence {
	if len(text) < 2 {
		return EscapeSequence{Len: len(text), Status: EscapeUnknown}
	}
	c := text[1]
	switch {
	case c < 128 && simpleEscapes[c] != 0:
		return EscapeSequence{Len: 2, Rune: simpleEscapes[c], Bytes: bytes}
	case c == '\n':
		return EscapeSequence{Len: 2, Rune: -1}
	case c == '\r':
		if len(text) > 2 && text[2] == '\n' {
			return EscapeSequence{Len: 3, Rune: -1}
		}
		return EscapeSequence{Len: 2, Rune: -1}
	case c >= '0' && c <= '7':
		return octalEscape(text, bytes)
	case c == 'x':
		return hexEscape(text, 2, bytes)
	case bytes:
	case c == 'u':
		return hexEscape(text, 4, bytes)
	case c == 'U':
		return hexEscape(text, 8, bytes)
	case c == 'N':
		return nameEscape(text)
	}
	return EscapeSequence{Len: 2, Status: EscapeUnknown}
}

func octalEscape(text string, bytes bool) EscapeSequence {
	e := EscapeSequence{Len: 1, Bytes: bytes}
	for e.Len < 4 && e.Len < len(text) && text[e.Len] >= '0' && text[e.Len] <= '7' {
		e.Rune = e.Rune<<3 | rune(text[e.Len]-'0')
		e.Len++
	}
	if e.Rune > 0xFF {
		e.Status = EscapeOctalTooLarge
	}
	return e
}

func hexEscape(text string, digits int, bytes bool) EscapeSequence {
	e := EscapeSequence{Len: 2, Bytes: bytes}
	value := uint64(0)
	for e.Len < 2+digits && e.Len < len(text) {
		d := hexDigit(text[e.Len])
		if d > 15 {
			break
		}
		value = value<<4 | uint64(d)
		e.Len++
	}
	e.Rune = rune(value)
	switch {
	case e.Len < 2+digits:
		e.Status = EscapeTruncated
	case value > 0x10FFFF:
		e.Status = EscapeOutOfRange
	}
	return e
}

func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 0xFF
}

func nameEscape(text string) EscapeSequence {
	if len(text) < 3 || text[2] != '{' {
		return EscapeSequence{Len: 2, Status: EscapeMalformed}
	}
	const longest = 256 // no name is; the bound keeps decoding linear
	end := strings.IndexByte(text[:min(len(text), longest)], '}')
	if end <= 3 {
		return EscapeSequence{Len: 3, Status: EscapeMalformed}
	}
	r, ok := runeByName(text[3:end])
	if !ok {
		return EscapeSequence{Len: end + 1, Status: EscapeUnknownName}
	}
	return EscapeSequence{Len: end + 1, Rune: r}
}
