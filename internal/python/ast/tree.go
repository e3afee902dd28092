package ast

import (
	"sort"
	"strings"
	"sync"
)

// Node is a node of a tree: an index that means nothing without it. The zero
// Node is no node; every accessor for single fields accepts it where the
// grammar has an optional field.
type Node uint32

// node is the arena's record. What a and b mean depends on the kind and is
// known only to the constructor and the accessor of that kind, which stand side
// by side, and to the table in children.go.
type node struct {
	kind  Kind
	op    uint8 // operator, constant kind, conversion
	flags flags
	role  uint8 // what the parent made of this child: CmpOperator, ParamKind, roleDoubleStar
	pos   uint32
	end   uint32
	next  Node
	a, b  uint32
}

type flags uint8

const (
	contextMask   flags = 3
	flagParens    flags = 1 << 2 // stands in parentheses of its own
	flagRaw       flags = 1 << 3 // Constant: no escapes in this piece of an f-string
	flagPiece     flags = 1 << 4 // Constant: text inside an f-string, without prefix and quotes
	flagVerbatim  flags = 1 << 5 // Constant: source text of {expr=}
	flagSpec      flags = 1 << 6 // Constant: piece of a format specification
	flagBare      flags = 1 << 3 // AnnAssign: CPython's simple
	flagAsync     flags = 1 << 3 // Comprehension
	flagDebug     flags = 1 << 3 // FormattedValue, Interpolation: {expr=}
	flagArguments flags = 1 << 3 // GeneratorExp that shares its parentheses with the call
)

// roleDoubleStar marks a value of a Dict that stands after "**", without a key.
const roleDoubleStar = 1

// Tree is the syntax tree of one file. Make one with [NewTree] and reuse it for
// many files; it is not safe for concurrent use while it is being filled.
type Tree struct {
	src       string
	nodes     []node
	extra     []uint32
	root      Node
	names     *Names
	start     uint32 // of the text, after a byte order mark
	lines     []uint32
	linesOnce sync.Once
	comments  []Comment
	parens    []Paren
	diags     []Diagnostic
}

// Comment is one comment, from its "#" to the end of its line, exclusive.
type Comment struct{ Pos, End uint32 }

// Paren is one pair of parentheses around Node that only groups: Open is the
// offset of "(", Close that of ")". Parentheses of tuples, generators, calls
// and parameter lists are not among them.
type Paren struct {
	Node        Node
	Open, Close uint32
}

// Diagnostic is one syntax error. Pos and End are offsets, End exclusive and
// never before Pos. Message is lower-case without a full stop.
type Diagnostic struct {
	Pos, End uint32
	Message  string
}

// NewTree returns an empty tree whose identifiers are interned in names, or in
// a table of its own if names is nil. Trees that share a table must not be
// filled concurrently.
func NewTree(names *Names) *Tree {
	if names == nil {
		names = NewNames()
	}
	t := &Tree{names: names}
	t.Reset("")
	return t
}

// bytesPerNode is about how much source makes a node, over the standard library.
const bytesPerNode = 10

// Reset empties the tree and gives it a new source, keeping its memory. Nodes
// of the former file lose their meaning; identifiers keep theirs as long as the
// table of names is the same.
func (t *Tree) Reset(src string) {
	t.src = src
	if expected := len(src) / bytesPerNode; cap(t.nodes) < expected {
		t.nodes = make([]node, 0, expected)
	}
	t.nodes = append(t.nodes[:0], node{})
	t.extra = append(t.extra[:0], 0)
	t.root = 0
	t.start = 0
	t.linesOnce = sync.Once{}
	t.comments = t.comments[:0]
	t.parens = t.parens[:0]
	t.diags = t.diags[:0]
}

// Source returns the text of the file.
func (t *Tree) Source() string { return t.src }

// Root returns the Module node.
func (t *Tree) Root() Node { return t.root }

// Len returns the number of nodes plus one: valid nodes are 1 to Len-1, children
// before parents.
func (t *Tree) Len() int { return len(t.nodes) }

// Kind returns the kind of n; KindNone for the zero Node.
func (t *Tree) Kind(n Node) Kind { return t.nodes[n].kind }

// Pos returns the offset of the first byte of n.
func (t *Tree) Pos(n Node) uint32 { return t.nodes[n].pos }

// End returns the offset after the last byte of n.
func (t *Tree) End(n Node) uint32 { return t.nodes[n].end }

// Next returns the node after n in the list that n is an element of, or 0.
// Lists that share a chain (the arguments and keywords of a call) are told
// apart only by [Nodes].
func (t *Tree) Next(n Node) Node { return t.nodes[n].next }

// SourceOf returns the source text of n.
func (t *Tree) SourceOf(n Node) string { return t.src[t.nodes[n].pos:t.nodes[n].end] }

// Context returns the context of a Name, Attribute, Subscript, Starred, List or
// Tuple.
func (t *Tree) Context(n Node) Context { return Context(t.nodes[n].flags & contextMask) }

// Parenthesised reports whether n stands in parentheses of its own: for tuples
// and generators, those that their span includes.
func (t *Tree) Parenthesised(n Node) bool { return t.nodes[n].flags&flagParens != 0 }

// Text returns the text of an identifier, NFKC-normalised; "" for 0.
func (t *Tree) Text(id Ident) string { return t.names.Text(id) }

// Names returns the table in which the tree's identifiers are interned.
func (t *Tree) Names() *Names { return t.names }

// Comments returns the comments in source order. The caller must not change it.
func (t *Tree) Comments() []Comment { return t.comments }

// Parens returns all grouping parentheses, by Node, inner before outer. The
// caller must not change it.
func (t *Tree) Parens() []Paren { return t.parens }

// ParensOf returns the parentheses around n, innermost first. Its cost is
// logarithmic in the number of parentheses.
func (t *Tree) ParensOf(n Node) []Paren {
	i := sort.Search(len(t.parens), func(i int) bool { return t.parens[i].Node >= n })
	j := i
	for j < len(t.parens) && t.parens[j].Node == n {
		j++
	}
	return t.parens[i:j]
}

// Diagnostics returns the syntax errors in source order. The caller must not
// change it.
func (t *Tree) Diagnostics() []Diagnostic { return t.diags }

// Lines returns the offset of the first byte of every line. A line ends with
// LF, CR LF or CR. If the file starts with a byte order mark, the first line
// starts after it. The table is made on first use, at the cost of a pass over the
// text. The caller must not change it.
func (t *Tree) Lines() []uint32 {
	t.linesOnce.Do(t.findLines)
	return t.lines
}

func (t *Tree) findLines() {
	lines := append(t.lines[:0], t.start)
	src := t.src
	if strings.IndexByte(src, '\r') < 0 {
		for i := 0; ; {
			j := strings.IndexByte(src[i:], '\n')
			if j < 0 {
				break
			}
			i += j + 1
			lines = append(lines, uint32(i))
		}
	} else {
		for i := 0; i < len(src); i++ {
			if src[i] == '\n' || src[i] == '\r' && (i+1 == len(src) || src[i+1] != '\n') {
				lines = append(lines, uint32(i+1))
			}
		}
	}
	t.lines = lines
}

// Position returns the line (1-based) and column (0-based, in bytes of UTF-8) of
// an offset, as CPython's lineno and col_offset count them.
func (t *Tree) Position(offset uint32) (line, column int) {
	lines := t.Lines()
	i := sort.Search(len(lines), func(i int) bool { return lines[i] > offset })
	if i == 0 {
		return 1, 0
	}
	return i, int(offset - lines[i-1])
}
