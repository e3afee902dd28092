package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/contract/graph"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// importing judges a contract on imports.
func (j *judge) importing(c *Clause) {
	k := &imports{judge: j, clause: c, table: j.table()}
	switch c.Imports.Kind {
	case Layers:
		k.layers()
	case Independence:
		k.independence()
	case Forbidden:
		k.forbidden()
	case Protected:
		k.protected()
	case Allowed:
		k.allowed()
	case Acyclic:
		k.acyclic()
	}
}

// imports is one contract on imports under judgement.
type imports struct {
	*judge
	clause *Clause
	table  *modules
}

// ignored says whether an import does not count for the contract: it is exempt, or for type checkers only. What an exemption
// whose day has passed covers counts again.
func (k *imports) ignored(from graph.Module, i *graph.Import) bool {
	if i.Typing && !k.clause.Imports.TypeChecking {
		return true
	}
	if len(k.clause.Except) == 0 {
		return false
	}
	importer, imported := k.table.aliases(k.table.graph.Path(from)), k.table.aliases(k.table.graph.Path(i.To))
	for _, e := range k.clause.Except {
		if slices.ContainsFunc(importer, e.Importer.Matches) && slices.ContainsFunc(imported, e.Imported.Matches) {
			k.used[e] = true
			if !e.Expired(k.Today) {
				return true
			}
		}
	}
	return false
}

// asks gives the question for the ways from some paths to others, which may not lead through further ones.
func (k *imports) asks(from, to, without []string, packages bool) *graph.Question {
	q := &graph.Question{
		From: k.table.members(from, packages), To: k.table.members(to, packages), Ignored: k.ignored, Direct: !k.clause.Imports.Indirect,
	}
	if without != nil {
		q.Without = k.table.graph.NewSet(k.table.members(without, packages))
	}
	return q
}

// report tells of every way that leads from one of the paths to another.
func (k *imports) report(q *graph.Question, to string) {
	ways := k.table.graph.Leading(q)
	for i := range ways {
		k.way(&ways[i], k.table.display(to))
	}
}

// way reports one import; target is what it leads to, by the name that the key of the finding keeps.
func (k *imports) way(w *graph.Way, target string) {
	importer := k.table.display(k.table.graph.Path(w.From))
	first, last := k.table.display(k.table.graph.Path(w.Steps[0].To)), k.table.display(k.table.graph.Path(w.To()))
	message, key := importer+" imports "+first, importer+" -> "+first
	if len(w.Steps) > 1 {
		message = fmt.Sprintf("%s imports %s, which leads to %s", importer, first, last)
		key = importer + " => " + target
	}
	k.found(w.From, &w.Steps[0], message, key, k.steps(w))
}

// steps are the imports behind the first.
func (k *imports) steps(w *graph.Way) []program.Step {
	var steps []program.Step
	at := w.Steps[0].To
	for i := 1; i < len(w.Steps); i++ {
		text := k.table.display(k.table.graph.Path(at)) + " imports " + k.table.display(k.table.graph.Path(w.Steps[i].To))
		steps = append(steps, program.Step{At: k.at(at, &w.Steps[i]), Text: text})
		at = w.Steps[i].To
	}
	return steps
}

// at is where an import is written.
func (k *imports) at(from graph.Module, i *graph.Import) program.Place {
	file := k.table.files[k.table.graph.Path(from)]
	return program.Place{File: file, Span: k.Program.Files[file].Imports[i.Tag].Span}
}

func (k *imports) found(from graph.Module, i *graph.Import, message, key string, steps []program.Step) {
	c := k.clause
	at := k.at(from, i)
	scope := fact.Scope(0)
	if s := k.Program.Files[at.File].Imports[i.Tag].Scope; k.Program.Files[at.File].Function(s) != fact.NoScope {
		scope = s
	}
	k.out.Reports = append(k.out.Reports, Report{
		Rule: Dependency, At: at, Func: program.Func{File: at.File, Scope: scope}, Guard: program.Dependency, Severity: c.Record.severity(),
		Message: message + ": " + c.says() + " has it that " + text.Visible(c.Name), Key: c.Record.Label + "|" + key, Steps: steps, Record: c.Record, Line: c.Line,
	})
}

