package fact

// Statements and expressions are most of a file, so they alone have two descriptions of their encoding: the one for
// reading is made to be fast. Each is coded relative to its own index and to the element before it, and a mask says
// which parts follow. This file has the expressions.

// The parts of an expression that are coded only where they are not zero, or not those of the expression before. The
// frequent ones come first, so that the mask mostly fits a byte.
const (
	exprText = 1 << iota
	exprA
	exprOps
	exprSym
	exprRoot // the expression has no parent
	exprStmt
	exprScope
	exprOp
	exprB
	exprFlag
	exprC
	exprInner
)

// mask says which parts of x have to be coded after last.
func (x *ExprInfo) mask(last *ExprInfo) (mask uint32) {
	set := func(bit uint32, on bool) {
		if on {
			mask |= bit
		}
	}
	set(exprText, x.Text != 0)
	set(exprA, x.A != 0)
	set(exprOps, x.Ops != List{})
	set(exprSym, x.Sym != 0)
	set(exprRoot, x.Parent == 0)
	set(exprStmt, x.Stmt != last.Stmt)
	set(exprScope, x.Scope != last.Scope)
	set(exprOp, x.Op != 0)
	set(exprB, x.B != 0)
	set(exprFlag, x.Flag)
	set(exprC, x.C != 0)
	set(exprInner, x.Inner != 0)
	return mask
}

// writeExprs writes operands as the distance back to them, and parents as the distance on to them.
func (c *codec) writeExprs(list []ExprInfo) {
	last := &ExprInfo{}
	next := uint32(0) // where the next list of operands is expected
	for i := range list {
		x := &list[i]
		at := uint32(i)
		mask := x.mask(last)
		c.b = append(c.b, byte(x.Kind))
		c.put(mask)
		c.put(zigzag(last.Start, x.Start))
		c.put(x.End - x.Start)
		if mask&exprText != 0 {
			c.put(uint32(x.Text))
		}
		if mask&exprA != 0 {
			c.put(at - uint32(x.A))
		}
		if mask&exprOps != 0 {
			c.put(zigzag(next, x.Ops.First))
			c.put(x.Ops.Count)
			next = x.Ops.First + x.Ops.Count
		}
		if mask&exprSym != 0 {
			c.put(uint32(x.Sym))
		}
		if mask&exprRoot == 0 {
			c.put(uint32(x.Parent) - at)
		}
		if mask&exprStmt != 0 {
			c.put(zigzag(uint32(last.Stmt), uint32(x.Stmt)))
		}
		if mask&exprScope != 0 {
			c.put(zigzag(uint32(last.Scope), uint32(x.Scope)))
		}
		if mask&exprOp != 0 {
			c.b = append(c.b, byte(x.Op))
		}
		if mask&exprB != 0 {
			c.put(at - uint32(x.B))
		}
		if mask&exprC != 0 {
			c.put(at - uint32(x.C))
		}
		if mask&exprInner != 0 {
			c.put(uint32(x.Inner))
		}
		last = x
	}
}

// readExprs reads what writeExprs wrote. The padding at the end of the encoding makes it enough to look at the length
// once for each expression.
func (c *codec) readExprs(list []ExprInfo) {
	b, at, next := c.b, c.at, uint32(0)
	last := &ExprInfo{}
	for i := range list {
		if at+maxBytes > len(b) {
			c.bad = true
			return
		}
		x := &list[i]
		var mask, n uint32
		x.Kind = ExprKind(b[at])
		mask, at = number(b, at+1)
		n, at = number(b, at)
		x.Start = unzigzag(last.Start, n)
		n, at = number(b, at)
		x.End = x.Start + n
		if mask&exprText != 0 {
			n, at = number(b, at)
			x.Text = Str(n)
		}
		if mask&exprA != 0 {
			n, at = number(b, at)
			x.A = Expr(uint32(i) - n)
		}
		if mask&exprOps != 0 {
			n, at = number(b, at)
			x.Ops.First = unzigzag(next, n)
			x.Ops.Count, at = number(b, at)
			next = x.Ops.First + x.Ops.Count
		}
		if mask&exprSym != 0 {
			n, at = number(b, at)
			x.Sym = Sym(n)
		}
		if mask&exprRoot == 0 {
			n, at = number(b, at)
			x.Parent = Expr(uint32(i) + n)
		}
		x.Stmt, x.Scope = last.Stmt, last.Scope
		if mask&exprStmt != 0 {
			n, at = number(b, at)
			x.Stmt = Stmt(unzigzag(uint32(last.Stmt), n))
		}
		if mask&exprScope != 0 {
			n, at = number(b, at)
			x.Scope = Scope(unzigzag(uint32(last.Scope), n))
		}
		if mask >= exprOp {
			at = x.readRare(b, at, mask, uint32(i))
		}
		last = x
	}
	c.at = at
}

// readRare reads the parts that few expressions have.
func (x *ExprInfo) readRare(b []byte, at int, mask, i uint32) int {
	var n uint32
	if mask&exprOp != 0 {
		x.Op = Op(b[at])
		at++
	}
	if mask&exprB != 0 {
		n, at = number(b, at)
		x.B = Expr(i - n)
	}
	x.Flag = mask&exprFlag != 0
	if mask&exprC != 0 {
		n, at = number(b, at)
		x.C = Expr(i - n)
	}
	if mask&exprInner != 0 {
		n, at = number(b, at)
		x.Inner = Scope(n)
	}
	return at
}
