package dump

import "github.com/tiebeam/tiebeam/internal/python/ast"

// part writes a node that is neither statement, expression nor pattern.
func (d *dumper) part(n ast.Node) {
	t := d.t
	switch t.Kind(n) {
	case ast.KindComprehension:
		c := t.Comprehension(n)
		d.begin("comprehension")
		d.expr("target", c.Target)
		d.expr("iter", c.Iter)
		d.list("ifs", c.Ifs)
		async := 0
		if c.Async {
			async = 1
		}
		d.number("is_async", async)
		d.close()
	case ast.KindExceptHandler:
		h := t.ExceptHandler(n)
		d.begin("ExceptHandler")
		d.optional("type", h.Type)
		d.optionalIdent("name", h.Name)
		d.list("body", h.Body)
		d.finish(n)
	case ast.KindKeyword:
		k := t.Keyword(n)
		d.begin("keyword")
		d.optionalIdent("arg", k.Arg)
		d.expr("value", k.Value)
		d.finishSince(n, 9)
	case ast.KindAlias:
		a := t.Alias(n)
		d.begin("alias")
		d.ident("name", a.Name)
		d.optionalIdent("asname", a.Asname)
		d.finishSince(n, 10)
	case ast.KindWithItem:
		i := t.WithItem(n)
		d.begin("withitem")
		d.expr("context_expr", i.Context)
		d.optional("optional_vars", i.Vars)
		d.close()
	case ast.KindMatchCase:
		c := t.MatchCase(n)
		d.begin("match_case")
		d.expr("pattern", c.Pattern)
		d.optional("guard", c.Guard)
		d.list("body", c.Body)
		d.close()
	case ast.KindTypeVar, ast.KindParamSpec, ast.KindTypeVarTuple:
		d.typeParam(n)
	case ast.KindArg:
		d.arg(n)
	default:
		d.invalid(n)
	}
}

// finishSince closes a node that has a position only since a version.
func (d *dumper) finishSince(n ast.Node, since int) {
	if int(d.version) < since {
		d.close()
		return
	}
	d.finish(n)
}

func (d *dumper) typeParam(n ast.Node) {
	p := d.t.TypeParam(n)
	d.begin(d.t.Kind(n).String())
	d.ident("name", p.Name)
	if d.t.Kind(n) == ast.KindTypeVar {
		d.optional("bound", p.Bound)
	}
	if d.version >= 13 {
		d.optional("default_value", p.Default)
	}
	d.finish(n)
}

// arguments writes the parameters of a function or lambda, of which there are none if n is 0.
func (d *dumper) arguments(n ast.Node) {
	a := d.t.Arguments(n)
	d.begin("arguments")
	d.list("posonlyargs", a.PosOnly)
	d.list("args", a.Args)
	d.optional("vararg", a.VarArg)
	d.list("kwonlyargs", a.KwOnly)
	if d.openList("kw_defaults", a.KwOnly.Empty()) {
		for p := a.KwOnly.First(); p != 0; p = a.KwOnly.Next(p) {
			d.item()
			d.nodeOrNone(d.t.Arg(p).Default)
		}
		d.closeList()
	}
	d.optional("kwarg", a.KwArg)
	d.defaults(a)
	d.close()
}

// defaults writes the defaults of the parameters that can be given by position.
func (d *dumper) defaults(a ast.Arguments) {
	empty := true
	for _, list := range [...]ast.Nodes{a.PosOnly, a.Args} {
		for p := list.First(); p != 0; p = list.Next(p) {
			deflt := d.t.Arg(p).Default
			if deflt == 0 {
				continue
			}
			if empty {
				d.openList("defaults", false)
				empty = false
			}
			d.item()
			d.node(deflt)
			d.separate = true
		}
	}
	if empty && !d.openList("defaults", true) {
		return
	}
	d.closeList()
}

func (d *dumper) nodeOrNone(n ast.Node) {
	if n == 0 {
		d.buf = append(d.buf, "None"...)
	} else {
		d.node(n)
	}
	d.separate = true
}

// arg writes a parameter. In 3.8 a keyword-only one ends before its annotation.
func (d *dumper) arg(n ast.Node) {
	a := d.t.Arg(n)
	d.begin("arg")
	d.ident("arg", a.Name)
	d.optional("annotation", a.Annotation)
	d.none("type_comment")
	if d.version == 8 && a.Kind == ast.ParamKwOnly && a.Annotation != 0 {
		d.finishAt(d.spanOf(d.t.Pos(n), d.nameEnd(d.t.Pos(n))))
		return
	}
	d.finish(n)
}

// nameEnd returns where the name at pos ends.
func (d *dumper) nameEnd(pos uint32) uint32 {
	src := d.t.Source()
	for end := pos; ; end++ {
		switch c := src[end]; {
		case c >= 0x80 || c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z':
		default:
			return end
		}
	}
}
