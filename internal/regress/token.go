package regress

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// eachToken calls visit for every word and every sign of text, white space left out.
func eachToken(text string, visit func(token string)) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		if unicode.IsSpace(r) {
			i += size
			continue
		}
		start := i
		i += size
		if isWordRune(r) {
			for i < len(text) {
				r, size = utf8.DecodeRuneInString(text[i:])
				if !isWordRune(r) {
					break
				}
				i += size
			}
		}
		visit(text[start:i])
	}
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// tokensOf gives the tokens of text, sorted.
func tokensOf(text string) []string {
	var tokens []string
	eachToken(text, func(t string) { tokens = append(tokens, t) })
	sort.Strings(tokens)
	return tokens
}

// similarity is twice the share of tokens that two sorted lists have in common: 1 for equal, 0 for disjoint ones.
func similarity(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			common++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return 2 * float64(common) / float64(len(a)+len(b))
}

// rename replaces identifiers of text. What follows a dot is an attribute and keeps its name, and so does a keyword
// of a call, which is written without a space before its "=".
func rename(text string, names map[string]string) string {
	if len(names) == 0 || text == "" {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		start := i
		for i < len(text) && isWordByte(text[i]) {
			i++
		}
		if i == start {
			out.WriteByte(text[i])
			i++
			continue
		}
		word := text[start:i]
		attribute := start > 0 && text[start-1] == '.'
		keyword := i < len(text) && text[i] == '=' && (start > 0 && (text[start-1] == '(' || text[start-1] == ' '))
		if to, ok := names[word]; ok && !attribute && !keyword {
			word = to
		}
		out.WriteString(word)
	}
	return out.String()
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

// mentions says whether the expression part stands in text as a whole, and not as a piece of a longer name or of an
// attribute of something else.
func mentions(text, part string) bool { return countMentions(text, part) > 0 }

func countMentions(text, part string) int {
	if part == "" {
		return 0
	}
	count := 0
	for from := 0; ; {
		at := strings.Index(text[from:], part)
		if at < 0 {
			return count
		}
		at += from
		end := at + len(part)
		before := at == 0 || !isWordByte(text[at-1]) && text[at-1] != '.' || !isWordByte(part[0])
		after := end == len(text) || !isWordByte(text[end]) || !isWordByte(part[len(part)-1])
		if before && after {
			count++
		}
		from = at + 1
	}
}

// lastPart gives what stands behind the last dot.
func lastPart(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }
