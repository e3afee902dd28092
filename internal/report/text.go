package report

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Widths of the text format, in cells.
const (
	defaultWidth = 100
	minWidth     = 40
	maxWidth     = 160
	// sideBySide is the width from which base and head stand beside each other.
	sideBySide = 120
	// gutter is the space before an excerpt: "1234 │ ".
	gutter = 8
	// label is the space of a word such as "guard" before its text.
	label = 9
)

// textWriter writes one report for people.
type textWriter struct {
	*bufio.Writer
	*Report
	Options
	style
	explained map[string]bool
}

func writeText(w *bufio.Writer, r *Report, o Options) error {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = min(max(o.Width, minWidth), maxWidth)
	t := &textWriter{Writer: w, Report: r, Options: o, style: newStyle(o.Color), explained: map[string]bool{}}
	if r.Extra != nil && !o.Quiet {
		t.WriteString(r.Extra.Text)
	}
	groups := byCause(r.Findings)
	for i := range groups {
		t.group(&groups[i])
	}
	t.incomplete()
	if o.Statistics {
		t.statistics()
	}
	if !o.Quiet {
		t.closing()
	}
	return nil
}

// group writes the findings of one cause; a group of one is a finding with its cause.
func (t *textWriter) group(g *group) {
	if len(g.findings) > 1 {
		first := g.findings[0]
		fmt.Fprintf(t, "%s%s%s: one edit, %s\n", t.bold, t.at(g.cause.Path, g.cause.Line, 0), t.reset, text.Count(len(g.findings), "finding"))
		t.excerpt(t.edit(&g.cause, t.Width-gutter), t.of(first.Severity))
		t.WriteByte('\n')
	}
	for _, f := range g.findings {
		t.finding(f, len(g.findings) > 1)
	}
}

func (t *textWriter) finding(f *finding.Finding, grouped bool) {
	color := t.of(f.Severity)
	fmt.Fprintf(t, "%s%s:%s %s%s[%s]%s %s", t.bold, t.at(f.Path, f.Line, f.Column), t.reset, color, f.Severity, f.Rule, t.reset, text.Visible(f.Message))
	if f.Symbol != "" {
		fmt.Fprintf(t, " %s(in %s)%s", t.dim, text.Visible(f.Symbol), t.reset)
	}
	t.WriteByte('\n')
	t.sides(f, color)
	if f.Guard != "" && (f.Base != nil || !tellsItself[f.Rule]) {
		t.labelled("guard", t.looked(f))
	}
	if f.Cause != nil && !grouped {
		t.labelled("cause", t.at(f.Cause.Path, f.Cause.Line, 0)+"  "+text.Visible(f.Cause.Text))
	}
	for i := range f.Related {
		related := &f.Related[i]
		t.labelled([]string{"chain", ""}[min(i, 1)], t.at(related.Path, related.Line, 0)+"  "+text.Visible(related.Message))
	}
	if f.Match != nil && t.Explain {
		t.labelled("match", f.Match.String())
	}
	t.advice(f)
	t.WriteByte('\n')
}

// sides shows the finding, and beside or above it the guard that base had.
func (t *textWriter) sides(f *finding.Finding, color string) {
	if f.Base == nil {
		t.excerpt(excerpt(t.source(finding.Head, f.Path), f.Span, t.Width-gutter), color)
		return
	}
	baseName, headName := fmt.Sprintf("base %s:%d", text.Visible(t.BasePrefix+f.Base.Path), f.Base.Line), "head "+t.at(f.Path, f.Line, 0)
	if t.Width < sideBySide {
		fmt.Fprintf(t, "  %s%s%s\n", t.dim, baseName, t.reset)
		t.excerpt(excerpt(t.source(f.Base.Side, f.Base.Path), f.Base.Span, t.Width-gutter), t.green)
		fmt.Fprintf(t, "  %s%s%s\n", t.dim, headName, t.reset)
		t.excerpt(excerpt(t.source(finding.Head, f.Path), f.Span, t.Width-gutter), color)
		return
	}
	half := t.Width / 2
	left := excerpt(t.source(f.Base.Side, f.Base.Path), f.Base.Span, half-gutter-1)
	right := excerpt(t.source(finding.Head, f.Path), f.Span, half-gutter-1)
	fmt.Fprintf(t, "  %s%s  %s%s\n", t.dim, fit(baseName, half-3), headName, t.reset)
	lefts, rights := t.rows(left, t.green), t.rows(right, color)
	for i := range max(len(lefts), len(rights)) {
		var l, r line
		if i < len(lefts) {
			l = lefts[i]
		}
		if i < len(rights) {
			r = rights[i]
		}
		t.WriteString(strings.TrimRight(l.text+strings.Repeat(" ", max(half-l.size, 0))+r.text, " ") + "\n")
	}
}

