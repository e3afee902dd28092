package program

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// A program may be built of a part of its files only: those not loaded are facts with a path and nothing else, so that
// every path and FileID is as in the whole. What is then found in the judged files is as in the whole if the part holds
// all that they look into, which the program watches over: see Missing and Spills.

// absentSize marks a file that is not loaded. No file that is has so many bytes.
const absentSize = ^uint32(0)

// empty holds what the facts of an empty module hold, for all files that are not loaded.
var empty = fact.File{
	Size: absentSize, Strings: []string{""}, Scopes: []fact.ScopeInfo{{Parent: fact.NoScope}},
	Symbols: make([]fact.SymbolInfo, 1), Defs: make([]fact.Def, 1), Stmts: make([]fact.StmtInfo, 1), Exprs: make([]fact.ExprInfo, 1),
}

// emptyIndex is the index of all files that are not loaded.
var emptyIndex = NewIndex(&empty)

// Absent gives facts for a file that is not loaded.
func Absent(path string) *fact.File {
	file := empty
	file.Path = path
	return &file
}

// IsLoaded says whether a file is more than a path.
func IsLoaded(file *fact.File) bool { return file.Size != absentSize }

// watch notes where a program that is built of a part of its files looks at others.
type watch struct {
	absent []bool // by file; nil where all are loaded

	missed noted[FileID]
	all    atomic.Bool
}

func newWatch(files []*fact.File) *watch {
	w := &watch{}
	for i, file := range files {
		if IsLoaded(file) {
			continue
		}
		if w.absent == nil {
			w.absent = make([]bool, len(files))
		}
		w.absent[i] = true
	}
	return w
}

// present says whether a file that evaluation comes to is loaded, and notes one that is not. Evaluation comes to another
// file by its module, or by a value from there, so that it is enough to watch modules.
func (w *watch) present(file FileID) bool {
	if w == nil || w.absent == nil || !w.absent[file] {
		return true
	}
	w.missed.note(file)
	return false
}

// Missing gives the files that were looked into and are not loaded, in order; whole is true where something was asked
// that only all files together can answer. Where there are any, what was found may differ from what the whole gives.
func (p *Program) Missing() (files []FileID, whole bool) {
	w := p.modules.watch
	return w.missed.list(cmp.Compare), w.all.Load()
}

// AskAll says that what follows goes through all files of the program. Whoever does that and is no family of sites has to
// say so, as some files may not be loaded.
func (p *Program) AskAll() {
	if p.modules.watch.absent != nil {
		p.modules.watch.all.Store(true)
	}
}

// noted is a set that several goroutines add to.
type noted[K comparable] struct {
	mutex sync.Mutex
	set   map[K]bool
}

func (n *noted[K]) note(key K) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if !n.set[key] {
		n.set = put(n.set, key, true)
	}
}

// list gives what was noted, in the order of compare.
func (n *noted[K]) list(compare func(a, b K) int) []K {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return slices.SortedFunc(maps.Keys(n.set), compare)
}

func compareAsks(a, b Ask) int {
	settled := func(a *Ask) int {
		if a.Settled {
			return 1
		}
		return 0
	}
	return cmp.Or(compareFuncs(a.Root, b.Root), compareFuncs(a.End, b.End), slices.Compare(a.Through[:], b.Through[:]), settled(&a)-settled(&b))
}

func compareFuncs(a, b Func) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Scope, b.Scope))
}

// Spills says why what the code of some files does may decide about a site of another file, "" where it does not. Nothing
// outside may depend on the files by imports. The other ways in which it could are its calls, where callers are asked
// for, retries and threads that it starts, and what it declares for all. asked are the
// questions about callers by which sites were judged, as an outline keeps them.
func (p *Program) Spills(inner func(FileID) bool, asked []Ask) string {
	files := p.those(inner)
	switch {
	case p.isAsked(files, inner, asked):
		return "as a function that the change calls is judged by its callers"
	case p.retriesOutside(inner):
		return "as the change repeats a function of another file"
	case p.threadsOutside(files, inner):
		return "as the change runs a function of another file in a thread"
	case p.declaresAny(files):
		return "as the change declares something for all files"
	}
	return ""
}

