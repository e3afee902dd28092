package contract

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Names of the rules that this package judges.
const (
	Violated   = "contract-violated"
	Dependency = "forbidden-dependency"
	Changed    = "decision-changed"
	Stale      = "stale-decision"
	Unjust     = "unjustified-limit"
)

// Side is one tree under judgement.
type Side struct {
	Program *program.Program
	// Records are those of the tree itself, which its comments cite.
	Records *Records
	// Before are the records of base where a change is judged, else nil.
	Before *Records
	// Clauses are the contracts that it is judged by: Records.Clauses, or for a change what Merge gives.
	Clauses []*Clause
	// Today is the day by which exemptions expire; the zero day is one on which nothing does.
	Today time.Time
	// Lines finds the text of a file.
	Lines func(program.FileID) finding.Lines
	// Thorough tells of records what matters to people only, too.
	Thorough bool
	// Only limits the search for limits to some files; nil looks at all.
	Only func(program.FileID) bool
}

// Report is what was found on a line of code.
type Report struct {
	Rule string
	At   program.Place
	// Func is the function around it.
	Func  program.Func
	Guard program.GuardKind
	// Severity is Unset where that of the rule holds.
	Severity finding.Severity
	Message  string
	// Key is what the fingerprint is made of, besides rule, path and symbol.
	Key string
	// Steps are further places of the program.
	Steps []program.Step
	// Record is the record that says so, nil where none does; Line its 1-based line.
	Record *Record
	Line   int
}

// Remark is what was found on a line of a record.
type Remark struct {
	Rule string
	// Path and Line are those of the record; Line is 1-based.
	Path     string
	Line     int
	Severity finding.Severity
	Message  string
	Key      string
}

// Judgement is what a side was found to break.
type Judgement struct {
	Reports []Report
	Remarks []Remark
}

// Judge holds a program against its contracts and looks through what its comments cite. Runs says which rules are asked for.
// Cost: each contract on guards looks at the sites of its effect once, each on imports at the graph of imports once.
func Judge(s *Side, runs func(rule string) bool) Judgement {
	j := &judge{Side: s, names: make([][]string, len(s.Program.Files)), used: map[*Exemption]bool{}}
	for _, c := range s.Clauses {
		switch c.Kind {
		case Importing:
			if runs(Dependency) {
				j.importing(c)
				j.exemptions(c)
			}
		default:
			if runs(Violated) {
				j.other(c)
				j.exemptions(c)
			}
		}
	}
	if runs(Stale) {
		j.speaksOfNothing()
		j.citations()
	}
	j.out.Remarks = slices.DeleteFunc(append(j.out.Remarks, s.Records.Problems(s.Thorough)...), func(r Remark) bool { return !runs(r.Rule) })
	if runs(Unjust) {
		j.limits()
	}
	return j.out
}

// sortReports puts reports into the order of their places.
func sortReports(all []Report) {
	slices.SortStableFunc(all, func(a, b Report) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Start, b.At.Start), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Key, b.Key))
	})
}

// judge is one run.
type judge struct {
	*Side
	names   [][]string
	modules *modules
	used    map[*Exemption]bool
	out     Judgement
}

func (j *judge) other(c *Clause) {
	switch c.Kind {
	case Guarded:
		if c.Needs == program.Immutability {
			j.writeOnce(c)
		} else {
			j.guarded(c)
		}
	case Making:
		j.making(c)
	case Governing:
		j.values(c)
	}
}

// severity is how much a violation of a record matters: what is only proposed is noted.
func (r *Record) severity() finding.Severity {
	if r.Status == Proposed {
		return finding.Note
	}
	return finding.Unset
}

// says ends a message with the record.
func (c *Clause) says() string {
	name := "decision " + c.Record.Name()
	if c.Record.Status == Proposed {
		name = "proposed " + name
	}
	return name
}

// violated reports a place that breaks a contract, unless it is exempt.
func (j *judge) violated(c *Clause, fn program.Func, at program.Place, message, key string, steps ...program.Step) {
	if e := j.exempt(c, fn); e != nil {
		j.used[e] = true
		if !e.Expired(j.Today) {
			return
		}
		message += fmt.Sprintf(" (its exemption ended on %s)", e.Until.Format(day))
	}
	guard := c.Needs
	switch c.Kind {
	case Making:
		guard = program.Dependency
	case Governing:
		guard = program.Decision
	}
	j.out.Reports = append(j.out.Reports, Report{
		Rule: Violated, At: at, Func: fn, Guard: guard, Severity: c.Record.severity(), Message: message,
		Key: c.Record.Label + "|" + string(guard) + "|" + key, Steps: steps, Record: c.Record, Line: c.Line,
	})
}

