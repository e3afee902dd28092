package cli

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/catalog"
)

func (p *program) catalogCommand() *cobra.Command {
	var requirements string
	c := &cobra.Command{
		Use:   "catalog [LIBRARY]",
		Short: "Print what is known of a library: defaults, effects, and where each fact comes from",
		Long: `Catalog prints the rows about a library, a module or one name in it, with those of your configuration, for the newest
version or the one that --requirements names. Without LIBRARY it lists the libraries.`,
		Example: `  tiebeam catalog
  tiebeam catalog httpx
  tiebeam catalog redis --requirements requirements.txt`,
		Args: atMost("LIBRARY"),
		RunE: func(_ *cobra.Command, args []string) error { return p.catalog(requirements, strings.Join(args, "")) },
	}
	c.Flags().StringVar(&requirements, "requirements", "", "`file` that names the installed versions")
	return c
}

func (p *program) catalog(requirements, name string) error {
	found, _, err := configuration(".", "")
	if err != nil {
		return err
	}
	known := catalog.Builtin()
	if len(found.Catalog) > 0 {
		if known, err = known.Extend(found.File, found.Catalog); err != nil {
			return err
		}
	}
	installed, err := versions(requirements)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := known.With(installed).Render(&out, name); err != nil {
		return usage("%s", strings.TrimPrefix(fmt.Sprint(err), "catalog: "))
	}
	return p.print(out.String())
}
