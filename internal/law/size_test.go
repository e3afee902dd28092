package law_test

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The size budget, in lines.
const (
	fileLines     = 600
	grammarLines  = 1200 // a file of the scanner or parser
	functionLines = 80
	tableLines    = 150 // a function that is one switch or one table
)

// mostExceptions is the number of entries that exceptions.txt has. Lower it with the list; it is never raised.
const mostExceptions = 0

// exception is one line of exceptions.txt.
type exception struct {
	lines int
	used  bool
}

// exceptions reads exceptions.txt, by what each entry is about.
func exceptions(t *testing.T) map[string]*exception {
	t.Helper()
	list, err := os.Open("exceptions.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	entries := map[string]*exception{}
	for lines := bufio.NewScanner(list); lines.Scan(); {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) < 3 {
			t.Fatalf("exceptions.txt: %q: expected PATH LINES REASON", line)
		}
		count, err := strconv.Atoi(words[1])
		if err != nil || entries[words[0]] != nil {
			t.Fatalf("exceptions.txt: %q: expected a number of lines, and one entry for each thing", line)
		}
		entries[words[0]] = &exception{lines: count}
	}
	return entries
}

// TestSize: files and functions stay small enough to be read at once.
func TestSize(t *testing.T) {
	const reason = "a reader holds one subject at a time; split it by subject (exceptions.txt may only shrink)"
	allowed := exceptions(t)
	if len(allowed) != mostExceptions {
		t.Errorf("exceptions.txt has %d entries and mostExceptions is %d: the list may only shrink, and the number with it", len(allowed), mostExceptions)
	}
	judge := func(name string, lines, budget int) {
		entry := allowed[name]
		switch {
		case entry != nil && lines <= budget:
			entry.used = true
			t.Errorf("exceptions.txt: %s has %d lines, within the budget of %d: take the entry out", name, lines, budget)
		case entry != nil:
			entry.used = true
			if lines != entry.lines {
				t.Errorf("exceptions.txt: %s has %d lines and the entry says %d: it may only shrink, and the entry with it", name, lines, entry.lines)
			}
		case lines > budget:
			complain(t, "%s has %d lines, the budget is %d: %s", name, lines, budget, reason)
		}
	}
	for _, f := range all(t) {
		if f.generated {
			continue
		}
		judge(f.path, f.lines(wholeFile{f.syntax}), fileBudget(f))
		if f.test {
			continue
		}
		for _, declared := range f.syntax.Decls {
			if fn, ok := declared.(*ast.FuncDecl); ok && fn.Body != nil {
				judge(f.path+":"+functionName(fn), f.lines(fn.Body), functionBudget(f, fn))
			}
		}
	}
	for name, entry := range allowed {
		if !entry.used {
			t.Errorf("exceptions.txt: there is no %s any more: take the entry out", name)
		}
	}
}

// wholeFile is a file from its first line, not from its package clause.
type wholeFile struct{ *ast.File }

// Pos is the first position of the file.
func (w wholeFile) Pos() token.Pos { return w.FileStart }

// End is the last position of the file.
func (w wholeFile) End() token.Pos { return w.FileEnd - 1 }

func fileBudget(f *file) int {
	if within(f.folder(), "internal/python/parse", "internal/python/token") {
		return grammarLines
	}
	return fileLines
}

// functionBudget is larger for a function that is nearly all one switch or one table.
func functionBudget(f *file, fn *ast.FuncDecl) int {
	for n := range ast.Preorder(fn.Body) {
		switch n.(type) {
		case *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.CompositeLit:
			if 4*f.lines(n) >= 3*f.lines(fn.Body) {
				return tableLines
			}
		}
	}
	return functionLines
}

// functionName is the name of a function, with its receiver's type before it.
func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	return fmt.Sprintf("%s.%s", receiver(fn), fn.Name.Name)
}

// receiver is the name of the type that a method belongs to.
func receiver(fn *ast.FuncDecl) string {
	for n := range ast.Preorder(fn.Recv.List[0].Type) {
		if name, ok := n.(*ast.Ident); ok {
			return name.Name
		}
	}
	return ""
}
