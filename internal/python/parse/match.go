package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// match parses a match statement; if the word "match" is an ordinary name it
// returns 0 and consumes nothing.
func (p *parser) match() ast.Node {
	pos := p.pos
	m := p.mark()
	p.next()
	if !startsExpr[p.tok] {
		p.rewind(m)
		return 0
	}
	subject := p.starNamedExprs()
	if p.failed || !p.at(token.Colon) || p.t.Kind(subject) == ast.KindStarred {
		p.rewind(m)
		return 0
	}
	end := p.end
	p.next()
	if !p.at(token.Newline) || p.failed {
		p.rewind(m)
		return 0
	}
	p.gate(10, pos, pos+uint32(len("match")), "match statement")
	p.next()
	cases := ast.Chain{}
	if !p.at(token.Indent) {
		p.report(p.pos, p.end, "expected an indented block after the match subject")
		for p.at(token.Name) && p.id == ast.IdentCase {
			p.caseBlock(&cases)
			p.failed, p.reported = false, false
		}
	} else {
		p.next()
		for !p.at(token.Dedent) && !p.at(token.EndOfFile) {
			p.failed, p.reported = false, false
			p.caseBlock(&cases)
		}
		p.got(token.Dedent)
	}
	if cases.First != 0 {
		end = p.t.End(cases.Last)
	}
	return p.t.NewMatch(pos, end, subject, cases)
}

// caseBlock parses one case. Statements that stand where a case should are
// reported and dropped.
func (p *parser) caseBlock(cases *ast.Chain) {
	if !p.at(token.Name) || p.id != ast.IdentCase {
		p.report(p.pos, p.end, "expected 'case'")
		dropped := ast.Chain{}
		p.statement(&dropped)
		return
	}
	pos := p.pos
	p.next()
	pattern := p.patterns()
	guard := ast.Node(0)
	if p.got(token.If) {
		guard = p.named()
	}
	end := p.prevEnd
	body := p.block("the pattern")
	p.t.Append(cases, p.t.NewMatchCase(pos, p.endOf(body, end), pattern, guard, body))
}

// patterns parses the pattern of a case, which may be a sequence without
// brackets.
func (p *parser) patterns() ast.Node {
	start := p.pos
	first := p.maybeStarPattern()
	if !p.at(token.Comma) {
		if p.t.Kind(first) == ast.KindMatchStar {
			p.report(start, p.prevEnd, "starred pattern must be in a sequence")
		}
		return first
	}
	list := p.patternsAfter(first)
	return p.t.NewPatterns(ast.KindMatchSequence, start, p.prevEnd, list)
}

// patternsAfter parses the patterns after first, each behind a comma.
func (p *parser) patternsAfter(first ast.Node) ast.Chain {
	list := ast.Chain{}
	p.t.Append(&list, first)
	for p.got(token.Comma) && startsPattern[p.tok] {
		p.t.Append(&list, p.maybeStarPattern())
	}
	return list
}

// startsPattern tells which tokens can begin a pattern in a sequence.
var startsPattern = [token.Count]bool{
	token.Name: true, token.Int: true, token.Float: true, token.Imag: true, token.Minus: true,
	token.String: true, token.FString: true, token.NoneKeyword: true, token.True: true, token.False: true,
	token.LeftParen: true, token.LeftBracket: true, token.LeftBrace: true, token.Star: true,
}

func (p *parser) maybeStarPattern() ast.Node {
	if !p.at(token.Star) {
		return p.pattern()
	}
	start := p.pos
	p.next()
	id := p.id
	if !p.want(token.Name, "after '*' in a pattern") || id == ast.IdentUnderscore {
		id = 0
	}
	return p.t.NewMatchStar(start, p.prevEnd, id)
}

// pattern parses alternatives with an optional name.
func (p *parser) pattern() ast.Node {
	start := p.pos
	n := p.orPattern()
	if !p.at(token.As) {
		return n
	}
	p.next()
	id, pos := p.id, p.pos
	if !p.want(token.Name, "after 'as' in a pattern") {
		return n
	}
	if id == ast.IdentUnderscore {
		p.report(pos, p.prevEnd, "cannot use '_' as the name of a pattern")
	}
	if p.at(token.Dot) || p.at(token.LeftParen) {
		p.fail(pos, p.prevEnd, "expected a plain name after 'as' in a pattern")
	}
	return p.t.NewMatchAs(start, p.prevEnd, n, id)
}

