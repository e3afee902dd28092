package law_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// calls says which functions of the standard library are used where only. cmd and tools are free.
var calls = []struct {
	functions []string
	may       []string
	reason    string
}{
	{
		[]string{"filepath.Walk", "filepath.WalkDir", "filepath.Glob", "filepath.EvalSymlinks", "filepath.Abs"},
		[]string{"internal/tree", "internal/cache", "internal/report", "internal/cli"},
		"only tree, the cache, the report sinks and cli touch the file system",
	},
	{
		[]string{"time.Now", "time.Since", "time.Until"},
		append([]string{"internal/cli", "internal/cache"}, running...),
		"no clock reaches the output: the same input gives the same output",
	},
}

// TestCalls: the file system and the clock are asked in few rooms.
func TestCalls(t *testing.T) {
	for _, f := range code(t) {
		if !within(f.folder(), "internal") {
			continue
		}
		for call := range selectors(f.syntax) {
			for _, law := range calls {
				if slices.Contains(law.functions, call.name) && !within(f.folder(), law.may...) {
					t.Errorf("%s:%d uses %s: %s (allowed in %s)", f.path, f.line(call.node.Pos()), call.name, law.reason, strings.Join(law.may, ", "))
				}
			}
		}
	}
}

// TestNoSleep: a test waits for what happens, not for time to pass.
func TestNoSleep(t *testing.T) {
	for _, f := range all(t) {
		if !f.test {
			continue
		}
		for call := range selectors(f.syntax) {
			if call.name == "time.Sleep" {
				t.Errorf("%s:%d sleeps: a test that waits for time is slow where it passes and wrong where the machine is busy; use testing/synctest or a channel", f.path, f.line(call.node.Pos()))
			}
		}
	}
}

// selector is one "package.name" in a file.
type selector struct {
	name string
	node ast.Node
}

// selectors gives the qualified names of a file in order.
func selectors(f *ast.File) func(yield func(selector) bool) {
	return func(yield func(selector) bool) {
		for n := range ast.Preorder(f) {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if x, ok := s.X.(*ast.Ident); ok && !yield(selector{x.Name + "." + s.Sel.Name, s}) {
				return
			}
		}
	}
}
