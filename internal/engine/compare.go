package engine

import (
	"context"

	"github.com/tiebeam/tiebeam/internal/regress"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// Comparison is a change that was judged, with what it was judged from.
type Comparison struct {
	*Result
	// Base and Head are the two sides, as far as the change can affect them (see Request.Whole).
	Base, Head *Snapshot
	// Match says what became of each function.
	Match *regress.Correspondence
	// Unchanged reports whether a path has the same content on both sides.
	Unchanged func(path string) bool
}

// Compare is Diff for those who look at the two sides as well.
func Compare(ctx context.Context, base tree.Tree, q *Request) (*Comparison, error) {
	d := &difference{q: q, rules: q.selected(true)}
	result, err := d.run(ctx, base)
	if err != nil {
		return nil, err
	}
	return &Comparison{Result: result, Base: d.base, Head: d.head, Match: d.match, Unchanged: d.unchanged}, nil
}
