package program

import (
	"slices"
	"strings"
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

// Module is a file's path without ".py" and "/__init__.py", by which its module is told from every other.
func (p *Program) Module(file FileID) string {
	name, _ := ModulePath(p.Files[file].Path)
	return name
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

// ImportsBelow says whether a file imports a part of the program: a module, or one of those below a package.
func (p *Program) ImportsBelow(file FileID, part string) bool {
	return slices.ContainsFunc(p.Imported(file), func(i Imported) bool { return i.Path != "" && IsBelow(i.Path, part) })
}

// IsBelow says whether the path of a module is that of a part of the program, or below it.
func IsBelow(module, part string) bool {
	return module == part || strings.HasPrefix(module, part) && module[len(part)] == '/'
}

// IsStandardLibrary says whether a dotted name begins with a module of Python's standard library.
func IsStandardLibrary(dotted string) bool {
	first, _, _ := strings.Cut(dotted, ".")
	return isStandardLibrary(first) || strings.HasPrefix(first, "_")
}
