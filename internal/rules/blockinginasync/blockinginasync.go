// Package blockinginasync reports calls in coroutines that keep the event loop from running.
//
// # What it guards
//
// Code of a coroutine runs on the event loop. Waiting there for the network, a database, a child process, a sleep or
// a lock has to be handed to a thread or process, or be done by an asynchronous library.
//
// # Why it bears load
//
// While one coroutine blocks, no other runs: no request is answered, no timeout fires, no heartbeat is sent. It is
// invisible with one user and an outage with a thousand. Most such calls hide in helpers, one or more frames below
// the coroutine.
//
// # When it is silent
//
// A function that is handed to asyncio.to_thread, run_in_executor, run_in_threadpool and their like runs elsewhere,
// as does a plain def route of a framework with a thread pool. Short file operations are judged under --strict only,
// tests too. Where a call may run one of several functions, all of them have to block. A plain function that is
// awaited and gives nothing to await is another one, and a decorator that never calls what it decorates, or that
// chooses between it and a coroutine function, runs it elsewhere. Socket operations that expect BlockingIOError do
// not wait. A command of a command line that starts no task has the loop for itself.
//
// # What to do instead
//
// Use the asynchronous client of the library, or hand the call to a thread: await asyncio.to_thread(load, key). Run
// linters that suggest making a coroutine plain after this rule, not before.
//
// # References
//
//   - [Developing with asyncio: running blocking code]
//   - [FastAPI: path operation functions]
//
// [Developing with asyncio: running blocking code]: https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code
// [FastAPI: path operation functions]: https://fastapi.tiangolo.com/async/#path-operation-functions
package blockinginasync

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed blockinginasync.go testdata/blockinginasync.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "blocking-in-async",
	Guard:    program.Offload,
	Severity: finding.Error,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Block) {
		if len(site.Chain) > 0 {
			pass.Report(site, site.What+" blocks the event loop: it reaches "+site.Entry.Path)
			continue
		}
		pass.Report(site, message(site))
	}
}

func message(site *program.Site) string {
	if site.Detail == "lock" && site.Stmt != 0 && len(site.Text) > 5 && site.Text[:5] == "with " {
		return "a thread's lock is held across an await: whoever waits for it stops the event loop"
	}
	return site.What + " blocks the event loop (" + site.Detail + ")"
}
