// Package guardweakened reports guards that a change makes weaker.
//
// # What it guards
//
// Whatever keeps an effect safe, by its strength: how long a deadline is, what a comparison lets through, how often a
// retry goes on, what a lock covers.
//
// # Why it bears load
//
// The guard is still there, so that nothing looks missing, and it no longer holds what it held: a request waits ten
// times as long, one more item passes a limit, an error path leaves the file open.
//
// # When it is silent
//
// A guard that is as strong or stronger, or that says the same in other words (swapped operands, De Morgan, an early
// return), is not reported, nor is one of which a value is not known on either side.
//
// # What to do instead
//
// Keep the old strength, or say at the site why the weaker one is enough: # tiebeam: allow guard-weakened because
// REASON.
//
// # References
//
//   - [Chesterton's fence]
//
// [Chesterton's fence]: https://en.wikipedia.org/wiki/G._K._Chesterton#Chesterton's_fence
package guardweakened

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed guardweakened.go testdata/guardweakened.txtar
var folder embed.FS

// Rule is the rule. The comparison of two snapshots judges it, guard by guard.
var Rule = &rule.Rule{
	Name:     "guard-weakened",
	Severity: finding.Warning,
	Since:    "0.1.0",
	Diff:     true,
	Folder:   folder,
}
