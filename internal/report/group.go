package report

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// group is the findings that one edit caused: a deadline taken from a client that forty functions use is one cause and
// forty findings.
type group struct {
	cause    finding.Place
	findings []*finding.Finding
}

// byCause groups findings that name the same cause. A group stands where its first finding stood.
func byCause(all []finding.Finding) []group {
	type key struct {
		side finding.Side
		path string
		span finding.Span
		line int // tells places apart of which only the line is known, such as those of a lock file
	}
	var groups []group
	at := map[key]int{}
	for i := range all {
		f := &all[i]
		if f.Cause == nil {
			groups = append(groups, group{findings: []*finding.Finding{f}})
			continue
		}
		k := key{f.Cause.Side, f.Cause.Path, f.Cause.Span, f.Cause.Line}
		if found, ok := at[k]; ok {
			groups[found].findings = append(groups[found].findings, f)
			continue
		}
		at[k] = len(groups)
		groups = append(groups, group{cause: *f.Cause, findings: []*finding.Finding{f}})
	}
	return groups
}

// skipped words what discovery left out: "2 directories (build/, dist/): build output".
func skipped(s tree.Skip) string {
	var parts []string
	if s.Dirs > 0 {
		parts = append(parts, text.Count(s.Dirs, "directory"))
	}
	if s.Files > 0 {
		parts = append(parts, text.Count(s.Files, "file"))
	}
	var examples []string
	for _, example := range s.Examples {
		examples = append(examples, text.Visible(example))
	}
	more := ""
	if s.Dirs+s.Files > len(examples) {
		more = ", …"
	}
	return fmt.Sprintf("%s (%s%s): %s", strings.Join(parts, " and "), strings.Join(examples, ", "), more, s.Reason)
}
