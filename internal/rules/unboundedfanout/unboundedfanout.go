// Package unboundedfanout reports concurrent calls whose number the input decides.
//
// # What it guards
//
// Work that is started for each item of a collection needs a bound on how many run at once: a semaphore, a limiter, a
// pool, batches of a fixed size.
//
// # Why it bears load
//
// A thousand items become a thousand connections. The pool, the descriptors or the service behind them give out, and
// every one of the calls fails or times out together.
//
// # When it is silent
//
// Only collections that a parameter brings in count; a slice with an end, a display and a range of known size are
// bounded, as is a parameter for which every known caller writes the list out. Items that are the work themselves
// (awaitables, callbacks, services with a method) are held by the program and few, and so are collections that are named
// for parts of a program: plugins, workers, partitions, providers and the like. A semaphore inside the function that is
// started, or given to it, is a bound, as is a lock there and the size of a pool. Tests are judged under --strict only.
//
// # What to do instead
//
// Enter a semaphore around the call of each item, or take the items in batches.
//
// # References
//
//   - [asyncio.Semaphore]
//
// [asyncio.Semaphore]: https://docs.python.org/3/library/asyncio-sync.html#asyncio.Semaphore
package unboundedfanout

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unboundedfanout.go testdata/unboundedfanout.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "unbounded-fanout",
	Guard:    program.Bound,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Spawn) {
		pass.Report(site, site.What+" runs one call for each of "+site.Detail+" at once, however many there are")
	}
}
