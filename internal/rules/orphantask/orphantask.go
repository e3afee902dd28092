// Package orphantask reports tasks that nobody keeps, so that nobody awaits or cancels them.
//
// # What it guards
//
// A task that is started needs an owner: somebody who awaits it, keeps it until it is done, or cancels it at
// shutdown.
//
// # Why it bears load
//
// The event loop keeps only a weak reference to a task, so one that nothing else holds may be collected in the middle
// of its work. Its exception is never seen, and shutdown does not wait for it.
//
// # When it is silent
//
// A task that is awaited, returned, stored, passed on or given a callback has an owner. A TaskGroup owns what it
// starts. Where a helper starts a task and returns it, the caller that drops the result is reported. Tests are judged
// under --strict only.
//
// # What to do instead
//
// Start it in a TaskGroup, or keep it: tasks.add(task); task.add_done_callback(tasks.discard).
//
// # References
//
//   - [asyncio.create_task]
//
// [asyncio.create_task]: https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task
package orphantask

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed orphantask.go testdata/orphantask.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "orphan-task",
	Guard:    program.Cancellation,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Spawn) {
		pass.Report(site, site.Entry.Path+" starts a task without an owner: "+site.Detail)
	}
}
