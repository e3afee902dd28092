package tree

import "strings"

// classes are the POSIX classes that git's wildmatch.c knows; they hold ASCII only.
var classes = map[string]func(b byte) bool{
	"alnum":  func(b byte) bool { return isAlpha(b) || isDigit(b) },
	"alpha":  isAlpha,
	"blank":  func(b byte) bool { return b == ' ' || b == '\t' },
	"cntrl":  func(b byte) bool { return b < 0x20 || b == 0x7f },
	"digit":  isDigit,
	"graph":  func(b byte) bool { return b > 0x20 && b < 0x7f },
	"lower":  func(b byte) bool { return b >= 'a' && b <= 'z' },
	"print":  func(b byte) bool { return b >= 0x20 && b < 0x7f },
	"punct":  func(b byte) bool { return b > 0x20 && b < 0x7f && !isAlpha(b) && !isDigit(b) },
	"space":  func(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' },
	"upper":  func(b byte) bool { return b >= 'A' && b <= 'Z' },
	"xdigit": func(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' },
}

func isAlpha(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }
func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// matchClass compares a bracket expression, which pattern begins with, with one byte.
func matchClass(pattern string, b byte) (width int, ok bool) {
	i := 1
	negated := i < len(pattern) && (pattern[i] == '!' || pattern[i] == '^')
	if negated {
		i++
	}
	found := false
	for first := true; ; first = false {
		if i >= len(pattern) {
			return 0, false
		}
		if pattern[i] == ']' && !first {
			return i + 1, found != negated
		}
		if strings.HasPrefix(pattern[i:], "[:") {
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 {
				return 0, false
			}
			if pattern[i+end-1] == ':' && end > 2 {
				in := classes[pattern[i+2:i+end-1]]
				if in == nil {
					return 0, false
				}
				found = found || in(b)
				i += end + 1
				continue
			}
		}
		low, next, good := classByte(pattern, i)
		if !good {
			return 0, false
		}
		high := low
		if next+1 < len(pattern) && pattern[next] == '-' && pattern[next+1] != ']' {
			if high, next, good = classByte(pattern, next+1); !good {
				return 0, false
			}
		}
		found = found || low <= b && b <= high
		i = next
	}
}

// classByte reads one byte of a bracket expression, which a backslash may quote.
func classByte(pattern string, i int) (b byte, next int, ok bool) {
	if pattern[i] == '\\' {
		i++
	}
	if i >= len(pattern) {
		return 0, 0, false
	}
	return pattern[i], i + 1, true
}
