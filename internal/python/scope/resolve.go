package scope

import "github.com/tiebeam/tiebeam/internal/python/ast"

// finish turns the collected names into symbols and resolves every name once.
func (a *Analysis) finish() {
	a.declareGlobals()
	a.numberSymbols()
	for i := range a.names {
		a.resolve(&a.names[i])
	}
}

// declareGlobals gives the module a symbol for every name that an inner scope binds under "global".
func (a *Analysis) declareGlobals() {
	for i := range len(a.names) {
		if n := a.names[i]; n.scope != 0 && n.flags&Global != 0 && n.flags&Bound != 0 {
			a.note(0, n.ident, Bound|WrittenInside)
		}
	}
}

// numberSymbols makes the symbols, those of one scope contiguous, by counting.
func (a *Analysis) numberSymbols() {
	total := Sym(1)
	for i := range a.names {
		if a.names[i].flags&own != 0 {
			a.Scopes[a.names[i].scope].SymCount++
		}
	}
	for i := range a.Scopes {
		s := &a.Scopes[i]
		s.FirstSym, total = total, total+Sym(s.SymCount)
		s.SymCount = 0
	}
	if cap(a.Symbols) < int(total) {
		a.Symbols = make([]Symbol, total, total+total/4)
	}
	a.Symbols = a.Symbols[:total]
	a.Symbols[0] = Symbol{}
	for i := range a.names {
		n := &a.names[i]
		if n.flags&own == 0 {
			continue
		}
		s := &a.Scopes[n.scope]
		n.sym = s.FirstSym + Sym(s.SymCount)
		s.SymCount++
		a.Symbols[n.sym] = Symbol{Name: n.ident, Scope: n.scope, Flags: n.flags}
	}
}

// resolve replaces the symbol of a name that its scope does not bind itself by the one it stands for, and marks that
// one as captured.
func (a *Analysis) resolve(n *name) {
	switch {
	case n.scope == 0 || n.flags&own == Bound:
		return
	case n.flags&Global != 0:
		n.sym = a.global(n.ident)
	default:
		n.sym = a.outer(n.scope, n.ident)
	}
	if n.sym == 0 {
		return
	}
	target := &a.Symbols[n.sym]
	target.Flags |= Captured
	if n.flags&Nonlocal != 0 && n.flags&Bound != 0 {
		target.Flags |= WrittenInside
	}
}

// outer looks for a name in the scopes around s, which does not bind it.
func (a *Analysis) outer(s ID, ident ast.Ident) Sym {
	if s == 0 {
		return 0
	}
	seesClass := a.Scopes[s].Kind == Types
	for {
		s = a.Scopes[s].Parent
		if s == 0 {
			return a.global(ident)
		}
		if a.Scopes[s].Kind == Class && !seesClass {
			if ident == a.special.class {
				return 0
			}
			continue
		}
		seesClass = false
		i, ok := a.byName.get(key(s, ident))
		if !ok {
			continue
		}
		switch n := &a.names[i]; {
		case n.flags&Global != 0:
			return a.global(ident)
		case n.flags&own == Bound:
			return n.sym
		}
	}
}

// global gives the module's symbol of a name; 0 if the module does not bind it.
func (a *Analysis) global(ident ast.Ident) Sym {
	if i, ok := a.byName.get(key(0, ident)); ok && a.names[i].flags&Bound != 0 {
		return a.names[i].sym
	}
	return 0
}
