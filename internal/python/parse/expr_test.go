package parse

import "testing"

func TestOperators(t *testing.T) {
	testShapes(t, []shape{
		{"a + b * c", "Add(a Mult(b c))"},
		{"a - b - c", "Sub(Sub(a b) c)"},
		{"a ** b ** c", "Pow(a Pow(b c))"},
		{"-a ** -b", "USub(Pow(a USub(b)))"},
		{"(a + b) @ c", "MatMult(Add(a b) c)"},
		{"a << b >> c & d ^ e | f", "BitOr(BitXor(BitAnd(RShift(LShift(a b) c) d) e) f)"},
		{"a // b % c / d", "Div(Mod(FloorDiv(a b) c) d)"},
		{"~a", "Invert(a)"},
		{"not a and b or c and not d", "Or(And(Not(a) b) And(c Not(d)))"},
		{"a and b and c", "And(a b c)"},
		{"(a and b) and c", "And(And(a b) c)"},
		{"not not a", "Not(Not(a))"},
		{"not a == b", "Not(Compare(a Eq b))"},
		{"a < b <= c != d", "Compare(a Lt b LtE c NotEq d)"},
		{"a not in b is not c", "Compare(a NotIn b IsNot c)"},
		{"a in (b) is c", "Compare(a In b Is c)"},
		{"a if b else c if d else e", "IfExp(a b IfExp(c d e))"},
		{"await a ** await b", "Pow(Await(a) Await(b))"},
		{"(a := b)", "NamedExpr(a:Store b)"},
		{"lambda: a, b", "Tuple(Lambda(a) b)"},
		{"lambda a, /, b=1, *c, d, **e: f", "Lambda(arguments(arg/ a arg b(1) arg* c arg- d arg** e) f)"},
	})
}

func TestPrimaries(t *testing.T) {
	testShapes(t, []shape{
		{"a.b.c", "Attribute.c(Attribute.b(a))"},
		{"a()(b)[c].d", "Attribute.d(Subscript(Call(Call(a) b) c))"},
		{"f(a, *b, c=d, *e, **g)", "Call(f a Starred(b) Starred(e) c=(d) =(g))"},
		{"f(a for b in c)", "Call(f GeneratorExp(a for(b:Store c)))"},
		{"f((a for b in c), d)", "Call(f GeneratorExp(a for(b:Store c)) d)"},
		{"f(a := b)", "Call(f NamedExpr(a:Store b))"},
		{"f(a, b,)", "Call(f a b)"},
		{"a[b:c:d]", "Subscript(a Slice(b c d))"},
		{"a[:]", "Subscript(a Slice)"},
		{"a[::b]", "Subscript(a Slice(b))"},
		{"a[b, c:]", "Subscript(a Tuple(b Slice(c)))"},
		{"a[*b]", "Subscript(a Tuple(Starred(b)))"},
		{"a[b := c]", "Subscript(a NamedExpr(b:Store c))"},
		{"a[b,]", "Subscript(a Tuple(b))"},
	})
}

func TestDisplays(t *testing.T) {
	testShapes(t, []shape{
		{"()", "Tuple"},
		{"(a)", "a"},
		{"(a,)", "Tuple(a)"},
		{"a,", "Tuple(a)"},
		{"*a, b", "Tuple(Starred(a) b)"},
		{"[]", "List"},
		{"[a, *b]", "List(a Starred(b))"},
		{"{}", "Dict"},
		{"{a, b}", "Set(a b)"},
		{"{a: b, **c, d: e}", "Dict(a b c d e)"},
		{"[a for b in c if d if e]", "ListComp(a for(b:Store c d e))"},
		{"{a for b, c in d async for e in f}", "SetComp(a for(Tuple:Store(b:Store c:Store) d) async-for(e:Store f))"},
		{"{a: b for c in d}", "DictComp(a b for(c:Store d))"},
		{"(yield)", "Yield"},
		{"(yield a, b)", "Yield(Tuple(a b))"},
		{"(yield from a)", "YieldFrom(a)"},
	})
}

func TestStrings(t *testing.T) {
	testShapes(t, []shape{
		{`"a" 'b'`, `"a" 'b'`},
		{`f"a{b}c"`, "JoinedStr(a FormattedValue(b) c)"},
		{`"x" f"{a!r:>{b}}" 'y'`, `JoinedStr("x" FormattedValue!r(a JoinedStr(> FormattedValue(b))) 'y')`},
		{`f"{a=}"`, "JoinedStr(a= FormattedValue!r(a))"},
		{`f"{a = :x}"`, "JoinedStr(a =  FormattedValue(a JoinedStr(x)))"},
		{`f"{{{a}}}"`, "JoinedStr({{ FormattedValue(a) }})"},
		{`f"{f'{a}'}"`, "JoinedStr(FormattedValue(JoinedStr(FormattedValue(a))))"},
		{`f"{a["b"]}"`, `JoinedStr(FormattedValue(Subscript(a "b")))`},
		{`f"{a!=b}"`, "JoinedStr(FormattedValue(Compare(a NotEq b)))"},
		{`f"{(lambda x: 1)}"`, "JoinedStr(FormattedValue(Lambda(arguments(arg x) 1)))"},
		{`f"{a:=5}"`, "JoinedStr(FormattedValue(a JoinedStr(=5)))"},
		{`f"{(a:=5)}"`, "JoinedStr(FormattedValue(NamedExpr(a:Store 5)))"},
		{`f"{ {a: b}[a] }"`, "JoinedStr(FormattedValue(Subscript(Dict(a b) a)))"},
		{`rf"\{a}"`, `JoinedStr(\ FormattedValue(a))`},
		{`f"\N{BULLET}{a}"`, `JoinedStr(\N{BULLET} FormattedValue(a))`},
		{"f'''{\na\n:\nx}'''", "JoinedStr(FormattedValue(a JoinedStr(\nx)))"},
		{`t"a{b}"`, "TemplateStr(a Interpolation(b))"},
		{`f""`, "JoinedStr"},
	})
}

func TestNumbers(t *testing.T) {
	testShapes(t, []shape{
		{"0xFF_ff + 0o17 + 0b1_0", "Add(Add(0xFF_ff 0o17) 0b1_0)"},
		{"1_000.5e-1_0j", "1_000.5e-1_0j"},
		{".5 + 1. + 1.e5", "Add(Add(.5 1.) 1.e5)"},
		{"00 + 0_0 + 09.5 + 09e1 + 09j", "Add(Add(Add(Add(00 0_0) 09.5) 09e1) 09j)"},
		{"1if x else 2", "IfExp(1 x 2)"},
		{"1 .real", "Attribute.real(1)"},
		{"1..real", "Attribute.real(1.)"},
		{"0x1for x", "Or(0x1f x)"},
	})
}
