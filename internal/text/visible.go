package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible writes every character that a terminal or a reader could take for something else as an escape: controls of
// C0 and C1, DEL, line and paragraph separators, bidirectional marks and overrides, byte order marks, other invisible
// format characters, and bytes that are no UTF-8. Tab becomes one space. It costs nothing where there is none.
func Visible(s string) string {
	at := strings.IndexFunc(s, Hidden)
	if at < 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s) + 16)
	out.WriteString(s[:at])
	for i := at; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case r == '\t':
			out.WriteByte(' ')
		case !Hidden(r):
			out.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&out, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\U%08x`, r)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
		i += size
	}
	return out.String()
}

// Hidden reports whether a character must be escaped; utf8.RuneError stands for bytes that are none.
func Hidden(r rune) bool {
	if r >= 0x20 && r < 0x7f {
		return false
	}
	return r < 0xa0 || r == utf8.RuneError || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs)
}
