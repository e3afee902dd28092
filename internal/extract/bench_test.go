package extract

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"unsafe"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// corpus reads the Python files below the folder that TIEBEAM_CORPUS names; without it the test is skipped.
func corpus(tb testing.TB) (paths, texts []string, size int64) {
	root := os.Getenv("TIEBEAM_CORPUS")
	if root == "" {
		tb.Skip("TIEBEAM_CORPUS names no folder with Python files")
	}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".py" {
			return err
		}
		text, err := os.ReadFile(path)
		paths, texts = append(paths, path), append(texts, string(text))
		size += int64(len(text))
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return paths, texts, size
}

// TestCorpus extracts every file of the corpus, and checks that the facts are valid and survive the encoding.
func TestCorpus(t *testing.T) {
	paths, texts, size := corpus(t)
	x := New()
	memory, encoded, problems := uint64(0), 0, 0
	for i, text := range texts {
		f := x.Extract(paths[i], text)
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		memory += footprint(f)
		data := fact.Append(nil, f)
		encoded += len(data)
		back, err := fact.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if again := fact.Append(nil, back); string(again) != string(data) {
			t.Errorf("%s: facts change when they are encoded and decoded", paths[i])
		}
		if len(f.Problems) > 0 {
			problems++
		}
	}
	t.Logf("%d files, %d bytes: %d bytes of facts, %d encoded, %d files with problems", len(texts), size, memory,
		encoded, problems)
}

// footprint adds up the memory of a file's slices; the bytes of strings that a worker's files share count in each.
func footprint(f *fact.File) uint64 {
	total := uint64(unsafe.Sizeof(*f))
	for _, s := range f.Strings {
		total += uint64(unsafe.Sizeof(s)) + uint64(len(s))
	}
	return total + bytesOf(f.Scopes) + bytesOf(f.Symbols) + bytesOf(f.Defs) + bytesOf(f.Params) + bytesOf(f.Stmts) +
		bytesOf(f.Exprs) + bytesOf(f.Operands) + bytesOf(f.Imports) + bytesOf(f.Comments) + bytesOf(f.Problems)
}

func bytesOf[T any](list []T) uint64 {
	var element T
	return uint64(cap(list)) * uint64(unsafe.Sizeof(element))
}

// BenchmarkParse is the floor for BenchmarkExtract.
func BenchmarkParse(b *testing.B) {
	_, texts, size := corpus(b)
	b.SetBytes(size)
	tree := ast.NewTree(nil)
	for b.Loop() {
		for _, text := range texts {
			parse.File(tree, text, parse.Options{})
		}
	}
}

// BenchmarkExtract parses and lowers the corpus and keeps all facts, as a run over a project does.
func BenchmarkExtract(b *testing.B) {
	paths, texts, size := corpus(b)
	b.SetBytes(size)
	b.ReportAllocs()
	var kept []*fact.File
	for b.Loop() {
		kept = kept[:0]
		x := New()
		for i, text := range texts {
			kept = append(kept, x.Extract(paths[i], text))
		}
	}
	runtime.KeepAlive(kept)
}

// BenchmarkDecode reads the encoded facts of the corpus.
func BenchmarkDecode(b *testing.B) {
	paths, texts, _ := corpus(b)
	x := New()
	var encoded [][]byte
	size := 0
	for i, text := range texts {
		encoded = append(encoded, fact.Append(nil, x.Extract(paths[i], text)))
		size += len(encoded[i])
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, data := range encoded {
			if _, err := fact.Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	}
}
