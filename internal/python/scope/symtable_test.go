package scope

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// symtableScript prints, for every file named on its standard input, one JSON object: the path, and for every scope
// a line "kind name lineno name=class...". The classes are those of CPython's symtable.c, read from the raw flags
// because the symtable module does not tell cells from locals.
const symtableScript = `
import json, sys, _symtable
CLASS = {1: "local", 2: "global", 3: "global", 4: "free", 5: "cell"}
KIND = {_symtable.TYPE_FUNCTION: "function", _symtable.TYPE_CLASS: "class", _symtable.TYPE_MODULE: "module"}
def walk(table, classes, out):
    kind = KIND[table.type]
    if kind == "class":
        classes = classes + [table.name.lstrip("_")]
    names = []
    for name, flags in table.symbols.items():
        if name.startswith(".") or name == "__class__":
            continue
        for c in classes[-1:]:
            if c and name.startswith("_" + c + "__"):
                name = name[len(c) + 1:]
        what = CLASS[flags >> _symtable.SCOPE_OFF & _symtable.SCOPE_MASK]
        names.append(name + "=" + ("module" if kind == "module" else what))
    out.append(" ".join([kind, table.name, str(table.lineno)] + sorted(names)))
    for child in table.children:
        walk(child, classes, out)
for path in sys.stdin.read().split("\n"):
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        table = _symtable.symtable(text, path, "exec")
    except (SyntaxError, ValueError, RecursionError):
        continue
    out = []
    walk(table, [], out)
    print(json.dumps({"path": path, "scopes": sorted(out)}))
`

// TestSymtable compares the class of every name in every scope with CPython's own, on the files of its library. It
// wants an interpreter before 3.12, which began to merge comprehensions into the scope around them (PEP 709).
func TestSymtable(t *testing.T) {
	python, lib := interpreter()
	if python == "" {
		t.Skip("no Python from 3.8 to 3.11 to compare with")
	}
	paths := library(t, lib)
	command := exec.Command(python, "-c", symtableScript)
	command.Stdin = strings.NewReader(strings.Join(paths, "\n"))
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", python, err)
	}
	tree := ast.NewTree(nil)
	var a Analysis
	files, failures := 0, 0
	for line := range bytes.Lines(output) {
		var want struct {
			Path   string
			Scopes []string
		}
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		source, err := os.ReadFile(want.Path)
		if err != nil {
			t.Fatal(err)
		}
		parse.File(tree, string(source), parse.Options{})
		a.Run(tree)
		files++
		if got := render(&a); !slices.Equal(got, want.Scopes) && failures < 5 {
			failures++
			t.Errorf("%s: %s", want.Path, firstDifference(got, want.Scopes))
		}
	}
	t.Logf("%s: %d files compared", python, files)
	if files < 50 {
		t.Errorf("only %d of %d files were compared", files, len(paths))
	}
}

// interpreter finds a Python from 3.8 to 3.11 and its library; empty if there is none.
func interpreter() (python, lib string) {
	for _, name := range []string{"python3.11", "python3.10", "python3.9", "python3.8", "python3"} {
		out, err := exec.Command(name, "-c",
			"import sys, sysconfig; sys.version_info < (3, 12) and print(sysconfig.get_path('stdlib'))").Output()
		if lib := strings.TrimSpace(string(out)); err == nil && lib != "" {
			return name, lib
		}
	}
	return "", ""
}

// library gives some hundred files: all at the top of the library, and the tests that are about scopes.
func library(t *testing.T, lib string) []string {
	var paths []string
	for _, pattern := range []string{"*.py", "asyncio/*.py", "test/test_scope.py", "test/test_named_expressions.py",
		"test/test_symtable.py", "test/test_super.py", "test/test_generators.py", "test/test_patma.py"} {
		found, err := filepath.Glob(filepath.Join(lib, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	return paths
}

// render gives the scopes of a in the form of the script.
func render(a *Analysis) []string {
	classes := make([]map[string]string, len(a.Scopes))
	for i := range classes {
		classes[i] = map[string]string{}
	}
	for i := range a.names {
		classify(a, &a.names[i], classes)
	}
	var out []string
	for i := range a.Scopes {
		var names []string
		for name, class := range classes[i] {
			if i == 0 {
				class = "module"
			}
			names = append(names, name+"="+class)
		}
		sort.Strings(names)
		out = append(out, strings.TrimSpace(title(a, ID(i))+" "+strings.Join(names, " ")))
	}
	sort.Strings(out)
	return out
}

// classify notes the class of one name in its scope, and that it passes through the scopes on the way out.
func classify(a *Analysis, n *name, classes []map[string]string) {
	text := a.tree.Text(n.ident)
	if text == "__class__" {
		return
	}
	symbol := a.Symbols[n.sym]
	switch {
	case n.flags&Global != 0:
		classes[n.scope][text] = "global"
		classes[0][text] = "module" // the symtable lists it there even if nothing binds it
	case n.flags&own == Bound:
		if classes[n.scope][text] == "" {
			classes[n.scope][text] = "local"
		}
	case n.sym == 0 || symbol.Scope == 0:
		classes[n.scope][text] = "global"
	default:
		classes[n.scope][text] = "free"
		classes[symbol.Scope][text] = "cell"
		for s := a.Scopes[n.scope].Parent; s != symbol.Scope; s = a.Scopes[s].Parent {
			if _, ok := a.byName.get(key(s, n.ident)); !ok {
				classes[s][text] = "free"
			}
		}
	}
}

// title names a scope as the symtable does.
func title(a *Analysis, s ID) string {
	t := a.tree
	n := a.Scopes[s].Node
	line, _ := t.Position(t.Pos(n))
	switch t.Kind(n) {
	case ast.KindModule:
		return "module top 0"
	case ast.KindClassDef:
		return fmt.Sprintf("class %s %d", t.Text(t.Class(n).Name), line)
	case ast.KindFunctionDef, ast.KindAsyncFunctionDef:
		return fmt.Sprintf("function %s %d", t.Text(t.Function(n).Name), line)
	case ast.KindLambda:
		return fmt.Sprintf("function lambda %d", line)
	case ast.KindListComp:
		return fmt.Sprintf("function listcomp %d", line)
	case ast.KindSetComp:
		return fmt.Sprintf("function setcomp %d", line)
	case ast.KindDictComp:
		return fmt.Sprintf("function dictcomp %d", line)
	}
	return fmt.Sprintf("function genexpr %d", line)
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			return "missing: " + want[i]
		case i >= len(want):
			return "too much: " + got[i]
		case got[i] != want[i]:
			return fmt.Sprintf("\n got %s\nwant %s", got[i], want[i])
		}
	}
	return "equal"
}
