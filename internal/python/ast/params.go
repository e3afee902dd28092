package ast

// Arguments is the parameter list of a function or lambda: Arg nodes, grouped
// by kind. VarArg and KwArg are 0 if absent.
type Arguments struct {
	PosOnly, Args Nodes
	VarArg        Node
	KwOnly        Nodes
	KwArg         Node
}

// Arguments returns the parameters by kind. It accepts 0, a function without
// parameters. Its cost is linear in the parameters.
func (t *Tree) Arguments(n Node) Arguments {
	var a Arguments
	p := Node(0)
	if n != 0 {
		t.must(n, KindArguments)
		p = Node(t.nodes[n].a)
	}
	a.PosOnly, p = t.params(p, ParamPosOnly)
	a.Args, p = t.params(p, ParamNormal)
	if p != 0 && ParamKind(t.nodes[p].role) == ParamVarArg {
		a.VarArg, p = p, t.nodes[p].next
	}
	a.KwOnly, p = t.params(p, ParamKwOnly)
	a.KwArg = p
	return a
}

// params splits the leading parameters of one kind off a chain.
func (t *Tree) params(first Node, kind ParamKind) (list Nodes, rest Node) {
	n := first
	for n != 0 && ParamKind(t.nodes[n].role) == kind {
		n = t.nodes[n].next
	}
	return Nodes{t, first, n}, n
}

// Params returns all Arg nodes of an Arguments node in source order. It accepts
// 0, a function without parameters.
func (t *Tree) Params(n Node) Nodes {
	if n == 0 {
		return Nodes{t: t}
	}
	t.must(n, KindArguments)
	return t.list(Node(t.nodes[n].a))
}

// NewArguments makes an Arguments node of Arg nodes in source order.
func (t *Tree) NewArguments(pos, end uint32, params Chain) Node {
	return t.add(KindArguments, 0, 0, pos, end, uint32(params.First), 0)
}

// Arg is one parameter. Annotation and Default are 0 if absent. The span covers
// the name and annotation, not the stars and not the default.
type Arg struct {
	Name       Ident
	Kind       ParamKind
	Annotation Node
	Default    Node
}

// Arg returns the parts of an Arg.
func (t *Tree) Arg(n Node) Arg {
	t.must(n, KindArg)
	arg := Arg{Name: Ident(t.nodes[n].a), Kind: ParamKind(t.nodes[n].role)}
	if i := t.nodes[n].b; i != 0 {
		arg.Annotation, arg.Default = Node(t.extra[i]), Node(t.extra[i+1])
	}
	return arg
}

// NewArg makes an Arg.
func (t *Tree) NewArg(pos, end uint32, name Ident, kind ParamKind, annotation, deflt Node) Node {
	x := uint32(0)
	if annotation|deflt != 0 {
		x = t.more(uint32(annotation), uint32(deflt))
	}
	n := t.add(KindArg, 0, 0, pos, end, uint32(name), x)
	t.nodes[n].role = uint8(kind)
	return n
}

// MakePosOnly turns the parameters collected so far into positional-only ones,
// on reading "/".
func (t *Tree) MakePosOnly(params Chain) {
	for n := params.First; n != 0; n = t.nodes[n].next {
		t.nodes[n].role = uint8(ParamPosOnly)
	}
}

// TypeParam is a TypeVar, ParamSpec or TypeVarTuple. Bound and Default are 0 if
// absent; only a TypeVar has a bound. The span includes the stars and the
// default.
type TypeParam struct {
	Name           Ident
	Bound, Default Node
}

// TypeParam returns the parts of a TypeVar, ParamSpec or TypeVarTuple.
func (t *Tree) TypeParam(n Node) TypeParam {
	switch t.nodes[n].kind {
	case KindTypeVar, KindParamSpec, KindTypeVarTuple:
		p := TypeParam{Name: Ident(t.nodes[n].a)}
		if i := t.nodes[n].b; i != 0 {
			p.Bound, p.Default = Node(t.extra[i]), Node(t.extra[i+1])
		}
		return p
	}
	panic(wrongKind(t.nodes[n].kind))
}

// NewTypeParam makes a TypeVar, ParamSpec or TypeVarTuple.
func (t *Tree) NewTypeParam(kind Kind, pos, end uint32, name Ident, bound, deflt Node) Node {
	x := uint32(0)
	if bound|deflt != 0 {
		x = t.more(uint32(bound), uint32(deflt))
	}
	return t.add(kind, 0, 0, pos, end, uint32(name), x)
}
