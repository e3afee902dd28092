package program

import (
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// Outline is what a run on all files knows of how they depend on each other. Kept, it tells a later run which files a
// change can affect and what it has to load to judge those as if all were there. A FileID in it is one of the program
// that it was made of. It holds for the same files at the same paths, whatever the contents of those that change.
//
//	a file that changes ← what imports it, and so on      Dependents: only their sites can differ
//	those → what they import, and so on                   Closure: what their sites are judged by
//	what they call ← who is asked for its callers         Asked: a site that only a caller guards
type Outline struct {
	// Starts and Edges are the files that each file may look into in one step: those of file f are
	// Edges[Starts[f]:Starts[f+1]].
	Starts []int32
	Edges  []FileID
	// Holders gives the files that hold a module as an object, and so may come to those below it by attributes. Steps are
	// the modules, sorted, to which some file did or tried to.
	Holders map[string][]FileID
	Steps   []string
	// Asked are the questions about callers by which sites were judged.
	Asked []Ask
	// Declares are files that say something which holds for other files without being imported by them: of the schema
	// or of libraries as a whole, besides the first few that any such saying needs.
	Declares []FileID
	// Retries are the files that hold a retry.
	Retries []FileID
	// Words are all parts of the names of imported modules and of what is imported from them, sorted.
	Words []string

	sketch *Program // see Sketch
}

// Ask is one question about the callers of a function, by the answer to which a site is judged.
type Ask struct {
	// Root is the function. The scope fact.NoScope stands for all functions of a file, and a question about tests.
	Root Func
	// Settled is true where one chain of calls alone makes the answer no, whatever other calls there are: it leads
	// through calls in the files Through, -1 for none, and ends at End, which nobody calls, or, where End is a module, because it
	// is long enough.
	Settled bool
	Through [maxCallerDepth]FileID
	End     Func
}

// add adds what the next file may look into.
func (o *Outline) add(file FileID, l *links) {
	o.Edges = append(o.Edges, l.edges...)
	o.Starts = append(o.Starts, int32(len(o.Edges)))
	for _, module := range l.holds {
		o.Holders[module] = append(o.Holders[module], file)
	}
}

// Outline makes the outline. It must not be called before all sites were found, as those ask for callers.
func (p *Program) Outline() *Outline {
	o := &Outline{Holders: map[string][]FileID{}, Starts: make([]int32, 1, len(p.Files)+1)}
	links := make([]links, len(p.Files))
	models := p.imports("django")
	p.parallel(func(file FileID) {
		l := p.links(file)
		l.declares, l.keys, l.django = p.declares(file, models), speaksOfKeys(p.Files[file]), importsRoot(p.Files[file], "django")
		links[file] = l
	})
	words := map[string]bool{}
	for file := range links {
		o.add(FileID(file), &links[file])
		collectWords(words, p.Files[file])
	}
	for word := range words {
		o.Words = append(o.Words, word)
	}
	slices.Sort(o.Words)
	o.Asked, o.Steps = p.asked.list(compareAsks), p.stepped.list(strings.Compare)
	o.Declares = declaring(links)
	o.Retries = p.Retrying()
	return o
}

// links is what one file has to do with others.
type links struct {
	edges    []FileID // the files that it may look into directly, in order
	holds    []string // the packages that it holds, each once
	declares bool
	keys     bool // it speaks of idempotency
	django   bool // it imports Django
}

// links finds the files that one file may look into directly, and the packages that it holds.
func (p *Program) links(file FileID) (l links) {
	facts := p.Files[file]
	add := func(module string) {
		if to, ok := p.modules.files[module]; ok && to != file {
			l.edges = append(l.edges, to)
		}
	}
	hold := func(module string) { l.holds = append(l.holds, module) }
	for i := range facts.Imports {
		entry, to := &facts.Imports[i], &p.index[file].imports[i]
		if !to.inside {
			continue
		}
		add(to.module)
		switch name := facts.Text(entry.Name); {
		case name == "" && entry.HasAs:
			hold(to.module)
		case name == "": // import a.b.c binds a
			top := to.module
			for range strings.Count(facts.Text(entry.Module), ".") {
				top = parent(top)
				add(top)
			}
			hold(top)
		case name != "*":
			if inner := join(to.module, name); p.modules.exists(inner) {
				add(inner)
				hold(inner)
			}
		}
	}
	slices.Sort(l.edges)
	slices.Sort(l.holds)
	l.edges, l.holds = slices.Compact(l.edges), slices.Compact(l.holds)
	return l
}

// collectWords adds the names that the imports of a file are made of.
func collectWords(words map[string]bool, facts *fact.File) {
	for i := range facts.Imports {
		for part := range strings.SplitSeq(facts.Text(facts.Imports[i].Module), ".") {
			words[part] = true
		}
		words[facts.Text(facts.Imports[i].Name)] = true
	}
}

// declaring gives the files that say something which holds elsewhere. That any file speaks of idempotency, or imports
// Django, is known from the first.
func declaring(links []links) []FileID {
	var files []FileID
	keys, django := false, false
	for file := range links {
		l := &links[file]
		if l.declares || l.keys && !keys || l.django && !django {
			files = append(files, FileID(file))
		}
		keys, django = keys || l.keys, django || l.django
	}
	return files
}

// declares says whether a file may say something of the schema or of a library as a whole.
func (p *Program) declares(file FileID, django bool) bool {
	s := &schema{tables: map[string][]unique{}, named: map[Func]string{}, dropped: map[string]bool{}}
	p.readSchemaOf(file, s, django)
	if len(s.tables) > 0 || len(s.named) > 0 || len(s.dropped) > 0 {
		return true
	}
	for _, i := range p.marked[file] {
		call := &p.calls[file][i]
		if strings.HasSuffix(call.Path, ".mount") || call.Entry != nil && call.Entry.Deadline != nil && call.Entry.Deadline.Process {
			return true
		}
	}
	for _, name := range catalog.Settings {
		if p.Files[file].Lookup(0, name) != 0 {
			return true
		}
	}
	for i := range p.index[file].stores {
		switch p.Files[file].Text(p.index[file].stores[i].Name) {
		case "request", "send", "get", "post":
			return true
		}
	}
	return false
}

// step gives the files that a file may look into directly.
func (o *Outline) step(file FileID) []FileID { return o.Edges[o.Starts[file]:o.Starts[file+1]] }

// Holds says whether the parts fit together, as they need not where they were read from somewhere: every file is one of
// those that the outline is of. It must be asked before anything else.
func (o *Outline) Holds() bool {
	if len(o.Starts) == 0 || o.Starts[0] != 0 || int(o.Starts[len(o.Starts)-1]) != len(o.Edges) || !slices.IsSorted(o.Starts) {
		return false
	}
	within := func(files []FileID) bool {
		return !slices.ContainsFunc(files, func(f FileID) bool { return f < 0 || int(f) >= o.Size() })
	}
	for _, files := range o.Holders {
		if !within(files) {
			return false
		}
	}
	for i := range o.Asked {
		ask := &o.Asked[i]
		through := slices.DeleteFunc(slices.Clone(ask.Through[:]), func(f FileID) bool { return f == noFile })
		if !within(through) || !within([]FileID{ask.Root.File}) || ask.Settled && !within([]FileID{ask.End.File}) {
			return false
		}
	}
	return within(o.Edges) && within(o.Declares) && within(o.Retries)
}

// Size is how many files the outline is of.
func (o *Outline) Size() int { return len(o.Starts) - 1 }

// Closure gives the files and all that they may look into, by file.
func (o *Outline) Closure(files []FileID) []bool {
	seen := make([]bool, o.Size())
	open := slices.Clone(files)
	for _, f := range files {
		seen[f] = true
	}
	for len(open) > 0 {
		next := open[len(open)-1]
		open = open[:len(open)-1]
		for _, to := range o.step(next) {
			if !seen[to] {
				seen[to] = true
				open = append(open, to)
			}
		}
	}
	return seen
}

// Dependents gives the files that may look into one of some modules, directly or through others, in their order; the
// files of these modules are among them. A module is named by its path without suffix ("src/shop/http"), and need not
// have been there when the outline was made.
func (o *Outline) Dependents(files []FileID, modules []string) []FileID {
	back := o.reversed()
	seen := make([]bool, o.Size())
	var all []FileID
	add := func(file FileID) {
		if !seen[file] {
			seen[file] = true
			all = append(all, file)
		}
	}
	for _, file := range files {
		add(file)
	}
	steps := o.steps(modules)
	for _, module := range modules {
		for dir := parent(module); dir != "" && steps(module, dir); dir = parent(dir) {
			for _, file := range o.Holders[dir] {
				add(file)
			}
		}
	}
	for next := 0; next < len(all); next++ {
		for _, file := range back.step(all[next]) {
			add(file)
		}
	}
	slices.Sort(all)
	return all
}

// reversed turns the edges round.
func (o *Outline) reversed() *Outline {
	r := &Outline{Starts: make([]int32, len(o.Starts)+1), Edges: make([]FileID, len(o.Edges))}
	for _, to := range o.Edges {
		r.Starts[to+2]++
	}
	for i := 2; i < len(r.Starts); i++ {
		r.Starts[i] += r.Starts[i-1]
	}
	for file := range o.Size() {
		for _, to := range o.step(FileID(file)) {
			r.Edges[r.Starts[to+1]] = FileID(file)
			r.Starts[to+1]++
		}
	}
	r.Starts = r.Starts[:len(o.Starts)]
	return r
}

// ModuleOf is the path of a file without its suffix, by which outlines name modules: that of a package for its __init__.
func ModuleOf(path string) string {
	if name, ok := ModulePath(path); ok {
		return name
	}
	return path
}

// Names says whether some import or attribute that the outline knows of may mean a module that was not there.
func (o *Outline) Names(module string) bool {
	if o.sketch != nil {
		return o.sketch.names(module)
	}
	_, found := slices.BinarySearch(o.Words, path.Base(module))
	if !found {
		_, found = slices.BinarySearch(o.Steps, module)
	}
	return found
}
