package ast

// NewModule makes the root.
func (t *Tree) NewModule(end uint32, body Chain) Node {
	return t.add(KindModule, 0, 0, 0, end, uint32(body.First), 0)
}

// Body returns the statements of a Module, FunctionDef, AsyncFunctionDef,
// ClassDef, For, AsyncFor, While, If, With, AsyncWith, Try, TryStar,
// ExceptHandler or MatchCase.
func (t *Tree) Body(n Node) Nodes {
	switch t.nodes[n].kind {
	case KindModule:
		return t.list(Node(t.nodes[n].a))
	case KindFunctionDef, KindAsyncFunctionDef:
		return t.Function(n).Body
	case KindClassDef:
		return t.Class(n).Body
	case KindFor, KindAsyncFor:
		return t.For(n).Body
	case KindWhile:
		return t.While(n).Body
	case KindIf:
		return t.If(n).Body
	case KindWith, KindAsyncWith:
		return t.With(n).Body
	case KindTry, KindTryStar:
		return t.Try(n).Body
	case KindExceptHandler:
		return t.ExceptHandler(n).Body
	case KindMatchCase:
		return t.MatchCase(n).Body
	}
	return Nodes{t: t}
}

// Function is a FunctionDef or AsyncFunctionDef. NamePos is the offset of the
// name. Args is 0 if there are no parameters. The span starts at "def" or
// "async", after the decorators.
type Function struct {
	Name       Ident
	NamePos    uint32
	Args       Node
	Returns    Node
	Body       Nodes
	Decorators Nodes
	TypeParams Nodes
}

// Function returns the parts of a FunctionDef or AsyncFunctionDef.
func (t *Tree) Function(n Node) Function {
	t.must2(n, KindFunctionDef, KindAsyncFunctionDef)
	x := t.extra[t.nodes[n].a:][:7]
	return Function{
		Name: Ident(x[0]), NamePos: x[1],
		Decorators: t.list(Node(x[2])), TypeParams: t.list(Node(x[3])),
		Args: Node(x[4]), Returns: Node(x[5]), Body: t.list(Node(x[6])),
	}
}

// NewFunction makes a FunctionDef, or an AsyncFunctionDef if async.
func (t *Tree) NewFunction(pos, end uint32, async bool, name Ident, namePos uint32,
	decorators, typeParams Chain, args, returns Node, body Chain) Node {
	kind := KindFunctionDef
	if async {
		kind = KindAsyncFunctionDef
	}
	x := t.more(uint32(name), namePos, uint32(decorators.First), uint32(typeParams.First),
		uint32(args), uint32(returns), uint32(body.First))
	return t.add(kind, 0, 0, pos, end, x, 0)
}

// Class is a ClassDef. NamePos is the offset of the name; the span starts at
// "class", after the decorators.
type Class struct {
	Name       Ident
	NamePos    uint32
	Bases      Nodes
	Keywords   Nodes
	Body       Nodes
	Decorators Nodes
	TypeParams Nodes
}

// Class returns the parts of a ClassDef.
func (t *Tree) Class(n Node) Class {
	t.must(n, KindClassDef)
	x := t.extra[t.nodes[n].a:][:6]
	bases, keywords := t.arguments(Node(x[4]))
	return Class{
		Name: Ident(x[0]), NamePos: x[1],
		Decorators: t.list(Node(x[2])), TypeParams: t.list(Node(x[3])),
		Bases: bases, Keywords: keywords, Body: t.list(Node(x[5])),
	}
}

// NewClass makes a ClassDef. Bases and keywords are joined.
func (t *Tree) NewClass(pos, end uint32, name Ident, namePos uint32,
	decorators, typeParams, bases, keywords, body Chain) Node {
	t.Join(&bases, keywords)
	x := t.more(uint32(name), namePos, uint32(decorators.First), uint32(typeParams.First),
		uint32(bases.First), uint32(body.First))
	return t.add(KindClassDef, 0, 0, pos, end, x, 0)
}

// Value returns the only child of a Return, Expr, Await, Yield, YieldFrom,
// Starred or MatchValue; 0 for a Return or Yield without a value.
func (t *Tree) Value(n Node) Node {
	switch t.nodes[n].kind {
	case KindReturn, KindExpr, KindAwait, KindYield, KindYieldFrom, KindStarred, KindMatchValue:
		return Node(t.nodes[n].a)
	}
	panic(wrongKind(t.nodes[n].kind))
}

