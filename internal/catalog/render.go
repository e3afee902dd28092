package catalog

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Render writes what is known of one library, by the name of its distribution ("requests"), of one of its modules
// ("asyncio.tasks") or of one entry ("asyncio.wait_for"), in tables; with an empty name it lists all libraries. A name
// that nothing is known of is an error that gives the nearest one that is.
func (r *Resolved) Render(w io.Writer, name string) error {
	if name == "" {
		return r.renderList(w)
	}
	libraries := r.find(name)
	if len(libraries) == 0 {
		if e := r.Lookup(name); e != nil {
			return r.renderEntries(w, e.Library, []*Entry{e})
		}
		return fmt.Errorf("catalog: nothing is known of %q%s", name, text.Suggest(name, r.names()))
	}
	for i, lib := range libraries {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := r.renderEntries(w, lib, r.Entries(lib)); err != nil {
			return err
		}
	}
	return nil
}

// find gives the libraries of a distribution, or the one with a module of that name.
func (r *Resolved) find(name string) []*Library {
	var found []*Library
	normal := NormalName(name)
	for _, lib := range r.all() {
		if NormalName(lib.Name) == normal || slices.ContainsFunc(lib.Also, func(also string) bool { return NormalName(also) == normal }) {
			found = append(found, lib)
		}
	}
	if len(found) == 0 {
		for _, lib := range r.all() {
			if slices.Contains(lib.Imports, name) || lib.Homes[name] != "" {
				found = append(found, lib)
			}
		}
	}
	return found
}

func (r *Resolved) all() []*Library {
	libraries := slices.Clone(r.catalog.libraries)
	if r.catalog.user != nil {
		libraries = append(libraries, r.catalog.user)
	}
	return libraries
}

// names gives every name that Render takes for a library.
func (r *Resolved) names() []string {
	var names []string
	for _, lib := range r.all() {
		names = append(append(append(names, lib.Name), lib.Also...), lib.Imports...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (r *Resolved) renderList(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LIBRARY\tVERSION\tCHECKED\tENTRIES\tMODULES")
	libraries := r.all()
	slices.SortStableFunc(libraries, func(a, b *Library) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	for _, lib := range libraries {
		modules := strings.Join(lib.Imports, ", ")
		if len(lib.Imports) > 4 {
			modules = strings.Join(lib.Imports[:3], ", ") + fmt.Sprintf(" and %d more", len(lib.Imports)-3)
		}
		version, _ := r.Version(lib)
		if version == "" {
			version = "newest"
		}
		name := lib.Name
		if lib.Title != "" {
			name += ": " + lib.Title
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", name, version, lib.Checked, len(r.Entries(lib)), modules)
	}
	return table.Flush()
}

func (r *Resolved) renderEntries(w io.Writer, lib *Library, entries []*Entry) error {
	title := lib.Name
	if lib.Title != "" {
		title += ": " + lib.Title
	}
	fmt.Fprintln(w, title)
	fmt.Fprintf(w, "  %s\n", r.selected(lib))
	if lib.Checked != "" {
		fmt.Fprintf(w, "  read from %s, version %s\n", lib.Source, lib.Checked)
	}
	for _, section := range sections {
		rows := section.rows(entries)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s\n", section.title)
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			fmt.Fprintf(table, "  %s\n", strings.Join(row, "\t"))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// selected says by which version the rows were chosen.
func (r *Resolved) selected(lib *Library) string {
	switch version, exact := r.Version(lib); {
	case version == "":
		return "version unknown: the newest rows are used"
	case exact:
		return "rows for version " + version
	default:
		return "version not pinned: rows for the newest one allowed, " + version
	}
}

// section is one table of Render, of the entries that have something to say in it.
type section struct {
	title string
	cells func(e *Entry) []string // nil where the entry does not belong here
}

// rows gives the cells of the section: path, what the section says, source.
func (s section) rows(entries []*Entry) [][]string {
	var rows [][]string
	for _, e := range entries {
		cells := s.cells(e)
		if cells == nil {
			continue
		}
		path := e.Path
		if e.Async {
			path = "await " + path
		}
		rows = append(rows, append(append([]string{path}, cells...), e.Source))
	}
	return rows
}
