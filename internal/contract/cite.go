package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// Citation is a comment that names a decision record.
type Citation struct {
	// Number is the record's; Span the comment.
	Number int
	Span   fact.Span
}

// cited is how comments name records: ADR-047, ADR 47, adr/0047-title.md, decision record 47.
var cited = regexp.MustCompile(`(?i:\badr[-_ #]?|\bdecision records? #?|\b(?:adrs?|decisions)/(?:adr[-_]?)?)([0-9]{1,8})\b`)

// Citations finds the comments of a file that name decision records, in the order of the text.
func Citations(file *fact.File) []Citation {
	var all []Citation
	for i := range file.Comments {
		for _, number := range citedIn(file.Text(file.Comments[i].Text)) {
			all = append(all, Citation{Number: number, Span: file.Comments[i].Span})
		}
	}
	return all
}

// citedIn gives the numbers of the records that a comment names, each once.
func citedIn(comment string) []int {
	if !strings.Contains(comment, "ADR") && !strings.Contains(comment, "adr") && !strings.Contains(comment, "ecision") {
		return nil
	}
	var numbers []int
	for _, at := range cited.FindAllStringSubmatch(comment, -1) {
		if n, err := strconv.Atoi(at[1]); err == nil && !slices.Contains(numbers, n) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// citations tells of comments that rest on a record which is not there or no longer holds, and of limits that are not what
// the record which they cite says. Where the project keeps no records, a citation means those of another.
func (j *judge) citations() {
	if !j.Records.keeps() && !j.Before.keeps() {
		return
	}
	citing := make([]bool, len(j.Program.Files))
	found := false
	for file, facts := range j.Program.Files {
		for _, c := range Citations(facts) {
			record := j.Records.Find(c.Number)
			if record != nil && record.Status.Current() {
				citing[file], found = true, true
				continue
			}
			if record != nil && record.Status == Proposed {
				continue // it may yet be accepted, together with the code
			}
			j.out.Reports = append(j.out.Reports, Report{
				Rule: Stale, At: program.Place{File: program.FileID(file), Span: c.Span}, Func: program.Func{File: program.FileID(file), Scope: fact.NoScope},
				Guard: program.Decision, Message: j.staleWords(c.Number, record), Key: fmt.Sprintf("cites %d", c.Number), Record: record, Line: record.line(),
			})
		}
	}
	if found {
		j.agreements(citing)
	}
}

// keeps says whether there are records at all.
func (r *Records) keeps() bool { return r != nil && len(r.All) > 0 }

// line is where the record says its status.
func (r *Record) line() int {
	if r == nil {
		return 0
	}
	return max(r.statusLine, 1)
}

// staleWords says what is the matter with a record that is cited; record is nil where there is none.
func (j *judge) staleWords(number int, record *Record) string {
	if record == nil {
		if before := j.Before.Find(number); before != nil {
			return fmt.Sprintf("comment cites decision %s, which this change deletes (%s)", before.Name(), before.Path)
		}
		return fmt.Sprintf("comment cites decision %d, and there is no such record", number)
	}
	s := "comment cites decision " + record.Name() + ", which is " + record.Status.String()
	for i, by := range record.SupersededBy {
		if i == 0 {
			s += " by "
		} else {
			s += " and "
		}
		if next := j.Records.Find(by); next != nil {
			s += next.Label
		} else {
			s += strconv.Itoa(by)
		}
	}
	return s
}

// agreements compares the limits of files that cite records with what those say.
func (j *judge) agreements(citing []bool) {
	for _, l := range j.limitsOf(func(file program.FileID) bool { return citing[file] }) {
		for _, number := range citedIn(l.comment) {
			record := j.Records.Find(number)
			if record == nil || !record.Status.Current() || record.agrees(&l) {
				continue
			}
			j.out.Reports = append(j.out.Reports, Report{
				Rule: Stale, At: l.at, Func: l.fn, Guard: program.Decision,
				Message: fmt.Sprintf("%s is %s, and decision %s, which its comment cites, speaks of %s", l.subject, l.value(), record.Name(), record.quantities(l.measure)),
				Key:     fmt.Sprintf("disagrees %d|%s|%s", number, l.subject, l.value()), Record: record, Line: 1,
			})
		}
	}
}

// agrees says whether a record speaks of the limit's value, or of no value of its measure at all.
func (r *Record) agrees(l *limit) bool {
	values := r.said(l.measure)
	return len(values) == 0 || slices.ContainsFunc(values, func(q said) bool {
		return same(q.Value, l.number) || q.most && l.number < q.Value
	})
}

// said is a quantity in prose; most is true where it is an upper bound ("at most 5 s").
type said struct {
	Quantity
	most bool
}

// mostQuantities is how many values of a record a message lists.
const mostQuantities = 3

// quantities lists the values that a record speaks of.
func (r *Record) quantities(measure Measure) string {
	var words []string
	for _, q := range r.said(measure) {
		if !slices.Contains(words, q.Text) {
			words = append(words, q.Text)
		}
	}
	if len(words) > mostQuantities {
		words = append(words[:mostQuantities], "others")
	}
	return strings.Join(words, ", ")
}

var (
	// spoken is a quantity in prose: a number and a unit that is written out or stands close to it.
	spoken = regexp.MustCompile(`(?:^|[^\w.,-])([0-9]+(?:\.[0-9]+)?)[ \x{a0}-]?(ms|milliseconds?|s|secs?|seconds?|min|mins|minutes?|h|hours?|attempts?|tries|retries)\b`)
	// upper ends what stands before a quantity that is an upper bound.
	upper = regexp.MustCompile(`(?i)\b(?:at most|up to|no (?:more|longer) than|(?:less|shorter) than|below|under|within|max(?:imum)?(?: of)?)$`)
	// contracts are the blocks of a record, whose bounds are judged as contracts.
	contracts = regexp.MustCompile("(?ms)^[ \t]*(?:```+|~~~+)" + language + "\\b.*?^[ \t]*(?:```+|~~~+)[ \t]*$")
)

// said finds the times, or the numbers of attempts, that the prose of a record speaks of.
func (r *Record) said(measure Measure) []said {
	var all []said
	prose := contracts.ReplaceAllString(r.Text(), "")
	for _, at := range spoken.FindAllStringSubmatchIndex(prose, -1) {
		q, ok := quantityOf(prose[at[2]:at[3]], prose[at[4]:at[5]])
		if ok && q.Measure == measure {
			before := strings.TrimRight(prose[max(0, at[2]-24):at[2]], " *_`\n")
			all = append(all, said{q, upper.MatchString(before)})
		}
	}
	return all
}
