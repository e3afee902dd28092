package text

import (
	"regexp"
	"strings"
)

// link is a Markdown link, of which the words remain.
var link = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

// FirstSentence takes the first sentence of the first paragraph of Markdown as plain text, with its full stop.
func FirstSentence(markdown string) string {
	var words []string
	for line := range strings.Lines(markdown) {
		line = strings.TrimSpace(line)
		if line == "" && len(words) > 0 {
			break
		}
		if line != "" && !strings.HasPrefix(line, "#") {
			words = append(words, strings.TrimPrefix(line, "- "))
		}
	}
	paragraph := link.ReplaceAllString(strings.Join(words, " "), "$1")
	paragraph = strings.NewReplacer(`\_`, "_", `\*`, "*", "\\`", "`", `\[`, "[", `\]`, "]", `\<`, "<", `\>`, ">").Replace(paragraph)
	for at := 0; ; {
		next := strings.Index(paragraph[at:], ". ")
		if next < 0 {
			return paragraph
		}
		at += next + 2
		// A sentence goes on after "e.g. " and the like: the next one begins with a capital.
		if r := paragraph[at]; r >= 'A' && r <= 'Z' {
			return paragraph[:at-1]
		}
	}
}
