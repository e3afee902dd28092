// Package deviantsite reports the few places that do without what their likes keep.
//
// # What it guards
//
// A habit that the code keeps nearly everywhere: a deadline at 47 of 49 calls of one library, the lock that a class's
// fields are written under, the package that never imports the one above it, the decorator that all handlers of a module
// have, the argument that narrows a query to one customer. Nobody wrote it down, and the next change may break it.
//
// # Why it bears load
//
// Where forty-seven of forty-nine agree, the other two are either exceptions with a reason or mistakes, and only someone
// who knows the reason can tell them apart. Mistakes of this kind are found by no rule that knows the library alone: the
// missing argument is optional, the missing lock is the project's own.
//
// # When it is silent
//
// Nine places have to keep the habit for each that does not, and at least nine in all, more often than in the rest of
// the program. Tests, examples and migrations do not count. Deviants that another rule reports as they stand are left to
// it. `tiebeam learn` lists weaker habits, too.
//
// # What to do instead
//
// Do as the others do, or say in a comment why this place is different: `# tiebeam: allow deviant-site because ...`.
// A habit that is meant belongs into a decision record: `tiebeam learn --write` proposes one.
//
// # References
//
//   - [Bugs as deviant behavior]: Engler and others, 2001
//
// [Bugs as deviant behavior]: https://web.stanford.edu/~engler/deviant-sosp-01.pdf
package deviantsite

import (
	"embed"
	"fmt"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/learn"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed deviantsite.go testdata/deviantsite.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "deviant-site",
	Guard:    program.Decision,
	Severity: finding.Note,
	Strict:   true,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	said := map[program.Place]bool{}
	for _, v := range learn.Mine(pass.Program) {
		if !v.Strong() {
			continue
		}
		for i := range v.Deviants {
			d := &v.Deviants[i]
			if d.Known || said[d.At] {
				continue
			}
			said[d.At] = true
			report := rule.Report{
				At: d.At, Guard: v.Guard, Symbol: pass.Program.Symbol(d.Func), Key: v.Statement,
				Message: fmt.Sprintf("%s, %d of %d do, but not here", v.Statement, v.Kept, v.Total),
			}
			for _, at := range v.Examples {
				report.Related = append(report.Related, rule.Related{At: at, Message: "as here"})
			}
			pass.ReportAt(report)
		}
	}
}
