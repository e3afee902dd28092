package program

import (
	"sync"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// Program is one immutable snapshot: the facts of all files, joined. It may be read concurrently.
type Program struct {
	// Files in the order of their paths. A FileID is an index into it.
	Files []*fact.File
	// Catalog is the knowledge of libraries at the versions the project has installed.
	Catalog *catalog.Resolved

	options    Options
	modules    moduleTable
	index      []fileIndex
	calls      [][]CallInfo
	marked     [][]int32 // by file: the notable calls
	graph      callGraph
	memory     *memory
	based      bool           // the bases of all classes are known
	stepped    *noted[string] // of this program and those that it is like
	asked      noted[Ask]
	libraries  libraries
	received   table[FileID, map[ExprRef][]int32]
	attributes table[FileID, map[string][]fact.Expr]
	spreads    table[FileID, []bool]
	sites      [effects]family
	custom     customisation
	remotes    reach
	pausing    reach
	retry      retries
	schema     schema
	keyWords   struct {
		once  sync.Once
		found bool
	}
	shared struct {
		once    sync.Once
		classes map[Func]bool
		targets []Func
	}
	blocks struct {
		once  sync.Once
		by    map[Func]blocker
		calls [][]int32 // by file, in no order: the calls of these functions
		// properties are those of the functions that are properties, by name.
		properties map[string][]Func
	}
	giving, starting struct {
		once  sync.Once
		calls [][]int32
	}
}

// Options steer how a program is built; the zero value is the default.
type Options struct {
	// Workers bounds the goroutines; 0 and 1 mean serial. The result is the same for every number.
	Workers int
	// Indexes are those of the files that were indexed before, in the order of the files; nil for one that was not.
	Indexes []*Index
	// IsTest says whether a path belongs to tests, whose effects are judged differently. Nil means the default
	// patterns (test_*.py, *_test.py, tests/, conftest.py).
	IsTest func(path string) bool
	// Scripts are the project's files of SQL statements, sorted by path: what they declare unique is known.
	Scripts []Script
	// Tested names, by the place of a comparison, the test that was seen to fail when the comparison was changed.
	Tested map[Place]string
	// Unnoticed says, by the place of a comparison, what was seen to go unnoticed when the comparison was changed.
	Unnoticed map[Place]string
	// Judged, where it is not nil, says in which files sites are looked for.
	Judged func(file FileID) bool
	// Retries, where it is not nil, says which files may hold a retry: it is known of the others that they hold none.
	Retries func(file FileID) bool
	// Like, where it is not nil, is a program of files at the same paths, with the same catalog and options. Same says of
	// which files it can take over what it knows: those with the same facts that look into no file with others.
	Like *Program
	Same func(file FileID) bool
}

// Script is a file of SQL statements.
type Script struct{ Path, Text string }

// Build joins the facts of files (sorted by path, each path once) into a program. The files must not change
// afterwards. Cost: linear in the facts; calls are resolved in parallel.
func Build(files []*fact.File, known *catalog.Resolved, options Options) *Program {
	if options.IsTest == nil {
		options.IsTest = isTestPath
	}
	p := &Program{Files: files, Catalog: known, options: options, stepped: new(noted[string])}
	if options.Like != nil {
		p.stepped = options.Like.stepped
	}
	same := options.takenOver()
	p.modules = newModuleTable(files, options.Like)
	p.index = make([]fileIndex, len(files))
	p.parallel(func(file FileID) {
		if same(file) {
			p.index[file] = options.Like.index[file]
			return
		}
		p.index[file] = p.indexed(file)
	})
	p.memory = newMemory(files, p.index, options.Like.memories(), same)
	bases := make([]map[fact.Scope][]Value, len(files))
	p.parallel(func(file FileID) {
		if !same(file) {
			bases[file] = p.resolveBases(file)
		}
	})
	for file := range bases { // not before all are found, as what one file sees must not depend on which was first
		if !same(FileID(file)) {
			p.index[file].classes.bases = bases[file]
		}
	}
	p.based = true
	p.calls = make([][]CallInfo, len(files))
	p.marked = make([][]int32, len(files))
	p.parallel(func(file FileID) {
		if same(file) {
			p.calls[file], p.marked[file] = options.Like.calls[file], options.Like.marked[file]
			return
		}
		p.calls[file], p.marked[file] = p.resolveCalls(file)
	})
	p.graph = p.linkCalls()
	return p
}

// takenOver says of which files the program takes over what another knows.
func (o *Options) takenOver() func(file FileID) bool {
	if o.Like == nil {
		return func(FileID) bool { return false }
	}
	return o.Same
}

// indexed indexes a file of which nothing is known yet.
func (p *Program) indexed(file FileID) fileIndex {
	facts := p.Files[file]
	if !IsLoaded(facts) {
		return fileIndex{Index: emptyIndex, classes: &classes{}}
	}
	found := fileIndex{test: p.options.IsTest(facts.Path) && !onlyNamedTest(facts), classes: &classes{}}
	if int(file) < len(p.options.Indexes) {
		found.Index = p.options.Indexes[file]
	}
	if found.Index == nil {
		found.Index = NewIndex(facts)
	}
	found.imports = p.modules.resolveAll(file, facts, p.Catalog)
	return found
}

// parallel runs work for every file on the configured number of workers. The work for one file may write only what
// belongs to that file, which is what makes the order irrelevant.
func (p *Program) parallel(work func(FileID)) {
	workers := min(p.options.Workers, len(p.Files))
	if workers < 2 {
		for i := range p.Files {
			work(FileID(i))
		}
		return
	}
	const batch = 16
	var next sync.Mutex
	cursor := 0
	take := func() (first, end int) {
		next.Lock()
		defer next.Unlock()
		first = cursor
		cursor = min(cursor+batch, len(p.Files))
		return first, cursor
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for {
				first, end := take()
				if first == end {
					return
				}
				for i := first; i < end; i++ {
					work(FileID(i))
				}
			}
		})
	}
	group.Wait()
}

// Symbol is the qualified name a finding in fn carries.
func (p *Program) Symbol(fn Func) string { return p.Files[fn.File].Symbol(fn.Scope) }

// IsTest says whether the file belongs to tests.
func (p *Program) IsTest(file FileID) bool {
	if !IsLoaded(p.Files[file]) {
		return p.options.IsTest(p.Files[file].Path)
	}
	return p.index[file].test
}

// PlaceOf is the place of an expression.
func (p *Program) PlaceOf(ref ExprRef) Place {
	return Place{File: ref.File, Span: p.Files[ref.File].Exprs[ref.Expr].Span}
}

// Calls gives the calls of a file in the order of their expressions. The slice belongs to the program.
func (p *Program) Calls(file FileID) []CallInfo { return p.calls[file] }

// CallAt finds what is known of the call expression of a file; nil where the expression is no call.
func (p *Program) CallAt(file FileID, call fact.Expr) *CallInfo {
	calls := p.calls[file]
	low, high := 0, len(calls)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if calls[middle].Expr < call {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(calls) && calls[low].Expr == call {
		return &calls[low]
	}
	return nil
}
