package trend

// Thresholds of parts.
const (
	// minLooks is how many looks at both are needed: the least whose order can be told from chance at all.
	minLooks = 4
	// partZ is how many standard deviations the order of a part's points must lie from chance: 1.645 is once in twenty.
	// That something grows is known by then; this only asks which part of it does.
	partZ = 1.645
	// fewParts is into how many parts of time the looks are cut at least, and looksInPart how many looks a part has where
	// there are enough for more.
	fewParts    = 3
	looksInPart = 3
)

// Part judges points as a part of a whole that is known to rise: they must rise with it, early and late, by at least a
// share of what it does, and not slacken beside it. Both are compared at the same looks, so that neither pauses nor looks that are missing count.
// Rise is that between the lowest points of the first and the last part of time.
func Part(part, whole []Point, share float64) Judgement {
	part, whole = together(part, whole)
	j := Judgement{Points: len(part)}
	if len(part) < minLooks {
		return j
	}
	j.Seconds = part[len(part)-1].Seconds - part[0].Seconds
	of, all := timesOf(part, whole)
	last := len(of) - 1
	j.Rise = of[last].Value - of[0].Value
	if j.Rise <= 0 {
		return j
	}
	if grown := all[last].Value - all[0].Value; grown > 0 {
		share = max(share, slackened*j.Rise/grown)
	}
	for i := 1; i <= last; i++ {
		if of[i].Value-of[i-1].Value < share*(all[i].Value-all[i-1].Value) {
			return j
		}
	}
	j.Slope = Slope(part)
	j.Z = significance(part, j.Slope)
	j.Rising = j.Slope > 0 && j.Z > partZ
	return j
}

// Share is the part of a whole's growth that points have, from 0; ok is false where that cannot be said, as there are too
// few looks at both or the whole does not grow.
func Share(part, whole []Point) (share float64, ok bool) {
	part, whole = together(part, whole)
	if len(part) < minLooks {
		return 0, false
	}
	of, all := timesOf(part, whole)
	last := len(of) - 1
	grown := all[last].Value - all[0].Value
	if grown <= 0 {
		return 0, false
	}
	return max(0, (of[last].Value-of[0].Value)/grown), true
}

// timesOf gives the lowest points of both in the same parts of time.
func timesOf(part, whole []Point) (of, all []Point) {
	n := min(max(len(part)/looksInPart, fewParts), parts)
	return floors(part, n), floors(whole, n)
}

// together keeps the points that both have at the same time.
func together(a, b []Point) (ofA, ofB []Point) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Seconds < b[0].Seconds:
			a = a[1:]
		case a[0].Seconds > b[0].Seconds:
			b = b[1:]
		default:
			ofA, ofB = append(ofA, a[0]), append(ofB, b[0])
			a, b = a[1:], b[1:]
		}
	}
	return ofA, ofB
}
