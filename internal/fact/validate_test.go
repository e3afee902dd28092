package fact_test

import (
	"slices"
	"testing"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// TestValidateFindsFaults breaks one thing at a time that a reader would trip over.
func TestValidateFindsFaults(t *testing.T) {
	call := func(f *fact.File) *fact.ExprInfo { return find(f, fact.Call) }
	for _, c := range []struct {
		name  string
		spoil func(*fact.File)
	}{
		{"no strings", func(f *fact.File) { f.Strings = nil }},
		{"no module", func(f *fact.File) { f.Scopes = nil }},
		{"module with a parent", func(f *fact.File) { f.Scopes[0].Parent = 0 }},
		{"scope that contains itself", func(f *fact.File) { f.Scopes[1].Parent = 1 }},
		{"body behind the end", func(f *fact.File) { f.Scopes[1].BodyEnd = 999 }},
		{"body that is another's", func(f *fact.File) { f.Scopes[1].BodyFirst = 1 }},
		{"symbols beyond the end", func(f *fact.File) { f.Scopes[1].SymCount = 999 }},
		{"symbol list that overflows", func(f *fact.File) { f.Scopes[1].SymCount = ^uint32(0) }},
		{"definitions beyond the end", func(f *fact.File) { f.Symbols[1].DefCount = 999 }},
		{"import that does not exist", func(f *fact.File) { f.Defs[1].Kind, f.Defs[1].Index = fact.DefImport, 7 }},
		{"statement that does not end", func(f *fact.File) { f.Stmts[1].Next = 1 }},
		{"statement inside a later one", func(f *fact.File) { f.Stmts[1].Parent = 2 }},
		{"statement that reaches out of its parent", func(f *fact.File) { f.Stmts[len(f.Stmts)-1].Next++ }},
		{"unknown kind of statement", func(f *fact.File) { f.Stmts[1].Kind = 200 }},
		{"unknown kind of expression", func(f *fact.File) { f.Exprs[1].Kind = 200 }},
		{"unknown operator", func(f *fact.File) { f.Exprs[1].Op = 200 }},
		{"operand behind the expression", func(f *fact.File) { call(f).A = fact.Expr(len(f.Exprs) - 1) }},
		{"operand of two", func(f *fact.File) { call(f).B = call(f).A }},
		{"operands beyond the end", func(f *fact.File) { call(f).Ops.Count = 999 }},
		{"parent that is another", func(f *fact.File) { f.Exprs[call(f).A].Parent++ }},
		{"chain without a first link", func(f *fact.File) { find(f, fact.Compare).Flag = true }},
		{"odd dictionary", func(f *fact.File) { find(f, fact.DictDisplay).Ops.Count-- }},
		{"lambda without its scope", func(f *fact.File) { find(f, fact.Lambda).Inner = 0 }},
		{"lambda in its own body", func(f *fact.File) {
			i := slices.IndexFunc(f.Exprs, func(x fact.ExprInfo) bool { return x.Kind == fact.Lambda })
			f.Scopes[f.Exprs[i].Inner].Value = fact.Expr(i)
		}},
		{"expression that is too deep", func(f *fact.File) {
			f.Exprs = append(make([]fact.ExprInfo, 1), fact.ExprInfo{Kind: fact.TrueConst})
			for e := fact.Expr(1); e <= fact.MaxDepth; e++ {
				f.Exprs[e].Parent = e + 1
				f.Exprs = append(f.Exprs, fact.ExprInfo{Kind: fact.Unary, Op: fact.OpNot, A: e})
			}
		}},
		{"text that does not exist", func(f *fact.File) { f.Exprs[1].Text = 999 }},
		{"place behind the end", func(f *fact.File) { f.Exprs[1].End = f.Size + 1 }},
		{"place that ends before it starts", func(f *fact.File) { f.Comments[0].Start = f.Comments[0].End + 1 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := extracted(t, "def f(a=1):\n    return g(a, {1: 2}, 1 < a, lambda: a)  # c\n")
			c.spoil(f)
			if f.Validate() == nil {
				t.Error("the fault was not found")
			}
		})
	}
}

// find gives the first expression of a kind.
func find(f *fact.File, kind fact.ExprKind) *fact.ExprInfo {
	for i := range f.Exprs {
		if f.Exprs[i].Kind == kind {
			return &f.Exprs[i]
		}
	}
	panic("no expression of kind " + kind.String())
}
