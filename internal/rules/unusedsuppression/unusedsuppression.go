// Package unusedsuppression reports suppressions that match no finding.
//
// # What it guards
//
// A suppression stands where the finding is that it allows.
//
// # Why it bears load
//
// When the code has been repaired or moved, a comment that stayed behind would silently allow the next fault on its
// line.
//
// # When it is silent
//
// A rule that did not run, such as a strict one or one of a comparison, may have matched. In a comparison nothing is
// said to be unused, as only what is new is looked at.
//
// # What to do instead
//
// Remove the comment, or the name of the rule that matches nothing.
//
// # References
//
//   - [decision records]
//
// [decision records]: https://adr.github.io/
package unusedsuppression

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unusedsuppression.go testdata/unusedsuppression.txtar
var folder embed.FS

// Rule is the rule. Settling judges it: it needs to know what every other rule has found.
var Rule = &rule.Rule{
	Name:     "unused-suppression",
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
}
