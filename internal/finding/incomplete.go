package finding

import (
	"cmp"
	"fmt"
	"slices"
)

// Incomplete is a file, or a part of the work, that could not be judged. A report lists every one, as silence about it
// would read as approval.
type Incomplete struct {
	// Path is relative to the root; it ends with a slash for a directory.
	Path string
	// Line and Column are 1-based, 0 where the reason concerns all of it.
	Line, Column int
	// Reason is lower-case, without the path.
	Reason string
}

// String gives the reason with the place inside the file, without the path.
func (i Incomplete) String() string {
	switch {
	case i.Column > 0:
		return fmt.Sprintf("line %d, column %d: %s", i.Line, i.Column, i.Reason)
	case i.Line > 0:
		return fmt.Sprintf("line %d: %s", i.Line, i.Reason)
	}
	return i.Reason
}

// SortIncomplete puts them in the order of paths and places, each once.
func SortIncomplete(all []Incomplete) []Incomplete {
	slices.SortFunc(all, func(a, b Incomplete) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(all)
}
