package all_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/fixture"
	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/rules/all"
)

// The size budget of a rule, in lines.
const (
	ruleLines    = 250
	fixtureLines = 150
)

// TestRules walks the rules: name, folder, page, what is filled in.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range all.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			if err := rule.CheckName(r.Name); err != nil {
				t.Error(err)
			}
			if seen[r.Name] {
				t.Error("two rules have this name")
			}
			seen[r.Name] = true
			if all.Named(r.Name) != r {
				t.Error("Named does not find it")
			}
			if r.Severity == finding.Unset || r.Since == "" {
				t.Error("severity and since-version must be said")
			}
			if _, err := r.Page(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestFolders: the folders beside this one are the rules, no more and no fewer.
func TestFolders(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var folders, names []string
	for _, entry := range entries {
		if entry.IsDir() && entry.Name() != "all" {
			folders = append(folders, entry.Name())
		}
	}
	for _, r := range all.Rules() {
		names = append(names, rule.FolderName(r.Name))
	}
	slices.Sort(names)
	if !slices.Equal(folders, names) {
		t.Errorf("the folders are %q and the rules' folders should be %q: run make gen, and name each folder as its rule without hyphens", folders, names)
	}
}

// TestBudget: a rule and a case can be read at once.
func TestBudget(t *testing.T) {
	for pattern, budget := range map[string]int{
		filepath.Join("..", "*", "*.go"):                ruleLines,
		filepath.Join("..", "*", "testdata", "*.txtar"): fixtureLines,
	} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if filepath.Base(filepath.Dir(file)) == "all" {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if lines := bytes.Count(text, []byte("\n")); lines > budget {
				t.Errorf("%s has %d lines, the budget is %d", file, lines, budget)
			}
		}
	}
}

// TestDocumentsAreCurrent says when docs/rules is not what the rules say of themselves.
func TestDocumentsAreCurrent(t *testing.T) {
	want, err := rule.Documents(all.Rules())
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "docs", "rules", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(want) {
		t.Errorf("docs/rules has %d files, expected %d: run make gen", len(files), len(want))
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != want[filepath.Base(file)] {
			t.Errorf("%s is stale: run make gen", file)
		}
	}
}

// cases reads the fixtures of a rule in the order of their names.
func cases(t *testing.T, r *rule.Rule) []*fixture.Case {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", rule.FolderName(r.Name), "testdata", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var all []*fixture.Case
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := fixture.Parse(filepath.Base(file), text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

// TestFixturesSpeak: each rule fires somewhere and is silent beside it, and its page's example is its own.
func TestFixturesSpeak(t *testing.T) {
	for _, r := range all.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			fires, silent := false, false
			for _, c := range cases(t, r) {
				if len(c.Examples) > 0 && c.Name != rule.FolderName(r.Name) {
					t.Errorf("%s has examples; those of the page stand in the fixture named as the folder", c.Name)
				}
				for _, w := range c.Workspaces {
					here := slices.ContainsFunc(w.Wants, func(want fixture.Want) bool { return want.Rule == r.Name })
					fires = fires || (here && w.Name != "bad")
					silent = silent || (here && w.Name != "bad" && codeLines(w.Head) > len(w.Wants))
					if w.Name == "bad" && !here {
						t.Errorf("%s: doc/bad.py does not show %s", c.Name, r.Name)
					}
				}
			}
			if !fires || !silent {
				t.Error("a case besides the example must have a line that is reported and one that is not")
			}
		})
	}
}

// codeLines counts the lines of Python that are not empty.
func codeLines(files fixture.Files) int {
	count := 0
	for name, text := range files {
		if filepath.Ext(name) != ".py" {
			continue
		}
		for line := range strings.Lines(text) {
			if strings.TrimSpace(line) != "" {
				count++
			}
		}
	}
	return count
}

// TestFixtures runs every case of every rule, as it stands and under --strict.
func TestFixtures(t *testing.T) {
	for _, r := range all.Rules() {
		t.Run(r.Name, func(t *testing.T) {
			for _, c := range cases(t, r) {
				for _, w := range c.Workspaces {
					for _, strict := range []bool{false, true} {
						t.Run(mode(c.Name+"/"+w.Name, strict), func(t *testing.T) { verify(t, &w, strict) })
					}
				}
			}
		})
	}
}

// verify holds a workspace against its marks, one worker against several, and the tree against itself.
func verify(t *testing.T, w *fixture.Workspace, strict bool) {
	wrong, err := w.Verify(engineJudge{}, fixture.Options{Strict: strict})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range wrong {
		t.Error(line)
	}
	parallel, err := w.Run(engineJudge{}, fixture.Options{Strict: strict})
	if err != nil {
		t.Fatal(err)
	}
	serial, err := w.Run(engineJudge{}, fixture.Options{Strict: strict, Serial: true})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(parallel, serial) {
		t.Errorf("one worker finds\n%+v\nand several\n%+v", serial, parallel)
	}
	same, err := engineJudge{}.Diff(w.Head, w.Head, fixture.Options{Strict: strict})
	if err != nil {
		t.Fatal(err)
	}
	if len(same.Findings) > 0 {
		t.Errorf("a tree compared with itself gives %+v", same.Findings)
	}
}
