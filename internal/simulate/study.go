package simulate

import (
	"math"
	"slices"
)

// Study is everything that is asked of one topology.
type Study struct {
	Topology *Topology
	// Outcome is what all runs have in common, Runs their series, in the order of the seeds.
	Outcome *Outcome
	Runs    []*Series
	// Closed are the formulas' answers for the services, in their order; Herds those for caches.
	Closed []Closed
	Herds  []Herd
	// Guards are ordered by how much they matter; those that change nothing come last.
	Guards []Worth
	// Flips are the unknown values, each with the border at which the verdict changes.
	Flips     []Flip
	Conflicts []Conflict
	// Events is how many events all runs took.
	Events int
}

// Flip is what an unknown value decides.
type Flip struct {
	Unknown
	// AtLow and AtHigh are the verdicts at the ends of the range; At is the value between them from which that at the upper
	// end holds, NaN where it is the same at both ends.
	AtLow, AtHigh string
	At            float64
}

// Options steer a study.
type Options struct {
	// Guards is false where nobody asks what the guards are worth, which takes most of the time.
	Guards bool
	// Progress is told how much of the work is done, from 0 to 1; nil for nobody.
	Progress func(share float64)
}

// variantRuns is how many seeds a variant is played with; the difference between guards is larger than that between seeds.
const variantRuns = 5

// Examine plays the topology and answers what people ask. The result is a function of the topology. Cost: Runs runs, five
// for each guard, and about forty for each unknown value.
func Examine(t *Topology, o Options) *Study {
	s := &Study{Topology: t, Closed: ClosedForms(t), Herds: Herds(t), Conflicts: Conflicts(t)}
	tell := o.Progress
	if tell == nil {
		tell = func(float64) {}
	}
	s.Runs = play(t, t.Runs)
	s.Outcome = Summarise(t, s.Runs)
	s.Events = s.Outcome.Events
	tell(0.2)
	if o.Guards {
		base := Summarise(t, s.Runs[:min(variantRuns, len(s.Runs))])
		all := t.variants()
		for i, v := range all {
			s.Guards = append(s.Guards, s.weigh(&v, base))
			tell(0.2 + 0.5*float64(i+1)/float64(len(all)))
		}
		slices.SortStableFunc(s.Guards, func(a, b Worth) int { return compareWorth(&a, &b) })
	}
	for i := range t.Unknown {
		s.Flips = append(s.Flips, s.flip(&t.Unknown[i]))
		tell(0.7 + 0.3*float64(i+1)/float64(len(t.Unknown)))
	}
	return s
}

// weigh plays one variant.
func (s *Study) weigh(v *variant, base *Outcome) Worth {
	outcome := Summarise(v.topology, play(v.topology, min(variantRuns, v.topology.Runs)))
	s.Events += outcome.Events
	w := Worth{Path: v.path, Guard: v.guard, Change: v.change, There: v.there, Outcome: outcome}
	if v.there {
		w.Matters = outcome.worse(base)
	} else {
		// What holds only because it turns most people away is no help.
		w.Matters = base.worse(outcome) && outcome.Failed.Mid <= max(2.0/3, base.Failed.Mid+0.05)
	}
	return w
}

// compareWorth puts what matters first, guards that are there before those that are not, and the worst loss first.
func compareWorth(a, b *Worth) int {
	rank := func(w *Worth) int {
		switch {
		case w.Matters && w.There:
			return 0
		case w.Matters:
			return 1
		}
		return 2
	}
	if d := rank(a) - rank(b); d != 0 || !a.Matters {
		return d
	}
	switch {
	case a.Outcome.worse(b.Outcome) && a.There, b.Outcome.worse(a.Outcome) && !a.There:
		return -1
	case b.Outcome.worse(a.Outcome) && b.There, a.Outcome.worse(b.Outcome) && !b.There:
		return 1
	}
	return 0
}

// Verdict says in words how a topology fares: "holds", "is exhausted and recovers", "is exhausted", "does not recover".
func (o *Outcome) Verdict() string {
	exhausted := o.First != none
	switch {
	case o.Recovered >= 0 && 2*o.Recovered < o.Runs:
		return "does not recover"
	case exhausted && o.Recovered >= 0:
		return "is exhausted and recovers"
	case exhausted:
		return "is exhausted"
	}
	return "holds"
}

// flip looks for the value of an unknown at which the verdict changes, by halving its range.
func (s *Study) flip(u *Unknown) Flip {
	f := Flip{Unknown: *u, At: math.NaN()}
	verdict := func(v float64) string {
		c := s.Topology.clone()
		u.set(c, v)
		outcome := Summarise(c, play(c, min(3, c.Runs)))
		s.Events += outcome.Events
		return outcome.Verdict()
	}
	f.AtLow, f.AtHigh = verdict(u.Low), verdict(u.High)
	if f.AtLow == f.AtHigh {
		return f
	}
	low, high := u.Low, u.High
	for range 12 {
		middle := (low + high) / 2
		if u.Whole {
			if middle = math.Round(middle); middle == low || middle == high {
				break
			}
		}
		if verdict(middle) == f.AtLow {
			low = middle
		} else {
			high = middle
		}
		if high-low < 0.01*(u.High-u.Low) {
			break
		}
	}
	f.At = (low + high) / 2
	if u.Whole {
		f.At = high
	}
	return f
}
