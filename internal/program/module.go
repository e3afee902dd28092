package program

import (
	"path"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// noFile marks an import that leads outside the program, and a namespace package, which has no file.
const noFile FileID = -1

// moduleTable knows where modules live. Modules are named by their path without the ".py" or "/__init__.py", as a
// dotted name depends on the import root while the path does not.
type moduleTable struct {
	files map[string]FileID          // "src/shop/http", "src/shop" (its __init__)
	dirs  map[string]struct{}        // every folder that holds Python files, directly or below
	roots []string                   // folders that hold top-level packages or modules, shortest first
	home  []string                   // by file: the import root the file itself lives under
	known *table[importName, target] // what was resolved before: most names are imported by many files
	watch *watch                     // over the files that are not loaded
}

// target is what an import names: a module of the program, or a dotted path outside it.
type target struct {
	inside bool
	module string // path without suffix, when inside
	file   FileID // of the module, when inside; noFile for a namespace package
	dotted string // when outside
}

// importName is a module as an import statement names it, from a folder: that of the file for a relative import, else the
// import root of the file.
type importName struct {
	from   string
	dotted string
	level  uint32
}

// newModuleTable finds the modules of all files; those of a program with the same paths are taken over.
func newModuleTable(files []*fact.File, like *Program) moduleTable {
	if like != nil {
		t := like.modules
		t.watch = newWatch(files)
		return t
	}
	t := moduleTable{
		files: make(map[string]FileID, len(files)), dirs: map[string]struct{}{}, home: make([]string, len(files)),
		known: new(table[importName, target]),
	}
	for i, file := range files {
		name, ok := ModulePath(file.Path)
		if !ok {
			continue
		}
		if old, taken := t.files[name]; !taken || isInit(files[i].Path) || !isInit(files[old].Path) {
			t.files[name] = FileID(i)
		}
		for dir := path.Dir(file.Path); ; dir = path.Dir(dir) {
			if dir == "." {
				dir = ""
			}
			if _, seen := t.dirs[dir]; seen {
				break
			}
			t.dirs[dir] = struct{}{}
			if dir == "" {
				break
			}
		}
	}
	t.findRoots(files)
	t.watch = newWatch(files)
	return t
}

// findRoots takes as an import root every folder that is no package and holds a module or package.
func (t *moduleTable) findRoots(files []*fact.File) {
	seen := map[string]bool{}
	for i, file := range files {
		dir := parent(file.Path)
		for t.isPackage(dir) && dir != "" {
			dir = parent(dir)
		}
		t.home[i] = dir
		if !seen[dir] {
			seen[dir] = true
			t.roots = append(t.roots, dir)
		}
	}
}

func (t *moduleTable) isPackage(dir string) bool {
	_, ok := t.files[dir]
	return ok
}

// ModulePath is the path by which the module of a file is known: without its suffix, a package by its folder
// ("src/shop/web/pay", "src/shop"). ok is false where the file is no module.
func ModulePath(file string) (module string, ok bool) {
	name, ok := strings.CutSuffix(file, ".py")
	if !ok {
		if name, ok = strings.CutSuffix(file, ".pyi"); !ok {
			return "", false
		}
	}
	if base := path.Base(name); base == "__init__" {
		return parent(name), true
	}
	return name, true
}

func isInit(file string) bool { return path.Base(file) == "__init__.py" }

func parent(name string) string { return name[:max(strings.LastIndexByte(name, '/'), 0)] }

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	if name == "" {
		return dir
	}
	return dir + "/" + name
}

// exists says whether name is a module, a package or a folder of modules.
func (t *moduleTable) exists(name string) bool {
	if _, ok := t.files[name]; ok {
		return true
	}
	_, ok := t.dirs[name]
	return ok
}

// file gives the file of a module, noFile for a namespace package.
func (t *moduleTable) file(name string) FileID {
	id, ok := t.files[name]
	if !ok {
		return noFile
	}
	return t.opened(id)
}

// opened gives the file that evaluation comes to, noFile where there is none or it is not loaded.
func (t *moduleTable) opened(id FileID) FileID {
	if id == noFile || t.watch.present(id) {
		return id
	}
	return noFile
}

// resolveAll finds what each import of a file names, in the order of file.Imports.
func (t *moduleTable) resolveAll(id FileID, file *fact.File, known *catalog.Resolved) []target {
	targets := make([]target, len(file.Imports))
	for i := range file.Imports {
		name := importName{t.home[id], file.Text(file.Imports[i].Module), uint32(file.Imports[i].Level)}
		if name.level > 0 {
			name.from = parent(file.Path)
		}
		hash := hashName(uint64(hashName(uint64(name.level), name.from)), name.dotted)
		found := t.known.get(hash, name)
		if found == nil {
			found = t.known.put(hash, name, t.resolve(name, known))
		}
		targets[i] = *found
	}
	return targets
}

// resolve finds what an import names.
func (t *moduleTable) resolve(name importName, known *catalog.Resolved) target {
	found := target{}
	if name.level > 0 {
		found = t.relative(name.from, int(name.level), name.dotted)
	} else {
		found = t.absolute(name.from, name.dotted, known)
	}
	found.file = noFile
	if id, ok := t.files[found.module]; ok && found.inside {
		found.file = id
	}
	return found
}

func (t *moduleTable) relative(dir string, level int, dotted string) target {
	for range level - 1 {
		dir = parent(dir)
	}
	name := join(dir, strings.ReplaceAll(dotted, ".", "/"))
	if t.exists(name) {
		return target{inside: true, module: name}
	}
	return target{dotted: strings.Repeat(".", level) + dotted}
}

// absolute looks for a module below the import root of the importing file, then below the folders around it, then
// below every other root. The last step is left out for names of the standard library and of catalogued libraries,
// where a file of the same name elsewhere in the tree is more likely a coincidence than the module meant.
func (t *moduleTable) absolute(home, dotted string, known *catalog.Resolved) target {
	slashed := strings.ReplaceAll(dotted, ".", "/")
	first, rest, _ := strings.Cut(slashed, "/")
	for dir := home; ; dir = parent(dir) {
		if t.reaches(dir, first, slashed) {
			return target{inside: true, module: join(dir, slashed)}
		}
		if dir == "" {
			break
		}
	}
	if isLibrary(first, known) {
		return target{dotted: dotted}
	}
	for _, root := range t.roots {
		if t.reaches(root, first, slashed) {
			return target{inside: true, module: join(root, slashed)}
		}
	}
	// The root given may itself be the package, so that its own name stands on no folder of the tree.
	if t.isPackage("") && rest != "" && t.exists(rest) {
		return target{inside: true, module: rest}
	}
	return target{dotted: dotted}
}

// reaches says whether the module exists below root. A bare folder counts only when the whole path leads somewhere.
func (t *moduleTable) reaches(root, first, slashed string) bool {
	if !t.exists(join(root, first)) {
		return false
	}
	return t.exists(join(root, slashed))
}

func isLibrary(first string, known *catalog.Resolved) bool {
	return isStandardLibrary(first) || known != nil && known.Imports(first)
}