func (p *parser) orPattern() ast.Node {
	start := p.pos
	first := p.closedPattern()
	if !p.at(token.Bar) {
		return first
	}
	list := ast.Chain{}
	p.t.Append(&list, first)
	for p.got(token.Bar) {
		p.t.Append(&list, p.closedPattern())
	}
	return p.t.NewPatterns(ast.KindMatchOr, start, p.prevEnd, list)
}

// closedPattern parses a pattern without operators.
func (p *parser) closedPattern() ast.Node {
	start := p.pos
	switch p.tok {
	case token.NoneKeyword:
		return p.singleton(ast.ConstNone)
	case token.True:
		return p.singleton(ast.ConstTrue)
	case token.False:
		return p.singleton(ast.ConstFalse)
	case token.Int, token.Float, token.Imag, token.Minus:
		value := p.patternNumber()
		return p.t.NewValue(ast.KindMatchValue, start, p.prevEnd, value)
	case token.String, token.FString:
		// CPython refuses f-strings here, but only after the tree is made.
		value := p.strings()
		return p.t.NewValue(ast.KindMatchValue, start, p.prevEnd, value)
	case token.Name:
		return p.namePattern()
	case token.LeftParen, token.LeftBracket, token.LeftBrace:
		if !p.enter() {
			p.leave()
			return p.missingPattern()
		}
		n := p.bracketedPattern()
		p.leave()
		return n
	}
	p.fail(p.pos, p.end, "expected a pattern")
	return p.missingPattern()
}

func (p *parser) missingPattern() ast.Node {
	return p.t.NewLeaf(ast.KindInvalidPattern, p.prevEnd, p.prevEnd)
}

func (p *parser) singleton(kind ast.ConstKind) ast.Node {
	n := p.t.NewMatchSingleton(p.pos, p.end, kind)
	p.next()
	return n
}

// patternNumber parses a number with an optional sign, or a complex number: a
// real part, a sign and an imaginary part.
func (p *parser) patternNumber() ast.Node {
	start := p.pos
	imaginary := false
	n := p.signedNumber(&imaginary)
	if p.failed || !p.at(token.Plus) && !p.at(token.Minus) {
		return n
	}
	if imaginary {
		p.report(start, p.prevEnd, "real part of a complex number in a pattern must be real")
	}
	op := binary[p.tok].op
	p.next()
	if !p.at(token.Imag) {
		p.fail(p.pos, p.end, "expected an imaginary number in a pattern")
		return n
	}
	right := p.constant(ast.ConstImag)
	return p.t.NewBinOp(start, p.prevEnd, n, op, right)
}

func (p *parser) signedNumber(imaginary *bool) ast.Node {
	start := p.pos
	minus := p.got(token.Minus)
	var n ast.Node
	switch p.tok {
	case token.Int:
		n = p.constant(ast.ConstInt)
	case token.Float:
		n = p.constant(ast.ConstFloat)
	case token.Imag:
		*imaginary = true
		n = p.constant(ast.ConstImag)
	default:
		p.fail(p.pos, p.end, "expected a number after '-' in a pattern")
		return p.missing()
	}
	if minus {
		n = p.t.NewUnaryOp(start, p.prevEnd, ast.USub, n)
	}
	return n
}

// namePattern parses a capture, the wildcard, a dotted name or a class pattern.
func (p *parser) namePattern() ast.Node {
	start, end, id := p.pos, p.end, p.id
	p.next()
	if id == ast.IdentUnderscore {
		return p.t.NewMatchAs(start, end, 0, 0)
	}
	if !p.at(token.Dot) && !p.at(token.LeftParen) {
		return p.t.NewMatchAs(start, end, 0, id)
	}
	n := p.t.NewName(start, end, id)
	for length := 0; p.at(token.Dot); length++ {
		n = p.attribute(start, n)
		if length == longChain {
			p.long = true
		}
	}
	if p.at(token.LeftParen) {
		return p.classPattern(start, n)
	}
	return p.t.NewValue(ast.KindMatchValue, start, p.prevEnd, n)
}

