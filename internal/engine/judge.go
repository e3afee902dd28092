package engine

import (
	"context"
	"fmt"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

// judge runs rules over a snapshot. The findings have offsets only; they come in the order of the rules.
func judge(ctx context.Context, q *Request, s *Snapshot, rules []*rule.Rule) ([]finding.Finding, []finding.Incomplete, error) {
	found := make([][]finding.Finding, len(rules))
	faults := make([]*finding.Incomplete, len(rules))
	err := each(ctx, len(rules), q.Workers, func() struct{} { return struct{}{} }, func(_ struct{}, i int) {
		found[i], faults[i] = runRule(q, s, rules[i])
	})
	if err != nil {
		return nil, nil, err
	}
	var all []finding.Finding
	var incomplete []finding.Incomplete
	for i := range rules {
		all = append(all, found[i]...)
		if faults[i] != nil {
			incomplete = append(incomplete, *faults[i])
		}
	}
	return all, incomplete, nil
}

// runRule runs one rule. A panic is a fault of ours; it costs this rule and is told.
func runRule(q *Request, s *Snapshot, r *rule.Rule) (found []finding.Finding, fault *finding.Incomplete) {
	if r.Run == nil {
		return nil, nil
	}
	defer func() {
		if problem := recover(); problem != nil {
			found, fault = nil, &finding.Incomplete{Path: ".", Reason: fmt.Sprintf("rule %s: internal error, please report it: %v", r.Name, problem)}
		}
	}()
	r.Run(rule.NewPass(s.Program, r, q.Strict, func(report rule.Report) {
		found = append(found, s.finding(report))
	}))
	return found, nil
}

// finding turns what a rule reported into a finding with offsets.
func (s *Snapshot) finding(report rule.Report) finding.Finding {
	f := finding.Finding{
		Rule:     report.Rule.Name,
		Guard:    string(report.Rule.Guard),
		Path:     s.path(report.At),
		Span:     span(report.At.Span),
		Symbol:   report.Symbol,
		Message:  report.Message,
		Text:     report.Key,
		Severity: finding.Unset,
	}
	for _, r := range report.Related {
		f.Related = append(f.Related, finding.Related{Place: *s.place(finding.Head, r.At), Message: r.Message})
	}
	return f
}

func (s *Snapshot) path(at program.Place) string { return s.Program.Files[at.File].Path }

func (s *Snapshot) place(side finding.Side, at program.Place) *finding.Place {
	return &finding.Place{Side: side, Path: s.path(at), Span: span(at.Span)}
}

func span(s fact.Span) finding.Span { return finding.Span{Start: s.Start, End: s.End} }
