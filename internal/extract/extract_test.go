package extract

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// TestFacts compares the printed facts of every testdata/NAME.py with testdata/NAME.facts, which was written by hand.
func TestFacts(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.py")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	x := New()
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(path, ".py") + ".facts")
			if err != nil {
				t.Fatal(err)
			}
			f := x.Extract(filepath.Base(path), string(source))
			if err := f.Validate(); err != nil {
				t.Fatal(err)
			}
			compareLines(t, printed(t, f), string(want))
		})
	}
}

func printed(t *testing.T, f *fact.File) string {
	t.Helper()
	var b strings.Builder
	if err := fact.Print(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestForeignTree: a tree with a table of names of its own is lowered like one that the extractor parsed.
func TestForeignTree(t *testing.T) {
	const source = "class Node:\n    left: 'list[Node]'\n"
	x := New()
	want := printed(t, x.Extract("a.py", source))
	names := ast.NewNames()
	names.Intern("shift every number")
	tree := ast.NewTree(names)
	parse.File(tree, source, parse.Options{})
	compareLines(t, printed(t, x.Lower("a.py", tree)), want)
}

// TestSharedStrings: the files of one extractor share their identifiers, and a text has one entry in a file.
func TestSharedStrings(t *testing.T) {
	x := New()
	one := x.Extract("one.py", "attempts = ['retry', 'retry', 'again']")
	two := x.Extract("two.py", "other, attempts = 1, 2")
	a, b := slices.Index(one.Strings, "attempts"), slices.Index(two.Strings, "attempts")
	if a < 0 || b < 0 {
		t.Fatalf("no entry for the identifier in %q or %q", one.Strings, two.Strings)
	}
	if unsafe.StringData(one.Strings[a]) != unsafe.StringData(two.Strings[b]) {
		t.Error("the identifier is kept twice")
	}
	if want := []string{"", "attempts", "retry", "again"}; !slices.Equal(slices.Sorted(slices.Values(one.Strings)), slices.Sorted(slices.Values(want))) {
		t.Errorf("strings are %q, want %q", one.Strings, want)
	}
}

// TestLongNames: names do not lose what is around them for being long.
func TestLongNames(t *testing.T) {
	const method = "a_method_with_a_name_of_more_than_thirty_two_letters"
	f := New().Extract("a.py", "class Outer:\n    def "+method+"(self):\n        def inner(): ...\n__all__ = ['"+method+"_2']\n"+method+"_2 = 1\n")
	var names []string
	for i := range f.Scopes {
		names = append(names, f.Text(f.Scopes[i].Qualified))
	}
	if want := []string{"", "Outer", "Outer." + method, "Outer." + method + ".inner"}; !slices.Equal(names, want) {
		t.Errorf("qualified names are %q, want %q", names, want)
	}
	if sym := f.Lookup(0, method+"_2"); sym == 0 || f.Symbols[sym].Flags&fact.Exported == 0 {
		t.Error("a long name in __all__ is not exported")
	}
}

// compareLines reports the lines that differ, which is easier to read than two whole texts.
func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		var a, b string
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, a, b)
		}
	}
}
