// Package retrywithoutbackoff reports retries that repeat at once, without a pause between the attempts.
//
// # What it guards
//
// A call to another side that is run again needs a pause before each further attempt, best one that grows and is
// not the same for everybody.
//
// # Why it bears load
//
// A side that fails under load is asked more often than before, by all its callers at the same moment, just when it
// can do least: the retry makes a short failure a long one. A loop without a pause also uses up its attempts in a
// few milliseconds, before anything can have recovered.
//
// # When it is silent
//
// A call that sleeps or is named for it (sleep, wait, backoff, delay), in the loop or in a function that it calls,
// is a pause, and so is a time-out that is all the handler catches. A single further attempt is not reported, nor
// are loops that repeat after a lost race. An unknown call in the handler counts as a pause. Tests are judged under
// --strict only.
//
// # What to do instead
//
// Sleep before the next attempt, longer each time and with a random part: time.sleep(2**attempt + random.random()),
// or wait=wait_random_exponential(max=8).
//
// # References
//
//   - [Timeouts, retries and backoff with jitter, Amazon Builders' Library]
//   - [tenacity: waiting]
//
// [Timeouts, retries and backoff with jitter, Amazon Builders' Library]: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
// [tenacity: waiting]: https://tenacity.readthedocs.io/en/latest/#waiting-before-retrying
package retrywithoutbackoff

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed retrywithoutbackoff.go testdata/retrywithoutbackoff.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "retry-without-backoff",
	Guard:    program.RetryBound,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Repeat) {
		pass.Report(site, site.What+" is repeated at once, without a pause between the attempts")
	}
}
