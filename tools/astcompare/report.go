package main

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"text/tabwriter"
)

// A tally is the number of files by outcome.
type tally [outcomes]int

// A comparison is one interpreter with its results.
type comparison struct {
	interpreter Interpreter
	results     []Result
}

func (c comparison) tally(sources []Source) tally {
	var t tally
	for _, r := range c.results {
		t[r.Outcome] += len(sources[r.Source].Files)
	}
	return t
}

func (t tally) files() int {
	sum := 0
	for _, n := range t {
		sum += n
	}
	return sum
}

func (t tally) failed() int {
	sum := 0
	for o, n := range t {
		if Outcome(o).Failed() {
			sum += n
		}
	}
	return sum
}

// printTable prints one line for each interpreter and one for all, and returns the number of files that failed.
func printTable(w io.Writer, sources []Source, comparisons []comparison) (int, error) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	header := []string{"CPython", "files"}
	for o := Identical; o < outcomes; o++ {
		header = append(header, o.String())
	}
	fmt.Fprintln(table, strings.Join(header, "\t")+"\t")
	var total tally
	for _, c := range comparisons {
		t := c.tally(sources)
		printRow(table, c.interpreter.Full, t)
		for o, n := range t {
			total[o] += n
		}
	}
	printRow(table, "total", total)
	return total.failed(), table.Flush()
}

func printRow(w io.Writer, name string, t tally) {
	fmt.Fprintf(w, "%s\t%d\t", name, t.files())
	for o := Identical; o < outcomes; o++ {
		fmt.Fprintf(w, "%d\t", t[o])
	}
	fmt.Fprintln(w)
}

// printBeyond prints, for each interpreter, the refusals that are not about the grammar, grouped by their reason.
func printBeyond(w io.Writer, sources []Source, comparisons []comparison) {
	for _, c := range comparisons {
		byReason := map[string][]string{}
		for _, r := range c.results {
			if r.Theirs != nil && r.Theirs.beyondGrammar() {
				reason := r.Outcome.String() + ", " + r.Theirs.Class + ": " + r.Theirs.Message
				byReason[reason] = append(byReason[reason], sources[r.Source].Files[0].String())
			}
		}
		reasons := make([]string, 0, len(byReason))
		for reason := range byReason {
			reasons = append(reasons, reason)
		}
		sort.Strings(reasons)
		for _, reason := range reasons {
			fmt.Fprintf(w, "%s not for its grammar: %s: %s\n", c.interpreter.Full, reason, strings.Join(byReason[reason], ", "))
		}
	}
}

// printFailures prints the first limit failures of each outcome of each interpreter; of a difference, the place where
// the two texts part.
func printFailures(w io.Writer, sources []Source, c comparison, limit int) error {
	var oracle *Oracle
	defer func() {
		if oracle != nil {
			// The answers are printed; how the child ends changes nothing.
			_ = oracle.Close()
		}
	}()
	var shown tally
	for _, r := range c.results {
		if !r.Outcome.Failed() || shown[r.Outcome] >= limit {
			continue
		}
		shown[r.Outcome]++
		file := sources[r.Source].Files[0]
		fmt.Fprintf(w, "%s %s: %s\n", c.interpreter.Full, r.Outcome, file)
		switch r.Outcome {
		case OnlyTheyRefuse:
			fmt.Fprintf(w, "    CPython: %s\n", r.Theirs)
		case OnlyWeRefuse:
			fmt.Fprintf(w, "    tiebeam: %s\n", r.Ours)
		case Differs:
			if oracle == nil {
				var err error
				if oracle, err = startOracle(c.interpreter); err != nil {
					return err
				}
			}
			if err := printDifference(w, file, c.interpreter, oracle); err != nil {
				return err
			}
		}
	}
	return nil
}

func printDifference(w io.Writer, file File, i Interpreter, oracle *Oracle) error {
	content, err := os.ReadFile(file.Path)
	if err != nil {
		return fmt.Errorf("read the corpus: %w", err)
	}
	theirs, err := oracle.Text(content)
	if err != nil {
		return err
	}
	ours, _ := newFront(i).text(content)
	offset, inTheirs, inOurs := firstDifference(theirs, ours)
	fmt.Fprintf(w, "    first difference at byte %d of the dump\n    CPython: %s\n    tiebeam: %s\n", offset, inTheirs, inOurs)
	return nil
}