// declaresAny says whether one of the files says something that holds for others.
func (p *Program) declaresAny(files []FileID) bool {
	django := p.imports("django")
	return slices.ContainsFunc(files, func(file FileID) bool { return p.declares(file, django) })
}

// those gives the loaded files among some.
func (p *Program) those(inner func(FileID) bool) []FileID {
	var files []FileID
	for file := range p.Files {
		if IsLoaded(p.Files[file]) && inner(FileID(file)) {
			files = append(files, FileID(file))
		}
	}
	return files
}

// isAsked says whether an answer about callers of a function outside may change with the calls that the files make: where
// one chain of other calls settles it, only by a call of its end; else by any call that leads to the function within as many steps as callers are
// followed. What tests call says nothing of the guards of others, but of what is tested.
func (p *Program) isAsked(files []FileID, inner func(FileID) bool, asked []Ask) bool {
	open, ends := map[Func]bool{}, map[Func]bool{}
	for i := range asked {
		ask := &asked[i]
		switch {
		case inner(ask.Root.File):
		case !ask.Settled:
			open[ask.Root] = true
		case slices.ContainsFunc(ask.Through[:], func(file FileID) bool { return file != noFile && inner(file) }):
			return true
		default:
			ends[ask.End] = true
		}
	}
	w := callWalk{p: p, calls: map[FileID]map[fact.Scope][]int32{}, reached: map[Func]bool{}}
	for _, file := range files {
		for i := range p.calls[file] {
			for _, target := range p.calls[file][i].Targets {
				if inner(target.File) {
					continue
				}
				if p.IsTest(file) && open[Func{target.File, fact.NoScope}] || ends[target] && w.counts(file, target) {
					return true
				}
				w.reach(file, target)
			}
		}
	}
	for range maxCallerDepth {
		w.step()
	}
	for fn := range w.reached {
		if open[fn] {
			return true
		}
	}
	return false
}

// callWalk follows calls from callers to callees.
type callWalk struct {
	p       *Program
	calls   map[FileID]map[fact.Scope][]int32
	reached map[Func]bool
	layer   []Func
}

// counts says whether a call counts for questions about callers.
func (w *callWalk) counts(from FileID, target Func) bool {
	return !w.p.IsTest(from) || w.p.IsTest(target.File)
}

func (w *callWalk) reach(from FileID, target Func) {
	if !w.reached[target] && w.counts(from, target) {
		w.reached[target] = true
		w.layer = append(w.layer, target)
	}
}

// step goes on by one call from what was reached last.
func (w *callWalk) step() {
	current := w.layer
	w.layer = nil
	for _, fn := range current {
		for _, i := range w.p.callsOf(w.calls, fn) {
			for _, target := range w.p.calls[fn.File][i].Targets {
				w.reach(fn.File, target)
			}
		}
	}
}

// retriesOutside says whether a function of another file runs again because of a retry in the files, or through them.
func (p *Program) retriesOutside(inner func(FileID) bool) bool {
	for fn, by := range p.retriedFunctions() {
		if !inner(fn.File) && (inner(by.retry.at.File) || by.site != (CallSite{}) && inner(by.site.File)) {
			return true
		}
	}
	return false
}

// threadsOutside says whether the files hand a method of another file to a thread.
func (p *Program) threadsOutside(files []FileID, inner func(FileID) bool) bool {
	for _, file := range files {
		eval := p.Eval(file)
		for _, i := range p.marked[file] {
			if method, class, ok := eval.handsToThread(file, &p.calls[file][i]); ok && (!inner(method.File) || !inner(class.File)) {
				return true
			}
		}
	}
	return false
}
