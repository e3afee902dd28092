// Package untestedboundary reports comparisons on a limit that no test calls at the limit.
//
// # What it guards
//
// A comparison that decides on a limit, quota or expiry needs a test with the value just below, at and just above the
// limit, or a property that names the bound.
//
// # Why it bears load
//
// Written > for >=, it passes every test at ordinary values and lets one too many through at the limit. No type
// checker and no coverage figure sees the difference.
//
// # When it is silent
//
// Only comparisons between a parameter and another parameter or a known number are judged, in functions that return
// the outcome or refuse on it, and only in trees that hold tests. Where tests come to a function in another way than by
// calling it (through a function that calls it, through a framework that a decorator gives it to, through an object of
// which nothing is known), nothing is said of it, nor where a test gives a value that is not known. Properties, which
// are not called, are not judged, nor are functions that call themselves.
//
// What `tiebeam boundary` has seen for the very code that is judged decides before that: silent where a test failed for
// each change of the comparison, reported with the input that tells them apart where a change went unnoticed.
//
// # What to do instead
//
// Add the three values: @pytest.mark.parametrize(("used", "allowed"), [(9, True), (10, True), (11, False)]).
//
// # References
//
//   - [pytest: Parametrizing tests]
//   - [Hypothesis: @example]
//
// [pytest: Parametrizing tests]: https://docs.pytest.org/en/stable/how-to/parametrize.html
// [Hypothesis: @example]: https://hypothesis.readthedocs.io/en/latest/reference/api.html
package untestedboundary

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed untestedboundary.go testdata/untestedboundary.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "untested-boundary",
	Guard:    program.Boundary,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Decide) {
		if site.Seen != "" {
			pass.Report(site, site.Detail+" decides on a limit, and "+site.Seen)
			continue
		}
		pass.Report(site, site.Detail+" decides on a limit and no test calls "+site.What+" below, at and above it")
	}
}
