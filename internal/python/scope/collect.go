package scope

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// maxDepth bounds the recursion over the tree. The parser refuses source long before; names below are still
// resolved, but bind nothing.
const maxDepth = 30_000

// enter starts a scope for a definition.
func (a *Analysis) enter(n ast.Node, kind Kind, parent ID) ID {
	s := ID(len(a.Scopes))
	a.Scopes = append(a.Scopes, Scope{Node: n, Kind: kind, Parent: parent})
	if kind != Types || a.tree.Kind(n) == ast.KindTypeAlias {
		a.byNode.put(uint64(n), uint32(s))
	}
	return s
}

// note records what scope s does with a name, and gives its place in names.
func (a *Analysis) note(s ID, ident ast.Ident, flags Flags) uint32 {
	if ident == 0 {
		return 0
	}
	i := a.byName.put(key(s, ident), uint32(len(a.names)))
	if int(i) == len(a.names) {
		a.names = append(a.names, name{ident: ident, scope: s})
	}
	a.names[i].flags |= flags
	return i
}

func (a *Analysis) visitAll(list ast.Nodes, s ID) {
	for n := list.First(); n != 0; n = list.Next(n) {
		a.visit(n, s)
	}
}

// visit records the names of n, whose code belongs to scope s, and of everything below it.
func (a *Analysis) visit(n ast.Node, s ID) {
	if a.depth >= maxDepth {
		return
	}
	a.depth++
	a.visitKind(n, s)
	a.depth--
}

func (a *Analysis) visitKind(n ast.Node, s ID) {
	t := a.tree
	switch t.Kind(n) {
	case ast.KindNone, ast.KindConstant, ast.KindPass, ast.KindBreak, ast.KindContinue, ast.KindMatchSingleton,
		ast.KindInvalidExpr, ast.KindInvalidStmt, ast.KindInvalidPattern:
		return
	case ast.KindName:
		a.visitName(n, s)
		return
	case ast.KindFunctionDef, ast.KindAsyncFunctionDef:
		a.visitFunction(n, s)
		return
	case ast.KindClassDef:
		a.visitClass(n, s)
		return
	case ast.KindLambda:
		a.visitLambda(n, s)
		return
	case ast.KindListComp, ast.KindSetComp, ast.KindGeneratorExp:
		comp := t.Comp(n)
		a.visitComprehension(n, comp.Generators, comp.Elt, 0, s)
		return
	case ast.KindDictComp:
		comp := t.DictComp(n)
		a.visitComprehension(n, comp.Generators, comp.Key, comp.Value, s)
		return
	case ast.KindNamedExpr:
		a.visitNamed(n, s)
		return
	case ast.KindTypeAlias:
		a.visitTypeAlias(n, s)
		return
	case ast.KindAnnAssign:
		a.visitAnnAssign(n, s)
		return
	case ast.KindIf:
		a.visitIf(n, s)
		return
	case ast.KindGlobal:
		a.visitDeclaration(n, s, Global)
		return
	case ast.KindNonlocal:
		a.visitDeclaration(n, s, Nonlocal)
		return
	case ast.KindImport:
		a.visitImport(n, s)
		return
	case ast.KindImportFrom:
		a.visitImportFrom(n, s)
		return
	case ast.KindYield, ast.KindYieldFrom:
		a.Scopes[s].Traits |= Generator
	case ast.KindCall:
		a.visitCallee(t.Call(n).Func, s)
	case ast.KindExceptHandler:
		a.note(s, t.ExceptHandler(n).Name, Bound)
	case ast.KindMatchAs:
		a.visitChildren(n, s)
		a.note(s, t.MatchAs(n).Name, Bound)
		return
	case ast.KindMatchStar:
		a.note(s, t.MatchStar(n), Bound)
	case ast.KindMatchMapping:
		a.visitChildren(n, s)
		a.note(s, t.MatchMapping(n).Rest, Bound)
		return
	}
	a.visitChildren(n, s)
}

// visitChildren looks at the most frequent children, which have none of their own, at once.
func (a *Analysis) visitChildren(n ast.Node, s ID) {
	c := a.tree.Children(n)
	for child := c.Next(); child != 0; child = c.Next() {
		switch a.tree.Kind(child) {
		case ast.KindConstant:
		case ast.KindName:
			a.visitName(child, s)
		default:
			a.visit(child, s)
		}
	}
}

// visitName records a name and keeps with the node where, so that it need not be looked up again.
func (a *Analysis) visitName(n ast.Node, s ID) {
	flag := Bound
	if a.tree.Context(n) == ast.Load {
		flag = Used
	}
	if ident := a.tree.Name(n); ident != 0 {
		a.tree.SetNote(n, a.note(s, ident, flag)+1)
	}
}

// visitCallee marks scopes whose names cannot be known because they are reached by text.
func (a *Analysis) visitCallee(callee ast.Node, s ID) {
	if a.tree.Kind(callee) != ast.KindName {
		return
	}
	switch a.tree.Name(callee) {
	case a.special.locals, a.special.vars, a.special.exec, a.special.eval:
		a.Scopes[s].Traits |= UsesLocals
	}
}

func (a *Analysis) visitFunction(n ast.Node, s ID) {
	t := a.tree
	f := t.Function(n)
	a.note(s, f.Name, Bound)
	a.visitAll(f.Decorators, s)
	a.visitDefaults(f.Args, s)
	around := a.typeScope(n, f.TypeParams, s)
	for p := range t.Params(f.Args).All() {
		a.visit(t.Arg(p).Annotation, around)
	}
	a.visit(f.Returns, around)
	inner := a.enter(n, Function, around)
	if t.Kind(n) == ast.KindAsyncFunctionDef {
		a.Scopes[inner].Traits |= Async
	}
	a.noteParams(f.Args, inner)
	a.visitAll(f.Body, inner)
}