// layers: a lower layer imports nothing of a higher one, nor do modules of a layer that are independent of each other.
func (k *imports) layers() {
	containers := []string{""}
	if k.clause.Imports.Containers != nil {
		containers = k.table.all(k.clause.Imports.Containers)
	}
	for _, container := range containers {
		layers := k.layersIn(container)
		var every []string
		for _, layer := range layers {
			every = append(every, layer...)
		}
		for i, high := range layers {
			for _, low := range layers[i+1:] {
				k.between(low, high, every)
			}
			if k.clause.Imports.Layers[i].Independent {
				k.apart(high, every)
			}
		}
		if k.clause.Imports.Exhaustive {
			k.exhaustive(container, every)
		}
	}
}

// layersIn gives the paths of the layers in a container, or everywhere.
func (k *imports) layersIn(container string) [][]string {
	layers := make([][]string, len(k.clause.Imports.Layers))
	for i, layer := range k.clause.Imports.Layers {
		for _, m := range layer.Modules {
			if container != "" {
				path := container + "/" + strings.ReplaceAll(m.Name, ".", "/")
				if k.table.names[path] != nil {
					layers[i] = append(layers[i], path)
				} else if !m.Optional {
					k.nowhere(k.table.display(container) + "." + m.Name)
				}
				continue
			}
			if p, wrong := parsePattern(m.Name); wrong == "" && k.table.known(p) {
				layers[i] = append(layers[i], k.table.find(p)...)
			}
		}
	}
	return layers
}

// known says whether a pattern names a module of the program.
func (t *modules) known(p Pattern) bool {
	found := t.find(p)
	return len(found) > 0 && !strings.HasPrefix(found[0], outside)
}

func (k *imports) nowhere(name string) {
	k.remark(k.clause.Record, k.clause.Line, "contract names "+text.Visible(name)+", and there is no such module", "names|"+name)
}

// between asks for the ways from each of some packages to each of others, except through further ones.
func (k *imports) between(from, to, every []string) {
	for _, low := range from {
		for _, high := range to {
			without := slices.DeleteFunc(slices.Clone(every), func(p string) bool { return p == low || p == high })
			k.report(k.asks([]string{low}, []string{high}, without, true), high)
		}
	}
}

// apart asks for the ways between packages that are independent of each other.
func (k *imports) apart(packages, every []string) {
	for _, from := range packages {
		others := slices.DeleteFunc(slices.Clone(packages), func(p string) bool { return p == from })
		k.between([]string{from}, others, every)
	}
}

// exhaustive tells of the children of a container that are no layer.
func (k *imports) exhaustive(container string, layers []string) {
	for _, child := range k.table.graph.Children(container) {
		name := child[strings.LastIndexByte(child, '/')+1:]
		if slices.Contains(layers, child) || slices.Contains(k.clause.Imports.ExhaustiveExcept, name) {
			continue
		}
		members := k.table.graph.Package(child)
		file, ok := k.table.files[k.table.graph.Path(members[0])]
		if !ok {
			continue
		}
		shown := k.table.display(child)
		k.out.Reports = append(k.out.Reports, Report{
			Rule: Dependency, At: program.Place{File: file}, Func: program.Func{File: file}, Guard: program.Dependency, Severity: k.clause.Record.severity(),
			Message: shown + " is in no layer: " + k.clause.says() + " lists every child of " + k.table.display(container),
			Key:     k.clause.Record.Label + "|layer|" + shown, Record: k.clause.Record, Line: k.clause.Line,
		})
	}
}

func (k *imports) independence() {
	packages := k.table.all(k.clause.Imports.Modules)
	k.apart(packages, packages)
}

