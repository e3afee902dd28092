package cause

import (
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// growing gives what grows, with its judgement: what was seen rising often enough by itself, and its parts. A part is
// measured against its whole at the same looks, as a machine under load holds up both: what is seen of a part alone
// comes and goes with the looks that came too late.
func (t *Tracker) growing() map[Subject]trend.Judgement {
	found := map[Subject]trend.Judgement{}
	var wholes []Subject
	for subject, known := range t.all {
		if known.rising >= confirmations {
			found[subject] = known.judged
			wholes = append(wholes, subject)
		}
	}
	if len(wholes) == 0 {
		return nil
	}
	parts := map[Subject][]Subject{}
	for subject := range t.all {
		if wider, ok := subject.parent(); ok {
			parts[wider] = append(parts[wider], subject)
		}
	}
	for len(wholes) > 0 {
		whole := wholes[len(wholes)-1]
		wholes = wholes[:len(wholes)-1]
		for _, part := range parts[whole] {
			if _, known := found[part]; !known && t.isPart(part, whole) {
				found[part] = t.all[part].part
				wholes = append(wholes, part)
			}
		}
	}
	return found
}

// isPart judges a subject as a part of a wider one that grows.
func (t *Tracker) isPart(part, whole Subject) bool {
	known := t.all[part]
	j := trend.Part(known.Recent(), t.all[whole].Recent(), shares)
	if j.Rise < minRise {
		j.Rising = false
	}
	// Where all descriptors are used up, nothing can rise any more, and nothing has been mended.
	if j.Rising || !t.exhausted() {
		known.part = j
	}
	if j.Rising {
		known.before = known.Recent()[0].Value
	}
	return known.part.Rising
}

// share is the part of a wider subject's growth that a narrower one has.
func (t *Tracker) share(part, whole Subject) float64 {
	if share, ok := trend.Share(t.all[part].Recent(), t.all[whole].Recent()); ok {
		return share
	}
	if rise := t.all[whole].judged.Rise; rise > 0 {
		return t.all[part].judged.Rise / rise
	}
	return 0
}

// narrowest is the narrowest subject within a wider one that has most of something that is counted.
func (t *Tracker) narrowest(best Subject, amount func(s Subject) float64) Subject {
	for {
		least := explains * amount(best)
		next, most := best, 0.0
		for subject := range t.all {
			wider, ok := subject.parent()
			n := amount(subject)
			if ok && wider == best && n >= least && (n > most || n == most && compareSubjects(subject, next) < 0) {
				next, most = subject, n
			}
		}
		if next == best {
			return best
		}
		best = next
	}
}

// first is the first value of a subject, growth how much more it is now, and value what it is now.
func (t *Tracker) first(subject Subject) float64 {
	if points := t.all[subject].Long(); len(points) > 0 {
		return points[0].Value
	}
	return 0
}

func (t *Tracker) growth(subject Subject) float64 { return t.value(subject) - t.first(subject) }

func (t *Tracker) value(subject Subject) float64 {
	last, _ := t.all[subject].Last()
	return last.Value
}
