package program

import (
	"math"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Number is what is known of an expression's numeric value. The zero Number is "nothing known".
type Number struct {
	// Known is true where the value is a number that can be shown; Value is it.
	Known bool
	Value float64
	// None is true where the value is, or may be, None.
	None bool
	// Where is the place of the literal the value comes from.
	Where Place
}

// maxOf gives the alternative that lets more through, as a guard is as strong as its weakest alternative.
func (n Number) maxOf(m Number) Number {
	switch {
	case n.None && !n.Known && !m.None:
		return Number{Known: m.Known, Value: m.Value, None: true, Where: m.Where}
	case !n.Known:
		return Number{None: n.None || m.None, Known: m.Known && n.None, Value: m.Value, Where: m.Where}
	case !m.Known:
		return Number{None: n.None || m.None, Known: n.Known && m.None, Value: n.Value, Where: n.Where}
	}
	none := n.None || m.None
	if m.Value > n.Value {
		n = m
	}
	n.None = none
	return n
}

// maxNumberSteps bounds the work for one number: where variables are computed from each other in a loop, every level
// multiplies the ways to follow.
const maxNumberSteps = 2000

// Number evaluates an expression to a number through names, constants, arithmetic, conversions, environment
// variables with a default, and settings objects. It follows a parameter to its default only.
func (e *Eval) Number(ref ExprRef) Number {
	if e.numbering == 0 {
		e.numberSteps = maxNumberSteps
	}
	if e.numberSteps--; e.numberSteps < 0 || ref.Expr == 0 || !e.enter() {
		return Number{}
	}
	e.numbering++
	defer func() { e.numbering--; e.leave() }()
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	where := Place{ref.File, x.Span}
	switch x.Kind {
	case fact.IntConst, fact.FloatConst:
		v, ok := facts.Number(ref.Expr)
		return Number{Known: ok, Value: v, Where: where}
	case fact.TrueConst:
		return Number{Known: true, Value: 1, Where: where}
	case fact.FalseConst:
		return Number{Known: true, Where: where}
	case fact.StrConst:
		v, err := strconv.ParseFloat(strings.TrimSpace(facts.Text(x.Text)), 64)
		return Number{Known: err == nil, Value: v, Where: where}
	case fact.NoneConst:
		return Number{None: true, Where: where}
	case fact.Unary:
		if n := e.Number(ExprRef{ref.File, x.A}); x.Op == fact.OpNegate && n.Known {
			n.Value = -n.Value
			return n
		}
	case fact.Binary:
		return e.arithmetic(ref.File, x)
	case fact.IfExp:
		return e.Number(ExprRef{ref.File, x.B}).maxOf(e.Number(ExprRef{ref.File, x.C}))
	case fact.Bool:
		return e.fallback(ref.File, x)
	case fact.Walrus:
		return e.Number(ExprRef{ref.File, x.B})
	case fact.Name, fact.Attr:
		return e.numberOf(e.constants(ref))
	case fact.Call:
		return e.conversion(ref, x)
	}
	return Number{}
}

// fallback is "x or default": the default where x is unknown or falsy.
func (e *Eval) fallback(file FileID, x *fact.ExprInfo) Number {
	operands := e.p.Files[file].List(x.Ops)
	last := e.Number(ExprRef{file, operands[len(operands)-1]})
	if x.Op != fact.OpOr {
		return Number{}
	}
	first := e.Number(ExprRef{file, operands[0]})
	if first.Known && first.Value != 0 && !first.None {
		return first
	}
	return last
}

func (e *Eval) arithmetic(file FileID, x *fact.ExprInfo) Number {
	a, b := e.Number(ExprRef{file, x.A}), e.Number(ExprRef{file, x.B})
	if !a.Known || !b.Known || a.None || b.None {
		return Number{}
	}
	result := Number{Known: true, Where: Place{file, x.Span}}
	switch x.Op {
	case fact.OpAdd:
		result.Value = a.Value + b.Value
	case fact.OpSub:
		result.Value = a.Value - b.Value
	case fact.OpMul:
		result.Value = a.Value * b.Value
	case fact.OpDiv:
		result.Value = a.Value / b.Value
	case fact.OpFloorDiv:
		result.Value = math.Floor(a.Value / b.Value)
	case fact.OpPow:
		result.Value = math.Pow(a.Value, b.Value)
	case fact.OpLShift:
		result.Value = a.Value * math.Pow(2, b.Value)
	default:
		return Number{}
	}
	if math.IsNaN(result.Value) || math.IsInf(result.Value, 0) {
		return Number{}
	}
	return result
}

// constants gives the literal values that a name or attribute may have; an Unknown among them stays.
func (e *Eval) constants(ref ExprRef) []Value {
	values := e.constantDefs(ref)
	if values != nil {
		return values
	}
	return e.Of(ref)
}

// constantDefs looks at the definitions of a name one by one, so that None is seen as well as the other values
// ("limit = None" and later "limit = 5"), which Of leaves out; nil where ref is no plain name.
func (e *Eval) constantDefs(ref ExprRef) []Value {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if x.Kind != fact.Name || x.Sym == 0 {
		return nil
	}
	var values []Value
	for _, def := range facts.DefsOf(x.Sym) {
		switch def.Kind {
		case fact.DefAssign, fact.DefNamed:
			values = addValue(values, constant(ref.File, def.Value))
		case fact.DefParam:
			param := &facts.Params[def.Index]
			if param.Default == 0 {
				return nil
			}
			values = addValue(values, constant(ref.File, param.Default))
		case fact.DefImport:
			return nil
		default:
			return []Value{{}}
		}
	}
	return values
}

func (e *Eval) numberOf(values []Value) Number {
	var result Number
	for i, v := range values {
		var n Number
		switch {
		case v.Kind == Constant:
			n = e.Number(v.Origin)
		case v.Kind == Instance && v.Origin.Expr != 0:
			n = e.Number(v.Origin)
		}
		if i == 0 {
			result = n
		} else {
			result = result.maxOf(n)
		}
	}
	return result
}

// conversion evaluates calls that give a number made from their arguments.
func (e *Eval) conversion(ref ExprRef, x *fact.ExprInfo) Number {
	facts := e.p.Files[ref.File]
	args := facts.OperandsOf(ref.Expr)
	callee := e.One(ExprRef{ref.File, x.A})
	switch callee.Path {
	case "builtins.float", "builtins.int", "builtins.str", "decimal.Decimal", "builtins.round", "builtins.abs":
		if len(args) > 0 {
			n := e.Number(ExprRef{ref.File, args[0]})
			if s := &facts.Exprs[args[0]]; s.Kind == fact.StrConst && strings.Contains(strings.ToLower(facts.Text(s.Text)), "inf") {
				return Number{Known: true, Value: math.Inf(1), Where: Place{ref.File, x.Span}}
			}
			return n
		}
	case "builtins.min", "builtins.max":
		return e.extreme(ref.File, args, callee.Path == "builtins.min")
	case "os.environ.get", "os.getenv", "environ.get", "decouple.config", "builtins.getattr":
		position := 1
		if callee.Path == "builtins.getattr" {
			position = 2
		}
		if value, _ := facts.Argument(ref.Expr, "default", position); value != 0 {
			return e.Number(ExprRef{ref.File, value})
		}
	case "datetime.timedelta":
		return e.timedelta(ref)
	case "pydantic.Field", "dataclasses.field", "attr.ib", "attrs.field":
		if value, _ := facts.Argument(ref.Expr, "default", 0); value != 0 {
			return e.Number(ExprRef{ref.File, value})
		}
	}
	if a := &facts.Exprs[x.A]; a.Kind == fact.Attr {
		switch facts.Text(a.Text) {
		case "total_seconds":
			return e.Number(ExprRef{ref.File, a.A})
		case "get": // settings.get("NAME", 5)
			if len(args) == 2 && facts.Exprs[args[0]].Kind == fact.StrConst {
				return e.Number(ExprRef{ref.File, args[1]})
			}
		}
	}
	return Number{}
}

// extreme evaluates min and max; min with one known argument is at most that.
func (e *Eval) extreme(file FileID, args []fact.Expr, least bool) Number {
	var result Number
	for _, arg := range args {
		n := e.Number(ExprRef{file, arg})
		if !n.Known {
			if least {
				continue
			}
			return Number{}
		}
		if !result.Known || (n.Value < result.Value) == least {
			result = n
		}
	}
	return result
}

// timedelta gives the seconds of datetime.timedelta(...).
func (e *Eval) timedelta(ref ExprRef) Number {
	facts := e.p.Files[ref.File]
	units := []struct {
		name    string
		seconds float64
	}{{"days", 86400}, {"seconds", 1}, {"microseconds", 1e-6}, {"milliseconds", 1e-3}, {"minutes", 60}, {"hours", 3600}, {"weeks", 604800}}
	total := Number{Known: true, Where: e.p.PlaceOf(ref)}
	for position, unit := range units {
		value, known := facts.Argument(ref.Expr, unit.name, position)
		if !known {
			return Number{}
		}
		if value == 0 {
			continue
		}
		n := e.Number(ExprRef{ref.File, value})
		if !n.Known {
			return Number{}
		}
		total.Value += n.Value * unit.seconds
	}
	return total
}
