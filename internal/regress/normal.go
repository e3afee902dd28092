package regress

import (
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// maxTextDepth bounds how deep an expression is rendered; what lies deeper is an ellipsis.
const maxTextDepth = 60

// text gives the normal form of an expression: comparisons read from small to large, negation is pushed to the
// leaves, constant arithmetic is folded, keywords stand in the order of their names, literals of messages are
// blanked, and "await" is left out, as a function may become synchronous without losing a guard.
func (s *source) text(e fact.Expr) string {
	if e == 0 {
		return ""
	}
	if t, ok := s.texts[e]; ok {
		return t
	}
	t := s.render(e)
	s.texts[e] = t
	return t
}

func (s *source) render(e fact.Expr) string {
	if s.depth > maxTextDepth {
		return "…"
	}
	s.depth++
	defer func() { s.depth-- }()
	x := &s.Exprs[e]
	switch x.Kind {
	case fact.Name, fact.IntConst, fact.FloatConst, fact.ComplexConst:
		return s.Text(x.Text)
	case fact.Attr:
		return s.atomic(x.A) + "." + s.Text(x.Text)
	case fact.Subscript:
		return s.atomic(x.A) + "[" + s.text(x.B) + "]"
	case fact.Call:
		return s.atomic(x.A) + "(" + s.arguments(x) + ")"
	case fact.Keyword:
		if x.Text == 0 {
			return "**" + s.atomic(x.A)
		}
		return s.Text(x.Text) + "=" + s.text(x.A)
	case fact.Starred:
		return "*" + s.atomic(x.A)
	case fact.StrConst:
		return strconv.Quote(s.Text(x.Text))
	case fact.BytesConst:
		return "b" + strconv.Quote(s.Text(x.Text))
	case fact.TrueConst:
		return "True"
	case fact.FalseConst:
		return "False"
	case fact.NoneConst:
		return "None"
	case fact.EllipsisConst:
		return "..."
	case fact.Await, fact.YieldFrom:
		return s.text(x.A)
	case fact.Yield:
		return "yield " + s.text(x.A)
	case fact.Unary:
		return s.unary(x)
	case fact.Binary:
		return s.binary(x)
	case fact.Bool:
		return s.joined(x, x.Op, s.atomic)
	case fact.Compare:
		return s.compare(x, x.Op)
	}
	return s.renderDisplay(x)
}

// renderDisplay renders displays, comprehensions, strings with fields, lambdas and patterns.
func (s *source) renderDisplay(x *fact.ExprInfo) string {
	switch x.Kind {
	case fact.FString:
		return `f""` + s.fields(x)
	case fact.Formatted:
		return s.text(x.A)
	case fact.Tuple:
		return "(" + s.list(x.Ops) + ")"
	case fact.ListDisplay:
		return "[" + s.list(x.Ops) + "]"
	case fact.SetDisplay:
		return "{" + s.list(x.Ops) + "}"
	case fact.DictDisplay:
		return "{" + s.entries(x) + "}"
	case fact.IfExp:
		return s.atomic(x.B) + " if " + s.text(x.A) + " else " + s.atomic(x.C)
	case fact.Lambda:
		return "lambda " + s.lambdaParameters(x) + ": " + s.text(s.Scopes[x.Inner].Value)
	case fact.Comp:
		return s.comprehension(x)
	case fact.CompFor:
		return "for " + s.text(x.A) + " in " + s.text(x.B)
	case fact.CompIf:
		return "if " + s.text(x.A)
	case fact.Walrus:
		return s.text(x.A) + " := " + s.text(x.B)
	case fact.Slice:
		t := s.text(x.A) + ":" + s.text(x.B)
		if x.C != 0 {
			t += ":" + s.text(x.C)
		}
		return t
	case fact.PatternValue:
		return s.text(x.A)
	case fact.PatternSequence:
		return "[" + s.list(x.Ops) + "]"
	case fact.PatternMapping:
		return "{" + s.list(x.Ops) + "}"
	case fact.PatternClass:
		return s.text(x.A) + "(" + s.list(x.Ops) + ")"
	case fact.PatternStar:
		return "*" + s.Text(x.Text)
	case fact.PatternAs:
		return s.text(x.A) + " as " + s.Text(x.Text)
	case fact.PatternOr:
		return strings.ReplaceAll(s.list(x.Ops), ", ", " | ")
	}
	return "?"
}

// atomic renders an operand, in parentheses where it is an operation itself.
func (s *source) atomic(e fact.Expr) string {
	t := s.text(e)
	switch s.Exprs[e].Kind {
	case fact.Binary, fact.Bool, fact.Compare, fact.IfExp, fact.Lambda, fact.Walrus, fact.Yield, fact.Unary:
		if strings.ContainsRune(t, ' ') {
			return "(" + t + ")"
		}
	}
	return t
}

func (s *source) list(l fact.List) string {
	var t strings.Builder
	for i, e := range s.List(l) {
		if i > 0 {
			t.WriteString(", ")
		}
		t.WriteString(s.text(e))
	}
	return t.String()
}

// arguments renders positional arguments as they stand and keywords by name.
func (s *source) arguments(x *fact.ExprInfo) string {
	var parts, keywords []string
	for _, e := range s.List(x.Ops) {
		if k := &s.Exprs[e]; k.Kind == fact.Keyword && k.Text != 0 {
			keywords = append(keywords, s.text(e))
		} else {
			parts = append(parts, s.text(e))
		}
	}
	sortStrings(keywords)
	return strings.Join(append(parts, keywords...), ", ")
}

func sortStrings(list []string) {
	for i := 1; i < len(list); i++ { // arguments are few
		for j := i; j > 0 && list[j] < list[j-1]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

func (s *source) entries(x *fact.ExprInfo) string {
	operands := s.List(x.Ops)
	var parts []string
	for i := 0; i+1 < len(operands); i += 2 {
		if operands[i] == 0 {
			parts = append(parts, "**"+s.text(operands[i+1]))
		} else {
			parts = append(parts, s.text(operands[i])+": "+s.text(operands[i+1]))
		}
	}
	return strings.Join(parts, ", ")
}

// fields renders the values of an f-string; its literal parts are a message or a path, and no guard.
func (s *source) fields(x *fact.ExprInfo) string {
	var parts []string
	for _, e := range s.List(x.Ops) {
		if s.Exprs[e].Kind == fact.Formatted {
			parts = append(parts, s.text(e))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func (s *source) lambdaParameters(x *fact.ExprInfo) string {
	var parts []string
	for _, p := range s.ParamsOf(x.Inner) {
		parts = append(parts, s.Text(p.Name))
	}
	return strings.Join(parts, ", ")
}

func (s *source) comprehension(x *fact.ExprInfo) string {
	t := s.text(x.A)
	if x.B != 0 {
		t += ": " + s.text(x.B)
	}
	for _, e := range s.List(x.Ops) {
		t += " " + s.text(e)
	}
	switch x.Op {
	case fact.CompList:
		return "[" + t + "]"
	case fact.CompSet, fact.CompDict:
		return "{" + t + "}"
	}
	return "(" + t + ")"
}

func (s *source) unary(x *fact.ExprInfo) string {
	switch x.Op {
	case fact.OpNot:
		return s.negated(x.A)
	case fact.OpNegate:
		return "-" + s.atomic(x.A)
	case fact.OpInvert:
		return "~" + s.atomic(x.A)
	}
	return "+" + s.atomic(x.A)
}

// negated gives the normal form of "not e".
func (s *source) negated(e fact.Expr) string {
	x := &s.Exprs[e]
	switch x.Kind {
	case fact.Unary:
		if x.Op == fact.OpNot {
			return s.text(x.A)
		}
	case fact.Compare:
		if op := inverse[x.Op]; op != fact.NoOp {
			return s.compare(x, op)
		}
	case fact.Bool:
		if s.depth < maxTextDepth {
			s.depth++
			defer func() { s.depth-- }()
			return s.joined(x, inverse[x.Op], s.negatedOperand)
		}
	}
	return "not " + s.atomic(e)
}

func (s *source) negatedOperand(e fact.Expr) string {
	switch x := &s.Exprs[e]; {
	case x.Kind == fact.Bool, x.Kind == fact.Compare && inverse[x.Op] != fact.NoOp:
		return "(" + s.negated(e) + ")"
	}
	return s.negated(e)
}

func (s *source) joined(x *fact.ExprInfo, op fact.Op, operand func(fact.Expr) string) string {
	var parts []string
	for _, e := range s.List(x.Ops) {
		parts = append(parts, operand(e))
	}
	return strings.Join(parts, " "+op.String()+" ")
}

var inverse = [...]fact.Op{
	fact.OpAnd: fact.OpOr, fact.OpOr: fact.OpAnd,
	fact.OpEq: fact.OpNotEq, fact.OpNotEq: fact.OpEq,
	fact.OpLt: fact.OpGtE, fact.OpLtE: fact.OpGt, fact.OpGt: fact.OpLtE, fact.OpGtE: fact.OpLt,
	fact.OpIs: fact.OpIsNot, fact.OpIsNot: fact.OpIs, fact.OpIn: fact.OpNotIn, fact.OpNotIn: fact.OpIn,
	fact.CompGenerator: fact.NoOp,
}

// comparison is "left op right" in normal form: op is one of <, <=, ==, !=, is, is not, in, not in.
type comparison struct {
	left  string
	op    fact.Op
	right string
}

// compare renders the comparison x with the operator op in the place of its own.
func (s *source) compare(x *fact.ExprInfo, op fact.Op) string {
	c := s.comparison(x, op)
	return c.left + " " + c.op.String() + " " + c.right
}

// comparison brings x, with the operator op in the place of its own, into normal form. "n <= limit - 1" is
// "n < limit": sizes, counts and indexes are whole numbers.
func (s *source) comparison(x *fact.ExprInfo, op fact.Op) comparison {
	a, b := x.A, x.B
	switch op {
	case fact.OpGt:
		a, b, op = b, a, fact.OpLt
	case fact.OpGtE:
		a, b, op = b, a, fact.OpLtE
	case fact.OpEq, fact.OpNotEq:
		if s.IsNone(b) {
			op = map[fact.Op]fact.Op{fact.OpEq: fact.OpIs, fact.OpNotEq: fact.OpIsNot}[op]
		}
	}
	left, right := s.atomic(a), s.atomic(b)
	switch op {
	case fact.OpLtE:
		if inner, ok := s.offset(b, fact.OpSub); ok {
			return comparison{left, fact.OpLt, inner}
		}
		if inner, ok := s.offset(a, fact.OpAdd); ok {
			return comparison{inner, fact.OpLt, right}
		}
	case fact.OpLt:
		if inner, ok := s.offset(b, fact.OpAdd); ok {
			return comparison{left, fact.OpLtE, inner}
		}
		if inner, ok := s.offset(a, fact.OpSub); ok {
			return comparison{inner, fact.OpLtE, right}
		}
	case fact.OpEq, fact.OpNotEq:
		if s.isLiteral(a) && !s.isLiteral(b) || s.isLiteral(a) == s.isLiteral(b) && right < left {
			left, right = right, left
		}
	}
	return comparison{left, op, right}
}

// offset gives x of "x op 1".
func (s *source) offset(e fact.Expr, op fact.Op) (string, bool) {
	x := &s.Exprs[e]
	if x.Kind != fact.Binary || x.Op != op {
		return "", false
	}
	if v, ok := s.Int(x.B); !ok || v != 1 {
		return "", false
	}
	if _, constant := s.Int(x.A); constant {
		return "", false
	}
	return s.atomic(x.A), true
}

func (s *source) isLiteral(e fact.Expr) bool {
	switch x := &s.Exprs[e]; x.Kind {
	case fact.StrConst, fact.BytesConst, fact.IntConst, fact.FloatConst, fact.ComplexConst, fact.TrueConst, fact.FalseConst, fact.NoneConst, fact.EllipsisConst:
		return true
	case fact.Unary:
		return s.isLiteral(x.A)
	}
	return false
}

// binary folds arithmetic on integer literals.
func (s *source) binary(x *fact.ExprInfo) string {
	left, right := s.atomic(x.A), s.atomic(x.B)
	a, errA := strconv.ParseInt(left, 10, 32)
	b, errB := strconv.ParseInt(right, 10, 32)
	if errA == nil && errB == nil {
		switch x.Op {
		case fact.OpAdd:
			return strconv.FormatInt(a+b, 10)
		case fact.OpSub:
			return strconv.FormatInt(a-b, 10)
		case fact.OpMul:
			return strconv.FormatInt(a*b, 10)
		}
	}
	return left + " " + x.Op.String() + " " + right
}
