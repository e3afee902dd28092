package contract

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/contract/graph"
	"github.com/tiebeam/tiebeam/internal/program"
)

// modules are the modules of a program by the names that contracts use for them, and the graph of what imports what.
type modules struct {
	graph *graph.Graph
	// names are the dotted names of each path, the shortest first; paths is the other way round.
	names map[string][]string
	paths map[string][]string
	// roots are the first parts of all names, sorted all names.
	roots  map[string]bool
	sorted []string
	// files are those of the modules that have one.
	files map[string]program.FileID
}

// outside stands before the paths of modules that are not in the program, so that they mix with no folder.
const outside = "\x01"

// table gives the modules, which are looked through when the first contract on them is judged.
func (j *judge) table() *modules {
	if j.modules == nil {
		j.modules = newModules(j.Program, j.Clauses)
	}
	return j.modules
}

func newModules(p *program.Program, clauses []*Clause) *modules {
	t := &modules{names: map[string][]string{}, paths: map[string][]string{}, roots: map[string]bool{}, files: map[string]program.FileID{}}
	b := graph.NewBuilder()
	for file := range p.Files {
		id := program.FileID(file)
		path := p.Module(id)
		t.files[path] = id
		b.Add(path)
		t.name(path, p.Home(id))
	}
	abroad := t.leaves(clauses)
	for file := range p.Files {
		id := program.FileID(file)
		from := p.Module(id)
		for _, to := range p.Imported(id) {
			path := to.Path
			if path == "" {
				if !abroad {
					continue
				}
				if path = foreign(to.Dotted); path == "" {
					continue
				}
			}
			b.Link(from, path, int32(to.Import), p.Files[id].Imports[to.Import].TypeChecking)
		}
	}
	t.graph = b.Graph()
	for name := range t.paths {
		t.sorted = append(t.sorted, name)
	}
	slices.Sort(t.sorted)
	return t
}

// leaves says whether a contract asks for modules outside of the program, which are left out otherwise: most imports are.
func (t *modules) leaves(clauses []*Clause) bool {
	for _, c := range clauses {
		if c.Imports == nil {
			continue
		}
		if c.Imports.Kind == Allowed {
			return true
		}
		for _, p := range c.Imports.named() {
			if !p.Wild() && !t.roots[p.parts[0]] {
				return true
			}
		}
	}
	return false
}

// foreign is the path of a module outside of the program; empty for a relative import that leads nowhere.
func foreign(dotted string) string {
	if dotted == "" || strings.HasPrefix(dotted, ".") {
		return ""
	}
	return outside + strings.ReplaceAll(dotted, ".", "/")
}

// name notes the names of a module and of the folders around it.
func (t *modules) name(path, home string) {
	for path != "" && t.names[path] == nil {
		under := home
		if path == home || !strings.HasPrefix(path, home+"/") && home != "" {
			under = parent(path)
		}
		t.names[path] = moduleNames(path, under)
		for _, name := range t.names[path] {
			t.paths[name] = append(t.paths[name], path)
			first, _, _ := strings.Cut(name, ".")
			t.roots[first] = true
		}
		path = parent(path)
	}
}

func parent(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

// find gives the paths that a pattern names, in their order. A name that is not the program's own is that of a module
// outside; one that begins like the program's own and is not there gives none.
func (t *modules) find(p Pattern) []string {
	if !p.Wild() {
		name := strings.Join(p.parts, ".")
		if found := t.paths[name]; found != nil {
			return slices.Sorted(slices.Values(found))
		}
		if t.roots[p.parts[0]] {
			return nil
		}
		return []string{foreign(name)}
	}
	var found []string
	for _, name := range t.sorted {
		if p.Matches(name) {
			found = append(found, t.paths[name]...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// all gives what several patterns name.
func (t *modules) all(patterns []Pattern) []string {
	var found []string
	for _, p := range patterns {
		found = append(found, t.find(p)...)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// members gives the modules of paths, with all below them where they are packages.
func (t *modules) members(paths []string, packages bool) []graph.Module {
	var all []graph.Module
	for _, path := range paths {
		if packages {
			all = append(all, t.graph.Package(path)...)
		} else if m, ok := t.graph.Find(path); ok {
			all = append(all, m)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// display is a module's name for messages.
func (t *modules) display(path string) string {
	if names := t.names[path]; names != nil {
		return names[0]
	}
	return dotted(strings.TrimPrefix(path, outside))
}

// aliases are the names by which a pattern may mean a module.
func (t *modules) aliases(path string) []string {
	if names := t.names[path]; names != nil {
		return names
	}
	return []string{t.display(path)}
}
