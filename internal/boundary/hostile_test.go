package boundary_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/boundary"
	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
)

// TestHostileMutants: a mutant that loops for ever, deletes files, exits, forks, fills memory or disk, opens the network,
// leaves a process behind or kills what it can harms nothing outside, and is judged.
//
// It is asked for by name: Linux does not apply its limit on processes to root, so that a fault in the sandbox fills the
// machine it runs on.
func TestHostileMutants(t *testing.T) {
	if os.Getenv("TIEBEAM_HOSTILE") == "" {
		t.Skip("runs programs that do harm: set TIEBEAM_HOSTILE=1, on a machine that may be lost")
	}
	interpreter := python(t)
	for _, hooks := range []bool{false, true} {
		t.Run(map[bool]string{false: "namespaces", true: "hooks"}[hooks], func(t *testing.T) {
			root := project(t, "hostile")
			victim := filepath.Join(t.TempDir(), "victim")
			write(t, victim, "precious")
			t.Setenv("VICTIM", victim)
			before := contents(t, root)
			snapshot := load(t, root)
			o := options(root, interpreter, snapshot)
			o.Hooks, o.MemoryMB = hooks, 256
			outcome, err := boundary.Run(t.Context(), boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{All: true}), o)
			if err != nil {
				t.Fatal(err)
			}
			if hooks == (outcome.Sandbox.Level == "namespaces") {
				if hooks {
					t.Fatalf("held by %s", outcome.Sandbox)
				}
				t.Skipf("no namespaces here: %s", outcome.Sandbox)
			}
			if raw, err := os.ReadFile(victim); err != nil || string(raw) != "precious" {
				t.Errorf("a mutant got at a file outside: %q, %v", raw, err)
			}
			if after := contents(t, root); after != before {
				t.Errorf("a mutant changed the project:\n%s\nwas\n%s", after, before)
			}
			judgeHostile(t, outcome, hooks)
		})
	}
}

// judgeHostile compares the verdict on the mutant that lets 5 through, and what is told of it.
func judgeHostile(t *testing.T, outcome *boundary.Outcome, hooks bool) {
	tells := map[string]string{
		"sweep": "delete", "call_home": "192.0.2.1", "breed": "start more processes than it may",
	}
	if hooks {
		tells["daemon"], tells["fill"], tells["breed"] = "start a program", "write a file of the project", "start a program"
	}
	for i := range outcome.Evidence.Comparisons {
		c := &outcome.Evidence.Comparisons[i]
		m := &c.Mutants[0]
		if m.To != ">=" {
			continue // a bound of a range: how often breed forks
		}
		want := evidence.Killed
		if c.Symbol == "spin" {
			want = evidence.Timeout
		}
		if m.Verdict != want && m.Verdict != evidence.Timeout {
			t.Errorf("%s: %s (%s), want %s", c.Symbol, m.Verdict, m.How, want)
		}
		if told := strings.Join(m.Tried, ", "); !strings.Contains(told, tells[c.Symbol]) {
			t.Errorf("%s: it is told that it tried %q, want %q", c.Symbol, told, tells[c.Symbol])
		}
		if c.Symbol == "leave" && !strings.Contains(m.How, "exit code 0") {
			t.Errorf("leave: %q does not say that it ended the process", m.How)
		}
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// contents lists the files of a folder with their sizes.
func contents(t *testing.T, root string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(root, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(name)
		fmt.Fprintf(&out, "%s %d\n", strings.TrimPrefix(name, root), len(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
