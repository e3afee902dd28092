package contract

import (
	"fmt"
	"path"
	"strings"
	"unicode"
)

// NextPath is where a new record belongs: beside the others, or in docs/adr, under the next number and as many digits.
func (r *Records) NextPath(title string) string {
	folder, number, digits := Conventional[0], 0, 4
	if len(r.Folders) > 0 {
		folder = r.Folders[0]
	}
	for _, one := range r.All {
		if path.Dir(one.Path) == folder {
			number, digits = max(number, one.Number), len(one.Label)
		}
	}
	return fmt.Sprintf("%s/%0*d-%s.md", folder, digits, number+1, slug(title))
}

// slug makes a file name of a title.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	s := strings.Join(words, "-")
	if len(s) > maxSlug {
		s = strings.TrimRight(strings.ToValidUTF8(s[:maxSlug], ""), "-")
	}
	if s == "" {
		return "record"
	}
	return s
}

// maxSlug bounds a file name, which file systems do too.
const maxSlug = 80

// Template is a new record in the short form of MADR. Old is the one that it supersedes, nil for none.
func (r *Records) Template(title, status, date string, old *Record) string {
	number := strings.TrimSuffix(path.Base(r.NextPath(title)), "-"+slug(title)+".md")
	supersedes := ""
	if old != nil {
		supersedes = fmt.Sprintf("\nSupersedes [%s](%s): %s\n", old.Label, path.Base(old.Path), old.Title)
	}
	return fmt.Sprintf(template, number, title, status, date, supersedes)
}

const template = `# %s: %s

Status: %s

Date: %s
%s
## Context

What made a decision necessary: the incident, the measurement, the wish.

## Decision

What is done from now on, in a sentence that code can be held against. Where it can, say it as a contract:

~~~
effect: outbound call
scope: {package: shop.clients}
needs: deadline
at-most: 5 s
~~~

(Write tiebeam behind the opening fence, and check holds the code against it.)

## Consequences

- What becomes easier, what harder, and what has to be watched.
`
