package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// adrFormats are the forms of the list of records.
var adrFormats = []string{"text", "json"}

func (p *program) adrCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "adr",
		Short: "Decision records: write one, list them, hold the code against them",
		Long: `Adr is about decision records: Markdown files with a number and a status, in the folder that the option decisions or
.adr-dir names, else docs/adr, doc/adr, docs/decisions or docs/architecture/decisions. Blocks of the language tiebeam in
them are contracts, which check and diff hold the code against; docs/contracts.md describes them.`,
		Args: subcommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(p.adrNewCommand(), p.adrListCommand(), p.adrCheckCommand())
	return c
}

func (p *program) adrCheckCommand() *cobra.Command {
	var flags judging
	c := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Hold the code against its decision records, and the records against each other",
		Long: `Check reads every decision record, reports what in it cannot be read (file, line, field, nearest word), what contradicts
another record, what the code breaks, and what in code or records is stale. It is the part of ` + "`tiebeam check`" + ` that is about
decisions, and more severe on the records' form.

` + exitHelp,
		Example: `  tiebeam adr check
  tiebeam adr check --format json
  tiebeam adr check services/api --today 2027-01-31`,
		RunE: func(c *cobra.Command, args []string) error {
			flags.selected = []string{contract.Violated, contract.Dependency, contract.Stale}
			flags.strict = true
			return p.check(c.Context(), &flags, args)
		},
	}
	flags.register(c)
	for _, other := range []string{"select", "ignore", "strict"} {
		c.Flags().Lookup(other).Hidden = true
	}
	return c
}

func (p *program) adrListCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "list [PATH]",
		Short: "List the decision records with their status and what they ask",
		Example: `  tiebeam adr list
  tiebeam adr list --format json`,
		Args: atMost("PATH"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("format", format, adrFormats); err != nil {
				return err
			}
			_, records, err := p.records(c.Context(), args)
			if err != nil {
				return err
			}
			if format == "json" {
				return p.printRecords(records)
			}
			return p.print(listRecords(records))
		},
	}
	c.Flags().StringVarP(&format, "format", "f", adrFormats[0], "how to write the list: "+text.List(adrFormats))
	return c
}

// records reads the decision records of the project in a folder, the working directory where none is named.
func (p *program) records(ctx context.Context, args []string) (place, *contract.Records, error) {
	at, err := locate(args)
	if err != nil {
		return at, nil, err
	}
	found, _, err := configuration(at.root, "")
	if err != nil {
		return at, nil, err
	}
	folder, err := tree.OpenFolder(at.root, tree.FolderOptions{Exclude: found.Exclude})
	if err != nil {
		return at, nil, err
	}
	defer folder.Close()
	records, err := contract.Load(ctx, folder, found.Decisions)
	return at, records, err
}

func listRecords(records *contract.Records) string {
	if len(records.All) == 0 && len(records.Faults) == 0 {
		return "no decision records: `tiebeam adr new TITLE` writes the first\n"
	}
	var out strings.Builder
	for _, r := range records.All {
		status := r.Status.String()
		if status == "" {
			status = "-"
		}
		fmt.Fprintf(&out, "%-8s %-11s %s\n", r.Label, status, text.Visible(r.Title))
		for _, c := range r.Clauses {
			fmt.Fprintf(&out, "%-8s %-11s   %s:%d  %s\n", "", "", text.Visible(r.Path), c.Line, text.Visible(c.Name))
			for _, e := range c.Except {
				fmt.Fprintf(&out, "%-8s %-11s     but not %s until %s (%s, %s)\n", "", "", text.Visible(e.Subject()), e.Until.Format(time.DateOnly), text.Visible(e.Owner), text.Visible(e.Reason))
			}
		}
	}
	for i := range records.Faults {
		out.WriteString("not read: " + records.Faults[i].Error() + "\n")
	}
	return out.String()
}

// jsonRecord is one record of the list, jsonClause one of its contracts.
type (
	jsonRecord struct {
		Number       int          `json:"number"`
		Label        string       `json:"label"`
		Title        string       `json:"title"`
		Status       string       `json:"status"`
		Path         string       `json:"path"`
		Date         string       `json:"date"`
		SupersededBy []int        `json:"superseded_by"`
		Contracts    []jsonClause `json:"contracts"`
	}
	jsonClause struct {
		Name       string          `json:"name"`
		Line       int             `json:"line"`
		Exemptions []jsonExemption `json:"exemptions"`
	}
	jsonExemption struct {
		Of     string `json:"of"`
		Reason string `json:"reason"`
		Owner  string `json:"owner"`
		Until  string `json:"until"`
	}
	jsonFault struct {
		Path    string `json:"path"`
		Line    int    `json:"line"`
		Field   string `json:"field"`
		Message string `json:"message"`
	}
)

