// Package forbiddendependency reports imports that a decision record forbids.
//
// # What it guards
//
// The dependencies between modules that the project decided on: layers, modules that are independent of each other, imports
// that are forbidden or the only ones allowed, modules that only some may import, packages without cycles. A contract in a
// decision record says so; the kinds and their meaning are those of import-linter, and docs/contracts.md lists them.
//
// # Why it bears load
//
// One import across a layer is easily made and seldom removed: what it connects is then changed, tested and deployed together.
//
// # When it is silent
//
// Records that are rejected, deprecated or superseded bind nothing; what only a proposed one forbids is a note. An exemption
// in the record covers an import until its date. Without a contract no import is forbidden.
//
// # What to do instead
//
// Move what both sides need to a lower layer, or hand it in from above. Where the decision was wrong, make a new one.
//
// # References
//
//   - [import-linter: Contract types]
//
// [import-linter: Contract types]: https://import-linter.readthedocs.io/en/stable/contract_types/
package forbiddendependency

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed forbiddendependency.go testdata/forbiddendependency.txtar
var folder embed.FS

// Rule is the rule. The contracts of the decision records judge it.
var Rule = &rule.Rule{
	Name:     "forbidden-dependency",
	Guard:    program.Dependency,
	Severity: finding.Error,
	Since:    "0.1.0",
	Folder:   folder,
}
