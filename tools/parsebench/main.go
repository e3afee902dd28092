// Command parsebench runs our parser beside ruff_python_parser on the same files.
//
// It reads a list of paths, one a line, from the file named by -files or from standard input. Both sides hold all
// sources in memory before the clock starts, and drop each tree when it is built. A round is one pass of each side
// over all files, one after the other, so that what else the machine does meets both alike; the best round counts.
//
//	make bench-parser
//
// The Rust side is the program in ruff/, which is built here with cargo and its lock file. Without cargo only our side
// is run, and the table says so. Figures: MB of source a second of wall time and of processor time, on one thread and
// on two; and what reading the files costs, the floor that no parser can go below.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(arguments []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("parsebench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	files := flags.String("files", "", "file with one path a line (default: standard input)")
	rounds := flags.Int("rounds", 5, "passes over all files, of which the best counts")
	crate := flags.String("ruff", "tools/parsebench/ruff", "folder of the Rust program; empty to leave it out")
	if err := flags.Parse(arguments); err != nil {
		return 2
	}
	if err := bench(*files, *rounds, *crate, stdin, stdout); err != nil {
		fmt.Fprintln(stderr, "parsebench:", err)
		return 2
	}
	return 0
}

// threadCounts are the numbers of threads that are timed.
var threadCounts = []int{1, 2}

func bench(list string, rounds int, crate string, stdin io.Reader, stdout io.Writer) error {
	paths, err := readList(list, stdin)
	if err != nil {
		return err
	}
	floor, sources, paths, err := readSources(paths)
	if err != nil {
		return err
	}
	size := 0
	for _, s := range sources {
		size += len(s)
	}
	fmt.Fprintf(stdout, "%d files, %.1f MB, %s, %d processors\n", len(sources), float64(size)/1e6, runtime.Version(), runtime.NumCPU())
	sides := []side{&ours{sources: sources}}
	if crate != "" {
		ruff, err := startRuff(crate, paths)
		if err != nil {
			fmt.Fprintln(stdout, "skipped: ruff_python_parser:", err)
		} else {
			defer ruff.close()
			sides = append(sides, ruff)
		}
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\tthreads\twall MB/s\tprocessor MB/s\tfiles with errors\t")
	printRow(table, "reading the files", 1, floor, size)
	for _, threads := range threadCounts {
		best, err := timeSides(sides, threads, rounds)
		if err != nil {
			return err
		}
		for i, s := range sides {
			printRow(table, s.name(), threads, best[i], size)
		}
		if len(best) == 2 {
			fmt.Fprintf(table, "ours : ruff\t%d\t%.2f\t%.2f\t\t\n", threads,
				ratio(best[1].wall, best[0].wall), ratio(best[1].processor, best[0].processor))
		}
	}
	return table.Flush()
}

// A pass is what one pass over all files cost.
type pass struct {
	wall, processor time.Duration
	// errors is the number of files with a syntax error.
	errors int
}

// A side is a parser that can be timed.
type side interface {
	name() string
	// parseAll parses every file once on the given number of threads.
	parseAll(threads int) (pass, error)
}

// timeSides returns the best pass of each side; wall and processor time are taken from the round with the least wall
// time of that side.
func timeSides(sides []side, threads, rounds int) ([]pass, error) {
	best := make([]pass, len(sides))
	for round := range rounds {
		for i, s := range sides {
			p, err := s.parseAll(threads)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name(), err)
			}
			if round == 0 || p.wall < best[i].wall {
				best[i] = p
			}
		}
	}
	return best, nil
}

func printRow(w io.Writer, name string, threads int, p pass, size int) {
	fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%d\t\n", name, threads, rate(size, p.wall), rate(size, p.processor), p.errors)
}

// rate returns megabytes a second.
func rate(size int, d time.Duration) float64 { return float64(size) / 1e6 / d.Seconds() }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func readList(path string, stdin io.Reader) ([]string, error) {
	var content []byte
	var err error
	if path == "" {
		content, err = io.ReadAll(stdin)
	} else {
		content, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the list of files: %w", err)
	}
	return strings.Fields(string(content)), nil
}

// readSources reads all files and returns what that cost, warm caches provided: the files are read twice and the second
// time counts. Files that are not UTF-8 are left out, because ruff_python_parser cannot be given them.
func readSources(paths []string) (pass, []string, []string, error) {
	var sources, kept []string
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return pass{}, nil, nil, fmt.Errorf("read a source: %w", err)
		}
		if utf8.Valid(content) {
			sources = append(sources, string(content))
			kept = append(kept, path)
		}
	}
	start := startClock()
	for _, path := range kept {
		if _, err := os.ReadFile(path); err != nil {
			return pass{}, nil, nil, fmt.Errorf("read a source: %w", err)
		}
	}
	return start.stop(0), sources, kept, nil
}
