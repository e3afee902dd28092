package catalog

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"
)

// Library is one data file: a distribution, or a part of the standard library under the name "python".
type Library struct {
	// Name is the normalised name of the distribution, as a lock file spells it.
	Name string `toml:"name"`
	// Title says what a part of a larger distribution is about ("asyncio" of "python"); empty for a whole one.
	Title string `toml:"title"`
	// Also are names of other distributions with the same modules (psycopg2-binary).
	Also []string `toml:"also"`
	// Imports are the modules the rows speak of; every path of a row starts with one of them.
	Imports []string `toml:"imports"`
	// Checked is the version whose source the rows were read from.
	Checked string `toml:"checked"`
	// Source is where that source is found.
	Source string `toml:"source"`
	// Homes are modules in which the names of another module are defined or can be found as well:
	// "requests.api" = "requests" makes requests.api.get the same as requests.get.
	Homes map[string]string `toml:"homes"`
	// Like names a library whose rows hold for this one too, with its import root in the place of the other's.
	Like string `toml:"like"`
	// Opaque are classes that rows mention and of which nothing more is known.
	Opaque []string `toml:"opaque"`

	file string
	text []byte
	once sync.Once
	rows []*Entry
	err  error
}

// body is what follows the header of a data file.
type body struct {
	Library    Library             `toml:"library"`
	Entry      []*Entry            `toml:"entry"`
	Exceptions map[string][]string `toml:"exceptions"`
}

// openLibrary reads the header of a data file and leaves the rows for later.
func openLibrary(file string, text []byte) (*Library, error) {
	head := text
	for _, start := range []string{"\n[[entry]]", "\n[exceptions]"} {
		if end := bytes.Index(head, []byte(start)); end >= 0 {
			head = head[:end]
		}
	}
	var b body
	if err := decodeStrict(head, &b); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	lib := &Library{
		Name: b.Library.Name, Title: b.Library.Title, Also: b.Library.Also, Imports: b.Library.Imports,
		Checked: b.Library.Checked, Source: b.Library.Source, Homes: b.Library.Homes, Like: b.Library.Like,
		Opaque: b.Library.Opaque, file: file, text: text,
	}
	return lib, nil
}

// entries decodes the rows once and gives them; every path of a row that speaks of several has an entry of its own.
// It is safe for concurrent use; the entries must not be changed.
func (lib *Library) entries(c *Catalog) ([]*Entry, error) {
	lib.once.Do(func() { lib.rows, lib.err = lib.decode(c) })
	return lib.rows, lib.err
}

func (lib *Library) decode(c *Catalog) ([]*Entry, error) {
	var b body
	if err := decodeStrict(lib.text, &b); err != nil {
		return nil, fmt.Errorf("%s: %w", lib.file, err)
	}
	var rows []*Entry
	if lib.Like != "" {
		model := c.named[lib.Like]
		if model == nil {
			return nil, fmt.Errorf("%s: like: there is no library %q", lib.file, lib.Like)
		}
		likeRows, err := model.entries(c)
		if err != nil {
			return nil, err
		}
		rows = lib.adopt(likeRows, model.Imports[0])
	}
	for _, row := range b.Entry {
		rows = append(rows, row.split(lib)...)
	}
	for _, name := range slices.Sorted(maps.Keys(b.Exceptions)) {
		rows = append(rows, &Entry{
			Path: name, Source: lib.Source, Class: true, Bases: b.Exceptions[name],
			Role: []string{RoleException}, Library: lib,
		})
	}
	return rows, nil
}

// split gives one entry for each path of the row.
func (e *Entry) split(lib *Library) []*Entry {
	e.Library = lib
	if len(e.Paths) == 0 {
		return []*Entry{e}
	}
	var entries []*Entry
	for _, path := range e.Paths {
		one := *e
		one.Path, one.Paths = path, nil
		entries = append(entries, &one)
	}
	if e.Path != "" {
		one := *e
		one.Paths = nil
		entries = append(entries, &one)
	}
	return entries
}

// adopt copies the rows of another library with the import root from replaced by this library's own.
func (lib *Library) adopt(rows []*Entry, from string) []*Entry {
	rename := func(path string) string {
		if rest, ok := strings.CutPrefix(path, from); ok && (rest == "" || rest[0] == '.') {
			return lib.Imports[0] + rest
		}
		return path
	}
	renameAll := func(paths []string) []string {
		renamed := make([]string, len(paths))
		for i, path := range paths {
			renamed[i] = rename(path)
		}
		return renamed
	}
	adopted := make([]*Entry, 0, len(rows))
	for _, row := range rows {
		if row.Until != "" {
			continue
		}
		one := *row
		one.Library, one.Since = lib, ""
		one.Path, one.Aliases, one.Bases = rename(row.Path), renameAll(row.Aliases), renameAll(row.Bases)
		one.Returns, one.Enters = rename(row.Returns), rename(row.Enters)
		if row.Attributes != nil {
			one.Attributes = make(map[string]string, len(row.Attributes))
			for name, class := range row.Attributes {
				one.Attributes[name] = rename(class)
			}
		}
		adopted = append(adopted, &one)
	}
	return adopted
}

// decodeStrict decodes TOML and refuses keys that into has no field for, naming the line.
func decodeStrict(text []byte, into any) error {
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return tomlError(decoder.Decode(into), reflect.TypeOf(into))
}
