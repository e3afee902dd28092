package extract

import (
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// TestHostile extracts sources that are deep, long or broken: the facts must be valid, and what stands around the
// damage must be among them.
func TestHostile(t *testing.T) {
	const around = "def before(): pass\n\n%\n\ndef after(): pass\n"
	repeat := strings.Repeat
	for _, c := range []struct {
		name, source string
		problem      bool
	}{
		{"missing value", "x = = 2", true},
		{"open brackets", repeat("(", 100_000), true},
		{"open brackets, closed", repeat("[", 100_000) + repeat("]", 100_000), true},
		{"long sum", "x = " + repeat("1 + ", 20_000) + "1", false},
		{"many unary operators", "x = " + repeat("-", 20_000) + "1", true},
		{"many not", "x = " + repeat("not ", 20_000) + "1", true},
		{"long chain of calls", "x = a" + repeat(".b()", 10_000), false},
		{"too long chain of calls", "x = a" + repeat(".b()", 50_000), true},
		{"long comparison", "x = 1" + repeat(" < 1", 20_000), false},
		{"nested comparisons", "x = " + repeat("1 < (", 90) + "1" + repeat(") < 1", 90), false},
		{"long elif", "if a: pass\n" + repeat("elif a: pass\n", 20_000), false},
		{"nested ifs", nestedIfs(95), false},
		{"too many nested ifs", nestedIfs(2000), true},
		{"nested functions", nested("def f():", 90), false},
		{"nested lambdas", "x = " + repeat("lambda a=b: ", 900) + "1", false},
		{"too many nested lambdas", "x = " + repeat("lambda: ", 20_000) + "1", true},
		{"nested comprehensions", "x = " + repeat("[", 80) + "1" + repeat(" for a in b]", 80), false},
		{"tuple targets", repeat("(", 190) + "a" + repeat(",)", 190) + " = b", false},
		{"nested patterns", "match a:\n  case " + repeat("[", 190) + "x" + repeat("]", 190) + ": pass", false},
		{"long with", "with " + repeat("a, ", 5_000) + "a: pass", false},
		{"string in a string", `x: "'int'"`, false},
		{"annotation that is broken", `x: "(" = 1`, false},
		{"annotation with a lambda", `x: "lambda: y" = 1`, false},
		{"bad unicode", "x = '\xff'", true},
		{"long word that is no name", "x = " + repeat("\xe5\xeb\xee", 100_000), true},
		{"null byte", "x = 1\x00", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := New().Extract("hostile.py", strings.Replace(around, "%", c.source, 1))
			if err := f.Validate(); err != nil {
				t.Fatal(err)
			}
			// A tree that is too deep is refused as a whole; a bracket that is never closed takes the rest with it.
			if f.Lookup(0, "before") == 0 && !strings.HasPrefix(c.name, "too long chain") {
				t.Error("the function before is lost")
			}
			if f.Lookup(0, "after") == 0 && !strings.HasPrefix(c.name, "too long chain") && c.name != "open brackets" {
				t.Error("the function after is lost")
			}
			if got := len(f.Problems) > 0; got != c.problem {
				t.Errorf("problems: %v, want %v", got, c.problem)
			}
			if _, err := fact.Decode(fact.Append(nil, f)); err != nil {
				t.Error(err)
			}
		})
	}
}

func nestedIfs(depth int) string { return nested("if a:", depth) }

// nested repeats a header with growing indentation, and ends with pass.
func nested(header string, depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + header + "\n")
	}
	return b.String() + strings.Repeat(" ", depth) + "pass"
}

// FuzzExtract: whatever the text, the facts are valid and survive the encoding.
func FuzzExtract(f *testing.F) {
	for _, seed := range []string{
		"", "x = 1", "def f(a, *b, c=1, **d) -> 'int': return [x async for x in a if x]",
		"class C[T: int](B, k=v):\n  @p\n  def m(self): global g; g = yield",
		"match a:\n  case {'k': [x, *_], **r} | C(a=1) as w if w: pass\n", "try: pass\nexcept* (A, B) as e: del e",
		"f'{a!r:>{b}}{c=}' t'{d}'", "with (a as b, c): (y := 1) < 2 < 3", "type A[*T] = lambda: T", "x: \"list['int']\"",
	} {
		f.Add(seed)
	}
	x := New()
	f.Fuzz(func(t *testing.T, source string) {
		facts := x.Extract("fuzz.py", source)
		if err := facts.Validate(); err != nil {
			t.Fatal(err)
		}
		if _, err := fact.Decode(fact.Append(nil, facts)); err != nil {
			t.Fatal(err)
		}
	})
}
