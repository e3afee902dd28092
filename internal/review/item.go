package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/tiebeam/tiebeam/internal/contract"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/regress"
	"github.com/tiebeam/tiebeam/internal/source"
)

// Kind says what the change does to a guard.
type Kind string

// The kinds of item.
const (
	Removed   Kind = "removed"   // the guard is gone, the effect remains
	Weakened  Kind = "weakened"  // the guard lets more through
	Unguarded Kind = "unguarded" // a new effect without the guard it needs
	Policy    Kind = "policy"    // what binds the code was edited: a record, a suppression, the configuration
	Compared  Kind = "compared"  // a comparison on a limit or on the way of a permission is another
	Touched   Kind = "touched"   // the guard is another, and no weaker as far as can be shown
	Gone      Kind = "gone"      // the effect is gone together with its guard
	Added     Kind = "added"     // a new effect with its guard, a new comparison
)

// Spot is one line of code in a checklist.
type Spot struct {
	Path string `json:"path"`
	// Line is 1-based.
	Line   int    `json:"line"`
	Symbol string `json:"symbol"`
	// Text is the code or what is said of it, on one line.
	Text string `json:"text"`
}

// Decision is a contract that governs the code of an item.
type Decision struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Name   string `json:"name"`
	Status string `json:"status"`
	// Says is the contract in a sentence.
	Says string `json:"says"`
}

// Item is one question.
type Item struct {
	// ID is "tb-" and 12 hexadecimal digits.
	ID    string `json:"id"`
	Kind  Kind   `json:"kind"`
	Guard string `json:"guard"`
	// Weight orders items; more is worse.
	Weight int `json:"weight"`
	// Title says what the change does, Question what has to be answered.
	Title    string `json:"title"`
	Question string `json:"question"`
	// Before is base's code, After that of head which does without; Cause the edit behind them where it is elsewhere.
	Before []Spot `json:"before"`
	After  []Spot `json:"after"`
	Cause  *Spot  `json:"cause"`
	// Decisions govern the code.
	Decisions []Decision `json:"decisions"`
	// Wanted says in words what evidence answers the question, the best first.
	Wanted []string `json:"wanted"`
	// Limits are the values that a test of the boundary has to use; nil where none is known.
	Limits []float64 `json:"limits,omitempty"`

	// code is what the id is made of, besides kind and guard.
	code []string
	// functions are those of head that the question is about; each says that they were edited one by one, so that a test of
	// one says nothing of the others.
	functions []program.Func
	each      bool
	// names are what a measurement has to speak of.
	names []string
}

// Checklist is what a change has to answer.
type Checklist struct {
	// Items are in the order in which they are asked, the worst first.
	Items []*Item
	// Base and Head are what the user calls the two sides.
	Base, Head string
	// Incomplete counts the files that could not be judged.
	Incomplete int
}

// Side is one side of the change.
type Side struct {
	Program *program.Program
	Source  func(file program.FileID) *source.File
	Records *contract.Records
}

// Input is a change that was judged.
type Input struct {
	Base, Head Side
	Match      *regress.Correspondence
	// Unchanged reports whether a path has the same content on both sides.
	Unchanged func(path string) bool
	// Findings are those of the comparison, settled.
	Findings []finding.Finding
}

// Build makes the checklist of a change. Cost: linear in the sites of the files that differ.
func Build(in *Input) []*Item {
	b := &builder{Input: in, taken: map[taken]bool{}, told: map[spotKey]bool{}}
	b.findings()
	b.sites()
	b.comparisons()
	for _, item := range b.items {
		item.finish()
	}
	return order(b.items)
}

// builder gathers items.
type builder struct {
	*Input
	items []*Item
	// taken are the guards of a function that an item speaks of already.
	taken map[taken]bool
	// told are the lines that findings speak of.
	told map[spotKey]bool
}

// spotKey is a line of a side.
type spotKey struct {
	head bool
	path string
	line int
}

type taken struct {
	path, symbol, guard string
}

// finish gives the item its id.
func (i *Item) finish() {
	slices.Sort(i.code)
	hash := sha256.New()
	for _, part := range append([]string{string(i.Kind), i.Guard}, slices.Compact(i.code)...) {
		hash.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	i.ID = idPrefix + hex.EncodeToString(hash.Sum(nil)[:idBytes])
}

// The form of ids.
const (
	idPrefix = "tb-"
	idBytes  = 6
)

// order puts the worst first. Two items about the same code are one question.
func order(items []*Item) []*Item {
	slices.SortStableFunc(items, func(a, b *Item) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), compareSpots(a.first(), b.first()), cmp.Compare(a.Title, b.Title))
	})
	seen := map[string]bool{}
	return slices.DeleteFunc(items, func(i *Item) bool {
		again := seen[i.ID]
		seen[i.ID] = true
		return again
	})
}

// first is the spot where an item is looked at.
func (i *Item) first() Spot {
	if len(i.After) > 0 {
		return i.After[0]
	}
	if len(i.Before) > 0 {
		return i.Before[0]
	}
	return Spot{}
}

func compareSpots(a, b Spot) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Text, b.Text))
}
