package program

import (
	"fmt"
	"hash/fnv"
	"io"
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Callee is a function that files call which it does not belong to, named so that two programs can be compared.
type Callee struct {
	Path  string
	Scope fact.Scope
}

// CalleeOf names a function.
func (p *Program) CalleeOf(fn Func) Callee { return Callee{p.Files[fn.File].Path, fn.Scope} }

// Influence gives, for each function of another file that some files call, what every question about its callers can
// learn from these calls: a number for each call, sorted, the same in two programs where they say the same. It costs what it costs to ask
// all such questions of these calls.
func (p *Program) Influence(inner func(FileID) bool) map[Callee][]uint64 {
	v := voice{p: p, known: map[heard]uint64{}}
	calls := map[Callee][]uint64{}
	for site, target := range p.callsOutside(inner) {
		callee := p.CalleeOf(target)
		calls[callee] = append(calls[callee], v.ofCall(site, maxCallerDepth))
	}
	for _, said := range calls {
		slices.Sort(said)
	}
	return calls
}

// voice sums up what calls say to questions about callers.
type voice struct {
	p     *Program
	known map[heard]uint64
}

type heard struct {
	fn    Func
	depth int
}

// ofCall sums up one call: the guards that it gives, its arguments, and what the calls of the calling function say.
func (v *voice) ofCall(site CallSite, depth int) uint64 {
	p, call, sum := v.p, v.p.Call(site), fnv.New64a()
	eval := p.Eval(site.File)
	fmt.Fprintln(sum, p.Files[site.File].Path, p.Symbol(Func{site.File, call.Func}))
	for _, ask := range callerGuards {
		guards, holds := ask(eval, site)
		fmt.Fprintln(sum, holds)
		for i := range guards {
			v.guard(sum, &guards[i])
		}
	}
	facts := p.Files[site.File]
	for _, argument := range facts.OperandsOf(call.Expr) {
		x := &facts.Exprs[argument]
		if x.Kind == fact.Keyword {
			fmt.Fprint(sum, facts.Text(x.Text), "=")
			argument = x.A
		}
		ref := ExprRef{site.File, argument}
		fmt.Fprintln(sum, x.Kind, p.Text(ref), eval.writtenOut(ref), eval.isParameter(ref))
	}
	fmt.Fprintln(sum, v.ofCallers(Func{site.File, call.Func}, depth-1))
	return sum.Sum64()
}

// guard writes a guard, with the place that is told of it.
func (v *voice) guard(w io.Writer, g *Guard) {
	if g.Kind == "" {
		return
	}
	fmt.Fprintln(w, g.Kind, g.From, g.Text, g.Seconds, g.Number, g.Weak)
	if g.Where.Span != (fact.Span{}) {
		fmt.Fprintln(w, v.p.Files[g.Where.File].Path, g.Where.Span)
	}
}

// ofCallers sums up the calls of a function.
func (v *voice) ofCallers(fn Func, depth int) uint64 {
	if depth == 0 || fn.Scope < 0 {
		return 0
	}
	key := heard{fn, depth}
	if sum, ok := v.known[key]; ok {
		return sum
	}
	var calls []uint64
	for _, site := range v.p.Callers(fn) {
		calls = append(calls, v.ofCall(site, depth))
	}
	slices.Sort(calls)
	sum := fnv.New64a()
	fmt.Fprintln(sum, calls)
	v.known[key] = sum.Sum64()
	return v.known[key]
}
