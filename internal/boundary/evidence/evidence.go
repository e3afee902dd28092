package evidence

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Path is where the evidence lies, relative to the root of a project.
const Path = ".tiebeam/boundary.json"

// MaxBytes bounds what is read of it.
const MaxBytes = 64 << 20

// version of the file's form. One of another version is as good as none.
const version = 1

// Verdict says what became of a mutant.
type Verdict string

// The verdicts.
const (
	Killed     Verdict = "killed"      // a test failed that passes without the mutant
	Survived   Verdict = "survived"    // tests reach it, and all passed
	Equivalent Verdict = "equivalent"  // shown to be the original in other words
	Timeout    Verdict = "timeout"     // the tests ran far longer than without it
	NotReached Verdict = "not reached" // no usable test comes there
	// NotApplicable is a mutant that means nothing for the values that were seen: no text has a neighbour one further.
	NotApplicable Verdict = "not applicable"
)

// File is all that is known of one project. The zero value knows nothing.
type File struct {
	Version int `json:"version"`
	// Comparisons are sorted by path and position.
	Comparisons []Comparison `json:"comparisons"`
}

// Comparison is one place that decides, with what became of its mutants.
type Comparison struct {
	// Path is relative to the root, with forward slashes; Start and End are byte offsets in its decoded text.
	Path  string `json:"path"`
	Start uint32 `json:"start"`
	End   uint32 `json:"end"`
	// Line and Column are 1-based, the column in characters.
	Line   int `json:"line"`
	Column int `json:"column"`
	// Symbol is the function around it, Text the comparison on one line, Why what it decides.
	Symbol string `json:"symbol"`
	Text   string `json:"text"`
	Why    string `json:"why,omitempty"`
	// Code is the SHA-256 of the file. Suite names what else a verdict depends on: it begins with what names all Python
	// files of the project, unless only some of the tests were run.
	Code    string   `json:"code"`
	Suite   string   `json:"suite"`
	Mutants []Mutant `json:"mutants"`
}

// Mutant is one changed form of a comparison.
type Mutant struct {
	// To names the change ("<=", "-1"); Text is the comparison as it then stands.
	To   string `json:"to"`
	Text string `json:"text"`
	// Verdict and, of a killed mutant, the test that noticed, with the SHA-256 of that test's file, and how it failed.
	Verdict Verdict `json:"verdict"`
	By      string  `json:"by,omitempty"`
	ByCode  string  `json:"by_code,omitempty"`
	How     string  `json:"how,omitempty"`
	// Reason shows that the mutant is equivalent.
	Reason string `json:"reason,omitempty"`
	// Reach counts the tests that come there, Near names one of them.
	Reach int    `json:"reach,omitempty"`
	Near  string `json:"near,omitempty"`
	// Witness is an input that tells original and mutant apart, with what both do; empty where none was found.
	Witness string `json:"witness,omitempty"`
	// Tried lists what the mutant did that reached for something outside of its sandbox.
	Tried []string `json:"tried,omitempty"`
}

// Open reports whether the mutant asks for a test: nothing notices it.
func (m *Mutant) Open() bool { return m.Verdict == Survived || m.Verdict == NotReached }

// Parse reads evidence. What another version of the form has written is empty evidence and no error.
func Parse(raw []byte) (*File, error) {
	var f File
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", Path, err)
	}
	if f.Version != version {
		return &File{}, nil
	}
	return &f, nil
}

// Format writes evidence on indented lines, in the order of paths and positions.
func Format(f *File) ([]byte, error) {
	sorted := File{Version: version, Comparisons: slices.Clone(f.Comparisons)}
	slices.SortFunc(sorted.Comparisons, func(a, b Comparison) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Text, b.Text))
	})
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(sorted); err != nil {
		return nil, fmt.Errorf("%s: %w", Path, err)
	}
	return out.Bytes(), nil
}

// Files gives the SHA-256 of a file as it is now, in hexadecimal, empty where there is none.
type Files func(path string) string

// Proven gives the comparisons of which a test notices every mutant: at least one was killed by a test, and none is left
// open. now tells the content of files; what has changed since proves nothing.
func (f *File) Proven(now Files) []Comparison {
	var proven []Comparison
	for i := range f.Comparisons {
		if c := &f.Comparisons[i]; c.Code != "" && c.Code == now(c.Path) && c.noticed(now) != "" {
			proven = append(proven, *c)
		}
	}
	return proven
}

// Unnoticed gives the comparisons of which tests reach a mutant and none notices it, in a run of all the tests. Any file
// can hold the test that is missing, so it holds only while all Python files, which tree names, are as they were.
func (f *File) Unnoticed(now Files, tree string) []Comparison {
	var found []Comparison
	for i := range f.Comparisons {
		if c := &f.Comparisons[i]; c.Code != "" && c.Code == now(c.Path) && strings.HasPrefix(c.Suite, tree+"-") && c.Survivors() != "" {
			found = append(found, *c)
		}
	}
	return found
}

// Stale counts the comparisons that say nothing any more, as their file or that of the test that noticed has changed or is
// gone, or, where nothing noticed, any Python file.
func (f *File) Stale(now Files, tree string) int {
	stale := 0
	for i := range f.Comparisons {
		c := &f.Comparisons[i]
		if c.Code != now(c.Path) || c.Survivors() != "" && !strings.HasPrefix(c.Suite, tree+"-") || c.noticed(nil) != "" && c.noticed(now) == "" {
			stale++
		}
	}
	return stale
}

// Survivors says what no test notices: "no test notices `used > quota`: fits(used=10) returns True, the mutant False".
// It is empty where nothing survived.
func (c *Comparison) Survivors() string {
	var changed []string
	witness := ""
	for i := range c.Mutants {
		if m := &c.Mutants[i]; m.Verdict == Survived {
			changed = append(changed, "`"+m.Text+"`")
			witness = cmp.Or(witness, m.Witness)
		}
	}
	if len(changed) == 0 {
		return ""
	}
	said := "no test notices " + strings.Join(changed, " or ")
	if witness != "" {
		said += ": " + witness
	}
	return said
}

// Test names the test that notices a mutant of the comparison, empty where none does.
func (c *Comparison) Test() string { return c.noticed(nil) }

func (c *Comparison) noticed(now Files) string {
	test := ""
	for i := range c.Mutants {
		m := &c.Mutants[i]
		if m.Open() {
			return ""
		}
		if m.Verdict != Killed || m.By == "" {
			continue
		}
		if now != nil && (m.ByCode == "" || m.ByCode != now(TestFile(m.By))) {
			return ""
		}
		if test == "" {
			test = m.By
		}
	}
	return test
}

// TestFile is the path of a test's file, from its name as pytest writes it ("tests/test_a.py::test_b[1]").
func TestFile(test string) string {
	for i := range len(test) - 1 {
		if test[i] == ':' && test[i+1] == ':' {
			return test[:i]
		}
	}
	return test
}
