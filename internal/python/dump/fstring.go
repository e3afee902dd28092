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
	d.values(n)
	d.finish(n)
}

// A text is a run of literal pieces, of which CPython makes one Constant.
type text struct {
	parts    []string
	pos, end uint32
	unicode  bool
}

// values writes the parts since 3.12: neighbouring texts become one Constant that spans from the first to the last,
// and texts without a character are dropped.
func (d *dumper) values(n ast.Node) {
	list := lazyList{d: d, name: "values"}
	var run text
	values := d.t.Values(n)
	for v := values.First(); v != 0; v = values.Next(v) {
		if d.t.Kind(v) == ast.KindConstant {
			d.addText(&run, v, values.Next(v))
			continue
		}
		d.textConstant(&list, &run)
		list.item()
		d.formattedValue(v)
	}
	d.textConstant(&list, &run)
	list.close()
}

// addText adds the Constant v to the run; next is the part after it. An empty piece of an f-string is no part of the
// run, an empty literal is.
func (d *dumper) addText(run *text, v, next ast.Node) {
	value := d.t.Str(v)
	if k := d.t.Kind(next); (k == ast.KindFormattedValue || k == ast.KindInterpolation) && d.t.FormattedValue(next).Debug {
		value = d.withoutComments(value)
	}
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
	if f.Spec != 0 && d.version == 12 {
		d.field("format_spec")
		d.spec312(f.Spec)
	} else {
		d.optional("format_spec", f.Spec)
	}
	d.finish(n)
}

// spec312 writes a format specification as 3.12 does: one with replacement fields keeps the empty texts that the
// tokenizer makes at its end and before "{{", which opens a field and in it a display.
func (d *dumper) spec312(n ast.Node) {
	d.begin("JoinedStr")
	list := lazyList{d: d, name: "values"}
	values := d.t.Values(n)
	fields := false
	var run text
	for v := values.First(); v != 0; v = values.Next(v) {
		if d.t.Kind(v) == ast.KindConstant {
			d.addText(&run, v, values.Next(v))
			continue
		}
		pos := d.t.Pos(v)
		if run.parts == nil && d.t.Source()[pos+1] == '{' {
			d.emptyText(&list, pos)
		}
		d.textConstant(&list, &run)
		list.item()
		d.formattedValue(v)
		fields = true
	}
	if fields && run.parts == nil {
		d.emptyText(&list, d.t.End(n))
	}
	d.textConstant(&list, &run)
	list.close()
	d.finish(n)
}

// emptyText writes a Constant without text at an offset.
func (d *dumper) emptyText(list *lazyList, at uint32) {
	list.item()
	d.begin("Constant")
	d.field("value")
	d.repr("")
	d.kind(false)
	d.finishAt(d.spanOf(at, at))
}

// normalLines turns every line end into "\n", as CPython's tokenizer does before all else.
func normalLines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// withoutComments removes comments from the text of an expression. Until 3.13 CPython takes a "#" in a string for the
// start of one.
func (d *dumper) withoutComments(text string) string {
	if strings.IndexByte(text, '#') < 0 {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		end := i + 1
		switch c := text[i]; {
		case c == '#':
			i = len(text)
			if n := strings.IndexByte(text[end:], '\n'); n >= 0 {
				i = end + n
			}
			continue
		case (c == '\'' || c == '"') && d.version >= 14:
			_, rest := ast.NextLiteral(text[i:])
			end = len(text) - len(rest)
			end = i + len(strings.TrimRight(text[i:end], " \t\n\f\\()"))
		}
		out.WriteString(text[i:end])
		i = end
	}
	return out.String()
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
