package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// whole is the position of a target that is not part of a tuple or list, inside of one that is starred or nested.
const (
	whole = -2
	inner = -1
)

// define records that the current statement binds a name; def holds what is special to the kind.
func (x *Extractor) define(ident ast.Ident, place fact.Span, def fact.Def) {
	x.defineIn(x.scope, ident, place, def)
}

// defineIn is define for a name that belongs to the scope holder, which code of the current scope binds.
func (x *Extractor) defineIn(holder fact.Scope, ident ast.Ident, place fact.Span, def fact.Def) {
	def.Symbol = fact.Sym(x.bindings.Resolve(scope.ID(holder), ident))
	if def.Symbol == 0 {
		return
	}
	def.Stmt, def.Scope, def.Span = x.stmt, holder, place
	x.defs = append(x.defs, def)
}

// target lowers what is assigned to, stored by a loop or deleted, and records every name in it. Position is whole, or
// where the target stands in the tuple around it.
func (x *Extractor) target(n ast.Node, def fact.Def, position int32) fact.Expr {
	if n == 0 {
		return 0
	}
	if x.tooDeep(n) {
		return x.add(fact.ExprInfo{Kind: fact.Unreadable, Span: x.span(n)})
	}
	x.depth++
	e := x.targetKind(n, def, position)
	x.depth--
	return e
}

func (x *Extractor) targetKind(n ast.Node, def fact.Def, position int32) fact.Expr {
	t := x.tree
	switch t.Kind(n) {
	case ast.KindName:
		if position != whole && def.Kind != fact.DefDelete {
			def.Unpacked, def.Index = true, position
			if def.Kind == fact.DefAssign {
				def.Kind = fact.DefUnpack
			}
		}
		x.define(t.Name(n), x.span(n), def)
	case ast.KindStarred:
		return x.add(fact.ExprInfo{Kind: fact.Starred, Span: x.span(n), A: x.target(t.Value(n), def, inner)})
	case ast.KindTuple, ast.KindList:
		kind := fact.Tuple
		if t.Kind(n) == ast.KindList {
			kind = fact.ListDisplay
		}
		return x.add(fact.ExprInfo{Kind: kind, Span: x.span(n), Ops: x.elements(n, def, position)})
	}
	return x.expr(n)
}

// elements lowers the parts of a tuple or list that is assigned to.
func (x *Extractor) elements(n ast.Node, def fact.Def, position int32) fact.List {
	mark := len(x.pending)
	elts := x.tree.Elts(n)
	next := int32(0)
	if position != whole {
		next = inner
	}
	for elt := elts.First(); elt != 0; elt = elts.Next(elt) {
		x.pending = append(x.pending, x.target(elt, def, next))
		if next != inner {
			next++
		}
	}
	return x.list(mark)
}

// named lowers "name := value", which binds in the nearest scope that is no comprehension.
func (x *Extractor) named(n ast.Node) fact.Expr {
	t := x.tree
	named := t.NamedExpr(n)
	value := x.expr(named.Value)
	target := x.expr(named.Target)
	if t.Kind(named.Target) == ast.KindName {
		x.exprs[target].Flag = true
		x.define(t.Name(named.Target), x.span(named.Target), fact.Def{Kind: fact.DefNamed, Value: value})
	}
	return x.add(fact.ExprInfo{Kind: fact.Walrus, Span: x.span(n), A: target, B: value})
}

// nameAt gives the place of the identifier that starts at pos.
func (x *Extractor) nameAt(pos uint32) fact.Span {
	src := x.tree.Source()
	end := pos
	for int(end) < len(src) && isIdentByte(src[end]) {
		end++
	}
	return fact.Span{Start: pos, End: end}
}

// nameBefore gives the place of the identifier that ends at end.
func (x *Extractor) nameBefore(end uint32) fact.Span {
	src := x.tree.Source()
	start := end
	for start > 0 && isIdentByte(src[start-1]) {
		start--
	}
	return fact.Span{Start: start, End: end}
}

// isIdentByte says whether c may be part of an identifier; all bytes of characters outside ASCII may.
func isIdentByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
}
