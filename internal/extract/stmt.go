package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// open appends a statement; what is added until close lies inside it. Expressions from here on are evaluated by it.
func (x *Extractor) open(kind fact.StmtKind, span fact.Span) fact.Stmt {
	s := fact.Stmt(len(x.stmts))
	x.stmts = append(x.stmts, fact.StmtInfo{Kind: kind, Span: span, Parent: x.parent, Scope: x.scope})
	x.stmt = s
	return s
}

func (x *Extractor) close(s fact.Stmt) { x.stmts[s].Next = fact.Stmt(len(x.stmts)) }

// block lowers the statements of a list.
func (x *Extractor) block(list ast.Nodes) {
	for n := list.First(); n != 0; n = list.Next(n) {
		if x.tooDeep(n) {
			x.unreadable(n)
			return
		}
		x.depth++
		x.statement(n)
		x.depth--
	}
}

// nested lowers the statements of a list inside the statement or block s.
func (x *Extractor) nested(s fact.Stmt, list ast.Nodes) {
	parent := x.parent
	x.parent = s
	x.block(list)
	x.parent = parent
}

// branch lowers a block of the statement s, if it has any statements.
func (x *Extractor) branch(s fact.Stmt, kind fact.StmtKind, list ast.Nodes) {
	if list.Empty() {
		return
	}
	parent := x.parent
	x.parent = s
	b := x.open(kind, fact.Span{})
	x.nested(b, list)
	x.close(b)
	x.stmts[b].Span = x.extent(b)
	x.parent = parent
}

// extent gives the span of the statements inside a block that has been closed.
func (x *Extractor) extent(b fact.Stmt) fact.Span {
	span := x.stmts[b+1].Span
	for s := b + 1; s < x.stmts[b].Next; s = x.stmts[s].Next {
		span.End = x.stmts[s].End
	}
	return span
}

func (x *Extractor) unreadable(n ast.Node) { x.close(x.open(fact.UnreadableStmt, x.span(n))) }

// statement lowers n and everything below it.
func (x *Extractor) statement(n ast.Node) {
	t := x.tree
	switch t.Kind(n) {
	case ast.KindFunctionDef, ast.KindAsyncFunctionDef:
		x.function(n)
	case ast.KindClassDef:
		x.class(n)
	case ast.KindIf:
		x.ifStatement(n)
	case ast.KindWhile:
		x.while(n)
	case ast.KindFor, ast.KindAsyncFor:
		x.loop(n)
	case ast.KindTry, ast.KindTryStar:
		x.try(n)
	case ast.KindWith, ast.KindAsyncWith:
		x.with(n)
	case ast.KindMatch:
		x.match(n)
	case ast.KindInvalidStmt:
		x.unreadable(n)
	default:
		x.simple(n)
	}
}

// simple lowers a statement without blocks.
func (x *Extractor) simple(n ast.Node) {
	t := x.tree
	s := x.open(fact.UnreadableStmt, x.span(n))
	var kind fact.StmtKind
	var a, b fact.Expr
	switch t.Kind(n) {
	case ast.KindExpr:
		kind, a = fact.ExprStmt, x.expr(t.Value(n))
	case ast.KindReturn:
		kind, a = fact.Return, x.expr(t.Value(n))
	case ast.KindRaise:
		r := t.Raise(n)
		kind, a, b = fact.Raise, x.expr(r.Exc), x.expr(r.Cause)
	case ast.KindAssert:
		r := t.Assert(n)
		kind, a, b = fact.Assert, x.expr(r.Test), x.expr(r.Msg)
	case ast.KindPass:
		kind = fact.Pass
	case ast.KindBreak:
		kind = fact.Break
	case ast.KindContinue:
		kind = fact.Continue
	case ast.KindAssign:
		kind, a = fact.Assign, x.assign(n, s)
	case ast.KindAnnAssign:
		kind = fact.AnnAssign
		a, b = x.annAssign(n, s)
	case ast.KindAugAssign:
		kind = fact.AugAssign
		a, b = x.augAssign(n, s)
	case ast.KindDelete:
		kind = fact.Delete
		x.setTargets(s, t.Targets(n), fact.Def{Kind: fact.DefDelete})
	case ast.KindGlobal:
		kind = fact.Global
		x.declare(n, s)
	case ast.KindNonlocal:
		kind = fact.Nonlocal
		x.declare(n, s)
	case ast.KindImport, ast.KindImportFrom:
		kind = fact.ImportStmt
		x.importStatement(n, s)
	case ast.KindTypeAlias:
		kind = fact.TypeAlias
		a, b = x.typeAlias(n)
	}
	info := &x.stmts[s]
	info.Kind, info.A, info.B = kind, a, b
	x.close(s)
}

