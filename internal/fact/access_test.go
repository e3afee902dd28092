package fact_test

import (
	"slices"
	"testing"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// value gives the expression of the first statement.
func value(f *fact.File) fact.Expr { return f.Stmts[1].A }

func TestArgument(t *testing.T) {
	for _, c := range []struct {
		call     string
		position int
		want     string // "" where there is none
		known    bool
	}{
		{"f(1, 2)", 1, "2", true},
		{"f(1, timeout=3)", 1, "3", true},
		{"f(timeout=3)", -1, "3", true},
		{"f(1, 2)", -1, "", true},
		{"f(1)", 1, "", true},
		{"f(*a)", 1, "", false},
		{"f(*a, 2)", 0, "", false},
		{"f(1, *a)", 0, "1", true},
		{"f(**kw)", 1, "", false},
		{"f(**kw, timeout=3)", 1, "3", true},
		{"f(timeout=3, *a)", -1, "3", true},
	} {
		f := extracted(t, c.call)
		got, known := f.Argument(value(f), "timeout", c.position)
		if text := fact.Format(f, got); text != c.want || known != c.known {
			t.Errorf("%s at %d: %q %v, want %q %v", c.call, c.position, text, known, c.want, c.known)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		source  string
		integer int64
		isInt   bool
		number  float64
		isNum   bool
	}{
		{"0x1F", 31, true, 31, true},
		{"-1_000", -1000, true, -1000, true},
		{"2.5", 0, false, 2.5, true},
		{"-1_0e1", 0, false, -100, true},
		{"9223372036854775808", 0, false, 9223372036854775808, true},
		{"'1'", 0, false, 0, false},
		{"~1", 0, false, 0, false},
	} {
		f := extracted(t, c.source)
		if got, ok := f.Int(value(f)); ok != c.isInt || ok && got != c.integer {
			t.Errorf("%s: integer %d %v", c.source, got, ok)
		}
		if got, ok := f.Number(value(f)); ok != c.isNum || ok && got != c.number {
			t.Errorf("%s: number %v %v", c.source, got, ok)
		}
	}
}

// TestWalkOrder: parents first, operands in source order, a shared operand once.
func TestWalkOrder(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []string
	}{
		{"a.b(c, d=e)", []string{"Call", "Attr", "Name", "Name", "Keyword", "Name"}},
		{"a < b < c", []string{"Bool", "Compare", "Name", "Name", "Compare", "Name"}},
		{"lambda x=1: y", []string{"Lambda", "IntConst"}},
		{"[x for x in y if z]", []string{"Comp", "Name", "CompFor", "Name", "Name", "CompIf", "Name"}},
		{"{**a, b: c}", []string{"DictDisplay", "Name", "Name", "Name"}},
	} {
		f := extracted(t, c.source)
		var got []string
		f.Walk(value(f), func(e fact.Expr) bool {
			got = append(got, f.Exprs[e].Kind.String())
			return true
		})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.source, got, c.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	f := extracted(t, "if a:\n  b\nelif c:\n  d\nelse:\n  e\nf\n")
	var kinds []string
	for s := range f.Block(1) {
		kinds = append(kinds, f.Stmts[s].Kind.String())
	}
	if want := []string{"arm", "arm", "else"}; !slices.Equal(kinds, want) {
		t.Errorf("an if has %v, want %v", kinds, want)
	}
	kinds = nil
	for s := range f.BodyOf(0) {
		kinds = append(kinds, f.Stmts[s].Kind.String())
	}
	if want := []string{"if", "expr"}; !slices.Equal(kinds, want) {
		t.Errorf("the module has %v, want %v", kinds, want)
	}
}

func TestSymbolOfScope(t *testing.T) {
	f := extracted(t, "class A:\n  def b(self):\n    return [lambda: x for x in self]\n")
	last := fact.Scope(len(f.Scopes) - 1)
	if got := f.Scopes[last].Kind; got != fact.LambdaScope {
		t.Fatalf("the last scope is a %v", got)
	}
	if got := f.Symbol(last); got != "A.b" {
		t.Errorf("symbol %q, want A.b", got)
	}
	if got := f.Symbol(0); got != "" {
		t.Errorf("symbol of the module %q", got)
	}
	if got := f.Class(last); got != 1 {
		t.Errorf("class %d, want 1", got)
	}
}
