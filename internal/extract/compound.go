package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// ifStatement lowers an if with its chain of elif as arms side by side.
func (x *Extractor) ifStatement(n ast.Node) {
	t := x.tree
	s := x.open(fact.If, x.span(n))
	typeChecking, guarded := x.typeChecking, x.guardedImport
	parent := x.parent
	x.parent = s
	for {
		c := t.If(n)
		arm := x.open(fact.Arm, fact.Span{Start: t.Pos(n)})
		test := x.expr(c.Test)
		x.stmts[arm].A = test
		mode := x.modeOf(test)
		x.guardedImport = x.guardedImport || mode == onPlatform
		x.typeChecking = typeChecking || mode == whenChecking
		x.nested(arm, c.Body)
		x.close(arm)
		x.stmts[arm].End = x.lastEnd(arm, test)
		x.typeChecking = typeChecking || mode == whenRunning
		n = c.Orelse.First()
		if n == 0 || !t.IsElif(n) || c.Orelse.Next(n) != 0 {
			x.branch(s, fact.Else, c.Orelse)
			break
		}
	}
	x.parent = parent
	x.typeChecking, x.guardedImport = typeChecking, guarded
	x.close(s)
}

// lastEnd gives the end of the last statement in a closed block, or of its expression if it has none.
func (x *Extractor) lastEnd(b fact.Stmt, e fact.Expr) uint32 {
	if x.stmts[b].Next == b+1 {
		return x.exprs[e].End
	}
	return x.extent(b).End
}

func (x *Extractor) while(n ast.Node) {
	w := x.tree.While(n)
	s := x.open(fact.While, x.span(n))
	test := x.expr(w.Test)
	x.stmts[s].A = test
	x.branch(s, fact.Body, w.Body)
	x.branch(s, fact.Else, w.Orelse)
	x.close(s)
}

func (x *Extractor) loop(n ast.Node) {
	f := x.tree.For(n)
	s := x.open(fact.For, x.span(n))
	iter := x.expr(f.Iter)
	target := x.target(f.Target, fact.Def{Kind: fact.DefFor, Value: iter}, whole)
	info := &x.stmts[s]
	info.A, info.B, info.Flag = iter, target, x.tree.Kind(n) == ast.KindAsyncFor
	x.branch(s, fact.Body, f.Body)
	x.branch(s, fact.Else, f.Orelse)
	x.close(s)
}

func (x *Extractor) try(n ast.Node) {
	t := x.tree
	c := t.Try(n)
	s := x.open(fact.Try, x.span(n))
	x.stmts[s].Flag = t.Kind(n) == ast.KindTryStar
	guarded := x.guardedImport
	x.guardedImport = guarded || x.survivesImportError(c.Handlers)
	x.branch(s, fact.Body, c.Body)
	parent := x.parent
	x.parent = s
	for h := c.Handlers.First(); h != 0; h = c.Handlers.Next(h) {
		x.handler(h)
	}
	x.parent = parent
	x.branch(s, fact.Else, c.Orelse)
	x.guardedImport = guarded
	x.branch(s, fact.Finally, c.Final)
	x.close(s)
}

func (x *Extractor) handler(n ast.Node) {
	h := x.tree.ExceptHandler(n)
	s := x.open(fact.Handler, x.span(n))
	kind := x.expr(h.Type)
	x.stmts[s].A = kind
	if h.Name != 0 {
		x.stmts[s].Text = x.strings.ident(h.Name)
		x.define(h.Name, x.nameAt(h.NamePos), fact.Def{Kind: fact.DefExcept, Value: kind})
	}
	x.nested(s, h.Body)
	x.close(s)
}

func (x *Extractor) with(n ast.Node) {
	t := x.tree
	w := t.With(n)
	s := x.open(fact.With, x.span(n))
	x.stmts[s].Flag = t.Kind(n) == ast.KindAsyncWith
	parent := x.parent
	x.parent = s
	for i := w.Items.First(); i != 0; i = w.Items.Next(i) {
		item := t.WithItem(i)
		b := x.open(fact.Item, x.span(i))
		context := x.expr(item.Context)
		target := x.target(item.Vars, fact.Def{Kind: fact.DefWith, Value: context}, whole)
		x.stmts[b].A, x.stmts[b].B = context, target
		x.close(b)
	}
	x.parent = parent
	x.branch(s, fact.Body, w.Body)
	x.close(s)
}

func (x *Extractor) match(n ast.Node) {
	t := x.tree
	m := t.Match(n)
	s := x.open(fact.Match, x.span(n))
	subject := x.expr(m.Subject)
	x.stmts[s].A = subject
	parent := x.parent
	x.parent = s
	for c := m.Cases.First(); c != 0; c = m.Cases.Next(c) {
		mc := t.MatchCase(c)
		b := x.open(fact.Case, x.span(c))
		pattern := x.pattern(mc.Pattern, subject, false)
		guard := x.expr(mc.Guard)
		x.stmts[b].A, x.stmts[b].B = pattern, guard
		x.nested(b, mc.Body)
		x.close(b)
	}
	x.parent = parent
	x.close(s)
}
