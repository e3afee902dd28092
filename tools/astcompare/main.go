package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// options are the flags.
type options struct {
	cache     string
	python    string
	part      bool
	jobs      int
	first     int
	allowNone bool
	reasons   bool
	list      bool
	mutate    int
	seed      uint64
	paths     []string
}

func parseOptions(arguments []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("astcompare", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.cache, "cache", "", "folder of the corpus and of the interpreters' verdicts (default: tiebeam/astcompare in the user's cache folder)")
	flags.StringVar(&o.python, "python", "", "versions or executables, separated by commas (default: every CPython 3.8 to 3.14 that can be found)")
	flags.BoolVar(&o.part, "part", false, "compare only the part that CI runs")
	flags.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "files compared at once")
	flags.IntVar(&o.first, "first", 5, "failures printed in full for each interpreter and outcome")
	flags.BoolVar(&o.allowNone, "allow-none", false, "succeed where no interpreter is found, and leave out packages that cannot be downloaded; both are said")
	flags.BoolVar(&o.reasons, "reasons", false, "list the refusals that are not about the grammar")
	flags.BoolVar(&o.list, "list", false, "print the paths of the distinct files instead of comparing them")
	flags.IntVar(&o.mutate, "mutate", 0, "compare this many pieces of the corpus, each with a few random changes, instead of its files")
	flags.Uint64Var(&o.seed, "seed", 1, "seed of -mutate")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: astcompare [flags] [FILE or FOLDER...]\n\nCompares our syntax tree with CPython's ast.dump; without paths, on the whole corpus.")
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	o.paths = flags.Args()
	if o.jobs < 1 {
		return o, fmt.Errorf("-jobs is %d, expected at least 1", o.jobs)
	}
	if o.cache == "" {
		base, err := os.UserCacheDir()
		if err != nil {
			return o, fmt.Errorf("no -cache, and no cache folder of the user: %w", err)
		}
		o.cache = filepath.Join(base, "tiebeam", "astcompare")
	}
	return o, nil
}

func run(arguments []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(arguments, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "astcompare:", err)
		return 2
	}
	interpreters, notes := findInterpreters(words(o.python))
	for _, note := range notes {
		fmt.Fprintln(stdout, "skipped:", note)
	}
	if len(interpreters) == 0 {
		fmt.Fprintln(stdout, "skipped: no CPython 3.8 to 3.14 was found in pyenv or on PATH")
		if o.allowNone {
			return 0
		}
		return 2
	}
	failed, err := compareAll(o, interpreters, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "astcompare:", err)
		return 2
	}
	if failed > 0 {
		return 1
	}
	return 0
}

// words splits a list at commas; an empty list has no words.
func words(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}

// compareAll compares the chosen sources with every interpreter and returns the number of files that failed.
func compareAll(o options, interpreters []Interpreter, stdout io.Writer) (int, error) {
	sources, err := chooseSources(o, interpreters, stdout)
	if err != nil {
		return 0, err
	}
	if o.mutate > 0 {
		folder, err := os.MkdirTemp("", "astcompare-")
		if err != nil {
			return 0, fmt.Errorf("make a folder for mutants: %w", err)
		}
		defer os.RemoveAll(folder)
		if sources, err = mutants(folder, sources, o); err != nil {
			return 0, err
		}
	}
	if o.list {
		for _, s := range sources {
			fmt.Fprintln(stdout, s.Files[0].Path)
		}
		return 0, nil
	}
	files, size := 0, 0
	for _, s := range sources {
		files += len(s.Files)
		size += s.Size
	}
	fmt.Fprintf(stdout, "%d files, %d distinct, %.1f MB\n", files, len(sources), float64(size)/1e6)
	var comparisons []comparison
	for _, i := range interpreters {
		c, err := compareOne(o, i, sources)
		if err != nil {
			return 0, err
		}
		comparisons = append(comparisons, c)
		if err := printFailures(stdout, sources, c, o.first); err != nil {
			return 0, err
		}
	}
	if o.reasons {
		printBeyond(stdout, sources, comparisons)
	}
	return printTable(stdout, sources, comparisons)
}

// mutants writes the mutants of the sources below folder and returns them as sources.
func mutants(folder string, sources []Source, o options) ([]Source, error) {
	if err := writeMutants(folder, sources, o.mutate, o.seed); err != nil {
		return nil, err
	}
	files, err := listFiles([]set{{root: folder}})
	if err != nil {
		return nil, err
	}
	return distinct(files)
}

func compareOne(o options, i Interpreter, sources []Source) (comparison, error) {
	folder := filepath.Join(o.cache, "verdicts")
	if o.mutate > 0 {
		folder = filepath.Join(o.cache, "mutants") // another run asks of others, so that they are kept apart
	}
	cache, err := openCache(folder, i)
	if err != nil {
		return comparison{}, err
	}
	c := comparer{interpreter: i, sources: sources, cache: cache, jobs: o.jobs}
	results, err := c.run()
	return comparison{interpreter: i, results: results}, errors.Join(err, cache.Close())
}

// fetchAll returns the sets of the packages, without those that cannot be had if that is allowed.
func fetchAll(o options, packages []Package, pip Interpreter, stdout io.Writer) ([]set, error) {
	var sets []set
	for _, p := range packages {
		s, err := fetch(context.Background(), filepath.Join(o.cache, "packages"), p, pip)
		switch {
		case err == nil:
			sets = append(sets, s)
		case o.allowNone:
			fmt.Fprintln(stdout, "skipped:", err)
		default:
			return nil, err
		}
	}
	return sets, nil
}

// chooseSources returns the sources of the paths given, or those of the corpus.
func chooseSources(o options, interpreters []Interpreter, stdout io.Writer) ([]Source, error) {
	var sets []set
	for _, path := range o.paths {
		sets = append(sets, set{root: path})
	}
	if len(sets) == 0 {
		packages, err := parsePackages(corpusList)
		if err != nil {
			return nil, err
		}
		if sets, err = fetchAll(o, packages, interpreters[len(interpreters)-1], stdout); err != nil {
			return nil, err
		}
		// Every library is compared with every interpreter, also with those that were not chosen: the files of a newer
		// version are what an older one refuses.
		installed, _ := findInterpreters(nil)
		for _, i := range installed {
			sets = append(sets, set{name: "Lib " + i.Full, root: i.Lib})
		}
	}
	files, err := listFiles(sets)
	if err != nil {
		return nil, err
	}
	sources, err := distinct(files)
	if err != nil {
		return nil, err
	}
	if o.part {
		sources = part(sources)
	}
	return sources, nil
}
