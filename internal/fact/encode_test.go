package fact_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// sample has every kind of statement that holds an index of its own.
const sample = `
import a.b as c
from .d import *

@dec
class K(B, metaclass=M):
    x: "int" = 1_000
    def m(self, /, *a: str, k=lambda v=2: v, **kw) -> None:
        global g
        g = [y async for y in self.x if y]
        return 1 < k <= {**kw, "é": b"\xff"}[0:1]  # why

type T[U] = U
with open("f") as fh, c:
    pass
match fh:
    case {"k": [1, *r], **o} | K(z=1): del r
`

func extracted(t testing.TB, source string) *fact.File {
	t.Helper()
	f := extract.New().Extract("pkg/sample.py", source)
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestEncodingKeepsEverything(t *testing.T) {
	for _, source := range []string{"", "x = 1", sample, "def f(:\n  x\n\ny = (1 +"} {
		f := extracted(t, source)
		var b bytes.Buffer
		if err := fact.Encode(&b, f); err != nil {
			t.Fatal(err)
		}
		back, err := fact.Decode(b.Bytes())
		if err != nil {
			t.Fatalf("%q: %v", source, err)
		}
		if !reflect.DeepEqual(f, back) {
			t.Errorf("%q: the decoded file differs", source)
		}
	}
}

func TestEncodingIsTheSameEveryTime(t *testing.T) {
	x := extract.New()
	first := fact.Append(nil, x.Extract("p", sample))
	x.Extract("other", "names = of * another(file)")
	if again := fact.Append(nil, x.Extract("p", sample)); !bytes.Equal(first, again) {
		t.Error("the same text has other facts after another file")
	}
}

func TestDecodeRefusesOtherVersions(t *testing.T) {
	data := fact.Append(nil, extracted(t, sample))
	for at := range 5 {
		changed := bytes.Clone(data)
		changed[at]++
		if _, err := fact.Decode(changed); !errors.Is(err, fact.ErrDamaged) {
			t.Errorf("byte %d changed: %v", at, err)
		}
	}
}

// TestDecodeSurvivesDamage changes every byte in several ways: what is accepted must be safe to read.
func TestDecodeSurvivesDamage(t *testing.T) {
	data := fact.Append(nil, extracted(t, sample))
	refused := 0
	for at := range data {
		if _, err := fact.Decode(data[:at]); !errors.Is(err, fact.ErrDamaged) {
			t.Fatalf("cut at %d: %v", at, err)
		}
		for _, delta := range []byte{1, 2, 0x40, 0x7F, 0x80, 0xFF} {
			changed := bytes.Clone(data)
			changed[at] += delta
			f, err := fact.Decode(changed)
			if err != nil {
				refused++
				continue
			}
			readAll(t, f)
		}
	}
	if refused < len(data) {
		t.Errorf("only %d damaged encodings were refused", refused)
	}
}

// readAll uses every accessor on every element, as a reader of facts might.
func readAll(t testing.TB, f *fact.File) {
	t.Helper()
	if err := f.Validate(); err != nil {
		t.Fatal(err)
	}
	for e := fact.Expr(1); int(e) < len(f.Exprs); e++ {
		f.Walk(e, func(fact.Expr) bool { return true })
		for range f.Children(e) {
		}
		f.Int(e)
		f.Number(e)
		if f.Exprs[e].Kind == fact.Call {
			f.Argument(e, "timeout", 1)
		}
	}
	for s := fact.Stmt(1); int(s) < len(f.Stmts); s++ {
		for range f.Block(s) {
		}
	}
	for s := range f.Scopes {
		scope := fact.Scope(s)
		for range f.BodyOf(scope) {
		}
		f.SymbolsOf(scope)
		f.ParamsOf(scope)
		f.Lookup(scope, "x")
		f.Function(scope)
		f.Class(scope)
		f.Symbol(scope)
	}
	for sym := range f.Symbols {
		f.DefsOf(fact.Sym(sym))
	}
	if err := fact.Print(new(strings.Builder), f); err != nil {
		t.Fatal(err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(fact.Append(nil, extracted(f, sample)))
	f.Add(fact.Append(nil, extracted(f, "")))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := fact.Decode(data)
		if err != nil {
			if !errors.Is(err, fact.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		readAll(t, file)
		back, err := fact.Decode(fact.Append(nil, file))
		if err != nil || !reflect.DeepEqual(file, back) {
			t.Fatalf("an accepted file does not survive the encoding: %v", err)
		}
	})
}
