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
	stmts := length(c, &f.Stmts)
	for i := range stmts {
		c.stmt(&stmts[i], uint32(i), &at)
	}
	c.exprs(length(c, &f.Exprs))
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

func (c *codec) stmt(s *StmtInfo, i uint32, at *uint32) {
	small(c, &s.Kind)
	small(c, &s.Op)
	hasTargets, hasInner, hasImports := s.Targets != List{}, s.Inner != 0, s.FirstImport|s.ImportCount != 0
	c.bits(&s.Flag, &hasTargets, &hasInner, &hasImports)
	c.span(&s.Span, at)
	num(c, &s.Text)
	num(c, &s.A)
	num(c, &s.B)
	num(c, &s.C)
	if hasTargets {
		c.list(&s.Targets)
	}
	num(c, &s.Parent)
	near(c, &s.Next, i)
	num(c, &s.Scope)
	if hasInner {
		num(c, &s.Inner)
	}
	if hasImports {
		num(c, &s.FirstImport)
		num(c, &s.ImportCount)
	}
}

// The parts of an expression that are coded only where they are not zero, or not those of the expression before.
const (
	exprFlag = 1 << iota
	exprOp
	exprText
	exprA
	exprB
	exprC
	exprOps
	exprSym
	exprInner
	exprParent
	exprStmt
	exprScope
)

// exprs codes the expressions, which are most of a file, each relative to its own index and to the one before.
func (c *codec) exprs(list []ExprInfo) {
	last := &ExprInfo{}
	next := uint32(0) // where the next list of operands is expected
	for i := range list {
		x := &list[i]
		mask := uint32(0)
		if c.writing {
			mask = x.mask(last)
		}
		small(c, &x.Kind)
		num(c, &mask)
		near(c, &x.Start, last.Start)
		near(c, &x.End, x.Start)
		c.exprParts(x, mask, uint32(i), last, next)
		if mask&exprOps != 0 {
			next = x.Ops.First + x.Ops.Count
		}
		last = x
	}
}

// mask says which parts of x have to be coded after last.
func (x *ExprInfo) mask(last *ExprInfo) (mask uint32) {
	set := func(bit uint32, on bool) {
		if on {
			mask |= bit
		}
	}
	set(exprFlag, x.Flag)
	set(exprOp, x.Op != 0)
	set(exprText, x.Text != 0)
	set(exprA, x.A != 0)
	set(exprB, x.B != 0)
	set(exprC, x.C != 0)
	set(exprOps, x.Ops != List{})
	set(exprSym, x.Sym != 0)
	set(exprInner, x.Inner != 0)
	set(exprParent, x.Parent != 0)
	set(exprStmt, x.Stmt != last.Stmt)
	set(exprScope, x.Scope != last.Scope)
	return mask
}

// exprParts codes the parts in mask. Operands stand before the expression i and its parent after it, all of them
// mostly near.
func (c *codec) exprParts(x *ExprInfo, mask, i uint32, last *ExprInfo, next uint32) {
	if !c.writing {
		x.Flag, x.Stmt, x.Scope = mask&exprFlag != 0, last.Stmt, last.Scope
	}
	if mask&exprOp != 0 {
		small(c, &x.Op)
	}
	if mask&exprText != 0 {
		num(c, &x.Text)
	}
	if mask&exprA != 0 {
		before(c, &x.A, i)
	}
	if mask&exprB != 0 {
		before(c, &x.B, i)
	}
	if mask&exprC != 0 {
		before(c, &x.C, i)
	}
	if mask&exprOps != 0 {
		near(c, &x.Ops.First, next)
		num(c, &x.Ops.Count)
	}
	if mask&exprSym != 0 {
		num(c, &x.Sym)
	}
	if mask&exprInner != 0 {
		num(c, &x.Inner)
	}
	if mask&exprParent != 0 {
		behind := uint32(x.Parent) - i
		num(c, &behind)
		if !c.writing {
			x.Parent = Expr(i + behind)
		}
	}
	if mask&exprStmt != 0 {
		near(c, &x.Stmt, uint32(last.Stmt))
	}
	if mask&exprScope != 0 {
		near(c, &x.Scope, uint32(last.Scope))
	}
}

// before codes an operand of expression i as its distance.
func before(c *codec, e *Expr, i uint32) {
	d := i - uint32(*e)
	num(c, &d)
	if !c.writing {
		*e = Expr(i - d)
	}
}
