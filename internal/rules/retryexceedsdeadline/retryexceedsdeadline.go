// Package retryexceedsdeadline reports retries whose attempts and pauses take longer than the deadline around them.
//
// # What it guards
//
// A retry inside a deadline needs to fit: attempts × deadline of one attempt + pauses, at most the deadline around
// them.
//
// # Why it bears load
//
// The later attempts never run, or are cut off in the middle: the retry that the code promises does not happen when
// it is needed, and a write that was cut off may or may not have been done.
//
// # When it is silent
//
// Only numbers that can be shown are added up: the attempts, the longest deadline of one network call in the loop,
// given or the library's default, and pauses that are arithmetic on the attempt, random parts counted as nothing.
// The deadline around them is a scope (asyncio.timeout, anyio.fail_after, wait_for) in the same function or around
// every known call of it. Tests are judged under --strict only.
//
// # What to do instead
//
// Take the deadline of one attempt from what is left: fewer attempts, a shorter deadline for each, or a longer one
// around them.
//
// # References
//
//   - [Timeouts, retries and backoff with jitter, Amazon Builders' Library]
//   - [Deadline propagation, Site Reliability Engineering, chapter 22]
//
// [Timeouts, retries and backoff with jitter, Amazon Builders' Library]: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
// [Deadline propagation, Site Reliability Engineering, chapter 22]: https://sre.google/sre-book/addressing-cascading-failures/#latency-and-deadlines-5Wh0fD
package retryexceedsdeadline

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed retryexceedsdeadline.go testdata/retryexceedsdeadline.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "retry-exceeds-deadline",
	Guard:    program.Deadline,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Repeat) {
		pass.Report(site, "the retry of "+site.What+" does not fit: "+site.Detail)
	}
}
