package boundary

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/source"
)

// Kind is the form of a target. The names are those of the agent.
type Kind string

// The kinds of target.
const (
	Compare Kind = "compare" // left op right
	Bound   Kind = "bound"   // an argument of range, the end of a slice, the limit in min or max: off by one
	Extreme Kind = "extreme" // min for max and max for min
	SQL     Kind = "sql"     // an operator in a statement: WHERE used < quota
	Lookup  Kind = "lookup"  // an argument of an ORM's filter: age__gt=18
)

// Target is one place that decides, and how it may be changed.
type Target struct {
	Kind Kind
	// Path is relative to the root; Span covers the whole comparison, in bytes.
	Path string
	Span fact.Span
	// Line and Column are 1-based, the column in characters.
	Line, Column int
	// Symbol is the qualified name of the function around it, empty at module level.
	Symbol string
	// Text is the comparison on one line; Why says what it decides.
	Text, Why string
	Mutants   []Mutant

	op string
	// keyLine and keyColumn find the node in the agent's tree: 1-based, and 0-based in bytes, as Python counts.
	keyLine, keyColumn int
	file               program.FileID
}

// Mutant is one way to change a target.
type Mutant struct {
	// To is what the agent is told: an operator, or a number to add.
	To string
	// Text is the target as it then stands.
	Text string
}

// flips are the operators that differ from a given one at the limit alone; opposites differ everywhere.
var (
	flips     = map[string]string{"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
	opposites = map[string]string{"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
	// beyond moves the limit away from where the flipped operator moves it, so that both together pin both sides.
	beyond = map[string]int{"<": -1, "<=": 1, ">": 1, ">=": -1}
)

// mutants of a comparison, given its operands as they are written.
func compareMutants(left, op, right string) []Mutant {
	var all []Mutant
	if flip := flips[op]; flip != "" {
		all = append(all,
			Mutant{flip, left + " " + flip + " " + right},
			Mutant{fmt.Sprint(beyond[op]), fmt.Sprintf("%s %s %s %s", left, op, right, step(beyond[op]))})
	}
	return append(all, Mutant{opposites[op], left + " " + opposites[op] + " " + right})
}

func step(by int) string {
	if by < 0 {
		return fmt.Sprintf("- %d", -by)
	}
	return fmt.Sprintf("+ %d", by)
}

// boundMutants move a bound by one, both ways.
func boundMutants(value string, inside func(changed string) string) []Mutant {
	return []Mutant{{"1", inside(value + " + 1")}, {"-1", inside(value + " - 1")}}
}

// locate fills in what follows from the spans.
func (t *Target) locate(src *source.File, key uint32) {
	t.Line, t.Column = src.Position(t.Span.Start)
	t.keyLine, t.keyColumn = src.PositionUTF8(key)
}

func sortTargets(all []Target) {
	slices.SortStableFunc(all, func(a, b Target) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Span.Start, b.Span.Start), cmp.Compare(a.keyLine, b.keyLine),
			cmp.Compare(a.keyColumn, b.keyColumn), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text))
	})
}
