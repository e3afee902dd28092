package parse

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// BenchmarkFile parses the Python files below the folder named by
// TIEBEAM_BENCH_FOLDER, or this package's testdata, on one thread with one tree.
// It reports megabytes of source and nodes a second.
func BenchmarkFile(b *testing.B) {
	folder := os.Getenv("TIEBEAM_BENCH_FOLDER")
	if folder == "" {
		folder = "testdata"
	}
	sources, size := readFolder(b, folder)
	tree := ast.NewTree(nil)
	nodes := 0
	b.SetBytes(size)
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		nodes = 0
		for _, src := range sources {
			File(tree, src, Options{})
			nodes += tree.Len()
		}
	}
	runtime.KeepAlive(tree)
	b.ReportMetric(float64(nodes)/float64(size), "nodes/byte")
}

func readFolder(b *testing.B, folder string) (sources []string, size int64) {
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".py") {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && utf8.Valid(text) {
			sources = append(sources, string(text))
			size += int64(len(text))
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return sources, size
}
