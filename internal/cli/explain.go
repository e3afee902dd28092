package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/text"
)

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [RULE | PATH:LINE]",
		Short: "Print a rule's page, or say which decision governs a line",
		Long: `Explain prints the page of a rule: what it guards, why, when it is silent, what to do. Without RULE it lists all rules.
For PATH:LINE it tells what protects the line, which decision records govern it, and what else they govern.`,
		Example: `  tiebeam explain
  tiebeam explain unbounded-wait
  tiebeam explain shop/clients.py:14`,
		Args:              atMost("RULE | PATH:LINE"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { return ruleNames(), 0 },
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.print(p.listRules())
			}
			if name, line, ok := splitLine(args[0]); ok {
				return p.explainLine(c.Context(), name, line)
			}
			r, err := namedRule(args[0])
			if err != nil {
				return err
			}
			page, err := r.Text(min(max(p.width(p.stdout), 0), 100))
			if err != nil {
				return err
			}
			return p.print(page)
		},
	}
}

func (p *program) listRules() string {
	var out strings.Builder
	for _, r := range all.Rules() {
		summary := ""
		if page, err := r.Page(); err == nil {
			summary = page.Summary
		}
		fmt.Fprintf(&out, "%-24s %-14s %-22s %s\n", r.Name, r.Guard, r.Runs(), text.Visible(summary))
	}
	return out.String()
}

// print writes to standard output; a reader that has gone is no fault of ours.
func (p *program) print(s string) error {
	if _, err := io.WriteString(p.stdout, s); err != nil && !closedPipe(err) {
		return err
	}
	return nil
}

func (p *program) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  atMost(),
		RunE:  func(*cobra.Command, []string) error { return p.print("tiebeam " + Version + "\n") },
	}
}
