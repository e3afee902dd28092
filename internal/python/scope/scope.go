package scope

import "github.com/tiebeam/tiebeam/internal/python/ast"

// ID names an entry of Analysis.Scopes; 0 is the module.
type ID uint32

// None is the parent of the module's scope.
const None = ^ID(0)

// Sym names an entry of Analysis.Symbols; 0 is no symbol.
type Sym uint32

// Kind says what introduces a scope.
type Kind uint8

// The kinds of scope.
const (
	Module Kind = iota
	Class
	Function
	Lambda
	Comprehension
	// Types is the scope of the type parameters of a function, class or type alias (PEP 695); a type alias has one
	// even without parameters, because its value is evaluated in it.
	Types
)

// Traits are properties of a scope that are seen while its names are collected.
type Traits uint8

// The traits of a scope.
const (
	Async      Traits = 1 << iota // async def; a comprehension with an async for
	Generator                     // has a yield of its own
	HasStar                       // has "from x import *"
	UsesLocals                    // calls locals, vars, exec or eval by name
)

// Scope is one scope. Symbols FirstSym to FirstSym+SymCount of the analysis are those that it binds or declares, in
// the order in which they first occur.
type Scope struct {
	Node     ast.Node
	Kind     Kind
	Traits   Traits
	Parent   ID
	FirstSym Sym
	SymCount uint32
}

// Flags say how a scope uses a name.
type Flags uint16

// The uses of a name.
const (
	Bound         Flags = 1 << iota // bound by the code of the scope itself
	Param                           // a parameter
	Imported                        // bound by an import
	TypeParam                       // a type parameter
	Global                          // declared global
	Nonlocal                        // declared nonlocal
	Used                            // read by the code of the scope itself
	Captured                        // read or written by the code of an inner scope
	WrittenInside                   // bound by an inner scope that declares it global or nonlocal
)

// own are the flags that make a name a symbol of the scope.
const own = Bound | Global | Nonlocal

// Symbol is a name that a scope binds, or declares global or nonlocal. What a declared name stands for is asked of
// Resolve.
type Symbol struct {
	Name  ast.Ident
	Scope ID
	Flags Flags
}

// Analysis holds the scopes of one module. The zero value is ready for Run.
type Analysis struct {
	// Scopes has the module first, then every scope when it is entered, so parents come before children.
	Scopes []Scope
	// Symbols has an unused entry first, then the symbols of the scopes one after another.
	Symbols []Symbol

	tree    *ast.Tree
	names   []name // every pair of scope and name that occurs
	byName  table  // scope and name → index of names
	byNode  table  // definition → scope
	depth   int
	special specialNames
}

// name is one pair of scope and name: what the scope does with it, and the symbol it stands for.
type name struct {
	ident ast.Ident
	scope ID
	flags Flags
	sym   Sym
}

// specialNames are identifiers whose calls or uses matter; they are looked up once a file, because the table of
// names may have been emptied between two files.
type specialNames struct {
	class, locals, vars, exec, eval ast.Ident
}

// Run analyses the tree and forgets what it knew of another one. The tree may have syntax errors. It keeps a note with
// each name of the tree, so that the tree must not be analysed by another Analysis as long as this one is asked.
func (a *Analysis) Run(t *ast.Tree) {
	a.tree = t
	a.Scopes = a.Scopes[:0]
	a.names = a.names[:0]
	a.byName.reset(t.Len() / 4)
	a.byNode.reset(t.Len() / 64)
	a.depth = 0
	table := t.Names()
	a.special = specialNames{
		class: table.Intern("__class__"), locals: table.Intern("locals"), vars: table.Intern("vars"),
		exec: table.Intern("exec"), eval: table.Intern("eval"),
	}
	module := a.enter(t.Root(), Module, None)
	a.visitAll(t.Body(t.Root()), module)
	a.finish()
}

// Of gives the scope that a function, class, lambda, comprehension or type alias introduces; for a function or class
// with type parameters their scope is its Parent. It is None for other nodes.
func (a *Analysis) Of(n ast.Node) ID {
	if i, ok := a.byNode.get(uint64(n)); ok {
		return ID(i)
	}
	return None
}

// ResolveNode gives the symbol that the Name or Identifier n stands for in the code of scope s. It is Resolve for a node
// of the analysed tree, at less cost.
func (a *Analysis) ResolveNode(s ID, n ast.Node) Sym {
	if i := a.tree.Note(n); i != 0 {
		return a.names[i-1].sym
	}
	return a.Resolve(s, a.tree.Name(n))
}

// Resolve gives the symbol that a name stands for in the code of scope s; 0 where the module does not bind it, so
// that it is a builtin, comes from a star import, or is an error.
func (a *Analysis) Resolve(s ID, ident ast.Ident) Sym {
	if i, ok := a.byName.get(key(s, ident)); ok {
		return a.names[i].sym
	}
	return a.outer(s, ident)
}
