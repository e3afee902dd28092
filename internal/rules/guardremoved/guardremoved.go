// Package guardremoved reports guards that a change takes away while what they protected stays.
//
// # What it guards
//
// Whatever keeps an effect safe: a deadline, a release, a bound of retries, an idempotency key, a transaction, an
// offload, a lock, immutability, a limit, validation, authorization, a bound, cancellation, a fallback, a layer, a
// decision.
//
// # Why it bears load
//
// A guard is noticed when it is gone and something fails. Deletions read as tidying up, and a review of added lines
// does not see them.
//
// # When it is silent
//
// A guard that moved to a caller, a callee, a decorator, a client, a base class or a schema, that was replaced by an
// equivalent, or that went together with what it protected is not lost. Tests are not judged.
//
// # What to do instead
//
// Put the guard back, or say at the site what protects it now: # tiebeam: allow guard-removed because REASON.
//
// # References
//
//   - [Chesterton's fence]
//
// [Chesterton's fence]: https://en.wikipedia.org/wiki/G._K._Chesterton#Chesterton's_fence
package guardremoved

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed guardremoved.go testdata/guardremoved.txtar
var folder embed.FS

// Rule is the rule. The comparison of two snapshots judges it, guard by guard.
var Rule = &rule.Rule{
	Name:     "guard-removed",
	Severity: finding.Error,
	Since:    "0.1.0",
	Diff:     true,
	Folder:   folder,
}
