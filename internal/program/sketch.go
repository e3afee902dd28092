package program

import (
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Sketch makes an outline of Edges and Holders only, before sites are looked for. Which modules were stepped to and which
// words imports are made of is then found in the facts when it is asked for, and more is said to be than is: every
// attribute may be one of a module. It costs a pass over the imports.
func (p *Program) Sketch() *Outline {
	o := &Outline{sketch: p, Holders: map[string][]FileID{}, Starts: make([]int32, 1, len(p.Files)+1)}
	all := make([]links, len(p.Files))
	p.parallel(func(file FileID) { all[file] = p.links(file) })
	for file := range all {
		o.add(FileID(file), &all[file])
	}
	return o
}

// IsSketch says whether Asked, Declares and Retries are not known.
func (o *Outline) IsSketch() bool { return o.sketch != nil }

// steps gives whether a file that holds a package may come to one of some modules below it by attributes.
func (o *Outline) steps(modules []string) func(module, dir string) bool {
	if o.sketch == nil {
		return func(module, _ string) bool {
			_, found := slices.BinarySearch(o.Steps, module)
			return found
		}
	}
	written := map[string]bool{}
	for _, module := range modules {
		for part := range strings.SplitSeq(module, "/") {
			written[part] = false
		}
	}
	o.sketch.findAttributes(written)
	return func(module, dir string) bool {
		for part := range strings.SplitSeq(module[len(dir)+1:], "/") {
			if !written[part] {
				return false
			}
		}
		return true
	}
}

// findAttributes says of each of some names whether an attribute is called so anywhere, or may be by getattr.
func (p *Program) findAttributes(names map[string]bool) {
	found := make([][]string, len(p.Files))
	var sizes uint64 // a bit for each size of a name: most strings are none for that
	for name := range names {
		sizes |= 1 << (len(name) & 63)
	}
	p.parallel(func(file FileID) {
		facts := p.Files[file]
		wanted := make([]bool, len(facts.Strings))
		some, byText := false, false
		for i, text := range facts.Strings {
			if sizes>>(len(text)&63)&1 != 0 {
				_, wanted[i] = names[text]
			}
			some, byText = some || wanted[i], byText || text == "getattr"
		}
		if !some {
			return
		}
		for i := range facts.Exprs {
			if x := &facts.Exprs[i]; (x.Kind == fact.Attr || byText && x.Kind == fact.StrConst) && wanted[x.Text] {
				found[file] = append(found[file], facts.Text(x.Text))
				wanted[x.Text] = false
			}
		}
	})
	for _, written := range found {
		for _, name := range written {
			names[name] = true
		}
	}
}

// names is Names of a sketch.
func (p *Program) names(module string) bool {
	name := path.Base(module)
	for _, facts := range p.Files {
		for i := range facts.Imports {
			if facts.Text(facts.Imports[i].Name) == name || slices.Contains(strings.Split(facts.Text(facts.Imports[i].Module), "."), name) {
				return true
			}
		}
	}
	written := map[string]bool{name: false}
	p.findAttributes(written)
	return written[name]
}
