package graph

import "slices"

// Link is an import between two of several packages side by side.
type Link struct {
	// From and To are places in the list of packages.
	From, To int
	// Importer and Import are the first import that makes the link; Count is how many there are.
	Importer Module
	Import   Import
	Count    int
}

// Cycle is a set of packages each of which leads to every other, with a shortest circle through the first.
type Cycle struct {
	// Members are places in the list of packages, in their order.
	Members []int
	// Circle begins and ends at a member; the To of each link is the From of the next.
	Circle []Link
}

// Cycles finds where packages, given by their paths, import each other in a circle. Imports through modules outside of them
// are not followed. Ignored says which imports do not count; nil counts all.
func (g *Graph) Cycles(packages []string, ignored func(from Module, i *Import) bool) []Cycle {
	links := g.links(packages, ignored)
	var cycles []Cycle
	for _, members := range components(links) {
		if len(members) > 1 {
			cycles = append(cycles, Cycle{Members: members, Circle: circle(links, members)})
		}
	}
	return cycles
}

// links gives the links of each package, in the order of their targets.
func (g *Graph) links(packages []string, ignored func(Module, *Import) bool) [][]Link {
	of := make([]int, len(g.paths))
	for i := range of {
		of[i] = -1
	}
	for i, path := range packages {
		for _, m := range g.Package(path) {
			of[m] = i
		}
	}
	links := make([][]Link, len(packages))
	for m := range g.imports {
		from := of[m]
		if from < 0 {
			continue
		}
		for i := range g.imports[m] {
			one := &g.imports[m][i]
			to := of[one.To]
			if to < 0 || to == from || ignored != nil && ignored(Module(m), one) {
				continue
			}
			at, ok := slices.BinarySearchFunc(links[from], to, func(l Link, to int) int { return l.To - to })
			if !ok {
				links[from] = slices.Insert(links[from], at, Link{From: from, To: to, Importer: Module(m), Import: *one})
			}
			links[from][at].Count++
		}
	}
	return links
}

// components gives the strongly connected components, each in order, in the order of their first members. It is Tarjan's
// algorithm with a stack of its own, so that a long chain of packages costs no goroutine stack.
func components(links [][]Link) [][]int {
	t := &tarjan{links: links, index: make([]int, len(links)), low: make([]int, len(links)), on: make([]bool, len(links))}
	for v := range links {
		if t.index[v] == 0 {
			t.visit(v)
		}
	}
	slices.SortFunc(t.found, func(a, b []int) int { return a[0] - b[0] })
	return t.found
}

type tarjan struct {
	links      [][]Link
	index, low []int
	on         []bool
	stack      []int
	count      int
	found      [][]int
}

func (t *tarjan) visit(root int) {
	type frame struct{ v, next int }
	enter := func(v int) frame {
		t.count++
		t.index[v], t.low[v] = t.count, t.count
		t.stack, t.on[v] = append(t.stack, v), true
		return frame{v: v}
	}
	frames := []frame{enter(root)}
	for len(frames) > 0 {
		f := &frames[len(frames)-1]
		if f.next < len(t.links[f.v]) {
			w := t.links[f.v][f.next].To
			f.next++
			if t.index[w] == 0 {
				frames = append(frames, enter(w))
			} else if t.on[w] {
				t.low[f.v] = min(t.low[f.v], t.index[w])
			}
			continue
		}
		v := f.v
		frames = frames[:len(frames)-1]
		if len(frames) > 0 {
			up := frames[len(frames)-1].v
			t.low[up] = min(t.low[up], t.low[v])
		}
		if t.low[v] == t.index[v] {
			t.close(v)
		}
	}
}

// close takes the component that begins at v off the stack.
func (t *tarjan) close(v int) {
	at := slices.Index(t.stack, v)
	members := slices.Clone(t.stack[at:])
	for _, w := range members {
		t.on[w] = false
	}
	t.stack = t.stack[:at]
	slices.Sort(members)
	t.found = append(t.found, members)
}

// circle finds a shortest way from the first member back to it.
func circle(links [][]Link, members []int) []Link {
	start := members[0]
	by := map[int]*Link{}
	queue := []int{start}
	for len(queue) > 0 {
		v := queue[0]
		queue = queue[1:]
		for i := range links[v] {
			l := &links[v][i]
			if l.To == start {
				way := []Link{*l}
				for at := v; at != start; at = by[at].From {
					way = append(way, *by[at])
				}
				slices.Reverse(way)
				return way
			}
			if by[l.To] == nil && isMember(members, l.To) {
				by[l.To] = l
				queue = append(queue, l.To)
			}
		}
	}
	return nil
}

func isMember(members []int, v int) bool {
	_, ok := slices.BinarySearch(members, v)
	return ok
}
