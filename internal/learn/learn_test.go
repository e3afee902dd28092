package learn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/learn"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/tree"
)

func load(t *testing.T, files tree.Memory) *engine.Snapshot {
	t.Helper()
	s, err := engine.Load(context.Background(), &engine.Request{Tree: files, Config: config.Default()})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range s.Incomplete {
		t.Errorf("not read: %s: %s", i.Path, i.String())
	}
	return s
}

func pageOf(s *engine.Snapshot, found []learn.Invariant) learn.Page {
	return learn.Page{
		Invariants: found, From: 1, Of: len(found), Symbol: s.Program.Symbol,
		Position: func(at program.Place) (string, int, int) {
			line, column := s.Source(at.File).Position(at.Start)
			return s.Program.Files[at.File].Path, line, column
		},
	}
}

// repeat writes a text n times with the number in the place of "#".
func repeat(n int, text string) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(strings.ReplaceAll(text, "#", fmt.Sprint(i)))
	}
	return out.String()
}

const requestsHead = "import requests\n"

// cases are small programs and what is kept in them: the statement, the numbers, and the lines that do not keep it.
var cases = map[string]struct {
	files     tree.Memory
	kind      learn.Kind
	statement string
	kept      int
	total     int
	deviants  []string
}{
	"deadline of a library": {
		files: tree.Memory{
			"shop/a.py": requestsHead + repeat(9, "def f#(u):\n    return requests.get(u, timeout=2)\n"),
			"shop/b.py": requestsHead + "def g(u):\n    return requests.post(u)\n",
		},
		kind: learn.Guard, statement: "waits for the network through requests have a deadline of their own", kept: 9, total: 10,
		deviants: []string{"shop/b.py:3"},
	},
	"lock of a class": {
		files: tree.Memory{"shop/r.py": "import threading\nclass R:\n    def __init__(self):\n        self._lock = threading.Lock()\n        self.n = 0\n" +
			repeat(8, "    def m#(self):\n        with self._lock:\n            self.n = #\n") + "    def bad(self):\n        self.n = 9\n"},
		kind: learn.Lock, statement: "writes to the fields in class R of shop/r are made under self._lock", kept: 8, total: 9,
		deviants: []string{"shop/r.py:31"},
	},
	"layer": {
		files: tree.Memory{
			"shop/__init__.py": "", "shop/domain/__init__.py": "", "shop/web/__init__.py": "",
			"shop/domain/money.py": "from shop.web import a0\n",
			"shop/web/a0.py":       "from shop.domain import money\n", "shop/web/a1.py": "from shop.domain import money\n", "shop/web/a2.py": "from shop.domain import money\n",
			"shop/web/a3.py": "from shop.domain import money\n", "shop/web/a4.py": "from shop.domain import money\n", "shop/web/a5.py": "from shop.domain import money\n",
			"shop/web/a6.py": "from shop.domain import money\n", "shop/web/a7.py": "from shop.domain import money\n", "shop/web/a8.py": "from shop.domain import money\n",
			"shop/web/b0.py": "from shop.domain import money\n", "shop/web/b1.py": "from shop.domain import money\n", "shop/web/b2.py": "from shop.domain import money\n",
		},
		kind: learn.Layer, statement: "shop/domain imports nothing of web, which imports it", kept: 12, total: 13,
		deviants: []string{"shop/domain/money.py:1"},
	},
	"optional argument that scopes": {
		files: tree.Memory{
			"shop/s.py": "def find(name, project_id=None):\n    return name, project_id\n",
			"shop/u.py": "from shop.s import find\n" + repeat(12, "def f#(p):\n    return find('#', project_id=p)\n") + "def g():\n    return find('all')\n",
		},
		kind: learn.Argument, statement: "calls of find of shop/s give project_id=", kept: 12, total: 13,
		deviants: []string{"shop/u.py:27"},
	},
	"override that does not call": {
		files: tree.Memory{
			"shop/base.py": "class Base:\n    def close(self):\n        self.open = False\n",
			"shop/u.py": "from shop.base import Base\n" + repeat(9, "class C#(Base):\n    def close(self):\n        super().close()\n") +
				"class D(Base):\n    def close(self):\n        self.open = None\n",
		},
		kind: learn.Super, statement: "overrides of close in subclasses of Base of shop/base call the method that they override", kept: 9, total: 10,
		deviants: []string{"shop/u.py:30"},
	},
	"decorator of handlers": {
		files: tree.Memory{"shop/web.py": "from flask import Flask\nfrom shop.auth import require_admin\napp = Flask(__name__)\n" +
			repeat(9, "@app.route('/#')\n@require_admin\ndef r#():\n    return ''\n") + "@app.route('/x')\ndef open_to_all():\n    return ''\n",
			"shop/auth.py": "def require_admin(f):\n    return f\n"},
		kind: learn.Decorator, statement: "http handlers in shop/web.py are decorated with @require_admin", kept: 9, total: 10,
		deviants: []string{"shop/web.py:41"},
	},
	"range of deadlines": {
		files: tree.Memory{"shop/a.py": requestsHead + repeat(9, "def f#(u):\n    return requests.get(u, timeout=5)\n") + "def g(u):\n    return requests.get(u, timeout=600)\n"},
		kind:  learn.Range, statement: "deadlines of waits for the network are at most 5 s, the shortest 5 s", kept: 9, total: 10,
		deviants: []string{"shop/a.py:21"},
	},
	"attribute that is settled": {
		files: tree.Memory{"shop/c.py": "class C:\n    def __init__(self, a, b, c, d, e, f, g, h):\n" +
			"        self.a = a\n        self.b = b\n        self.c = c\n        self.d = d\n        self.e = e\n        self.f = f\n        self.g = g\n        self.h = h\n        self.state = None\n" +
			"    def turn(self, h):\n        self.h = h\n        self.state = 1\n"},
		kind: learn.WriteOnce, statement: "attributes of C are set in its constructor only", kept: 7, total: 8,
		deviants: []string{"shop/c.py:13"},
	},
	"factory of clients": {
		files: tree.Memory{
			"shop/http.py": requestsHead + "def get(u):\n    return requests.get(u, timeout=2)\n",
			"shop/a.py":    "from shop.http import get\n" + repeat(6, "def f#(u):\n    return get(u)\n"),
			"shop/b.py":    "from shop.http import get\n" + repeat(4, "def f#(u):\n    return get(u)\n"),
			"shop/c.py":    "from shop.http import get\nimport requests\n" + repeat(4, "def f#(u):\n    return get(u)\n") + "def own(u):\n    return requests.get(u, timeout=1)\n",
		},
		kind: learn.Factory, statement: "requests is used through shop/http.py only", kept: 14, total: 15,
		deviants: []string{"shop/c.py:12"},
	},
	"handler around a call": {
		files: tree.Memory{
			"shop/s.py": "class Down(Exception):\n    pass\ndef call(x):\n    raise Down\n",
			"shop/u.py": "from shop.s import Down, call\n" + repeat(9, "def f#(x):\n    try:\n        return call(x)\n    except Down:\n        return None\n") + "def g(x):\n    return call(x)\n",
		},
		kind: learn.Handler, statement: "calls of call of shop/s are made where Down is handled", kept: 9, total: 10,
		deviants: []string{"shop/u.py:48"},
	},
}

