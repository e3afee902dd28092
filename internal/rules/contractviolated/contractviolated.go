// Package contractviolated reports code that does not keep what a decision record asks of it.
//
// # What it guards
//
// What was decided and written down: a decision record holds contracts in fenced blocks of the language tiebeam, each of
// which says which effect needs which guard where, within which bound; where objects of a class may be made; which value a
// constant has. The language is in docs/contracts.md. Imports are the subject of forbidden-dependency.
//
// # Why it bears load
//
// A decision that nothing checks lasts until the first change by somebody who does not know it. The code looks no worse
// without the deadline that an outage taught the team to set.
//
// # When it is silent
//
// Records that are rejected, deprecated or superseded bind nothing; what only a proposed one asks is a note. Tests are not
// judged. A guard whose strength cannot be shown counts as strong enough, and a library whose behaviour is not known breaks
// nothing. An exemption in the record covers a place until its date.
//
// # What to do instead
//
// Keep the contract, or have the team decide again: a new record that supersedes the old one, or an exemption with a
// reason, an owner and a date. In a change, the records and exemptions of base count.
//
// # References
//
//   - [Documenting architecture decisions]
//   - [MADR]
//
// [Documenting architecture decisions]: https://cognitect.com/blog/2011/11/15/documenting-architecture-decisions
// [MADR]: https://adr.github.io/madr/
package contractviolated

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed contractviolated.go testdata/contractviolated.txtar
var folder embed.FS

// Rule is the rule. The contracts of the decision records judge it.
var Rule = &rule.Rule{
	Name:     "contract-violated",
	Guard:    program.Decision,
	Severity: finding.Error,
	Since:    "0.1.0",
	Folder:   folder,
}
