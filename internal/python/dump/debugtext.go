package dump

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// debugText returns the text that stands before a replacement field with "=", whose source is v, as 3.12 and later keep
// it: without comments and, outside of format specifications, with the escapes of its literals read, unless the
// f-string is raw.
func (d *dumper) debugText(v ast.Node, spec bool) string {
	source := d.t.SourceOf(v)
	if !spec && d.version < 14 {
		source = source[:cutDebug(source, d.version)]
	}
	value := d.withoutComments(normalLines(source))
	if spec || d.t.IsRaw(v) {
		return value
	}
	return ast.Literal{Body: value}.Value()
}

// cutDebug returns the length of the text that 3.12 and 3.13 keep of an expression: they end it at the first "!" that
// is not in brackets, be it that of "!="; 3.13.0 also at the first "!", ":" or "}" in one pair of brackets after a "=".
func cutDebug(text string, v parse.Version) int {
	depth := 0
	assigned := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'', '"':
			i += literalLen(text[i:]) - 1
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if c == '}' && depth == 1 && assigned && v >= 13 {
				return i
			}
			depth--
		case '=':
			pair := i > 0 && strings.IndexByte("=!<>:", text[i-1]) >= 0 || i+1 < len(text) && text[i+1] == '='
			assigned = assigned || !pair
		case '!', ':':
			if depth == 0 && c == '!' || depth == 1 && assigned && v >= 13 {
				return i
			}
		}
	}
	return len(text)
}

// literalLen returns the length of the string literal at the start of text, prefix and quotes included.
func literalLen(text string) int {
	lit, _ := ast.NextLiteral(text)
	return min(len(lit.Prefix)+2*len(lit.Quote)+len(lit.Body), len(text))
}

// normalLines turns every line end into "\n", as CPython's tokenizer does before all else.
func normalLines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// withoutComments removes comments from the text of an expression. Until 3.13 CPython takes a "#" in a string for the
// start of one.
func (d *dumper) withoutComments(text string) string {
	if strings.IndexByte(text, '#') < 0 {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case c == '#':
			i = len(text)
			if n := strings.IndexByte(text[end:], '\n'); n >= 0 {
				i = end + n
			}
			continue
		case (c == '\'' || c == '"') && d.version >= 14:
			end = i + literalLen(text[i:])
		}
		out.WriteString(text[i:end])
		i = end
	}
	return out.String()
}
