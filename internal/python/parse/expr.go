package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// precedence orders the binary operators, loosest first.
type precedence uint8

const (
	precNone precedence = iota
	precOr
	precAnd
	precNot
	precCompare
	precBitOr
	precBitXor
	precBitAnd
	precShift
	precSum
	precTerm
)

// binary has the precedence of the tokens that continue an expression, and the
// operator of those that make a BinOp. "not" stands for "not in". The power
// operator binds tighter than unary operators on its left and has its own place.
var binary = [token.Count]struct {
	prec precedence
	op   ast.Operator
	cmp  ast.CmpOperator
}{
	token.Or:           {prec: precOr},
	token.And:          {prec: precAnd},
	token.Not:          {prec: precCompare, cmp: ast.NotIn},
	token.In:           {prec: precCompare, cmp: ast.In},
	token.Is:           {prec: precCompare, cmp: ast.Is},
	token.EqualEqual:   {prec: precCompare, cmp: ast.Eq},
	token.NotEqual:     {prec: precCompare, cmp: ast.NotEq},
	token.Less:         {prec: precCompare, cmp: ast.Lt},
	token.LessEqual:    {prec: precCompare, cmp: ast.LtE},
	token.Greater:      {prec: precCompare, cmp: ast.Gt},
	token.GreaterEqual: {prec: precCompare, cmp: ast.GtE},
	token.Bar:          {prec: precBitOr, op: ast.BitOr},
	token.Caret:        {prec: precBitXor, op: ast.BitXor},
	token.Amper:        {prec: precBitAnd, op: ast.BitAnd},
	token.LeftShift:    {prec: precShift, op: ast.LShift},
	token.RightShift:   {prec: precShift, op: ast.RShift},
	token.Plus:         {prec: precSum, op: ast.Add},
	token.Minus:        {prec: precSum, op: ast.Sub},
	token.Star:         {prec: precTerm, op: ast.Mult},
	token.Slash:        {prec: precTerm, op: ast.Div},
	token.DoubleSlash:  {prec: precTerm, op: ast.FloorDiv},
	token.Percent:      {prec: precTerm, op: ast.Mod},
	token.At:           {prec: precTerm, op: ast.MatMult},
}

// longChain is the length from which a chain makes the parser look at the depth
// of the whole tree.
const longChain = 1000

// yieldOrStarExprs parses what may stand on the right of an assignment.
func (p *parser) yieldOrStarExprs() ast.Node {
	if p.at(token.Yield) {
		return p.yield()
	}
	return p.starExprs()
}

// starExprs parses expressions separated by commas, some perhaps starred. It
// returns a Tuple if there is a comma.
func (p *parser) starExprs() ast.Node {
	start := p.pos
	first := p.starExpr()
	if !p.at(token.Comma) {
		return first
	}
	return p.tupleAfter(start, first, (*parser).starExpr)
}

// starNamedExprs is starExprs with assignment expressions as elements.
func (p *parser) starNamedExprs() ast.Node {
	start := p.pos
	first := p.starNamed()
	if !p.at(token.Comma) {
		return first
	}
	return p.tupleAfter(start, first, (*parser).starNamed)
}

// tupleAfter makes the Tuple that starts with first; the current token is the
// comma after it.
func (p *parser) tupleAfter(start uint32, first ast.Node, element func(*parser) ast.Node) ast.Node {
	elts := ast.Chain{}
	p.t.Append(&elts, first)
	for p.got(token.Comma) && startsExpr[p.tok] {
		p.t.Append(&elts, element(p))
	}
	return p.t.NewElts(ast.KindTuple, start, p.prevEnd, elts)
}

// startsExpr tells which tokens can begin an element of a list of expressions.
var startsExpr = [token.Count]bool{
	token.False: true, token.NoneKeyword: true, token.True: true, token.Await: true,
	token.Lambda: true, token.Not: true, token.Name: true, token.Int: true,
	token.Float: true, token.Imag: true, token.String: true, token.FString: true,
	token.LeftParen: true, token.LeftBracket: true, token.LeftBrace: true,
	token.Ellipsis: true, token.Tilde: true, token.Plus: true, token.Minus: true,
	token.Star: true,
}

// starExpr parses one element of starExprs.
func (p *parser) starExpr() ast.Node {
	if p.at(token.Star) {
		return p.starred()
	}
	return p.expr()
}

// starNamed parses one element of starNamedExprs.
func (p *parser) starNamed() ast.Node {
	if p.at(token.Star) {
		return p.starred()
	}
	return p.named()
}

// starred parses "*" and its operand, which binds as tightly as "|".
func (p *parser) starred() ast.Node {
	start := p.pos
	p.next()
	value := p.operators(precBitOr)
	return p.t.NewValue(ast.KindStarred, start, p.prevEnd, value)
}

// named parses an expression or an assignment expression.
func (p *parser) named() ast.Node {
	start := p.pos
	n := p.expr()
	if p.at(token.ColonEqual) {
		return p.namedAfter(start, n)
	}
	return n
}

// namedAfter makes the NamedExpr whose target is n; the current token is ":=".
func (p *parser) namedAfter(start uint32, n ast.Node) ast.Node {
	if p.t.Kind(n) != ast.KindName || p.t.Parenthesised(n) && p.version >= 9 {
		p.report(p.t.Pos(n), p.t.End(n), "cannot use an assignment expression with "+describe(p.t, n))
	} else {
		p.t.SetContext(n, ast.Store)
		p.checkDebugTarget(n, ast.Store)
	}
	p.next()
	value := p.expr()
	return p.t.NewNamedExpr(start, p.prevEnd, n, value)
}

