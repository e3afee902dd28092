package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// block parses ":" and the statements under a header; what names the header in
// messages. After an error in the header it reads the block all the same.
func (p *parser) block(what string) ast.Chain {
	if p.at(token.Colon) {
		p.next()
	} else {
		p.failExpected(token.Colon, "after "+what)
	}
	return p.suite(what)
}

// suite parses what follows the colon: simple statements on the same line, or an
// indented block.
func (p *parser) suite(what string) ast.Chain {
	body := ast.Chain{}
	if !p.at(token.Newline) {
		if p.at(token.EndOfFile) {
			p.fail(p.pos, p.end, "expected a block after "+what)
			return body
		}
		p.simpleLine(&body)
		return body
	}
	p.tooDeep = false
	p.next()
	if !p.at(token.Indent) {
		if !p.failed && !p.tooDeep {
			p.report(p.pos, p.end, "expected an indented block after "+what)
		}
		return body
	}
	p.next()
	for !p.at(token.Dedent) && !p.at(token.EndOfFile) {
		p.statement(&body)
	}
	p.got(token.Dedent)
	return body
}

// endOf returns where a statement ends whose last block is body: its statements
// end before the line ends and dedents that follow them. A semicolon after the
// last simple statement belongs to the compound statements around it.
func (p *parser) endOf(body ast.Chain, header uint32) uint32 {
	if body.Last == 0 {
		return header
	}
	end := p.t.End(body.Last)
	if end == p.lastSimple {
		return p.lastSemicolon
	}
	return end
}

// ifStmt parses an if with all its elif, without recursion.
func (p *parser) ifStmt() ast.Node {
	type clause struct {
		pos  uint32
		test ast.Node
		body ast.Chain
		end  uint32
	}
	var fixed [8]clause
	clauses := fixed[:0]
	orelse := ast.Chain{}
	end := uint32(0)
	for {
		c := clause{pos: p.pos}
		p.next()
		c.test = p.named()
		c.end = p.prevEnd
		c.body = p.block("the condition")
		c.end = p.endOf(c.body, c.end)
		end = c.end
		clauses = append(clauses, c)
		if !p.at(token.Elif) {
			break
		}
		p.failed, p.reported = false, false
	}
	if p.at(token.Else) {
		orelse, end = p.elseBlock(end)
	}
	if len(clauses) > longChain {
		p.long = true
	}
	n := ast.Node(0)
	for i := len(clauses) - 1; i >= 0; i-- {
		c := clauses[i]
		n = p.t.NewIf(c.pos, end, c.test, c.body, orelse)
		orelse = ast.Chain{First: n, Last: n}
	}
	return n
}

// elseBlock parses "else" and its block, and returns where they end; end is
// where the statement ended before.
func (p *parser) elseBlock(end uint32) (ast.Chain, uint32) {
	p.failed, p.reported = false, false
	end = max(end, p.end)
	p.next()
	body := p.block("'else'")
	return body, p.endOf(body, end)
}

func (p *parser) whileStmt() ast.Node {
	pos := p.pos
	p.next()
	test := p.named()
	end := p.prevEnd
	body := p.block("the condition")
	end = p.endOf(body, end)
	orelse := ast.Chain{}
	if p.at(token.Else) {
		orelse, end = p.elseBlock(end)
	}
	return p.t.NewWhile(pos, end, test, body, orelse)
}

func (p *parser) forStmt(pos uint32, async bool) ast.Node {
	p.next()
	target := p.targets()
	p.want(token.In, "after the target of 'for'")
	start := p.pos
	iter := p.starExprs()
	if p.version < 9 {
		p.gateStars(iter, start, "starred expression in 'for'")
	}
	end := p.prevEnd
	body := p.block("the 'for' clause")
	end = p.endOf(body, end)
	orelse := ast.Chain{}
	if p.at(token.Else) {
		orelse, end = p.elseBlock(end)
	}
	return p.t.NewFor(pos, end, async, target, iter, body, orelse)
}

// gateStars reports starred elements of a tuple without parentheses, for places
// where they came with Python 3.9.
func (p *parser) gateStars(n ast.Node, pos uint32, what string) {
	if p.t.Kind(n) == ast.KindStarred {
		p.gate(9, pos, p.prevEnd, what)
	}
	if p.t.Kind(n) != ast.KindTuple || p.t.Parenthesised(n) {
		return
	}
	elts := p.t.Elts(n)
	for e := elts.First(); e != 0; e = elts.Next(e) {
		if p.t.Kind(e) == ast.KindStarred {
			p.gate(9, p.t.Pos(e), p.t.End(e), what)
		}
	}
}

