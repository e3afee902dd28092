package all_test

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/fixture"
)

// casesFolder holds the acceptance cases: small modules whose lines say what must be reported. Its README explains them.
const casesFolder = "../../../testdata/cases"

// expectation is the mark of an acceptance case.
var expectation = regexp.MustCompile(`#\s*expect(-strict)?:\s*([a-z, -]+?)\s*$`)

// spot is a rule on a line of a case.
type spot struct {
	path string
	line int
	rule string
}

func (s spot) String() string { return fmt.Sprintf("%s:%d %s", s.path, s.line, s.rule) }

// TestAcceptance checks each root of the cases as one project, as it stands and under --strict.
func TestAcceptance(t *testing.T) {
	for _, root := range caseRoots(t, ".") {
		if root == "diff" {
			continue
		}
		files := readFiles(t, root)
		for _, strict := range []bool{false, true} {
			t.Run(mode(root, strict), func(t *testing.T) {
				want := expected(files, strict)
				got := reported(t, files, strict)
				if strict {
					// What the default says is judged once. Limits without a reason are not marked in the cases.
					byDefault := expected(files, false)
					old := func(s spot) bool { return slices.Contains(byDefault, s) || s.rule == "unjustified-limit" }
					want, got = slices.DeleteFunc(want, old), slices.DeleteFunc(got, old)
				}
				compareSpots(t, want, got)
			})
		}
	}
}

// compareSpots has one subtest for each line that must be reported or is.
func compareSpots(t *testing.T, want, got []spot) {
	for _, s := range want {
		t.Run(s.String(), func(t *testing.T) {
			if !slices.Contains(got, s) {
				t.Error("missed")
			}
		})
	}
	for _, s := range got {
		if !slices.Contains(want, s) {
			t.Run(s.String(), func(t *testing.T) { t.Error("false alarm") })
		}
	}
}

// TestAcceptanceOfChanges compares base and head of each pair of the cases.
func TestAcceptanceOfChanges(t *testing.T) {
	for _, pair := range caseRoots(t, "diff") {
		t.Run(path.Base(pair), func(t *testing.T) {
			result, err := engineJudge{}.Diff(readFiles(t, pair+"/base"), readFiles(t, pair+"/head"), fixture.Options{})
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(filepath.Join(casesFolder, pair, "expect.txt"))
			if err != nil {
				t.Fatal(err)
			}
			want, got := strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' }), losses(result.Findings)
			slices.Sort(want)
			if !slices.Equal(want, got) {
				t.Errorf("reported %q, expected %q", got, want)
			}
		})
	}
}

// losses are the guards that findings call removed or weakened, in the form of expect.txt.
func losses(findings []finding.Finding) []string {
	var all []string
	for _, f := range findings {
		if f.Rule == "guard-removed" || f.Rule == "guard-weakened" {
			all = append(all, strings.TrimSpace(strings.Join([]string{f.Rule, f.Guard, f.Path, f.Symbol}, " ")))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func mode(name string, strict bool) string {
	if strict {
		return name + " strict"
	}
	return name
}

// caseRoots are the folders in a folder of the cases, relative to the cases.
func caseRoots(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(casesFolder, folder))
	if err != nil {
		t.Fatal(err)
	}
	var roots []string
	for _, entry := range entries {
		if entry.IsDir() {
			roots = append(roots, path.Join(folder, entry.Name()))
		}
	}
	return roots
}

// readFiles reads a folder of the cases, with the requirements that hold for all of them.
func readFiles(t *testing.T, root string) fixture.Files {
	t.Helper()
	files := fixture.Files{}
	read := func(file, as string) error {
		text, err := os.ReadFile(filepath.Join(casesFolder, file))
		files[as] = string(text)
		return err
	}
	err := fs.WalkDir(os.DirFS(casesFolder), root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return read(file, strings.TrimPrefix(file, root+"/"))
	})
	if err == nil {
		err = read("requirements.txt", "requirements.txt")
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// expected gives what the marks ask for, in order.
func expected(files fixture.Files, strict bool) []spot {
	var spots []spot
	for file, text := range files {
		if path.Ext(file) != ".py" {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			at := expectation.FindStringSubmatch(line)
			if at == nil || (at[1] != "" && !strict) {
				continue
			}
			for rule := range strings.SplitSeq(at[2], ",") {
				spots = append(spots, spot{file, i + 1, strings.TrimSpace(rule)})
			}
		}
	}
	return sorted(spots)
}

// reported gives what the engine finds in a root, in order.
func reported(t *testing.T, files fixture.Files, strict bool) []spot {
	t.Helper()
	result, err := engineJudge{}.Check(files, fixture.Options{Strict: strict})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Incomplete) > 0 {
		t.Errorf("could not be judged: %q", result.Incomplete)
	}
	spots := make([]spot, 0, len(result.Findings))
	for _, f := range result.Findings {
		spots = append(spots, spot{f.Path, f.Line, f.Rule})
	}
	return sorted(spots)
}

// sorted brings spots into order and drops those that are there already.
func sorted(spots []spot) []spot {
	slices.SortFunc(spots, func(a, b spot) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(spots)
}
