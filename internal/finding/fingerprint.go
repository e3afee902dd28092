package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Key is what a finding is recognised by when lines move and other findings come and go.
type Key struct {
	Rule, Guard, Path, Symbol, Text string
}

// KeyOf returns the key of a completed finding.
func KeyOf(f *Finding) Key {
	return Key{Rule: f.Rule, Guard: f.Guard, Path: f.Path, Symbol: f.Symbol, Text: f.Text}
}

// Seal gives every finding its fingerprint: the key and, where several share it, the number of its occurrence. The
// findings must be completed and in the order of Compare.
func Seal(all []Finding) {
	seen := make(map[Key]int, len(all))
	for i := range all {
		key := KeyOf(&all[i])
		all[i].Fingerprint = fingerprint(key, seen[key])
		seen[key]++
	}
}

// fingerprint hashes the parts with their lengths, so that no two different keys run into the same bytes.
func fingerprint(key Key, occurrence int) string {
	hash := sha256.New()
	for _, part := range []string{key.Rule, key.Guard, key.Path, key.Symbol, key.Text, strconv.Itoa(occurrence)} {
		hash.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// Normalise makes source text comparable across reformatting: white space is dropped except between two characters that
// would otherwise run together, and so is a comma before a closing bracket. White space inside string literals is
// treated alike; two texts that differ only there are the same site.
func Normalise(text string) string {
	var out strings.Builder
	out.Grow(len(text))
	var last rune
	space, comma := false, false
	for _, r := range text {
		if unicode.IsSpace(r) || r == '\\' {
			space = true
			continue
		}
		if comma {
			if r != ')' && r != ']' && r != '}' {
				out.WriteByte(',')
			}
			comma = false
		}
		if space && joins(last) && joins(r) {
			out.WriteByte(' ')
		}
		space = false
		last = r
		if r == ',' {
			comma = true
			continue
		}
		out.WriteRune(r)
	}
	if comma {
		out.WriteByte(',')
	}
	return out.String()
}

// joins reports whether two such characters side by side would read as one word.
func joins(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// maxOneLine is the length in bytes at which OneLine cuts, so that a 20 MB line does not reach a report.
const maxOneLine = 240

// OneLine puts source text on one line: runs of white space become one space, and a long text is cut with an ellipsis.
func OneLine(text string) string {
	if len(text) > 4*maxOneLine {
		text = cut(text, 4*maxOneLine)
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxOneLine {
		return cut(text, maxOneLine) + "…"
	}
	return text
}

// cut shortens text to at most size bytes without splitting a character.
func cut(text string, size int) string {
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size]
}
