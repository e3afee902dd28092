package verdict

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/state"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Run is what is known of one run.
type Run struct {
	Trace *ledger.Trace `json:"trace"`
	// States are what databases held at the end of each test, by test and then by database.
	States map[string]map[string]state.Snapshot `json:"states,omitempty"`
	// Unknown is why an end state could not be had, empty where all were.
	Unknown string `json:"unknown,omitempty"`
}

// Basis is a test as it is without a fault.
type Basis struct {
	Test ledger.Test
	// Points are where a fault is worth a run, in the order of the test.
	Points []Candidate
	// Recorded counts the operations of the test, and Pruned why which of them are no points.
	Recorded int
	Pruned   Pruned
	// Withheld says why there is no verdict, or none on part of the test.
	Withheld []string
	// Unfit is true where there is no verdict at all.
	Unfit bool

	records []*ledger.Record
	effects map[effect]amount
	states  [2]map[string]state.Snapshot
}

// Candidate is a point with what was there in the baseline.
type Candidate struct {
	Point  fault.Point
	Record *ledger.Record
	// Writes is true for an effect, and for what makes one durable.
	Writes bool
}

// Pruned counts operations that are no points.
type Pruned struct {
	// After the last effect nothing can be repeated; before the first one reads are alike; and reads of one line with the
	// same effects before them are alike.
	After, Before, Alike int
}

// effect identifies what is written.
type effect struct {
	protocol wire.Protocol
	shape    string
}

// amount is how often it was written.
type amount struct {
	class  wire.Class
	count  int64 // committed operations
	rows   int64
	keys   map[uint64]bool
	values map[uint64]bool
	target string
}

// distinct is how many times something happened of which several with one key count once.
func (a *amount) distinct() int64 {
	return int64(len(a.keys)) + a.count
}

// NewBaseline compares two runs without a fault. all asks for every point, none left out as alike.
func NewBaseline(first, second *Run, all bool) []*Basis {
	var bases []*Basis
	for i := range first.Trace.Tests {
		t := first.Trace.Tests[i]
		if t.Outcome == "skipped" {
			continue
		}
		b := &Basis{Test: t, records: first.Trace.Of(t.ID)}
		b.effects = count(b.records)
		b.states = [2]map[string]state.Snapshot{first.States[t.ID], second.States[t.ID]}
		b.steady(second)
		b.blind(first.Trace)
		b.rolledBack()
		b.points(all)
		bases = append(bases, b)
	}
	return bases
}

func (b *Basis) withhold(unfit bool, format string, args ...any) {
	b.Withheld = append(b.Withheld, fmt.Sprintf(format, args...))
	b.Unfit = b.Unfit || unfit
}

// steady withholds the verdict on a test that is not the same twice, or fails by itself.
func (b *Basis) steady(second *Run) {
	again := second.Trace.Test(b.Test.ID)
	switch {
	case again == nil:
		b.withhold(true, "unstable baseline: the test ran once and not twice")
		return
	case b.Test.Outcome != again.Outcome:
		b.withhold(true, "unstable baseline: the test ended as %s and as %s", orNone(b.Test.Outcome), orNone(again.Outcome))
		return
	case b.Test.Outcome != "passed":
		b.withhold(true, "the test fails without any fault (%s)", orNone(b.Test.Outcome))
		return
	}
	other := count(second.Trace.Of(b.Test.ID))
	for _, e := range sorted(b.effects, other) {
		if x, y := b.effects[e], other[e]; x.count != y.count || x.rows != y.rows || len(x.keys) != len(y.keys) {
			b.withhold(true, "unstable baseline: %s wrote %d and %d times", e.shape, x.count+int64(len(x.keys)), y.count+int64(len(y.keys)))
			return
		}
	}
}

func orNone(outcome string) string {
	if outcome == "" {
		return "not ended"
	}
	return outcome
}

// sorted gives the effects of two counts in one order.
func sorted(counts ...map[effect]amount) []effect {
	var all []effect
	for _, c := range counts {
		for e := range c {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b effect) int {
		return cmp.Or(cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.shape, b.shape))
	})
	return slices.Compact(all)
}

