package ledger

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// account notes a test in which one write is committed, one is left open and one is struck by the fault, with a clock
// that goes back and forth by jump between all of them. The times themselves are left out.
func account(jump time.Duration) *Trace {
	struck := fault.Point{Test: "test_a", Protocol: wire.Postgres, Shape: "COMMIT", Occurrence: 1}
	l := New(fault.Plan{Point: struck, Kind: fault.ResponseLost}, false)
	move := func() {
		l.started = l.started.Add(jump)
		jump = -2 * jump
	}
	l.Begin("", "test_a", "/app/test_a.py", 1)
	l.Enter("", Call)
	c := l.Open("", wire.Postgres, "127.0.0.1:5432", Way{})
	var ops []*wire.Op
	for _, shape := range []string{"INSERT INTO a", "COMMIT", "INSERT INTO a"} {
		move()
		op := &wire.Op{Protocol: wire.Postgres, Shape: shape, Class: wire.Effect}
		ops = append(ops, op)
		if record, plan := c.Sent(op); plan != nil {
			c.Injected()
			move()
			c.Gave(record, time.Second, true)
		}
		move()
		c.Observe(&wire.Event{Kind: wire.Done, Op: op, Rows: 1})
		if shape == "COMMIT" {
			c.Observe(&wire.Event{Kind: wire.Commit, Op: op, Ops: ops[:1]})
		}
	}
	move()
	c.Close()
	l.Finish("", "passed", nil)
	t := l.Trace()
	for i := range t.Records {
		t.Records[i].Start, t.Records[i].End = 0, 0
	}
	for i := range t.Tests {
		t.Tests[i].Start, t.Tests[i].End = 0, 0
	}
	return t
}

// TestClockJumps: what is noted of operations hangs on their order alone, and times are taken from a clock that nobody
// sets.
func TestClockJumps(t *testing.T) {
	steady := account(0)
	if len(steady.Records) != 3 || steady.Records[0].State != Committed || steady.Records[1].Fault != fault.ResponseLost || steady.Records[2].State != RolledBack || !steady.Reached {
		t.Fatalf("%+v: want a write that is committed, the fault and a write that is taken back", steady)
	}
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 100 * 365 * 24 * time.Hour} {
		if changed := cmp.Diff(steady, account(jump)); changed != "" {
			t.Errorf("a clock that jumps by %s changes the account:\n%s", jump, changed)
		}
	}
	if l := New(fault.Plan{}, true); l.started == l.started.Round(0) {
		t.Error("times count from the wall clock, which may be set while a run goes on")
	}
}