// NewValue makes a node of a kind whose only child is value: see [Tree.Value].
func (t *Tree) NewValue(kind Kind, pos, end uint32, value Node) Node {
	return t.add(kind, 0, 0, pos, end, uint32(value), 0)
}

// NewLeaf makes a Pass, Break, Continue or one of the Invalid kinds.
func (t *Tree) NewLeaf(kind Kind, pos, end uint32) Node {
	return t.add(kind, 0, 0, pos, end, 0, 0)
}

// Targets returns the targets of a Delete.
func (t *Tree) Targets(n Node) Nodes {
	t.must(n, KindDelete)
	return t.list(Node(t.nodes[n].a))
}

// NewDelete makes a Delete.
func (t *Tree) NewDelete(pos, end uint32, targets Chain) Node {
	return t.add(KindDelete, 0, 0, pos, end, uint32(targets.First), 0)
}

// Assign is an Assign: a = b = value has two targets.
type Assign struct {
	Targets Nodes
	Value   Node
}

// Assign returns the parts of an Assign.
func (t *Tree) Assign(n Node) Assign {
	t.must(n, KindAssign)
	return Assign{t.list(Node(t.nodes[n].a)), Node(t.nodes[n].b)}
}

// NewAssign makes an Assign.
func (t *Tree) NewAssign(pos, end uint32, targets Chain, value Node) Node {
	return t.add(KindAssign, 0, 0, pos, end, uint32(targets.First), uint32(value))
}

// TypeAlias is a TypeAlias. Name is a Name node.
type TypeAlias struct {
	Name       Node
	TypeParams Nodes
	Value      Node
}

// TypeAlias returns the parts of a TypeAlias.
func (t *Tree) TypeAlias(n Node) TypeAlias {
	t.must(n, KindTypeAlias)
	x := t.extra[t.nodes[n].a:][:3]
	return TypeAlias{Node(x[0]), t.list(Node(x[1])), Node(x[2])}
}

// NewTypeAlias makes a TypeAlias.
func (t *Tree) NewTypeAlias(pos, end uint32, name Node, typeParams Chain, value Node) Node {
	x := t.more(uint32(name), uint32(typeParams.First), uint32(value))
	return t.add(KindTypeAlias, 0, 0, pos, end, x, 0)
}

// AugAssign is an AugAssign.
type AugAssign struct {
	Target Node
	Op     Operator
	Value  Node
}

// AugAssign returns the parts of an AugAssign.
func (t *Tree) AugAssign(n Node) AugAssign {
	t.must(n, KindAugAssign)
	return AugAssign{Node(t.nodes[n].a), Operator(t.nodes[n].op), Node(t.nodes[n].b)}
}

// NewAugAssign makes an AugAssign.
func (t *Tree) NewAugAssign(pos, end uint32, target Node, op Operator, value Node) Node {
	return t.add(KindAugAssign, uint8(op), 0, pos, end, uint32(target), uint32(value))
}

// AnnAssign is an AnnAssign. Value is 0 if nothing is assigned. Simple reports
// whether the target is a name without parentheses.
type AnnAssign struct {
	Target, Annotation, Value Node
	Simple                    bool
}

// AnnAssign returns the parts of an AnnAssign.
func (t *Tree) AnnAssign(n Node) AnnAssign {
	t.must(n, KindAnnAssign)
	target := Node(t.nodes[n].a)
	return AnnAssign{
		Target: target, Annotation: t.nodes[target].next, Value: Node(t.nodes[n].b),
		Simple: t.nodes[n].flags&flagBare != 0,
	}
}

// NewAnnAssign makes an AnnAssign.
func (t *Tree) NewAnnAssign(pos, end uint32, target, annotation, value Node, simple bool) Node {
	f := flags(0)
	if simple {
		f = flagBare
	}
	return t.add(KindAnnAssign, 0, f, pos, end, t.link(target, annotation, 0), uint32(value))
}

// For is a For or AsyncFor.
type For struct {
	Target, Iter Node
	Body, Orelse Nodes
}

