package evidence_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
)

// sample is one comparison with the verdicts of its two mutants.
func sample(flip, shift evidence.Mutant) *evidence.File {
	return &evidence.File{Version: 1, Comparisons: []evidence.Comparison{{
		Path: "app.py", Start: 10, End: 20, Line: 2, Column: 4, Symbol: "fits", Text: "size <= 10", Code: "c1", Suite: "s1",
		Mutants: []evidence.Mutant{flip, shift},
	}}}
}

func TestProven(t *testing.T) {
	killed := evidence.Mutant{To: "<", Verdict: evidence.Killed, By: "tests/test_app.py::test_fits[1]", ByCode: "t1"}
	contents := map[string]string{"app.py": "c1", "tests/test_app.py": "t1"}
	for name, test := range map[string]struct {
		file     *evidence.File
		contents map[string]string
		want     string
	}{
		"both killed":              {sample(killed, killed), contents, killed.By},
		"killed and equivalent":    {sample(killed, evidence.Mutant{Verdict: evidence.Equivalent}), contents, killed.By},
		"killed and timed out":     {sample(killed, evidence.Mutant{Verdict: evidence.Timeout}), contents, killed.By},
		"one survives":             {sample(killed, evidence.Mutant{Verdict: evidence.Survived}), contents, ""},
		"one is not reached":       {sample(killed, evidence.Mutant{Verdict: evidence.NotReached}), contents, ""},
		"nothing killed":           {sample(evidence.Mutant{Verdict: evidence.Equivalent}, evidence.Mutant{Verdict: evidence.Timeout}), contents, ""},
		"the code has changed":     {sample(killed, killed), map[string]string{"app.py": "c2", "tests/test_app.py": "t1"}, ""},
		"the test has changed":     {sample(killed, killed), map[string]string{"app.py": "c1", "tests/test_app.py": "t2"}, ""},
		"the test is gone":         {sample(killed, killed), map[string]string{"app.py": "c1"}, ""},
		"killed by the run's end":  {sample(evidence.Mutant{Verdict: evidence.Killed}, killed), contents, killed.By},
		"only by the run's ending": {sample(evidence.Mutant{Verdict: evidence.Killed}, evidence.Mutant{Verdict: evidence.Killed}), contents, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, c := range test.file.Proven(func(path string) string { return test.contents[path] }) {
				got = c.Test()
			}
			if got != test.want {
				t.Errorf("proven by %q, want %q", got, test.want)
			}
		})
	}
}

func TestFormatRoundTrips(t *testing.T) {
	file := sample(evidence.Mutant{To: "<", Text: "size < 10", Verdict: evidence.Survived, Near: "t", Reach: 2, Witness: "fits(size=10): True → False", Tried: []string{"delete a file of the project"}},
		evidence.Mutant{To: "1", Verdict: evidence.Equivalent, Reason: "because"})
	later := file.Comparisons[0]
	later.Path = "a.py"
	file.Comparisons = append(file.Comparisons, later)
	raw, err := evidence.Format(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := evidence.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if again.Comparisons[0].Path != "a.py" {
		t.Errorf("not sorted: %s comes first", again.Comparisons[0].Path)
	}
	file.Comparisons[0], file.Comparisons[1] = file.Comparisons[1], file.Comparisons[0]
	if diff := cmp.Diff(file, again); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	if _, err := evidence.Parse([]byte("{")); err == nil {
		t.Error("a broken file is read without a word")
	}
	if f, err := evidence.Parse([]byte(`{"version":2,"comparisons":[{"path":"a.py"}]}`)); err != nil || len(f.Comparisons) != 0 {
		t.Errorf("another version gives %v, %v", f, err)
	}
}
