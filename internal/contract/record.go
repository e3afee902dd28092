package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Status is where a decision stands.
type Status uint8

// The states of a decision. The zero value is a record that does not say.
const (
	NoStatus Status = iota
	Proposed
	Accepted
	Rejected
	Deprecated
	Superseded
)

// statusNames are the words of the states, in the order of the constants.
var statusNames = []string{"", "proposed", "accepted", "rejected", "deprecated", "superseded"}

// String gives the word as records write it; empty for NoStatus.
func (s Status) String() string { return statusNames[s] }

// Binds says whether contracts of a record with this status are judged at all.
func (s Status) Binds() bool { return s == Accepted || s == Proposed }

// Current says whether code may rest on a record with this status: it is accepted, or says nothing of its status.
func (s Status) Current() bool { return s == Accepted || s == NoStatus }

// Record is one decision record.
type Record struct {
	// Number is the one its file name begins with; records of the same folder have different ones.
	Number int
	// Label is the number as the file name writes it: "0047".
	Label string
	// Title is that of the first heading, without the number.
	Title  string
	Status Status
	// Path is relative to the root, with forward slashes.
	Path string
	// Date is as the record writes it, empty where it does not.
	Date string
	// SupersededBy and Supersedes are the numbers of other records, as far as the record names them.
	SupersededBy, Supersedes []int
	// Clauses are its contracts, in the order of the text.
	Clauses []*Clause

	// statusLine is the 1-based line of the status, 0 where there is none.
	statusLine int
	source     *source.File
}

// Name is how people speak of the record: "0047 (Two seconds for recommendations)".
func (r *Record) Name() string {
	if r.Title == "" {
		return r.Label
	}
	return r.Label + " (" + text.Visible(r.Title) + ")"
}

// Text is the whole record as it is written.
func (r *Record) Text() string { return r.source.Text }

// Source is the record's file.
func (r *Record) Source() *source.File { return r.source }

// Fault is what is wrong with a record. It is an error of its own.
type Fault struct {
	Path string
	// Line is 1-based.
	Line int
	// Field is the field of the contract that is wrong, empty where it is none.
	Field string
	// Reason is lower-case, without place and field.
	Reason string
}

// Error gives place, field and reason.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s:%d: %s", text.Visible(f.Path), f.Line, f.Message())
}

// Message is the fault without its place.
func (f *Fault) Message() string {
	if f.Field == "" {
		return f.Reason
	}
	return fmt.Sprintf("field %q: %s", f.Field, f.Reason)
}

// Records are the decision records of one tree. They are immutable after Load and may be read concurrently. A nil
// *Records has none.
type Records struct {
	// All are in the order of their folders and numbers.
	All []*Record
	// Faults are what could not be read, in the order of paths and lines. A record with faults has the clauses that could.
	Faults []Fault
	// Folders are where the records lie, relative to the root.
	Folders []string

	sources map[string]*source.File
}

// Find gives the record with a number, nil where there is none. Where several folders have one of that number, it is one
// that binds, if any does.
func (r *Records) Find(number int) *Record {
	if r == nil {
		return nil
	}
	var found *Record
	for _, one := range r.All {
		if one.Number == number && (found == nil || !found.Status.Binds()) {
			found = one
		}
	}
	return found
}

// At gives the record of a path, nil where there is none.
func (r *Records) At(path string) *Record {
	if r == nil {
		return nil
	}
	if i := slices.IndexFunc(r.All, func(one *Record) bool { return one.Path == path }); i >= 0 {
		return r.All[i]
	}
	return nil
}

// Clauses gives the contracts that bind: those of accepted and proposed records, in the order of the records.
func (r *Records) Clauses() []*Clause {
	if r == nil {
		return nil
	}
	var all []*Clause
	for _, one := range r.All {
		if one.Status.Binds() {
			all = append(all, one.Clauses...)
		}
	}
	return all
}

// Source gives the file of a path that was read as a record, also where it is malformed; nil for any other.
func (r *Records) Source(path string) *source.File {
	if r == nil {
		return nil
	}
	return r.sources[path]
}

func (r *Records) sort() {
	slices.SortFunc(r.All, func(a, b *Record) int { return strings.Compare(a.Path, b.Path) })
	slices.SortStableFunc(r.Faults, func(a, b Fault) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return a.Line - b.Line
	})
}
