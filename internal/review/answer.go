package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/text"
)

// MaxAnswerBytes bounds what is read of answers and templates: the most that a description may have in GitLab
// (1,048,576 characters; GitHub allows 65,536).
const MaxAnswerBytes = 1 << 20

// Answers are what a pull request's body says to a checklist.
type Answers struct {
	// All are in the order of the text.
	All []*Answer
	// Faults are what of the text cannot be understood.
	Faults []Fault
	// hidden are the ids that stand where no reader sees them, with their lines and why.
	hidden map[string]string
}

// Answer is what stands below one item.
type Answer struct {
	ID string
	// Line is 1-based.
	Line     int
	Ticked   bool
	Evidence []Evidence
}

// Evidence is one line that answers.
type Evidence struct {
	// Kind is one of evidenceKinds, Rest what follows it, Text all of it as it was written.
	Kind, Rest, Text string
	Line             int
}

// Fault is what is wrong with answers or a template.
type Fault struct {
	// Line is 1-based, 0 for what is not there.
	Line   int    `json:"line"`
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// evidenceKinds are the words with which evidence begins.
var evidenceKinds = []string{"test", "record", "measurement", "reason"}

var (
	taskLine     = regexp.MustCompile("^ {0,3}[-*+] \\[([ xX])\\] .*?`(tb-[^`]*)`\\s*$")
	evidenceLine = regexp.MustCompile(`^\s*(?:[-*+]\s+)?(?:\*\*|__)?[Ee]vidence:(?:\*\*|__)?\s*(.*?)\s*$`)
	wellFormed   = regexp.MustCompile(`^tb-[0-9a-f]{12}$`)
	mention      = regexp.MustCompile(`tb-[0-9a-f]{12}`)
)

func (a *Answers) of(id string) *Answer {
	if a == nil {
		return nil
	}
	for _, one := range a.All {
		if one.ID == id {
			return one
		}
	}
	return nil
}

// ParseAnswers reads the text of a checklist with its answers. It never fails: what cannot be understood is a fault with its line.
func ParseAnswers(body []byte) *Answers {
	a := &Answers{hidden: map[string]string{}}
	lines, fault := Lines(body)
	if fault != nil {
		a.Faults = append(a.Faults, *fault)
		return a
	}
	var current *Answer
	first := map[string]int{}
	scan := newScanner()
	for number, line := range lines {
		number++
		if why := scan.next(line, number); why != "" {
			for _, id := range mention.FindAllString(line, -1) {
				a.hidden[id] = fmt.Sprintf("line %d %s", number, why)
			}
			continue
		}
		if at := taskLine.FindStringSubmatch(line); at != nil {
			current = a.task(at[2], at[1] != " ", number, first)
			continue
		}
		if at := evidenceLine.FindStringSubmatch(line); at != nil && at[1] != "" {
			if current == nil {
				a.Faults = append(a.Faults, Fault{Line: number, Reason: "evidence stands before the first item: put it below the item that it answers"})
				continue
			}
			a.evidence(current, at[1], number)
		}
	}
	if open := scan.open(); open != "" {
		a.Faults = append(a.Faults, Fault{Line: scan.since, Reason: open + " is never closed: nothing behind it is read"})
	}
	return a
}

// task begins an answer.
func (a *Answers) task(id string, ticked bool, line int, first map[string]int) *Answer {
	answer := &Answer{ID: id, Line: line, Ticked: ticked}
	switch {
	case !wellFormed.MatchString(id):
		a.Faults = append(a.Faults, Fault{Line: line, Reason: fmt.Sprintf("%q is no id of an item: they are made by `tiebeam review` and not by hand", id)})
		return answer
	case first[id] > 0:
		a.Faults = append(a.Faults, Fault{Line: line, ID: id, Reason: fmt.Sprintf("is answered a second time, first in line %d", first[id])})
		return answer
	}
	first[id] = line
	a.All = append(a.All, answer)
	return answer
}

func (a *Answers) evidence(to *Answer, words string, line int) {
	kind, rest, _ := strings.Cut(words, " ")
	kind = strings.ToLower(strings.TrimSuffix(kind, ":"))
	if !slices.Contains(evidenceKinds, kind) {
		a.Faults = append(a.Faults, Fault{Line: line, ID: to.ID, Reason: fmt.Sprintf(
			"evidence begins with %q, expected %s%s", kind, text.List(evidenceKinds), text.Suggest(kind, evidenceKinds))})
		return
	}
	to.Evidence = append(to.Evidence, Evidence{Kind: kind, Rest: strings.Trim(strings.TrimSpace(rest), "`"), Text: words, Line: line})
}

// Lines splits a text that may be hostile: too long, not UTF-8, or with characters that make it look like another.
func Lines(body []byte) ([]string, *Fault) {
	if len(body) > MaxAnswerBytes {
		return nil, &Fault{Reason: fmt.Sprintf("more than the limit of %d bytes", MaxAnswerBytes)}
	}
	if !utf8.Valid(body) {
		return nil, &Fault{Reason: "is not UTF-8"}
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(string(body), "\ufeff"), "\r\n", "\n"), "\n")
	for number, line := range lines {
		for _, r := range line {
			if deceives(r) {
				return nil, &Fault{Line: number + 1, Reason: fmt.Sprintf("character U+%04X makes the text look other than it is: take it out", r)}
			}
		}
	}
	return lines, nil
}

