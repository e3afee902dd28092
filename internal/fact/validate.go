package fact

import "fmt"

// Validate checks every index and the order that readers rely on, so that no accessor can panic or run for ever on a
// file that it accepts. It is meant for files that come from outside; those of the extractor always pass. The cost is
// linear.
func (f *File) Validate() error {
	if len(f.Strings) == 0 || f.Strings[0] != "" || len(f.Scopes) == 0 || len(f.Symbols) == 0 || len(f.Defs) == 0 ||
		len(f.Stmts) == 0 || len(f.Exprs) == 0 {
		return fmt.Errorf("facts of %s: an absent element is missing", f.Path)
	}
	for _, check := range [...]func(*File) (part string, at int){
		validScopes, validSymbols, validDefs, validParams, validStmts, validExprs, validOperands, validImports,
		validNotes,
	} {
		if part, at := check(f); at >= 0 {
			return fmt.Errorf("facts of %s: %s %d is wrong", f.Path, part, at)
		}
	}
	return nil
}

// Each of the following gives the index of the first element that is wrong, -1 if there is none.

func (f *File) hasStr(s Str) bool     { return int(s) < len(f.Strings) }
func (f *File) hasExpr(e Expr) bool   { return int(e) < len(f.Exprs) }
func (f *File) hasStmt(s Stmt) bool   { return int(s) < len(f.Stmts) }
func (f *File) hasScope(s Scope) bool { return int(s) < len(f.Scopes) }
func (f *File) hasSym(s Sym) bool     { return int(s) < len(f.Symbols) }
func (f *File) hasSpan(s Span) bool   { return s.Start <= s.End && s.End <= f.Size }
func (f *File) hasList(l List) bool   { return inRange(l.First, l.Count, len(f.Operands)) }

// inRange says whether count elements from first on exist among n.
func inRange(first, count uint32, n int) bool { return uint64(first)+uint64(count) <= uint64(n) }

func validScopes(f *File) (string, int) {
	const part = "scope"
	for i := range f.Scopes {
		s := &f.Scopes[i]
		module := i == 0
		ok := module == (s.Kind == ModuleScope) && module == (s.Parent == NoScope) && s.Kind <= TypeScope &&
			(module || s.Parent < Scope(i)) &&
			f.hasSpan(s.Span) && f.hasSpan(s.NameSpan) && f.hasStr(s.Name) && f.hasStr(s.Qualified) &&
			f.hasStmt(s.Stmt) && f.hasList(s.Decorators) && f.hasList(s.Arguments) && f.hasExpr(s.Returns) &&
			f.hasExpr(s.Value) && inRange(s.FirstParam, s.ParamCount, len(f.Params)) &&
			inRange(uint32(s.FirstSym), s.SymCount, len(f.Symbols)) && (s.SymCount == 0 || s.FirstSym != 0) &&
			s.BodyFirst <= s.BodyEnd && int(s.BodyEnd) <= len(f.Stmts) && (s.BodyFirst != 0 || s.BodyEnd == 0) &&
			(s.Stmt == 0 || f.Stmts[s.Stmt].Inner == Scope(i))
		if !ok {
			return part, i
		}
	}
	return part, -1
}

func validSymbols(f *File) (string, int) {
	const part = "symbol"
	for i := range f.Symbols {
		s := &f.Symbols[i]
		if !f.hasStr(s.Name) || !f.hasScope(s.Scope) || !inRange(s.FirstDef, s.DefCount, len(f.Defs)) {
			return part, i
		}
	}
	return part, -1
}

func validDefs(f *File) (string, int) {
	const part = "definition"
	for i := range f.Defs {
		d := &f.Defs[i]
		ok := (d.Kind != 0 || i == 0) && d.Kind <= DefComprehension && f.hasSym(d.Symbol) && f.hasStmt(d.Stmt) &&
			f.hasScope(d.Scope) && f.hasExpr(d.Value) && f.hasExpr(d.Annotation) && f.hasScope(d.Inner) &&
			f.hasSpan(d.Span)
		switch d.Kind {
		case DefImport:
			ok = ok && d.Index >= 0 && int(d.Index) < len(f.Imports)
		case DefParam:
			ok = ok && d.Index >= 0 && int(d.Index) < len(f.Params)
		}
		if !ok {
			return part, i
		}
	}
	return part, -1
}

func validParams(f *File) (string, int) {
	const part = "parameter"
	for i := range f.Params {
		p := &f.Params[i]
		if !f.hasStr(p.Name) || p.Kind > VarKeyword || !f.hasSym(p.Symbol) || !f.hasExpr(p.Annotation) ||
			!f.hasExpr(p.Default) || !f.hasSpan(p.Span) {
			return part, i
		}
	}
	return part, -1
}

