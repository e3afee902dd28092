package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// statements parses the whole file.
func (p *parser) statements() ast.Chain {
	body := ast.Chain{}
	for !p.at(token.EndOfFile) {
		p.statement(&body)
	}
	return body
}

// statement parses one compound statement or one line of simple ones and appends
// them to body. It always consumes something.
func (p *parser) statement(body *ast.Chain) {
	// What is indented below an error is the block of a header that was not
	// recognised, or what a bracket should have held.
	afterError := p.failed || p.reported
	p.failed, p.reported = false, false
	switch p.tok {
	case token.If, token.While, token.For, token.Try, token.With, token.Def, token.Class, token.At, token.Async:
		p.t.Append(body, p.compound())
	case token.Indent:
		p.strayIndent(body, afterError)
	case token.Dedent:
		p.next() // of a stray indent
	case token.Newline:
		if p.level > 0 {
			p.failHere() // a line of backslashes and white space, in Python 3.8
		}
		p.next()
	case token.Name:
		if p.id == ast.IdentMatch {
			if n := p.match(); n != 0 {
				p.t.Append(body, n)
				return
			}
		}
		p.simpleLine(body)
	default:
		p.simpleLine(body)
	}
}

// strayIndent reads a block that nothing opens as part of the block around it,
// and reports it unless it stands after an error.
func (p *parser) strayIndent(body *ast.Chain, afterError bool) {
	if !afterError {
		p.report(p.pos, p.end, "unexpected indent")
	}
	p.next()
	for !p.at(token.Dedent) && !p.at(token.EndOfFile) {
		p.statement(body)
	}
	p.got(token.Dedent)
}

// compound parses the statements that have blocks, except match.
func (p *parser) compound() ast.Node {
	switch p.tok {
	case token.If:
		return p.ifStmt()
	case token.While:
		return p.whileStmt()
	case token.For:
		return p.forStmt(p.pos, false)
	case token.Try:
		return p.tryStmt()
	case token.With:
		return p.withStmt(p.pos, false)
	case token.Def:
		return p.function(p.pos, false, ast.Chain{})
	case token.Class:
		return p.class(ast.Chain{})
	case token.At:
		return p.decorated()
	}
	return p.async(ast.Chain{})
}

// simpleLine parses simple statements separated by semicolons up to the end of
// the line.
func (p *parser) simpleLine(body *ast.Chain) {
	start := p.pos
	for {
		n := p.simple()
		if !p.failed || p.t.Kind(n) != ast.KindExpr {
			p.t.Append(body, n)
		} else {
			p.t.Append(body, p.t.NewLeaf(ast.KindInvalidStmt, start, p.prevEnd))
		}
		if !p.got(token.Semicolon) || p.at(token.Newline) || p.at(token.EndOfFile) {
			break
		}
		start = p.pos
	}
	p.lastSimple, p.lastSemicolon = p.t.End(body.Last), p.prevEnd
	p.endLine()
}

// endLine consumes the end of a logical line.
func (p *parser) endLine() {
	if p.got(token.Newline) || p.at(token.EndOfFile) {
		return
	}
	p.fail(p.pos, p.end, p.unexpected()+" after the statement")
	p.got(token.Newline)
}

// simple parses one simple statement without the end of its line.
func (p *parser) simple() ast.Node {
	pos := p.pos
	switch p.tok {
	case token.Pass:
		return p.leaf(ast.KindPass)
	case token.Break:
		return p.leaf(ast.KindBreak)
	case token.Continue:
		return p.leaf(ast.KindContinue)
	case token.Return:
		p.next()
		value := ast.Node(0)
		if !p.atEnd() {
			value = p.starExprs()
		}
		return p.t.NewValue(ast.KindReturn, pos, p.prevEnd, value)
	case token.Raise:
		return p.raise()
	case token.Import:
		return p.importStmt()
	case token.From:
		return p.importFrom()
	case token.Global:
		return p.identifiers(ast.KindGlobal)
	case token.Nonlocal:
		return p.identifiers(ast.KindNonlocal)
	case token.Del:
		return p.del()
	case token.Assert:
		return p.assert()
	case token.Name:
		if p.id == ast.IdentType {
			if n := p.typeAlias(); n != 0 {
				return n
			}
		}
	}
	return p.exprStmt()
}

func (p *parser) leaf(kind ast.Kind) ast.Node {
	n := p.t.NewLeaf(kind, p.pos, p.end)
	p.next()
	return n
}

// atEnd reports whether a simple statement ends here.
func (p *parser) atEnd() bool {
	return p.at(token.Newline) || p.at(token.Semicolon) || p.at(token.EndOfFile)
}

func (p *parser) raise() ast.Node {
	pos := p.pos
	p.next()
	var exc, cause ast.Node
	if !p.atEnd() {
		exc = p.expr()
		if p.got(token.From) {
			cause = p.expr()
		}
	}
	return p.t.NewRaise(pos, p.prevEnd, exc, cause)
}

func (p *parser) assert() ast.Node {
	pos := p.pos
	p.next()
	test := p.expr()
	msg := ast.Node(0)
	if p.got(token.Comma) {
		msg = p.expr()
	}
	return p.t.NewAssert(pos, p.prevEnd, test, msg)
}

