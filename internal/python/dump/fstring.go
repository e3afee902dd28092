package dump

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// joined writes an f-string or t-string with the literals that are joined with it.
func (d *dumper) joined(n ast.Node) {
	if d.version < 12 {
		d.oldJoined(n)
		return
	}
	d.begin(d.t.Kind(n).String())
	d.values(n, false)
	d.finish(n)
}

// A text is a run of literal pieces, of which CPython makes one Constant.
type text struct {
	parts    []string
	pos, end uint32
	unicode  bool
}

// values writes the parts since 3.12: neighbouring texts become one Constant that spans from the first to the last,
// and texts without a character are dropped. The parts are those of a format specification if spec is set.
func (d *dumper) values(n ast.Node, spec bool) {
	list := lazyList{d: d, name: "values"}
	var run text
	values := d.t.Values(n)
	for v := values.First(); v != 0; v = values.Next(v) {
		if d.t.Kind(v) == ast.KindConstant {
			d.addText(&run, v, d.pieceText(v, values.Next(v), spec))
			continue
		}
		d.textConstant(&list, &run)
		list.item()
		d.formattedValue(v)
	}
	d.textConstant(&list, &run)
	list.close()
}

// pieceText returns the text of the Constant v, which stands before next.
func (d *dumper) pieceText(v, next ast.Node, spec bool) string {
	switch {
	case d.isDebug(next):
		return d.debugText(v, spec)
	case spec && d.version < 14:
		// Until 3.13 escapes are read in a format specification even if the f-string is raw.
		return ast.Literal{Body: d.t.SourceOf(v)}.Value()
	}
	return d.t.Str(v)
}

// isDebug reports whether n is a replacement field with "=", before which its text stands.
func (d *dumper) isDebug(n ast.Node) bool {
	k := d.t.Kind(n)
	return (k == ast.KindFormattedValue || k == ast.KindInterpolation) && d.t.FormattedValue(n).Debug
}

// addText adds the Constant v, whose text is value, to the run. An empty piece of an f-string is no part of the run, an
// empty literal is.
func (d *dumper) addText(run *text, v ast.Node, value string) {
	if value == "" && d.t.IsPiece(v) {
		return
	}
	if run.parts == nil {
		run.pos, run.unicode = d.t.Pos(v), d.t.UnicodePrefix(v)
	}
	run.parts = append(run.parts, value)
	run.end = d.t.End(v)
}

// textConstant writes the run, if it has any text, and empties it.
func (d *dumper) textConstant(list *lazyList, run *text) {
	if value := strings.Join(run.parts, ""); value != "" {
		list.item()
		d.begin("Constant")
		d.field("value")
		d.repr(value)
		d.kind(run.unicode)
		d.finishAt(d.spanOf(run.pos, run.end))
	}
	*run = text{}
}

func (d *dumper) formattedValue(n ast.Node) {
	f := d.t.FormattedValue(n)
	d.begin(d.t.Kind(n).String())
	d.expr("value", f.Value)
	if d.t.Kind(n) == ast.KindInterpolation {
		d.field("str")
		d.repr(d.withoutComments(normalLines(f.Text)))
	}
	d.conversion(f)
	if f.Spec == 0 {
		d.none("format_spec")
	} else {
		d.field("format_spec")
		d.spec(f.Spec)
		d.separate = true
	}
	d.finish(n)
}

// conversion writes the conversion as the code of its letter, -1 for none.
func (d *dumper) conversion(f ast.FormattedValue) {
	code := -1
	if f.Conversion != 0 {
		code = int(f.Conversion)
	}
	d.number("conversion", code)
}

// A lazyList is a list of which it is not known beforehand whether it is empty.
type lazyList struct {
	d    *dumper
	name string
	open bool
}

func (l *lazyList) item() {
	if !l.open {
		l.d.openList(l.name, false)
		l.open = true
	}
	l.d.item()
}

func (l *lazyList) close() {
	if l.open || l.d.openList(l.name, true) {
		l.d.closeList()
	}
}