func (p *program) printRecords(records *contract.Records) error {
	out := struct {
		Version int          `json:"version"`
		Records []jsonRecord `json:"records"`
		Faults  []jsonFault  `json:"faults"`
	}{Version: 1, Records: []jsonRecord{}, Faults: []jsonFault{}}
	for _, r := range records.All {
		one := jsonRecord{
			Number: r.Number, Label: r.Label, Title: r.Title, Status: r.Status.String(), Path: r.Path, Date: r.Date,
			SupersededBy: append([]int{}, r.SupersededBy...), Contracts: []jsonClause{},
		}
		for _, c := range r.Clauses {
			clause := jsonClause{Name: c.Name, Line: c.Line, Exemptions: []jsonExemption{}}
			for _, e := range c.Except {
				clause.Exemptions = append(clause.Exemptions, jsonExemption{e.Subject(), e.Reason, e.Owner, e.Until.Format(time.DateOnly)})
			}
			one.Contracts = append(one.Contracts, clause)
		}
		out.Records = append(out.Records, one)
	}
	for i := range records.Faults {
		f := &records.Faults[i]
		out.Faults = append(out.Faults, jsonFault{f.Path, f.Line, f.Field, f.Reason})
	}
	encoded, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		return err
	}
	return p.print(string(encoded) + "\n")
}

func (p *program) adrNewCommand() *cobra.Command {
	var status, format string
	var supersedes int
	c := &cobra.Command{
		Use:   "new TITLE",
		Short: "Write a new decision record with the next number",
		Long: `New writes a record in the folder where the others are (docs/adr where there are none), with the next number, and says
where. It changes no other file: a record that it supersedes is named in it, and has to say so itself.`,
		Example: `  tiebeam adr new "Five seconds for outbound calls"
  tiebeam adr new "Two seconds for recommendations" --status accepted --supersedes 7`,
		Args: exactly("TITLE"),
		RunE: func(c *cobra.Command, args []string) error {
			if err := oneOf("status", status, []string{"proposed", "accepted"}); err != nil {
				return err
			}
			if err := oneOf("format", format, adrFormats); err != nil {
				return err
			}
			return p.adrNew(c.Context(), args[0], status, format, supersedes)
		},
	}
	c.Flags().StringVar(&status, "status", "proposed", "proposed or accepted")
	c.Flags().StringVarP(&format, "format", "f", adrFormats[0], "how to say where: "+text.List(adrFormats))
	c.Flags().IntVar(&supersedes, "supersedes", 0, "the `number` of the record that this one replaces")
	return c
}

func (p *program) adrNew(ctx context.Context, title, status, format string, supersedes int) error {
	at, records, err := p.records(ctx, nil)
	if err != nil {
		return err
	}
	title = strings.Join(strings.Fields(text.Visible(title)), " ")
	if title == "" {
		return usage("a record needs a title")
	}
	old := records.Find(supersedes)
	if supersedes != 0 && old == nil {
		return usage("--supersedes %d: there is no such record (`tiebeam adr list` lists them)", supersedes)
	}
	name := records.NextPath(title)
	full := filepath.Join(at.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(full, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	if _, err := file.WriteString(records.Template(title, status, time.Now().Format(time.DateOnly), old)); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if old != nil {
		fmt.Fprintf(p.stderr, "tiebeam: now say in %s that it is superseded\n", old.Path)
	}
	if format == "json" {
		encoded, err := json.Marshal(map[string]any{"version": 1, "path": at.prefix + name})
		if err != nil {
			return err
		}
		return p.print(string(encoded) + "\n")
	}
	return p.print(at.prefix + name + "\n")
}

// day reads --today; the day it is where the flag says nothing.
func (j *judging) day() (time.Time, error) {
	if j.today == "" {
		return time.Now(), nil
	}
	at, err := time.Parse(time.DateOnly, j.today)
	if err != nil {
		return at, usage("--today %q: expected a date such as 2027-01-31", j.today)
	}
	return at, nil
}

// recordFolders are the folders of decision records that a project has.
func recordFolders(dir string, configured []string) []string {
	return slices.DeleteFunc(contract.Folders(configured), func(name string) bool {
		_, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		return err != nil
	})
}

// openRecords finds the decision records of a project of which only a part is judged: in the nearest folder above that has
// some. Where the whole is judged they are in the tree.
func (q *request) openRecords(at place) error {
	dirs, err := tree.Above(at.root)
	if err != nil {
		return err
	}
	for i, dir := range dirs {
		folders := recordFolders(dir, q.Config.Decisions)
		if len(folders) == 0 {
			continue
		}
		if i == 0 && len(at.paths) == 0 {
			return nil
		}
		q.Records, err = tree.OpenFolder(dir, tree.FolderOptions{Paths: folders})
		q.RecordsAt = strings.Repeat("../", i)
		return err
	}
	return nil
}
