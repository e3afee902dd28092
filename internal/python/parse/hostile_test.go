package parse

import (
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// TestHostile reads inputs made to exhaust a parser. All must come back; those
// that Python could run, without a diagnostic or with the one about depth.
func TestHostile(t *testing.T) {
	repeat := strings.Repeat
	deepIndents := func() string {
		var b strings.Builder
		for i := range 3000 {
			b.WriteString(repeat(" ", i) + "if x:\n")
		}
		b.WriteString(repeat(" ", 3000) + "pass\n")
		return b.String()
	}
	for _, test := range []struct{ name, source, want string }{
		{"brackets", repeat("(", 20_000) + "1" + repeat(")", 20_000), "too many nested brackets"},
		{"powers", "1" + repeat("**1", 20_000), "nested too deeply"},
		{"not", repeat("not ", 20_000) + "x", "nested too deeply"},
		{"minus", repeat("-", 20_000) + "x", "nested too deeply"},
		{"sums", "1" + repeat("+1", 20_000), ""},
		{"attributes", "a" + repeat(".b", 20_000), ""},
		{"calls", "a" + repeat("()", 20_000), ""},
		{"subscripts", "a" + repeat("[0]", 20_000), ""},
		{"sums beyond the limit", "1" + repeat("+1", 200_000), "nested too deeply"},
		{"lambdas", repeat("lambda:", 5_000) + "1", "nested too deeply"},
		{"conditionals", repeat("1 if x else ", 20_000) + "1", "nested too deeply"},
		{"unclosed brackets", repeat("[", 100_000), "too many nested brackets"},
		{"few unclosed brackets", repeat("[", 100), "'[' was never closed"},
		{"indents", deepIndents(), "too many levels of indentation"},
		{"elif", "if x:\n  y\n" + repeat("elif x:\n  y\n", 20_000), ""},
		{"decorators", repeat("@d\n", 20_000) + "def f(): pass\n", ""},
		{"f-strings", repeat(`f"{`, 150) + "1" + repeat(`}"`, 150), ""},
		{"unclosed f-strings", repeat(`f"{`, 3_000), "too many nested brackets"},
		{"imports", repeat("import a\n", 200_000), ""},
		{"long line", "x = [" + repeat("1, ", 7_000_000) + "]\n", ""},
		{"digits", "x = " + repeat("9", 100_000) + "\n", ""},
		{"unclosed docstring", `"""` + repeat("text\n", 1_000_000), "triple-quoted string literal is not closed"},
		{"many unclosed docstrings", repeat(`"""`, 100_001), "triple-quoted string literal is not closed"},
		{"null byte", "x = 1\x00\ny = 2\n", "source contains a null byte"},
		{"invalid UTF-8", "x = '\xff'\n", "source is not valid UTF-8"},
		{"closers", repeat(")]}", 100_000), "unmatched ')'"},
		{"unclosed bracket a line", repeat("f(\n", 100_000), "too many nested brackets"},
		{"patterns", "match x:\n case " + repeat("[", 20_000), "too many nested brackets"},
		{"match calls", repeat("match(x)\n", 50_000), ""},
		{"with", "with " + repeat("(", 150) + "x" + repeat(")", 150) + ": pass\n", ""},
		{"backslashes", repeat("\\\n", 100_000) + "x\n", ""},
		{"keyword arguments", "f(" + repeat("a=1,", 100_000) + ")\n", ""},
		{"specifications", `f"` + repeat("{x:", 100) + repeat("}", 100) + `"`, "f-string expressions are nested too deeply"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree := ast.NewTree(nil)
			for _, version := range []Version{Oldest, 11, Newest} {
				File(tree, test.source, Options{Version: version})
				if version != Newest {
					continue
				}
				got := ""
				if d := tree.Diagnostics(); len(d) > 0 {
					got = d[0].Message
				}
				if got != test.want {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
			if tree.Len() < 1_000_000 {
				check(t, tree)
			}
		})
	}
}

// check verifies the invariants of a tree: offsets in range, children inside
// their parents (decorators and defaults apart), before them in the arena and in one list
// only, diagnostics in order.
func check(t *testing.T, tree *ast.Tree) {
	t.Helper()
	size := uint32(len(tree.Source()))
	seen := make([]bool, tree.Len())
	tree.Walk(tree.Root(), func(n ast.Node) bool {
		if seen[n] {
			t.Fatalf("%v is in the tree twice", tree.Kind(n))
		}
		seen[n] = true
		if tree.Pos(n) > tree.End(n) || tree.End(n) > size {
			t.Fatalf("%v has the span %d to %d", tree.Kind(n), tree.Pos(n), tree.End(n))
		}
		decorable := tree.Kind(n) == ast.KindFunctionDef || tree.Kind(n) == ast.KindAsyncFunctionDef ||
			tree.Kind(n) == ast.KindClassDef
		c := tree.Children(n)
		for child := c.Next(); child != 0; child = c.Next() {
			if child >= n {
				t.Fatalf("%v is made before its child %v", tree.Kind(n), tree.Kind(child))
			}
			inside := tree.Pos(child) >= tree.Pos(n) && tree.End(child) <= tree.End(n)
			if !inside && !(decorable && tree.End(child) <= tree.Pos(n)) && tree.Kind(n) != ast.KindArg {
				t.Fatalf("%v %d to %d is outside of %v %d to %d", tree.Kind(child), tree.Pos(child), tree.End(child),
					tree.Kind(n), tree.Pos(n), tree.End(n))
			}
		}
		return true
	}, nil)
	checkLists(t, tree, size)
}

// checkLists verifies what a tree has beside its nodes.
func checkLists(t *testing.T, tree *ast.Tree, size uint32) {
	t.Helper()
	last := uint32(0)
	for _, d := range tree.Diagnostics() {
		if d.Pos < last || d.End < d.Pos || d.End > size {
			t.Fatalf("diagnostic at %d to %d, after one at %d", d.Pos, d.End, last)
		}
		last = d.Pos
	}
	for _, c := range tree.Comments() {
		if c.Pos >= c.End || c.End > size {
			t.Fatalf("comment at %d to %d", c.Pos, c.End)
		}
	}
}
