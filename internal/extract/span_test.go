package extract

import (
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// TestPlaces: what a definition, parameter, import or scope says of its place is the name as it is written.
func TestPlaces(t *testing.T) {
	const source = `import os.path, é.b as été
from m import (n as o,
    p)
@(dec)
async  def  café(a, /, *b: int, c=1, **d): pass
@ dec . two
class C [ * Ts , ** P ](B): pass
for i, (j, *k) in x: (w := 1)
with y as z: pass
try: pass
except E as exc: pass
match s:
    case {"k": q, **rest} | [*star] | C() as whole: pass
lambda e: [f for f in g]
type A = B
`
	f := New().Extract("places.py", source)
	if len(f.Problems) > 0 {
		t.Fatal(f.Strings[f.Problems[0].Message])
	}
	for i := range f.Defs[1:] {
		d := &f.Defs[i+1]
		if got, want := slice(source, d.Span), f.Strings[f.Symbols[d.Symbol].Name]; got != want {
			t.Errorf("definition of %s stands at %q", want, got)
		}
	}
	for _, p := range f.Params {
		if got, want := slice(source, p.Span), f.Strings[p.Name]; got != want {
			t.Errorf("parameter %s stands at %q", want, got)
		}
	}
	var imports []string
	for _, i := range f.Imports {
		imports = append(imports, slice(source, i.Span))
	}
	if want := []string{"os.path", "é.b as été", "n as o", "p"}; !slices.Equal(imports, want) {
		t.Errorf("imports stand at %q, want %q", imports, want)
	}
	starts := map[string]string{"café": "@(dec)", "C": "@ dec", "<lambda>": "lambda e", "<comprehension>": "[f for"}
	for i := range f.Scopes {
		s := &f.Scopes[i]
		name := f.Strings[s.Name]
		if start, ok := starts[name]; ok && !strings.HasPrefix(source[s.Start:], start) {
			t.Errorf("%s starts at %.10q, want %q", name, source[s.Start:], start)
		}
		if s.Stmt != 0 && slice(source, s.NameSpan) != name {
			t.Errorf("%s has its name at %q", name, slice(source, s.NameSpan))
		}
	}
}

func slice(source string, s fact.Span) string { return source[s.Start:s.End] }

// TestExpressionPlaces: names and attributes stand where they are written, also in strings, and operands inside what
// they are operands of.
func TestExpressionPlaces(t *testing.T) {
	const source = "é: \"dict[str, 'q.Q']\" = a.b(c)[d:e] < (f) < g\nx: ' List[int] ' = {h: i for h in j if k}\n"
	f := New().Extract("places.py", source)
	for i := range f.Exprs[1:] {
		x := &f.Exprs[i+1]
		text := slice(source, x.Span)
		switch x.Kind {
		case fact.Name:
			if text != f.Strings[x.Text] {
				t.Errorf("name %s stands at %q", f.Strings[x.Text], text)
			}
		case fact.Attr:
			if !strings.HasSuffix(text, "."+f.Strings[x.Text]) {
				t.Errorf("attribute %s stands at %q", f.Strings[x.Text], text)
			}
		}
		if parent := &f.Exprs[x.Parent]; x.Parent != 0 && (x.Start < parent.Start || x.End > parent.End) {
			t.Errorf("%q stands outside of %q", text, slice(source, parent.Span))
		}
	}
	var spans []string
	for i := range f.Exprs[1:] {
		if x := &f.Exprs[i+1]; x.Kind == fact.Subscript || x.Kind == fact.Compare || x.Kind == fact.Bool {
			spans = append(spans, slice(source, x.Span))
		}
	}
	want := []string{"dict[str, 'q.Q']", "a.b(c)[d:e]", "a.b(c)[d:e] < (f", "f) < g", "a.b(c)[d:e] < (f) < g", "List[int]"}
	if !slices.Equal(spans, want) {
		t.Errorf("expressions stand at %q, want %q", spans, want)
	}
}

// TestContext: every expression knows its statement and the scope whose code evaluates it.
func TestContext(t *testing.T) {
	const source = `def f(p: ann = default):
    if test:
        return (lambda q=dflt: body)
    with ctx as tgt:
        [elt for var in first for w in second]
`
	f := New().Extract("context.py", source)
	want := map[string]string{ // name: kind of statement, kind of scope
		"ann": "def module", "default": "def module", "test": "arm function", "dflt": "return function",
		"body": "return lambda", "ctx": "item function", "tgt": "item function", "elt": "expr comprehension",
		"var": "expr comprehension", "first": "expr function", "second": "expr comprehension",
	}
	seen := 0
	for i := range f.Exprs[1:] {
		x := &f.Exprs[i+1]
		expected, ok := want[f.Strings[x.Text]]
		if x.Kind != fact.Name || !ok {
			continue
		}
		seen++
		if got := f.Stmts[x.Stmt].Kind.String() + " " + f.Scopes[x.Scope].Kind.String(); got != expected {
			t.Errorf("%s: %s, want %s", f.Strings[x.Text], got, expected)
		}
	}
	if seen != len(want) {
		t.Errorf("%d of %d names were found", seen, len(want))
	}
}
