package program

import "sync"

// family is the sites of one effect, found when they are first asked for.
type family struct {
	once  sync.Once
	sites []Site
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
// first call for an effect costs a pass over all calls; later ones nothing.
func (p *Program) Sites(effect Effect) []Site {
	f := &p.sites[effect]
	f.once.Do(func() {
		collect := collectors[effect]
		if collect == nil {
			return
		}
		byFile := make([][]Site, len(p.Files))
		p.parallel(func(file FileID) { byFile[file] = collect(p, p.Eval(file), file) })
		for _, sites := range byFile {
			f.sites = append(f.sites, sites...)
		}
	})
	return f.sites
}