// count adds up what was committed in the call phase.
func count(records []*ledger.Record) map[effect]amount {
	out := map[effect]amount{}
	for _, r := range records {
		if !counts(r) {
			continue
		}
		e := effect{r.Protocol, r.Shape}
		a := out[e]
		if a.keys == nil {
			a.keys, a.values = map[uint64]bool{}, map[uint64]bool{}
		}
		a.class, a.target = r.Class, r.Target
		if r.Key != 0 {
			a.keys[r.Key] = true
		} else {
			a.count++
		}
		a.rows += r.Rows
		a.values[r.Values] = true
		out[e] = a
	}
	return out
}

// counts says whether an operation is part of what a test does for good.
func counts(r *ledger.Record) bool {
	if r.Phase != ledger.Call {
		return false
	}
	return r.State == ledger.Committed || r.Calls && r.State == ledger.Answered
}

// blind withholds what depends on connections that could not be read.
func (b *Basis) blind(t *ledger.Trace) {
	var told []string
	for _, blind := range t.Blind {
		if blind.Test != b.Test.ID {
			continue
		}
		said := fmt.Sprintf("a connection to %s (%s) could not be read: %s: no verdict on it", blind.Upstream, blind.Protocol, blind.Reason)
		if !slices.Contains(told, said) {
			told = append(told, said)
			b.withhold(false, "%s", said)
		}
	}
	opaque, foreign := false, false
	for _, r := range b.records {
		opaque = opaque || r.Protocol == wire.Opaque
		foreign = foreign || r.Foreign
	}
	if opaque {
		b.withhold(false, "opaque traffic: no verdict on what it does")
	}
	if foreign {
		b.withhold(false, "a prepared statement was never seen: no verdict on it")
	}
}

// rolledBack withholds the verdict where a fixture takes back what the test wrote.
func (b *Basis) rolledBack() {
	committed, undone := false, false
	for _, r := range b.records {
		if r.Phase != ledger.Call || r.Protocol != wire.Postgres {
			continue
		}
		committed = committed || r.State == ledger.Committed
		if r.State == ledger.RolledBack && r.Class.Writes() && !b.inCall(r.Decider, r.Seq) {
			undone = true
		}
	}
	if undone && !committed {
		b.withhold(false, "what the test writes is rolled back after it, by a fixture or as nobody commits: it cannot show what happens twice; let it commit, and clean up in the fixture")
	}
}

// inCall says whether the operation that decided another one was part of the test itself.
func (b *Basis) inCall(decider, decided int) bool {
	for _, r := range b.records {
		if r.Seq == decider {
			return r.Phase == ledger.Call && r.Seq != decided
		}
	}
	return false
}

// points chooses where a fault is worth a run.
func (b *Basis) points(all bool) {
	first, last := 0, 0
	deciders := map[int]bool{}
	for _, r := range b.records {
		if r.Phase != ledger.Call {
			continue
		}
		b.Recorded++
		if !counts(r) && r.Protocol != wire.Opaque {
			continue
		}
		if first == 0 && r.State == ledger.Committed {
			first = r.Seq
		}
		last = max(last, r.Seq, r.Decider)
		if r.State == ledger.Committed {
			deciders[r.Seq], deciders[r.Decider] = true, true
		}
	}
	if last == 0 || b.Unfit {
		return
	}
	seen := map[string]bool{}
	var before *Candidate
	writes := 0
	for _, r := range b.records {
		if r.Phase != ledger.Call {
			continue
		}
		if r.Seq > last {
			b.Pruned.After++
			continue
		}
		c := Candidate{Point: r.Point(), Record: r, Writes: deciders[r.Seq]}
		switch {
		case all || c.Writes:
		case first != 0 && r.Seq < first:
			if before != nil {
				b.Pruned.Before++
			}
			before = &c // the last one stands for all
			continue
		default:
			line, known := ownLine(r.Stack)
			alike := fmt.Sprintf("%s %s %d", r.Protocol, line, writes)
			if known && seen[alike] {
				b.Pruned.Alike++
				continue
			}
			seen[alike] = true
		}
		if before != nil {
			b.Points = append(b.Points, *before)
			before = nil
		}
		if c.Writes {
			writes++
		}
		b.Points = append(b.Points, c)
	}
}

// ownLine names the innermost line of the project in a stack.
func ownLine(stack []ledger.Frame) (line string, known bool) {
	for i := len(stack) - 1; i >= 0; i-- {
		if stack[i].Own {
			return fmt.Sprintf("%s:%d", stack[i].File, stack[i].Line), true
		}
	}
	return "", false
}