// exempt finds the exemption that covers a function.
func (j *judge) exempt(c *Clause, fn program.Func) *Exemption {
	if len(c.Except) == 0 {
		return nil
	}
	at := j.place(fn)
	for _, e := range c.Except {
		if covers(e.In, at.modules()) || covers(e.In, at.symbols()) {
			return e
		}
	}
	return nil
}

// exemptions tells of those of a contract that are over or cover nothing.
func (j *judge) exemptions(c *Clause) {
	for _, e := range c.Except {
		if own := j.Records.At(c.Record.Path); j.Before != nil && (own == nil || !own.exempts(e)) {
			continue // the change itself takes it away
		}
		var message string
		switch {
		case e.Expired(j.Today):
			message = fmt.Sprintf("exemption of %s ended on %s: mend the code, or have %s decide again", text.Visible(e.Subject()), e.Until.Format(day), text.Visible(e.Owner))
		case !j.used[e]:
			message = "exemption of " + text.Visible(e.Subject()) + " covers nothing any more: remove it"
		default:
			continue
		}
		j.remark(c.Record, e.Line, message, "exemption|"+c.Name+"|"+e.Subject())
	}
}

// exempts says whether one of the record's contracts still has an exemption.
func (r *Record) exempts(e *Exemption) bool {
	return slices.ContainsFunc(r.Clauses, func(c *Clause) bool {
		return slices.ContainsFunc(c.Except, func(other *Exemption) bool { return other.Subject() == e.Subject() })
	})
}

func (j *judge) remark(r *Record, line int, message, key string) {
	j.out.Remarks = append(j.out.Remarks, Remark{Rule: Stale, Path: r.Path, Line: line, Severity: r.severity(), Message: message, Key: key})
}

// place is where a function stands.
func (j *judge) place(fn program.Func) *Place {
	return &Place{Path: j.Program.Files[fn.File].Path, Symbol: j.Program.Symbol(fn), names: j.namesOf(fn.File)}
}

// namesOf are the dotted names of a file's module.
func (j *judge) namesOf(file program.FileID) []string {
	if j.names[file] == nil {
		j.names[file] = moduleNames(j.Program.Module(file), j.Program.Home(file))
	}
	return j.names[file]
}

// module is the shortest of them, for messages.
func (j *judge) module(file program.FileID) string { return j.namesOf(file)[0] }

// speaksOfNothing tells of contracts that name modules or symbols which are not there.
func (j *judge) speaksOfNothing() {
	for _, c := range j.Records.Clauses() {
		for _, p := range c.moduleNames() {
			if len(j.table().find(p)) == 0 {
				j.remark(c.Record, c.Line, "contract names "+text.Visible(p.Text)+", and there is no such module"+text.Suggest(p.Text, j.table().sorted), "names|"+p.Text)
			}
		}
		for _, p := range c.symbolNames() {
			if !j.hasSymbol(p) {
				j.remark(c.Record, c.Line, "contract names "+text.Visible(p.Text)+", and there is no such class, function or constant", "names|"+p.Text)
			}
		}
	}
}

// moduleNames are the modules that a contract names and that must be there.
func (c *Clause) moduleNames() []Pattern {
	all := slices.Concat(c.Scope.Modules, c.Scope.Packages, c.OnlyIn)
	if c.Imports != nil {
		all = append(all, c.Imports.needed()...)
	}
	return all
}

func (c *Clause) symbolNames() []Pattern { return slices.Concat(c.Scope.Symbols, c.Symbols) }

// hasSymbol says whether a pattern names a scope or a name of a module.
func (j *judge) hasSymbol(p Pattern) bool {
	for file := range j.Program.Files {
		if len(j.symbolsIn(program.FileID(file), p)) > 0 {
			return true
		}
	}
	return false
}

// symbol is one class, function or name that a pattern names: a scope, or for a constant a symbol of the module or of a class.
type symbol struct {
	fn  program.Func
	def *fact.Def // nil for a scope
	// name is the qualified name inside the module.
	name string
}

// symbolsIn finds what a pattern names in a file.
func (j *judge) symbolsIn(file program.FileID, p Pattern) []symbol {
	var rest [][]string
	for _, name := range j.namesOf(file) {
		rest = append(rest, remainders(p.parts, name)...)
	}
	if len(rest) == 0 {
		return nil
	}
	return symbolsOf(j.Program, file, rest)
}
