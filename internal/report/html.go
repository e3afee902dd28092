package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

//go:embed page.html
var pageHTML string

// page escapes by context, so that nothing a repository holds becomes markup.
var page = template.Must(template.New("page").Parse(pageHTML))

// htmlPage is what the page shows.
type htmlPage struct {
	Tool, Version, Summary, Base, Head string
	Counts                             []htmlCount
	Rules                              []htmlRule
	Groups                             []htmlGroup
	Incomplete                         []htmlIncomplete
	Skipped, Notes                     []string
}

type htmlCount struct {
	Name, Class string
	N           int
}

// htmlRule counts the findings of a rule and says once what holds for all of them.
type htmlRule struct {
	N                 int
	Name, Why, Remedy string
}

// htmlGroup is a file with its findings, or one edit with all that it caused.
type htmlGroup struct {
	Title, Kind string
	Cause       []htmlRow
	Findings    []htmlFinding
}

type htmlFinding struct {
	Anchor, Rule, Guard, Severity, Place, Symbol, Message, Remedy string
	BasePlace, Cause                                              string
	Base, Code                                                    []htmlRow
	Chain                                                         []htmlStep
}

type htmlStep struct{ Place, Message string }

// htmlRow is one line of an excerpt, cut where what is underlined begins and ends.
type htmlRow struct{ Number, Before, Marked, After string }

type htmlIncomplete struct{ Path, Reason string }

// htmlWidth is the number of cells of an excerpt; the page scrolls what is wider than its column.
const htmlWidth = 120

func writeHTML(w *bufio.Writer, r *Report, _ Options) error {
	out := htmlPage{Tool: r.Tool, Version: r.Version, Summary: r.summary(), Base: text.Visible(r.Base), Head: text.Visible(r.Head)}
	out.Counts, out.Rules = r.htmlCounts()
	out.Groups = r.htmlGroups()
	for _, i := range r.Incomplete {
		out.Incomplete = append(out.Incomplete, htmlIncomplete{text.Visible(i.Path), text.Visible(i.String())})
	}
	for _, s := range r.Skipped {
		out.Skipped = append(out.Skipped, skipped(s))
	}
	for _, note := range r.Notes {
		out.Notes = append(out.Notes, text.Visible(note))
	}
	return page.Execute(w, out)
}

func (r *Report) htmlCounts() (severities []htmlCount, rules []htmlRule) {
	bySeverity, byRule := map[finding.Severity]int{}, map[string]int{}
	for i := range r.Findings {
		bySeverity[r.Findings[i].Severity]++
		byRule[r.Findings[i].Rule]++
	}
	for _, severity := range []finding.Severity{finding.Error, finding.Warning, finding.Note} {
		severities = append(severities, htmlCount{severity.String() + "s", severity.String(), bySeverity[severity]})
	}
	severities = append(severities, htmlCount{"not judged", "incomplete", len(r.Incomplete)}, htmlCount{"files", "files", r.Files})
	for name, n := range byRule {
		described := r.rule(&finding.Finding{Rule: name})
		rules = append(rules, htmlRule{n, name, described.Why, described.Remedy})
	}
	slices.SortFunc(rules, func(a, b htmlRule) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Name, b.Name)
	})
	return severities, rules
}

// htmlGroups puts the findings of one edit together, and the others by their file.
func (r *Report) htmlGroups() []htmlGroup {
	var out []htmlGroup
	number := 0
	show := func(f *finding.Finding) htmlFinding {
		number++
		return r.htmlFinding(f, number)
	}
	groups := byCause(r.Findings)
	for i := range groups {
		g := &groups[i]
		if len(g.findings) > 1 {
			edit := htmlGroup{Title: r.place(&g.cause), Kind: "one edit, " + text.Count(len(g.findings), "finding")}
			edit.Cause = htmlRows(r.edit(&g.cause, htmlWidth))
			for _, f := range g.findings {
				edit.Findings = append(edit.Findings, show(f))
			}
			out = append(out, edit)
			continue
		}
		f := g.findings[0]
		title := text.Visible(f.Path)
		if last := len(out) - 1; last < 0 || out[last].Title != title || out[last].Kind != "" {
			out = append(out, htmlGroup{Title: title})
		}
		last := &out[len(out)-1]
		last.Findings = append(last.Findings, show(f))
	}
	return out
}

func (r *Report) htmlFinding(f *finding.Finding, number int) htmlFinding {
	out := htmlFinding{
		Anchor: fmt.Sprintf("finding-%d", number), Rule: f.Rule, Guard: f.Guard, Severity: f.Severity.String(),
		Place: fmt.Sprintf("%s:%d:%d", text.Visible(f.Path), f.Line, f.Column), Symbol: text.Visible(f.Symbol), Message: text.Visible(f.Message),
		Remedy: text.Visible(f.Remedy),
		Code:   htmlRows(excerpt(r.source(finding.Head, f.Path), f.Span, htmlWidth)),
	}
	if f.Base != nil {
		out.BasePlace = r.place(f.Base)
		out.Base = htmlRows(excerpt(r.source(f.Base.Side, f.Base.Path), f.Base.Span, htmlWidth))
		if len(out.Base) == 0 {
			out.Base = []htmlRow{{Marked: text.Visible(f.Base.Text)}}
		}
	}
	if f.Cause != nil {
		out.Cause = r.place(f.Cause) + "  " + text.Visible(f.Cause.Text)
	}
	for i := range f.Related {
		out.Chain = append(out.Chain, htmlStep{r.place(&f.Related[i].Place), text.Visible(f.Related[i].Message)})
	}
	return out
}

func (r *Report) place(p *finding.Place) string {
	return fmt.Sprintf("%s:%d", text.Visible(p.Path), p.Line)
}

// htmlRows cuts rows, whose marks are in cells, into text before, inside and after.
func htmlRows(rows []row) []htmlRow {
	var out []htmlRow
	for _, r := range rows {
		from, to := byteAt(r.text, r.from), byteAt(r.text, r.to)
		out = append(out, htmlRow{r.number, r.text[:from], r.text[from:to], r.text[to:]})
	}
	return out
}

// byteAt is the byte at which a number of cells ends.
func byteAt(line string, cell int) int {
	used := 0
	for i, r := range line {
		if used >= cell {
			return i
		}
		used += cells(r)
	}
	return len(line)
}
