// Package tornupdate reports several related fields of a shared object that are written one after the other without a
// lock.
//
// # What it guards
//
// Fields that belong together have to change together: under one lock that readers take too, or by replacing one
// immutable snapshot.
//
// # Why it bears load
//
// A reader that runs between two of the writes sees half of the change: the new table with the old cache. The state
// it acts on never existed.
//
// # When it is silent
//
// The program has to show that the object is used by several threads: one of its methods is the target of a thread or
// submitted to an executor. Fields count as related when another method reads two of them. The first values that a
// thread gives where it begins, or where one of them is still None, are none. Classes that have a lock are judged by unlocked-write. Tests are judged under
// --strict only.
//
// # What to do instead
//
// Build the new state aside and publish it with one assignment of a tuple or frozen object, or write under a lock
// that the readers take.
//
// # References
//
//   - [What kinds of global value mutation are thread-safe?]
//
// [What kinds of global value mutation are thread-safe?]: https://docs.python.org/3/faq/library.html#what-kinds-of-global-value-mutation-are-thread-safe
package tornupdate

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed tornupdate.go testdata/tornupdate.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "torn-update",
	Guard:    program.Lock,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Share) {
		pass.Report(site, site.What+" and fields read together with it are written one by one: a reader in another thread may see half of the change")
	}
}