// deceives reports whether a character is a control, or turns or hides what stands around it. The joiners that emoji are made
// of do not.
func deceives(r rune) bool {
	if r == '\t' {
		return false
	}
	switch {
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}

// scanner tells which lines of Markdown a reader sees as text: not those in a code block, an HTML comment or raw HTML.
type scanner struct {
	fence   string // the marks that opened a code block
	until   string // what ends the HTML that is open
	since   int
	within  string
	pending bool
}

func newScanner() *scanner { return &scanner{} }

// rawHTML are the elements whose content is no Markdown (CommonMark 0.31, HTML blocks of type 1).
var rawHTML = []string{"script", "style", "pre", "textarea"}

// next reads a line and says why its text is not read, "" where it is.
func (s *scanner) next(line string, number int) string {
	trimmed := strings.TrimSpace(line)
	switch {
	case s.fence != "":
		if strings.HasPrefix(trimmed, s.fence) && strings.Trim(trimmed, s.fence[:1]) == "" {
			s.fence = ""
		}
		return "stands in a code block"
	case s.until != "":
		if at := strings.Index(strings.ToLower(line), s.until); at >= 0 {
			s.until = ""
		}
		return "stands in " + s.within
	}
	if marks := fenceOf(trimmed); marks != "" {
		s.fence, s.since = marks, number
		return "stands in a code block"
	}
	lower := strings.ToLower(line)
	if at := strings.LastIndex(lower, "<!--"); at >= 0 {
		if !strings.Contains(lower[at:], "-->") {
			s.until, s.since, s.within = "-->", number, "an HTML comment"
		}
		return "stands in an HTML comment"
	}
	for _, name := range rawHTML {
		if at := strings.Index(lower, "<"+name); at >= 0 {
			if !strings.Contains(lower[at:], "</"+name+">") {
				s.until, s.since, s.within = "</"+name+">", number, "HTML <"+name+">"
			}
			return "stands in HTML <" + name + ">"
		}
	}
	return ""
}

// open names what a text leaves open, "" for nothing.
func (s *scanner) open() string {
	switch {
	case s.fence != "":
		return "a code block"
	case s.until != "":
		return s.within
	}
	return ""
}

// fenceOf gives the marks with which a line opens a code block, "" where it opens none.
func fenceOf(line string) string {
	for _, mark := range []string{"`", "~"} {
		rest := strings.TrimLeft(line, mark)
		if n := len(line) - len(rest); n >= 3 && !(mark == "`" && strings.Contains(rest, "`")) {
			return line[:n]
		}
	}
	return ""
}
