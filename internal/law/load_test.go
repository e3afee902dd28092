package law_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// module is the path of the module, and root its folder seen from here.
const (
	module = "github.com/tiebeam/tiebeam/"
	root   = "../.."
)

// file is one parsed Go file.
type file struct {
	// path is relative to the root of the module, with forward slashes.
	path      string
	test      bool
	generated bool
	syntax    *ast.File
	tokens    *token.FileSet
}

// folder is the package folder that the file belongs to.
func (f *file) folder() string { return path.Dir(f.path) }

// imports are the import paths of the file; those of the module are given relative to its root.
func (f *file) imports() []string {
	var all []string
	for _, spec := range f.syntax.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			all = append(all, strings.TrimPrefix(name, module))
		}
	}
	return all
}

// line is the line on which a node starts.
func (f *file) line(pos token.Pos) int { return f.tokens.Position(pos).Line }

// lines is the number of lines from the start of a node to its end.
func (f *file) lines(n ast.Node) int { return f.line(n.End()) - f.line(n.Pos()) + 1 }

// parsed reads every Go file of the module, once for all tests.
var parsed = sync.OnceValues(func() ([]*file, error) {
	var files []*file
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			base := entry.Name()
			if name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		source, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		tokens := token.NewFileSet()
		syntax, err := parser.ParseFile(tokens, name, source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files = append(files, &file{
			path: name, test: strings.HasSuffix(name, "_test.go"), generated: ast.IsGenerated(syntax),
			syntax: syntax, tokens: tokens,
		})
		return nil
	})
	return files, err
})

// all gives the Go files of the module.
func all(t *testing.T) []*file {
	t.Helper()
	files, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go file found")
	}
	return files
}

// code gives the files that are not tests.
func code(t *testing.T) []*file {
	t.Helper()
	var files []*file
	for _, f := range all(t) {
		if !f.test {
			files = append(files, f)
		}
	}
	return files
}

// within reports whether a folder is one of rooms or lies in one.
func within(folder string, rooms ...string) bool {
	for _, room := range rooms {
		if folder == room || strings.HasPrefix(folder, room+"/") {
			return true
		}
	}
	return false
}
