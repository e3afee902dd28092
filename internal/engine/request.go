package engine

import (
	"time"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/config"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/rule"
	"github.com/tiebeam/tiebeam/internal/settle"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// Request says what to judge and how. Tree, Config and All must be set; the zero value of the rest is the default.
type Request struct {
	// Tree is where the files are; for Diff it is the head.
	Tree tree.Tree
	// Config holds the project's options.
	Config *config.Config
	// All are all rules there are, Run those to run, whether or not they are strict; nil runs all.
	All, Run []*rule.Rule
	// Strict runs the strict rules and judges the strict sites as well.
	Strict bool
	// Workers bounds the goroutines; 0 and 1 mean serial.
	Workers int
	// Versions are the installed versions by library. Nil means to look for a lock file in the tree.
	Versions map[string]string
	// Cache keeps facts and results from run to run; nil computes everything.
	Cache *cache.Store
	// Ahead is what was read from Cache before the comparison began; nil where that is nothing.
	Ahead *Ahead
	// Whole looks at all files of both sides of a comparison, where by default only those are looked at that the change
	// can affect. The result is the same.
	Whole bool
	// Progress, where it is not nil, is told what begins, such as "reading 12 files".
	Progress func(stage string)
	// Prepare, where it is not nil, is told how many files are about to be read and kept in memory.
	Prepare func(files int)
	// Records is where the decision records are; nil means Tree.
	Records tree.Tree
	// RecordsAt leads from the root of Tree to that of Records, such as "../"; empty where they are the same.
	RecordsAt string
	// Today is the day by which exemptions from contracts expire; the zero day is one on which nothing does.
	Today time.Time
	// Now is when the files are listed, by which it is known of which of them a later run can tell without reading that they have not
	// changed; zero where all are always read.
	Now time.Time
	// Baseline accepts findings; nil where there is none. BaselinePath names it in findings.
	Baseline     *settle.Baseline
	BaselinePath string

	// anyPart takes parts of trees of any size, for tests.
	anyPart bool
}

// Result is what a run found.
type Result struct {
	// Findings are settled.
	Findings []finding.Finding
	// Incomplete is sorted by path.
	Incomplete []finding.Incomplete
	// Skipped says what discovery left out of the head.
	Skipped []tree.Skip
	// Suppressed and Accepted count findings that comments and the baseline took away.
	Suppressed, Accepted int
	// Files counts the files judged on the head side.
	Files int
	// Notes tell what was assumed, such as where the installed versions come from.
	Notes []string
	// Repaired tells what other versions of libraries protect by their defaults that base did not.
	Repaired []string
	// Source finds the text of a file for excerpts, nil where there is none.
	Source func(side finding.Side, path string) *source.File

	// faulty is true where a fault of ours hides some of what there is, so that it is not to be remembered.
	faulty bool
}

// leastFiles is from how many files on a part of a tree is looked at.
func (q *Request) leastFiles() int {
	if q.anyPart {
		return 0
	}
	return leastFiles
}

// shareFactor widens the limits of a part.
func (q *Request) shareFactor() int {
	if q.anyPart {
		return maxJudgedShare * maxLoadedShare
	}
	return 1
}

// begin tells what begins.
func (q *Request) begin(stage string) {
	if q.Progress != nil {
		q.Progress(stage)
	}
}

// prepare tells that files are about to be read.
func (q *Request) prepare(files int) {
	if q.Prepare != nil {
		q.Prepare(files)
	}
}

// names of the rules that there are.
func names(rules []*rule.Rule) []string {
	all := make([]string, 0, len(rules))
	for _, r := range rules {
		all = append(all, r.Name)
	}
	return all
}

// runs reports whether a rule judges in this run.
func (q *Request) runs(r *rule.Rule, diff bool) bool {
	if r.Diff && !diff {
		return r.Strict && q.Strict
	}
	return !r.Strict || q.Strict || r.Diff && diff
}

// selected gives the rules of this run, in the order of Run or All.
func (q *Request) selected(diff bool) []*rule.Rule {
	from := q.Run
	if from == nil {
		from = q.All
	}
	var chosen []*rule.Rule
	for _, r := range from {
		if q.runs(r, diff) {
			chosen = append(chosen, r)
		}
	}
	return chosen
}
