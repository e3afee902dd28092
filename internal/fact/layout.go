package fact

// This file describes the encoding of every type, for both directions at once: see codec.

func (c *codec) file(f *File) {
	c.text(&f.Path)
	num(c, &f.Size)
	c.strings(&f.Strings)
	at := uint32(0) // spans are coded by their distance from the one before
	scopes := length(c, &f.Scopes)
	for i := range scopes {
		c.scope(&scopes[i], &at)
	}
	symbols := length(c, &f.Symbols)
	for i := range symbols {
		c.symbol(&symbols[i])
	}
	defs := length(c, &f.Defs)
	for i := range defs {
		c.def(&defs[i], &at)
	}
	params := length(c, &f.Params)
	for i := range params {
		c.param(&params[i], &at)
	}
	stmts, exprs := length(c, &f.Stmts), length(c, &f.Exprs)
	if c.writing {
		c.writeStmts(stmts)
		c.writeExprs(exprs)
	} else {
		c.readStmts(stmts)
		c.readExprs(exprs)
	}
	last := Expr(0)
	operands := length(c, &f.Operands)
	for i := range operands {
		near(c, &operands[i], uint32(last))
		last = operands[i]
	}
	imports := length(c, &f.Imports)
	for i := range imports {
		c.imported(&imports[i], &at)
	}
	comments := length(c, &f.Comments)
	for i := range comments {
		c.span(&comments[i].Span, &at)
		num(c, &comments[i].Text)
		c.bits(&comments[i].Alone)
	}
	problems := length(c, &f.Problems)
	for i := range problems {
		c.span(&problems[i].Span, &at)
		num(c, &problems[i].Message)
	}
}

func (c *codec) span(s *Span, at *uint32) {
	near(c, &s.Start, *at)
	near(c, &s.End, s.Start)
	*at = s.Start
}

func (c *codec) list(l *List) {
	num(c, &l.First)
	num(c, &l.Count)
}

func (c *codec) scope(s *ScopeInfo, at *uint32) {
	c.span(&s.Span, at)
	c.span(&s.NameSpan, at)
	small(c, &s.Kind)
	flags(c, &s.Flags)
	num(c, &s.Name)
	num(c, &s.Qualified)
	near(c, &s.Parent, 0) // NoScope becomes small
	num(c, &s.Stmt)
	c.list(&s.Decorators)
	c.list(&s.Arguments)
	num(c, &s.Returns)
	num(c, &s.Value)
	num(c, &s.FirstParam)
	num(c, &s.ParamCount)
	num(c, &s.FirstSym)
	num(c, &s.SymCount)
	num(c, &s.BodyFirst)
	num(c, &s.BodyEnd)
}

func (c *codec) symbol(s *SymbolInfo) {
	num(c, &s.Name)
	num(c, &s.Scope)
	flags(c, &s.Flags)
	num(c, &s.FirstDef)
	num(c, &s.DefCount)
}

func (c *codec) def(d *Def, at *uint32) {
	small(c, &d.Kind)
	c.bits(&d.Unpacked)
	num(c, &d.Symbol)
	num(c, &d.Stmt)
	num(c, &d.Scope)
	num(c, &d.Value)
	num(c, &d.Annotation)
	index := uint32(d.Index)
	near(c, &index, 0)
	if !c.writing {
		d.Index = int32(index)
	}
	num(c, &d.Inner)
	c.span(&d.Span, at)
}

func (c *codec) param(p *Param, at *uint32) {
	num(c, &p.Name)
	small(c, &p.Kind)
	num(c, &p.Symbol)
	num(c, &p.Annotation)
	num(c, &p.Default)
	c.span(&p.Span, at)
}

func (c *codec) imported(i *Import, at *uint32) {
	c.span(&i.Span, at)
	num(c, &i.Module)
	num(c, &i.Name)
	num(c, &i.As)
	small(c, &i.Level)
	c.bits(&i.HasAs, &i.TypeChecking, &i.Guarded)
	num(c, &i.Symbol)
	num(c, &i.Scope)
	num(c, &i.Stmt)
}