// classPattern parses the arguments of a class pattern.
func (p *parser) classPattern(start uint32, class ast.Node) ast.Node {
	if !p.enter() {
		p.leave()
		return p.missingPattern()
	}
	p.next()
	var patterns, keywords ast.Chain
	for !p.at(token.RightParen) && !p.failed {
		pos := p.pos
		n := p.pattern()
		if p.at(token.Equal) {
			as := ast.MatchAs{}
			if p.t.Kind(n) == ast.KindMatchAs {
				as = p.t.MatchAs(n)
			}
			if as.Name == 0 && p.src[pos:p.prevEnd] == "_" {
				as.Name = ast.IdentUnderscore
			}
			if as.Name == 0 || as.Pattern != 0 {
				p.fail(p.pos, p.end, "expected a plain name before '=' in a class pattern")
				break
			}
			p.t.Drop(n)
			p.next()
			value := p.pattern()
			p.t.Append(&keywords, p.t.NewMatchKeyword(pos, p.prevEnd, as.Name, value))
		} else {
			if keywords.First != 0 {
				p.report(pos, p.prevEnd, "positional pattern follows keyword pattern")
			}
			p.t.Append(&patterns, n)
		}
		if !p.got(token.Comma) {
			break
		}
	}
	p.wantEnd(token.RightParen, "in the class pattern")
	p.leave()
	return p.t.NewMatchClass(start, p.prevEnd, class, patterns, keywords)
}

// bracketedPattern parses a group, a sequence or a mapping.
func (p *parser) bracketedPattern() ast.Node {
	if p.at(token.LeftBrace) {
		return p.mappingPattern()
	}
	start := p.pos
	end := token.RightBracket
	if p.at(token.LeftParen) {
		end = token.RightParen
	}
	p.next()
	if p.got(end) {
		return p.t.NewPatterns(ast.KindMatchSequence, start, p.prevEnd, ast.Chain{})
	}
	first := p.maybeStarPattern()
	if end == token.RightParen && !p.at(token.Comma) && p.t.Kind(first) != ast.KindMatchStar {
		close := p.pos
		if p.want(end, "after the pattern") {
			p.t.AddParen(first, start, close)
		}
		return first
	}
	if end == token.RightParen && !p.at(token.Comma) {
		p.fail(start, p.prevEnd, "starred pattern must be in a sequence")
	}
	list := p.patternsAfter(first)
	p.wantEnd(end, "in the sequence pattern")
	return p.t.NewPatterns(ast.KindMatchSequence, start, p.prevEnd, list)
}

// mappingPattern parses a mapping pattern.
func (p *parser) mappingPattern() ast.Node {
	start := p.pos
	p.next()
	items := ast.Chain{}
	rest, restPos := ast.Ident(0), uint32(0)
	for !p.at(token.RightBrace) && !p.failed {
		if rest != 0 {
			p.fail(p.pos, p.end, "'**' must come last in a mapping pattern")
			break
		}
		if p.got(token.DoubleStar) {
			rest, restPos = p.id, p.pos
			if !p.want(token.Name, "after '**' in a pattern") {
				rest = 0
			} else if rest == ast.IdentUnderscore {
				p.report(restPos, p.prevEnd, "'**_' is not allowed in a mapping pattern")
			}
		} else {
			key := p.mappingKey()
			p.want(token.Colon, "after the key of a mapping pattern")
			value := p.pattern()
			p.t.AppendItem(&items, key, value)
		}
		if !p.got(token.Comma) {
			break
		}
	}
	p.wantEnd(token.RightBrace, "in the mapping pattern")
	return p.t.NewMatchMapping(start, p.prevEnd, items, rest, restPos)
}

// mappingKey parses a literal or a dotted name.
func (p *parser) mappingKey() ast.Node {
	start := p.pos
	switch p.tok {
	case token.NoneKeyword:
		return p.constant(ast.ConstNone)
	case token.True:
		return p.constant(ast.ConstTrue)
	case token.False:
		return p.constant(ast.ConstFalse)
	case token.String, token.FString:
		return p.strings()
	case token.Int, token.Float, token.Imag, token.Minus:
		return p.patternNumber()
	case token.Name:
		n := p.t.NewName(start, p.end, p.id)
		p.next()
		if !p.at(token.Dot) {
			p.fail(start, p.prevEnd, "key of a mapping pattern must be a literal or a name with a dot")
		}
		for p.at(token.Dot) {
			n = p.attribute(start, n)
		}
		return n
	}
	p.fail(p.pos, p.end, "expected a key of a mapping pattern")
	return p.missing()
}
