package boundary_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/boundary"
	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/needs"
	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// load reads a folder as the command does.
func load(t *testing.T, root string) *engine.Snapshot {
	t.Helper()
	folder, err := tree.OpenFolder(root, tree.FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := engine.Load(t.Context(), &engine.Request{Tree: folder, Config: config.Default(), All: all.Rules(), Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

// python finds an interpreter that has pytest and some modules, or skips.
func python(t *testing.T, modules ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs Python many times")
	}
	return needs.Python(t, append(modules, "pytest")...)
}

// project copies a folder of testdata, so that nothing is written into it.
func project(t *testing.T, name string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", name))); err != nil {
		t.Fatal(err)
	}
	return root
}

// expectation is what a line says of one comparison on it.
type expectation struct {
	always   bool // chosen also without --all
	verdicts map[string]evidence.Verdict
}

var verdictPattern = regexp.MustCompile(`"([^"]+)" (killed|survived|equivalent|timeout|not reached)`)

// expectations reads "# is: ..." and "# all: ..." behind the lines of the files.
func expectations(t *testing.T, root string) map[string][]expectation {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "*.py"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]expectation{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range strings.Split(string(raw), "\n") {
			_, said, ok := strings.Cut(line, "  # ")
			if !ok || !strings.HasPrefix(said, "is:") && !strings.HasPrefix(said, "all:") {
				continue
			}
			for part := range strings.SplitSeq(said, " | ") {
				e := expectation{always: strings.HasPrefix(part, "is:"), verdicts: map[string]evidence.Verdict{}}
				for _, found := range verdictPattern.FindAllStringSubmatch(part, -1) {
					e.verdicts[found[1]] = evidence.Verdict(found[2])
				}
				key := fmt.Sprintf("%s:%d", filepath.Base(name), number+1)
				want[key] = append(want[key], e)
			}
		}
	}
	return want
}

// options are those of the command for a project.
func options(root, python string, snapshot *engine.Snapshot) boundary.Options {
	return boundary.Options{Root: root, Python: python, Jobs: 2, Content: snapshot.Content, Suite: "suite", Witnesses: true}
}

// TestKnownAnswers judges comparisons of which it is known what becomes of their mutants.
func TestKnownAnswers(t *testing.T) {
	interpreter := python(t)
	if comparisons := knownAnswers(t, interpreter, "limits", false); comparisons < 50 {
		t.Errorf("%d comparisons with known answers, want at least 50", comparisons)
	}
}

// TestKnownAnswersWhenAllRun shows of the same mutants that those which survive without a run do so when they are run.
func TestKnownAnswersWhenAllRun(t *testing.T) {
	knownAnswers(t, python(t), "limits", true)
}

// TestKnownAnswersOfArrays does so for comparisons whose answer is an array, or a criterion of an ORM.
func TestKnownAnswersOfArrays(t *testing.T) {
	knownAnswers(t, python(t, "numpy"), "arrays", false)
}

// knownAnswers judges a folder of testdata and gives how many comparisons it has.
func knownAnswers(t *testing.T, interpreter, folder string, runAll bool) (comparisons int) {
	t.Helper()
	root := project(t, folder)
	want := expectations(t, root)
	snapshot := load(t, root)
	targets := boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{All: true})
	o := options(root, interpreter, snapshot)
	o.RunAll = runAll
	outcome, err := boundary.Run(t.Context(), targets, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range outcome.Incomplete {
		t.Errorf("not judged: %s: %s", i.Path, i.Reason)
	}
	at := map[string]int{}
	for i := range outcome.Evidence.Comparisons {
		c := &outcome.Evidence.Comparisons[i]
		key := fmt.Sprintf("%s:%d", c.Path, c.Line)
		if at[key] >= len(want[key]) {
			t.Errorf("%s: %s is chosen and nothing is said of it", key, c.Text)
			continue
		}
		expected := want[key][at[key]]
		at[key]++
		comparisons++
		for _, m := range c.Mutants {
			verdict, ok := expected.verdicts[m.To]
			if !ok {
				verdict = evidence.NotApplicable
			}
			if m.Verdict != verdict {
				t.Errorf("%s: %s: %s, want %s (by %s, %s%s)", key, m.Text, m.Verdict, verdict, m.By, m.How, m.Reason)
			}
		}
	}
	for key, list := range want {
		if at[key] != len(list) {
			t.Errorf("%s: %d comparisons are chosen, want %d", key, at[key], len(list))
		}
	}
	t.Log(boundary.Summary(outcome))
	return comparisons
}

// TestChosenByFlow chooses those whose outcome leads to a refusal, a permission or a charge, or that speak of a limit.
func TestChosenByFlow(t *testing.T) {
	root := filepath.Join("testdata", "limits")
	want := expectations(t, root)
	snapshot := load(t, root)
	chosen := map[string]int{}
	for _, target := range boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{}) {
		chosen[fmt.Sprintf("%s:%d", target.Path, target.Line)]++
		if target.Why == "" {
			t.Errorf("%s:%d: no reason is given for %s", target.Path, target.Line, target.Text)
		}
	}
	for key, list := range want {
		always := 0
		for _, e := range list {
			if e.always {
				always++
			}
		}
		if chosen[key] != always {
			t.Errorf("%s: %d are chosen without --all, want %d", key, chosen[key], always)
		}
	}
}
