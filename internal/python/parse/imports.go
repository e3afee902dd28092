package parse

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

func (p *parser) importStmt() ast.Node {
	pos := p.pos
	p.next()
	names := ast.Chain{}
	for {
		start := p.pos
		name := p.dottedName("after 'import'")
		asname := p.asName()
		p.t.Append(&names, p.t.NewAlias(start, p.prevEnd, name, asname))
		if !p.got(token.Comma) {
			break
		}
	}
	return p.t.NewImport(pos, p.prevEnd, names)
}

// dottedName parses names joined by dots and interns them as one.
func (p *parser) dottedName(where string) ast.Ident {
	id := p.id
	if !p.want(token.Name, where) {
		return 0
	}
	if !p.at(token.Dot) {
		return id
	}
	var text strings.Builder
	text.WriteString(p.t.Text(id))
	for p.got(token.Dot) {
		id = p.id
		if !p.want(token.Name, "after '.'") {
			break
		}
		text.WriteByte('.')
		text.WriteString(p.t.Text(id))
	}
	return p.names.Intern(text.String())
}

// asName parses "as name" if it is there.
func (p *parser) asName() ast.Ident {
	if !p.got(token.As) {
		return 0
	}
	id := p.id
	if !p.want(token.Name, "after 'as'") {
		return 0
	}
	return id
}

func (p *parser) importFrom() ast.Node {
	pos := p.pos
	p.next()
	level := 0
	for {
		if p.got(token.Dot) {
			level++
		} else if p.got(token.Ellipsis) {
			level += 3
		} else {
			break
		}
	}
	module := ast.Ident(0)
	if level == 0 || p.at(token.Name) {
		module = p.dottedName("after 'from'")
	}
	p.want(token.Import, "after the module")
	names := ast.Chain{}
	switch {
	case p.at(token.Star):
		p.t.Append(&names, p.t.NewAlias(p.pos, p.end, ast.IdentStar, 0))
		p.next()
	case p.got(token.LeftParen):
		p.fromNames(&names, true)
		p.wantEnd(token.RightParen, "in the imported names")
	default:
		p.fromNames(&names, false)
	}
	return p.t.NewImportFrom(pos, p.prevEnd, module, level, names)
}

// fromNames parses the names that a from statement imports. Only in parentheses
// may a comma follow the last one.
func (p *parser) fromNames(names *ast.Chain, parens bool) {
	for !p.failed {
		start, id := p.pos, p.id
		if !p.want(token.Name, "to import") {
			return
		}
		asname := p.asName()
		p.t.Append(names, p.t.NewAlias(start, p.prevEnd, id, asname))
		comma := p.pos
		if !p.got(token.Comma) || parens && p.at(token.RightParen) {
			return
		}
		if p.atEnd() && !p.failed {
			p.fail(comma, comma+1, "trailing comma needs parentheses around the imported names")
		}
	}
}
