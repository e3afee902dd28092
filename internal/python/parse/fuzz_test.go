package parse

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// addSeeds gives the fuzzer the files of testdata and every shorter beginning of
// each that ends at a line.
func addSeeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds in testdata", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), uint8(0))
		for i, c := range text {
			if c == '\n' && i%7 == 0 {
				f.Add(string(text[:i]), uint8(i%7+8))
			}
		}
	}
}

// FuzzScan checks that the scanner ends, goes forward, and stays in the text.
func FuzzScan(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src string, version uint8) {
		tree := ast.NewTree(nil)
		tree.Reset(src)
		p := parser{t: tree, src: src, names: tree.Names(), version: Version(version), scanner: scanner{fieldDepth: -1}}
		p.lineStart = true
		last := uint32(0)
		for range 3*len(src) + 10 {
			p.failed, p.reported = false, false
			p.next()
			if p.pos > p.end || p.end > uint32(len(src)) || p.pos < last {
				t.Fatalf("%v at %d to %d, after a token at %d", p.tok, p.pos, p.end, last)
			}
			last = p.pos
			if p.at(token.EndOfFile) {
				return
			}
		}
		t.Fatalf("no end; now %v at %d", p.tok, p.pos)
	})
}

// FuzzParse checks that the parser ends, and the invariants of its tree.
func FuzzParse(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, src string, version uint8) {
		tree := ast.NewTree(nil)
		File(tree, src, Options{Version: Version(version)})
		check(t, tree)
		for n := ast.Node(1); int(n) < tree.Len(); n++ {
			if tree.Kind(n) == ast.KindConstant {
				if k := tree.ConstKind(n); k == ast.ConstStr || k == ast.ConstBytes {
					tree.Str(n)
				}
			}
		}
	})
}
