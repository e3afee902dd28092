// Package addedsuppression reports suppressions that a change adds.
//
// # What it guards
//
// A change does not approve itself: what allows its findings has to be in base already.
//
// # Why it bears load
//
// Otherwise a change that removes a guard could bring its own permission along, and a review of the findings would
// see nothing.
//
// # When it is silent
//
// A suppression that base has as well, in the same file or where that was renamed from, holds and is not reported. So
// is every suppression once the change is merged.
//
// # What to do instead
//
// Let a reviewer decide: if the reason is right, merge it as it is.
//
// # References
//
//   - [decision records]
//
// [decision records]: https://adr.github.io/
package addedsuppression

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed addedsuppression.go testdata/addedsuppression.txtar
var folder embed.FS

// Rule is the rule. Settling judges it: it needs to know what every other rule has found.
var Rule = &rule.Rule{
	Name:     "added-suppression",
	Severity: finding.Warning,
	Since:    "0.1.0",
	Diff:     true,
	Folder:   folder,
}
