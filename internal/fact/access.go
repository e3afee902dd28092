package fact

import (
	"iter"
	"strconv"
)

// Text gives the string of s. It costs nothing and never fails for an index of the same file.
func (f *File) Text(s Str) string { return f.Strings[s] }

// List gives the expressions of l. The slice belongs to the file and must not be changed; its capacity is its length, so
// that appending to it copies.
func (f *File) List(l List) []Expr {
	end := l.First + l.Count
	return f.Operands[l.First:end:end]
}

// OperandsOf gives the list operands of e: the arguments of a call, the elements of a display, the parts of an f-string.
func (f *File) OperandsOf(e Expr) []Expr { return f.List(f.Exprs[e].Ops) }

// own gives the operands A, B and C of x that are its children: all of them, except the left operand of a
// comparison that belongs to its neighbour in a chain.
func (x *ExprInfo) own() [3]Expr {
	if x.Kind == Compare && x.Flag {
		return [3]Expr{0, x.B, 0}
	}
	return [3]Expr{x.A, x.B, x.C}
}

// Children yields the direct operands of e, in source order as far as the kinds have one, without the zero ones.
// Every expression is the child of one parent: the operand that two comparisons of a chain share, of the first.
func (f *File) Children(e Expr) iter.Seq[Expr] {
	return func(yield func(Expr) bool) {
		x := &f.Exprs[e]
		for _, child := range x.own() {
			if child != 0 && !yield(child) {
				return
			}
		}
		for _, child := range f.List(x.Ops) {
			if child != 0 && !yield(child) {
				return
			}
		}
	}
}

// Walk calls visit for e and everything below it once, parents first; where visit returns false the operands are
// left out. It does not enter the bodies of lambdas (their value is reached through the scope) but does enter
// comprehensions. The traversal keeps its own stack, so depth is bounded by memory and not by the goroutine.
func (f *File) Walk(e Expr, visit func(Expr) bool) {
	if e == 0 {
		return
	}
	stack := make([]Expr, 1, 16)
	stack[0] = e
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !visit(top) {
			continue
		}
		x := &f.Exprs[top]
		operands := f.List(x.Ops)
		for i := len(operands) - 1; i >= 0; i-- {
			if operands[i] != 0 {
				stack = append(stack, operands[i])
			}
		}
		own := x.own()
		for i := len(own) - 1; i >= 0; i-- {
			if own[i] != 0 {
				stack = append(stack, own[i])
			}
		}
	}
}

// Block yields the statements directly inside s (for a compound statement its blocks, for a block or definition
// its statements).
func (f *File) Block(s Stmt) iter.Seq[Stmt] {
	return f.between(s+1, f.Stmts[s].Next)
}

// BodyOf yields the top statements of a module, class or function.
func (f *File) BodyOf(s Scope) iter.Seq[Stmt] {
	return f.between(f.Scopes[s].BodyFirst, f.Scopes[s].BodyEnd)
}

func (f *File) between(first, end Stmt) iter.Seq[Stmt] {
	return func(yield func(Stmt) bool) {
		for s := first; s < end; s = f.Stmts[s].Next {
			if !yield(s) {
				return
			}
		}
	}
}

// SymbolsOf gives the symbols bound in s. The slice belongs to the file.
func (f *File) SymbolsOf(s Scope) []SymbolInfo {
	first := f.Scopes[s].FirstSym
	return f.Symbols[first : uint32(first)+f.Scopes[s].SymCount]
}

// DefsOf gives the definitions of sym in source order. The slice belongs to the file.
func (f *File) DefsOf(sym Sym) []Def {
	info := &f.Symbols[sym]
	end := info.FirstDef + info.DefCount
	return f.Defs[info.FirstDef:end:end]
}

// ParamsOf gives the parameters of a function or lambda in source order.
func (f *File) ParamsOf(s Scope) []Param {
	info := &f.Scopes[s]
	end := info.FirstParam + info.ParamCount
	return f.Params[info.FirstParam:end:end]
}

// Lookup finds the symbol that scope s itself binds under name; 0 where it binds none. Cost: linear in the
// symbols of the scope.
func (f *File) Lookup(s Scope, name string) Sym {
	info := &f.Scopes[s]
	for i := range info.SymCount {
		if sym := info.FirstSym + Sym(i); f.Strings[f.Symbols[sym].Name] == name {
			return sym
		}
	}
	return 0
}

// Int gives the value of an IntConst that fits 64 bits, also under one unary minus.
func (f *File) Int(e Expr) (int64, bool) {
	x := &f.Exprs[e]
	switch x.Kind {
	case IntConst:
		v, err := strconv.ParseInt(f.Strings[x.Text], 10, 64)
		return v, err == nil
	case Unary:
		if x.Op == OpNegate && f.Exprs[x.A].Kind == IntConst {
			v, ok := f.Int(x.A)
			return -v, ok
		}
	}
	return 0, false
}

// Number gives the value of an integer or float constant, also under one unary minus.
func (f *File) Number(e Expr) (float64, bool) {
	x := &f.Exprs[e]
	switch x.Kind {
	case IntConst, FloatConst:
		v, err := strconv.ParseFloat(f.Strings[x.Text], 64)
		return v, err == nil
	case Unary:
		if x.Op == OpNegate {
			v, ok := f.Number(x.A)
			return -v, ok
		}
	}
	return 0, false
}

// IsNone says whether e is the constant None.
func (f *File) IsNone(e Expr) bool { return f.Exprs[e].Kind == NoneConst }

// Argument finds the argument of call that binds the parameter called name or standing at position (0-based;
// negative: by name only). A ** or * argument that might carry it makes known false when nothing explicit is found.
func (f *File) Argument(call Expr, name string, position int) (value Expr, known bool) {
	known = true
	index := 0
	for _, arg := range f.OperandsOf(call) {
		x := &f.Exprs[arg]
		switch x.Kind {
		case Keyword:
			if x.Text == 0 {
				known = false
			} else if f.Strings[x.Text] == name {
				return x.A, true
			}
		case Starred:
			known = false
			index = -1 << 30
		default:
			if index == position && position >= 0 {
				return arg, true
			}
			index++
		}
	}
	return 0, known
}

// Function gives the nearest enclosing function or lambda of s, s itself included; NoScope outside any.
func (f *File) Function(s Scope) Scope {
	for s != NoScope && f.Scopes[s].Kind != FunctionScope && f.Scopes[s].Kind != LambdaScope {
		s = f.Scopes[s].Parent
	}
	return s
}

// Class gives the nearest enclosing class of s, s itself included; NoScope outside any.
func (f *File) Class(s Scope) Scope {
	for s != NoScope && f.Scopes[s].Kind != ClassScope {
		s = f.Scopes[s].Parent
	}
	return s
}

// Symbol is the qualified name that a finding carries for code in scope s: that of the nearest function or class
// that has a name; empty at module level.
func (f *File) Symbol(s Scope) string {
	for s != NoScope {
		switch f.Scopes[s].Kind {
		case FunctionScope, ClassScope:
			return f.Strings[f.Scopes[s].Qualified]
		}
		s = f.Scopes[s].Parent
	}
	return ""
}
