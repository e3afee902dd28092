package program

import "github.com/tiebeam/tiebeam/internal/catalog"

// libraries remembers what the catalogue knows of dotted paths, as the same few are asked for again and again.
type libraries struct {
	entries table[string, *catalog.Entry]
	members table[memberName, member]
}

// memberName is what stands on both sides of the last dot of a path.
type memberName struct{ owner, name string }

// member is a name in a module or class outside the program.
type member struct {
	// path is canonical.
	path string
	// value is the path as what it is of itself.
	value []Value
	// class is the class of the attribute of an instance of owner, "" where that is not known.
	class string
}

// entry is Catalog.Lookup, remembered.
func (p *Program) entry(path string) *catalog.Entry {
	hash := hashName(0, path)
	if known := p.libraries.entries.get(hash, path); known != nil {
		return *known
	}
	return *p.libraries.entries.put(hash, path, p.Catalog.Lookup(path))
}

// member gives what is known of a name in a module or class outside the program. It belongs to the program.
func (p *Program) member(owner, name string) *member {
	key := memberName{owner, name}
	hash := hashName(uint64(hashName(0, owner)), name)
	if known := p.libraries.members.get(hash, key); known != nil {
		return known
	}
	m := member{path: owner + "." + name}
	if entry := p.entry(m.path); entry != nil {
		m.path = entry.Path
	}
	if entry := p.entry(owner); entry != nil {
		m.class = entry.Attributes[name]
	}
	m.value = []Value{{Kind: External, Path: m.path}}
	return p.libraries.members.put(hash, key, m)
}
