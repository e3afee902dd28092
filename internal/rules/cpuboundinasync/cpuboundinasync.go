// Package cpuboundinasync reports heavy computation in coroutines.
//
// # What it guards
//
// A coroutine that computes for long has to hand the work to a thread (where the library releases the interpreter
// lock) or a process.
//
// # Why it bears load
//
// The event loop runs nothing else in the meantime; the effect is that of a blocking call. Numeric code is fast with
// the arrays of a test and slow with those of production.
//
// # When it is silent
//
// Only calls that the catalogue marks as heavy count: products of arrays, password hashing, compression, image and
// model work. Tests are judged under --strict only.
//
// # What to do instead
//
// Hand it over: await asyncio.to_thread(np.dot, a, b), or loop.run_in_executor with a process pool.
//
// # References
//
//   - [Developing with asyncio: running blocking code]
//
// [Developing with asyncio: running blocking code]: https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
package cpuboundinasync

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed cpuboundinasync.go testdata/cpuboundinasync.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "cpu-bound-in-async",
	Guard:    program.Offload,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Block) {
		message := site.What + " computes on the event loop"
		if len(site.Chain) > 0 {
			message += ": it reaches " + site.Entry.Path
		}
		pass.Report(site, message)
	}
}
