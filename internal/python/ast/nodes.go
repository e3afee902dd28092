package ast

import "iter"

// Nodes is a list of sibling nodes. The zero value is an empty list.
type Nodes struct {
	t     *Tree
	first Node
	stop  Node // first node of the chain that is no longer in the list
}

func (t *Tree) list(first Node) Nodes { return Nodes{t: t, first: first} }

// First returns the first node, or 0.
func (l Nodes) First() Node {
	if l.first == l.stop {
		return 0
	}
	return l.first
}

// Empty reports whether the list has no nodes.
func (l Nodes) Empty() bool { return l.first == l.stop }

// Next returns the node after n, which must be in the list, or 0. With First it
// makes a loop without closures.
func (l Nodes) Next(n Node) Node {
	if n = l.t.nodes[n].next; n == l.stop {
		return 0
	}
	return n
}

// All iterates over the list.
func (l Nodes) All() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for n := l.first; n != l.stop; n = l.t.nodes[n].next {
			if !yield(n) {
				return
			}
		}
	}
}

// Len counts the nodes; its cost is linear.
func (l Nodes) Len() int {
	count := 0
	for n := l.first; n != l.stop; n = l.t.nodes[n].next {
		count++
	}
	return count
}

// At returns the i-th node, or 0 if there are not so many; its cost is linear.
func (l Nodes) At(i int) Node {
	n := l.first
	for ; n != l.stop; n = l.t.nodes[n].next {
		if i == 0 {
			return n
		}
		i--
	}
	return 0
}

// Last returns the last node, or 0; its cost is linear.
func (l Nodes) Last() Node {
	last := Node(0)
	for n := l.first; n != l.stop; n = l.t.nodes[n].next {
		last = n
	}
	return last
}
