package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/text"
)

// read fills in what the record says of itself, and its contracts.
func (r *Record) read(d *document) []Fault {
	var faults []Fault
	r.Title, r.Date = d.title, d.date
	lines := d.status
	if d.nested > 0 {
		return []Fault{{Path: r.Path, Line: d.nested, Reason: fmt.Sprintf("record nests quotes and lists deeper than %d levels and is not read", mostNested)}}
	}
	if d.front.text != "" {
		front, fault := readFrontMatter(r.Path, d.front)
		if fault != nil && len(d.blocks) > 0 {
			faults = append(faults, *fault)
		}
		lines = append(front.status, lines...)
		if front.date != "" {
			r.Date = front.date
		}
		if r.Title == "" {
			r.Title = ownNumber.ReplaceAllString(front.title, "")
		}
		r.SupersededBy, r.Supersedes = front.supersededBy, front.supersedes
	}
	if fault := r.readStatus(lines); fault != nil && len(d.blocks) > 0 {
		faults = append(faults, *fault)
	}
	silent := len(faults) > 0 // why there is no status has been said
	for i := range d.blocks {
		clauses, wrong := readBlock(r, &d.blocks[i])
		r.Clauses = append(r.Clauses, clauses...)
		faults = append(faults, wrong...)
	}
	if len(d.blocks) > 0 && r.Status == NoStatus && !silent {
		faults = append(faults, Fault{Path: r.Path, Line: 1, Field: "status", Reason: "a record with contracts says whether it is proposed, accepted, rejected, deprecated or superseded"})
	}
	return faults
}

// synonyms are other words for a status that records use.
var synonyms = map[string]Status{
	"proposed": Proposed, "draft": Proposed, "proposal": Proposed, "rfc": Proposed,
	"accepted": Accepted, "approved": Accepted, "adopted": Accepted,
	"rejected": Rejected, "declined": Rejected, "deprecated": Deprecated, "retired": Deprecated,
	"superseded": Superseded, "superceded": Superseded, "replaced": Superseded,
}

// readStatus takes the status from the lines that speak of it. That it was superseded weighs more than that it was once
// accepted, as adr-tools writes one below the other.
func (r *Record) readStatus(lines []line) *Fault {
	var unknown *Fault
	for _, l := range lines {
		word := firstWord(l.text)
		switch {
		case word == "":
			continue
		case strings.HasPrefix(word, "supersedes") || strings.HasPrefix(word, "supercedes"):
			r.Supersedes = append(r.Supersedes, numbersIn(l.text)...)
			continue
		}
		status, known := synonyms[word]
		switch {
		case !known && r.Status == NoStatus && unknown == nil:
			unknown = &Fault{Path: r.Path, Line: l.line, Field: "status", Reason: fmt.Sprintf("unknown status %q%s", text.Visible(word), text.Suggest(word, statusNames[1:]))}
		case status == Superseded:
			r.SupersededBy = append(r.SupersededBy, numbersIn(l.text)...)
			r.Status, r.statusLine = status, l.line
		case known && r.Status == NoStatus:
			r.Status, r.statusLine = status, l.line
		}
	}
	if r.Status != NoStatus {
		return nil
	}
	return unknown
}

// firstWord gives the first word of a line in lower case, whatever signs stand before it.
func firstWord(s string) string {
	s = strings.TrimLeftFunc(s, func(c rune) bool { return !unicode.IsLetter(c) })
	end := strings.IndexFunc(s, func(c rune) bool { return !unicode.IsLetter(c) })
	if end >= 0 {
		s = s[:end]
	}
	return strings.ToLower(s)
}

var (
	linked = regexp.MustCompile(`\]\((?:[^)]*/)?(?i:adr[-_ ]?)?([0-9]{1,8})[^)]*\)`)
	named  = regexp.MustCompile(`(?i:\badr[-_ ]?|^[^0-9]*\bby\s+|#)([0-9]{1,8})\b`)
)

// numbersIn gives the records that a line names: by links to their files, else as "ADR-0007".
func numbersIn(s string) []int {
	found := linked.FindAllStringSubmatch(s, -1)
	if found == nil {
		found = named.FindAllStringSubmatch(s, -1)
	}
	var numbers []int
	for _, one := range found {
		if n, err := strconv.Atoi(one[1]); err == nil && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// front is what front matter says of a record.
type front struct {
	title, date              string
	status                   []line
	supersededBy, supersedes []int
}

// readFrontMatter reads the fields that are about the decision; others belong to other tools.
func readFrontMatter(path string, b block) (front, *Fault) {
	var f front
	y := &reader{path: path, block: b}
	root, ok := y.parse()
	if !ok {
		return f, &y.faults[0]
	}
	fields, ok := y.fields(root, "front matter")
	if !ok {
		return f, &y.faults[0]
	}
	for _, key := range fields.order {
		at := fields.values[key]
		value, plain := scalar(at.node)
		if !plain {
			if list, ok := y.strings(at.node, key); ok {
				value = strings.Join(list, " ")
			}
		}
		switch strings.ToLower(strings.ReplaceAll(key, "_", "-")) {
		case "title":
			f.title = value
		case "date":
			f.date = value
		case "status":
			f.status = append(f.status, line{text: value, line: at.line})
		case "superseded-by", "supersededby":
			f.supersededBy = append(f.supersededBy, looseNumbers(value)...)
		case "supersedes":
			f.supersedes = append(f.supersedes, looseNumbers(value)...)
		}
	}
	return f, nil
}

var digits = regexp.MustCompile(`\b[0-9]{1,8}\b`)

// looseNumbers gives every number of a value that is about records anyway.
func looseNumbers(s string) []int {
	var numbers []int
	for _, d := range digits.FindAllString(s, -1) {
		if n, err := strconv.Atoi(d); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
