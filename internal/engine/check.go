package engine

import (
	"context"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/source"
)

// Check judges a tree as it stands.
func Check(ctx context.Context, q *Request) (*Result, error) {
	inventory, err := take(ctx, q, nil)
	if err != nil {
		return nil, err
	}
	rules := q.selected(false)
	key, cacheable := inventory.resultKey(rules)
	if cacheable {
		if result := inventory.recall(key); result != nil {
			return result, nil
		}
	}
	result, err := inventory.checkPart(ctx, rules)
	if result == nil && err == nil {
		result, err = inventory.check(ctx, rules)
	}
	if err == nil && cacheable && !result.faulty {
		inventory.remember(key, result)
	}
	return result, err
}

// check judges all files.
func (v *inventory) check(ctx context.Context, rules []*rule.Rule) (*Result, error) {
	snapshot, err := v.load(ctx, nil)
	if err != nil {
		return nil, err
	}
	found, faults, err := judge(ctx, v.q, snapshot, rules)
	if err != nil {
		return nil, err
	}
	found = append(found, snapshot.remarks(nil)...)
	if len(faults) == 0 {
		v.leave(snapshot, rules, found)
	}
	files := sources(nil, snapshot)
	complete(found, files)
	settled := settle.Run(v.q.settling(snapshot, snapshot.suppressions(), rules, found))
	result := snapshot.result(settled, files)
	result.Incomplete, result.faulty = finding.SortIncomplete(append(result.Incomplete, faults...)), len(faults) > 0
	return result, nil
}

// complete adds lines to findings.
func complete(all []finding.Finding, files func(finding.Side, string) *source.File) {
	for i := range all {
		finding.Complete(&all[i], func(side finding.Side, path string) finding.Lines {
			if file := files(side, path); file != nil {
				return file
			}
			return nil
		})
	}
}

// sources finds texts of both sides; base may be nil.
func sources(base, head *Snapshot) func(side finding.Side, path string) *source.File {
	return func(side finding.Side, path string) *source.File {
		if side == finding.Base {
			if base == nil {
				return nil
			}
			return base.Find(path)
		}
		return head.Find(path)
	}
}

// settling prepares what settle needs.
func (q *Request) settling(s *Snapshot, suppressions []settle.Suppression, rules []*rule.Rule, found []finding.Finding) settle.Input {
	in := settle.Input{
		Findings:     found,
		Suppressions: suppressions,
		Known:        names(q.All),
		Ran:          map[string]bool{},
		Severities:   map[string]finding.Severity{},
		Configured:   q.Config.Severity,
		Baseline:     q.Baseline,
		BaselinePath: q.BaselinePath,
		Exists: func(path string) bool {
			_, ok := s.listing.Find(path)
			return ok
		},
	}
	for _, r := range rules {
		in.Ran[r.Name] = true
	}
	for _, r := range q.All {
		in.Severities[r.Name] = r.Severity
	}
	return in
}

// result puts together what a run found.
func (s *Snapshot) result(settled settle.Output, files func(finding.Side, string) *source.File) *Result {
	return &Result{
		Findings: settled.Findings, Suppressed: settled.Suppressed, Accepted: settled.Accepted,
		Incomplete: s.Incomplete, Skipped: s.Skipped, Notes: s.Notes, Files: len(s.files), Source: files,
	}
}
