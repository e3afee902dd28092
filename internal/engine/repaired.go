package engine

import (
	"fmt"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/regress"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/text"
)

// repaired tells, in one sentence a library and guard, what other versions of libraries bring to the effects of head by their
// defaults. A change to the worse is a finding; one to the better is worth knowing and changes nothing else.
func (d *difference) repaired(files func(finding.Side, string) *source.File) []string {
	if d.match == nil || !d.otherVersions() {
		return nil
	}
	var notes []string
	repairs := d.match.Repairs()
	for first := 0; first < len(repairs); {
		end := first + 1
		for end < len(repairs) && repairs[end].Library == repairs[first].Library && repairs[end].Guard == repairs[first].Guard {
			end++
		}
		notes = append(notes, d.repair(repairs[first:end], files))
		first = end
	}
	return notes
}

// repair words the repairs of one library and guard.
func (d *difference) repair(repairs []regress.Repair, files func(finding.Side, string) *source.File) string {
	one := repairs[0]
	at := []finding.Finding{{Path: d.head.path(one.At), Span: span(one.At.Span), Cause: d.installed(one.Library)}}
	complete(at, files)
	where := fmt.Sprintf("%s:%d", at[0].Path, at[0].Line)
	if one.Symbol != "" {
		where += " " + one.Symbol
	}
	if more := len(repairs) - 1; more > 0 {
		where += fmt.Sprintf(" and %s", text.Count(more, "more place"))
	}
	cause := ""
	if by := at[0].Cause; by != nil {
		cause = fmt.Sprintf(" (%s:%d: %s)", by.Path, by.Line, by.Text)
	}
	return fmt.Sprintf("the %s of %s is repaired by the defaults of %s%s", one.Guard, where, one.Library, cause)
}

// otherVersions reports whether some library has another version on either side.
func (d *difference) otherVersions() bool {
	if len(d.base.written) != len(d.head.written) {
		return true
	}
	for name, v := range d.base.written {
		if d.head.written[name].Written != v.Written {
			return true
		}
	}
	return false
}
