package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// gitlabIssue is one entry of a code quality report:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  jsonPath    `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

func writeGitLab(w *bufio.Writer, r *Report, _ Options) error {
	issues := []gitlabIssue{}
	for i := range r.Findings {
		f := &r.Findings[i]
		issues = append(issues, gitlabIssue{
			text.Visible(f.Message), f.Rule, f.Fingerprint, gitlabSeverity(f.Severity),
			gitlabLocation{jsonPath(r.shown(f.Path)), gitlabLines{f.Line}},
		})
	}
	for _, i := range r.Incomplete {
		sum := sha256.Sum256([]byte(i.Path + "\x00" + i.Reason))
		issues = append(issues, gitlabIssue{
			"not judged: " + text.Visible(i.String()), "not-judged", hex.EncodeToString(sum[:16]), "major",
			gitlabLocation{jsonPath(r.shown(i.Path)), gitlabLines{max(i.Line, 1)}},
		})
	}
	return writeValue(w, issues)
}

func gitlabSeverity(severity finding.Severity) string {
	switch severity {
	case finding.Error:
		return "critical"
	case finding.Note:
		return "info"
	}
	return "major"
}
