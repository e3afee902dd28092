package engine

import (
	"context"
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

// judge runs rules over a snapshot. The findings have offsets only; they come in the order of the rules.
func judge(ctx context.Context, q *Request, s *Snapshot, rules []*rule.Rule) ([]finding.Finding, []finding.Incomplete, error) {
	said, incomplete, err := reports(ctx, q, s, rules)
	found := make([]finding.Finding, 0, len(said))
	for i := range said {
		found = append(found, s.finding(said[i]))
	}
	return found, incomplete, err
}

// reports runs rules over a snapshot, in their order.
func reports(ctx context.Context, q *Request, s *Snapshot, rules []*rule.Rule) ([]rule.Report, []finding.Incomplete, error) {
	q.begin("judging")
	if len(rules) > manyRules {
		s.Program.Collect()
	}
	said := make([][]rule.Report, len(rules)+1)
	faults := make([]*finding.Incomplete, len(rules)+1)
	err := each(ctx, len(rules)+1, q.Workers, func() struct{} { return struct{}{} }, func(_ struct{}, i int) {
		if i == len(rules) {
			said[i], faults[i] = s.decide(q, rules)
			return
		}
		said[i], faults[i] = runRule(q, s, rules[i])
	})
	if err != nil {
		return nil, nil, err
	}
	var incomplete []finding.Incomplete
	for _, fault := range faults {
		if fault != nil {
			incomplete = append(incomplete, *fault)
		}
	}
	return slices.Concat(said...), incomplete, nil
}

// manyRules is from how many rules on most effects are asked for, so that they are better all found at once.
const manyRules = 8

// runRule runs one rule. A panic is a fault of ours; it costs this rule and is told.
func runRule(q *Request, s *Snapshot, r *rule.Rule) (said []rule.Report, fault *finding.Incomplete) {
	if r.Run == nil {
		return nil, nil
	}
	defer func() {
		if problem := recover(); problem != nil {
			said, fault = nil, &finding.Incomplete{Path: ".", Reason: fmt.Sprintf("rule %s: internal error, please report it: %v", r.Name, problem)}
		}
	}()
	r.Run(rule.NewPass(s.Program, r, q.Strict, func(report rule.Report) { said = append(said, report) }))
	return said, nil
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
		Severity: report.Severity,
	}
	if report.Guard != "" {
		f.Guard = string(report.Guard)
	}
	for _, r := range report.Related {
		f.Related = append(f.Related, finding.Related{Place: *s.place(finding.Head, r.At), Message: r.Message})
	}
	f.Related = append(f.Related, report.Beyond...)
	return f
}

func (s *Snapshot) path(at program.Place) string { return s.Program.Files[at.File].Path }

func (s *Snapshot) place(side finding.Side, at program.Place) *finding.Place {
	return &finding.Place{Side: side, Path: s.path(at), Span: span(at.Span)}
}

func span(s fact.Span) finding.Span { return finding.Span{Start: s.Start, End: s.End} }
