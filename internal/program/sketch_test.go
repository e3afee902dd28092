package program_test

import (
	"slices"
	"testing"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// TestSketch: what is told before sites are looked for leaves out none of what an outline tells.
func TestSketch(t *testing.T) {
	files := []struct{ path, text string }{
		{"app.py", "import shop.store\nshop.store.put(1)\n"},
		{"by_name.py", "import shop\ngetattr(shop, 'tools').run()\n"},
		{"far.py", "import shop\nprint(shop.other)\n"},
		{"shop/__init__.py", ""},
		{"shop/other.py", "x = 1\n"},
		{"shop/store.py", "def put(x): pass\n"},
		{"shop/tools.py", "def run(): pass\n"},
		{"user.py", "from shop.store import put\nput(2)\n"},
	}
	var facts []*fact.File
	for _, f := range files {
		facts = append(facts, extract.New().Extract(f.path, f.text))
	}
	p := program.Build(facts, catalog.Builtin().With(nil), program.Options{})
	sketch := p.Sketch()
	p.Collect()
	outline := p.Outline()
	if !sketch.IsSketch() || outline.IsSketch() || !sketch.Holds() {
		t.Fatal("a sketch is not told from an outline")
	}
	paths := func(o *program.Outline, module string) (all []string) {
		for _, file := range o.Dependents(nil, []string{module}) {
			all = append(all, files[file].path)
		}
		return all
	}
	for module, want := range map[string][]string{
		"shop/store": {"app.py", "by_name.py", "far.py"},
		"shop/tools": {"app.py", "by_name.py", "far.py"},
		"shop/other": {"app.py", "by_name.py", "far.py"},
		"shop/added": nil,
	} {
		got := paths(sketch, module)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", module, got, want)
		}
		for _, path := range paths(outline, module) {
			if !slices.Contains(got, path) {
				t.Errorf("%s: the outline has %s, the sketch %v", module, path, got)
			}
		}
	}
	for module, want := range map[string]bool{"shop/store": true, "elsewhere/tools": true, "shop/put": true, "shop/added": false} {
		if got := sketch.Names(module); got != want {
			t.Errorf("Names(%s): %v", module, got)
		}
		if outline.Names(module) && !want {
			t.Errorf("Names(%s) of the outline", module)
		}
	}
	want := []bool{true, false, false, true, false, true, false, false} // app.py looks into shop and shop.store
	if got := sketch.Closure([]program.FileID{0}); !slices.Equal(got, want) {
		t.Errorf("closure %v, want %v", got, want)
	}
}
