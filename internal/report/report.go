package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// Report is a run as the formats see it. Nothing in it is changed.
type Report struct {
	// Tool and Version name the program.
	Tool, Version string
	// Base and Head name the two sides of a comparison; Base is empty where there is one tree only.
	Base, Head string
	// Findings are settled and in the order of finding.Compare.
	Findings []finding.Finding
	// Incomplete is sorted.
	Incomplete []finding.Incomplete
	// Skipped says what discovery left out.
	Skipped []tree.Skip
	// Files counts what was judged; Suppressed and Accepted what comments and the baseline took away.
	Files, Suppressed, Accepted int
	// Unit is what Files counts where that is no files, such as "look".
	Unit string
	// Notes tell what was assumed.
	Notes []string
	// Repaired tells what the change protects better than base did; it is no finding.
	Repaired []string
	// Rules describes every rule that a finding can name.
	Rules map[string]Rule
	// Source finds a file for excerpts, nil where there is none.
	Source func(side finding.Side, path string) Text
	// Prefix leads from the working directory to the root, with a closing slash; empty where they are the same. Formats
	// that people or CI systems follow to a file put it before each path; JSON and HTML do not.
	Prefix string
	// BasePrefix is the same for base, where that is a folder; empty where it is a revision.
	BasePrefix string
	// Extra is what one command adds to a report of findings; nil for none. Formats without a place for it leave it out.
	Extra *Extra
}

// Extra is what a command shows beside findings, in the three formats that have room for it.
type Extra struct {
	// Text stands before the findings, with characters that could deceive made visible; Markdown behind them, safe to be
	// rendered; JSON is the value of the field "evidence".
	Text, Markdown string
	JSON           any
}

// Rule is what formats say about a rule.
type Rule struct {
	// Name is the rule's name, Guard what it looks for, Severity its default.
	Name, Guard string
	Severity    finding.Severity
	// Summary, Why and Remedy are plain sentences.
	Summary, Why, Remedy string
	// Page renders the whole page in Markdown; nil where there is none.
	Page func() string
}

// Text is a source file as excerpts need it. source.File implements it.
type Text interface {
	finding.Lines
	// Line returns a 1-based line without its end; Lines counts them.
	Line(number int) string
	Lines() int
}

// Options say how a report looks. The zero value is plain text 100 columns wide.
type Options struct {
	// Color allows terminal colours; Width is the number of columns, 0 for 100.
	Color bool
	Width int
	// Explain prints why a guard bears load and what to do with every finding instead of the first of each rule.
	Explain bool
	// Statistics adds a table of counts by rule.
	Statistics bool
	// Quiet leaves out everything but findings and what could not be judged.
	Quiet bool
}

// format is one way to write a report.
type format struct {
	name  string
	write func(w *bufio.Writer, r *Report, o Options) error
}

var formats = []format{
	{"text", writeText},
	{"json", writeJSON},
	{"sarif", writeSARIF},
	{"github", writeGitHub},
	{"gitlab", writeGitLab},
	{"junit", writeJUnit},
	{"markdown", writeMarkdown},
	{"html", writeHTML},
}

// Names lists the formats in the order of the help text; the first is the default.
func Names() []string {
	all := make([]string, 0, len(formats))
	for _, f := range formats {
		all = append(all, f.name)
	}
	return all
}

// Write writes the report in the named format. An error is the stream's, or says that there is no such format.
func Write(w io.Writer, name string, r *Report, o Options) error {
	for _, f := range formats {
		if f.name == name {
			out := bufio.NewWriterSize(w, 64<<10)
			if err := f.write(out, r, o); err != nil {
				return err
			}
			return out.Flush()
		}
	}
	return fmt.Errorf("unknown format %q%s", name, text.Suggest(name, Names()))
}

// shown is a path as people and CI systems follow it.
func (r *Report) shown(name string) string {
	if r.Prefix == "" {
		return name
	}
	return path.Clean(r.Prefix + name)
}

// source finds the text of a place, nil where there is none.
func (r *Report) source(side finding.Side, name string) Text {
	if r.Source == nil {
		return nil
	}
	return r.Source(side, name)
}

// rule describes the rule of a finding; one that is not described has its name only.
func (r *Report) rule(f *finding.Finding) Rule {
	if described, ok := r.Rules[f.Rule]; ok {
		return described
	}
	return Rule{Name: f.Rule, Guard: f.Guard}
}

// remedy says what to do about a finding: its own advice, or that of its rule.
func (r *Report) remedy(f *finding.Finding) string {
	if f.Remedy != "" {
		return f.Remedy
	}
	return r.rule(f).Remedy
}

// summary counts in words: "3 findings (1 error, 2 warnings) in 12 files, 1 not judged".
func (r *Report) summary() string {
	var out strings.Builder
	out.WriteString(text.Count(len(r.Findings), "finding"))
	counts := map[finding.Severity]int{}
	for i := range r.Findings {
		counts[r.Findings[i].Severity]++
	}
	var parts []string
	for _, severity := range []finding.Severity{finding.Error, finding.Warning, finding.Note} {
		if n := counts[severity]; n > 0 {
			parts = append(parts, text.Count(n, severity.String()))
		}
	}
	if len(parts) > 0 {
		out.WriteString(" (" + strings.Join(parts, ", ") + ")")
	}
	out.WriteString(" in " + text.Count(r.Files, cmp.Or(r.Unit, "file")))
	for _, more := range []struct {
		n    int
		word string
	}{{r.Suppressed, "suppressed"}, {r.Accepted, "accepted by the baseline"}, {len(r.Incomplete), "not judged"}} {
		if more.n > 0 {
			fmt.Fprintf(&out, ", %s %s", text.Grouped(more.n), more.word)
		}
	}
	return out.String()
}
