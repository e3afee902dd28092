// Package rule says what a rule is: a name, the guard it looks for, a page and a function over one snapshot.
//
// A rule sees facts and sites only. It keeps no state, does no input or output, starts no goroutine and is a pure
// function of its Pass, so the same value serves the command line, an editor and an agent.
package rule

import (
	"io/fs"
	"iter"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
)

// Rule is one rule, declared as a literal in its own folder under internal/rules.
type Rule struct {
	// Name says the fault and reads after "allow": "unbounded-wait". Unique, never reused.
	Name string
	// Guard is the guard whose absence the rule reports.
	Guard program.GuardKind
	// Severity of its findings unless configured otherwise.
	Severity finding.Severity
	// Strict rules run under --strict only.
	Strict bool
	// Since is the version of tiebeam that first had the rule.
	Since string
	// Diff rules speak of a change only; one that is Strict too speaks in diff and under --strict.
	Diff bool
	// Folder is the rule's own source file and its first fixture, embedded: what Page reads.
	Folder fs.FS
	// Run reports the rule's findings on pass.Program. It is nil where another room judges (regress, contract, learn,
	// settle); the rule is then the name, the page and the cases.
	Run func(pass *Pass)
}

// Pass is one run of one rule over one snapshot.
type Pass struct {
	Program *program.Program
	Rule    *Rule
	// Strict is true under --strict: in-process waits and other sites marked strict are judged as well.
	Strict bool
	report func(Report)
}

// Report is a finding as a rule states it; the engine completes it with lines, severity and fingerprint.
type Report struct {
	Rule    *Rule
	At      program.Place
	Symbol  string
	Message string
	// Key is the normalised text of what is found, the part of the fingerprint that does not move with lines.
	Key     string
	Related []Related
	// Guard is what is missing where the rule speaks of several guards; "" means the rule's.
	Guard program.GuardKind
	// Severity is Unset where that of the rule holds.
	Severity finding.Severity
	// Beyond are places outside of the program, such as a line of a decision record; they come after Related.
	Beyond []finding.Related
}

// Related is a further place that explains a finding.
type Related struct {
	At      program.Place
	Message string
}

// NewPass gives a pass whose reports go to report.
func NewPass(p *program.Program, r *Rule, strict bool, report func(Report)) *Pass {
	return &Pass{Program: p, Rule: r, Strict: strict, report: report}
}

// Faults gives the sites of an effect that break this rule as they stand, those marked strict under --strict only.
func (p *Pass) Faults(effect program.Effect) iter.Seq[*program.Site] {
	return func(yield func(*program.Site) bool) {
		sites := p.Program.Sites(effect)
		for i := range sites {
			site := &sites[i]
			if site.Fault == p.Rule.Name && (p.Strict || !site.Strict) && !yield(site) {
				return
			}
		}
	}
}

// Report states one finding at a site.
func (p *Pass) Report(site *program.Site, message string, related ...Related) {
	p.report(Report{
		Rule:    p.Rule,
		At:      site.At,
		Symbol:  p.Program.Symbol(site.Func),
		Message: message,
		Key:     site.What + "|" + site.Text,
		Related: append(chain(site), related...),
	})
}

// ReportAt states one finding at a place that is no site.
func (p *Pass) ReportAt(report Report) {
	report.Rule = p.Rule
	p.report(report)
}

func chain(site *program.Site) []Related {
	related := make([]Related, 0, len(site.Chain))
	for _, step := range site.Chain {
		related = append(related, Related{At: step.At, Message: step.Text})
	}
	return related
}
