package parse

import (
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/token"
)

// targets parses the targets of "for", which end before "in".
func (p *parser) targets() ast.Node {
	start := p.pos
	first := p.target()
	n := first
	if p.at(token.Comma) {
		n = p.tupleAfter(start, first, (*parser).target)
	}
	p.assignable(n, ast.Store, assignment)
	return n
}

func (p *parser) target() ast.Node {
	if p.at(token.Star) {
		return p.starred()
	}
	return p.operators(precBitOr)
}

// use says what a target is used for, for messages.
type use string

const (
	assignment use = "assign to"
	deletion   use = "delete"
)

// assignable sets the context of a target and of its elements, and reports what
// cannot be one.
func (p *parser) assignable(n ast.Node, c ast.Context, u use) {
	switch p.t.Kind(n) {
	case ast.KindName, ast.KindAttribute, ast.KindSubscript:
		p.t.SetContext(n, c)
		p.checkDebugTarget(n, c)
		return
	case ast.KindStarred:
		if c == ast.Del && p.version >= 9 {
			break // Python 3.8 refuses it later
		}
		p.t.SetContext(n, c)
		p.assignable(p.t.Value(n), c, u)
		return
	case ast.KindList, ast.KindTuple:
		p.t.SetContext(n, c)
		list := p.t.Elts(n)
		for e := list.First(); e != 0; e = list.Next(e) {
			p.assignable(e, c, u)
		}
		return
	case ast.KindInvalidExpr:
		return
	}
	p.report(p.t.Pos(n), p.t.End(n), "cannot "+string(u)+" "+describe(p.t, n))
}

// single reports whether n can be the target of an augmented or annotated
// assignment, and if so makes it one.
func (p *parser) single(n ast.Node) bool {
	switch p.t.Kind(n) {
	case ast.KindName, ast.KindAttribute, ast.KindSubscript:
		p.t.SetContext(n, ast.Store)
		p.checkDebugTarget(n, ast.Store)
		return true
	}
	return false
}

// checkDebugTarget holds a target to the rule on __debug__.
func (p *parser) checkDebugTarget(n ast.Node, c ast.Context) {
	if p.version > Oldest || c != ast.Store {
		return
	}
	switch p.t.Kind(n) {
	case ast.KindName:
		p.checkDebug(p.t.Name(n), p.t.Pos(n), p.t.End(n))
	case ast.KindAttribute:
		p.checkDebug(p.t.Attribute(n).Attr, p.t.Pos(n), p.t.End(n))
	}
}

// checkDebug reports that __debug__ is bound, which the parser of Python 3.8
// refuses and later versions leave to the compiler.
func (p *parser) checkDebug(id ast.Ident, pos, end uint32) {
	if p.version == Oldest && id == ast.IdentDebug {
		p.report(pos, end, "cannot assign to __debug__")
	}
}

// describe names an expression in a message, with its article.
func describe(t *ast.Tree, n ast.Node) string {
	if t.Kind(n) == ast.KindConstant {
		switch t.ConstKind(n) {
		case ast.ConstNone, ast.ConstTrue, ast.ConstFalse:
			return t.SourceOf(n)
		case ast.ConstEllipsis:
			return "'...'"
		}
		return "a literal"
	}
	if text := descriptions[t.Kind(n)]; text != "" {
		return text
	}
	return "this expression"
}

var descriptions = map[ast.Kind]string{
	ast.KindBoolOp:       "an expression with operators",
	ast.KindNamedExpr:    "an assignment expression",
	ast.KindBinOp:        "an expression with operators",
	ast.KindUnaryOp:      "an expression with operators",
	ast.KindLambda:       "a lambda",
	ast.KindIfExp:        "a conditional expression",
	ast.KindDict:         "a dict",
	ast.KindSet:          "a set",
	ast.KindListComp:     "a list comprehension",
	ast.KindSetComp:      "a set comprehension",
	ast.KindDictComp:     "a dict comprehension",
	ast.KindGeneratorExp: "a generator",
	ast.KindAwait:        "an await expression",
	ast.KindYield:        "a yield expression",
	ast.KindYieldFrom:    "a yield expression",
	ast.KindCompare:      "a comparison",
	ast.KindCall:         "a function call",
	ast.KindJoinedStr:    "an f-string",
	ast.KindTemplateStr:  "a t-string",
	ast.KindAttribute:    "an attribute",
	ast.KindSubscript:    "a subscript",
	ast.KindStarred:      "a starred expression",
	ast.KindName:         "a name",
	ast.KindList:         "a list",
	ast.KindTuple:        "a tuple",
}
