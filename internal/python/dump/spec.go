package dump

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// spec writes a format specification since 3.12.
func (d *dumper) spec(n ast.Node) {
	switch d.version {
	case 12:
		d.spec312(n)
		return
	case 13:
		if d.spec313(n) {
			return
		}
	}
	d.begin("JoinedStr")
	d.values(n, true)
	d.finish(n)
}

// spec313 writes a format specification that 3.13.0 makes a Constant instead of a JoinedStr, and reports whether n is
// one: without a field, and made of several tokens, which \N{...} ends.
func (d *dumper) spec313(n ast.Node) bool {
	first := d.t.Values(n).First()
	if first == 0 || d.t.Next(first) != 0 || d.t.Kind(first) != ast.KindConstant {
		return false
	}
	if len(d.specTokens(first)) < 2 {
		return false
	}
	d.specConstant(specToken{pos: d.t.Pos(first), end: d.t.End(first), value: d.pieceText(first, 0, true)})
	return true
}

// spec312 writes a format specification as 3.12 does: each token of its text is a Constant, and if there is more than
// one part, the empty texts stay that the tokenizer makes at the end and before "{{", which opens a field and in it a
// display.
func (d *dumper) spec312(n ast.Node) {
	d.begin("JoinedStr")
	list := lazyList{d: d, name: "values"}
	values := d.t.Values(n)
	open := false // whether a token of text is under way, which the next field or the end will close
	for v := values.First(); v != 0; v = values.Next(v) {
		if d.t.Kind(v) == ast.KindConstant {
			open = d.specText(&list, v)
			continue
		}
		if pos := d.t.Pos(v); !open && d.t.Source()[pos+1] == '{' {
			list.item()
			d.specConstant(specToken{pos: pos, end: pos})
		}
		list.item()
		d.formattedValue(v)
		open = false
	}
	if end := d.t.End(n); list.open && !open {
		list.item()
		d.specConstant(specToken{pos: end, end: end})
	}
	list.close()
	d.finish(n)
}

// specText writes the tokens of the text v and reports whether the last one is still open at its end.
func (d *dumper) specText(list *lazyList, v ast.Node) bool {
	tokens := d.specTokens(v)
	for _, t := range tokens {
		if t.value != "" {
			list.item()
			d.specConstant(t)
		}
	}
	return len(tokens) == 0 || !tokens[len(tokens)-1].named
}

// A specToken is a token of the text of a format specification.
type specToken struct {
	pos, end uint32
	value    string
	// named is set when the token ends with \N{...}.
	named bool
}

// specTokens splits the text v after each \N{...}.
func (d *dumper) specTokens(v ast.Node) []specToken {
	var tokens []specToken
	source := d.t.SourceOf(v)
	pos := d.t.Pos(v)
	for source != "" {
		t := specToken{pos: pos, end: pos + uint32(len(source))}
		if end := nameEnd(source); end > 0 && !d.t.IsRaw(v) {
			t.end, t.named = pos+uint32(end), true
		}
		t.value = ast.Literal{Body: source[:t.end-pos]}.Value()
		tokens = append(tokens, t)
		source, pos = source[t.end-pos:], t.end
	}
	return tokens
}

// nameEnd returns where the first \N{...} in text ends, or 0.
func nameEnd(text string) int {
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			i++
			continue
		}
		e := ast.Escape(text[i:], false)
		i += e.Len
		if strings.HasSuffix(text[:i], "}") {
			return i
		}
	}
	return 0
}

func (d *dumper) specConstant(t specToken) {
	d.begin("Constant")
	d.field("value")
	d.repr(t.value)
	d.kind(false)
	d.finishAt(d.spanOf(t.pos, t.end))
}
