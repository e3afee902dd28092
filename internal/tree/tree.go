package tree

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/source"
)

// Tree is a set of files under one root. Implementations are safe for concurrent use after List has returned.
type Tree interface {
	// Name says what the tree is, for messages, such as "revision v1.2".
	Name() string
	// List returns the files for which want is true, in the order of their paths. An error means that there is no
	// tree at all; a single file or directory that cannot be read is a Problem of the listing.
	List(ctx context.Context, want func(path string) bool) (*Listing, error)
	// Read returns the bytes of a listed file, at most maxBytes of them: a larger file is an error that says so. The
	// caller owns the bytes. The error does not repeat the path; ProblemOf makes a Problem of it.
	Read(ctx context.Context, entry Entry, maxBytes int) ([]byte, error)
	// Close ends what the tree keeps running.
	Close() error
}

// Entry is one listed file.
type Entry struct {
	// Path is relative to the root, with forward slashes, in the bytes of the file system: it need not be UTF-8.
	Path string
	// ID identifies the content where that costs nothing: "git:" and the name of a blob. Two entries with the same ID
	// have the same bytes; empty means that only reading tells.
	ID string
}

// Problem is a file or directory that was to be analysed and cannot be.
type Problem struct {
	// Path is relative to the root, with forward slashes.
	Path string
	// Line is 1-based, 0 where the reason concerns all of it.
	Line int
	// Reason is lower-case, without the path.
	Reason string
}

// ProblemOf makes a problem of the error with which Read or source.New refused a file.
func ProblemOf(path string, err error) Problem {
	var refused *source.Error
	if errors.As(err, &refused) {
		return Problem{Path: path, Line: refused.Line, Reason: refused.Reason}
	}
	return Problem{Path: path, Reason: reason(err)}
}

// reason says why the file system refused, without the path, which stands beside it.
func reason(err error) string {
	var failure *fs.PathError
	if errors.As(err, &failure) {
		return failure.Err.Error()
	}
	return err.Error()
}

// Skip counts what was left out for one reason.
type Skip struct {
	// Reason completes the sentence "skipped: …".
	Reason string
	// Files and Dirs count what was met; the files below a skipped directory are not counted.
	Files, Dirs int
	// Examples are the first paths in order, at most maxExamples.
	Examples []string
}

// Listing is what a tree holds.
type Listing struct {
	Entries  []Entry
	Problems []Problem
	Skipped  []Skip
}

// maxExamples bounds the paths kept for each reason of a Skip.
const maxExamples = 5

// Reasons for a Skip.
const (
	reasonIgnored   = "ignored by .gitignore"
	reasonVenv      = "virtual environment"
	reasonInstalled = "installed packages"
	reasonVendored  = "vendored code"
	reasonBuild     = "build output"
	reasonLink      = "symbolic link, not followed"
	reasonSubmodule = "git submodule"
	reasonExcluded  = "excluded by configuration"
)

func (l *Listing) skip(reason, path string, dir bool) {
	at := slices.IndexFunc(l.Skipped, func(s Skip) bool { return s.Reason == reason })
	if at < 0 {
		at = len(l.Skipped)
		l.Skipped = append(l.Skipped, Skip{Reason: reason})
	}
	s := &l.Skipped[at]
	if dir {
		s.Dirs++
		path += "/"
	} else {
		s.Files++
	}
	at, _ = slices.BinarySearch(s.Examples, path)
	if at < maxExamples {
		s.Examples = slices.Insert(s.Examples, at, path)
		s.Examples = s.Examples[:min(len(s.Examples), maxExamples)]
	}
}

func (l *Listing) problem(path, reason string) {
	l.Problems = append(l.Problems, Problem{Path: path, Reason: reason})
}

// sort puts everything into the order that output has, and drops entries listed twice.
func (l *Listing) sort() {
	slices.SortFunc(l.Entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	l.Entries = slices.CompactFunc(l.Entries, func(a, b Entry) bool { return a.Path == b.Path })
	slices.SortFunc(l.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Reason, b.Reason))
	})
	l.Problems = slices.Compact(l.Problems)
	slices.SortFunc(l.Skipped, func(a, b Skip) int { return cmp.Compare(a.Reason, b.Reason) })
}

// Find returns the entry with a path, false where it was not listed.
func (l *Listing) Find(path string) (Entry, bool) {
	at, ok := slices.BinarySearchFunc(l.Entries, path, func(e Entry, path string) int { return strings.Compare(e.Path, path) })
	if !ok {
		return Entry{}, false
	}
	return l.Entries[at], true
}

// Python reports whether a path names Python source.
func Python(name string) bool { return path.Ext(name) == ".py" }
