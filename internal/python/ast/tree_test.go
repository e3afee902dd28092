package ast_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// parsed returns the tree of a source that must be free of errors.
func parsed(t *testing.T, source string) *ast.Tree {
	t.Helper()
	tree := ast.NewTree(nil)
	parse.File(tree, source, parse.Options{})
	for _, d := range tree.Diagnostics() {
		t.Fatalf("%s at %d", d.Message, d.Pos)
	}
	return tree
}

// first returns the first node of a kind in preorder.
func first(t *testing.T, tree *ast.Tree, kind ast.Kind) ast.Node {
	t.Helper()
	for n := range tree.Preorder(tree.Root()) {
		if tree.Kind(n) == kind {
			return n
		}
	}
	t.Fatalf("no %v in the tree", kind)
	return 0
}

// texts returns the source of every node of a list.
func texts(tree *ast.Tree, list ast.Nodes) []string {
	var out []string
	for n := range list.All() {
		out = append(out, tree.SourceOf(n))
	}
	return out
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestFunction(t *testing.T) {
	tree := parsed(t, "@a\n@b()\nasync def f[T, *U](x, /, y=1, *z, k: int, l=2, **m) -> r:\n    s\n    return 1\n")
	f := tree.Function(first(t, tree, ast.KindAsyncFunctionDef))
	if name := tree.Text(f.Name); name != "f" || tree.Source()[f.NamePos] != 'f' {
		t.Errorf("name %q at %d", name, f.NamePos)
	}
	equal(t, "decorators", texts(tree, f.Decorators), []string{"a", "b()"})
	equal(t, "type parameters", texts(tree, f.TypeParams), []string{"T", "*U"})
	equal(t, "body", texts(tree, f.Body), []string{"s", "return 1"})
	if got := tree.SourceOf(f.Returns); got != "r" {
		t.Errorf("returns %q", got)
	}
	args := tree.Arguments(f.Args)
	equal(t, "positional-only", texts(tree, args.PosOnly), []string{"x"})
	equal(t, "positional", texts(tree, args.Args), []string{"y"})
	equal(t, "keyword-only", texts(tree, args.KwOnly), []string{"k: int", "l"})
	if tree.Text(tree.Arg(args.VarArg).Name) != "z" || tree.Text(tree.Arg(args.KwArg).Name) != "m" {
		t.Error("star parameters are not z and m")
	}
	if y := tree.Arg(args.Args.First()); tree.SourceOf(y.Default) != "1" || y.Annotation != 0 || y.Kind != ast.ParamNormal {
		t.Errorf("y is %+v", y)
	}
	if n := tree.Params(f.Args).Len(); n != 6 {
		t.Errorf("%d parameters, want 6", n)
	}
}

func TestNoParameters(t *testing.T) {
	tree := parsed(t, "def f(): pass")
	f := tree.Function(first(t, tree, ast.KindFunctionDef))
	args := tree.Arguments(f.Args)
	if f.Args != 0 || !args.PosOnly.Empty() || !args.Args.Empty() || args.VarArg != 0 || args.KwArg != 0 || !tree.Params(0).Empty() {
		t.Errorf("got %+v", args)
	}
}

func TestCall(t *testing.T) {
	tree := parsed(t, "f(a, *b, k=1, *c, **d)")
	call := tree.Call(first(t, tree, ast.KindCall))
	equal(t, "args", texts(tree, call.Args), []string{"a", "*b", "*c"})
	equal(t, "keywords", texts(tree, call.Keywords), []string{"k=1", "**d"})
	if call.Args.Len() != 3 || tree.SourceOf(call.Args.At(1)) != "*b" || call.Args.At(3) != 0 ||
		tree.SourceOf(call.Args.Last()) != "*c" {
		t.Error("Len, At or Last is wrong")
	}
	var loop []string
	for n := call.Args.First(); n != 0; n = call.Args.Next(n) {
		loop = append(loop, tree.SourceOf(n))
	}
	equal(t, "loop", loop, []string{"a", "*b", "*c"})
	if k := tree.Keyword(call.Keywords.Last()); k.Arg != 0 || tree.SourceOf(k.Value) != "d" {
		t.Errorf("**d is %+v", k)
	}
}

func TestClass(t *testing.T) {
	tree := parsed(t, "@d\nclass C(A, metaclass=M):\n    x: int = 1\n    y = 2\n")
	n := first(t, tree, ast.KindClassDef)
	c := tree.Class(n)
	equal(t, "bases", texts(tree, c.Bases), []string{"A"})
	equal(t, "keywords", texts(tree, c.Keywords), []string{"metaclass=M"})
	equal(t, "body", texts(tree, c.Body), []string{"x: int = 1", "y = 2"})
	if !strings.HasPrefix(tree.SourceOf(n), "class C") {
		t.Error("span includes the decorator")
	}
	if a := tree.AnnAssign(c.Body.First()); !a.Simple || tree.SourceOf(a.Annotation) != "int" || tree.SourceOf(a.Value) != "1" {
		t.Errorf("x is %+v", a)
	}
}

func TestControlFlow(t *testing.T) {
	tree := parsed(t, "if a:\n  b\n  c\nelif d: e\nelse: f\nfor x in y:\n  z\n  w\nelse: v\nwhile p:\n  q\n  r\n")
	branch := tree.If(first(t, tree, ast.KindIf))
	equal(t, "if body", texts(tree, branch.Body), []string{"b", "c"})
	elif := branch.Orelse.First()
	if !tree.IsElif(elif) || branch.Orelse.Len() != 1 {
		t.Error("elif is not alone in orelse")
	}
	equal(t, "else body", texts(tree, tree.If(elif).Orelse), []string{"f"})
	loop := tree.For(first(t, tree, ast.KindFor))
	equal(t, "for body", texts(tree, loop.Body), []string{"z", "w"})
	equal(t, "for else", texts(tree, loop.Orelse), []string{"v"})
	if tree.SourceOf(loop.Target) != "x" || tree.SourceOf(loop.Iter) != "y" || tree.Context(loop.Target) != ast.Store {
		t.Error("target or iter of for is wrong")
	}
	equal(t, "while body", texts(tree, tree.While(first(t, tree, ast.KindWhile)).Body), []string{"q", "r"})
}

func TestTry(t *testing.T) {
	tree := parsed(t, "try:\n  a\nexcept (B, C) as e:\n  d\nexcept:\n  f\nelse:\n  g\nfinally:\n  h\n")
	try := tree.Try(first(t, tree, ast.KindTry))
	equal(t, "else", texts(tree, try.Orelse), []string{"g"})
	equal(t, "finally", texts(tree, try.Final), []string{"h"})
	h := tree.ExceptHandler(try.Handlers.First())
	if tree.SourceOf(h.Type) != "(B, C)" || tree.Text(h.Name) != "e" || tree.Source()[h.NamePos] != 'e' {
		t.Errorf("handler is %+v", h)
	}
	if bare := tree.ExceptHandler(try.Handlers.Last()); bare.Type != 0 || bare.Name != 0 || bare.Body.Len() != 1 {
		t.Errorf("bare handler is %+v", bare)
	}
}

func TestImports(t *testing.T) {
	tree := parsed(t, "import a . b as c, d\nfrom ....e.f import g as h, i\nfrom . import *\n")
	imports := tree.Import(first(t, tree, ast.KindImport))
	if a := tree.Alias(imports.First()); tree.Text(a.Name) != "a.b" || tree.Text(a.Asname) != "c" {
		t.Errorf("got %q as %q", tree.Text(a.Name), tree.Text(a.Asname))
	}
	from := tree.ImportFrom(first(t, tree, ast.KindImportFrom))
	if tree.Text(from.Module) != "e.f" || from.Level != 4 || from.Names.Len() != 2 {
		t.Errorf("got %+v", from)
	}
	star := tree.ImportFrom(tree.Body(tree.Root()).Last())
	if star.Module != 0 || star.Level != 1 || tree.Alias(star.Names.First()).Name != ast.IdentStar {
		t.Errorf("got %+v", star)
	}
}

func TestDictAndCompare(t *testing.T) {
	tree := parsed(t, "{a: b, **c, d: e}; x < y is not z")
	var items []string
	for key, value := range tree.DictItems(first(t, tree, ast.KindDict)).All() {
		text := "**"
		if key != 0 {
			text = tree.SourceOf(key) + ":"
		}
		items = append(items, text+tree.SourceOf(value))
	}
	equal(t, "items", items, []string{"a:b", "**c", "d:e"})
	compare := tree.Compare(first(t, tree, ast.KindCompare))
	var ops []string
	for n := range compare.Comparators.All() {
		ops = append(ops, tree.CmpOp(n).String()+" "+tree.SourceOf(n))
	}
	equal(t, "comparators", ops, []string{"Lt y", "IsNot z"})
}

func TestPatternParts(t *testing.T) {
	tree := parsed(t, "match a:\n  case {1: b, **rest} if c:\n    d\n  case K(x, y=z): pass\n")
	m := tree.Match(first(t, tree, ast.KindMatch))
	c := tree.MatchCase(m.Cases.First())
	mapping := tree.MatchMapping(c.Pattern)
	if tree.SourceOf(c.Guard) != "c" || tree.Text(mapping.Rest) != "rest" || tree.Source()[mapping.RestPos] != 'r' {
		t.Errorf("case is %+v, mapping %+v", c, mapping)
	}
	class := tree.MatchClass(tree.MatchCase(m.Cases.Last()).Pattern)
	equal(t, "patterns", texts(tree, class.Patterns), []string{"x"})
	if k := tree.MatchKeyword(class.Keywords.First()); tree.Text(k.Attr) != "y" || tree.Text(tree.MatchAs(k.Pattern).Name) != "z" {
		t.Errorf("keyword pattern is %+v", k)
	}
}

func TestConstants(t *testing.T) {
	tree := parsed(t, "[0x10, 1_000, 00, 99999999999999999999, 1.5, 2e400, 3j, u'a', 'b', True, ...]")
	elts := tree.Elts(first(t, tree, ast.KindList))
	wantKinds := []ast.ConstKind{ast.ConstInt, ast.ConstInt, ast.ConstInt, ast.ConstInt, ast.ConstFloat, ast.ConstFloat,
		ast.ConstImag, ast.ConstStr, ast.ConstStr, ast.ConstTrue, ast.ConstEllipsis}
	var kinds []ast.ConstKind
	for n := range elts.All() {
		kinds = append(kinds, tree.ConstKind(n))
	}
	if !slices.Equal(kinds, wantKinds) {
		t.Errorf("kinds %v, want %v", kinds, wantKinds)
	}
	for i, want := range []int64{16, 1000, 0} {
		if got, ok := tree.Int(elts.At(i)); !ok || got != want {
			t.Errorf("number %d is %d, %v", i, got, ok)
		}
	}
	if _, ok := tree.Int(elts.At(3)); ok {
		t.Error("a number beyond 64 bits fits")
	}
	if f := tree.Float(elts.At(4)); f != 1.5 {
		t.Errorf("1.5 is %v", f)
	}
	if f := tree.Float(elts.At(5)); f < 1e308 {
		t.Errorf("2e400 is %v", f)
	}
	if f := tree.Float(elts.At(6)); f != 3 {
		t.Errorf("3j is %v", f)
	}
	if !tree.UnicodePrefix(elts.At(7)) || tree.UnicodePrefix(elts.At(8)) {
		t.Error("prefix u is wrong")
	}
}

func TestFormattedValue(t *testing.T) {
	tree := parsed(t, `f"a{b!r:>{c}}{d = }"`)
	values := tree.Values(first(t, tree, ast.KindJoinedStr))
	equal(t, "values", texts(tree, values), []string{"a", "{b!r:>{c}}", "d = ", "{d = }"})
	b := tree.FormattedValue(values.At(1))
	if b.Conversion != 'r' || b.Debug || b.Text != "b" || tree.SourceOf(b.Spec) != ":>{c}" {
		t.Errorf("b is %+v", b)
	}
	d := tree.FormattedValue(values.At(3))
	if d.Conversion != 'r' || !d.Debug || d.Text != "d" || d.Spec != 0 {
		t.Errorf("d is %+v", d)
	}
}

func TestPositions(t *testing.T) {
	tree := parsed(t, "\uFEFFé = 1\r\n((a)) \ri")
	for _, test := range []struct {
		node         ast.Node
		line, column int
	}{
		{first(t, tree, ast.KindConstant), 1, 5},
		{tree.Value(tree.Body(tree.Root()).At(1)), 2, 2},
		{tree.Value(tree.Body(tree.Root()).At(2)), 3, 0},
	} {
		if line, column := tree.Position(tree.Pos(test.node)); line != test.line || column != test.column {
			t.Errorf("%s is at %d:%d, want %d:%d", tree.SourceOf(test.node), line, column, test.line, test.column)
		}
	}
	a := tree.Value(tree.Body(tree.Root()).At(1))
	parens := tree.ParensOf(a)
	if !tree.Parenthesised(a) || len(parens) != 2 || parens[0].Open != parens[1].Open+1 || parens[0].Close+1 != parens[1].Close {
		t.Errorf("parentheses are %v", parens)
	}
	if len(tree.Lines()) != 3 {
		t.Errorf("lines start at %v", tree.Lines())
	}
}

func TestComments(t *testing.T) {
	tree := parsed(t, "# one\nx = (1, # two\n  2) # three\n\n    # four\ny = '# no'")
	var got []string
	for _, c := range tree.Comments() {
		got = append(got, tree.Source()[c.Pos:c.End])
	}
	equal(t, "comments", got, []string{"# one", "# two", "# three", "# four"})
}

func TestWalk(t *testing.T) {
	tree := parsed(t, "f(a)(b).c\n")
	var trace []string
	tree.Walk(tree.Root(), func(n ast.Node) bool {
		trace = append(trace, tree.Kind(n).String())
		return tree.Kind(n) != ast.KindAttribute
	}, func(n ast.Node) { trace = append(trace, "/"+tree.Kind(n).String()) })
	equal(t, "trace", trace, []string{"Module", "Expr", "Attribute", "/Expr", "/Module"})
	count := 0
	for range tree.Preorder(tree.Root()) {
		if count++; count == 3 {
			break
		}
	}
	if count != 3 {
		t.Errorf("%d nodes before break, want 3", count)
	}
}

// TestReset parses two files into one tree; identifiers keep their numbers and
// texts.
func TestReset(t *testing.T) {
	tree := ast.NewTree(nil)
	parse.File(tree, "name = 1\nlonger_name_than_eight = 2", parse.Options{})
	id := tree.Name(tree.Assign(tree.Body(tree.Root()).First()).Targets.First())
	text := tree.Text(id)
	parse.File(tree, "other = name", parse.Options{})
	if got := tree.Name(tree.Assign(tree.Body(tree.Root()).First()).Value); got != id || text != "name" {
		t.Errorf("identifier %d %q became %d", id, text, got)
	}
	if tree.Names().Lookup("longer_name_than_eight") == 0 || tree.Names().Lookup("unknown") != 0 {
		t.Error("Lookup is wrong")
	}
}

func TestNormalisedNames(t *testing.T) {
	tree := parsed(t, "ﬁ = \u212b = fi = \u00c5")
	a := tree.Assign(tree.Body(tree.Root()).First())
	if tree.Name(a.Targets.At(0)) != tree.Name(a.Targets.At(2)) {
		t.Error("the ligature fi is not the name fi")
	}
	if tree.Name(a.Targets.At(1)) != tree.Name(a.Value) {
		t.Error("the angstrom sign is not the letter")
	}
}

func TestManyNames(t *testing.T) {
	names := ast.NewNames()
	ids := map[string]ast.Ident{}
	for i := range 100_000 {
		text := strings.Repeat("x", i%13) + string(rune('a'+i%26)) + strings.Repeat("_", i/26%11) + string(rune('A'+i/7%26))
		if id, seen := ids[text]; seen && id != names.Intern(text) {
			t.Fatalf("%s has two numbers", text)
		}
		ids[text] = names.Intern(text)
	}
	for text, id := range ids {
		if names.Text(id) != text || names.InternAt(text+"        ", 0, len(text)) != id {
			t.Fatalf("%s is %s", text, names.Text(id))
		}
	}
}

func TestWrongAccessor(t *testing.T) {
	tree := parsed(t, "x")
	defer func() {
		if recover() == nil {
			t.Error("an accessor for another kind returned")
		}
	}()
	tree.Call(tree.Root())
}
