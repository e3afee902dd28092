package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/contract/graph"
)

// build reads "a/x>b/y c>d": imports with a space between them.
func build(text string) *graph.Graph {
	b := graph.NewBuilder()
	for i, word := range strings.Fields(text) {
		from, to, _ := strings.Cut(word, ">")
		to, typing := strings.CutSuffix(to, "?")
		b.Link(from, to, int32(i), typing)
	}
	return b.Graph()
}

func show(g *graph.Graph, ways []graph.Way) string {
	var out []string
	for i := range ways {
		s := g.Path(ways[i].From)
		for _, step := range ways[i].Steps {
			s += ">" + g.Path(step.To)
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestLeading(t *testing.T) {
	for _, c := range []struct {
		imports, from, to, without string
		direct                     bool
		want                       string
	}{
		{"a>b b>c", "a", "c", "", false, "a>b>c"},
		{"a>b b>c", "a", "c", "", true, ""},
		{"a>b b>c a>c", "a", "c", "", false, "a>b>c a>c"},
		{"a>b b>c", "a", "c", "b", false, ""},
		{"a/x>b/y b/y>c/z", "a", "c", "", false, "a/x>b/y>c/z"},
		{"a/x>a/y a/y>c", "a", "c", "", false, "a/y>c"}, // what leads on inside of a is told where it leaves
		{"a>b b>a b>c/d c/d>c/e", "a", "c", "", false, "a>b>c/d"},
		{"c>a", "a", "c", "", false, ""},
		{"a>b b>d d>c b>c", "a", "c", "", false, "a>b>c"},
		{"ab>c a>d d>c", "a", "c", "", false, "a>d>c"}, // ab is not below a
	} {
		g := build(c.imports)
		q := &graph.Question{From: g.Package(c.from), To: g.Package(c.to), Direct: c.direct}
		if c.without != "" {
			q.Without = g.NewSet(g.Package(c.without))
		}
		if got := show(g, g.Leading(q)); got != c.want {
			t.Errorf("%s: from %s to %s leads %q, expected %q", c.imports, c.from, c.to, got, c.want)
		}
	}
}

func TestIgnored(t *testing.T) {
	g := build("a>b? b>c a>d d>c")
	q := &graph.Question{From: g.Package("a"), To: g.Package("c"), Ignored: func(_ graph.Module, i *graph.Import) bool { return i.Typing }}
	if got := show(g, g.Leading(q)); got != "a>d>c" {
		t.Errorf("leads %q", got)
	}
	// An import for type checkers beside an ordinary one of the same module counts.
	g = build("a>c? a>c")
	q = &graph.Question{From: g.Package("a"), To: g.Package("c"), Ignored: func(_ graph.Module, i *graph.Import) bool { return i.Typing }}
	if ways := g.Leading(q); len(ways) != 1 || ways[0].Steps[0].Tag != 1 {
		t.Errorf("ways are %+v", ways)
	}
}

func TestCycles(t *testing.T) {
	for _, c := range []struct{ imports, want string }{
		{"p/a>p/b p/b>p/c", ""},
		{"p/a>p/b p/b>p/a", "[a b] a>b>a"},
		{"p/a/x>p/b p/b>p/c p/c>p/a/y", "[a b c] a>b>c>a"},
		{"p/a>q q>p/b p/b>p/a", ""}, // through a module outside
		{"p/a>p/b p/b>p/a p/c>p/d p/d>p/c p/b>p/c", "[a b] a>b>a [c d] c>d>c"},
		{"p/a>p/b p/b>p/c p/c>p/b p/c>p/a", "[a b c] a>b>c>a"},
	} {
		g := build(c.imports)
		children := g.Children("p")
		var got []string
		for _, cycle := range g.Cycles(children, nil) {
			var names []string
			for _, m := range cycle.Members {
				names = append(names, strings.TrimPrefix(children[m], "p/"))
			}
			way := strings.TrimPrefix(children[cycle.Circle[0].From], "p/")
			for _, l := range cycle.Circle {
				way += ">" + strings.TrimPrefix(children[l.To], "p/")
			}
			got = append(got, fmt.Sprint(names)+" "+way)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: cycles are %q, expected %q", c.imports, got, c.want)
		}
	}
}

func TestChildren(t *testing.T) {
	g := build("p/a/x>p/a/y p/a-b>p/c p>q")
	if got := g.Children("p"); !slices.Equal(got, []string{"p/a", "p/a-b", "p/c"}) {
		t.Errorf("children are %q", got)
	}
}

// TestLongChain: neither questions nor cycles recurse.
func TestLongChain(t *testing.T) {
	b := graph.NewBuilder()
	const n = 20_000
	for i := range n {
		b.Link(fmt.Sprintf("p/m%05d", i), fmt.Sprintf("p/m%05d", (i+1)%n), int32(i), false)
	}
	g := b.Graph()
	if cycles := g.Cycles(g.Children("p"), nil); len(cycles) != 1 || len(cycles[0].Members) != n {
		t.Errorf("%d cycles", len(cycles))
	}
	ways := g.Leading(&graph.Question{From: g.Package("p/m00001"), To: g.Package("p/m00000")})
	if len(ways) != 1 || len(ways[0].Steps) != n-1 {
		t.Errorf("%d ways", len(ways))
	}
}
