package regress

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// Correspondence says what became of the functions of base in head.
type Correspondence struct {
	change *change
	moved  map[program.Func]*pair
}

// Match finds what became of every function, without judging anything.
func Match(base, head *program.Program, options Options) *Correspondence {
	m := &Correspondence{change: newChange(base, head, options), moved: map[program.Func]*pair{}}
	for _, p := range m.change.pairs {
		m.moved[p.base.fn()] = p
	}
	return m
}

// named gives the innermost function, class or module around fn, for lambdas and comprehensions.
func named(p *program.Program, fn program.Func) program.Func {
	scopes := p.Files[fn.File].Scopes
	for {
		switch scopes[fn.Scope].Kind {
		case fact.FunctionScope, fact.ClassScope, fact.ModuleScope:
			return fn
		}
		fn.Scope = scopes[fn.Scope].Parent
	}
}

// Function gives the function of head that fn of base became; found is false where it became none. Classes and
// modules are functions here, and a lambda stands for the function around it.
func (m *Correspondence) Function(fn program.Func) (counterpart program.Func, found bool) {
	fn = named(m.change.base, fn)
	path := m.change.base.Files[fn.File].Path
	if m.change.identical[path] {
		return program.Func{File: m.change.byPath[1][path], Scope: fn.Scope}, true
	}
	if p := m.moved[fn]; p != nil {
		return p.head.fn(), true
	}
	headPath := m.change.headPath[path]
	if headPath == "" {
		return program.Func{}, false
	}
	b := m.change.bodyOf(0, fn)
	if b == nil {
		return program.Func{}, false
	}
	h := m.change.source(1, m.change.byPath[1][headPath]).byName[b.key]
	if h == nil {
		return program.Func{}, false
	}
	return h.fn(), true
}

// Path gives the path in head of a file of base, which differs where the file was renamed; "" where it is gone.
func (m *Correspondence) Path(path string) string {
	if m.change.identical[path] {
		return path
	}
	return m.change.headPath[path]
}

// Sites joins sites of one effect on both sides: the result has for each site of head the index of the site of base
// that it was, or -1 where the change added it. Both slices must be in the order of program.Sites.
func (m *Correspondence) Sites(base, head []program.Site) []int {
	result := filled(len(head))
	inHead := map[program.Func][]int{}
	for j := range head {
		fn := named(m.change.head, head[j].Func)
		inHead[fn] = append(inHead[fn], j)
	}
	for i := 0; i < len(base); {
		end := i
		for end < len(base) && base[end].Func.File == base[i].Func.File {
			end++
		}
		m.fileSites(base[i:end], i, head, inHead, result)
		i = end
	}
	return result
}

// fileSites joins the sites of one file of base, which start at offset.
func (m *Correspondence) fileSites(base []program.Site, offset int, head []program.Site, inHead map[program.Func][]int, result []int) {
	byFunc := map[program.Func][]int{}
	var order []program.Func
	for i := range base {
		fn := named(m.change.base, base[i].Func)
		if byFunc[fn] == nil {
			order = append(order, fn)
		}
		byFunc[fn] = append(byFunc[fn], i)
	}
	for _, fn := range order {
		to, found := m.Function(fn)
		if !found {
			continue
		}
		m.functionSites(base, byFunc[fn], offset, head, inHead[to], m.moved[fn], result)
	}
}

// functionSites joins the sites of two functions: those of equal text, then those at joined statements, then those
// that do the same, each in order.
func (m *Correspondence) functionSites(base []program.Site, own []int, offset int, head []program.Site, other []int, p *pair, result []int) {
	used := map[int]bool{}
	join := func(same func(b, h *program.Site) bool) {
		for _, i := range own {
			if used[i] {
				continue
			}
			for _, j := range other {
				if result[j] < 0 && same(&base[i], &head[j]) {
					result[j], used[i] = offset+i, true
					break
				}
			}
		}
	}
	join(func(b, h *program.Site) bool { return b.What == h.What && b.Text == h.Text })
	if p != nil {
		join(func(b, h *program.Site) bool { return p.joins(b, h) && lastPart(b.What) == lastPart(h.What) })
	}
	join(func(b, h *program.Site) bool { return b.What == h.What })
	if p != nil {
		join(func(b, h *program.Site) bool { return p.joins(b, h) })
	}
}

// joins says whether the sites stand at statements of which one became the other.
func (p *pair) joins(b, h *program.Site) bool {
	i, j := p.base.atomAt(b.At.Span), p.head.atomAt(h.At.Span)
	return i >= 0 && j >= 0 && p.counterpart[i] == j
}

// atomAt gives the innermost atom whose own expressions or statement contain the span; -1 where there is none.
func (b *body) atomAt(span fact.Span) int {
	best := -1
	for i := range b.lower() {
		whole := b.Stmts[b.atoms[i].stmt].Span
		if whole.Start <= span.Start && span.End <= whole.End {
			best = i
		}
	}
	return best
}
