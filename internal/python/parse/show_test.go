package parse

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// show writes a node for tests: leaves as their source, others as their kind,
// with operator or context where it matters, and their children.
func show(t *ast.Tree, n ast.Node) string {
	name := t.Kind(n).String()
	switch t.Kind(n) {
	case ast.KindName, ast.KindAttribute, ast.KindSubscript, ast.KindStarred, ast.KindList, ast.KindTuple:
		if c := t.Context(n); c != ast.Load {
			name += ":" + c.String()
		}
	case ast.KindBinOp:
		name = t.BinOp(n).Op.String()
	case ast.KindAugAssign:
		name += ":" + t.AugAssign(n).Op.String()
	case ast.KindUnaryOp:
		name = t.UnaryOp(n).Op.String()
	case ast.KindBoolOp:
		name = t.BoolOp(n).Op.String()
	case ast.KindComprehension:
		name = "for"
		if t.Comprehension(n).Async {
			name = "async-for"
		}
	case ast.KindArg:
		name = "arg" + []string{"/", "", "*", "-", "**"}[t.Arg(n).Kind] + " " + t.Text(t.Arg(n).Name)
	case ast.KindKeyword:
		name = t.Text(t.Keyword(n).Arg) + "="
	case ast.KindFormattedValue, ast.KindInterpolation:
		if c := t.FormattedValue(n).Conversion; c != 0 {
			name += "!" + string(rune(c))
		}
	}
	if t.Kind(n) == ast.KindAttribute {
		name += "." + t.Text(t.Attribute(n).Attr)
	}
	var children []string
	c := t.Children(n)
	for child := c.Next(); child != 0; child = c.Next() {
		op := t.CmpOp(child)
		text := show(t, child)
		if t.Kind(n) == ast.KindCompare && op != ast.NoCmp {
			text = op.String() + " " + text
		}
		children = append(children, text)
	}
	switch {
	case len(children) > 0:
		return name + "(" + strings.Join(children, " ") + ")"
	case t.Kind(n) == ast.KindName && t.Context(n) == ast.Load, t.Kind(n) == ast.KindConstant:
		return t.SourceOf(n)
	case t.Kind(n) == ast.KindName:
		return t.SourceOf(n) + ":" + t.Context(n).String()
	}
	return name
}

// showBody writes the statements of a file, expression statements without their
// Expr.
func showBody(t *ast.Tree) string {
	var lines []string
	for n := range t.Body(t.Root()).All() {
		if t.Kind(n) == ast.KindExpr {
			n = t.Value(n)
		}
		lines = append(lines, show(t, n))
	}
	return strings.Join(lines, "; ")
}

// diagnostics writes the diagnostics of a tree, one a line: "line:column message",
// both from 1.
func diagnostics(t *ast.Tree) string {
	var lines []string
	for _, d := range t.Diagnostics() {
		line, column := t.Position(d.Pos)
		lines = append(lines, fmt.Sprintf("%d:%d %s", line, column+1, d.Message))
	}
	return strings.Join(lines, "\n")
}

// shape is a source and the tree that show makes of it.
type shape struct{ source, want string }

func testShapes(t *testing.T, shapes []shape) {
	t.Helper()
	tree := ast.NewTree(nil)
	for _, s := range shapes {
		t.Run(s.source, func(t *testing.T) {
			File(tree, s.source, Options{})
			if d := diagnostics(tree); d != "" {
				t.Error(d)
			}
			if got := showBody(tree); got != s.want {
				t.Errorf("got  %s\nwant %s", got, s.want)
			}
			check(t, tree)
		})
	}
}