// tryStmt parses try with its handlers.
func (p *parser) tryStmt() ast.Node {
	pos := p.pos
	end := p.end
	p.next()
	body := p.block("'try'")
	end = p.endOf(body, end)
	var handlers, orelse, final ast.Chain
	star := false
	for p.at(token.Except) {
		p.failed, p.reported = false, false
		h, s := p.handler()
		if handlers.First != 0 && s != star {
			p.report(p.t.Pos(h), p.t.Pos(h)+uint32(len("except")), "cannot mix 'except' and 'except*' in one 'try'")
		}
		star = s
		p.t.Append(&handlers, h)
		end = p.t.End(h)
	}
	if p.at(token.Else) && handlers.First != 0 {
		orelse, end = p.elseBlock(end)
	}
	if p.at(token.Finally) {
		p.failed, p.reported = false, false
		end = max(end, p.end)
		p.next()
		final = p.block("'finally'")
		end = p.endOf(final, end)
	}
	if handlers.First == 0 && final.First == 0 {
		p.reportAfterBlock(pos, "expected 'except' or 'finally' after the 'try' block")
	}
	return p.t.NewTry(pos, end, star, body, handlers, orelse, final)
}

// reportAfterBlock records an error found when the blocks of a statement have
// been read, whose own errors do not hide it.
func (p *parser) reportAfterBlock(pos uint32, message string) {
	p.t.AddDiagnostic(pos, pos+uint32(len("try")), message)
}

// handler parses one except clause; star tells whether it is "except*".
func (p *parser) handler() (n ast.Node, star bool) {
	pos := p.pos
	p.next()
	if p.at(token.Star) {
		star = true
		p.gate(11, pos, p.end, "'except*'")
		p.next()
	}
	var typ ast.Node
	var name ast.Ident
	var namePos uint32
	if !p.at(token.Colon) || star {
		typ = p.handlerType()
		if p.got(token.As) {
			name, namePos = p.id, p.pos
			if !p.want(token.Name, "after 'as'") {
				name = 0
			}
		}
	}
	end := p.prevEnd
	body := p.block("'except'")
	return p.t.NewExceptHandler(pos, p.endOf(body, end), typ, name, namePos, body), star
}

// handlerType parses the exceptions of a handler. Since Python 3.14 there may be
// several without parentheses, if no name follows.
func (p *parser) handlerType() ast.Node {
	start := p.pos
	typ := p.expr()
	if !p.at(token.Comma) {
		return typ
	}
	p.gate(14, p.pos, p.end, "several exceptions without parentheses")
	typ = p.tupleAfter(start, typ, (*parser).expr)
	if p.at(token.As) {
		p.report(start, p.prevEnd, "several exceptions must be in parentheses before 'as'")
	}
	return typ
}

// withStmt parses with. Its items may stand in parentheses, which is not known
// before the end of the header is seen.
func (p *parser) withStmt(pos uint32, async bool) ast.Node {
	p.next()
	items, ok := ast.Chain{}, false
	if p.at(token.LeftParen) {
		items, ok = p.parenthesisedItems()
	}
	if !ok {
		items = p.withItems(token.Colon)
	}
	end := p.prevEnd
	body := p.block("the 'with' items")
	return p.t.NewWith(pos, p.endOf(body, end), async, items, body)
}

// parenthesisedItems tries to read "(item, item)" up to the colon after it; if
// that is something else, it consumes nothing and returns false.
func (p *parser) parenthesisedItems() (ast.Chain, bool) {
	m := p.mark()
	pos := p.pos
	p.next()
	items := p.withItems(token.RightParen)
	if p.got(token.RightParen) && p.at(token.Colon) && !p.failed {
		if p.version >= 9 {
			return items, true
		}
		if named := p.firstNamed(items); named != 0 {
			p.gate(9, pos, pos+1, "'with' items in parentheses")
			return items, true
		}
	}
	p.rewind(m)
	return ast.Chain{}, false
}

// firstNamed returns the first item that has a target.
func (p *parser) firstNamed(items ast.Chain) ast.Node {
	for n := items.First; n != 0; n = p.t.Next(n) {
		if p.t.WithItem(n).Vars != 0 {
			return n
		}
	}
	return 0
}

