package catalog

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// maxBases bounds a walk up base classes and aliases, so that a circle in user rows ends.
const maxBases = 16

// Resolved is a catalogue seen with the versions of one project: of the rows for a path only the one that holds is
// left, with only the defaults that hold. It is immutable and safe for concurrent use; a library costs something
// only once a path in it is looked up.
type Resolved struct {
	catalog  *Catalog
	versions map[string]string
	shelves  map[*Library]*shelf
}

// shelf holds the entries of one library for the project's version, by path and alias.
type shelf struct {
	once    sync.Once
	entries map[string]*Entry
	methods map[string][]string // sorted names of the direct members of a class
	named   sync.Map            // path → *Entry: the names that a "C.*" row was asked for
}

// wildcard gives the entry of path by the row for every member of owner, under the path's own name; nil without one.
func (s *shelf) wildcard(owner, path string) *Entry {
	row := s.entries[owner+".*"]
	if row == nil {
		return nil
	}
	if entry, ok := s.named.Load(path); ok {
		return entry.(*Entry)
	}
	one := *row
	one.Path = path
	entry, _ := s.named.LoadOrStore(path, &one)
	return entry.(*Entry)
}

// With selects the rows that hold for the installed versions, by distribution name: an exact version ("7.4.1"), or
// "<8" or "<=8" where only an upper bound is known. A library without an entry counts as the newest.
// Names need not be normalised. An unreadable version counts as unknown.
func (c *Catalog) With(versions map[string]string) *Resolved {
	r := &Resolved{
		catalog:  c,
		versions: make(map[string]string, len(versions)),
		shelves:  make(map[*Library]*shelf, len(c.libraries)+1),
	}
	for name, version := range versions {
		r.versions[NormalName(name)] = version
	}
	for _, lib := range c.libraries {
		r.shelves[lib] = &shelf{}
	}
	if c.user != nil {
		r.shelves[c.user] = &shelf{}
	}
	return r
}

// Version gives the version by which rows of lib were selected: its number, or a bound ("<8"); exact is false where it
// was only bounded or, with an empty version, where nothing is known and the newest rows are used.
func (r *Resolved) Version(lib *Library) (version string, exact bool) {
	for _, name := range append([]string{lib.Name}, lib.Also...) {
		if v := r.versions[NormalName(name)]; v != "" {
			return v, v[0] != '<'
		}
	}
	return "", false
}

// Lookup finds the entry of a canonical or alias path, nil where nothing is known. A method that a class has from one
// of its bases is found under the class ("requests_cache.CachedSession.get"); a row "C.*" stands for every public
// member of the class or module C that has no row of its own. A name without a dot is a module or a builtin.
func (r *Resolved) Lookup(path string) *Entry { return r.lookup(path, 0) }

func (r *Resolved) lookup(path string, depth int) *Entry {
	if depth > maxBases {
		return nil
	}
	if user := r.catalog.user; user != nil {
		if e := r.shelf(user).entries[path]; e != nil {
			return e
		}
	}
	lib := r.catalog.home(path)
	if lib == nil {
		if _, inner, vendored := strings.Cut(path, "._vendor."); vendored {
			return r.lookup(inner, depth+1) // a copy that another package brings along: pip._vendor.requests
		}
		if _, inner, generated := strings.Cut(path, "_pb2_grpc."); generated {
			if stub, method, _ := strings.Cut(inner, "."); strings.HasSuffix(stub, "Stub") { // made from a .proto file
				return r.lookup(strings.TrimSuffix("grpc.Stub."+method, "."), depth+1)
			}
			return nil
		}
		if strings.IndexByte(path, '.') < 0 {
			return r.lookup("builtins."+path, depth+1)
		}
		if r.catalog.user == nil {
			return nil
		}
		return r.inherited(path, depth)
	}
	if e := r.shelf(lib).entries[path]; e != nil {
		return e
	}
	if elsewhere := lib.elsewhere(path); elsewhere != "" {
		return r.lookup(elsewhere, depth+1)
	}
	return r.inherited(path, depth)
}

// inherited looks for the last segment of path as a method of the class named by the rest.
func (r *Resolved) inherited(path string, depth int) *Entry {
	dot := strings.LastIndexByte(path, '.')
	if dot <= 0 {
		return nil
	}
	name := path[dot+1:]
	owner := r.lookup(path[:dot], depth+1)
	if owner == nil || !owner.Class {
		if lib := r.catalog.home(path); lib != nil && !strings.HasPrefix(name, "_") {
			return r.shelf(lib).wildcard(path[:dot], path)
		}
		return nil
	}
	if owner.Path != path[:dot] {
		return r.lookup(owner.Path+"."+name, depth+1)
	}
	for _, base := range owner.Bases {
		if e := r.lookup(base+"."+name, depth+1); e != nil {
			return e
		}
	}
	if strings.HasPrefix(name, "_") {
		return nil
	}
	return r.shelf(owner.Library).wildcard(owner.Path, path)
}

// elsewhere rewrites a path whose module is only another home of the names it holds; "" where it is not.
func (lib *Library) elsewhere(path string) string {
	for module := path; module != ""; {
		if home, ok := lib.Homes[module]; ok {
			return home + path[len(module):]
		}
		module = module[:max(strings.LastIndexByte(module, '.'), 0)]
	}
	return ""
}