// overlap says whether one path is the other or lies below it.
func overlap(a, b string, packages bool) bool {
	return a == b || packages && (strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/"))
}

func (k *imports) forbidden() {
	i := k.clause.Imports
	for _, from := range k.table.all(i.From) {
		for _, to := range k.table.all(i.To) {
			if !overlap(from, to, i.AsPackages) {
				k.report(k.asks([]string{from}, []string{to}, nil, i.AsPackages), to)
			}
		}
	}
}

// protected: only some modules import others directly.
func (k *imports) protected() {
	i := k.clause.Imports
	may := k.table.graph.NewSet(k.table.members(k.table.all(i.Importers), i.AsPackages))
	for _, to := range k.table.all(i.To) {
		members := k.table.members([]string{to}, i.AsPackages)
		own := k.table.graph.NewSet(members)
		for m := range graph.Module(k.table.graph.Len()) {
			if may.Has(m) || own.Has(m) {
				continue
			}
			k.each(m, func(one *graph.Import) bool { return own.Has(one.To) })
		}
	}
}

// each reports the direct imports of a module that are wrong.
func (k *imports) each(m graph.Module, wrong func(*graph.Import) bool) {
	all := k.table.graph.Imports(m)
	for i := range all {
		if wrong(&all[i]) && !k.ignored(m, &all[i]) {
			k.way(&graph.Way{From: m, Steps: all[i : i+1]}, "")
		}
	}
}

// allowed: some modules import only others, themselves, and the standard library.
func (k *imports) allowed() {
	i := k.clause.Imports
	from := k.table.members(k.table.all(i.From), i.AsPackages)
	may := k.table.graph.NewSet(from, k.table.members(k.table.all(i.To), i.AsPackages))
	for _, m := range from {
		k.each(m, func(one *graph.Import) bool {
			path := k.table.graph.Path(one.To)
			return !may.Has(one.To) && (!strings.HasPrefix(path, outside) || !program.IsStandardLibrary(k.table.display(path)))
		})
	}
}

// acyclic: the children of a package form no cycle, and so on below them.
func (k *imports) acyclic() {
	skip := k.table.all(k.clause.Imports.Skip)
	done := map[string]bool{}
	for _, ancestor := range k.table.all(k.clause.Imports.Ancestors) {
		k.siblings(ancestor, k.clause.Imports.Depth, skip, done)
	}
}

func (k *imports) siblings(ancestor string, depth int, skip []string, done map[string]bool) {
	if done[ancestor] {
		return
	}
	done[ancestor] = true
	children := k.table.graph.Children(ancestor)
	cycles := k.table.graph.Cycles(children, k.ignored)
	for i := range cycles {
		k.cycle(children, &cycles[i])
	}
	if depth == 0 {
		return
	}
	for _, child := range children {
		if !slices.Contains(skip, child) {
			k.siblings(child, depth-1, skip, done)
		}
	}
}

// cycle reports a cycle at that of its links which the fewest imports make, as it is the first to be thought of for cutting.
func (k *imports) cycle(children []string, c *graph.Cycle) {
	start := 0
	for i := range c.Circle {
		if c.Circle[i].Count < c.Circle[start].Count {
			start = i
		}
	}
	circle := slices.Concat(c.Circle[start:], c.Circle[:start])
	words := k.table.display(children[circle[0].From])
	var steps []program.Step
	for i := range circle {
		l := &circle[i]
		words += " -> " + k.table.display(children[l.To])
		if i > 0 {
			importer, imported := k.table.graph.Path(l.Importer), k.table.graph.Path(l.Import.To)
			steps = append(steps, program.Step{At: k.at(l.Importer, &l.Import), Text: k.table.display(importer) + " imports " + k.table.display(imported)})
		}
	}
	message := "cycle of imports: " + words
	if more := len(c.Members) - len(circle); more > 0 {
		message += fmt.Sprintf(" (and %s more in the same knot)", text.Count(more, "package"))
	}
	names := make([]string, 0, len(c.Members))
	for _, m := range c.Members {
		names = append(names, k.table.display(children[m]))
	}
	k.found(circle[0].Importer, &circle[0].Import, message, "cycle "+strings.Join(names, ","), steps)
}