// line is printed text with the cells it takes, which its colours do not count in.
type line struct {
	text string
	size int
}

func (t *textWriter) excerpt(rows []row, color string) {
	for _, l := range t.rows(rows, color) {
		t.WriteString(l.text + "\n")
	}
}

// rows renders an excerpt: each line with its number, and below it what is underlined.
func (t *textWriter) rows(rows []row, color string) []line {
	var out []line
	for _, r := range rows {
		out = append(out, line{fmt.Sprintf("%s%5s │%s %s", t.dim, r.number, t.reset, r.text), gutter + columns(r.text)})
		if r.to > r.from {
			out = append(out, line{
				fmt.Sprintf("%s      │%s %s%s%s%s", t.dim, t.reset, strings.Repeat(" ", r.from), color, strings.Repeat("^", r.to-r.from), t.reset),
				gutter + r.to,
			})
		}
	}
	return out
}

// tellsItself are the rules whose messages say what is there of the guard: it may well be found, and not be what was decided.
var tellsItself = map[string]bool{
	"contract-violated": true, "forbidden-dependency": true, "decision-changed": true, "stale-decision": true, "unjustified-limit": true,
}

// looked says which guard was looked for and what became of it.
func (t *textWriter) looked(f *finding.Finding) string {
	if f.Base == nil {
		return f.Guard + ": looked for, none found"
	}
	if f.Base.Text == "" {
		return f.Guard + ": base had one"
	}
	return f.Guard + ": base had " + text.Visible(f.Base.Text)
}

// advice says why the guard bears load and what to do: in full with the first finding of each rule.
func (t *textWriter) advice(f *finding.Finding) {
	rule := t.rule(f)
	if first := !t.explained[f.Rule]; first || t.Explain {
		t.explained[f.Rule] = true
		if rule.Why != "" {
			t.labelled("why", rule.Why)
		}
		if remedy := t.remedy(f); remedy != "" {
			t.labelled("do", remedy)
		}
		return
	}
	if f.Remedy != "" {
		t.labelled("do", f.Remedy)
	}
}

func (t *textWriter) labelled(word, body string) {
	body = wrap(text.Visible(strings.Join(strings.Fields(body), " ")), t.Width-label, strings.Repeat(" ", label))
	fmt.Fprintf(t, "  %s%-*s%s%s\n", t.dim, label-2, word, t.reset, body)
}

// at writes a place; a line of 0 is left out, and so is a column of 0.
func (r *Report) at(name string, line, column int) string {
	place := text.Visible(r.shown(name))
	if line > 0 {
		place = fmt.Sprintf("%s:%d", place, line)
		if column > 0 {
			place = fmt.Sprintf("%s:%d", place, column)
		}
	}
	return place
}

func (t *textWriter) incomplete() {
	for _, i := range t.Incomplete {
		fmt.Fprintf(t, "%s%s:%s %snot judged%s: %s\n", t.bold, t.at(i.Path, i.Line, i.Column), t.reset, t.red, t.reset, text.Visible(i.Reason))
	}
	if len(t.Incomplete) > 0 {
		t.WriteByte('\n')
	}
}

func (t *textWriter) statistics() {
	counts := map[string]int{}
	for i := range t.Findings {
		counts[t.Findings[i].Rule]++
	}
	rules := make([]string, 0, len(counts))
	for name := range counts {
		rules = append(rules, name)
	}
	slices.SortFunc(rules, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	for _, name := range rules {
		fmt.Fprintf(t, "%8s  %s\n", text.Grouped(counts[name]), name)
	}
	if len(rules) > 0 {
		t.WriteByte('\n')
	}
}

// closing counts everything and says what was left out and assumed.
func (t *textWriter) closing() {
	for _, s := range t.Skipped {
		t.WriteString(t.dim + "skipped " + skipped(s) + t.reset + "\n")
	}
	for _, repaired := range t.Repaired {
		t.WriteString(text.Visible(repaired) + "\n")
	}
	for _, note := range t.Notes {
		t.WriteString(t.dim + text.Visible(note) + t.reset + "\n")
	}
	t.WriteString(t.bold + t.summary() + t.reset + "\n")
}
