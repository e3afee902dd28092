package ast

import (
	"fmt"
	"iter"
)

// shape says which of a node's words lead to children, in source order.
type shape uint8

const (
	shapeA      shape = 1 << iota // a is the first node of a chain
	shapeB                        // b is the first node of a chain
	shapeAExtra                   // a leads to words in extra, some of them chains
	shapeBExtra                   // b does, if it is not 0
)

// shapes has the shape of every kind; extraChains the words in extra that are
// chains of children, as a bit set.
var (
	shapes = [kindCount]shape{
		KindModule:           shapeA,
		KindFunctionDef:      shapeAExtra,
		KindAsyncFunctionDef: shapeAExtra,
		KindClassDef:         shapeAExtra,
		KindReturn:           shapeA,
		KindDelete:           shapeA,
		KindAssign:           shapeA | shapeB,
		KindTypeAlias:        shapeAExtra,
		KindAugAssign:        shapeA | shapeB,
		KindAnnAssign:        shapeA | shapeB,
		KindFor:              shapeA | shapeB,
		KindAsyncFor:         shapeA | shapeB,
		KindWhile:            shapeA | shapeB,
		KindIf:               shapeA | shapeB,
		KindWith:             shapeA | shapeB,
		KindAsyncWith:        shapeA | shapeB,
		KindMatch:            shapeA | shapeB,
		KindRaise:            shapeA | shapeB,
		KindTry:              shapeAExtra,
		KindTryStar:          shapeAExtra,
		KindAssert:           shapeA | shapeB,
		KindImport:           shapeA,
		KindImportFrom:       shapeA,
		KindGlobal:           shapeA,
		KindNonlocal:         shapeA,
		KindExpr:             shapeA,
		KindBoolOp:           shapeA,
		KindNamedExpr:        shapeA | shapeB,
		KindBinOp:            shapeA | shapeB,
		KindUnaryOp:          shapeA,
		KindLambda:           shapeA | shapeB,
		KindIfExp:            shapeA,
		KindDict:             shapeA,
		KindSet:              shapeA,
		KindListComp:         shapeA | shapeB,
		KindSetComp:          shapeA | shapeB,
		KindDictComp:         shapeA | shapeB,
		KindGeneratorExp:     shapeA | shapeB,
		KindAwait:            shapeA,
		KindYield:            shapeA,
		KindYieldFrom:        shapeA,
		KindCompare:          shapeA | shapeB,
		KindCall:             shapeA | shapeB,
		KindFormattedValue:   shapeA | shapeBExtra,
		KindInterpolation:    shapeA | shapeBExtra,
		KindJoinedStr:        shapeA,
		KindTemplateStr:      shapeA,
		KindAttribute:        shapeA,
		KindSubscript:        shapeA | shapeB,
		KindStarred:          shapeA,
		KindList:             shapeA,
		KindTuple:            shapeA,
		KindSlice:            shapeAExtra,
		KindMatchValue:       shapeA,
		KindMatchSequence:    shapeA,
		KindMatchMapping:     shapeA,
		KindMatchClass:       shapeA | shapeB,
		KindMatchAs:          shapeA,
		KindMatchOr:          shapeA,
		KindComprehension:    shapeA | shapeB,
		KindExceptHandler:    shapeAExtra,
		KindArguments:        shapeA,
		KindArg:              shapeBExtra,
		KindKeyword:          shapeB,
		KindWithItem:         shapeA | shapeB,
		KindMatchCase:        shapeA | shapeB,
		KindMatchKeyword:     shapeB,
		KindTypeVar:          shapeBExtra,
		KindParamSpec:        shapeBExtra,
		KindTypeVarTuple:     shapeBExtra,
	}
	extraChains = [kindCount]uint8{
		KindFunctionDef:      0b1111100,
		KindAsyncFunctionDef: 0b1111100,
		KindClassDef:         0b111100,
		KindTypeAlias:        0b111,
		KindTry:              0b1111,
		KindTryStar:          0b1111,
		KindSlice:            0b111,
		KindExceptHandler:    0b1001,
		KindFormattedValue:   0b1,
		KindInterpolation:    0b1,
		KindArg:              0b11,
		KindTypeVar:          0b11,
		KindParamSpec:        0b11,
		KindTypeVarTuple:     0b11,
	}
)

// Cursor walks the children of one node without allocating:
//
//	for c := t.Children(n); ; {
//		child := c.Next()
//		if child == 0 {
//			break
//		}
//		...
//	}
type Cursor struct {
	t      *Tree
	node   Node
	b      Node // chain to walk after node's
	extra  uint32
	chains uint8 // words at extra still to walk
}

// Children returns a cursor over the children of n in source order, except that
// keyword arguments come after all positional ones.
func (t *Tree) Children(n Node) Cursor {
	x := &t.nodes[n]
	c := Cursor{t: t}
	s := shapes[x.kind]
	if s&shapeA != 0 {
		c.node = Node(x.a)
	}
	if s&shapeB != 0 {
		c.b = Node(x.b)
	}
	if s&shapeAExtra != 0 {
		c.extra, c.chains = x.a, extraChains[x.kind]
	}
	if s&shapeBExtra != 0 && x.b != 0 {
		c.extra, c.chains = x.b, extraChains[x.kind]
	}
	return c
}

// Next returns the next child, or 0 at the end.
func (c *Cursor) Next() Node {
	for c.node == 0 {
		switch {
		case c.b != 0:
			c.node, c.b = c.b, 0
		case c.chains != 0:
			if c.chains&1 != 0 {
				c.node = Node(c.t.extra[c.extra])
			}
			c.extra++
			c.chains >>= 1
		default:
			return 0
		}
	}
	n := c.node
	c.node = c.t.nodes[n].next
	return n
}

// Walk visits root and everything below it in source order: enter before the
// children, leave after them. If enter returns false, children and leave are
// skipped. Leave may be nil. Walk does not recurse, however deep the tree is.
func (t *Tree) Walk(root Node, enter func(Node) bool, leave func(Node)) {
	type frame struct {
		node   Node
		cursor Cursor
	}
	if root == 0 || !enter(root) {
		return
	}
	stack := make([]frame, 1, 64)
	stack[0] = frame{root, t.Children(root)}
	for len(stack) > 0 {
		top := &stack[len(stack)-1]
		child := top.cursor.Next()
		switch {
		case child == 0:
			if leave != nil {
				leave(top.node)
			}
			stack = stack[:len(stack)-1]
		case enter(child):
			stack = append(stack, frame{child, t.Children(child)})
		}
	}
}

// Preorder iterates over root and everything below it, parents first.
func (t *Tree) Preorder(root Node) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		ok := true
		t.Walk(root, func(n Node) bool {
			ok = ok && yield(n)
			return ok
		}, nil)
	}
}

// must panics if n is not of the kind that an accessor is for. That is a fault
// of the caller, never of the input.
func (t *Tree) must(n Node, kind Kind) {
	if t.nodes[n].kind != kind {
		panic(wrongKind(t.nodes[n].kind))
	}
}

func (t *Tree) must2(n Node, kind, other Kind) {
	if k := t.nodes[n].kind; k != kind && k != other {
		panic(wrongKind(k))
	}
}

type wrongKind Kind

func (k wrongKind) Error() string {
	return fmt.Sprintf("ast: accessor does not apply to a node of kind %s", Kind(k))
}
