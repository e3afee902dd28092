// Package swallowedcancellation reports handlers in coroutines that catch a cancellation and go on.
//
// # What it guards
//
// A coroutine that is cancelled receives asyncio.CancelledError at its await. Code may clean up, and then has to let
// it pass.
//
// # Why it bears load
//
// A coroutine that swallows it cannot be stopped: timeouts do not end it, a TaskGroup waits for it, shutdown hangs
// until the process is killed.
//
// # When it is silent
//
// Only bare except and BaseException around an await count, where the handler neither raises nor leaves the function
// or loop, nor ends the process, and no handler before it takes cancellations away. A coroutine that is a task of its
// own and ends with the handler ends either way. A handler that names CancelledError is a decision of its
// author. Tests are judged under --strict only.
//
// # What to do instead
//
// Catch Exception, which does not include CancelledError, or raise again at the end of the handler.
//
// # References
//
//   - [asyncio: Task Cancellation]
//
// [asyncio: Task Cancellation]: https://docs.python.org/3/library/asyncio-task.html#task-cancellation
package swallowedcancellation

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed swallowedcancellation.go testdata/swallowedcancellation.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "swallowed-cancellation",
	Guard:    program.Cancellation,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Spawn) {
		pass.Report(site, "this handler catches cancellation and the coroutine goes on: raise again, or catch Exception")
	}
}