// For returns the parts of a For or AsyncFor.
func (t *Tree) For(n Node) For {
	t.must2(n, KindFor, KindAsyncFor)
	target := Node(t.nodes[n].a)
	iter := t.nodes[target].next
	return For{target, iter, t.list(t.nodes[iter].next), t.list(Node(t.nodes[n].b))}
}

// NewFor makes a For, or an AsyncFor if async.
func (t *Tree) NewFor(pos, end uint32, async bool, target, iter Node, body, orelse Chain) Node {
	kind := KindFor
	if async {
		kind = KindAsyncFor
	}
	return t.add(kind, 0, 0, pos, end, t.link(target, iter, body.First), uint32(orelse.First))
}

// While is a While.
type While struct {
	Test         Node
	Body, Orelse Nodes
}

// While returns the parts of a While.
func (t *Tree) While(n Node) While {
	t.must(n, KindWhile)
	test := Node(t.nodes[n].a)
	return While{test, t.list(t.nodes[test].next), t.list(Node(t.nodes[n].b))}
}

// NewWhile makes a While.
func (t *Tree) NewWhile(pos, end uint32, test Node, body, orelse Chain) Node {
	return t.add(KindWhile, 0, 0, pos, end, t.link(test, body.First, 0), uint32(orelse.First))
}

// If is an If. An elif is an If that is alone in Orelse: see [Tree.IsElif].
type If struct {
	Test         Node
	Body, Orelse Nodes
}

// If returns the parts of an If.
func (t *Tree) If(n Node) If {
	t.must(n, KindIf)
	test := Node(t.nodes[n].a)
	return If{test, t.list(t.nodes[test].next), t.list(Node(t.nodes[n].b))}
}

// NewIf makes an If.
func (t *Tree) NewIf(pos, end uint32, test Node, body, orelse Chain) Node {
	return t.add(KindIf, 0, 0, pos, end, t.link(test, body.First, 0), uint32(orelse.First))
}

// IsElif reports whether the If n was written as "elif".
func (t *Tree) IsElif(n Node) bool {
	return t.nodes[n].kind == KindIf && t.src[t.nodes[n].pos] == 'e'
}

// With is a With or AsyncWith. Items are WithItem nodes.
type With struct{ Items, Body Nodes }

// With returns the parts of a With or AsyncWith.
func (t *Tree) With(n Node) With {
	t.must2(n, KindWith, KindAsyncWith)
	return With{t.list(Node(t.nodes[n].a)), t.list(Node(t.nodes[n].b))}
}

// NewWith makes a With, or an AsyncWith if async.
func (t *Tree) NewWith(pos, end uint32, async bool, items, body Chain) Node {
	kind := KindWith
	if async {
		kind = KindAsyncWith
	}
	return t.add(kind, 0, 0, pos, end, uint32(items.First), uint32(body.First))
}

// WithItem is a withitem. Vars is CPython's optional_vars, 0 if absent.
type WithItem struct{ Context, Vars Node }

