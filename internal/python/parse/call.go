package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// call parses the arguments of a call of fn; the current token is "(".
func (p *parser) call(start uint32, fn ast.Node) ast.Node {
	open := p.pos
	p.next()
	args, keywords := p.arguments()
	p.wantEnd(token.RightParen, "in the arguments")
	if args.First != 0 && p.t.SharesParens(args.First) {
		// The generator's span takes in the parentheses it shares.
		p.t.SetSpan(args.First, open, p.prevEnd)
	}
	return p.t.NewCall(start, p.prevEnd, fn, args, keywords)
}

// arguments parses the arguments of a call, or the bases of a class, up to the
// closing parenthesis.
func (p *parser) arguments() (args, keywords ast.Chain) {
	unpacked := false // after **
	for !p.at(token.RightParen) && !p.failed {
		start := p.pos
		switch {
		case p.at(token.DoubleStar):
			p.next()
			value := p.expr()
			p.t.Append(&keywords, p.t.NewKeyword(start, p.prevEnd, 0, value))
			unpacked = true
		case p.at(token.Star):
			p.next()
			value := p.expr()
			if unpacked {
				p.report(start, p.prevEnd, "iterable unpacking follows keyword unpacking")
			}
			p.t.Append(&args, p.t.NewValue(ast.KindStarred, start, p.prevEnd, value))
		default:
			p.argument(&args, &keywords, unpacked)
		}
		if !p.got(token.Comma) {
			break
		}
	}
	return args, keywords
}

// argument parses one argument without stars.
func (p *parser) argument(args, keywords *ast.Chain, unpacked bool) {
	start := p.pos
	n := p.named()
	switch {
	case p.at(token.Equal):
		p.keyword(start, n, keywords)
		return
	case p.atFor():
		n = p.generatorArgument(start, n, args.First == 0 && keywords.First == 0)
	}
	switch {
	case unpacked:
		p.report(start, p.prevEnd, "positional argument follows keyword unpacking")
	case keywords.First != 0:
		p.report(start, p.prevEnd, "positional argument follows keyword argument")
	}
	p.t.Append(args, n)
}

// keyword parses "= value" after the name n of an argument.
func (p *parser) keyword(start uint32, n ast.Node, keywords *ast.Chain) {
	if p.t.Kind(n) != ast.KindName || p.t.Parenthesised(n) {
		if p.t.Kind(n) == ast.KindConstant {
			p.fail(start, p.prevEnd, "cannot assign to "+describe(p.t, n))
		} else {
			p.fail(start, p.end, "argument name must be a plain name; use '==' to compare")
		}
		return
	}
	id := p.t.Name(n)
	p.t.Drop(n)
	if p.version == Oldest {
		p.checkDebug(id, start, p.prevEnd)
		p.checkRepeated(id, start, *keywords)
	}
	p.next()
	value := p.expr()
	if p.atFor() {
		p.fail(start, p.end, "generator as the value of a keyword argument must be in parentheses")
	}
	p.t.Append(keywords, p.t.NewKeyword(start, p.prevEnd, id, value))
}

// checkRepeated reports that a keyword argument stands twice, which the parser of
// Python 3.8 refuses and later versions leave to the compiler.
func (p *parser) checkRepeated(id ast.Ident, pos uint32, keywords ast.Chain) {
	const most = 1000 // the search is quadratic
	count := 0
	for k := keywords.First; k != 0 && count < most; k = p.t.Next(k) {
		if p.t.Keyword(k).Arg == id {
			p.report(pos, p.prevEnd, "keyword argument '"+p.t.Text(id)+"' is repeated")
			return
		}
		count++
	}
}

// generatorArgument parses the clauses of a generator whose element is n. Only a
// generator that is the sole argument may go without parentheses of its own.
func (p *parser) generatorArgument(start uint32, n ast.Node, first bool) ast.Node {
	generators := p.generators(n)
	g := p.t.NewComp(ast.KindGeneratorExp, start, p.prevEnd, n, generators)
	if first && p.at(token.RightParen) {
		p.t.SetSharesParens(g)
	} else {
		p.report(start, p.prevEnd, "generator must be in parentheses unless it is the only argument")
	}
	return g
}
