// Package staledecision reports what rests on a decision that does not exist or no longer holds.
//
// # What it guards
//
// The way from code to its reason and back: a comment that cites a decision record (ADR-047, docs/adr/0047-title.md), a limit
// whose value is another than the one the cited record speaks of, a contract that names modules or symbols which are gone, an
// exemption that has ended or covers nothing any more.
//
// # Why it bears load
//
// Code that cites a record is left alone because of it. When the record was superseded or deleted, the code is kept for a
// reason that nobody has.
//
// # When it is silent
//
// In a project without decision records: the comment means those of another. A record that is proposed, or does not say
// where it stands, may be cited. A record that speaks of no value of the limit's kind agrees with every one.
//
// # What to do instead
//
// Cite the record that superseded the old one, after checking that the code does what it says; remove the exemption or the
// contract that nothing needs.
//
// # References
//
//   - [adr-tools: superseding a decision]
//
// [adr-tools: superseding a decision]: https://github.com/npryce/adr-tools
package staledecision

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed staledecision.go testdata/staledecision.txtar
var folder embed.FS

// Rule is the rule. The decision records judge it.
var Rule = &rule.Rule{
	Name:     "stale-decision",
	Guard:    program.Decision,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
}
