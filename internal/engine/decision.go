package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/source"
)

// decisions is what a snapshot is judged by besides the rules: the contracts of its decision records.
type decisions struct {
	side contract.Side
	// others are the records of the other side, whose places findings may name too.
	others  *contract.Records
	remarks []contract.Remark
}

// prepare makes the snapshot ready to be judged by its own records.
func (s *Snapshot) prepare(q *Request) {
	s.decisions.side = contract.Side{
		Program: s.Program, Records: s.Records, Clauses: s.Records.Clauses(), Today: q.Today, Thorough: q.Strict,
		Lines: func(file program.FileID) finding.Lines { return s.Source(file) },
	}
	for i := range s.Records.Faults {
		fault := &s.Records.Faults[i]
		s.Incomplete = append(s.Incomplete, finding.Incomplete{Path: fault.Path, Line: fault.Line, Column: 1, Reason: fault.Message()})
	}
	s.Incomplete = finding.SortIncomplete(s.Incomplete)
}

// File finds the file of the program with a path, -1 where there is none.
func (s *Snapshot) File(path string) program.FileID {
	if at, ok := s.byPath[path]; ok {
		return program.FileID(at)
	}
	return -1
}

// Decisions is the snapshot as contracts see it: its program, its records and the contracts that bind.
func (s *Snapshot) Decisions() *contract.Side { return &s.decisions.side }

// record finds the text of a decision record.
func (s *Snapshot) record(path string) *source.File {
	if file := s.Records.Source(path); file != nil {
		return file
	}
	return s.decisions.others.Source(path)
}

// decide judges what the records bind. A panic is a fault of ours; it costs the contracts and is told.
func (s *Snapshot) decide(q *Request, rules []*rule.Rule) (said []rule.Report, fault *finding.Incomplete) {
	named := map[string]*rule.Rule{}
	for _, r := range rules {
		named[r.Name] = r
	}
	defer func() {
		if problem := recover(); problem != nil {
			said, fault = nil, &finding.Incomplete{Path: ".", Reason: fmt.Sprintf("decision records: internal error, please report it: %v", problem)}
		}
	}()
	judged := contract.Judge(&s.decisions.side, func(name string) bool { return named[name] != nil })
	s.decisions.remarks = judged.Remarks
	for i := range judged.Reports {
		said = append(said, s.ruled(&judged.Reports[i], named))
	}
	return said, nil
}

// ruled turns what a contract says into a report of its rule.
func (s *Snapshot) ruled(r *contract.Report, named map[string]*rule.Rule) rule.Report {
	fn := r.Func
	if fn.Scope == fact.NoScope {
		fn = s.funcAt(r.At)
	}
	out := rule.Report{
		Rule: named[r.Rule], At: r.At, Symbol: s.Program.Symbol(fn), Message: r.Message, Key: r.Key, Guard: r.Guard, Severity: r.Severity,
	}
	for _, step := range r.Steps {
		out.Related = append(out.Related, rule.Related{At: step.At, Message: step.Text})
	}
	if r.Record != nil {
		start, end := r.Record.Source().LineSpan(r.Line)
		out.Beyond = append(out.Beyond, finding.Related{
			Place:   finding.Place{Path: r.Record.Path, Span: finding.Span{Start: start, End: end}},
			Message: "the decision: " + r.Record.Name(),
		})
	}
	return out
}

// remarks are the findings on the lines of decision records, without those that another snapshot has as well.
func (s *Snapshot) remarks(without *Snapshot) []finding.Finding {
	type key struct{ path, key string }
	old := map[key]bool{}
	if without != nil {
		for _, r := range without.decisions.remarks {
			old[key{r.Path, r.Key}] = true
		}
	}
	var found []finding.Finding
	for _, r := range s.decisions.remarks {
		if !old[key{r.Path, r.Key}] {
			found = append(found, s.remark(r))
		}
	}
	return found
}

func (s *Snapshot) remark(r contract.Remark) finding.Finding {
	f := finding.Finding{Rule: r.Rule, Guard: string(program.Decision), Path: r.Path, Severity: r.Severity, Message: r.Message, Text: r.Key}
	if file := s.record(r.Path); file != nil {
		f.Span.Start, f.Span.End = file.LineSpan(r.Line)
	}
	return f
}

// bound reports whether decisions bind either side of a change, or the change edits some: what binds a module may be broken in
// one that the change does not touch.
func bound(before, after *inventory) bool {
	none := time.Time{}
	return len(before.records.Clauses()) > 0 || len(after.records.Clauses()) > 0 ||
		!slices.Equal(before.records.Identity(none), after.records.Identity(none))
}

