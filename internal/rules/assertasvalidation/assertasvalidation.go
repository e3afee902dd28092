// Package assertasvalidation reports asserts that check what a caller passed in.
//
// # What it guards
//
// Input has to be refused by code that always runs: an exception that is raised, a schema.
//
// # Why it bears load
//
// Python removes assert statements under -O and PYTHONOPTIMIZE. What the assert refused then passes, without a trace
// in the code. Where it does run, callers get an AssertionError that nobody handles.
//
// # When it is silent
//
// An assert that narrows a type (is not None, isinstance), that states what the code itself established, or that
// stands in a test or in a private or nested function is left alone. The value has to come from a parameter of a
// public function, and be compared with a limit, a set of values or, with a message, for equality. A docstring or comment
// may say that it finds a programming error.
//
// # What to do instead
//
// Raise: if cents <= 0: raise ValueError("cents must be positive"). Or let a schema say it: cents: PositiveInt.
//
// # References
//
//   - [The assert statement]
//   - [PYTHONOPTIMIZE]
//
// [The assert statement]: https://docs.python.org/3/reference/simple_stmts.html#the-assert-statement
// [PYTHONOPTIMIZE]: https://docs.python.org/3/using/cmdline.html#envvar-PYTHONOPTIMIZE
package assertasvalidation

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed assertasvalidation.go testdata/assertasvalidation.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "assert-as-validation",
	Guard:    program.Validation,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Admit) {
		pass.Report(site, "assert "+site.Detail+" validates input and is removed under python -O")
	}
}
