// Command sample draws findings from JSON reports for a reader to judge, the same ones for the same seed.
//
//	tiebeam check --format json DIR > report.json
//	go run ./tools/sample -n 200 -least 10 -seed 2 django=report.json pandas=other.json
//
// It draws -least findings of each rule that has so many, all of one that has fewer, and the rest of -n from all.
// It prints a Markdown table of package, place, rule and symbol; docs/precision.md keeps it with a verdict a line.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
)

type finding struct {
	Rule, Path, Symbol string
	Line               int
	pack               string
}

func main() { os.Exit(run()) }

func run() int {
	n := flag.Int("n", 100, "how many findings to draw")
	seed := flag.Uint64("seed", 1, "seed of the drawing")
	least := flag.Int("least", 0, "how many findings of each rule to draw at least, where there are so many")
	flag.Parse()
	all, err := read(flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "sample:", err)
		return 2
	}
	drawn := draw(all, *n, *least, *seed)
	fmt.Println("| package | place | rule | symbol | verdict |")
	fmt.Println("|---|---|---|---|---|")
	for _, f := range drawn {
		fmt.Printf("| %s | %s:%d | %s | `%s` | |\n", f.pack, f.Path, f.Line, f.Rule, f.Symbol)
	}
	return 0
}

// draw gives n of the findings in their order, at least least of each rule as far as there are so many. The least of all
// rules come first, even where they are more than n.
func draw(all []finding, n, least int, seed uint64) []finding {
	random := rand.New(rand.NewPCG(seed, 0))
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var drawn, rest []finding
	of := map[string]int{}
	for _, f := range all {
		if of[f.Rule] < least {
			of[f.Rule]++
			drawn = append(drawn, f)
		} else {
			rest = append(rest, f)
		}
	}
	drawn = append(drawn, rest[:min(max(n-len(drawn), 0), len(rest))]...)
	sortFindings(drawn)
	return drawn
}

// read loads the reports, given as NAME=FILE, and orders their findings, so that the drawing depends on the seed alone.
func read(args []string) ([]finding, error) {
	var all []finding
	for _, arg := range args {
		name, path, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not of the form NAME=REPORT.json", arg)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var report struct{ Findings []finding }
		if err := json.Unmarshal(text, &report); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, f := range report.Findings {
			f.pack = name
			all = append(all, f)
		}
	}
	sortFindings(all)
	return all, nil
}

func sortFindings(list []finding) {
	sort.SliceStable(list, func(i, j int) bool {
		a, b := &list[i], &list[j]
		if a.pack != b.pack {
			return a.pack < b.pack
		}
		if a.Path != b.Path {
			return a.Path < b.Path
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Rule < b.Rule
	})
}
