package dump

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// repr writes text, UTF-8 in which lone surrogates may stand as three bytes each, as repr shows a str.
func (d *dumper) repr(text string) {
	quote := quoteFor(text)
	buf := append(d.buf, quote)
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			buf = appendASCII(buf, c, quote)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1 && i+2 < len(text):
			// The tree holds no other invalid text than surrogates.
			r, size = rune(c&0xF)<<12|rune(text[i+1]&0x3F)<<6|rune(text[i+2]&0x3F), 3
			buf = appendEscape(buf, r)
		case printable(r, d.version):
			buf = append(buf, text[i:i+size]...)
		default:
			buf = appendEscape(buf, r)
		}
		i += size
	}
	d.buf = append(buf, quote)
}

// appendBytes appends what repr shows of a bytes object.
func appendBytes(buf []byte, text string) []byte {
	quote := quoteFor(text)
	buf = append(buf, 'b', quote)
	for i := range len(text) {
		if c := text[i]; c < utf8.RuneSelf {
			buf = appendASCII(buf, c, quote)
		} else {
			buf = appendEscape(buf, rune(c))
		}
	}
	return append(buf, quote)
}

// quoteFor returns the quote that repr chooses: a single one unless only double ones need no escape.
func quoteFor(text string) byte {
	if strings.IndexByte(text, '\'') >= 0 && strings.IndexByte(text, '"') < 0 {
		return '"'
	}
	return '\''
}

func appendASCII(buf []byte, c, quote byte) []byte {
	switch {
	case c == quote || c == '\\':
		return append(buf, '\\', c)
	case c == '\t':
		return append(buf, '\\', 't')
	case c == '\n':
		return append(buf, '\\', 'n')
	case c == '\r':
		return append(buf, '\\', 'r')
	case c < ' ' || c == 0x7F:
		return appendEscape(buf, rune(c))
	}
	return append(buf, c)
}

// appendEscape appends the shortest of \x, \u and \U that can hold r.
func appendEscape(buf []byte, r rune) []byte {
	letter, digits := byte('x'), 2
	switch {
	case r >= 0x10000:
		letter, digits = 'U', 8
	case r >= 0x100:
		letter, digits = 'u', 4
	}
	buf = append(buf, '\\', letter)
	for shift := (digits - 1) * 4; shift >= 0; shift -= 4 {
		buf = append(buf, "0123456789abcdef"[r>>shift&0xF])
	}
	return buf
}

// A printableRange says that the characters from first to last are printable since Python 3.since.
type printableRange struct {
	first, last rune
	since       parse.Version
}

//go:generate sh -c "python3 printable.py $PYTHONS > printable_table.go"

// printable reports whether repr shows r as it is: str.isprintable, by the Unicode version of that Python.
func printable(r rune, v parse.Version) bool {
	i := sort.Search(len(printableRanges), func(i int) bool { return printableRanges[i].last >= r })
	return i < len(printableRanges) && printableRanges[i].first <= r && printableRanges[i].since <= v
}
