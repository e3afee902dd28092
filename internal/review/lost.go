package review

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// cause is what findings have in common that are one question: the edit that lost the guard, the guard itself, or the same
// edit made at several places.
type cause struct {
	rule, guard string
	side        finding.Side
	path        string
	start       uint32
	symbol      string
	message     string
}

// findings makes an item of each cause among the findings.
func (b *builder) findings() {
	byCause := map[cause][]*finding.Finding{}
	var causes []cause
	shared := map[string]int{}
	for i := range b.Findings {
		if base := b.Findings[i].Base; base != nil {
			shared[base.Path+":"+strconv.Itoa(base.Line)]++
		}
	}
	for i := range b.Findings {
		f := &b.Findings[i]
		c := causeOf(f, shared)
		if byCause[c] == nil {
			causes = append(causes, c)
		}
		byCause[c] = append(byCause[c], f)
	}
	for _, c := range causes {
		b.items = append(b.items, b.lost(&c, byCause[c]))
	}
}

// causeOf gives what a finding is told together with. shared counts the findings by the line of base that they name.
func causeOf(f *finding.Finding, shared map[string]int) cause {
	c := cause{rule: f.Rule, guard: f.Guard}
	switch {
	case f.Cause != nil:
		c.side, c.path, c.start = f.Cause.Side, f.Cause.Path, f.Cause.Span.Start
	case f.Base != nil && shared[f.Base.Path+":"+strconv.Itoa(f.Base.Line)] > 1:
		c.side, c.path, c.start = finding.Base, f.Base.Path, f.Base.Span.Start
	case f.Base != nil:
		c.message = f.Message
	default:
		c.path, c.symbol = f.Path, f.Symbol
	}
	return c
}

// policies are the rules about what binds the code rather than the code.
var policies = map[string]bool{
	"edited-policy": true, "added-suppression": true, "unexplained-suppression": true, "unknown-suppression": true,
	"unused-suppression": true, "decision-changed": true, "stale-decision": true, "contract-violated": true,
}

// lost makes one item of findings with one cause.
func (b *builder) lost(c *cause, all []*finding.Finding) *Item {
	first := all[0]
	item := &Item{Kind: Unguarded, Guard: first.Guard}
	switch {
	case first.Rule == "guard-removed":
		item.Kind = Removed
	case first.Rule == "guard-weakened":
		item.Kind = Weakened
	case policies[first.Rule]:
		item.Kind = Policy
	}
	guard := program.GuardKind(first.Guard)
	before := ""
	for _, f := range all {
		b.taken[taken{f.Path, f.Symbol, f.Guard}] = true
		if f.Base != nil {
			spot := Spot{Path: f.Base.Path, Line: f.Base.Line, Text: b.Base.shown(f.Base.Path, f.Base.Line, f.Base.Span)}
			if spot.Text == "" {
				spot.Text = f.Base.Text
			}
			b.told[spotKey{false, spot.Path, spot.Line}] = true
			item.Before = addSpot(item.Before, spot)
			item.code = append(item.code, finding.Normalise(f.Base.Text))
			if before == "" {
				before = guardWords(f.Message, f.Base.Text, spot.Text)
			}
		}
		spot := Spot{Path: f.Path, Line: f.Line, Symbol: f.Symbol, Text: b.Head.shown(f.Path, f.Line, f.Span)}
		if spot.Text == "" {
			spot.Text = f.Text
		}
		b.told[spotKey{true, spot.Path, spot.Line}] = true
		item.After = addSpot(item.After, spot)
		item.code = append(item.code, f.Rule, f.Symbol, f.Text)
		if fn, ok := b.Head.function(f.Path, f.Symbol); ok {
			b.about(item, fn)
		}
		b.govern(item, f.Path, f.Symbol, program.NoEffect, guard)
		item.Weight = max(item.Weight, int(f.Severity))
	}
	if edit := first.Cause; edit != nil {
		item.Cause = &Spot{Path: edit.Path, Line: edit.Line, Text: edit.Text}
		if line := b.Head.lineOf(edit.Path, edit.Line); line != "" {
			item.Cause.Text = line
		}
		item.code = append(item.code, finding.Normalise(edit.Text))
	}
	item.Title = first.Message
	if n := len(item.After); n > 1 && item.Cause != nil {
		item.Title = fmt.Sprintf("%s; the edit at %s:%d does this at %s", first.Message, item.Cause.Path, item.Cause.Line, text.Count(n, "place"))
	} else if n > 1 {
		item.Title = fmt.Sprintf("%s, and the like at %s", first.Message, text.Count(n-1, "other place"))
	}
	item.Question = ask(item.Kind, guard, before, len(item.After))
	if item.Kind == Policy {
		item.Question = "Who decided this, and what does it let through that was refused before?"
	}
	item.Wanted = wanted(guard, nil)
	item.each = c.message != "" && len(item.functions) > 1
	if item.each {
		item.Wanted = append([]string{}, item.Wanted...)
		for i, w := range item.Wanted {
			item.Wanted[i] = strings.Replace(w, "a test that reaches it", "tests that together reach each of them", 1)
		}
	}
	item.Weight = kindWeights[item.Kind] + guardWeights[guard] + 3*item.Weight + min(len(item.After), 20)
	if security(first.Path) || security(first.Symbol) {
		item.Weight += securityWeight
	}
	return item
}

// replaced is how findings say that an argument is gone.
var replaced = regexp.MustCompile(`has no (\S+) any more, it was (.+)$`)

// guardWords says what base had: in the words of the finding where it has some, else by its text, or the whole line where
// that is only a value.
func guardWords(message, guard, line string) string {
	message, _, _ = strings.Cut(message, ", and decision ")
	if _, had, ok := strings.Cut(message, "base had "); ok && had != "" && len(had) < 60 && !strings.HasPrefix(had, "a ") {
		return had
	}
	if at := replaced.FindStringSubmatch(message); at != nil {
		return at[1] + "=" + at[2]
	}
	if strings.ContainsFunc(guard, unicode.IsLetter) || line == "" {
		return finding.OneLine(guard)
	}
	return finding.OneLine(line)
}

// addSpot adds a spot unless its line is there.
func addSpot(spots []Spot, spot Spot) []Spot {
	for _, s := range spots {
		if s.Path == spot.Path && s.Line == spot.Line {
			return spots
		}
	}
	return append(spots, spot)
}

// kindWeights say how bad what a change does is by itself.
var kindWeights = map[Kind]int{Removed: 100, Weakened: 80, Policy: 75, Unguarded: 65, Compared: 55, Touched: 40, Gone: 25, Added: 15}

// guardWeights say how much is lost with a guard: what it lets through cannot be taken back, or is only slow.
var guardWeights = map[program.GuardKind]int{
	program.Authorization: 20, program.Idempotency: 16, program.Transaction: 16, program.Lock: 14, program.Validation: 12,
	program.Boundary: 12, program.Decision: 10, program.Deadline: 10, program.RetryBound: 8, program.Bound: 8, program.Release: 8,
	program.Offload: 6, program.Cancellation: 5, program.Immutability: 5, program.Fallback: 5, program.Dependency: 4,
}

const securityWeight = 15
