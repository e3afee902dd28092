package boundary_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tiebeam/tiebeam/internal/boundary"
	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
)

const app = `
-- app.py --
def fits(size, limit=10):
    return size <= limit
-- conftest.py --
`

// plansTest imports a module whose comparison is made while it is imported.
const plansTest = "-- test_plans.py --\nimport plans\n\n\ndef test_plans():\n    assert plans.LIMIT == 3\n"

// suiteCase is a suite that is not as it should be.
type suiteCase struct {
	archive  string
	hidden   string // a module that the interpreter does not have
	change   func(*boundary.Options)
	err      []string // nil where the run succeeds
	note     []string
	verdicts string
}

const goodTest = "-- test_app.py --\nfrom app import fits\n\n\ndef test_fits():\n    assert fits(10)\n    assert not fits(11)\n"

var suiteCases = map[string]suiteCase{
	"fails already": {
		archive: "-- test_app.py --\nfrom app import fits\n\n\ndef test_fits():\n    assert fits(11), 'wrong'\n",
		err:     []string{"the suite fails before anything is changed: test_app.py::test_fits: ", "wrong"},
	},
	"one test fails already": {
		archive:  goodTest + "\n\ndef test_other():\n    assert fits(12)\n",
		note:     []string{"1 test failed without any mutant, which proves nothing of mutants: test_app.py::test_other"},
		verdicts: "<: killed, 1: killed, >: killed",
	},
	"flaky": {
		archive: goodTest + "\n\nimport random\n\nimport pytest\n\n\n@pytest.mark.parametrize('n', range(16))\ndef test_luck(n):\n" +
			"    assert fits(5) and random.SystemRandom().random() < 0.5\n",
		note:     []string{"test_app.py::test_luck[", " passed once and failed once without any mutant: it is left out"},
		verdicts: "<: killed, 1: killed, >: killed",
	},
	"no tests": {
		archive: "-- other.py --\n",
		err:     []string{"pytest found no tests to run"},
	},
	"cannot be collected": {
		archive: "-- test_app.py --\nimport nothing_like_this\n",
		err:     []string{"no test can be collected: test_app.py: ", "nothing_like_this", "is the project installed in"},
	},
	"does something when it is imported": {
		archive:  goodTest + "-- shop/__init__.py --\n-- test_import.py --\ntry:\n    open('/etc/tiebeam-was-here', 'w')\nexcept OSError:\n    pass\n",
		note:     []string{"while the tests were imported, the code tried to write /etc/tiebeam-was-here", "move it into a function or a fixture"},
		verdicts: "<: killed, 1: killed, >: killed",
	},
	"ends the process when it is imported": {
		archive: "-- test_app.py --\nimport os\n\nos._exit(0)\n",
		err:     []string{"the process ended while the tests were imported", "os._exit"},
	},
	"acts while modules are imported": {
		archive:  goodTest + plansTest + "-- plans.py --\nLIMIT = 3\nif LIMIT > 3:\n    raise ValueError('too many')\n",
		verdicts: "<: killed, 1: killed, >: killed, >=: killed, 1: survived, <=: killed",
	},
	"acts while modules are imported and a thread runs": {
		archive: goodTest + plansTest + "-- plans.py --\nimport threading\n\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n" +
			"LIMIT = 3\nif LIMIT > 3:\n    raise ValueError('too many')\n",
		note:     []string{"importing the tests started 1 thread"},
		verdicts: "<: killed, 1: killed, >: killed, >=: killed, 1: survived, <=: killed",
	},
	"no pytest": {
		archive: goodTest, hidden: "pytest",
		err: []string{"has no pytest: install it there, or name the project's interpreter with --python"},
	},
	"no coverage package": {
		archive: goodTest, hidden: "coverage", change: func(o *boundary.Options) { o.Coverage = "data" },
		err: []string{"--coverage needs the coverage package", "install it there, or leave --coverage out"},
	},
}

// TestSuites says of a suite that is not as it should be what is wrong and what to do.
func TestSuites(t *testing.T) {
	interpreter := python(t)
	for name, test := range suiteCases {
		t.Run(name, func(t *testing.T) {
			root := unpacked(t, app+test.archive)
			if test.hidden != "" {
				hide := t.TempDir()
				write(t, filepath.Join(hide, "sitecustomize.py"), "import sys\nsys.modules["+`"`+test.hidden+`"`+"] = None\n")
				t.Setenv("PYTHONPATH", hide)
			}
			snapshot := load(t, root)
			o := options(root, interpreter, snapshot)
			if test.change != nil {
				test.change(&o)
			}
			outcome, err := boundary.Run(t.Context(), boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{}), o)
			if test.err != nil {
				if !errors.Is(err, boundary.ErrRefused) {
					t.Fatalf("error %v, want one that refuses", err)
				}
				contain(t, err.Error(), test.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			contain(t, strings.Join(outcome.Notes, "\n"), test.note)
			if got := verdicts(outcome); got != test.verdicts {
				t.Errorf("verdicts %q, want %q", got, test.verdicts)
			}
		})
	}
}

func contain(t *testing.T, text string, parts []string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q does not say %q", text, part)
		}
	}
}

