// Package unboundedretry reports retries that go on until they succeed, however long that takes.
//
// # What it guards
//
// A call to another side that is run again when it fails needs an end: a number of attempts, or a time after which
// it gives up.
//
// # Why it bears load
//
// A side that is down stays down for as long as everybody who waits for it keeps asking. A retry without an end
// holds its request, its connection and its memory for the whole outage, and hides the failure from whoever could
// handle it. tenacity's bare @retry and backoff's on_exception without max_tries repeat for ever.
//
// # When it is silent
//
// A range, a counter, a comparison of the time, a raise, return or break that a handler may reach, a deadline scope
// around the loop or around every call of the function: each is a bound. A loop that tests something else ("while
// not stopped") is a service that runs until it is stopped, and a loop that serves the next item is no retry.
// Handlers for errors that the code itself raises, such as ValueError, and for lost races, such as IntegrityError,
// do not make a loop a retry, and where each round asks the user, the user decides. A comment at the loop may say that it is meant to be endless. What cannot be shown counts
// as bounded. Tests are judged under --strict only.
//
// # What to do instead
//
// Count the attempts and let the last error out: for attempt in range(4), or stop=stop_after_attempt(4) |
// stop_after_delay(30).
//
// # References
//
//   - [Site Reliability Engineering, chapter 22: Addressing Cascading Failures]
//   - [tenacity: stopping]
//
// [Site Reliability Engineering, chapter 22: Addressing Cascading Failures]: https://sre.google/sre-book/addressing-cascading-failures/
// [tenacity: stopping]: https://tenacity.readthedocs.io/en/latest/#stopping
package unboundedretry

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unboundedretry.go testdata/unboundedretry.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "unbounded-retry",
	Guard:    program.RetryBound,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Repeat) {
		pass.Report(site, site.What+" is repeated until it succeeds; nothing bounds how often or how long")
	}
}
