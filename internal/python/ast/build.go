package ast

import (
	"cmp"
	"slices"
)

// This file is what the parser uses to fill a tree, beside the constructors
// New…, which stand with the accessors of their kind.

// Chain is a list under construction. The zero value is empty.
type Chain struct{ First, Last Node }

// Append adds n, which must not be in any list yet, to the end of c.
func (t *Tree) Append(c *Chain, n Node) {
	if c.First == 0 {
		c.First = n
	} else {
		t.nodes[c.Last].next = n
	}
	c.Last = n
}

// Join appends all of d to c.
func (t *Tree) Join(c *Chain, d Chain) {
	if d.First == 0 {
		return
	}
	if c.First == 0 {
		*c = d
		return
	}
	t.nodes[c.Last].next = d.First
	c.Last = d.Last
}

func (t *Tree) add(kind Kind, op uint8, f flags, pos, end uint32, a, b uint32) Node {
	n := Node(len(t.nodes))
	t.nodes = append(t.nodes, node{kind: kind, op: op, flags: f, pos: pos, end: end, a: a, b: b})
	return n
}

// link makes a chain of up to three single children; zero nodes at the end are
// left out.
func (t *Tree) link(a, b, c Node) uint32 {
	t.nodes[a].next = b
	if c != 0 {
		t.nodes[b].next = c
	}
	return uint32(a)
}

func (t *Tree) more(words ...uint32) uint32 {
	i := uint32(len(t.extra))
	t.extra = append(t.extra, words...)
	return i
}

// SetRoot makes n the Module node of the tree.
func (t *Tree) SetRoot(n Node) { t.root = n }

// SetContext sets the context of n alone, not of its elements.
func (t *Tree) SetContext(n Node, c Context) {
	t.nodes[n].flags = t.nodes[n].flags&^contextMask | flags(c)
}

// SetSpan moves the span of n.
func (t *Tree) SetSpan(n Node, pos, end uint32) {
	t.nodes[n].pos, t.nodes[n].end = pos, end
}

// AddParen records grouping parentheses around n.
func (t *Tree) AddParen(n Node, open, close uint32) {
	t.nodes[n].flags |= flagParens
	t.parens = append(t.parens, Paren{n, open, close})
}

// SetParenthesised notes that the span of n, a tuple or generator, includes its
// parentheses.
func (t *Tree) SetParenthesised(n Node) { t.nodes[n].flags |= flagParens }

// SetStart makes the first line start at offset, after a byte order mark.
func (t *Tree) SetStart(offset uint32) { t.start = offset }

// Drop takes back n, the node made last, which must not be linked to anything.
func (t *Tree) Drop(n Node) { t.nodes = t.nodes[:n] }

// AddComment records a comment.
func (t *Tree) AddComment(pos, end uint32) { t.comments = append(t.comments, Comment{pos, end}) }

// AddDiagnostic records a syntax error.
func (t *Tree) AddDiagnostic(pos, end uint32, message string) {
	t.diags = append(t.diags, Diagnostic{pos, end, message})
}

// ReplaceDiagnostic changes the diagnostic recorded last.
func (t *Tree) ReplaceDiagnostic(pos, end uint32, message string) {
	t.diags[len(t.diags)-1] = Diagnostic{pos, end, message}
}

// Mark is a state of a tree under construction, to which Rewind returns.
type Mark struct{ nodes, extra, comments, parens, diags int }

// Mark returns the present state.
func (t *Tree) Mark() Mark {
	return Mark{len(t.nodes), len(t.extra), len(t.comments), len(t.parens), len(t.diags)}
}

// Rewind drops everything that was added since m. Nodes from before m must not
// have been linked to nodes after it.
func (t *Tree) Rewind(m Mark) {
	t.nodes = t.nodes[:m.nodes]
	t.extra = t.extra[:m.extra]
	t.comments = t.comments[:m.comments]
	t.parens = t.parens[:m.parens]
	t.diags = t.diags[:m.diags]
}

// SortDiagnostics puts the diagnostics into source order.
func (t *Tree) SortDiagnostics() {
	slices.SortStableFunc(t.diags, func(a, b Diagnostic) int { return cmp.Compare(a.Pos, b.Pos) })
}
