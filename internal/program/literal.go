package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Holds says whether call has an argument as the catalogue writes conditions: "block=False", "closefd=False",
// "return_when=FIRST_COMPLETED". known is false where a ** or * argument hides the answer. position is that of the
// parameter, negative where it can be given by name only.
func (e *Eval) Holds(file FileID, call fact.Expr, condition string, position int) (holds, known bool) {
	name, want, _ := strings.Cut(condition, "=")
	facts := e.p.Files[file]
	value, known := facts.Argument(call, strings.TrimSpace(name), position)
	if value == 0 {
		return false, known
	}
	return e.isLiteral(ExprRef{file, value}, strings.TrimSpace(want)), true
}

// AnyHolds says whether one of the conditions of a row holds for the call ("unless").
func (e *Eval) AnyHolds(file FileID, call fact.Expr, conditions []string) bool {
	for _, condition := range conditions {
		if holds, _ := e.Holds(file, call, condition, -1); holds {
			return true
		}
	}
	return false
}

// isLiteral compares an expression with a Python literal or the last part of a name.
func (e *Eval) isLiteral(ref ExprRef, want string) bool {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	switch x.Kind {
	case fact.TrueConst:
		return want == "True"
	case fact.FalseConst:
		return want == "False"
	case fact.NoneConst:
		return want == "None"
	case fact.IntConst, fact.FloatConst:
		return facts.Text(x.Text) == want
	case fact.StrConst:
		return facts.Text(x.Text) == strings.Trim(want, `"'`)
	case fact.Attr:
		return facts.Text(x.Text) == want
	case fact.Unary:
		return x.Op == fact.OpNegate && strings.HasPrefix(want, "-") && e.isLiteral(ExprRef{ref.File, x.A}, want[1:])
	case fact.Name:
		if v := e.One(ref); v.Kind == Constant && v.Origin != ref {
			return e.isLiteral(v.Origin, want)
		}
		return facts.Text(x.Text) == want
	}
	return false
}
