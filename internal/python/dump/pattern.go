package dump

import "github.com/tiebeam/tiebeam/internal/python/ast"

// pattern writes a pattern of a match statement.
func (d *dumper) pattern(n ast.Node) {
	t := d.t
	d.begin(t.Kind(n).String())
	switch t.Kind(n) {
	case ast.KindMatchValue:
		d.expr("value", t.Value(n))
	case ast.KindMatchSingleton:
		d.field("value")
		d.constant(n)
	case ast.KindMatchSequence, ast.KindMatchOr:
		d.list("patterns", t.Patterns(n))
	case ast.KindMatchMapping:
		m := t.MatchMapping(n)
		d.items("patterns", m.Items)
		d.optionalIdent("rest", m.Rest)
	case ast.KindMatchClass:
		d.matchClass(t.MatchClass(n))
	case ast.KindMatchStar:
		d.optionalIdent("name", t.MatchStar(n))
	case ast.KindMatchAs:
		m := t.MatchAs(n)
		d.optional("pattern", m.Pattern)
		d.optionalIdent("name", m.Name)
	}
	d.finish(n)
}

func (d *dumper) matchClass(m ast.MatchClass) {
	d.expr("cls", m.Class)
	d.list("patterns", m.Patterns)
	d.idents("kwd_attrs", m.Keywords, func(n ast.Node) ast.Ident { return d.t.MatchKeyword(n).Attr })
	if d.openList("kwd_patterns", m.Keywords.Empty()) {
		for k := m.Keywords.First(); k != 0; k = m.Keywords.Next(k) {
			d.item()
			d.node(d.t.MatchKeyword(k).Pattern)
			d.separate = true
		}
		d.closeList()
	}
}

// items writes the keys of a dictionary or mapping pattern, then its values under the given name.
func (d *dumper) items(values string, items ast.Items) {
	empty := true
	for range items.All() {
		empty = false
		break
	}
	if d.openList("keys", empty) {
		for key := range items.All() {
			d.item()
			d.nodeOrNone(key)
		}
		d.closeList()
	}
	if d.openList(values, empty) {
		for _, value := range items.All() {
			d.item()
			d.node(value)
			d.separate = true
		}
		d.closeList()
	}
}
