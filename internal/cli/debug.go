package cli

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/extract"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/dump"
	"github.com/tiebeam/tiebeam/internal/python/parse"
	"github.com/tiebeam/tiebeam/internal/source"
)

func (p *program) debugCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "debug",
		Short: "Look at what tiebeam reads",
		Args:  subcommand,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.astCommand(), p.debugFactsCommand())
	return c
}

func (p *program) astCommand() *cobra.Command {
	var version string
	c := &cobra.Command{
		Use:     "ast FILE",
		Short:   "Print the syntax tree as CPython's ast.dump(ast.parse(source), include_attributes=True) does",
		Example: "  tiebeam debug ast app.py --python 3.13",
		Args:    exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			grammar, err := pythonVersion(version)
			if err != nil {
				return err
			}
			file, err := readSource(args[0])
			if err != nil {
				return err
			}
			tree := ast.NewTree(ast.NewNames())
			parse.File(tree, file.Text, parse.Options{Version: grammar})
			if found := tree.Diagnostics(); len(found) > 0 {
				line, column := file.Position(found[0].Pos)
				return fmt.Errorf("%s:%d:%d: %s", args[0], line, column, found[0].Message)
			}
			out := bufio.NewWriter(p.stdout)
			if err := dump.Write(out, tree, grammar); err != nil {
				return err
			}
			out.WriteByte('\n')
			return p.flush(out)
		},
	}
	c.Flags().StringVar(&version, "python", fmt.Sprintf("3.%d", parse.Newest), "the `version` of Python whose grammar and output to follow")
	return c
}

func (p *program) debugFactsCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "facts FILE",
		Short:   "Print the facts of a file: scopes, names, statements and expressions as every rule sees them",
		Example: "  tiebeam debug facts app.py",
		Args:    exactly("FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := readSource(args[0])
			if err != nil {
				return err
			}
			out := bufio.NewWriter(p.stdout)
			if err := fact.Print(out, extract.New().Extract(args[0], file.Text)); err != nil && !closedPipe(err) {
				return err
			}
			return p.flush(out)
		},
	}
}

func (p *program) flush(out *bufio.Writer) error {
	if err := out.Flush(); err != nil && !closedPipe(err) {
		return err
	}
	return nil
}

func readSource(name string) (*source.File, error) {
	raw, err := readNamed(name, source.DefaultMaxBytes)
	if err != nil {
		return nil, err
	}
	return source.New(name, raw, source.DefaultMaxBytes)
}

// pythonVersion reads "3.13".
func pythonVersion(version string) (parse.Version, error) {
	minor, ok := strings.CutPrefix(version, "3.")
	number, err := strconv.ParseUint(minor, 10, 8)
	if !ok || err != nil || parse.Version(number) < parse.Oldest || parse.Version(number) > parse.Newest {
		return 0, usage("--python %q: expected 3.%d to 3.%d", version, parse.Oldest, parse.Newest)
	}
	return parse.Version(number), nil
}
