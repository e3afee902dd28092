package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// primary parses an atom with the attributes, calls and subscripts after it, all
// perhaps awaited.
func (p *parser) primary() ast.Node {
	start := p.pos
	var n ast.Node
	switch p.tok {
	case token.Name: // the most frequent
		n = p.t.NewName(start, p.end, p.id)
		p.next()
	case token.Await:
		p.next()
		if p.at(token.Await) {
			p.failHere()
		}
		value := p.primary()
		return p.t.NewValue(ast.KindAwait, start, p.prevEnd, value)
	default:
		n = p.atom()
	}
	for length := 0; ; length++ {
		switch p.tok {
		case token.Dot:
			n = p.attribute(start, n)
		case token.LeftParen:
			n = p.call(start, n)
		case token.LeftBracket:
			n = p.subscript(start, n)
		default:
			return n
		}
		if length == longChain {
			p.long = true
		}
	}
}

func (p *parser) attribute(start uint32, value ast.Node) ast.Node {
	p.next()
	if !p.at(token.Name) {
		p.failExpected(token.Name, "after '.'")
		return value
	}
	id := p.id
	p.next()
	return p.t.NewAttribute(start, p.prevEnd, value, id)
}

func (p *parser) subscript(start uint32, value ast.Node) ast.Node {
	p.next()
	slice := p.slices()
	p.wantEnd(token.RightBracket, "in the subscript")
	return p.t.NewSubscript(start, p.prevEnd, value, slice)
}

// slices parses what stands in the brackets of a subscript.
func (p *parser) slices() ast.Node {
	start := p.pos
	first := p.slice()
	if !p.at(token.Comma) && p.t.Kind(first) != ast.KindStarred {
		return first
	}
	elts := ast.Chain{}
	p.t.Append(&elts, first)
	for p.got(token.Comma) && (startsExpr[p.tok] || p.at(token.Colon)) {
		p.t.Append(&elts, p.slice())
	}
	return p.t.NewElts(ast.KindTuple, start, p.prevEnd, elts)
}

func (p *parser) slice() ast.Node {
	start := p.pos
	var lower, upper, step ast.Node
	if !p.at(token.Colon) {
		if p.at(token.Star) {
			p.gate(11, p.pos, p.end, "starred expression in a subscript")
			p.next()
			value := p.expr() // not only what binds as tightly as "|", as elsewhere
			return p.t.NewValue(ast.KindStarred, start, p.prevEnd, value)
		}
		lower = p.expr()
		if p.at(token.ColonEqual) {
			p.gate(10, p.pos, p.end, "assignment expression without parentheses in a subscript")
			return p.namedAfter(start, lower)
		}
		if !p.at(token.Colon) {
			return lower
		}
	}
	p.next()
	if startsExpr[p.tok] {
		upper = p.expr()
	}
	if p.got(token.Colon) && startsExpr[p.tok] {
		step = p.expr()
	}
	return p.t.NewSlice(start, p.prevEnd, lower, upper, step)
}

// atom parses the smallest expressions, except names.
func (p *parser) atom() ast.Node {
	switch p.tok {
	case token.String, token.FString:
		return p.strings()
	case token.Int:
		return p.constant(ast.ConstInt)
	case token.Float:
		return p.constant(ast.ConstFloat)
	case token.Imag:
		return p.constant(ast.ConstImag)
	case token.NoneKeyword:
		return p.constant(ast.ConstNone)
	case token.True:
		return p.constant(ast.ConstTrue)
	case token.False:
		return p.constant(ast.ConstFalse)
	case token.Ellipsis:
		return p.constant(ast.ConstEllipsis)
	case token.LeftParen, token.LeftBracket, token.LeftBrace:
		if !p.enter() {
			p.leave()
			return p.missing()
		}
		n := p.bracketed()
		p.leave()
		return n
	}
	p.failHere()
	return p.missing()
}

func (p *parser) bracketed() ast.Node {
	switch p.tok {
	case token.LeftParen:
		return p.parens()
	case token.LeftBracket:
		return p.list()
	}
	return p.braces()
}

func (p *parser) constant(kind ast.ConstKind) ast.Node {
	n := p.t.NewConstant(p.pos, p.end, kind)
	p.next()
	return n
}

// parens parses a group, a tuple or a generator.
func (p *parser) parens() ast.Node {
	open := p.pos
	p.next()
	if p.got(token.RightParen) {
		n := p.t.NewElts(ast.KindTuple, open, p.prevEnd, ast.Chain{})
		p.t.SetParenthesised(n)
		return n
	}
	if p.at(token.Yield) {
		return p.group(open, p.yield())
	}
	first := p.starNamed()
	switch {
	case p.atFor():
		generators := p.generators(first)
		p.want(token.RightParen, "after the generator")
		n := p.t.NewComp(ast.KindGeneratorExp, open, p.prevEnd, first, generators)
		p.t.SetParenthesised(n)
		return n
	case p.at(token.Comma):
		elts := p.elements(first)
		p.wantEnd(token.RightParen, "in the tuple")
		n := p.t.NewElts(ast.KindTuple, open, p.prevEnd, elts)
		p.t.SetParenthesised(n)
		return n
	}
	if p.t.Kind(first) == ast.KindStarred && p.at(token.RightParen) && p.version >= 9 {
		p.report(p.t.Pos(first), p.t.End(first), "cannot use a starred expression here")
	}
	return p.group(open, first)
}

