// Package unjustifiedlimit reports a timeout, a number of attempts or a backoff that no comment gives a reason for.
//
// # What it guards
//
// The knowledge behind a number: a measurement, an agreement with another team, a decision record. The comment stands beside
// the value, on the lines above it, or above the group of lines it belongs to. A comment that only says the value again gives
// no reason, nor does one that speaks of another value.
//
// # Why it bears load
//
// A bare 2.0 looks arbitrary, so it is rounded, raised until a test passes, or removed. Whoever does that cannot know that
// the number was the latency that another service promises.
//
// # When it is silent
//
// In a change, about limits that it does not touch. Tests, defaults of libraries and values that cannot be shown are not
// asked for a reason. Where neither the project has decision records nor the files touched keep the habit of giving reasons
// (three limits and at least half of them), and the change takes none away, it is a note and fails nothing.
//
// # What to do instead
//
// Say what the value was chosen for: # 2.0 s: p99 latency SLA of the recommendation service, ADR-047.
//
// # References
//
//   - [Google SRE book: Addressing cascading failures]
//
// [Google SRE book: Addressing cascading failures]: https://sre.google/sre-book/addressing-cascading-failures/
package unjustifiedlimit

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unjustifiedlimit.go testdata/unjustifiedlimit.txtar
var folder embed.FS

// Rule is the rule. The package of the decision records judges it.
var Rule = &rule.Rule{
	Name:     "unjustified-limit",
	Guard:    program.Decision,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Strict:   true,
	Diff:     true,
	Folder:   folder,
}
