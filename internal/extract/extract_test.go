package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/fact"
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
