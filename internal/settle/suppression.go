package settle

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
)

// Suppression is one comment "# tiebeam: allow RULE, RULE because REASON".
type Suppression struct {
	// Path and Span are where the comment stands.
	Path string
	Span finding.Span
	// Line is the 1-based line of the comment, Column and EndColumn where it begins and ends there. Above says that nothing else stands on it, so that it speaks of the
	// first line below that is no such comment: Target is that line, and Line itself where Above is false.
	Line, Column, EndColumn int
	Above                   bool
	Target                  int
	// Symbol is where in the module it stands.
	Symbol string
	// Rules are the names as they are written; Reason is empty where none is given.
	Rules  []string
	Reason string
}

// Prefix begins every comment that speaks to tiebeam, after "#" and blanks.
const prefix = "tiebeam:"

// ReadComment reads a comment, given with its "#". Any comment that begins with "tiebeam:" is for us; ok is false for
// all others. What cannot be read gives a Suppression without rules, which Run reports.
func ReadComment(comment string) (rules []string, reason string, ok bool) {
	body := strings.TrimSpace(strings.TrimLeft(comment, "#"))
	body, ok = strings.CutPrefix(body, prefix)
	if !ok {
		return nil, "", false
	}
	body, found := strings.CutPrefix(strings.TrimSpace(body), "allow")
	if !found || body == "" || body[0] != ' ' && body[0] != '\t' {
		return nil, "", true
	}
	names, reason, _ := strings.Cut(body+" ", " because ")
	for name := range strings.FieldsFuncSeq(names, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		if name == "because" {
			continue
		}
		rules = append(rules, name)
	}
	return rules, strings.TrimSpace(reason), true
}

// covers reports whether the suppression stands on a line of the finding or above its first.
func (s *Suppression) covers(f *finding.Finding) bool {
	if s.Above {
		return s.Target == f.Line
	}
	return f.Line <= s.Line && s.Line <= lastLine(f)
}

// maxSpan bounds the lines of a finding on which a suppression is looked for, so that a flood of comments inside one
// long class costs no more than its share.
const maxSpan = 200

func lastLine(f *finding.Finding) int {
	return min(max(f.EndLine, f.Line), f.Line+maxSpan)
}