// validStmts also checks that statements nest: each lies inside the one that encloses it.
func validStmts(f *File) (string, int) {
	const part = "statement"
	var around []Stmt
	for i := 1; i < len(f.Stmts); i++ {
		s := &f.Stmts[i]
		for len(around) > 0 && f.Stmts[around[len(around)-1]].Next <= Stmt(i) {
			around = around[:len(around)-1]
		}
		end, parent := Stmt(len(f.Stmts)), Stmt(0)
		if len(around) > 0 {
			parent = around[len(around)-1]
			end = f.Stmts[parent].Next
			if f.Stmts[parent].Inner != 0 {
				parent = 0
			}
		}
		if s.Kind == NoStmt || s.Kind > UnreadableStmt || s.Op > CompGenerator || s.Parent != parent ||
			s.Next <= Stmt(i) || s.Next > end || !f.validStmt(Stmt(i)) {
			return part, i
		}
		if s.Next > Stmt(i)+1 {
			if around = append(around, Stmt(i)); len(around) > MaxDepth {
				return part, i
			}
		}
	}
	return part, -1
}

func (f *File) validStmt(i Stmt) bool {
	s := &f.Stmts[i]
	if !f.hasSpan(s.Span) || !f.hasStr(s.Text) || !f.hasExpr(s.A) || !f.hasExpr(s.B) || !f.hasExpr(s.C) ||
		!f.hasList(s.Targets) || !f.hasScope(s.Scope) || !f.hasScope(s.Inner) ||
		!inRange(s.FirstImport, s.ImportCount, len(f.Imports)) {
		return false
	}
	defines := s.Kind == FunctionDef || s.Kind == ClassDef
	if defines != (s.Inner != 0) {
		return false
	}
	if !defines {
		return true
	}
	inner := &f.Scopes[s.Inner]
	return inner.Stmt == i && inner.BodyFirst == i+1 && inner.BodyEnd == s.Next && inner.Parent >= s.Scope
}

// validExprs also checks that operands stand before the expression they belong to and belong to one only, so that a
// walk over an expression ends, in linear time, and that none is deeper than MaxDepth.
func validExprs(f *File) (string, int) {
	const part = "expression"
	owned := make([]bool, len(f.Exprs))
	depths := make([]uint16, len(f.Exprs))
	deepest := uint16(0) // of the operands of one expression
	own := func(i, child Expr) bool {
		if child == 0 {
			return true
		}
		if child >= i || owned[child] || f.Exprs[child].Parent != i {
			return false
		}
		owned[child] = true
		deepest = max(deepest, depths[child])
		return true
	}
	for i := 1; i < len(f.Exprs); i++ {
		e := Expr(i)
		if !f.validExpr(e) {
			return part, i
		}
		deepest = 0
		x := &f.Exprs[e]
		for _, child := range x.own() {
			if !own(e, child) {
				return part, i
			}
		}
		for _, child := range f.List(x.Ops) {
			if !own(e, child) {
				return part, i
			}
		}
		if x.Kind == Lambda && !own(e, f.Scopes[x.Inner].Value) || deepest >= MaxDepth {
			return part, i
		}
		depths[e] = deepest + 1
	}
	return part, -1
}

func (f *File) validExpr(e Expr) bool {
	x := &f.Exprs[e]
	if x.Kind == NoExpr || x.Kind > Unreadable || x.Op > CompGenerator || !f.hasSpan(x.Span) || !f.hasStr(x.Text) ||
		!f.hasList(x.Ops) || !f.hasSym(x.Sym) || !f.hasScope(x.Inner) || !f.hasStmt(x.Stmt) || !f.hasScope(x.Scope) ||
		!f.hasExpr(x.Parent) || x.Parent != 0 && x.Parent <= e {
		return false
	}
	switch x.Kind {
	case DictDisplay, PatternMapping:
		return x.Ops.Count%2 == 0
	case Compare:
		return !x.Flag || f.shares(e)
	case Lambda:
		return f.Scopes[x.Inner].Kind == LambdaScope
	case Comp:
		return f.Scopes[x.Inner].Kind == ComprehensionScope
	}
	return true
}

// shares says whether the left operand of the comparison e is the right one of a comparison before it.
func (f *File) shares(e Expr) bool {
	left := f.Exprs[e].A
	if left == 0 || left >= e {
		return false
	}
	before := f.Exprs[left].Parent
	return before != 0 && before < e && f.Exprs[before].Kind == Compare && f.Exprs[before].B == left
}

func validOperands(f *File) (string, int) {
	const part = "operand"
	for i, e := range f.Operands {
		if !f.hasExpr(e) {
			return part, i
		}
	}
	return part, -1
}

func validImports(f *File) (string, int) {
	const part = "import"
	for i := range f.Imports {
		x := &f.Imports[i]
		if !f.hasSpan(x.Span) || !f.hasStr(x.Module) || !f.hasStr(x.Name) || !f.hasStr(x.As) || !f.hasSym(x.Symbol) ||
			!f.hasScope(x.Scope) || !f.hasStmt(x.Stmt) {
			return part, i
		}
	}
	return part, -1
}

// validNotes checks comments and problems.
func validNotes(f *File) (string, int) {
	for i := range f.Comments {
		if !f.hasSpan(f.Comments[i].Span) || !f.hasStr(f.Comments[i].Text) {
			return "comment", i
		}
	}
	for i := range f.Problems {
		if !f.hasSpan(f.Problems[i].Span) || !f.hasStr(f.Problems[i].Message) {
			return "problem", i
		}
	}
	return "problem", -1
}