func (a *Analysis) visitDefaults(args ast.Node, s ID) {
	for p := range a.tree.Params(args).All() {
		a.visit(a.tree.Arg(p).Default, s)
	}
}

func (a *Analysis) noteParams(args ast.Node, s ID) {
	for p := range a.tree.Params(args).All() {
		a.note(s, a.tree.Arg(p).Name, Bound|Param)
	}
}

func (a *Analysis) visitClass(n ast.Node, s ID) {
	c := a.tree.Class(n)
	a.note(s, c.Name, Bound)
	a.visitAll(c.Decorators, s)
	around := a.typeScope(n, c.TypeParams, s)
	a.visitAll(c.Bases, around)
	a.visitAll(c.Keywords, around)
	a.visitAll(c.Body, a.enter(n, Class, around))
}

// typeScope gives the scope around a definition: s itself, or a new one that has its type parameters.
func (a *Analysis) typeScope(n ast.Node, params ast.Nodes, s ID) ID {
	if params.Empty() {
		return s
	}
	types := a.enter(n, Types, s)
	a.visitTypeParams(params, types)
	return types
}

func (a *Analysis) visitTypeParams(params ast.Nodes, s ID) {
	for p := range params.All() {
		a.note(s, a.tree.TypeParam(p).Name, Bound|TypeParam)
		a.visitChildren(p, s)
	}
}

func (a *Analysis) visitTypeAlias(n ast.Node, s ID) {
	alias := a.tree.TypeAlias(n)
	a.visit(alias.Name, s)
	types := a.enter(n, Types, s)
	a.visitTypeParams(alias.TypeParams, types)
	a.visit(alias.Value, types)
}

func (a *Analysis) visitLambda(n ast.Node, s ID) {
	l := a.tree.Lambda(n)
	a.visitDefaults(l.Args, s)
	inner := a.enter(n, Lambda, s)
	a.noteParams(l.Args, inner)
	a.visit(l.Body, inner)
}

func (a *Analysis) visitComprehension(n ast.Node, generators ast.Nodes, elt, value ast.Node, s ID) {
	t := a.tree
	inner := None
	for g := generators.First(); g != 0; g = generators.Next(g) {
		c := t.Comprehension(g)
		if inner == None {
			a.visit(c.Iter, s) // the first iterable is evaluated outside
			inner = a.enter(n, Comprehension, s)
		} else {
			a.visit(c.Iter, inner)
		}
		if c.Async {
			a.Scopes[inner].Traits |= Async
		}
		a.visit(c.Target, inner)
		a.visitAll(c.Ifs, inner)
	}
	if inner == None { // only in a tree with errors
		inner = a.enter(n, Comprehension, s)
	}
	a.visit(elt, inner)
	a.visit(value, inner)
}

// visitNamed binds the target of "name := value" in the nearest scope that is no comprehension.
func (a *Analysis) visitNamed(n ast.Node, s ID) {
	named := a.tree.NamedExpr(n)
	a.visit(named.Value, s)
	if a.tree.Kind(named.Target) != ast.KindName {
		a.visit(named.Target, s)
		return
	}
	ident := a.tree.Name(named.Target)
	holder := s
	for a.Scopes[holder].Kind == Comprehension {
		holder = a.Scopes[holder].Parent
	}
	a.note(holder, ident, Bound)
	if holder != s {
		a.note(s, ident, Used)
	}
}

// visitAnnAssign leaves out "(name): T", which evaluates the annotation and binds nothing.
func (a *Analysis) visitAnnAssign(n ast.Node, s ID) {
	assign := a.tree.AnnAssign(n)
	if assign.Simple || assign.Value != 0 || a.tree.Kind(assign.Target) != ast.KindName {
		a.visit(assign.Target, s)
	}
	a.visit(assign.Annotation, s)
	a.visit(assign.Value, s)
}

// visitIf follows a chain of elif without recursion: such chains are long where they are generated.
func (a *Analysis) visitIf(n ast.Node, s ID) {
	t := a.tree
	for {
		x := t.If(n)
		a.visit(x.Test, s)
		a.visitAll(x.Body, s)
		n = x.Orelse.First()
		if n == 0 || !t.IsElif(n) || x.Orelse.Next(n) != 0 {
			a.visitAll(x.Orelse, s)
			return
		}
	}
}

func (a *Analysis) visitDeclaration(n ast.Node, s ID, flag Flags) {
	for id := range a.tree.Identifiers(n).All() {
		a.note(s, a.tree.Name(id), flag)
	}
}

func (a *Analysis) visitImport(n ast.Node, s ID) {
	for alias := range a.tree.Import(n).All() {
		a.note(s, ImportedName(a.tree, alias), Bound|Imported)
	}
}

func (a *Analysis) visitImportFrom(n ast.Node, s ID) {
	t := a.tree
	for alias := range t.ImportFrom(n).Names.All() {
		x := t.Alias(alias)
		switch {
		case x.Name == ast.IdentStar:
			a.Scopes[s].Traits |= HasStar
		case x.Asname != 0:
			a.note(s, x.Asname, Bound|Imported)
		default:
			a.note(s, x.Name, Bound|Imported)
		}
	}
}

// ImportedName gives the name that one alias of a plain import binds: "a" for "import a.b", "c" for "import a.b as
// c".
func ImportedName(t *ast.Tree, alias ast.Node) ast.Ident {
	x := t.Alias(alias)
	if x.Asname != 0 {
		return x.Asname
	}
	text := t.Text(x.Name)
	if i := strings.IndexByte(text, '.'); i >= 0 {
		return t.Names().Intern(text[:i])
	}
	return x.Name
}
