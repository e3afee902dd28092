package text

import (
	"fmt"
	"strings"
)

// Nearest returns the candidate with the least edit distance to a word, the first where several are as near. It is empty
// where none is near enough to have been meant: more than a third of the word would have to change.
func Nearest(word string, candidates []string) string {
	best, least := "", max(2, (len(word)+2)/3)+1
	for _, candidate := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(candidate), least); d < least {
			best, least = candidate, d
		}
	}
	return best
}

// Suggest words the nearest candidate as the end of a message, empty where there is none.
func Suggest(word string, candidates []string) string {
	if nearest := Nearest(word, candidates); nearest != "" {
		return fmt.Sprintf(": did you mean %q?", nearest)
	}
	return ""
}

// maxWord bounds what is compared; a longer word is nobody's slip of the finger.
const maxWord = 100

// distance is the Levenshtein distance of two words, at most limit.
func distance(a, b string, limit int) int {
	if len(a) > maxWord || len(b) > maxWord || max(len(a), len(b))-min(len(a), len(b)) >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(b)], limit)
}

// List puts names behind each other as a sentence does: "a, b or c".
func List(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
