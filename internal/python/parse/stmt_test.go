package parse

import "testing"

func TestSimpleStatements(t *testing.T) {
	testShapes(t, []shape{
		{"a = b = c", "Assign(a:Store b:Store c)"},
		{"a, (b, *c), [d] = e", "Assign(Tuple:Store(a:Store Tuple:Store(b:Store Starred:Store(c:Store)) List:Store(d:Store)) e)"},
		{"a.b[c] = d", "Assign(Subscript:Store(Attribute.b(a) c) d)"},
		{"a = yield b", "Assign(a:Store Yield(b))"},
		{"a **= b", "AugAssign:Pow(a:Store b)"},
		{"a >>= b", "AugAssign:RShift(a:Store b)"},
		{"a: b", "AnnAssign(a:Store b)"},
		{"a.b: c = d", "AnnAssign(Attribute:Store.b(a) c d)"},
		{"(a): b", "AnnAssign(a:Store b)"},
		{"del a, (b, c), d[e]", "Delete(a:Del Tuple:Del(b:Del c:Del) Subscript:Del(d e))"},
		{"assert a, b", "Assert(a b)"},
		{"raise a from b", "Raise(a b)"},
		{"import a.b as c, d", "Import(alias alias)"},
		{"from . import (a, b as c,)", "ImportFrom(alias alias)"},
		{"from ...a import *", "ImportFrom(alias)"},
		{"global a, b", "Global(Identifier Identifier)"},
		{"return *a, b", "Return(Tuple(Starred(a) b))"},
		{"pass; break; continue;", "Pass; Break; Continue"},
		{"a; b", "a; b"},
	})
}

func TestCompoundStatements(t *testing.T) {
	testShapes(t, []shape{
		{"if a: b\nelif c: d\nelse: e", "If(a Expr(b) If(c Expr(d) Expr(e)))"},
		{"while a:\n  b\nelse:\n  c", "While(a Expr(b) Expr(c))"},
		{"for a, b in c: d", "For(Tuple:Store(a:Store b:Store) c Expr(d))"},
		{"async for a in b: pass", "AsyncFor(a:Store b Pass)"},
		{"with a as b, c: d", "With(withitem(a b:Store) withitem(c) Expr(d))"},
		{"with (a as b, c,): d", "With(withitem(a b:Store) withitem(c) Expr(d))"},
		{"with (a, b): c", "With(withitem(a) withitem(b) Expr(c))"},
		{"with (a, b) as c: d", "With(withitem(Tuple(a b) c:Store) Expr(d))"},
		{"with (a).b: c", "With(withitem(Attribute.b(a)) Expr(c))"},
		{"with (a := b): c", "With(withitem(NamedExpr(a:Store b)) Expr(c))"},
		{"with (yield): c", "With(withitem(Yield) Expr(c))"},
		{"try: a\nexcept b as c: d\nexcept: e\nelse: f\nfinally: g",
			"Try(Expr(a) ExceptHandler(b Expr(d)) ExceptHandler(Expr(e)) Expr(f) Expr(g))"},
		{"try: a\nexcept* b: c", "TryStar(Expr(a) ExceptHandler(b Expr(c)))"},
		{"try: a\nexcept b, c: d", "Try(Expr(a) ExceptHandler(Tuple(b c) Expr(d)))"},
		{"@a\n@b.c(d)\ndef e(): f", "FunctionDef(a Call(Attribute.c(b) d) Expr(f))"},
		{"async def a(b: c = d, *e: f) -> g: h", "AsyncFunctionDef(arguments(arg b(c d) arg* e(f)) g Expr(h))"},
		{"def f(a, /, *, b): pass", "FunctionDef(arguments(arg/ a arg- b) Pass)"},
		{"class A(B, *C, d=e, **f): g", "ClassDef(B Starred(C) d=(e) =(f) Expr(g))"},
		{"class A[T: int = str, *U, **V]: pass", "ClassDef(TypeVar(int str) TypeVarTuple ParamSpec Pass)"},
		{"type A[T] = B", "TypeAlias(A:Store TypeVar B)"},
	})
}

func TestMatch(t *testing.T) {
	header := "match a:\n case "
	for _, s := range []shape{
		{"_", "MatchAs"},
		{"b", "MatchAs"},
		{"b.c", "MatchValue(Attribute.c(b))"},
		{"1 | -2 | 3 + 4j", "MatchOr(MatchValue(1) MatchValue(USub(2)) MatchValue(Add(3 4j)))"},
		{"'a' 'b'", "MatchValue('a' 'b')"},
		{"None", "MatchSingleton"},
		{"[b, *_, c]", "MatchSequence(MatchAs MatchStar MatchAs)"},
		{"b, *c", "MatchSequence(MatchAs MatchStar)"},
		{"(b)", "MatchAs"},
		{"(b,)", "MatchSequence(MatchAs)"},
		{"()", "MatchSequence"},
		{"{'k': b, c.d: e, **f}", "MatchMapping('k' MatchAs Attribute.d(c) MatchAs)"},
		{"B(c, d.e, f=g)", "MatchClass(B MatchAs MatchValue(Attribute.e(d)) MatchKeyword(MatchAs))"},
		{"B() as c", "MatchAs(MatchClass(B))"},
	} {
		testShapes(t, []shape{{header + s.source + ": pass", "Match(a match_case(" + s.want + " Pass))"}})
	}
	testShapes(t, []shape{
		{"match a, *b:\n case c if d: e", "Match(Tuple(a Starred(b)) match_case(MatchAs d Expr(e)))"},
		{"match (a):\n case _: b", "Match(a match_case(MatchAs Expr(b)))"},
	})
}

// TestSoftKeywords reads match, case, type and _ as names.
func TestSoftKeywords(t *testing.T) {
	testShapes(t, []shape{
		{"match = case = type = _ = 1", "Assign(match:Store case:Store type:Store _:Store 1)"},
		{"match(a).b", "Attribute.b(Call(match a))"},
		{"match[a]: b", "AnnAssign(Subscript:Store(match a) b)"},
		{"match * a", "Mult(match a)"},
		{"match -a", "Sub(match a)"},
		{"match in a", "Compare(match In a)"},
		{"match: int", "AnnAssign(match:Store int)"},
		{"type(a)", "Call(type a)"},
		{"type in a", "Compare(type In a)"},
		{"type = a", "Assign(type:Store a)"},
		{"print(a)", "Call(print a)"},
	})
}

func TestLayout(t *testing.T) {
	testShapes(t, []shape{
		{"if a:\n  b\n\n # c\n  d\ne", "If(a Expr(b) Expr(d)); e"},
		{"(\na\n+\nb\n)", "Add(a b)"},
		{"a + \\\n  b", "Add(a b)"},
		{"a\r\nb\rc\n", "a; b; c"},
		{"if a:\r\n  b\r\nc", "If(a Expr(b)); c"},
		{"a\n\fb", "a; b"},
		{"\uFEFFa", "a"},
		{"# only a comment", ""},
		{"", ""},
		{"\n\n", ""},
		{"if a:\n  b\n  # end", "If(a Expr(b))"},
	})
}

func TestIdentifiers(t *testing.T) {
	testShapes(t, []shape{
		{"é", "é"},
		{"变量", "变量"},
		{"x\u0301", "x\u0301"},
		{"ℼ", "ℼ"},
		{"a·b", "a·b"},
		{"\U0002EBF0a・", "\U0002EBF0a・"}, // since Unicode 15.1
	})
}
