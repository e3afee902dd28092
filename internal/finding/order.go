package finding

import (
	"cmp"
	"slices"
)

// Compare is the total order of output: by path, then position, then rule, then everything else that can differ. It
// needs offsets only, so it holds before and after Complete.
func Compare(a, b *Finding) int {
	return cmp.Or(
		cmp.Compare(a.Path, b.Path),
		compareSpan(a.Span, b.Span),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Guard, b.Guard),
		cmp.Compare(a.Symbol, b.Symbol),
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(a.Message, b.Message),
		comparePlace(a.Base, b.Base),
		comparePlace(a.Cause, b.Cause),
		cmp.Compare(a.Remedy, b.Remedy),
		slices.CompareFunc(a.Related, b.Related, func(x, y Related) int {
			return cmp.Or(comparePlace(&x.Place, &y.Place), cmp.Compare(x.Message, y.Message))
		}),
	)
}

// Sort puts findings in the order of Compare.
func Sort(all []Finding) {
	slices.SortFunc(all, func(a, b Finding) int { return Compare(&a, &b) })
}

func compareSpan(a, b Span) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

func comparePlace(a, b *Place) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Or(
		cmp.Compare(a.Side, b.Side),
		cmp.Compare(a.Path, b.Path),
		compareSpan(a.Span, b.Span),
		cmp.Compare(a.Text, b.Text),
	)
}
