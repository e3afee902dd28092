package regress

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// fixture is a pair of snapshots and what the change loses, as "RULE GUARD PATH SYMBOL" lines.
type fixture struct {
	base, head *program.Program
	expect     []string
}

func readFixture(t *testing.T, path string) fixture {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	sides := map[string][]*fact.File{}
	x := extract.New()
	for _, file := range txtar.Parse(data).Files {
		if file.Name == "expect" {
			f.expect = strings.Split(strings.TrimSpace(string(file.Data)), "\n")
			continue
		}
		side, name, _ := strings.Cut(file.Name, "/")
		if strings.HasSuffix(name, ".py") {
			sides[side] = append(sides[side], x.Extract(name, string(file.Data)))
		}
	}
	f.base, f.head = build(sides["base"]), build(sides["head"])
	f.expect = slices.DeleteFunc(f.expect, func(line string) bool { return line == "" })
	return f
}

func build(files []*fact.File) *program.Program {
	slices.SortFunc(files, func(a, b *fact.File) int { return strings.Compare(a.Path, b.Path) })
	return program.Build(files, catalog.Builtin().With(nil), program.Options{})
}

// lines gives the losses in the form of the fixtures.
func lines(head *program.Program, losses []Loss) []string {
	var list []string
	for _, l := range losses {
		list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", l.Rule, l.Guard, head.Files[l.At.File].Path, l.Symbol)))
	}
	return list
}

func fixtures(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	return paths
}

func TestCompare(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			f := readFixture(t, path)
			losses := Compare(f.base, f.head, Options{})
			got, want := lines(f.head, losses), slices.Clone(f.expect)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				for _, l := range losses {
					t.Logf("%s %s %s: %s", l.Guard, l.Shape, l.Symbol, l.Message)
				}
			}
		})
	}
}

// TestSameIsSilent compares every snapshot of the fixtures with itself.
func TestSameIsSilent(t *testing.T) {
	for _, path := range fixtures(t) {
		f := readFixture(t, path)
		for _, p := range []*program.Program{f.base, f.head} {
			if losses := Compare(p, p, Options{}); len(losses) > 0 {
				t.Errorf("%s: a program compared with itself lost %v", path, lines(p, losses))
			}
		}
	}
}

// TestLayoutIsSilent compares snapshots that differ in comments, blank lines, brackets and quotes only.
func TestLayoutIsSilent(t *testing.T) {
	const one = `def take(store, key, limit):
    if key not in store or len(key) > limit:
        raise KeyError(key)
    with store.lock:
        return store.read("a", key, timeout=3)
`
	const other = `# taken by the reader


def take(
    store,
    key,
    limit,
):
    """Take one."""
    if (key not in store) or (len(key) > limit):  # refused
        raise KeyError(key)

    with (store.lock):
        return store.read('a', key, timeout = 3)
`
	x := extract.New()
	base, head := build([]*fact.File{x.Extract("app.py", one)}), build([]*fact.File{x.Extract("app.py", other)})
	for _, change := range [][2]*program.Program{{base, head}, {head, base}} {
		if losses := Compare(change[0], change[1], Options{}); len(losses) > 0 {
			t.Errorf("a change of layout lost %v", lines(change[1], losses))
		}
	}
}

// TestOrderIsStable compares the fixtures twice: the losses and their order are the same.
func TestOrderIsStable(t *testing.T) {
	for _, path := range fixtures(t) {
		f := readFixture(t, path)
		first, second := lines(f.head, Compare(f.base, f.head, Options{})), lines(f.head, Compare(f.base, f.head, Options{}))
		if !slices.Equal(first, second) {
			t.Errorf("%s: %v, then %v", path, first, second)
		}
	}
}
