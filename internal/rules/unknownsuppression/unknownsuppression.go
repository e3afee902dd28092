// Package unknownsuppression reports comments to tiebeam that allow no rule there is.
//
// # What it guards
//
// A suppression names the rules that it allows.
//
// # Why it bears load
//
// A misspelt name allows nothing, and whoever wrote it believes that the matter is settled.
//
// # When it is silent
//
// Comments that do not begin with "tiebeam:" are not read.
//
// # What to do instead
//
// Write # tiebeam: allow RULE because REASON with the name of a rule, which tiebeam explain lists.
//
// # References
//
//   - [decision records]
//
// [decision records]: https://adr.github.io/
package unknownsuppression

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unknownsuppression.go testdata/unknownsuppression.txtar
var folder embed.FS

// Rule is the rule. Settling judges it: it needs to know what every other rule has found.
var Rule = &rule.Rule{
	Name:     "unknown-suppression",
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
}
