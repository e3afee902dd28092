package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(arguments []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("importcompare", flag.ContinueOnError)
	flags.SetOutput(stderr)
	venv := flags.String("venv", "", "folder of the virtual environment (default: tiebeam/import-linter-"+version+" in the user's cache folder)")
	allowNone := flags.Bool("allow-none", false, "succeed where import-linter cannot be had, and say why")
	if flags.Parse(arguments) != nil {
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := compare(ctx, *venv, stdout); err != nil {
		if skip, ok := err.(skipped); ok && *allowNone {
			fmt.Fprintf(stdout, "skipped: import-linter %s cannot be had: %v\n", version, skip.error)
			return 0
		}
		fmt.Fprintln(stderr, "importcompare:", err)
		return 1
	}
	return 0
}

// skipped is why there is nothing to compare with.
type skipped struct{ error }

// compare runs both tools on every case and prints the verdicts.
func compare(ctx context.Context, venv string, stdout io.Writer) error {
	all, err := cases()
	if err != nil {
		return err
	}
	if venv == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return skipped{err}
		}
		venv = filepath.Join(base, "tiebeam", "import-linter-"+version)
	}
	work, err := os.MkdirTemp("", "importcompare")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	theirs, err := install(ctx, venv, work)
	if err != nil {
		return skipped{err}
	}
	judged, err := theirs.judge(ctx, all)
	if err != nil {
		return err
	}
	differ := 0
	for _, c := range all {
		our, weSaid, err := ours(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		their := judged[c.name]
		mark := "same"
		if their.verdict != our || our != c.verdict {
			differ++
			mark = "DIFFERS from " + c.verdict + "\n" + weSaid + their.said
		}
		fmt.Fprintf(stdout, "%-34s import-linter %-7s tiebeam %-7s %s\n", c.name, their.verdict, our, mark)
	}
	fmt.Fprintf(stdout, "%d cases, %d of them differ (import-linter %s)\n", len(all), differ, version)
	if differ > 0 {
		return fmt.Errorf("%d of %d verdicts differ", differ, len(all))
	}
	return nil
}
