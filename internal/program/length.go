package program

import (
	"math"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// lengthOf is how many items an iterable has, NaN where that cannot be shown.
func (e *Eval) lengthOf(ref ExprRef, depth int) float64 {
	if e.writtenOut(ref) {
		ref = e.Origin(ref)
		facts := e.p.Files[ref.File]
		n := len(facts.List(facts.Exprs[ref.Expr].Ops))
		if facts.Exprs[ref.Expr].Kind == fact.DictDisplay {
			n /= 2
		}
		return float64(n)
	}
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	switch {
	case depth == 0:
	case x.Kind == fact.Subscript && facts.Exprs[x.B].Kind == fact.Slice:
		if part := &facts.Exprs[x.B]; part.A == 0 && part.C == 0 && part.B != 0 {
			if n := e.Number(ExprRef{ref.File, part.B}); n.Known && !n.None && n.Value >= 0 {
				return n.Value
			}
		}
	case x.Kind == fact.Call:
		args := facts.OperandsOf(ref.Expr)
		callee := &facts.Exprs[x.A]
		if callee.Kind == fact.Attr && len(args) == 0 {
			switch facts.Text(callee.Text) {
			case "items", "values", "keys":
				return e.lengthOf(ExprRef{ref.File, callee.A}, depth-1)
			}
		}
		switch path := e.One(ExprRef{ref.File, x.A}).Path; path {
		case "builtins.range":
			return e.rangeLength(ref.File, args)
		case "builtins.enumerate", "builtins.zip", "builtins.sorted", "builtins.list", "builtins.set", "builtins.reversed", "builtins.tuple":
			if len(args) > 0 {
				return e.lengthOf(ExprRef{ref.File, args[0]}, depth-1)
			}
		}
	}
	return math.NaN()
}
