package learn

import (
	"math"
	"slices"

	"github.com/tiebeam/tiebeam/internal/program"
)

// settle measures what was found, orders it, and drops what says the same as something better.
func settle(all []Invariant) []Invariant {
	ranked := make([]*Invariant, 0, len(all))
	for i := range all {
		v := &all[i]
		v.Confidence = wilson(v.Kept, v.Total)
		v.Score = score(v)
		if v.Score > 0 {
			ranked = append(ranked, v)
		}
	}
	slices.SortStableFunc(ranked, compareInvariants)
	ranked = spread(withoutEchoes(ranked))
	result := make([]Invariant, 0, len(ranked))
	for _, v := range ranked {
		result = append(result, *v)
	}
	return result
}

// maxBits caps the surprise, so that thousands of alike places do not hide what is rarer and says more.
const maxBits = 40

// score says how much an invariant is worth reading: how surely it is a habit of its own, how much its kind usually
// bears, and whether it has exceptions that somebody can look at.
func score(v *Invariant) float64 {
	bits := min(surprise(v.Kept, v.Total, v.Base), maxBits)
	if bits < minBits {
		return 0
	}
	s := math.Sqrt(bits) * v.Confidence * weights[v.Kind]
	if v.Guard == "" {
		s *= 0.5
	}
	return s * exceptions(v)
}

// minBits is the surprise below which a share is no news.
const minBits = 3

// weights say how much a kind of habit usually bears: a lock, a key or a layer more than an argument that is given.
var weights = map[Kind]float64{
	Guard: 1.2, Lock: 1.3, WriteOnce: 0.7, Layer: 0.9, Factory: 1.1, Range: 0.8, Argument: 0.8, Handler: 0.7, Decorator: 1.1,
	Super: 1.4, Call: 1.0,
}

// exceptions prefers habits with a few exceptions, of which none is known yet: these can be looked at today.
func exceptions(v *Invariant) float64 {
	known := 0
	for i := range v.Deviants {
		if v.Deviants[i].Known {
			known++
		}
	}
	switch n := len(v.Deviants); {
	case n == 0 && v.Kind == Layer:
		return 0.25 // there is always a package that everything stands on
	case n == 0:
		return 0.6
	case known == n:
		return 0.7
	case n <= 3:
		return 1
	}
	return 0.85
}

// withoutEchoes drops an invariant of which all deviants are those of a better one, and one about the same places.
func withoutEchoes(ranked []*Invariant) []*Invariant {
	known := map[program.Place]int{}
	var kept []*Invariant
	for _, v := range ranked {
		echo := len(v.Deviants) > 0
		for i := range v.Deviants {
			echo = echo && known[v.Deviants[i].At] > 0
		}
		if echo {
			continue
		}
		for i := range v.Deviants {
			known[v.Deviants[i].At]++
		}
		kept = append(kept, v)
	}
	return kept
}

// spread lowers what comes after others of the same kind and effect, so that the first page shows different things.
func spread(ranked []*Invariant) []*Invariant {
	type sort struct {
		kind   Kind
		effect program.Effect
		guard  program.GuardKind
	}
	seen := map[sort]int{}
	for _, v := range ranked {
		k := sort{v.Kind, v.Effect, v.Guard}
		v.Score /= 1 + 0.15*float64(seen[k])
		seen[k]++
	}
	slices.SortStableFunc(ranked, compareInvariants)
	return ranked
}
