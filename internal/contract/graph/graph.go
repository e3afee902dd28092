package graph

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// Module is the index of a module; they are in the order of their paths.
type Module int32

// Import is one module's import of another. Where a module imports another several times it is the first.
type Import struct {
	To Module
	// Tag is the number that the builder was given.
	Tag int32
	// Typing is true where every import of the pair is for type checkers only.
	Typing bool
}

// Graph is immutable and may be asked concurrently.
type Graph struct {
	paths   []string
	imports [][]Import
	into    [][]Module
}

// Builder collects modules and imports. The zero value is not ready; use NewBuilder.
type Builder struct {
	index map[string]int32
	paths []string
	edges []edge
}

type edge struct {
	from, to, tag int32
	typing        bool
}

// NewBuilder gives an empty builder.
func NewBuilder() *Builder { return &Builder{index: map[string]int32{}} }

// Add makes sure that there is a module with this path.
func (b *Builder) Add(path string) { b.add(path) }

func (b *Builder) add(path string) int32 {
	if id, ok := b.index[path]; ok {
		return id
	}
	id := int32(len(b.paths))
	b.index[path] = id
	b.paths = append(b.paths, path)
	return id
}

// Link adds an import; one of a module by itself is none.
func (b *Builder) Link(from, to string, tag int32, typing bool) {
	if from != to {
		b.edges = append(b.edges, edge{b.add(from), b.add(to), tag, typing})
	}
}

// Graph puts the modules into order. The builder must not be used afterwards.
func (b *Builder) Graph() *Graph {
	order := make([]int32, len(b.paths))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return strings.Compare(b.paths[x], b.paths[y]) })
	place := make([]int32, len(order))
	g := &Graph{paths: make([]string, len(order)), imports: make([][]Import, len(order)), into: make([][]Module, len(order))}
	for at, old := range order {
		place[old] = int32(at)
		g.paths[at] = b.paths[old]
	}
	for i := range b.edges {
		b.edges[i].from, b.edges[i].to = place[b.edges[i].from], place[b.edges[i].to]
	}
	slices.SortFunc(b.edges, func(x, y edge) int {
		return cmp.Or(cmp.Compare(x.from, y.from), cmp.Compare(x.to, y.to), cmp.Compare(x.tag, y.tag))
	})
	for _, e := range b.edges {
		list := g.imports[e.from]
		if last := len(list) - 1; last >= 0 && list[last].To == Module(e.to) {
			if list[last].Typing && !e.typing { // the one that counts in any case stands for both
				list[last].Typing, list[last].Tag = false, e.tag
			}
			continue
		}
		g.imports[e.from] = append(list, Import{To: Module(e.to), Tag: e.tag, Typing: e.typing})
		g.into[e.to] = append(g.into[e.to], Module(e.from))
	}
	return g
}

// Len is how many modules there are.
func (g *Graph) Len() int { return len(g.paths) }

// Path is a module's path.
func (g *Graph) Path(m Module) string { return g.paths[m] }

// Imports are those of a module, in the order of what they import. The slice belongs to the graph.
func (g *Graph) Imports(m Module) []Import { return g.imports[m] }

// Find gives the module of a path.
func (g *Graph) Find(path string) (Module, bool) {
	at, ok := slices.BinarySearch(g.paths, path)
	return Module(at), ok
}

// Package gives the module of a path, where there is one, and all below it.
func (g *Graph) Package(path string) []Module {
	var all []Module
	if m, ok := g.Find(path); ok {
		all = append(all, m)
	}
	for at := sort.SearchStrings(g.paths, path+"/"); at < len(g.paths) && strings.HasPrefix(g.paths[at], path+"/"); at++ {
		all = append(all, Module(at))
	}
	return all
}

// Children gives the paths directly below a path, of modules and of folders of modules.
func (g *Graph) Children(path string) []string {
	var all []string
	for _, m := range g.Package(path) {
		rest, ok := strings.CutPrefix(g.paths[m], path+"/")
		if !ok {
			continue
		}
		child, _, _ := strings.Cut(rest, "/")
		if child = path + "/" + child; len(all) == 0 || all[len(all)-1] != child {
			all = append(all, child)
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(all)))
}
