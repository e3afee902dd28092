package program

import (
	"iter"
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Spills says why what the code of some files does may decide about a site of another file, "" where it does not. Nothing
// outside may depend on the files by imports. The other ways in which it could are retries and threads that it starts,
// what it declares for all, and its calls, for which see AsksAbout.
func (p *Program) Spills(inner func(FileID) bool) string {
	files := p.those(inner)
	switch {
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

// AsksAbout says whether an answer about callers of a function outside may change with the calls that the files make: where
// one chain of other calls settles it, only by a call of its end; else by any call that leads to the function within as many steps as callers are
// followed. What tests call says nothing of the guards of others, but of what is tested. asked are the questions about
// callers by which sites were judged, as an outline keeps them. Where altered is not nil, only calls from the files to functions that it holds for differ
// from what they were when the questions were asked.
func (p *Program) AsksAbout(inner func(FileID) bool, asked []Ask, altered func(Func) bool) bool {
	open, ends := map[Func]bool{}, map[Func]bool{}
	for i := range asked {
		ask := &asked[i]
		switch {
		case inner(ask.Root.File):
		case !ask.Settled:
			open[ask.Root] = true
		case slices.ContainsFunc(ask.Through[:], func(file FileID) bool { return file != noFile && inner(file) }):
			if altered == nil {
				return true
			}
			open[ask.Root] = true
		default:
			ends[ask.End] = true
		}
	}
	w := callWalk{p: p, calls: map[FileID]map[fact.Scope][]int32{}, reached: map[Func]bool{}}
	for from, target := range p.callsOutside(inner) {
		if p.IsTest(from.File) && open[Func{target.File, fact.NoScope}] {
			return true // the arguments count as well, of which altered knows nothing
		}
		if altered != nil && !altered(target) {
			continue
		}
		if ends[target] && w.counts(from.File, target) {
			return true
		}
		w.reach(from.File, target)
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

// CallsFromTests says whether a test among some files calls a function of another.
func (p *Program) CallsFromTests(inner func(FileID) bool) bool {
	for from := range p.callsOutside(inner) {
		if p.IsTest(from.File) {
			return true
		}
	}
	return false
}

// callsOutside yields the calls that some files make of functions of others.
func (p *Program) callsOutside(inner func(FileID) bool) iter.Seq2[CallSite, Func] {
	return func(yield func(CallSite, Func) bool) {
		for _, file := range p.those(inner) {
			for i := range p.calls[file] {
				for _, target := range p.calls[file][i].Targets {
					if !inner(target.File) && !yield(CallSite{file, int32(i)}, target) {
						return
					}
				}
			}
		}
	}
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
