package dump

import (
	"fmt"
	"io"
	"sort"
	"strconv"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// flushBytes is how much text is collected before it is handed to the writer.
const flushBytes = 1 << 16

// Write writes the dump of t as Python 3.v prints it, without a line end. The zero version is parse.Newest. The tree
// should have been parsed for the same version and have no diagnostics; what of a broken tree has no counterpart in
// CPython is written under the name of its kind. The only errors are those of w. It does not keep t, and several calls
// may read the same tree at once. Its recursion is as deep as the tree, which parse.MaxDepth bounds.
func Write(w io.Writer, t *ast.Tree, v parse.Version) error {
	if v == 0 {
		v = parse.Newest
	}
	d := dumper{t: t, version: v, w: w, lines: t.Lines()}
	d.module(t.Root())
	d.flush()
	return d.err
}

type dumper struct {
	t       *ast.Tree
	version parse.Version
	w       io.Writer
	err     error
	buf     []byte
	// separate is set when the next field or attribute needs a comma before it.
	separate bool
	lines    []uint32
	// line is the index of the line of the last offset asked for; the next one is mostly near.
	line int
	// inner is the replacement field whose expression is being written, nil outside of f-strings; used before 3.12.
	inner *field
}

func (d *dumper) flush() {
	if d.err == nil && len(d.buf) > 0 {
		if _, err := d.w.Write(d.buf); err != nil {
			d.err = fmt.Errorf("write the dump: %w", err)
		}
	}
	d.buf = d.buf[:0]
}

// A place is a position as CPython gives it: Line is 1-based, column 0-based in bytes of UTF-8.
type place struct{ line, column int }

// A span is where a node starts and ends.
type span struct{ start, end place }

// place returns the position of an offset in the file.
func (d *dumper) place(offset uint32) place {
	i := d.line
	if i >= len(d.lines) || d.lines[i] > offset || i+1 < len(d.lines) && d.lines[i+1] <= offset {
		i = sort.Search(len(d.lines), func(i int) bool { return d.lines[i] > offset }) - 1
		if i < 0 {
			return place{1, 0}
		}
		d.line = i
	}
	return place{i + 1, int(offset - d.lines[i])}
}

// span returns the span of n, in a replacement field as CPython moved it.
func (d *dumper) span(n ast.Node) span {
	if d.inner != nil {
		return d.inner.nodeSpan(d, n)
	}
	return span{d.place(d.t.Pos(n)), d.place(d.end(n))}
}

// spanOf is span for a part of a node.
func (d *dumper) spanOf(pos, end uint32) span {
	if d.inner != nil {
		return d.inner.span(d, pos, end)
	}
	return span{d.place(pos), d.place(end)}
}

// begin opens a node.
func (d *dumper) begin(class string) {
	if len(d.buf) >= flushBytes {
		d.flush()
	}
	d.buf = append(d.buf, class...)
	d.buf = append(d.buf, '(')
	d.separate = false
}

// end closes a node that has no position.
func (d *dumper) close() {
	d.buf = append(d.buf, ')')
	d.separate = true
}

// finish closes the node n with its position.
func (d *dumper) finish(n ast.Node) { d.finishAt(d.span(n)) }

// finishAt closes a node with a given position.
func (d *dumper) finishAt(s span) {
	d.number("lineno", s.start.line)
	d.number("col_offset", s.start.column)
	d.number("end_lineno", s.end.line)
	d.number("end_col_offset", s.end.column)
	d.close()
}

// field starts a field; its value follows.
func (d *dumper) field(name string) {
	if d.separate {
		d.buf = append(d.buf, ", "...)
	}
	d.separate = true
	d.buf = append(d.buf, name...)
	d.buf = append(d.buf, '=')
}

func (d *dumper) number(name string, value int) {
	d.field(name)
	d.buf = strconv.AppendInt(d.buf, int64(value), 10)
}

// bare writes a node without fields and positions, as operators and contexts are.
func (d *dumper) bare(name, class string) {
	d.field(name)
	d.buf = append(d.buf, class...)
	d.buf = append(d.buf, "()"...)
}

// none writes an optional field without a value: 3.8 prints it, later versions leave it out.
func (d *dumper) none(name string) {
	if d.version < 9 {
		d.field(name)
		d.buf = append(d.buf, "None"...)
	}
}

// expr writes a field that always has a value.
func (d *dumper) expr(name string, n ast.Node) {
	d.field(name)
	d.node(n)
	d.separate = true
}

// optional writes a field that may have no value.
func (d *dumper) optional(name string, n ast.Node) {
	if n == 0 {
		d.none(name)
		return
	}
	d.expr(name, n)
}

// ident writes a field that holds an identifier.
func (d *dumper) ident(name string, id ast.Ident) {
	d.field(name)
	d.repr(d.t.Text(id))
}

// optionalIdent writes a field that may hold an identifier.
func (d *dumper) optionalIdent(name string, id ast.Ident) {
	if id == 0 {
		d.none(name)
		return
	}
	d.ident(name, id)
}

// openList starts a list and reports whether it is written at all: 3.13 and later leave out empty ones.
func (d *dumper) openList(name string, empty bool) bool {
	if empty && d.version >= 13 {
		return false
	}
	d.field(name)
	d.buf = append(d.buf, '[')
	d.separate = false
	return true
}

// item starts an item of a list.
func (d *dumper) item() {
	if d.separate {
		d.buf = append(d.buf, ", "...)
	}
	d.separate = true
}

func (d *dumper) closeList() {
	d.buf = append(d.buf, ']')
	d.separate = true
}

// list writes a list of nodes.
func (d *dumper) list(name string, nodes ast.Nodes) {
	if !d.openList(name, nodes.Empty()) {
		return
	}
	for n := nodes.First(); n != 0; n = nodes.Next(n) {
		d.item()
		d.node(n)
		d.separate = true
	}
	d.closeList()
}

// idents writes a list of identifiers, each taken from a node.
func (d *dumper) idents(name string, nodes ast.Nodes, of func(ast.Node) ast.Ident) {
	if !d.openList(name, nodes.Empty()) {
		return
	}
	for n := nodes.First(); n != 0; n = nodes.Next(n) {
		d.item()
		d.repr(d.t.Text(of(n)))
	}
	d.closeList()
}

// node writes any node below the module.
func (d *dumper) node(n ast.Node) {
	switch k := d.t.Kind(n); {
	case k.IsStmt():
		d.stmt(n)
	case k.IsExpr():
		d.expression(n)
	case k.IsPattern():
		d.pattern(n)
	default:
		d.part(n)
	}
}

// invalid writes a node that CPython does not have.
func (d *dumper) invalid(n ast.Node) {
	d.begin(d.t.Kind(n).String())
	d.finish(n)
}
