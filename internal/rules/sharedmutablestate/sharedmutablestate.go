// Package sharedmutablestate reports containers that every call or every object shares by accident and that code
// changes.
//
// # What it guards
//
// A default value of a parameter and an attribute of a class exist once. A list, dict or set there must not be
// changed in place by one call or one object.
//
// # Why it bears load
//
// What one request appends the next one sees: data of one user reaches another, and memory grows for as long as the
// process runs.
//
// # When it is silent
//
// The function or a method of the class has to change the container in place; one that is only read, replaced first,
// or changed through the class itself on purpose is silent, as is a class with base classes. Tests are judged under
// --strict only.
//
// # What to do instead
//
// Use None and make the container in the function; for a class, make it in __init__ or with
// field(default_factory=list).
//
// # References
//
//   - [Why are default values shared between objects?]
//
// [Why are default values shared between objects?]: https://docs.python.org/3/faq/programming.html#why-are-default-values-shared-between-objects
package sharedmutablestate

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed sharedmutablestate.go testdata/sharedmutablestate.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "shared-mutable-state",
	Guard:    program.Immutability,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Share) {
		pass.Report(site, "the "+site.Detail+" is one container for all and is changed in place")
	}
}