func TestMine(t *testing.T) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := load(t, c.files)
			page := pageOf(s, learn.Mine(s.Program))
			for i := range page.Invariants {
				v := &page.Invariants[i]
				if v.Kind != c.kind || v.Statement != c.statement {
					continue
				}
				if v.Kept != c.kept || v.Total != c.total {
					t.Errorf("%d of %d, expected %d of %d", v.Kept, v.Total, c.kept, c.total)
				}
				var got []string
				for _, d := range v.Deviants {
					path, line, _ := page.Position(d.At)
					got = append(got, fmt.Sprintf("%s:%d", path, line))
				}
				if strings.Join(got, " ") != strings.Join(c.deviants, " ") {
					t.Errorf("deviants %v, expected %v", got, c.deviants)
				}
				return
			}
			var out bytes.Buffer
			if err := learn.WriteText(&out, page); err != nil {
				t.Fatal(err)
			}
			t.Errorf("%q was not learnt, but:\n%s", c.statement, out.String())
		})
	}
}

// TestNothing is about what must not be called a habit.
func TestNothing(t *testing.T) {
	for name, files := range map[string]tree.Memory{
		"too few":        {"a.py": requestsHead + repeat(4, "def f#(u):\n    return requests.get(u, timeout=2)\n") + "def g(u):\n    return requests.get(u)\n"},
		"too mixed":      {"a.py": requestsHead + repeat(8, "def f#(u):\n    return requests.get(u, timeout=2)\ndef g#(u):\n    return requests.get(u)\n")},
		"tests only":     {"tests/test_a.py": requestsHead + repeat(12, "def test_f#(u):\n    return requests.get(u, timeout=2)\n")},
		"library speaks": {"a.py": "import httpx\n" + repeat(12, "def f#(u):\n    return httpx.get(u)\n")},
		"empty":          {"a.py": ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := load(t, files)
			for _, v := range learn.Mine(s.Program) {
				t.Errorf("learnt %q (%d of %d)", v.Statement, v.Kept, v.Total)
			}
		})
	}
}

