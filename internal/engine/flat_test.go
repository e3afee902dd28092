package engine

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/tree"
)

func listings(t *rapid.T) *tree.Listing {
	word := rapid.String()
	l := &tree.Listing{Entries: []tree.Entry{}}
	for range rapid.IntRange(0, 5).Draw(t, "entries") {
		l.Entries = append(l.Entries, tree.Entry{Path: word.Draw(t, "path"), ID: word.Draw(t, "id")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "problems") {
		l.Problems = append(l.Problems, tree.Problem{Path: word.Draw(t, "path"), Line: rapid.IntRange(0, 1e9).Draw(t, "line"), Reason: word.Draw(t, "reason")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "skips") {
		l.Skipped = append(l.Skipped, tree.Skip{Reason: word.Draw(t, "reason"), Files: rapid.IntRange(0, 300).Draw(t, "files"), Examples: []string{word.Draw(t, "example")}})
	}
	return l
}

func outlines(t *rapid.T) *known {
	file := rapid.Map(rapid.Int32Range(0, 2), func(n int32) program.FileID { return program.FileID(n) })
	files := rapid.SliceOfN(file, 0, 4)
	scope := rapid.Map(rapid.Int32Range(-1, 9), func(n int32) fact.Scope { return fact.Scope(n) })
	edges := rapid.SliceOfN(file, 3, 3).Draw(t, "edges")
	words := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,4}`), 0, 4)
	o := &program.Outline{
		Starts: []int32{0, 1, 1, 3}, Edges: edges, Holders: map[string][]program.FileID{"shop": files.Draw(t, "holders")},
		Steps: words.Draw(t, "steps"), Declares: files.Draw(t, "declares"), Retries: files.Draw(t, "retries"), Words: words.Draw(t, "words"), Asked: []program.Ask{},
	}
	for range rapid.IntRange(0, 3).Draw(t, "asks") {
		ask := program.Ask{Settled: rapid.Bool().Draw(t, "settled")}
		ask.Root = program.Func{File: file.Draw(t, "root"), Scope: scope.Draw(t, "scope")}
		ask.End = program.Func{File: file.Draw(t, "end"), Scope: scope.Draw(t, "scope")}
		for i := range ask.Through {
			ask.Through[i] = file.Draw(t, "through") - 1
		}
		o.Asked = append(o.Asked, ask)
	}
	return &known{Paths: []string{"a.py", "b.py", "c.py"}, Outline: o}
}

// TestFlatIsReadBack: what is written for the cache is read back as it was, and what is damaged is refused or sound.
func TestFlatIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, k := listings(t), outlines(t)
		encoded := flatListing(l)
		if got := unflatListing(string(encoded)); !reflect.DeepEqual(got, l) {
			t.Fatalf("listing %+v, want %+v", got, l)
		}
		outline := k.flat()
		if got := unflatKnown(string(outline)); !reflect.DeepEqual(got, k) {
			t.Fatalf("outline %+v, want %+v", got.Outline, k.Outline)
		}
		for _, whole := range [][]byte{encoded, outline} {
			if len(whole) == 0 {
				continue
			}
			damaged := slices.Clone(whole)
			damaged[rapid.IntRange(0, len(damaged)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "by"))
			damaged = damaged[:rapid.IntRange(0, len(damaged)).Draw(t, "length")]
			unflatListing(string(damaged))
			if k := unflatKnown(string(damaged)); k != nil && !k.holds() {
				t.Fatal("an outline that does not hold was read")
			}
		}
	})
}