// bind has both sides of a change judged by the same contracts: those of base, and what head decides beyond them.
func (d *difference) bind() {
	base, head := &d.base.decisions, &d.head.decisions
	merged := contract.Merge(d.base.Records, d.head.Records)
	base.side.Clauses, head.side.Clauses = merged, merged
	head.side.Before = d.base.Records
	base.others, head.others = d.head.Records, d.base.Records
	for _, s := range []*Snapshot{d.base, d.head} {
		s.decisions.side.Only = func(file program.FileID) bool { return !d.unchanged(s.Program.Files[file].Path) }
	}
}

// decisions finds what records govern and the change alters while they stay as they were, and settles which findings about
// limits are worth a reader's time.
func (d *difference) decisions(found []finding.Finding) []finding.Finding {
	d.weigh(found)
	found = join(found)
	if !d.runs(contract.Changed) {
		return found
	}
	named := map[string]*rule.Rule{}
	for _, r := range d.rules {
		named[r.Name] = r
	}
	changes := contract.Changes(&d.base.decisions.side, &d.head.decisions.side, d.renaming())
	for i := range changes {
		f := d.head.finding(d.head.ruled(&changes[i], named))
		// That it disagrees with the record follows from its change.
		found = slices.DeleteFunc(found, func(other finding.Finding) bool {
			return (other.Rule == contract.Unjust || other.Rule == contract.Stale) && other.Path == f.Path && other.Span == f.Span
		})
		found = append(found, f)
	}
	return found
}

// join makes one finding of a guard that was lost and of the contract that this breaks: it says what base had, and which
// decision asks for it. An accepted decision makes it an error.
func join(found []finding.Finding) []finding.Finding {
	lost := map[reportPlace]int{}
	for i := range found {
		if f := &found[i]; f.Base != nil {
			lost[placeOf(f)] = i
		}
	}
	var left []finding.Finding
	told := map[int]*finding.Finding{}
	for i := range found {
		f := &found[i]
		if at, ok := lost[placeOf(f)]; ok && f.Rule == contract.Violated {
			told[at] = f
		}
	}
	for i := range found {
		f := found[i]
		if _, ok := lost[placeOf(&f)]; ok && f.Rule == contract.Violated {
			continue
		}
		if of := told[i]; of != nil {
			f.Related = append(slices.Clone(f.Related), of.Related[len(of.Related)-1])
			_, wants, _ := strings.Cut(of.Message, ": ")
			f.Message += ", and " + wants
			if of.Severity == finding.Unset {
				f.Severity = finding.Error
			}
		}
		left = append(left, f)
	}
	return left
}

// reportPlace is a guard at a place.
type reportPlace struct {
	path, guard string
	span        finding.Span
}

func placeOf(f *finding.Finding) reportPlace { return reportPlace{f.Path, f.Guard, f.Span} }

func (d *difference) renaming() contract.Renaming {
	return contract.Renaming{Path: d.match.Path, Changed: func(path string) bool { return !d.unchanged(path) }}
}

// weigh makes notes of limits without a reason where the project does not ask for reasons, unless the change took one away.
func (d *difference) weigh(found []finding.Finding) {
	if !slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Rule == contract.Unjust }) || d.asksForReasons() {
		return
	}
	lost := map[finding.Place]bool{}
	for _, at := range contract.ReasonsLost(&d.base.decisions.side, &d.head.decisions.side, d.renaming()) {
		lost[*d.head.place(finding.Head, at)] = true
	}
	for i := range found {
		if f := &found[i]; f.Rule == contract.Unjust && !lost[finding.Place{Path: f.Path, Span: f.Span}] {
			f.Severity = finding.Note
		}
	}
}

// asksForReasons says whether the files that the change touches keep the habit of giving reasons for their limits, or the
// project has decision records that could give them: elsewhere a limit without a reason is what every change has.
func (d *difference) asksForReasons() bool {
	return d.q.Strict || len(d.base.Records.All) > 0 || contract.Habit(&d.base.decisions.side)
}

// loosened reports where the change edits what binds it.
func (d *difference) loosened() []finding.Finding {
	var found []finding.Finding
	for _, r := range contract.Loosened(d.base.Records, d.head.Records) {
		r.Rule = EditedPolicy
		found = append(found, d.head.remark(r))
	}
	return found
}