// Class finds the entry of a class, nil where path names none.
func (r *Resolved) Class(path string) *Entry {
	if e := r.Lookup(path); e != nil && e.Class {
		return e
	}
	return nil
}

// IsA says whether the class named by path is the class ancestor or derives from it, as far as the rows tell.
func (r *Resolved) IsA(path, ancestor string) bool {
	if target := r.Class(ancestor); target != nil {
		ancestor = target.Path
	}
	return r.isA(path, ancestor, 0)
}

func (r *Resolved) isA(path, ancestor string, depth int) bool {
	if path == ancestor {
		return true
	}
	class := r.Class(path)
	if class == nil || depth > maxBases {
		return false
	}
	return class.Path == ancestor || slices.ContainsFunc(class.Bases, func(base string) bool {
		return r.isA(base, ancestor, depth+1)
	})
}

// Methods gives the entries of the methods and other members of a class, those of its bases included, sorted by name.
// Cost: linear in the members of the class and its bases.
func (r *Resolved) Methods(class string) []*Entry {
	found := map[string]*Entry{}
	r.collect(class, found, 0)
	entries := make([]*Entry, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		entries = append(entries, found[name])
	}
	return entries
}

func (r *Resolved) collect(path string, found map[string]*Entry, depth int) {
	class := r.Class(path)
	if class == nil || depth > maxBases {
		return
	}
	shelf := r.shelf(class.Library)
	for _, name := range shelf.methods[class.Path] {
		if _, hidden := found[name]; !hidden {
			found[name] = shelf.entries[class.Path+"."+name]
		}
	}
	for _, base := range class.Bases {
		r.collect(base, found, depth+1)
	}
}

// Entries gives the entries of lib that hold for the project's version, sorted by path; an alias has none of its own.
func (r *Resolved) Entries(lib *Library) []*Entry {
	shelf := r.shelf(lib)
	entries := make([]*Entry, 0, len(shelf.entries))
	for path, e := range shelf.entries {
		if path == e.Path {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b *Entry) int { return strings.Compare(a.Path, b.Path) })
	return entries
}

func (r *Resolved) shelf(lib *Library) *shelf {
	s := r.shelves[lib]
	if s == nil {
		return &shelf{}
	}
	s.once.Do(func() { s.fill(r, lib) })
	return s
}

func (s *shelf) fill(r *Resolved, lib *Library) {
	// Rows that cannot be read are a fault of the build: Builtin's data is read by a test, Extend reads its rows itself.
	rows, _ := lib.entries(r.catalog)
	number, _ := r.Version(lib)
	version := selector(number)
	s.entries = make(map[string]*Entry, 2*len(rows))
	s.methods = map[string][]string{}
	for _, row := range rows {
		if version.within(row.Since, row.Until) {
			s.entries[row.Path] = row.at(version)
		}
	}
	for _, row := range rows {
		entry := s.entries[row.Path]
		for _, alias := range row.Aliases {
			if entry != nil && s.entries[alias] == nil {
				s.entries[alias] = entry
			}
		}
	}
	for path, entry := range s.entries {
		dot := strings.LastIndexByte(path, '.')
		if dot < 0 || path != entry.Path {
			continue
		}
		if owner := s.entries[path[:dot]]; owner != nil && owner.Class {
			s.methods[path[:dot]] = append(s.methods[path[:dot]], path[dot+1:])
			s.entries[path] = entry.deferTo(owner)
		}
	}
	for _, names := range s.methods {
		slices.Sort(names)
	}
}

// at gives the entry with only the defaults that hold for the version.
func (e *Entry) at(version selection) *Entry {
	deadline, bound := e.Deadline, e.Bound
	if deadline != nil && len(deadline.Defaults) > 0 {
		kept := *deadline
		kept.Defaults = slices.DeleteFunc(slices.Clone(deadline.Defaults), func(d Default) bool {
			return !version.within(d.Since, d.Until)
		})
		deadline = &kept
	}
	if bound != nil && len(bound.Defaults) > 0 {
		kept := *bound
		kept.Defaults = slices.DeleteFunc(slices.Clone(bound.Defaults), func(d Count) bool {
			return !version.within(d.Since, d.Until)
		})
		bound = &kept
	}
	if deadline == e.Deadline && bound == e.Bound {
		return e
	}
	one := *e
	one.Deadline, one.Bound = deadline, bound
	return &one
}

// deferTo gives a method whose deadline is its receiver's the defaults of the receiver's class, where it has none.
func (e *Entry) deferTo(class *Entry) *Entry {
	if e.Deadline == nil || !e.Deadline.Receiver || len(e.Deadline.Defaults) > 0 || class.Deadline == nil {
		return e
	}
	one, deadline := *e, *e.Deadline
	deadline.Defaults, deadline.Global = class.Deadline.Defaults, deadline.Global || class.Deadline.Global
	one.Deadline = &deadline
	return &one
}

// Imports says whether root, a top-level module name, belongs to a catalogued library.
func (r *Resolved) Imports(root string) bool {
	return r.catalog.shared[root] || r.catalog.modules[root] != nil
}
