package regress

import (
	"cmp"
	"slices"

	"github.com/tiebeam/tiebeam/internal/program"
)

// Repair is a guard that another version of a library brings to an effect that both sides have: the opposite of a Loss whose
// Library is set. It is good news, and no finding.
type Repair struct {
	// Library is the distribution whose installed version differs, and Guard what its defaults bring.
	Library string
	Guard   program.GuardKind
	// At is the effect in head, and Symbol the function it stands in.
	At     program.Place
	Symbol string
}

// Repairs gives what the defaults of other versions of libraries bring to head, by library, guard and place in head. It
// compares the sides the other way round, so that it knows of every default whose change to the worse is a Loss; call it
// only where versions differ. Cost: that of Match and of comparing the sites.
func (m *Correspondence) Repairs() []Repair {
	back := Match(m.change.head, m.change.base, m.change.options)
	back.change.claimed, back.change.decided = map[claim]bool{}, map[program.GuardKind][]program.Place{}
	back.change.unlocked = map[program.Place]bool{}
	back.change.compareSites(back)
	var repairs []Repair
	for i := range back.change.losses {
		if l := &back.change.losses[i]; l.Library != "" {
			repairs = append(repairs, Repair{Library: l.Library, Guard: l.Guard, At: l.Base, Symbol: m.change.head.Symbol(l.Was)})
		}
	}
	slices.SortStableFunc(repairs, func(a, b Repair) int {
		return cmp.Or(cmp.Compare(a.Library, b.Library), cmp.Compare(a.Guard, b.Guard), cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Start, b.At.Start))
	})
	return slices.Compact(repairs)
}
