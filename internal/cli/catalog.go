package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/text"
)

func (p *program) catalogCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "catalog [LIBRARY]",
		Short: "Print what is known of a library: defaults, effects, and where each fact comes from",
		Long:  "Catalog prints the rows about a library, in the form that [[catalog]] tables of your configuration have. Without\nLIBRARY it lists the libraries.",
		Example: `  tiebeam catalog
  tiebeam catalog httpx`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			known := catalog.Builtin().With(nil)
			if len(args) == 0 {
				return p.print(listLibraries(known))
			}
			rows, err := libraryRows(known, args[0])
			if err != nil {
				return err
			}
			return p.print(rows)
		},
	}
}

func listLibraries(known *catalog.Resolved) string {
	var out strings.Builder
	for _, lib := range catalog.Builtin().Libraries() {
		name := lib.Name
		if lib.Title != "" {
			name += " (" + lib.Title + ")"
		}
		fmt.Fprintf(&out, "%-36s %-10s %4d rows  %s\n", name, lib.Checked, len(known.Entries(lib)), lib.Source)
	}
	return out.String()
}

// libraryRows prints every part of a library.
func libraryRows(known *catalog.Resolved, name string) (string, error) {
	var out strings.Builder
	var names []string
	for _, lib := range catalog.Builtin().Libraries() {
		names = append(names, lib.Name)
		if !answersTo(lib, name) {
			continue
		}
		fmt.Fprintf(&out, "# %s, read from version %s: %s\n", strings.Join(lib.Imports, ", "), lib.Checked, lib.Source)
		for _, entry := range known.Entries(lib) {
			row, err := toml.Marshal(entry)
			if err != nil {
				return "", fmt.Errorf("row %s: %w", entry.Path, err)
			}
			out.WriteString("\n[[catalog]]\n" + string(row))
		}
		out.WriteByte('\n')
	}
	if out.Len() == 0 {
		return "", usage("nothing is known of %q%s (`tiebeam catalog` lists the libraries)", name, text.Suggest(name, names))
	}
	return out.String(), nil
}

func answersTo(lib *catalog.Library, name string) bool {
	normal := catalog.NormalName(name)
	return catalog.NormalName(lib.Name) == normal || slices.Contains(lib.Imports, name) ||
		slices.ContainsFunc(lib.Also, func(other string) bool { return catalog.NormalName(other) == normal })
}
