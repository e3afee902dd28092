package engine

import (
	"context"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/regress"
	"github.com/tiebeam/tiebeam/internal/rule"
)

// added runs the rules on both sides and keeps what base did not have.
func (d *difference) added(ctx context.Context, losses []regress.Loss) ([]finding.Finding, []finding.Incomplete, error) {
	now, faults, err := reports(ctx, d.q, d.head, d.rules)
	if err != nil || len(now) == 0 && len(d.head.decisions.remarks) == 0 {
		return nil, faults, err
	}
	then, _, err := reports(ctx, d.q, d.base, d.rules)
	if err != nil {
		return nil, nil, err
	}
	old := d.old(then)
	lost := map[lostGuard]bool{}
	for i := range losses {
		lost[lostGuard{losses[i].Guard, losses[i].Func}] = true
	}
	var found []finding.Finding
	for i := range now {
		report := &now[i]
		key := keyOf(d.head, report, d.head.path(report.At), report.Symbol)
		switch {
		case old[key] > 0:
			old[key]--
		case d.hadFault(report):
		case lost[lostGuard{report.Rule.Guard, d.head.funcAt(report.At)}]:
			// The comparison has said that this guard was lost, and where base had it.
		default:
			found = append(found, d.head.finding(*report))
		}
	}
	return found, faults, nil
}

// lostGuard is a kind of guard in a function.
type lostGuard struct {
	guard program.GuardKind
	fn    program.Func
}

// reportKey recognises a report on the other side.
type reportKey struct {
	rule              *rule.Rule
	path, symbol, key string
}

func keyOf(s *Snapshot, r *rule.Report, path, symbol string) reportKey {
	key := r.Key
	if key == "" {
		key = finding.Normalise(s.Source(r.At.File).Slice(r.At.Start, r.At.End))
	}
	return reportKey{r.Rule, path, symbol, key}
}

// old counts the reports of base under the path and symbol that their function has in head.
func (d *difference) old(then []rule.Report) map[reportKey]int {
	counts := map[reportKey]int{}
	for i := range then {
		report := &then[i]
		path, symbol := d.base.path(report.At), report.Symbol
		if fn, ok := d.match.Function(d.base.funcAt(report.At)); ok {
			path, symbol = d.head.Program.Files[fn.File].Path, d.head.Program.Symbol(fn)
		}
		counts[keyOf(d.base, report, path, symbol)]++
	}
	return counts
}

// hadFault reports whether the site that a report speaks of had the same fault in base, though its text has changed. A
// rule that speaks of changes only, such as one about limits, means the changed text.
func (d *difference) hadFault(report *rule.Report) bool {
	if report.Rule.Diff {
		return false
	}
	for _, effect := range program.Effects() {
		head := d.head.Program.Sites(effect)
		for i := range head {
			if head[i].Fault != report.Rule.Name || head[i].At != report.At {
				continue
			}
			base := d.base.Program.Sites(effect)
			if was := d.match.Sites(base, head)[i]; was >= 0 && base[was].Fault == head[i].Fault {
				return true
			}
		}
	}
	return false
}

// funcAt finds the function around a place.
func (s *Snapshot) funcAt(at program.Place) program.Func {
	return program.Func{File: at.File, Scope: scopeAt(s.Program.Files[at.File], at.Start)}
}
