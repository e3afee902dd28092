package fact

// The parts of a statement that are coded only where they are not zero, or not those of the statement before.
const (
	stmtA = 1 << iota
	stmtB
	stmtTargets
	stmtParent
	stmtScope
	stmtInner
	stmtLong // contains others: Next is not the statement after
	stmtC
	stmtText
	stmtImports
	stmtOp
	stmtFlag
)

// mask says which parts of s, the statement i, have to be coded after last.
func (s *StmtInfo) mask(i Stmt, last *StmtInfo) (mask uint32) {
	set := func(bit uint32, on bool) {
		if on {
			mask |= bit
		}
	}
	set(stmtA, s.A != 0)
	set(stmtB, s.B != 0)
	set(stmtTargets, s.Targets != List{})
	set(stmtParent, s.Parent != last.Parent)
	set(stmtScope, s.Scope != last.Scope)
	set(stmtInner, s.Inner != 0)
	set(stmtLong, s.Next != i+1)
	set(stmtC, s.C != 0)
	set(stmtText, s.Text != 0)
	set(stmtImports, s.FirstImport|s.ImportCount != 0)
	set(stmtOp, s.Op != 0)
	set(stmtFlag, s.Flag)
	return mask
}

// writeStmts writes expressions as the distance from the one before, whichever statement had it.
func (c *codec) writeStmts(list []StmtInfo) {
	last := &StmtInfo{}
	expr := uint32(0)
	near := func(e uint32) {
		c.put(zigzag(expr, e))
		expr = e
	}
	for i := range list {
		s := &list[i]
		mask := s.mask(Stmt(i), last)
		c.b = append(c.b, byte(s.Kind))
		c.put(mask)
		c.put(zigzag(last.Start, s.Start))
		c.put(s.End - s.Start)
		if mask&stmtA != 0 {
			near(uint32(s.A))
		}
		if mask&stmtB != 0 {
			near(uint32(s.B))
		}
		if mask&stmtTargets != 0 {
			c.put(s.Targets.First)
			c.put(s.Targets.Count)
		}
		if mask&stmtParent != 0 {
			c.put(zigzag(uint32(last.Parent), uint32(s.Parent)))
		}
		if mask&stmtScope != 0 {
			c.put(zigzag(uint32(last.Scope), uint32(s.Scope)))
		}
		if mask&stmtInner != 0 {
			c.put(uint32(s.Inner))
		}
		if mask&stmtLong != 0 {
			c.put(uint32(s.Next) - uint32(i))
		}
		if mask&stmtC != 0 {
			near(uint32(s.C))
		}
		if mask&stmtText != 0 {
			c.put(uint32(s.Text))
		}
		if mask&stmtImports != 0 {
			c.put(s.FirstImport)
			c.put(s.ImportCount)
		}
		if mask&stmtOp != 0 {
			c.b = append(c.b, byte(s.Op))
		}
		last = s
	}
}

// readStmts reads what writeStmts wrote.
func (c *codec) readStmts(list []StmtInfo) {
	b, at := c.b, c.at
	last := &StmtInfo{}
	expr := uint32(0)
	for i := range list {
		if at+maxBytes > len(b) {
			c.bad = true
			return
		}
		s := &list[i]
		var mask, n uint32
		s.Kind = StmtKind(b[at])
		mask, at = number(b, at+1)
		n, at = number(b, at)
		s.Start = unzigzag(last.Start, n)
		n, at = number(b, at)
		s.End = s.Start + n
		if mask&stmtA != 0 {
			n, at = number(b, at)
			expr = unzigzag(expr, n)
			s.A = Expr(expr)
		}
		if mask&stmtB != 0 {
			n, at = number(b, at)
			expr = unzigzag(expr, n)
			s.B = Expr(expr)
		}
		if mask&stmtTargets != 0 {
			s.Targets.First, at = number(b, at)
			s.Targets.Count, at = number(b, at)
		}
		s.Parent, s.Scope = last.Parent, last.Scope
		if mask&stmtParent != 0 {
			n, at = number(b, at)
			s.Parent = Stmt(unzigzag(uint32(last.Parent), n))
		}
		if mask&stmtScope != 0 {
			n, at = number(b, at)
			s.Scope = Scope(unzigzag(uint32(last.Scope), n))
		}
		if mask&stmtInner != 0 {
			n, at = number(b, at)
			s.Inner = Scope(n)
		}
		s.Next = Stmt(i) + 1
		if mask&stmtLong != 0 {
			n, at = number(b, at)
			s.Next = Stmt(uint32(i) + n)
		}
		if mask >= stmtC {
			at = s.readRare(b, at, mask, &expr)
		}
		last = s
	}
	c.at = at
}

// readRare reads the parts that few statements have.
func (s *StmtInfo) readRare(b []byte, at int, mask uint32, expr *uint32) int {
	var n uint32
	if mask&stmtC != 0 {
		n, at = number(b, at)
		*expr = unzigzag(*expr, n)
		s.C = Expr(*expr)
	}
	if mask&stmtText != 0 {
		n, at = number(b, at)
		s.Text = Str(n)
	}
	if mask&stmtImports != 0 {
		s.FirstImport, at = number(b, at)
		s.ImportCount, at = number(b, at)
	}
	if mask&stmtOp != 0 {
		s.Op = Op(b[at])
		at++
	}
	s.Flag = mask&stmtFlag != 0
	return at
}
