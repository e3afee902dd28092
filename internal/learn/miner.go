package learn

import (
	"path"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// Mine gives the invariants that a program keeps, the most telling first. It collects all sites. Cost: linear in the
// facts, plus the callers of each function.
func Mine(p *program.Program) []Invariant {
	p.Collect()
	m := &miner{p: p, own: make([]bool, len(p.Files))}
	for file := range p.Files {
		m.own[file] = !p.IsTest(program.FileID(file)) && !isAuxiliary(p.Files[file].Path)
	}
	for _, mine := range miners {
		mine(m)
	}
	return settle(m.found)
}

// miners look for one kind of habit each.
var miners = []func(*miner){
	(*miner).guards,
	(*miner).locks,
	(*miner).writeOnce,
	(*miner).layers,
	(*miner).factories,
	(*miner).ranges,
	(*miner).callees,
	(*miner).functions,
}

// miner is one run over one program.
type miner struct {
	p *program.Program
	// own says of each file whether it is code that runs in production.
	own   []bool
	found []Invariant
}

// isAuxiliary reports whether a file is run by its developers only, or was written by another project.
func isAuxiliary(name string) bool {
	dirs := strings.Split(path.Dir(name), "/")
	for _, dir := range dirs {
		switch dir {
		case "test", "tests", "testing", "doc", "docs", "docs_src", "doctests", "example", "examples", "benchmark", "benchmarks", "bench",
			"samples", "t", "funtests", "migrations", "alembic", "revisions", "vendor", "_vendor", "third_party", "node_modules":
			return true
		}
	}
	switch path.Base(name) {
	case "setup.py", "noxfile.py", "conftest.py", "fabfile.py", "tasks.py":
		return path.Dir(name) == "." || path.Base(name) == "conftest.py"
	}
	return false
}

// moduleOf is the path of a file without its suffix, a package's for its __init__.
func (m *miner) moduleOf(file program.FileID) string {
	name := strings.TrimSuffix(m.p.Files[file].Path, ".py")
	return strings.TrimSuffix(name, "/__init__")
}

// packageOf is the folder of a file.
func (m *miner) packageOf(file program.FileID) string {
	if dir := path.Dir(m.p.Files[file].Path); dir != "." {
		return dir
	}
	return ""
}

// classOf is the class around a function, false where there is none.
func (m *miner) classOf(fn program.Func) (program.Func, bool) {
	class := m.p.Files[fn.File].Class(fn.Scope)
	return program.Func{File: fn.File, Scope: class}, class != fact.NoScope
}

// place is where a finding about a call or function stands.
func (m *miner) place(file program.FileID, span fact.Span) program.Place {
	return program.Place{File: file, Span: span}
}

// line is what an expression says, short enough for a list.
func (m *miner) line(ref program.ExprRef) string { return shorten(m.p.Text(ref)) }

// maxText bounds what of a place is shown in a list, in bytes.
const maxText = 90

func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
