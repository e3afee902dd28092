package program_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// TestImportCycle links 10,000 modules that import and call each other in one circle: it ends, and every call is found.
func TestImportCycle(t *testing.T) {
	const modules = 10_000
	x := extract.New()
	files := make([]*fact.File, modules)
	for i := range files {
		next := (i + 1) % modules
		text := fmt.Sprintf("from m%05d import f%d\ndef f%d():\n    return f%d()\n", next, next, i, next)
		files[i] = x.Extract(fmt.Sprintf("m%05d.py", i), text)
	}
	p := program.Build(files, catalog.Builtin().With(nil), program.Options{Workers: 2})
	p.Collect()
	for i := range files {
		if calls := p.Calls(program.FileID(i)); len(calls) != 1 || len(calls[0].Targets) != 1 {
			t.Fatalf("%s: the call of the next module's function has no single target: %+v", files[i].Path, calls)
		}
	}
}

// TestDenseCallGraph links a million calls: in each of 100 modules, 100 functions call each other.
func TestDenseCallGraph(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 15 MB")
	}
	const size = 100
	var body strings.Builder
	for range size {
		body.WriteString("def f%[1]d():\n")
		for j := range size {
			fmt.Fprintf(&body, "    f%d()\n", j)
		}
	}
	text := body.String()
	for i := range size {
		text = strings.Replace(text, "%[1]d", fmt.Sprint(i), 1)
	}
	x := extract.New()
	files := make([]*fact.File, size)
	for i := range files {
		files[i] = x.Extract(fmt.Sprintf("e%03d.py", i), text)
	}
	p := program.Build(files, catalog.Builtin().With(nil), program.Options{Workers: 2})
	p.Collect()
	edges := 0
	for i := range files {
		for _, call := range p.Calls(program.FileID(i)) {
			edges += len(call.Targets)
		}
	}
	if edges != size*size*size {
		t.Errorf("%d calls linked, want %d", edges, size*size*size)
	}
}

// TestNumbersFromEachOther asks for a number in a loop where each variable is computed from all others: it ends.
func TestNumbersFromEachOther(t *testing.T) {
	const names = 12
	var text strings.Builder
	text.WriteString("import time\n\n\ndef tune(seed):\n")
	for i := range names {
		fmt.Fprintf(&text, "    v%d = seed\n", i)
	}
	text.WriteString("    while seed:\n")
	for i := range names {
		fmt.Fprintf(&text, "        v%d = min(", i)
		for j := range names {
			fmt.Fprintf(&text, "v%d, ", j)
		}
		text.WriteString("1)\n")
	}
	text.WriteString("        if v0 > 5:\n            raise ValueError(v0)\n        time.sleep(v1)\n")
	p := program.Build([]*fact.File{extract.New().Extract("tune.py", text.String())}, catalog.Builtin().With(nil), program.Options{Workers: 1})
	p.Collect()
	if len(p.Calls(0)) != names+2 {
		t.Errorf("%d calls", len(p.Calls(0)))
	}
}
