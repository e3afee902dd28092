package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Version is what `tiebeam version` prints; a release sets it when it links.
var Version = "0.1.0-dev"

// program is one run: its streams, its environment and what the flags say.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            map[string]string
}

// Main runs the program and returns its exit code. Nothing is read from the process but the working directory.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer, env []string) int {
	// A reader that goes away must not end us before the exit code is known.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // whoever asks a second time is not asked to wait
	p := &program{stdin: stdin, stdout: stdout, stderr: stderr, env: map[string]string{}}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		p.env[name] = value
	}
	p.tune()
	root := p.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return exitCode(root.ExecuteContext(ctx), stderr)
}

// root is the command that holds all others.
func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "tiebeam",
		Short:         "Find what protects a Python service, where it is missing, and what a change takes away",
		Long:          "tiebeam finds the guards of a Python service (deadlines, locks, releases, retry bounds, offloads, validation) and\nreports where one is missing, and what a change removes or weakens.\n\n" + exitHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       Version,
		Args:          subcommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.AddCommand(
		p.checkCommand(),
		p.diffCommand(),
		p.adrCommand(),
		p.explainCommand(),
		p.catalogCommand(),
		p.factsCommand(),
		p.debugCommand(),
		p.cleanCommand(),
		p.versionCommand(),
		p.boundaryCommand(),
		p.watchCommand(),
		p.learnCommand(),
		p.reviewCommand(),
		p.initCommand(),
		p.simulateCommand(),
		p.chaosCommand(),
	)
	root.SetVersionTemplate("tiebeam {{.Version}}\n")
	root.SetFlagErrorFunc(nearestFlag)
	return root
}

// subcommand refuses the name of a command that does not exist.
func subcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	return usage("unknown command %q%s (see `%s --help`)", args[0], text.Suggest(args[0], names), c.CommandPath())
}

// nearestFlag adds the nearest flag to the message about an unknown one.
func nearestFlag(c *cobra.Command, err error) error {
	unknown, ok := strings.CutPrefix(err.Error(), "unknown flag: ")
	if !ok {
		return usage("%s (see `%s --help`)", err, c.CommandPath())
	}
	return usage("unknown flag %s%s (see `%s --help`)", unknown, text.Suggest(unknown, flagNames(c)), c.CommandPath())
}
