// Package leakedresource reports resources that some path through the function does not release.
//
// # What it guards
//
// A file, socket, connection, session, lock, child process or temporary file that code acquires has to be released on
// every path out of the function: by with, by try and finally, by an exit stack, or by handing it to somebody who
// releases it.
//
// # Why it bears load
//
// What is not released keeps a descriptor or a slot of a pool until the collector finds it, which under load, in a
// cycle or on another interpreter is too late. The process then fails with "too many open files" far from the leak,
// days later. A lock that is not released on an exception stops every other thread for good.
//
// # When it is silent
//
// A resource that is returned, yielded, stored in an object or container, or passed to code that is not known belongs
// to somebody else from then on. Resources of a module or class live as long as the process. Calls that only log or
// test count as not raising. Tests are judged under --strict only.
//
// # What to do instead
//
// Use the resource as a context manager; for one that has only close(), contextlib.closing. Where the release has to
// come later, enter it into an ExitStack. For sqlite3, whose with ends the transaction and leaves the connection
// open, use closing.
//
// # References
//
//   - [The with statement]
//   - [contextlib.closing]
//   - [sqlite3: How to use the connection context manager]
//
// [The with statement]: https://docs.python.org/3/reference/compound_stmts.html#with
// [contextlib.closing]: https://docs.python.org/3/library/contextlib.html#contextlib.closing
// [sqlite3: How to use the connection context manager]: https://docs.python.org/3/library/sqlite3.html#how-to-use-the-connection-context-manager
package leakedresource

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed leakedresource.go testdata/leakedresource.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "leaked-resource",
	Guard:    program.Release,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Acquire) {
		pass.Report(site, site.What+" is acquired and "+site.Detail)
	}
}
