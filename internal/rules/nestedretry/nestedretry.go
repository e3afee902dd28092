// Package nestedretry reports retries inside retries, where the attempts multiply.
//
// # What it guards
//
// A call that is repeated by one retry should not run into another: the bound that is meant is that of one layer.
//
// # Why it bears load
//
// Three layers that each try four times send sixty-four requests to a side that is already failing, and the caller
// waits for the product of all pauses. Retry at one layer, and let the others pass the failure on.
//
// # When it is silent
//
// Only calls that can mean one function of the program are followed, to retry decorators and retry loops around an
// effect on another side. Retries that a library makes by itself (a session's adapter, an SDK) are not counted, nor
// is a retry that a function makes inside its own loop, or only when a parameter says how often. Each inner retry is
// told of once in a file, and once for each outer one. Tests are judged under --strict only.
//
// # What to do instead
//
// Keep the retry that knows most of the request, most often the outermost or the one next to the network, and take
// the others out.
//
// # References
//
//   - [Site Reliability Engineering, chapter 22: Addressing Cascading Failures]
//   - [Timeouts, retries and backoff with jitter, Amazon Builders' Library]
//
// [Site Reliability Engineering, chapter 22: Addressing Cascading Failures]: https://sre.google/sre-book/addressing-cascading-failures/
// [Timeouts, retries and backoff with jitter, Amazon Builders' Library]: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
package nestedretry

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed nestedretry.go testdata/nestedretry.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "nested-retry",
	Guard:    program.RetryBound,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Repeat) {
		message := site.What + " retries, inside a retry"
		if site.Detail != "" {
			message += ": up to " + site.Detail
		}
		pass.Report(site, message)
	}
}