func verdicts(o *boundary.Outcome) string {
	var all []string
	for _, c := range o.Evidence.Comparisons {
		for _, m := range c.Mutants {
			all = append(all, m.To+": "+string(m.Verdict))
		}
	}
	return strings.Join(all, ", ")
}

// TestCoverage runs only the tests that the contexts of a coverage file name, in both forms in which they are written.
func TestCoverage(t *testing.T) {
	interpreter := python(t, "coverage")
	root := unpacked(t, app+"-- test_app.py --\nfrom app import fits\n\n\ndef test_few():\n    assert fits(1)\n\n\ndef test_limit():\n    assert fits(10)\n    assert not fits(11)\n")
	snapshot := load(t, root)
	targets := boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{})
	for context, want := range map[string]string{
		"test_app.py::test_few|run":   "<: survived, 1: survived, >: killed", // as pytest-cov writes them
		"test_app.py::test_limit|run": "<: killed, 1: killed, >: killed",
		"test_app.test_limit":         "<: killed, 1: killed, >: killed", // as dynamic_context = test_function does
		"":                            "",
	} {
		t.Run(context, func(t *testing.T) {
			o := options(root, interpreter, snapshot)
			o.Coverage = filepath.Join(t.TempDir(), "data")
			script := "import sys\nfrom coverage import CoverageData\nd = CoverageData(sys.argv[1])\nd.set_context(sys.argv[2])\nd.add_lines({sys.argv[3]: [2]})\nd.write()\n"
			if out, err := exec.Command(interpreter, "-c", script, o.Coverage, context, filepath.Join(root, "app.py")).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			outcome, err := boundary.Run(t.Context(), targets, o)
			if want == "" {
				if err == nil || !strings.Contains(err.Error(), "names no test") {
					t.Errorf("error %v, want one that says how to record contexts", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := verdicts(outcome); got != want {
				t.Errorf("verdicts %q, want %q", got, want)
			}
		})
	}
}

// TestResume takes up a run that was killed at what it had kept last, and then says the same as one that was not.
func TestResume(t *testing.T) {
	interpreter := python(t)
	root := project(t, "limits")
	snapshot := load(t, root)
	targets := boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{All: true, Only: []boundary.Place{{Path: "money.py"}, {Path: "access.py"}}})
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	o := options(root, interpreter, snapshot)
	var kept, reach []byte
	var stages []string
	o.Progress = func(stage string) { stages = append(stages, stage) }
	o.KeepBaseline = func(raw []byte) { reach = raw }
	o.Keep = func(f *evidence.File) {
		judged := 0
		for _, c := range f.Comparisons {
			for _, m := range c.Mutants {
				if m.Verdict != "" {
					judged++
				}
			}
		}
		if kept == nil && judged >= 5 {
			kept, _ = json.Marshal(f)
			kill()
		}
	}
	if _, err := boundary.Run(ctx, targets, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want that of a killed run", err)
	}
	if kept == nil || reach == nil {
		t.Fatal("nothing was kept")
	}
	if !slices.ContainsFunc(stages, func(s string) bool { return strings.HasPrefix(s, "mutant ") && strings.HasSuffix(s, " left") }) {
		t.Errorf("progress %q never says how much time is left", stages)
	}
	var known evidence.File
	if err := json.Unmarshal(kept, &known); err != nil {
		t.Fatal(err)
	}
	known.Version = 1
	o.Keep, o.Known, o.Baseline = nil, &known, reach
	resumed, err := boundary.Run(t.Context(), targets, o)
	if err != nil {
		t.Fatal(err)
	}
	o.Known, o.Baseline = nil, nil
	whole, err := boundary.Run(t.Context(), targets, o)
	if err != nil {
		t.Fatal(err)
	}
	if resumed.Reused == 0 || resumed.Ran == 0 || whole.Reused != 0 {
		t.Errorf("%d taken over and %d run after the kill, %d taken over afresh", resumed.Reused, resumed.Ran, whole.Reused)
	}
	if diff := cmp.Diff(verdicts(whole), verdicts(resumed)); diff != "" {
		t.Error(diff)
	}
	// By content: another test file asks again for what nothing noticed, and not for what a test did.
	write(t, filepath.Join(root, "tests", "test_more.py"), "def test_more():\n    pass\n")
	again := load(t, root)
	o = options(root, interpreter, again)
	o.Suite, o.Known = "another", &whole.Evidence
	outcome, err := boundary.Run(t.Context(), targets, o)
	if err != nil {
		t.Fatal(err)
	}
	killed := strings.Count(verdicts(whole), "killed")
	if outcome.Reused != killed {
		t.Errorf("%d verdicts taken over, want the %d killed ones", outcome.Reused, killed)
	}
	if _, err := os.Stat(filepath.Join(root, ".tiebeam")); err == nil {
		t.Error("a run has written into the project")
	}
}
