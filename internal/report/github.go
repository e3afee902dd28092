package report

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// githubData and githubProperty escape what the runner takes for the end of a message or of a property
// (https://docs.github.com/en/actions, "Workflow commands", and actions/toolkit's command.ts). Whatever else could move
// a cursor is made visible by Visible, which must come after, as it knows nothing of the runner's escapes.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// writeGitHub writes workflow commands, one a line, which the runner shows beside the changed lines.
func writeGitHub(w *bufio.Writer, r *Report, _ Options) error {
	for i := range r.Findings {
		f := &r.Findings[i]
		message := f.Message
		if remedy := r.remedy(f); remedy != "" {
			message += "\n" + remedy
		}
		fmt.Fprintf(w, "::%s file=%s,line=%d,endLine=%d,col=%d,endColumn=%d,title=%s::%s\n",
			githubLevel(f.Severity), property(r.shown(f.Path)), f.Line, max(f.EndLine, f.Line), f.Column, max(f.EndColumn, 1), property(f.Rule), data(message))
	}
	for _, i := range r.Incomplete {
		at := "file=" + property(r.shown(i.Path))
		if i.Line > 0 {
			at += fmt.Sprintf(",line=%d", i.Line)
		}
		fmt.Fprintf(w, "::warning %s,title=not judged::%s\n", at, data(i.String()))
	}
	return nil
}

func property(value string) string { return text.Visible(githubProperty.Replace(value)) }
func data(value string) string     { return text.Visible(githubData.Replace(value)) }

func githubLevel(severity finding.Severity) string {
	switch severity {
	case finding.Error:
		return "error"
	case finding.Note:
		return "notice"
	}
	return "warning"
}
