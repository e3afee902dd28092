// Package decisionchanged reports a change of what a decision record governs, made without a change of the record.
//
// # What it guards
//
// The agreement between code and its reason: a limit whose comment cites a record, and the classes, functions and constants
// that a record says it governs.
//
// # Why it bears load
//
// A value that was chosen for a reason is changed by somebody who sees the value only. Afterwards the record tells a story
// about code that is no longer there, and nobody can say which of the two is meant.
//
// # When it is silent
//
// When the change edits the record as well, or cites a new one; when layout, comments and docstrings change only; when the
// record is rejected, deprecated or superseded.
//
// # What to do instead
//
// Write down what was decided: change the record, or supersede it with a new one and cite that, in the same change.
//
// # References
//
//   - [MADR]
//
// [MADR]: https://adr.github.io/madr/
package decisionchanged

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed decisionchanged.go testdata/decisionchanged.txtar
var folder embed.FS

// Rule is the rule. The comparison of two snapshots judges it.
var Rule = &rule.Rule{
	Name:     "decision-changed",
	Guard:    program.Decision,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Diff:     true,
	Folder:   folder,
}