// setTargets lowers targets that all receive the same value.
func (x *Extractor) setTargets(s fact.Stmt, targets ast.Nodes, def fact.Def) {
	mark := len(x.pending)
	for n := targets.First(); n != 0; n = targets.Next(n) {
		x.pending = append(x.pending, x.target(n, def, whole))
	}
	list := x.list(mark)
	x.stmts[s].Targets = list
}

func (x *Extractor) assign(n ast.Node, s fact.Stmt) (value fact.Expr) {
	a := x.tree.Assign(n)
	value = x.expr(a.Value)
	x.setTargets(s, a.Targets, fact.Def{Kind: fact.DefAssign, Value: value})
	for target := range a.Targets.All() {
		x.export(target, value)
	}
	return value
}

func (x *Extractor) annAssign(n ast.Node, s fact.Stmt) (value, target fact.Expr) {
	a := x.tree.AnnAssign(n)
	annotation := x.annotate(a.Annotation)
	x.stmts[s].C = annotation
	value = x.expr(a.Value)
	def := fact.Def{Kind: fact.DefAssign, Value: value, Annotation: annotation}
	if value == 0 {
		def.Kind = fact.DefAnnotation
	}
	if value == 0 && !a.Simple {
		return 0, x.expr(a.Target) // "(name): T" binds nothing
	}
	target = x.target(a.Target, def, whole)
	x.export(a.Target, value)
	return value, target
}

func (x *Extractor) augAssign(n ast.Node, s fact.Stmt) (value, target fact.Expr) {
	a := x.tree.AugAssign(n)
	x.stmts[s].Op = binaryOps[a.Op]
	value = x.expr(a.Value)
	target = x.target(a.Target, fact.Def{Kind: fact.DefAugment, Value: value}, whole)
	x.export(a.Target, value)
	return value, target
}

// typeAlias lowers "type Name[P] = value"; the value belongs to a scope of its own.
func (x *Extractor) typeAlias(n ast.Node) (value, target fact.Expr) {
	alias := x.tree.TypeAlias(n)
	types, ok := x.scopeOf(n)
	if !ok {
		return 0, 0
	}
	x.unnamed(types, n, "<types>")
	x.typeParams(alias.TypeParams, types)
	outer := x.scope
	x.scope = types
	value = x.annotate(alias.Value)
	x.scope = outer
	return value, x.target(alias.Name, fact.Def{Kind: fact.DefTypeAlias, Value: value}, whole)
}

// declare lowers the names of global and nonlocal, which stand for the symbols of an outer scope.
func (x *Extractor) declare(n ast.Node, s fact.Stmt) {
	mark := len(x.pending)
	for id := range x.tree.Identifiers(n).All() {
		x.pending = append(x.pending, x.name(id, false))
	}
	list := x.list(mark)
	x.stmts[s].Targets = list
}

// export marks the module's symbols that are named in what is assigned to __all__.
func (x *Extractor) export(target ast.Node, value fact.Expr) {
	if x.scope != 0 || x.tree.Kind(target) != ast.KindName || x.tree.Text(x.tree.Name(target)) != "__all__" {
		return
	}
	for stack := []fact.Expr{value}; len(stack) > 0; {
		e := &x.exprs[stack[len(stack)-1]]
		stack = stack[:len(stack)-1]
		switch e.Kind {
		case fact.Binary:
			stack = append(stack, e.A, e.B)
		case fact.Tuple, fact.ListDisplay:
			stack = append(stack, x.operands[e.Ops.First:e.Ops.First+e.Ops.Count]...)
		case fact.StrConst:
			id := x.tree.Names().Lookup(x.strings.list[e.Text])
			if sym := x.bindings.Resolve(scope.ID(0), id); id != 0 && sym != 0 {
				x.symbols[sym].Flags |= fact.Exported
			}
		}
	}
}
