// Package unexplainedsuppression reports suppressions that give no reason.
//
// # What it guards
//
// A finding may be allowed by a comment on its line or above it, and the comment says why the code is safe without
// the guard.
//
// # Why it bears load
//
// Without a reason nobody can tell a considered exception from a finding that was in the way, and the next reader
// cannot see when the reason has gone. Such a comment therefore allows nothing.
//
// # When it is silent
//
// Every comment that begins with "tiebeam:" is read; comments of other tools are not. In a comparison only what the
// change adds is reported.
//
// # What to do instead
//
// Write # tiebeam: allow RULE because REASON, where the reason says what keeps the code safe.
//
// # References
//
//   - [decision records]
//
// [decision records]: https://adr.github.io/
package unexplainedsuppression

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unexplainedsuppression.go testdata/unexplainedsuppression.txtar
var folder embed.FS

// Rule is the rule. Settling judges it: it needs to know what every other rule has found.
var Rule = &rule.Rule{
	Name:     "unexplained-suppression",
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
}
