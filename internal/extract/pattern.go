package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// pattern lowers a pattern of a match statement on subject; below says that it receives only a part of the subject.
func (x *Extractor) pattern(n ast.Node, subject fact.Expr, below bool) fact.Expr {
	if n == 0 {
		return 0
	}
	if x.tooDeep(n) {
		return x.add(fact.ExprInfo{Kind: fact.Unreadable, Span: x.span(n)})
	}
	x.depth++
	e := x.patternKind(n, subject, below)
	x.depth--
	return e
}

func (x *Extractor) patternKind(n ast.Node, subject fact.Expr, below bool) fact.Expr {
	t := x.tree
	e := fact.ExprInfo{Span: x.span(n)}
	switch t.Kind(n) {
	case ast.KindMatchValue:
		e.Kind, e.A = fact.PatternValue, x.expr(t.Value(n))
	case ast.KindMatchSingleton:
		e.Kind, e.A = fact.PatternValue, x.add(fact.ExprInfo{Kind: constKinds[t.ConstKind(n)], Span: e.Span})
	case ast.KindMatchSequence:
		e.Kind, e.Ops = fact.PatternSequence, x.patterns(t.Patterns(n), subject, true)
	case ast.KindMatchOr:
		e.Kind, e.Ops = fact.PatternOr, x.patterns(t.Patterns(n), subject, below)
	case ast.KindMatchMapping:
		return x.patternMapping(n, subject)
	case ast.KindMatchClass:
		return x.patternClass(n, subject)
	case ast.KindMatchStar:
		e.Kind, e.Text = fact.PatternStar, x.strings.ident(t.MatchStar(n))
		x.capture(t.MatchStar(n), x.nameBefore(t.End(n)), subject, true)
	case ast.KindMatchAs:
		as := t.MatchAs(n)
		e.Kind, e.Text, e.A = fact.PatternAs, x.strings.ident(as.Name), x.pattern(as.Pattern, subject, below)
		x.capture(as.Name, x.nameBefore(t.End(n)), subject, below)
	default:
		e.Kind = fact.Unreadable
	}
	return x.add(e)
}

// capture records the name that a pattern binds.
func (x *Extractor) capture(ident ast.Ident, place fact.Span, subject fact.Expr, below bool) {
	if ident == 0 {
		return
	}
	def := fact.Def{Kind: fact.DefMatch, Value: subject, Unpacked: below}
	if below {
		def.Index = inner
	}
	x.define(ident, place, def)
}

func (x *Extractor) patterns(list ast.Nodes, subject fact.Expr, below bool) fact.List {
	mark := len(x.pending)
	for n := list.First(); n != 0; n = list.Next(n) {
		x.pending = append(x.pending, x.pattern(n, subject, below))
	}
	return x.list(mark)
}

func (x *Extractor) patternMapping(n ast.Node, subject fact.Expr) fact.Expr {
	m := x.tree.MatchMapping(n)
	mark := len(x.pending)
	for key, value := range m.Items.All() {
		k := x.expr(key)
		v := x.pattern(value, subject, true)
		x.pending = append(x.pending, k, v)
	}
	e := fact.ExprInfo{Kind: fact.PatternMapping, Span: x.span(n), Ops: x.list(mark), Text: x.strings.ident(m.Rest)}
	if m.Rest != 0 {
		x.capture(m.Rest, x.nameAt(m.RestPos), subject, true)
	}
	return x.add(e)
}

func (x *Extractor) patternClass(n ast.Node, subject fact.Expr) fact.Expr {
	t := x.tree
	c := t.MatchClass(n)
	e := fact.ExprInfo{Kind: fact.PatternClass, Span: x.span(n), A: x.expr(c.Class)}
	mark := len(x.pending)
	for p := range c.Patterns.All() {
		x.pending = append(x.pending, x.pattern(p, subject, true))
	}
	for k := range c.Keywords.All() {
		keyword := t.MatchKeyword(k)
		x.pending = append(x.pending, x.add(fact.ExprInfo{
			Kind: fact.Keyword, Span: x.span(k), Text: x.strings.ident(keyword.Attr),
			A: x.pattern(keyword.Pattern, subject, true),
		}))
	}
	e.Ops = x.list(mark)
	return x.add(e)
}
