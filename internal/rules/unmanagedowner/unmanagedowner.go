// Package unmanagedowner reports objects that keep a resource and offer no way to release it.
//
// # What it guards
//
// An object that opens a file, socket, connection or pool into an attribute owns it. Some method of its class has to
// release it, so that whoever owns the object can: close, __exit__, a shutdown hook.
//
// # Why it bears load
//
// The leak is not in the function that opens the resource, which looks right, but in a class that cannot be used
// correctly: every instance costs a descriptor or a thread until the process ends.
//
// # When it is silent
//
// A class counts as able to release when any code in its file calls a release method of the attribute, enters it,
// returns it or passes it on. A TemporaryDirectory removes itself with its owner. Classes with a base class that is
// not known are not judged, nor are tests.
//
// # What to do instead
//
// Add close() and the context manager methods that call it, and use the object in a with statement; or take the
// resource as a parameter, so that the caller owns it.
//
// # References
//
//   - [Context Manager Types]
//
// [Context Manager Types]: https://docs.python.org/3/library/stdtypes.html#context-manager-types
package unmanagedowner

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unmanagedowner.go testdata/unmanagedowner.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "unmanaged-owner",
	Guard:    program.Release,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Acquire) {
		pass.Report(site, site.What+" is opened into an attribute: "+site.Detail)
	}
}
