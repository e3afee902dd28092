package graph

// Set is a set of modules of one graph.
type Set struct{ in []bool }

// NewSet gives the set of some modules.
func (g *Graph) NewSet(of ...[]Module) *Set {
	s := &Set{in: make([]bool, len(g.paths))}
	for _, list := range of {
		for _, m := range list {
			s.in[m] = true
		}
	}
	return s
}

// Has says whether the module is in the set; a nil set is empty.
func (s *Set) Has(m Module) bool { return s != nil && s.in[m] }

// Question asks which imports lead from some modules to others.
type Question struct {
	From, To []Module
	// Without are modules that no way may lead through; nil for none.
	Without *Set
	// Ignored says which imports do not count; nil counts all.
	Ignored func(from Module, i *Import) bool
	// Direct asks for imports of To itself only.
	Direct bool
}

// Way is an import of a module outside From by one of From that leads to one of To: From[0] imports Steps[0].To, which
// imports Steps[1].To and so on, the last of which is in To.
type Way struct {
	From  Module
	Steps []Import
}

// To is where the way ends.
func (w *Way) To() Module { return w.Steps[len(w.Steps)-1].To }

// Leading gives every import that answers the question, each with a shortest way, in the order of the importers. Modules
// that are in From and To are asked for nothing.
func (g *Graph) Leading(q *Question) []Way {
	next := g.approach(q)
	from, to := g.NewSet(q.From), g.NewSet(q.To)
	var ways []Way
	for _, m := range q.From {
		if to.Has(m) {
			continue
		}
		for i := range g.imports[m] {
			first := &g.imports[m][i]
			if from.Has(first.To) && !to.Has(first.To) || q.ignores(m, first) {
				continue
			}
			if to.Has(first.To) {
				ways = append(ways, Way{m, []Import{*first}})
			} else if next != nil && next[first.To] != nil {
				ways = append(ways, Way{m, g.follow(first, next, to)})
			}
		}
	}
	return ways
}

func (q *Question) ignores(from Module, i *Import) bool {
	return q.Ignored != nil && q.Ignored(from, i)
}

// approach finds for each module outside of From and To the import by which it comes nearest to To, breadth first from there
// backwards.
func (g *Graph) approach(q *Question) []*Import {
	if q.Direct {
		return nil
	}
	next := make([]*Import, len(g.paths))
	closed := g.NewSet(q.From, q.To)
	queue := append([]Module(nil), q.To...)
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, m := range g.into[at] {
			if closed.Has(m) || q.Without.Has(m) || next[m] != nil {
				continue
			}
			if i := g.importOf(m, at); !q.ignores(m, i) {
				next[m] = i
				queue = append(queue, m)
			}
		}
	}
	return next
}

// importOf gives the import of one module by another that is known to import it.
func (g *Graph) importOf(m, of Module) *Import {
	list := g.imports[m]
	low, high := 0, len(list)
	for low < high {
		middle := (low + high) / 2
		if list[middle].To < of {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return &list[low]
}

func (g *Graph) follow(first *Import, next []*Import, to *Set) []Import {
	steps := []Import{*first}
	for at := first.To; !to.Has(at); {
		i := next[at]
		steps = append(steps, *i)
		at = i.To
	}
	return steps
}