func (p *parser) del() ast.Node {
	pos := p.pos
	p.next()
	targets := ast.Chain{}
	for {
		n := p.target()
		p.assignable(n, ast.Del, deletion)
		p.t.Append(&targets, n)
		if !p.got(token.Comma) || p.atEnd() {
			break
		}
	}
	return p.t.NewDelete(pos, p.prevEnd, targets)
}

func (p *parser) identifiers(kind ast.Kind) ast.Node {
	pos := p.pos
	p.next()
	names := ast.Chain{}
	for {
		if !p.at(token.Name) {
			p.failExpected(token.Name, "after '"+p.t.Source()[pos:p.prevEnd]+"'")
			break
		}
		p.t.Append(&names, p.t.NewIdentifier(p.pos, p.end, p.id))
		p.next()
		if !p.got(token.Comma) {
			break
		}
	}
	return p.t.NewIdentifiers(kind, pos, p.prevEnd, names)
}

// typeAlias parses a type statement; if the word "type" is an ordinary name it
// returns 0 and consumes nothing.
func (p *parser) typeAlias() ast.Node {
	pos := p.pos
	m := p.mark()
	p.next()
	if !p.at(token.Name) {
		p.rewind(m)
		return 0
	}
	p.gate(12, pos, p.prevEnd, "type statement")
	name := p.t.NewName(p.pos, p.end, p.id)
	p.t.SetContext(name, ast.Store)
	p.next()
	params := p.typeParams()
	p.want(token.Equal, "after the name of the type alias")
	value := p.expr()
	return p.t.NewTypeAlias(pos, p.prevEnd, name, params, value)
}

// augmented has the operators of augmented assignments.
var augmented = [token.Count]ast.Operator{
	token.PlusEqual:        ast.Add,
	token.MinusEqual:       ast.Sub,
	token.StarEqual:        ast.Mult,
	token.SlashEqual:       ast.Div,
	token.DoubleSlashEqual: ast.FloorDiv,
	token.PercentEqual:     ast.Mod,
	token.AtEqual:          ast.MatMult,
	token.AmperEqual:       ast.BitAnd,
	token.BarEqual:         ast.BitOr,
	token.CaretEqual:       ast.BitXor,
	token.LeftShiftEqual:   ast.LShift,
	token.RightShiftEqual:  ast.RShift,
	token.DoubleStarEqual:  ast.Pow,
}

// exprStmt parses an expression or an assignment of any sort.
func (p *parser) exprStmt() ast.Node {
	start := p.pos
	n := p.yieldOrStarExprs()
	switch {
	case p.at(token.Equal):
		return p.assignment(start, n)
	case p.at(token.Colon):
		return p.annotation(start, n)
	case augmented[p.tok] != ast.NoOperator:
		return p.augmentedAssignment(start, n)
	}
	if !p.atEnd() {
		p.checkPython2(start, n)
	}
	return p.t.NewValue(ast.KindExpr, start, p.prevEnd, n)
}

// assignment parses "= value", once or several times, after the first target.
func (p *parser) assignment(start uint32, n ast.Node) ast.Node {
	targets := ast.Chain{}
	for p.at(token.Equal) {
		p.assignable(n, ast.Store, assignment)
		p.t.Append(&targets, n)
		p.next()
		n = p.yieldOrStarExprs()
	}
	return p.t.NewAssign(start, p.prevEnd, targets, n)
}

func (p *parser) annotation(start uint32, target ast.Node) ast.Node {
	if !p.single(target) {
		p.fail(start, p.prevEnd, "cannot annotate "+describe(p.t, target))
		return p.t.NewValue(ast.KindExpr, start, p.prevEnd, target)
	}
	simple := p.t.Kind(target) == ast.KindName && !p.t.Parenthesised(target)
	p.next()
	annotation := p.expr()
	value := ast.Node(0)
	if p.got(token.Equal) {
		value = p.yieldOrStarExprs()
	}
	return p.t.NewAnnAssign(start, p.prevEnd, target, annotation, value, simple)
}

func (p *parser) augmentedAssignment(start uint32, target ast.Node) ast.Node {
	if !p.single(target) {
		p.report(start, p.prevEnd, "cannot use augmented assignment with "+describe(p.t, target))
	}
	op := augmented[p.tok]
	p.next()
	pos := p.pos
	value := p.yieldOrStarExprs()
	if p.version < 9 {
		p.gateStars(value, pos, "starred expression in an augmented assignment")
	}
	return p.t.NewAugAssign(start, p.prevEnd, target, op, value)
}

// checkPython2 reports the statements that became functions in Python 3.
func (p *parser) checkPython2(start uint32, n ast.Node) {
	if p.failed || p.t.Kind(n) != ast.KindName || !startsExpr[p.tok] && !p.at(token.RightShift) {
		return
	}
	switch id := p.t.Name(n); id {
	case ast.IdentPrint, ast.IdentExec:
		name := p.t.Text(id)
		p.fail(start, p.end, "'"+name+"' is a function in Python 3: expected '(' after it")
	}
}
