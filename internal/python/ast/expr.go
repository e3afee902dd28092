package ast

// BoolOp is a BoolOp: "a and b and c" has three values.
type BoolOp struct {
	Op     BoolOperator
	Values Nodes
}

// BoolOp returns the parts of a BoolOp.
func (t *Tree) BoolOp(n Node) BoolOp {
	t.must(n, KindBoolOp)
	return BoolOp{BoolOperator(t.nodes[n].op), t.list(Node(t.nodes[n].a))}
}

// NewBoolOp makes a BoolOp.
func (t *Tree) NewBoolOp(pos, end uint32, op BoolOperator, values Chain) Node {
	return t.add(KindBoolOp, uint8(op), 0, pos, end, uint32(values.First), 0)
}

// NamedExpr is a NamedExpr, "(target := value)".
type NamedExpr struct{ Target, Value Node }

// NamedExpr returns the parts of a NamedExpr.
func (t *Tree) NamedExpr(n Node) NamedExpr {
	t.must(n, KindNamedExpr)
	return NamedExpr{Node(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewNamedExpr makes a NamedExpr.
func (t *Tree) NewNamedExpr(pos, end uint32, target, value Node) Node {
	return t.add(KindNamedExpr, 0, 0, pos, end, uint32(target), uint32(value))
}

// BinOp is a BinOp.
type BinOp struct {
	Left  Node
	Op    Operator
	Right Node
}

// BinOp returns the parts of a BinOp.
func (t *Tree) BinOp(n Node) BinOp {
	t.must(n, KindBinOp)
	return BinOp{Node(t.nodes[n].a), Operator(t.nodes[n].op), Node(t.nodes[n].b)}
}

// NewBinOp makes a BinOp.
func (t *Tree) NewBinOp(pos, end uint32, left Node, op Operator, right Node) Node {
	return t.add(KindBinOp, uint8(op), 0, pos, end, uint32(left), uint32(right))
}

// UnaryOp is a UnaryOp.
type UnaryOp struct {
	Op      UnaryOperator
	Operand Node
}

// UnaryOp returns the parts of a UnaryOp.
func (t *Tree) UnaryOp(n Node) UnaryOp {
	t.must(n, KindUnaryOp)
	return UnaryOp{UnaryOperator(t.nodes[n].op), Node(t.nodes[n].a)}
}

// NewUnaryOp makes a UnaryOp.
func (t *Tree) NewUnaryOp(pos, end uint32, op UnaryOperator, operand Node) Node {
	return t.add(KindUnaryOp, uint8(op), 0, pos, end, uint32(operand), 0)
}

// Lambda is a Lambda. Args is 0 if there are no parameters.
type Lambda struct{ Args, Body Node }

// Lambda returns the parts of a Lambda.
func (t *Tree) Lambda(n Node) Lambda {
	t.must(n, KindLambda)
	return Lambda{Node(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewLambda makes a Lambda.
func (t *Tree) NewLambda(pos, end uint32, args, body Node) Node {
	return t.add(KindLambda, 0, 0, pos, end, uint32(args), uint32(body))
}

// IfExp is an IfExp, "body if test else orelse".
type IfExp struct{ Test, Body, Orelse Node }

// IfExp returns the parts of an IfExp.
func (t *Tree) IfExp(n Node) IfExp {
	t.must(n, KindIfExp)
	body := Node(t.nodes[n].a)
	test := t.nodes[body].next
	return IfExp{Test: test, Body: body, Orelse: t.nodes[test].next}
}

// NewIfExp makes an IfExp.
func (t *Tree) NewIfExp(pos, end uint32, body, test, orelse Node) Node {
	return t.add(KindIfExp, 0, 0, pos, end, t.link(body, test, orelse), 0)
}

// Elts returns the elements of a List, Tuple or Set.
func (t *Tree) Elts(n Node) Nodes {
	switch t.nodes[n].kind {
	case KindList, KindTuple, KindSet:
		return t.list(Node(t.nodes[n].a))
	}
	panic(wrongKind(t.nodes[n].kind))
}

// NewElts makes a List, Tuple or Set.
func (t *Tree) NewElts(kind Kind, pos, end uint32, elts Chain) Node {
	return t.add(kind, 0, 0, pos, end, uint32(elts.First), 0)
}

// Items is the list of items of a Dict.
type Items struct {
	t    *Tree
	next Node
}

// DictItems returns the items of a Dict.
func (t *Tree) DictItems(n Node) Items {
	t.must(n, KindDict)
	return Items{t, Node(t.nodes[n].a)}
}

// All iterates over keys and values; the key of "**value" is 0.
func (d Items) All() func(yield func(key, value Node) bool) {
	return func(yield func(key, value Node) bool) {
		for n := d.next; n != 0; {
			key, value := n, n
			if d.t.nodes[n].role == roleDoubleStar {
				key = 0
			} else {
				value = d.t.nodes[n].next
			}
			n = d.t.nodes[value].next
			if !yield(key, value) {
				return
			}
		}
	}
}

// NewDict makes a Dict of items collected with AppendItem.
func (t *Tree) NewDict(pos, end uint32, items Chain) Node {
	return t.add(KindDict, 0, 0, pos, end, uint32(items.First), 0)
}

// AppendItem adds key and value to the items of a Dict under construction; the
// key of "**value" is 0.
func (t *Tree) AppendItem(items *Chain, key, value Node) {
	if key == 0 {
		t.nodes[value].role = roleDoubleStar
	} else {
		t.Append(items, key)
	}
	t.Append(items, value)
}

// Comp is a ListComp, SetComp or GeneratorExp; Generators are Comprehension
// nodes.
type Comp struct {
	Elt        Node
	Generators Nodes
}

// Comp returns the parts of a ListComp, SetComp or GeneratorExp.
func (t *Tree) Comp(n Node) Comp {
	switch t.nodes[n].kind {
	case KindListComp, KindSetComp, KindGeneratorExp:
		return Comp{Node(t.nodes[n].a), t.list(Node(t.nodes[n].b))}
	}
	panic(wrongKind(t.nodes[n].kind))
}

// NewComp makes a ListComp, SetComp or GeneratorExp.
func (t *Tree) NewComp(kind Kind, pos, end uint32, elt Node, generators Chain) Node {
	return t.add(kind, 0, 0, pos, end, uint32(elt), uint32(generators.First))
}

// SharesParens reports whether the GeneratorExp n is the only argument of a
// call and stands in the call's own parentheses, which its span then includes.
func (t *Tree) SharesParens(n Node) bool {
	return t.nodes[n].kind == KindGeneratorExp && t.nodes[n].flags&flagArguments != 0
}

// SetSharesParens notes what [Tree.SharesParens] reports.
func (t *Tree) SetSharesParens(n Node) { t.nodes[n].flags |= flagArguments }

// DictComp is a DictComp; Generators are Comprehension nodes.
type DictComp struct {
	Key, Value Node
	Generators Nodes
}

// DictComp returns the parts of a DictComp.
func (t *Tree) DictComp(n Node) DictComp {
	t.must(n, KindDictComp)
	key := Node(t.nodes[n].a)
	return DictComp{key, t.nodes[key].next, t.list(Node(t.nodes[n].b))}
}

// NewDictComp makes a DictComp.
func (t *Tree) NewDictComp(pos, end uint32, key, value Node, generators Chain) Node {
	return t.add(KindDictComp, 0, 0, pos, end, t.link(key, value, 0), uint32(generators.First))
}

// Comprehension is one "for" clause with its conditions.
type Comprehension struct {
	Target, Iter Node
	Ifs          Nodes
	Async        bool
}

// Comprehension returns the parts of a Comprehension.
func (t *Tree) Comprehension(n Node) Comprehension {
	t.must(n, KindComprehension)
	target := Node(t.nodes[n].a)
	return Comprehension{
		Target: target, Iter: t.nodes[target].next, Ifs: t.list(Node(t.nodes[n].b)),
		Async: t.nodes[n].flags&flagAsync != 0,
	}
}

// NewComprehension makes a Comprehension.
func (t *Tree) NewComprehension(pos, end uint32, async bool, target, iter Node, ifs Chain) Node {
	f := flags(0)
	if async {
		f = flagAsync
	}
	return t.add(KindComprehension, 0, f, pos, end, t.link(target, iter, 0), uint32(ifs.First))
}

// Compare is a Compare. Each of Comparators carries its operator: see
// [Tree.CmpOp].
type Compare struct {
	Left        Node
	Comparators Nodes
}

// Compare returns the parts of a Compare.
func (t *Tree) Compare(n Node) Compare {
	t.must(n, KindCompare)
	return Compare{Node(t.nodes[n].a), t.list(Node(t.nodes[n].b))}
}

// CmpOp returns the operator that stands before comparator in its Compare.
func (t *Tree) CmpOp(comparator Node) CmpOperator {
	return CmpOperator(t.nodes[comparator].role)
}

// NewCompare makes a Compare of comparators marked with SetCmpOp.
func (t *Tree) NewCompare(pos, end uint32, left Node, comparators Chain) Node {
	return t.add(KindCompare, 0, 0, pos, end, uint32(left), uint32(comparators.First))
}

// SetCmpOp sets the operator before comparator.
func (t *Tree) SetCmpOp(comparator Node, op CmpOperator) { t.nodes[comparator].role = uint8(op) }

// Call is a Call. Args are the positional arguments, Starred among them;
// Keywords are Keyword nodes. Both are in source order.
type Call struct {
	Func           Node
	Args, Keywords Nodes
}

// Call returns the parts of a Call. Its cost is linear in the positional
// arguments.
func (t *Tree) Call(n Node) Call {
	t.must(n, KindCall)
	args, keywords := t.arguments(Node(t.nodes[n].b))
	return Call{Node(t.nodes[n].a), args, keywords}
}

func (t *Tree) arguments(first Node) (args, keywords Nodes) {
	n := first
	for n != 0 && t.nodes[n].kind != KindKeyword {
		n = t.nodes[n].next
	}
	return Nodes{t, first, n}, Nodes{t, n, 0}
}

// NewCall makes a Call. Args and keywords are joined.
func (t *Tree) NewCall(pos, end uint32, fn Node, args, keywords Chain) Node {
	t.Join(&args, keywords)
	return t.add(KindCall, 0, 0, pos, end, uint32(fn), uint32(args.First))
}

// Keyword is an argument passed by name; Arg is 0 for "**value".
type Keyword struct {
	Arg   Ident
	Value Node
}

// Keyword returns the parts of a Keyword.
func (t *Tree) Keyword(n Node) Keyword {
	t.must(n, KindKeyword)
	return Keyword{Ident(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewKeyword makes a Keyword.
func (t *Tree) NewKeyword(pos, end uint32, arg Ident, value Node) Node {
	return t.add(KindKeyword, 0, 0, pos, end, uint32(arg), uint32(value))
}

// Attribute is an Attribute. The name of the attribute ends where the node
// ends.
type Attribute struct {
	Value Node
	Attr  Ident
}

// Attribute returns the parts of an Attribute.
func (t *Tree) Attribute(n Node) Attribute {
	t.must(n, KindAttribute)
	return Attribute{Node(t.nodes[n].a), Ident(t.nodes[n].b)}
}

// NewAttribute makes an Attribute.
func (t *Tree) NewAttribute(pos, end uint32, value Node, attr Ident) Node {
	return t.add(KindAttribute, 0, 0, pos, end, uint32(value), uint32(attr))
}

// Subscript is a Subscript. Slice is any expression, among them Slice, and a
// Tuple that may contain them.
type Subscript struct{ Value, Slice Node }

// Subscript returns the parts of a Subscript.
func (t *Tree) Subscript(n Node) Subscript {
	t.must(n, KindSubscript)
	return Subscript{Node(t.nodes[n].a), Node(t.nodes[n].b)}
}

// NewSubscript makes a Subscript.
func (t *Tree) NewSubscript(pos, end uint32, value, slice Node) Node {
	return t.add(KindSubscript, 0, 0, pos, end, uint32(value), uint32(slice))
}

// Slice is a Slice; every part may be 0.
type Slice struct{ Lower, Upper, Step Node }

// Slice returns the parts of a Slice.
func (t *Tree) Slice(n Node) Slice {
	t.must(n, KindSlice)
	x := t.extra[t.nodes[n].a:][:3]
	return Slice{Node(x[0]), Node(x[1]), Node(x[2])}
}

// NewSlice makes a Slice.
func (t *Tree) NewSlice(pos, end uint32, lower, upper, step Node) Node {
	x := t.more(uint32(lower), uint32(upper), uint32(step))
	return t.add(KindSlice, 0, 0, pos, end, x, 0)
}

// Name returns the identifier of a Name or Identifier.
func (t *Tree) Name(n Node) Ident {
	t.must2(n, KindName, KindIdentifier)
	return Ident(t.nodes[n].a)
}

// SetNote keeps a number with the Name n for whoever analyses the tree.
func (t *Tree) SetNote(n Node, note uint32) {
	t.must(n, KindName)
	t.nodes[n].b = note
}

// Note returns the number that was last kept with the Name or Identifier n, 0 where none was.
func (t *Tree) Note(n Node) uint32 {
	t.must2(n, KindName, KindIdentifier)
	return t.nodes[n].b
}

// NewName makes a Name in Load context.
func (t *Tree) NewName(pos, end uint32, id Ident) Node {
	return t.add(KindName, 0, 0, pos, end, uint32(id), 0)
}

// NewIdentifier makes an Identifier.
func (t *Tree) NewIdentifier(pos, end uint32, id Ident) Node {
	return t.add(KindIdentifier, 0, 0, pos, end, uint32(id), 0)
}
