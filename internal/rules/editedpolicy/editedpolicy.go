// Package editedpolicy reports changes of what judges changes: the options and the baseline.
//
// # What it guards
//
// A change is judged by the options and the baseline of base, and whoever reviews it knows where it edits them.
//
// # Why it bears load
//
// A rule that is switched off, a folder that is left out or a finding that is accepted looks like any other line of a
// change, and from the next change on it hides what it covers.
//
// # When it is silent
//
// The same options in other words are no edit, nor is any other part of pyproject.toml. Without a base nothing is
// compared.
//
// # What to do instead
//
// Let the options change in a change of their own, with the reason in its message.
//
// # References
//
//   - [separation of duties]
//
// [separation of duties]: https://csrc.nist.gov/glossary/term/separation_of_duty
package editedpolicy

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed editedpolicy.go testdata/editedpolicy.txtar
var folder embed.FS

// Rule is the rule. The engine judges it, as no other room sees configuration.
var Rule = &rule.Rule{
	Name:     "edited-policy",
	Severity: finding.Warning,
	Since:    "0.1.0",
	Diff:     true,
	Folder:   folder,
}
