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
