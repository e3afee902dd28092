package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Imported is a module that an import statement names.
type Imported struct {
	// Import is the entry of the file's facts.
	Import int
	// Path is the path of the module without suffix ("src/shop/http") where it lies in the program, else "".
	Path string
	// Dotted is the name as it is written where the module lies outside.
	Dotted string
}

// Home is the import root of a file: the nearest folder around it that is no package.
func (p *Program) Home(file FileID) string { return p.modules.home[file] }

// HasModule says whether a path without suffix is a module, a package or a folder of modules.
func (p *Program) HasModule(path string) bool { return p.modules.exists(path) }

// Imported gives every module that a file imports, also those outside the program, in the order of its import
// statements. "from a import b" names a.b where that is a module, else a.
func (p *Program) Imported(file FileID) []Imported {
	facts := p.Files[file]
	all := make([]Imported, 0, len(facts.Imports))
	for i := range facts.Imports {
		to, name := &p.index[file].imports[i], facts.Text(facts.Imports[i].Name)
		one := Imported{Import: i, Path: to.module, Dotted: to.dotted}
		if inner := join(to.module, name); to.inside && name != "" && name != "*" && p.modules.exists(inner) {
			one.Path = inner
		}
		if !to.inside && name != "" && name != "*" && !strings.HasPrefix(to.dotted, ".") {
			one.Dotted += "." + name
		}
		all = append(all, one)
	}
	return all
}


// StoresTo gives the attributes that the program's code stores to on objects of a class after they are made, in the
// order of files: self.name = value outside of the construction, and the same on any object known to be of the class.
func (p *Program) StoresTo(class Func) []ExprRef {
	var found []ExprRef
	for file := range p.Files {
		eval := p.Eval(FileID(file))
		for i := range p.index[file].stores {
			s := &p.index[file].stores[i]
			if own := s.Class != fact.NoScope; own && eval.constructs(Func{FileID(file), s.Func}) {
				continue
			}
			if eval.storesTo(FileID(file), s, class) {
				found = append(found, ExprRef{FileID(file), s.Target})
			}
		}
	}
	return found
}

func (e *Eval) storesTo(file FileID, s *AttributeStore, class Func) bool {
	if s.Class != fact.NoScope {
		return Func{file, s.Class} == class || e.p.isAncestor(Func{file, s.Class}, class)
	}
	for _, v := range e.Of(ExprRef{file, e.p.Files[file].Exprs[s.Target].A}) {
		if v.Kind == Instance && v.Path == "" && (v.Def == class || e.p.isAncestor(v.Def, class)) {
			return true
		}
	}
	return false
}
