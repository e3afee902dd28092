package boundary

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/finding"
)

// rule is the name under which findings are reported: that of the rule that judges the same without running anything.
const rule = "untested-boundary"

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// finish completes the evidence with witnesses and drops what means nothing for the values seen.
func (r *run) finish() {
	r.suiteNotes()
	r.out.hypothesis = r.seen.Hypothesis
	for i := range r.out.Evidence.Comparisons {
		c := &r.out.Evidence.Comparisons[i]
		if i < len(r.seen.Targets) && r.seen.Targets[i].Witness != nil {
			r.out.witnesses[i] = r.seen.Targets[i].Witness
		}
		for j := range c.Mutants {
			if w := r.out.witnesses[i]; w != nil {
				c.Mutants[j].Witness = w.sentence(mutantID(i, j))
			}
			if c.Mutants[j].Verdict == "" {
				r.out.Incomplete = append(r.out.Incomplete, finding.Incomplete{Path: c.Path, Line: c.Line, Column: c.Column, Reason: "`" + c.Mutants[j].Text + "` was not judged"})
			}
		}
	}
	r.keep()
}

// merged is the evidence of this run with what earlier ones have shown of other comparisons whose code is still the same.
func (r *run) merged() *evidence.File {
	all := &evidence.File{}
	have := map[string]bool{}
	for _, c := range r.out.Evidence.Comparisons {
		judged := false
		for i := range c.Mutants {
			judged = judged || c.Mutants[i].Verdict != ""
		}
		if judged {
			all.Comparisons = append(all.Comparisons, c)
			have[placeOf(&c)] = true
		}
	}
	if r.o.Known != nil {
		for _, c := range r.o.Known.Comparisons {
			if !have[placeOf(&c)] && c.Code == r.o.Content(c.Path) {
				all.Comparisons = append(all.Comparisons, c)
			}
		}
	}
	return all
}

// placeOf tells comparisons apart; two bounds of one range share their span.
func placeOf(c *evidence.Comparison) string {
	changed := ""
	if len(c.Mutants) > 0 {
		changed = c.Mutants[0].Text
	}
	return fmt.Sprintf("%s\x00%d\x00%d\x00%s", c.Path, c.Start, c.End, changed)
}

// sentence says what tells a mutant from the original: "fee(amount=7349): 5, the mutant 0".
func (w *witness) sentence(mutant string) string {
	changes := w.Apart[mutant]
	if len(changes) == 0 || changes[0].Row >= len(w.Rows) {
		return ""
	}
	row := &w.Rows[changes[0].Row]
	return fmt.Sprintf("%s %s, the mutant %s", w.shown(row), row.Outcome.verb(&changes[0].Result), changes[0].Result.verb(&row.Outcome))
}

// shown is a call for people.
func (w *witness) shown(r *row) string {
	value := r.Value
	if w.Knob[0] == "length" {
		value = r.Filler + " * " + r.Value
	}
	filled := func(text string) string { return strings.ReplaceAll(text, mark, value) }
	var args []string
	for _, a := range r.Arguments {
		args = append(args, a[0]+"="+filled(a[1]))
	}
	inner := strings.Join(args, ", ")
	if r.Unwritable != "" {
		inner = r.Shown
	}
	name := w.Name
	if w.Owner != "" {
		name = w.Owner + "." + w.Name
		if r.Instance != "" {
			name = filled(r.Instance) + "." + w.Name
		}
	}
	said := name + "(" + inner + ")"
	if w.Kind == "property" {
		said = name
	}
	for _, a := range r.Attributes {
		said += " with " + a[0] + " = " + filled(a[1])
	}
	return said
}

// verb says what a call does: "returns 5", "raises ValueError"; what both do alike is told by what is left behind.
func (o *result) verb(other *result) string {
	if o.Kind == "raise" {
		if other.Kind == "raise" && other.Type == o.Type {
			return fmt.Sprintf("raises %s(%q)", o.Type, o.Message)
		}
		return "raises " + o.Type
	}
	if o.Kind == other.Kind && o.Text == other.Text && o.Repr == other.Repr {
		for _, name := range slices.Sorted(maps.Keys(o.State)) {
			if other.State[name] != o.State[name] {
				return "leaves " + name + " = " + o.State[name]
			}
		}
	}
	if o.Text != "" {
		return "returns " + o.Text
	}
	return "returns " + o.Repr
}

// Findings reports the mutants that nothing notices, one finding for each comparison.
func Findings(o *Outcome) []finding.Finding {
	var all []finding.Finding
	for i := range o.Evidence.Comparisons {
		c := &o.Evidence.Comparisons[i]
		open := openMutants(c)
		if len(open) == 0 {
			continue
		}
		f := finding.Finding{
			Rule: rule, Guard: "boundary", Path: c.Path, Span: finding.Span{Start: c.Start, End: c.End}, Symbol: c.Symbol, Text: c.Text,
			Message: message(c, open),
		}
		f.Remedy = remedy(o.witnesses[i])
		all = append(all, f)
	}
	return all
}

func openMutants(c *evidence.Comparison) []*evidence.Mutant {
	var open []*evidence.Mutant
	for i := range c.Mutants {
		if c.Mutants[i].Open() {
			open = append(open, &c.Mutants[i])
		}
	}
	return open
}

func message(c *evidence.Comparison, open []*evidence.Mutant) string {
	what := c.Text
	if c.Why != "" {
		what += " " + c.Why
	}
	if open[0].Verdict == evidence.NotReached {
		if open[0].How != "" {
			return what + ", and " + open[0].How
		}
		return what + ", and no test reaches it"
	}
	var changed []string
	for _, m := range open {
		changed = append(changed, m.Text)
	}
	said := fmt.Sprintf("%s, and %s but no test notices %s", what, reaching(open[0].Reach), strings.Join(changed, " or "))
	if open[0].Witness != "" {
		said += ": " + open[0].Witness
	}
	return said
}

func remedy(w *witness) string {
	if w == nil || len(w.Rows) == 0 {
		return ""
	}
	for i := range w.Rows {
		if w.Rows[i].At && w.Rows[i].Unwritable == "" {
			return "test " + w.shown(&w.Rows[i]) + ", and one below and above (`tiebeam boundary --write` writes it)"
		}
	}
	return ""
}