// TestOrder holds that a program gives the same list however its files were read.
func TestOrder(t *testing.T) {
	files := tree.Memory{}
	for _, c := range cases {
		for name, text := range c.files {
			files[fmt.Sprintf("%s/%s", c.kind, name)] = text
		}
	}
	var first string
	for _, workers := range []int{1, 8} {
		s, err := engine.Load(context.Background(), &engine.Request{Tree: files, Config: config.Default(), Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := learn.WriteJSON(&out, pageOf(s, learn.Mine(s.Program))); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = out.String()
		} else if out.String() != first {
			t.Error("the list depends on the number of workers")
		}
	}
	var read struct {
		Version    int
		Total      int
		Invariants []struct{ Score, Confidence float64 }
	}
	if err := json.Unmarshal([]byte(first), &read); err != nil {
		t.Fatal(err)
	}
	if read.Version != 1 || read.Total != len(read.Invariants) || read.Total == 0 {
		t.Errorf("version %d, %d of %d invariants", read.Version, len(read.Invariants), read.Total)
	}
	for i := 1; i < len(read.Invariants); i++ {
		if read.Invariants[i].Score > read.Invariants[i-1].Score {
			t.Errorf("number %d scores more than the one before it", i+1)
		}
	}
}

// TestProposal reads proposed records back as the records that they are.
func TestProposal(t *testing.T) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := load(t, c.files)
			var chosen []learn.Invariant
			for _, v := range learn.Mine(s.Program) {
				if v.Statement == c.statement {
					chosen = append(chosen, v)
				}
			}
			markdown, ok := learn.Proposal(s.Program, pageOf(s, chosen), 7)
			sayable := c.kind == learn.Guard || c.kind == learn.Range || c.kind == learn.Lock || c.kind == learn.Layer || c.kind == learn.Factory
			if ok != sayable {
				t.Fatalf("a contract says it: %v, expected %v", ok, sayable)
			}
			if !ok {
				return
			}
			records, err := contract.Load(context.Background(), tree.Memory{"docs/adr/0007-learnt.md": markdown}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range records.Faults {
				t.Errorf("%s\n%s", records.Faults[i].Error(), markdown)
			}
			if len(records.All) != 1 || records.All[0].Status != contract.Proposed || len(records.All[0].Clauses) != 1 {
				t.Errorf("not one proposed record with one contract:\n%s", markdown)
			}
		})
	}
}
