package catalog

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

//go:embed data/*.toml
var data embed.FS

// Catalog is a set of libraries with all their rows, for every version. It is immutable and safe for concurrent use;
// the rows of a library are decoded when they are first asked for.
type Catalog struct {
	libraries []*Library
	named     map[string]*Library // by file name without extension
	modules   map[string]*Library // by imported module
	shared    map[string]bool     // first segments that several libraries share ("google")
	user      *Library            // rows of the configuration, or nil
}

var builtin = sync.OnceValue(func() *Catalog {
	c, err := load(data)
	if err != nil {
		// The data is part of the binary and a test reads all of it: this is a fault of the build, not of the input.
		panic("catalog: " + err.Error())
	}
	return c
})

// Builtin gives the catalogue embedded in the binary. The first call reads the headers of its files (a few
// milliseconds); later calls cost nothing.
func Builtin() *Catalog { return builtin() }

func load(files fs.FS) (*Catalog, error) {
	names, err := fs.Glob(files, "data/*.toml")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	c := &Catalog{named: map[string]*Library{}, modules: map[string]*Library{}, shared: map[string]bool{}}
	firsts := map[string]*Library{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		lib, err := openLibrary(name, text)
		if err != nil {
			return nil, err
		}
		c.libraries = append(c.libraries, lib)
		c.named[strings.TrimSuffix(strings.TrimPrefix(name, "data/"), ".toml")] = lib
		for _, module := range lib.Imports {
			if other := c.modules[module]; other != nil {
				return nil, fmt.Errorf("%s: module %q is also a module of %s", name, module, other.file)
			}
			c.modules[module] = lib
			first, _, _ := strings.Cut(module, ".")
			if other := firsts[first]; other != nil && other != lib || first != module {
				c.shared[first] = true
			}
			firsts[first] = lib
		}
	}
	return c, nil
}

// Libraries gives the libraries of the catalogue, sorted by file name. The slice must not be changed.
func (c *Catalog) Libraries() []*Library { return c.libraries }

// home finds the library whose modules the dotted path belongs to, or nil. The longest module wins.
func (c *Catalog) home(path string) *Library {
	first, _, dotted := strings.Cut(path, ".")
	if !dotted || !c.shared[first] {
		return c.modules[first]
	}
	for path != "" {
		if lib := c.modules[path]; lib != nil {
			return lib
		}
		path = path[:max(strings.LastIndexByte(path, '.'), 0)]
	}
	return nil
}
