package report

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// maxMarkdown is the length up to which excerpts are shown: GitHub takes comments of 65,536 characters, and what is
// left over must have room for one line a finding.
const maxMarkdown = 40_000

// writeMarkdown writes a comment for a pull request. Every finding has its line; the excerpts of those beyond the limit
// are left out, which the comment says.
func writeMarkdown(w *bufio.Writer, r *Report, _ Options) error {
	fmt.Fprintf(w, "### %s: %s\n", r.Tool, markdownText(r.summary()))
	if r.Base != "" {
		fmt.Fprintf(w, "\n%s → %s\n", markdownText(r.Base), markdownText(r.Head))
	}
	written, short := 0, 0
	groups := byCause(r.Findings)
	for i := range groups {
		g := &groups[i]
		if len(g.findings) > 1 {
			written += writeLength(w, r.markdownCause(g))
		}
		for _, f := range g.findings {
			line, more := r.markdownLine(f), ""
			if written < maxMarkdown {
				more = r.markdownSides(f)
			} else {
				short++
			}
			written += writeLength(w, line+more)
		}
	}
	if short > 0 {
		fmt.Fprintf(w, "\n%s without their excerpts, as the comment would be too long.\n", text.Count(short, "finding"))
	}
	if len(r.Incomplete) > 0 {
		w.WriteString("\n#### Not judged\n\n")
		for _, i := range r.Incomplete {
			fmt.Fprintf(w, "- %s: %s\n", markdownCode(r.shown(i.Path)), markdownText(i.String()))
		}
	}
	if len(r.Repaired) > 0 {
		w.WriteString("\n#### Repaired\n\n")
		for _, repaired := range r.Repaired {
			fmt.Fprintf(w, "- %s\n", markdownText(repaired))
		}
	}
	if r.Extra != nil {
		w.WriteString(r.Extra.Markdown)
	}
	return nil
}

func writeLength(w *bufio.Writer, s string) int {
	w.WriteString(s)
	return len(s)
}

func (r *Report) markdownCause(g *group) string {
	return fmt.Sprintf("\n#### One edit, %s: %s %s\n", text.Count(len(g.findings), "finding"),
		markdownCode(fmt.Sprintf("%s:%d", r.shown(g.cause.Path), g.cause.Line)), markdownCode(g.cause.Text))
}

func (r *Report) markdownLine(f *finding.Finding) string {
	symbol := ""
	if f.Symbol != "" {
		symbol = " in " + markdownCode(f.Symbol)
	}
	return fmt.Sprintf("\n**%s** %s%s  \n%s\n", markdownText(f.Rule), markdownCode(fmt.Sprintf("%s:%d", r.shown(f.Path), f.Line)), symbol, markdownText(f.Message))
}

// markdownSides shows the finding as a patch where base had the guard, else as code.
func (r *Report) markdownSides(f *finding.Finding) string {
	head := markdownRows(excerpt(r.source(finding.Head, f.Path), f.Span, maxWidth))
	language, body := "python", strings.Join(head, "\n")
	if f.Base != nil {
		language = "diff"
		base := markdownRows(excerpt(r.source(f.Base.Side, f.Base.Path), f.Base.Span, maxWidth))
		if len(base) == 0 {
			base = []string{text.Visible(f.Base.Text)}
		}
		body = "- " + strings.Join(base, "\n- ") + "\n+ " + strings.Join(head, "\n+ ")
	}
	var out strings.Builder
	if strings.TrimSpace(body) != "" {
		fence := fenceFor(body)
		out.WriteString("\n" + fence + language + "\n" + body + "\n" + fence + "\n")
	}
	for i := range f.Related {
		related := &f.Related[i]
		fmt.Fprintf(&out, "- %s %s\n", markdownCode(fmt.Sprintf("%s:%d", r.shown(related.Path), related.Line)), markdownText(related.Message))
	}
	if remedy := r.remedy(f); remedy != "" {
		out.WriteString("\n" + markdownText(remedy) + "\n")
	}
	return out.String()
}

func markdownRows(rows []row) []string {
	var lines []string
	for _, r := range rows {
		lines = append(lines, strings.TrimRight(r.text, " "))
	}
	return lines
}

// fenceFor returns a fence longer than any run of backticks inside.
func fenceFor(body string) string { return strings.Repeat("`", max(longestRun(body), 2)+1) }

// longestRun is the length of the longest run of backticks.
func longestRun(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		run++
		if s[i] != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// markdownText makes text that Markdown takes for nothing but text: no link, image, mention, HTML, emphasis or heading.
// Entities are used, as renderers differ about backslashes. An underscore inside a word is no emphasis and stays.
func markdownText(s string) string {
	var out strings.Builder
	runes := []rune(text.Visible(s))
	for i, r := range runes {
		inWord := i > 0 && i+1 < len(runes) && isWord(runes[i-1]) && isWord(runes[i+1])
		if strings.ContainsRune("\\`*[]#!|<>&~@$", r) || r == '_' && !inWord {
			fmt.Fprintf(&out, "&#%d;", r)
			continue
		}
		out.WriteRune(r)
	}
	return strings.ReplaceAll(out.String(), "://", "&#58;//")
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// markdownCode makes a code span of text, whatever backticks it holds.
func markdownCode(s string) string {
	s = text.Visible(s)
	if s == "" {
		return ""
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
