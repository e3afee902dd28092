package learn

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// What a layer needs: how many imports lead from the upper package to the lower one, and how many times as many as lead
// back.
const (
	minImports   = 6
	importsRatio = 12
)

// edge is an import of one package by another.
type edge struct{ from, to string }

// layers mines which packages are below which: those that import another often and are hardly ever imported by it. All
// packages that one stays clear of are told together.
func (m *miner) layers() {
	imports := map[edge][]member{}
	for file := range m.p.Files {
		if m.own[file] {
			m.importsOf(program.FileID(file), imports)
		}
	}
	above := map[string][]string{}
	for e, list := range imports {
		back := imports[edge{e.to, e.from}]
		if len(list) >= minImports && len(back)*importsRatio <= len(list) {
			above[e.to] = append(above[e.to], e.from)
		}
	}
	lower := make([]string, 0, len(above))
	for name := range above {
		slices.Sort(above[name])
		lower = append(lower, name)
	}
	slices.Sort(lower)
	for _, name := range lower {
		m.layer(name, above[name], imports)
	}
}

// importsOf notes which packages a file imports: of siblings under one folder, the folders or modules themselves.
func (m *miner) importsOf(file program.FileID, imports map[edge][]member) {
	from := m.moduleOf(file)
	facts := m.p.Files[file]
	seen := map[edge]bool{}
	for _, to := range m.p.Imported(file) {
		imported := &facts.Imports[to.Import]
		if to.Path == "" || imported.TypeChecking {
			continue
		}
		e, ok := siblings(from, to.Path)
		if !ok || seen[e] {
			continue
		}
		seen[e] = true
		imports[e] = append(imports[e], member{
			at: m.place(file, imported.Span), fn: program.Func{File: file, Scope: imported.Scope},
			text: "imports " + strings.ReplaceAll(to.Path, "/", "."),
		})
	}
}

// siblings gives the two packages below the folder that both modules have in common; ok is false where one holds the
// other.
func siblings(from, to string) (e edge, ok bool) {
	a, b := strings.Split(from, "/"), strings.Split(to, "/")
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	if n == len(a) || n == len(b) || n == 0 {
		return edge{}, false
	}
	return edge{strings.Join(a[:n+1], "/"), strings.Join(b[:n+1], "/")}, true
}

// layer adds what one package stays clear of.
func (m *miner) layer(name string, above []string, imports map[edge][]member) {
	v := Invariant{
		Kind: Layer, Guard: program.Dependency, Effect: program.Import, Subject: name, Habit: "imports none of those above",
		Scope: Scope{InPackage, path.Dir(name)}, Base: 0.5,
	}
	for _, up := range above {
		down := imports[edge{up, name}]
		v.Kept += len(down)
		for _, d := range down {
			if len(v.Examples) < maxExamples {
				v.Examples = append(v.Examples, d.at)
			}
		}
		for _, back := range imports[edge{name, up}] {
			v.Deviants = append(v.Deviants, Deviant{At: back.at, Func: back.fn, Text: back.text})
		}
	}
	v.Total = v.Kept + len(v.Deviants)
	v.Modules = above
	sortDeviants(v.Deviants)
	v.Statement = fmt.Sprintf("%s imports nothing of %s, which import it", name, names(above, path.Dir(name)))
	if len(above) == 1 {
		v.Statement = fmt.Sprintf("%s imports nothing of %s, which imports it", name, names(above, path.Dir(name)))
	}
	m.found = append(m.found, v)
}

// maxNamed is how many modules a statement names.
const maxNamed = 4

// names lists modules without the folder they have in common, the first few of many.
func names(modules []string, dir string) string {
	short := make([]string, 0, len(modules))
	for _, name := range modules {
		short = append(short, strings.TrimPrefix(name, dir+"/"))
	}
	slices.SortStableFunc(short, func(a, b string) int { return cmp.Compare(a, b) })
	if len(short) > maxNamed {
		return strings.Join(short[:maxNamed], ", ") + fmt.Sprintf(" and %d others", len(short)-maxNamed)
	}
	if len(short) == 1 {
		return short[0]
	}
	return strings.Join(short[:len(short)-1], ", ") + " and " + short[len(short)-1]
}
