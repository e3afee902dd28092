package settle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Names of the rules that speak of suppressions and the baseline themselves.
const (
	UnexplainedSuppression = "unexplained-suppression"
	UnusedSuppression      = "unused-suppression"
	UnknownSuppression     = "unknown-suppression"
	AddedSuppression       = "added-suppression"
	StaleBaseline          = "stale-baseline"
	SwappedBaseline        = "swapped-baseline"
)

// Input is a run as the judges left it.
type Input struct {
	// Findings are completed with lines, in any order. Run takes them over.
	Findings []finding.Finding
	// Suppressions are all comments of the analysed files.
	Suppressions []Suppression
	// Approved, where it is not nil, reports whether base had the same suppression; it is asked once for each. What it
	// does not approve of has no effect and is reported, so that a change cannot allow its own faults; what it approves
	// of is no news, whatever is wrong with it.
	Approved func(s *Suppression) bool
	// Known are the names of all rules, Ran those that were judged in this run: a suppression of another one cannot be
	// said to be unused.
	Known []string
	Ran   map[string]bool
	// Severities gives each rule's severity; Configured those that the configuration changed.
	Severities, Configured map[string]finding.Severity
	// Baseline accepts findings; nil where there is none. BaselinePath is where it lies, for findings about it, and
	// Exists reports whether a path is in the tree.
	Baseline     *Baseline
	BaselinePath string
	Exists       func(path string) bool
}

// Output is what is printed.
type Output struct {
	// Findings are in the order of finding.Compare and have their fingerprints.
	Findings []finding.Finding
	// Suppressed and Accepted count what a comment and the baseline took away.
	Suppressed, Accepted int
}

// Run settles. The order of the steps matters: suppressions come before the baseline, so that a baseline written today
// holds nothing that a comment explains already, and fingerprints come last, as they count the occurrences that are left.
func Run(in Input) Output {
	var out Output
	finding.Sort(in.Findings)
	all := slices.CompactFunc(in.Findings, func(a, b finding.Finding) bool { return finding.Compare(&a, &b) == 0 })
	all, about := in.suppress(all, &out)
	if in.Baseline != nil {
		var stale []finding.Finding
		all, stale = in.accept(all, &out)
		about = append(about, stale...)
	}
	all = append(all, about...)
	for i := range all {
		all[i].Severity = in.severity(&all[i])
	}
	finding.Sort(all)
	finding.Seal(all)
	out.Findings = all
	return out
}

func (in *Input) severity(f *finding.Finding) finding.Severity {
	for _, severity := range []finding.Severity{in.Configured[f.Rule], f.Severity, in.Severities[f.Rule]} {
		if severity != finding.Unset {
			return severity
		}
	}
	return finding.Warning
}

// suppress takes away what comments allow and says what is wrong with the comments. Cost: linear in both lists.
func (in *Input) suppress(all []finding.Finding, out *Output) (left, about []finding.Finding) {
	byPath := map[string][]int{}
	used := make([][]bool, len(in.Suppressions))
	off := make([]bool, len(in.Suppressions))
	for i := range in.Suppressions {
		s := &in.Suppressions[i]
		used[i] = make([]bool, len(s.Rules))
		off[i] = in.Approved != nil && !in.Approved(s)
		byPath[s.Path] = append(byPath[s.Path], i)
	}
	for _, list := range byPath {
		slices.SortFunc(list, func(a, b int) int { return in.Suppressions[a].line() - in.Suppressions[b].line() })
	}
	for i := range all {
		if in.allowed(&all[i], byPath[all[i].Path], used, off) {
			out.Suppressed++
			continue
		}
		left = append(left, all[i])
	}
	for i := range in.Suppressions {
		if in.Approved != nil && !off[i] {
			continue
		}
		about = append(about, in.judge(&in.Suppressions[i], used[i], off[i])...)
	}
	return left, about
}

// line is the one that a search for the suppressions of a finding goes by.
func (s *Suppression) line() int {
	if s.Above {
		return s.Target
	}
	return s.Line
}

// allowed looks through the suppressions on the finding's lines, which are in the order of their lines.
func (in *Input) allowed(f *finding.Finding, list []int, used [][]bool, off []bool) bool {
	first, _ := slices.BinarySearchFunc(list, f.Line, func(i, line int) int { return in.Suppressions[i].line() - line })
	found := false
	for _, i := range list[first:] {
		s := &in.Suppressions[i]
		if s.line() > lastLine(f) {
			break
		}
		at := slices.Index(s.Rules, f.Rule)
		if at < 0 || !s.covers(f) || s.Reason == "" {
			continue
		}
		used[i][at] = true
		found = found || !off[i]
	}
	return found
}

// judge says what is wrong with one suppression: one finding a fault.
func (in *Input) judge(s *Suppression, used []bool, off bool) []finding.Finding {
	report := func(rule, message, remedy string) finding.Finding {
		return finding.Finding{
			Rule: rule, Path: s.Path, Span: s.Span, Symbol: s.Symbol, Message: message, Remedy: remedy,
			Line: s.Line, Column: max(s.Column, 1), EndLine: s.Line, EndColumn: max(s.EndColumn, 1), Text: strings.Join(s.Rules, ","),
		}
	}
	if len(s.Rules) == 0 {
		return []finding.Finding{report(UnknownSuppression, "comment to tiebeam cannot be read and allows nothing", "write `# tiebeam: allow RULE because REASON`")}
	}
	var about []finding.Finding
	if s.Reason == "" {
		about = append(about, report(UnexplainedSuppression, "suppression of "+strings.Join(s.Rules, ", ")+" gives no reason and has no effect", "add `because …`: say what keeps this safe"))
	}
	if off {
		about = append(about, report(AddedSuppression, "suppression of "+strings.Join(s.Rules, ", ")+" is part of this change and has no effect on it", "a reviewer decides: it holds once it is merged"))
	}
	for i, name := range s.Rules {
		switch {
		case !slices.Contains(in.Known, name):
			about = append(about, report(UnknownSuppression, fmt.Sprintf("suppression of unknown rule %q has no effect%s", name, text.Suggest(name, in.Known)), ""))
		case s.Reason != "" && !used[i] && !off && in.Ran[name]:
			about = append(about, report(UnusedSuppression, "suppression of "+name+" matches nothing here", "remove it: what it allowed is gone"))
		}
	}
	return about
}