// yield parses a yield expression.
func (p *parser) yield() ast.Node {
	start := p.pos
	p.next()
	if p.got(token.From) {
		value := p.expr()
		return p.t.NewValue(ast.KindYieldFrom, start, p.prevEnd, value)
	}
	if !startsExpr[p.tok] {
		return p.t.NewValue(ast.KindYield, start, p.prevEnd, 0)
	}
	value := p.starExprs()
	return p.t.NewValue(ast.KindYield, start, p.prevEnd, value)
}

// expr parses an expression without assignment expressions and without commas:
// the grammar's "expression".
func (p *parser) expr() ast.Node {
	start := p.pos
	if p.at(token.Lambda) {
		return p.lambda()
	}
	n := p.operators(precOr)
	if !p.at(token.If) {
		return n
	}
	if !p.enter() {
		p.leave()
		return n
	}
	p.next()
	test := p.operators(precOr)
	if !p.want(token.Else, "after the condition of a conditional expression") {
		p.leave()
		return p.t.NewIfExp(start, p.prevEnd, n, test, p.missing())
	}
	orelse := p.expr()
	p.leave()
	return p.t.NewIfExp(start, p.prevEnd, n, test, orelse)
}

// missing makes an InvalidExpr for an expression that is not there.
func (p *parser) missing() ast.Node {
	return p.t.NewLeaf(ast.KindInvalidExpr, p.prevEnd, p.prevEnd)
}

// lambda parses a lambda expression.
func (p *parser) lambda() ast.Node {
	start := p.pos
	if !p.enter() {
		p.leave()
		return p.missing()
	}
	p.next()
	args := p.parameters(token.Colon)
	if p.depth == p.fieldDepth && p.at(token.Colon) {
		p.fail(start, p.end, "lambda in an f-string must be in parentheses")
	}
	p.want(token.Colon, "after the parameters of the lambda")
	body := p.expr()
	p.leave()
	return p.t.NewLambda(start, p.prevEnd, args, body)
}

// operators parses operands joined by operators that bind at least as tightly
// as least.
func (p *parser) operators(least precedence) ast.Node {
	start := p.pos
	var left ast.Node
	switch p.tok {
	case token.Not, token.Minus, token.Plus, token.Tilde:
		left = p.prefixed(least)
	default:
		left = p.power()
	}
	for length := 0; ; length++ {
		b := &binary[p.tok]
		if b.prec < least || b.prec == precNone {
			return left
		}
		if length == longChain {
			p.long = true
		}
		switch b.prec {
		case precOr:
			left = p.boolOp(start, left, token.Or, ast.Or, precAnd)
		case precAnd:
			left = p.boolOp(start, left, token.And, ast.And, precNot)
		case precCompare:
			left = p.comparison(start, left)
		default:
			p.next()
			right := p.operators(b.prec + 1)
			left = p.t.NewBinOp(start, p.prevEnd, left, b.op, right)
		}
	}
}

// boolOp collects the operands of one "and" or "or" after the first.
func (p *parser) boolOp(start uint32, left ast.Node, k token.Kind, op ast.BoolOperator, operand precedence) ast.Node {
	values := ast.Chain{}
	p.t.Append(&values, left)
	for p.got(k) {
		p.t.Append(&values, p.operators(operand))
	}
	return p.t.NewBoolOp(start, p.prevEnd, op, values)
}

// comparison collects the operators and operands of one Compare after left.
func (p *parser) comparison(start uint32, left ast.Node) ast.Node {
	comparators := ast.Chain{}
	for binary[p.tok].prec == precCompare {
		op := binary[p.tok].cmp
		p.next()
		switch {
		case op == ast.NotIn:
			p.want(token.In, "after 'not'")
		case op == ast.Is && p.got(token.Not):
			op = ast.IsNot
		}
		right := p.operators(precBitOr)
		p.t.SetCmpOp(right, op)
		p.t.Append(&comparators, right)
	}
	return p.t.NewCompare(start, p.prevEnd, left, comparators)
}

// prefixed parses a power, perhaps with unary operators before it. "not" may only
// stand where operators that bind as loosely as it may.
func (p *parser) prefixed(least precedence) ast.Node {
	start := p.pos
	var op ast.UnaryOperator
	operand := precTerm + 1
	switch p.tok {
	case token.Not:
		if least > precNot {
			p.failHere()
			return p.missing()
		}
		op, operand = ast.Not, precNot
	case token.Minus:
		op = ast.USub
	case token.Plus:
		op = ast.UAdd
	case token.Tilde:
		op = ast.Invert
	default:
		return p.power()
	}
	if !p.enter() {
		p.leave()
		return p.missing()
	}
	p.next()
	value := p.operators(operand)
	p.leave()
	return p.t.NewUnaryOp(start, p.prevEnd, op, value)
}

// power parses a primary, perhaps awaited, and "**" with its right operand.
func (p *parser) power() ast.Node {
	start := p.pos
	n := p.primary()
	if !p.at(token.DoubleStar) {
		return n
	}
	if !p.enter() {
		p.leave()
		return n
	}
	p.next()
	right := p.prefixed(precTerm + 1)
	p.leave()
	return p.t.NewBinOp(start, p.prevEnd, n, ast.Pow, right)
}
