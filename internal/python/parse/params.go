package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// paramList is the state of a list of parameters being parsed.
type paramList struct {
	params    ast.Chain
	kind      ast.ParamKind // of the next parameter
	annotated bool          // a def, not a lambda
	defaults  bool          // a positional parameter had a default
	slash     bool
	star      uint32 // offset after a bare "*" that still lacks its parameter
	ended     bool   // after **kwargs
}

// parameters parses parameters up to the token end, ")" of a def or ":" of a
// lambda. It returns 0 if there are none.
func (p *parser) parameters(end token.Kind) ast.Node {
	start := p.pos
	l := paramList{kind: ast.ParamNormal, annotated: end == token.RightParen}
	for !p.at(end) && !p.failed {
		p.parameter(&l)
		if !p.got(token.Comma) {
			break
		}
	}
	if l.star != 0 {
		p.fail(l.star-1, l.star, "expected a parameter after '*'")
	}
	if l.params.First == 0 {
		return 0
	}
	return p.t.NewArguments(start, p.prevEnd, l.params)
}

// parameter parses one parameter, "/" or "*".
func (p *parser) parameter(l *paramList) {
	if l.ended {
		p.fail(p.pos, p.end, "no parameter may follow '**' parameters")
		return
	}
	switch p.tok {
	case token.Slash:
		p.slash(l)
	case token.Star:
		p.starParameter(l)
	case token.DoubleStar:
		if l.star != 0 {
			p.fail(l.star-1, l.star, "expected a parameter between '*' and '**'")
			return
		}
		p.next()
		p.finishParameter(l, ast.ParamKwArg, false)
		if p.at(token.Equal) {
			p.fail(p.pos, p.end, "'**' parameter cannot have a default")
		}
		l.ended = true
	case token.Name:
		l.star = 0
		p.finishParameter(l, l.kind, false)
	default:
		p.failExpected(token.Name, "of a parameter")
	}
}

func (p *parser) slash(l *paramList) {
	switch {
	case l.slash:
		p.fail(p.pos, p.end, "'/' may appear only once in a parameter list")
		return
	case l.kind == ast.ParamKwOnly:
		p.fail(p.pos, p.end, "'/' must come before '*'")
		return
	case l.params.First == 0:
		p.fail(p.pos, p.end, "expected a parameter before '/'")
		return
	}
	l.slash = true
	p.t.MakePosOnly(l.params)
	p.next()
}

func (p *parser) starParameter(l *paramList) {
	if l.kind == ast.ParamKwOnly {
		p.fail(p.pos, p.end, "'*' may appear only once in a parameter list")
		return
	}
	l.kind = ast.ParamKwOnly
	end := p.end
	p.next()
	if p.at(token.Name) {
		p.finishParameter(l, ast.ParamVarArg, true)
		if p.at(token.Equal) {
			p.fail(p.pos, p.end, "'*' parameter cannot have a default")
		}
		return
	}
	l.star = end
}

// finishParameter parses the name, annotation and default of one parameter.
func (p *parser) finishParameter(l *paramList, kind ast.ParamKind, starAnnotation bool) {
	if !p.at(token.Name) {
		p.failExpected(token.Name, "of a parameter")
		return
	}
	start, id := p.pos, p.id
	p.checkDebug(id, p.pos, p.end)
	p.next()
	var annotation, deflt ast.Node
	if l.annotated && p.got(token.Colon) {
		if starAnnotation && p.at(token.Star) {
			p.gate(11, p.pos, p.end, "starred annotation")
			annotation = p.starred()
		} else {
			annotation = p.expr()
		}
	}
	end := p.prevEnd
	if kind != ast.ParamVarArg && kind != ast.ParamKwArg {
		if p.got(token.Equal) {
			deflt = p.expr()
			l.defaults = true
		} else if l.defaults && kind == ast.ParamNormal {
			p.report(start, end, "parameter without a default follows parameter with a default")
		}
	}
	p.t.Append(&l.params, p.t.NewArg(start, end, id, kind, annotation, deflt))
}

// typeParams parses the type parameters of PEP 695 and 696, if there are any.
func (p *parser) typeParams() ast.Chain {
	params := ast.Chain{}
	if !p.at(token.LeftBracket) {
		return params
	}
	open := p.pos
	p.gate(12, p.pos, p.end, "type parameter list")
	p.next()
	if p.at(token.RightBracket) {
		p.fail(open, p.end, "type parameter list cannot be empty")
	}
	for !p.at(token.RightBracket) && !p.failed {
		p.t.Append(&params, p.typeParam())
		if !p.got(token.Comma) {
			break
		}
	}
	p.wantEnd(token.RightBracket, "in the type parameters")
	return params
}

func (p *parser) typeParam() ast.Node {
	start := p.pos
	kind := ast.KindTypeVar
	switch {
	case p.got(token.Star):
		kind = ast.KindTypeVarTuple
	case p.got(token.DoubleStar):
		kind = ast.KindParamSpec
	}
	id := p.id
	if !p.want(token.Name, "of a type parameter") {
		return p.t.NewTypeParam(kind, start, p.prevEnd, 0, 0, 0)
	}
	var bound, deflt ast.Node
	if p.at(token.Colon) && kind != ast.KindTypeVar {
		p.fail(p.pos, p.end, "only a plain type parameter can have a bound")
	}
	if p.got(token.Colon) {
		bound = p.expr()
	}
	if p.at(token.Equal) {
		p.gate(13, p.pos, p.end, "default of a type parameter")
		p.next()
		if kind == ast.KindTypeVarTuple {
			deflt = p.starExpr()
		} else {
			deflt = p.expr()
		}
	}
	return p.t.NewTypeParam(kind, start, p.prevEnd, id, bound, deflt)
}
