package program

import (
	"slices"
	"sync"
	"sync/atomic"
)

// family is the sites of one effect, found when they are first asked for.
type family struct {
	once sync.Once
	done atomic.Bool
	found
	whole []Site // all that was found, where sites are some of them
	part  bool   // sites were looked for in the judged files only
}

// Narrow leaves out the sites of files that are not judged, as if the program had been built to look for sites in those
// only; nil brings all back. What was looked for in some files only is looked for anew. It must not be called while others
// ask for sites, nor on a program that was built for some files.
func (p *Program) Narrow(judged func(file FileID) bool) {
	p.options.Judged = judged
	for _, effect := range Effects() {
		f := &p.sites[effect]
		if !f.done.Load() {
			continue
		}
		if f.part {
			*f = family{}
			continue
		}
		if f.whole == nil {
			f.whole = f.sites
		}
		f.sites = f.whole
		if judged != nil {
			f.sites = slices.Collect(func(yield func(Site) bool) {
				for i := range f.whole {
					if judged(f.whole[i].Func.File) && !yield(f.whole[i]) {
						return
					}
				}
			})
		}
	}
}

// found is what one collector found, in one file or in all.
type found struct {
	sites []Site
	// fault is what the collector panicked with, nil where it did not.
	fault any
}

// collectors finds the sites of each effect in one file. A collector sees the whole program but reports for the
// file it is given, so that files can be taken in parallel.
var collectors = [effects]func(p *Program, eval *Eval, file FileID) []Site{
	Wait:    (*Program).waitSites,
	Acquire: (*Program).acquireSites,
	Block:   (*Program).blockSites,
	Spawn:   (*Program).spawnSites,
	Repeat:  (*Program).repeatSites,
	Write:   (*Program).writeSites,
	Share:   (*Program).shareSites,
	Admit:   (*Program).admitSites,
	Decide:  (*Program).decideSites,
}

// Sites gives every site of an effect in the order of files and positions. The slice belongs to the program. The
// first call for an effect costs a pass over all calls; later ones nothing. A fault of ours in a collector is a panic
// in every call for its effect.
func (p *Program) Sites(effect Effect) []Site {
	f := &p.sites[effect]
	f.once.Do(func() { p.keep(f, p.gather([]Effect{effect})[effect]) })
	if f.fault != nil {
		panic(f.fault)
	}
	return f.sites
}

// Collect finds the sites of all effects. One pass for all is faster than one for each, as the facts of a file are in
// the processor's cache after the first. What was asked for before is not looked for again.
func (p *Program) Collect() {
	var open []Effect
	for _, effect := range Effects() {
		if !p.sites[effect].done.Load() {
			open = append(open, effect)
		}
	}
	if len(open) == 0 {
		return
	}
	all := p.gather(open)
	for _, effect := range open {
		f := &p.sites[effect]
		f.once.Do(func() { p.keep(f, all[effect]) })
	}
}

// IsFaulty says whether a fault of ours hides some of the sites that were looked for.
func (p *Program) IsFaulty() bool {
	for _, effect := range Effects() {
		if f := &p.sites[effect]; f.done.Load() && f.fault != nil {
			return true
		}
	}
	return false
}

func (p *Program) keep(f *family, what found) {
	f.found, f.part = what, p.options.Judged != nil
	f.done.Store(true)
}

// gather runs the collectors of some effects on every file.
func (p *Program) gather(of []Effect) (all [effects]found) {
	byFile := make([][effects]found, len(p.Files))
	p.parallel(func(file FileID) {
		if p.options.Judged != nil && !p.options.Judged(file) {
			return
		}
		eval := p.Eval(file)
		for _, effect := range of {
			*eval = Eval{p: p, home: file, room: eval.room} // what one remembers for itself is not for the next
			byFile[file][effect] = p.sitesIn(eval, effect)
		}
	})
	for _, effect := range of {
		total := &all[effect]
		for file := range byFile {
			one := &byFile[file][effect]
			total.sites = append(total.sites, one.sites...)
			if total.fault == nil {
				total.fault = one.fault
			}
		}
	}
	return all
}

func (p *Program) sitesIn(eval *Eval, effect Effect) (f found) {
	collect := collectors[effect]
	if collect == nil {
		return f
	}
	defer func() {
		if fault := recover(); fault != nil {
			f = found{fault: fault}
		}
	}()
	f.sites = collect(p, eval, eval.home)
	return f
}
