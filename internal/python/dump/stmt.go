package dump

import "github.com/tiebeam/tiebeam/internal/python/ast"

func (d *dumper) module(n ast.Node) {
	d.begin("Module")
	d.list("body", d.t.Body(n))
	if d.openList("type_ignores", true) {
		d.closeList()
	}
	d.close()
}

// stmt writes a statement. Type comments are never parsed for, so their field never has a value.
func (d *dumper) stmt(n ast.Node) {
	switch d.t.Kind(n) {
	case ast.KindFunctionDef, ast.KindAsyncFunctionDef, ast.KindClassDef:
		d.definition(n)
	case ast.KindFor, ast.KindAsyncFor, ast.KindWhile, ast.KindIf, ast.KindWith, ast.KindAsyncWith, ast.KindMatch,
		ast.KindTry, ast.KindTryStar:
		d.compound(n)
	case ast.KindInvalidStmt:
		d.invalid(n)
	default:
		d.begin(d.t.Kind(n).String())
		d.simple(n)
		d.finish(n)
	}
}

// simple writes the fields of a simple statement.
func (d *dumper) simple(n ast.Node) {
	t := d.t
	switch t.Kind(n) {
	case ast.KindReturn:
		d.optional("value", t.Value(n))
	case ast.KindExpr:
		d.expr("value", t.Value(n))
	case ast.KindDelete:
		d.list("targets", t.Targets(n))
	case ast.KindAssign:
		s := t.Assign(n)
		d.list("targets", s.Targets)
		d.expr("value", s.Value)
		d.none("type_comment")
	case ast.KindTypeAlias:
		s := t.TypeAlias(n)
		d.expr("name", s.Name)
		d.list("type_params", s.TypeParams)
		d.expr("value", s.Value)
	case ast.KindAugAssign:
		s := t.AugAssign(n)
		d.expr("target", s.Target)
		d.bare("op", s.Op.String())
		d.expr("value", s.Value)
	case ast.KindAnnAssign:
		d.annAssign(t.AnnAssign(n))
	case ast.KindRaise:
		s := t.Raise(n)
		d.optional("exc", s.Exc)
		d.optional("cause", s.Cause)
	case ast.KindAssert:
		s := t.Assert(n)
		d.expr("test", s.Test)
		d.optional("msg", s.Msg)
	case ast.KindImport:
		d.list("names", t.Import(n))
	case ast.KindImportFrom:
		s := t.ImportFrom(n)
		d.optionalIdent("module", s.Module)
		d.list("names", s.Names)
		d.number("level", s.Level)
	case ast.KindGlobal, ast.KindNonlocal:
		d.idents("names", t.Identifiers(n), t.Name)
	}
}

func (d *dumper) annAssign(s ast.AnnAssign) {
	d.expr("target", s.Target)
	d.expr("annotation", s.Annotation)
	d.optional("value", s.Value)
	simple := 0
	if s.Simple {
		simple = 1
	}
	d.number("simple", simple)
}

// definition writes a function or class.
func (d *dumper) definition(n ast.Node) {
	d.begin(d.t.Kind(n).String())
	var typeParams ast.Nodes
	if d.t.Kind(n) == ast.KindClassDef {
		c := d.t.Class(n)
		d.ident("name", c.Name)
		d.positional("bases", c.Bases)
		d.list("keywords", c.Keywords)
		d.list("body", c.Body)
		d.list("decorator_list", c.Decorators)
		typeParams = c.TypeParams
	} else {
		f := d.t.Function(n)
		d.ident("name", f.Name)
		d.field("args")
		d.arguments(f.Args)
		d.list("body", f.Body)
		d.list("decorator_list", f.Decorators)
		d.optional("returns", f.Returns)
		d.none("type_comment")
		typeParams = f.TypeParams
	}
	if d.version >= 12 {
		d.list("type_params", typeParams)
	}
	d.finish(n)
}

// compound writes a compound statement that defines nothing.
func (d *dumper) compound(n ast.Node) {
	t := d.t
	d.begin(t.Kind(n).String())
	switch t.Kind(n) {
	case ast.KindFor, ast.KindAsyncFor:
		s := t.For(n)
		d.expr("target", s.Target)
		d.expr("iter", s.Iter)
		d.list("body", s.Body)
		d.list("orelse", s.Orelse)
		d.none("type_comment")
	case ast.KindWhile:
		s := t.While(n)
		d.expr("test", s.Test)
		d.list("body", s.Body)
		d.list("orelse", s.Orelse)
	case ast.KindIf:
		s := t.If(n)
		d.expr("test", s.Test)
		d.list("body", s.Body)
		d.list("orelse", s.Orelse)
	case ast.KindWith, ast.KindAsyncWith:
		s := t.With(n)
		d.list("items", s.Items)
		d.list("body", s.Body)
		d.none("type_comment")
	case ast.KindMatch:
		s := t.Match(n)
		d.expr("subject", s.Subject)
		d.list("cases", s.Cases)
	case ast.KindTry, ast.KindTryStar:
		s := t.Try(n)
		d.list("body", s.Body)
		d.list("handlers", s.Handlers)
		d.list("orelse", s.Orelse)
		d.list("finalbody", s.Final)
	}
	d.finish(n)
}

// end returns where n ends. 3.8 differs from its successors in three places: a compound statement ends where its last
// statement does, before a semicolon; a starred argument ends where its value does, before a parenthesis that closes
// around it; and a keyword-only parameter ends where its name does.
func (d *dumper) end(n ast.Node) uint32 {
	end := d.t.End(n)
	if d.version > 8 || end == 0 {
		return end
	}
	for d.t.Source()[end-1] == ';' {
		last := d.lastStmt(n)
		if last == 0 {
			return end
		}
		n, end = last, d.t.End(last)
	}
	return end
}

// lastStmt returns the last statement or handler inside a compound statement or handler, or 0.
func (d *dumper) lastStmt(n ast.Node) ast.Node {
	t := d.t
	last := t.Body(n).Last()
	orElse := func(lists ...ast.Nodes) {
		for _, list := range lists {
			if !list.Empty() {
				last = list.Last()
			}
		}
	}
	switch t.Kind(n) {
	case ast.KindFor, ast.KindAsyncFor:
		orElse(t.For(n).Orelse)
	case ast.KindWhile:
		orElse(t.While(n).Orelse)
	case ast.KindIf:
		orElse(t.If(n).Orelse)
	case ast.KindTry:
		s := t.Try(n)
		orElse(s.Handlers, s.Orelse, s.Final)
	}
	return last
}
