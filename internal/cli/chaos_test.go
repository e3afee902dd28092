package cli

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/settle"
)

// charged is a sweep that showed a charge being made twice by the loop in line 2 of a file.
func charged(file string) *sweep.Result {
	record := func(seq int) *ledger.Record {
		return &ledger.Record{
			Seq: seq, Phase: ledger.Call, Protocol: wire.HTTP, Shape: "POST /charge", Target: "/charge", Class: wire.Effect, State: ledger.Committed, Rows: 1,
			Stack: []ledger.Frame{{File: file, Line: 4, Function: "pay", Own: true, Loops: []ledger.Loop{{Line: 3, Tries: true}}}},
		}
	}
	first, again := record(1), record(2)
	first.Fault = fault.ResponseLost
	return &sweep.Result{Judgements: []*verdict.Judgement{{
		Point: first.Point(), Kind: fault.ResponseLost, Reached: true, Faulted: first, Outcome: "passed",
		Duplicates: []verdict.Duplicate{{First: first, Again: again, Was: 1, Is: 2}}, Timeline: []*ledger.Record{first, again},
	}}}
}

// TestChaosSettles: what a sweep finds is allowed by a comment with a reason, accepted by a baseline, and given the
// severity of the configuration, as what check finds is.
func TestChaosSettles(t *testing.T) {
	const plain = "def pay():\n    %s\n    for attempt in range(3):\n        charge()\n"
	for _, c := range []struct {
		name, comment, options string
		accept                 bool
		left, suppressed       int
	}{
		{name: "plain", comment: "# to the provider", left: 1},
		{name: "allowed", comment: "# tiebeam: allow retry-repeats-effect because the provider knows the order", suppressed: 1},
		{name: "without a reason", comment: "# tiebeam: allow retry-repeats-effect", left: 1},
		{name: "another rule", comment: "# tiebeam: allow unbounded-wait because it is short", left: 1},
		{name: "accepted", comment: "# to the provider", accept: true},
		{name: "severity", comment: "# to the provider", options: "[severity]\nretry-repeats-effect = 'note'\n", left: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := t.TempDir()
			file := filepath.Join(root, "pay.py")
			if err := os.WriteFile(file, []byte(strings.Replace(plain, "%s", c.comment, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			flags := &chaosFlags{Options: sweep.Options{Dir: root}}
			settled, severity := settledBy(t, flags, root, c.options, "", file)
			if c.accept {
				var kept strings.Builder
				if err := settle.WriteBaseline(&kept, settled.Findings); err != nil {
					t.Fatal(err)
				}
				settled, severity = settledBy(t, flags, root, c.options, kept.String(), file)
				if settled.Accepted != 1 {
					t.Errorf("%d accepted, want 1", settled.Accepted)
				}
			}
			if len(settled.Findings) != c.left || settled.Suppressed != c.suppressed {
				t.Errorf("%d left and %d suppressed, want %d and %d", len(settled.Findings), settled.Suppressed, c.left, c.suppressed)
			}
			if c.options != "" && severity != "note" {
				t.Errorf("severity %s, want note", severity)
			}
			if c.left > 0 && settled.Findings[0].Line != 3 {
				t.Errorf("line %d, want that of the retry", settled.Findings[0].Line)
			}
		})
	}
}

// settledBy settles the sweep with options and a baseline, and gives the severity of its first finding.
func settledBy(t *testing.T, flags *chaosFlags, root, options, baseline, file string) (*engine.Result, string) {
	t.Helper()
	found, err := config.Parse(config.OwnFile, []byte(options), ruleNames())
	if err != nil {
		t.Fatal(err)
	}
	q, err := flags.requestWith(found, root)
	if err != nil {
		t.Fatal(err)
	}
	if baseline != "" {
		if q.Baseline, err = settle.ParseBaseline([]byte(baseline)); err != nil {
			t.Fatal(err)
		}
	}
	settled, _, err := flags.settle(context.Background(), q, place{root: root}, charged(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(settled.Findings) == 0 {
		return settled, ""
	}
	return settled, settled.Findings[0].Severity.String()
}
