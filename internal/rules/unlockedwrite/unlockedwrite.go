// Package unlockedwrite reports writes without the lock under which the same field is used elsewhere.
//
// # What it guards
//
// A field that one method uses under a lock belongs to that lock: every write of it has to hold the same lock,
// directly or because every caller holds it.
//
// # Why it bears load
//
// A lock protects only where everybody takes it. The one method that does not loses updates or breaks an invariant in
// the middle of somebody else's critical section, rarely, and never in a test.
//
// # When it is silent
//
// Constructors, __enter__, functions named for setting up and those that make the lock run before the object is
// shared, and a method that starts the thread or has joined it is alone. A method all of whose known callers hold a
// lock, one whose name ends in _locked, and one whose docstring or comment says that the lock is held, is called under
// it. Binding the field to a value made without it is whole in itself, unless the field was tested before; so is what a
// comment at the write calls atomic or thread-safe. Queues between threads have a lock of their own, and deques append
// and pop without one. Who sets an event behind the write has told when to look. A lock under which the field is only
// emptied, or which is only tried, is not shown to guard it. Classes and modules without a lock are not judged by this
// rule, nor are tests.
//
// # What to do instead
//
// Take the lock around the write, or move the write into a method that holds it.
//
// # References
//
//   - [threading.Lock]
//
// [threading.Lock]: https://docs.python.org/3/library/threading.html#lock-objects
package unlockedwrite

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unlockedwrite.go testdata/unlockedwrite.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "unlocked-write",
	Guard:    program.Lock,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Share) {
		pass.Report(site, site.What+" is written without the lock that guards it elsewhere")
	}
}
