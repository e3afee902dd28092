package cli

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/rules/all"
	"github.com/tiebeam/tiebeam/internal/text"
)

// usageError is a fault of the command line.
type usageError struct{ error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// flagNames lists the flags of a command with their dashes.
func flagNames(c *cobra.Command) []string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, "--"+f.Name)
		}
	})
	return names
}

// ruleNames lists all rules.
func ruleNames() []string {
	var names []string
	for _, r := range all.Rules() {
		names = append(names, r.Name)
	}
	return names
}

// namedRule finds a rule, or says which name is near.
func namedRule(name string) (*rule.Rule, error) {
	if r := all.Named(name); r != nil {
		return r, nil
	}
	return nil, usage("unknown rule %q%s (`tiebeam explain` lists all)", name, text.Suggest(name, ruleNames()))
}

// chooseRules applies --select, --ignore and the configuration's list.
func chooseRules(selected, ignored []string) ([]*rule.Rule, error) {
	for _, name := range slices.Concat(selected, ignored) {
		if _, err := namedRule(name); err != nil {
			return nil, err
		}
	}
	var chosen []*rule.Rule
	for _, r := range all.Rules() {
		if (len(selected) == 0 || slices.Contains(selected, r.Name)) && !slices.Contains(ignored, r.Name) {
			chosen = append(chosen, r)
		}
	}
	return chosen, nil
}

// oneOf refuses a value that is not among the names.
func oneOf(flag, value string, names []string) error {
	if slices.Contains(names, value) {
		return nil
	}
	return usage("--%s %q: expected one of %s%s", flag, value, text.List(names), text.Suggest(value, names))
}

// atMost refuses arguments beyond the named ones.
func atMost(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) <= len(names) {
			return nil
		}
		return usage("unexpected argument %q (see `%s --help`)", args[len(names)], c.CommandPath())
	}
}

// exactly asks for the one named argument.
func exactly(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("expected %s (see `%s --help`)", name, c.CommandPath())
		}
		return atMost(name)(c, args)
	}
}