// WithItem returns the parts of a WithItem.
func (t *Tree) WithItem(n Node) WithItem {
	t.must(n, KindWithItem)
	return WithItem{Node(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewWithItem makes a WithItem.
func (t *Tree) NewWithItem(pos, end uint32, context, vars Node) Node {
	return t.add(KindWithItem, 0, 0, pos, end, uint32(context), uint32(vars))
}

// Raise is a Raise; both parts may be 0.
type Raise struct{ Exc, Cause Node }

// Raise returns the parts of a Raise.
func (t *Tree) Raise(n Node) Raise {
	t.must(n, KindRaise)
	return Raise{Node(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewRaise makes a Raise.
func (t *Tree) NewRaise(pos, end uint32, exc, cause Node) Node {
	return t.add(KindRaise, 0, 0, pos, end, uint32(exc), uint32(cause))
}

// Try is a Try or TryStar. Handlers are ExceptHandler nodes.
type Try struct{ Body, Handlers, Orelse, Final Nodes }

// Try returns the parts of a Try or TryStar.
func (t *Tree) Try(n Node) Try {
	t.must2(n, KindTry, KindTryStar)
	x := t.extra[t.nodes[n].a:][:4]
	return Try{t.list(Node(x[0])), t.list(Node(x[1])), t.list(Node(x[2])), t.list(Node(x[3]))}
}

// NewTry makes a Try, or a TryStar if star.
func (t *Tree) NewTry(pos, end uint32, star bool, body, handlers, orelse, final Chain) Node {
	kind := KindTry
	if star {
		kind = KindTryStar
	}
	x := t.more(uint32(body.First), uint32(handlers.First), uint32(orelse.First), uint32(final.First))
	return t.add(kind, 0, 0, pos, end, x, 0)
}

// ExceptHandler is an ExceptHandler. Type and Name are 0 if absent; NamePos is
// the offset of the name.
type ExceptHandler struct {
	Type    Node
	Name    Ident
	NamePos uint32
	Body    Nodes
}

// ExceptHandler returns the parts of an ExceptHandler.
func (t *Tree) ExceptHandler(n Node) ExceptHandler {
	t.must(n, KindExceptHandler)
	x := t.extra[t.nodes[n].a:][:4]
	return ExceptHandler{Node(x[0]), Ident(x[1]), x[2], t.list(Node(x[3]))}
}

// NewExceptHandler makes an ExceptHandler.
func (t *Tree) NewExceptHandler(pos, end uint32, typ Node, name Ident, namePos uint32, body Chain) Node {
	x := t.more(uint32(typ), uint32(name), namePos, uint32(body.First))
	return t.add(KindExceptHandler, 0, 0, pos, end, x, 0)
}

// Assert is an Assert. Msg is 0 if absent.
type Assert struct{ Test, Msg Node }

// Assert returns the parts of an Assert.
func (t *Tree) Assert(n Node) Assert {
	t.must(n, KindAssert)
	return Assert{Node(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewAssert makes an Assert.
func (t *Tree) NewAssert(pos, end uint32, test, msg Node) Node {
	return t.add(KindAssert, 0, 0, pos, end, uint32(test), uint32(msg))
}

// Import returns the Alias nodes of an Import.
func (t *Tree) Import(n Node) Nodes {
	t.must(n, KindImport)
	return t.list(Node(t.nodes[n].a))
}

// NewImport makes an Import.
func (t *Tree) NewImport(pos, end uint32, names Chain) Node {
	return t.add(KindImport, 0, 0, pos, end, uint32(names.First), 0)
}

// ImportFrom is an ImportFrom. Module is the dotted name, 0 for "from . import
// x"; Level counts the leading dots; a star import has one Alias named "*".
type ImportFrom struct {
	Module Ident
	Level  int
	Names  Nodes
}

// ImportFrom returns the parts of an ImportFrom.
func (t *Tree) ImportFrom(n Node) ImportFrom {
	t.must(n, KindImportFrom)
	x := t.extra[t.nodes[n].b:][:2]
	return ImportFrom{Ident(x[0]), int(x[1]), t.list(Node(t.nodes[n].a))}
}

// NewImportFrom makes an ImportFrom.
func (t *Tree) NewImportFrom(pos, end uint32, module Ident, level int, names Chain) Node {
	x := t.more(uint32(module), uint32(level))
	return t.add(KindImportFrom, 0, 0, pos, end, uint32(names.First), x)
}

// Alias is an alias. Name may be dotted or "*"; Asname is 0 if absent.
type Alias struct{ Name, Asname Ident }

// Alias returns the parts of an Alias.
func (t *Tree) Alias(n Node) Alias {
	t.must(n, KindAlias)
	return Alias{Ident(t.nodes[n].a), Ident(t.nodes[n].b)}
}

// NewAlias makes an Alias.
func (t *Tree) NewAlias(pos, end uint32, name, asname Ident) Node {
	return t.add(KindAlias, 0, 0, pos, end, uint32(name), uint32(asname))
}

// Identifiers returns the Identifier nodes of a Global or Nonlocal.
func (t *Tree) Identifiers(n Node) Nodes {
	t.must2(n, KindGlobal, KindNonlocal)
	return t.list(Node(t.nodes[n].a))
}

// NewIdentifiers makes a Global or Nonlocal.
func (t *Tree) NewIdentifiers(kind Kind, pos, end uint32, names Chain) Node {
	return t.add(kind, 0, 0, pos, end, uint32(names.First), 0)
}