func (p *parser) withItems(end token.Kind) ast.Chain {
	items := ast.Chain{}
	for {
		start := p.pos
		context := p.expr()
		vars := ast.Node(0)
		if p.got(token.As) {
			if p.at(token.Star) {
				p.gate(9, p.pos, p.end, "starred target of 'with'")
			}
			vars = p.target()
			p.assignable(vars, ast.Store, assignment)
		}
		p.t.Append(&items, p.t.NewWithItem(start, p.prevEnd, context, vars))
		if !p.got(token.Comma) || end == token.RightParen && p.at(end) {
			return items
		}
	}
}

// async parses the statement after "async".
func (p *parser) async(decorators ast.Chain) ast.Node {
	pos := p.pos
	p.next()
	switch {
	case p.at(token.Def):
		return p.function(pos, true, decorators)
	case p.at(token.For) && decorators.First == 0:
		return p.forStmt(pos, true)
	case p.at(token.With) && decorators.First == 0:
		return p.withStmt(pos, true)
	}
	p.failExpected(token.Def, "after 'async'")
	p.endLine()
	return p.t.NewLeaf(ast.KindInvalidStmt, pos, p.prevEnd)
}

// decorated parses decorators and the function or class after them.
func (p *parser) decorated() ast.Node {
	decorators := ast.Chain{}
	pos := p.pos
	for p.got(token.At) {
		start := p.pos
		n := p.named()
		if p.version < 9 && !p.failed && !isDottedCall(p.t, n) {
			p.gate(9, start, p.prevEnd, "decorator other than a dotted name or its call")
		}
		p.t.Append(&decorators, n)
		p.endLine()
		p.failed, p.reported = false, false
	}
	switch {
	case p.at(token.Def):
		return p.function(p.pos, false, decorators)
	case p.at(token.Class):
		return p.class(decorators)
	case p.at(token.Async):
		return p.async(decorators)
	}
	p.report(pos, p.prevEnd, "expected a function or class after the decorator")
	return p.t.NewLeaf(ast.KindInvalidStmt, pos, p.prevEnd)
}

// isDottedCall reports whether n is what could decorate before Python 3.9.
func isDottedCall(t *ast.Tree, n ast.Node) bool {
	if t.Kind(n) == ast.KindCall && !t.Parenthesised(n) {
		n = t.Call(n).Func
	}
	for t.Kind(n) == ast.KindAttribute && !t.Parenthesised(n) {
		n = t.Attribute(n).Value
	}
	return t.Kind(n) == ast.KindName && !t.Parenthesised(n)
}

func (p *parser) function(pos uint32, async bool, decorators ast.Chain) ast.Node {
	p.next()
	name, namePos := p.id, p.pos
	if !p.want(token.Name, "after 'def'") {
		name = 0
	}
	typeParams := p.typeParams()
	args := ast.Node(0)
	p.inHeader, p.wentBack = true, false
	if p.want(token.LeftParen, "after the name of the function") {
		args = p.parameters(token.RightParen)
		p.wantEnd(token.RightParen, "in the parameters")
	}
	p.inHeader = false
	if p.wentBack {
		args = 0
	}
	returns := ast.Node(0)
	if p.got(token.Arrow) {
		returns = p.expr()
	}
	end := p.prevEnd
	body := p.block("the function header")
	return p.t.NewFunction(pos, p.endOf(body, end), async, name, namePos, decorators, typeParams, args, returns, body)
}

func (p *parser) class(decorators ast.Chain) ast.Node {
	pos := p.pos
	p.next()
	name, namePos := p.id, p.pos
	if !p.want(token.Name, "after 'class'") {
		name = 0
	}
	typeParams := p.typeParams()
	var bases, keywords ast.Chain
	p.inHeader, p.wentBack = true, false
	if p.got(token.LeftParen) {
		bases, keywords = p.arguments()
		if bases.First != 0 && p.t.SharesParens(bases.First) {
			p.report(p.t.Pos(bases.First), p.t.End(bases.First), "generator cannot be a base class")
		}
		p.wantEnd(token.RightParen, "in the base classes")
	}
	p.inHeader = false
	if p.wentBack {
		bases, keywords = ast.Chain{}, ast.Chain{}
	}
	end := p.prevEnd
	body := p.block("the class header")
	return p.t.NewClass(pos, p.endOf(body, end), name, namePos, decorators, typeParams, bases, keywords, body)
}