// group ends the parentheses around n.
func (p *parser) group(open uint32, n ast.Node) ast.Node {
	end := p.pos
	if p.want(token.RightParen, "after the expression") {
		p.t.AddParen(n, open, end)
	}
	return n
}

// elements parses the rest of a bracketed list of expressions; the current token
// is the comma after first.
func (p *parser) elements(first ast.Node) ast.Chain {
	elts := ast.Chain{}
	p.t.Append(&elts, first)
	for p.got(token.Comma) && startsExpr[p.tok] {
		p.t.Append(&elts, p.starNamed())
	}
	return elts
}

// list parses a list or list comprehension.
func (p *parser) list() ast.Node {
	open := p.pos
	p.next()
	if p.got(token.RightBracket) {
		return p.t.NewElts(ast.KindList, open, p.prevEnd, ast.Chain{})
	}
	first := p.starNamed()
	if p.atFor() {
		generators := p.generators(first)
		p.want(token.RightBracket, "after the list comprehension")
		return p.t.NewComp(ast.KindListComp, open, p.prevEnd, first, generators)
	}
	elts := p.elements(first)
	p.wantEnd(token.RightBracket, "in the list")
	return p.t.NewElts(ast.KindList, open, p.prevEnd, elts)
}

// braces parses a dict, a set or a comprehension of either.
func (p *parser) braces() ast.Node {
	open := p.pos
	p.next()
	if p.got(token.RightBrace) {
		return p.t.NewDict(open, p.prevEnd, ast.Chain{})
	}
	if p.at(token.DoubleStar) {
		return p.dict(open, 0)
	}
	start := p.pos
	first := p.starNamed()
	switch {
	case p.at(token.Colon):
		if k := p.t.Kind(first); k == ast.KindStarred || k == ast.KindNamedExpr && !p.t.Parenthesised(first) {
			p.fail(start, p.prevEnd, "cannot use "+describe(p.t, first)+" as the key of a dict")
		}
		return p.dict(open, first)
	case p.atFor():
		p.gateSetElement(first)
		generators := p.generators(first)
		p.want(token.RightBrace, "after the set comprehension")
		return p.t.NewComp(ast.KindSetComp, open, p.prevEnd, first, generators)
	}
	elts := p.elements(first)
	for n := elts.First; n != 0; n = p.t.Next(n) {
		p.gateSetElement(n)
	}
	p.wantEnd(token.RightBrace, "in the set")
	return p.t.NewElts(ast.KindSet, open, p.prevEnd, elts)
}

func (p *parser) gateSetElement(n ast.Node) {
	if p.version < 9 && p.t.Kind(n) == ast.KindNamedExpr && !p.t.Parenthesised(n) {
		p.gate(9, p.t.Pos(n), p.t.End(n), "assignment expression without parentheses in a set")
	}
}

// dict parses the rest of a dict or dict comprehension. If key is 0, the current
// token is the "**" of its first item, otherwise the colon after key.
func (p *parser) dict(open uint32, key ast.Node) ast.Node {
	items := ast.Chain{}
	value := p.dictValue(key)
	if p.atFor() {
		if key == 0 {
			p.fail(p.pos, p.end, "dict unpacking cannot be used in a dict comprehension")
			key = p.missing()
		}
		generators := p.generators(value)
		p.want(token.RightBrace, "after the dict comprehension")
		return p.t.NewDictComp(open, p.prevEnd, key, value, generators)
	}
	p.t.AppendItem(&items, key, value)
	for p.got(token.Comma) && !p.at(token.RightBrace) && !p.failed {
		key = 0
		if !p.at(token.DoubleStar) {
			key = p.expr()
		}
		value = p.dictValue(key)
		p.t.AppendItem(&items, key, value)
	}
	p.wantEnd(token.RightBrace, "in the dict")
	return p.t.NewDict(open, p.prevEnd, items)
}

// dictValue parses ": value" or "** value".
func (p *parser) dictValue(key ast.Node) ast.Node {
	if key == 0 {
		p.next()
		return p.operators(precBitOr)
	}
	p.want(token.Colon, "after the key of a dict")
	if p.at(token.Star) {
		p.fail(p.pos, p.end, "cannot use a starred expression as the value of a dict")
	}
	return p.expr()
}

// atFor reports whether the clauses of a comprehension begin here.
func (p *parser) atFor() bool { return p.at(token.For) || p.at(token.Async) }

// generators parses the clauses of a comprehension whose element is elt.
func (p *parser) generators(elt ast.Node) ast.Chain {
	if p.t.Kind(elt) == ast.KindStarred {
		p.report(p.t.Pos(elt), p.t.End(elt), "iterable unpacking cannot be used in a comprehension")
	}
	generators := ast.Chain{}
	for p.atFor() {
		p.t.Append(&generators, p.comprehension())
	}
	return generators
}

func (p *parser) comprehension() ast.Node {
	start := p.pos
	async := p.got(token.Async)
	p.want(token.For, "after 'async'")
	target := p.targets()
	p.want(token.In, "after the target of 'for'")
	iter := p.operators(precOr)
	ifs := ast.Chain{}
	for p.got(token.If) {
		p.t.Append(&ifs, p.condition())
	}
	return p.t.NewComprehension(start, p.prevEnd, async, target, iter, ifs)
}

// condition parses what follows "if" in a comprehension; before the grammar of
// Python 3.9 that could be a lambda.
func (p *parser) condition() ast.Node {
	if p.at(token.Lambda) && p.version < 9 {
		return p.lambda()
	}
	return p.operators(precOr)
}
