package review

import (
	"fmt"
	"io"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// maxSpots is how many places a checklist shows of one item; JSON has all.
const maxSpots = 30

// Markdown writes the checklist as a task list that GitHub and GitLab render: a box, the question and room for evidence
// for each item, its code behind a triangle. Answers that hold for an item are kept.
func (c *Checklist) Markdown(w io.Writer, kept *Answers) error {
	_, err := io.WriteString(w, c.markdown(kept))
	return err
}

func (c *Checklist) markdown(kept *Answers) string {
	var out strings.Builder
	fmt.Fprintf(&out, "## Review of guards: %s\n\n", text.Count(len(c.Items), "question"))
	fmt.Fprintf(&out, "What %s changes against %s, the worst first.", code(c.Head), code(c.Base))
	if len(c.Items) == 0 {
		out.WriteString(" No guard, no effect and no comparison on a limit was touched.\n")
	} else {
		out.WriteString(" Answer each with evidence that can be checked, one a line:\n`Evidence: test tests/test_x.py::test_y`, `Evidence: record ADR-47`, `Evidence: measurement bench/x.txt` or `Evidence: reason by First Last: why it holds`.\n")
	}
	if c.Incomplete > 0 {
		fmt.Fprintf(&out, "\n%s could not be judged: what they changed is not asked here.\n", text.Count(c.Incomplete, "file"))
	}
	for number, item := range c.Items {
		out.WriteByte('\n')
		item.markdown(&out, number+1, kept)
	}
	return out.String()
}

func (i *Item) markdown(out *strings.Builder, number int, kept *Answers) {
	answer := kept.of(i.ID)
	box := " "
	if answer != nil && answer.Ticked {
		box = "x"
	}
	at := i.first()
	fmt.Fprintf(out, "- [%s] **%d. %s** %s\n", box, number, prose(i.Question), code(i.ID))
	fmt.Fprintf(out, "  - %s, at %s\n", prose(i.Title), code(fmt.Sprintf("%s:%d", at.Path, at.Line)))
	for _, d := range i.Decisions {
		fmt.Fprintf(out, "  - governed by %s (%s) at %s: %s\n", prose(d.Name), d.Status, code(fmt.Sprintf("%s:%d", d.Path, d.Line)), prose(d.Says))
	}
	fmt.Fprintf(out, "  - answered by %s\n", strings.Join(i.Wanted, ", or "))
	written := false
	if answer != nil {
		for _, e := range answer.Evidence {
			fmt.Fprintf(out, "  - Evidence: %s\n", visible(e.Text))
			written = true
		}
	}
	if !written {
		out.WriteString("  - Evidence:\n")
	}
	i.details(out)
}

// details shows the code behind a triangle.
func (i *Item) details(out *strings.Builder) {
	out.WriteString("\n  <details><summary>The lines</summary>\n\n")
	fence := "```"
	for _, s := range i.shown() {
		for strings.Contains(s.Text, fence) {
			fence += "`"
		}
	}
	fmt.Fprintf(out, "  %sdiff\n", fence)
	list := func(sign string, spots []Spot) {
		for _, s := range spots[:min(len(spots), maxSpots)] {
			fmt.Fprintf(out, "  %s %s:%d  %s\n", sign, visible(s.Path), s.Line, visible(finding.OneLine(s.Text)))
		}
		if more := len(spots) - maxSpots; more > 0 {
			fmt.Fprintf(out, "  %s %d more, which --format json lists\n", sign, more)
		}
	}
	if i.Cause != nil {
		list("!", []Spot{*i.Cause})
	}
	list("-", i.Before)
	list("+", i.After)
	fmt.Fprintf(out, "  %s\n\n  </details>\n", fence)
}

// shown are all spots of an item.
func (i *Item) shown() []Spot {
	all := append([]Spot{}, i.Before...)
	all = append(all, i.After...)
	if i.Cause != nil {
		all = append(all, *i.Cause)
	}
	return all
}

// visible makes text of the change harmless: control characters are written out, and lines become one.
func visible(s string) string { return strings.Join(strings.Fields(text.Visible(s)), " ") }

// prose is a sentence for Markdown: source text in it, which stands between back quotes, is left, and everything else that
// Markdown or HTML would take for its own is escaped.
func prose(s string) string {
	var out strings.Builder
	quoted := false
	for _, r := range visible(s) {
		if r == '`' {
			quoted = !quoted
		} else if !quoted && strings.ContainsRune(`\*_[]<>#|~&@`, r) {
			if r == '@' { // names nobody
				out.WriteString("@\u200b")
				continue
			}
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
