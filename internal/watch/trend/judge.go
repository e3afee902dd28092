package trend

import (
	"cmp"
	"math"
	"slices"
)

// The thresholds.
const (
	// MinPoints is how many points are needed before anything is said.
	MinPoints = 10
	// minZ is how many standard deviations the order of the points must lie from chance: three is once in 740.
	minZ = 3
	// parts is into how many parts the lower envelope is cut; each must lie above the one before.
	parts = 5
	// slackened is the share of the mean pace that the last two parts must still have.
	slackened = 0.4
)

// Options say what counts as growth. The zero value asks for a rise of one.
type Options struct {
	// MinRise is by how much the lower envelope must have climbed over all, at least.
	MinRise float64
	// MinSeconds is how long the points must span, at least.
	MinSeconds float64
}

// Judgement is what a series does. The zero value is "nothing known".
type Judgement struct {
	// Rising says that all conditions hold.
	Rising bool
	// Slope is that of Theil and Sen, in values a second; Z how many standard deviations it is from chance.
	Slope, Z float64
	// Rise is how far the lower envelope climbed, from the first part to the last.
	Rise float64
	// Points counts what was judged, Seconds is what they span.
	Points  int
	Seconds float64
}

// Judge looks at points in the order of time. The costly parts run only where the cheap ones hold: of n points, n² for
// a series that climbs and n for all others.
func Judge(points []Point, o Options) Judgement {
	j := Judgement{Points: len(points)}
	if len(points) < MinPoints {
		return j
	}
	j.Seconds = points[len(points)-1].Seconds - points[0].Seconds
	lowest := floors(points, parts)
	j.Rise = lowest[parts-1].Value - lowest[0].Value
	if j.Rise <= 0 || !climbs(lowest) {
		return j
	}
	j.Slope = Slope(points)
	j.Z = significance(points, j.Slope)
	j.Rising = j.Slope > 0 && j.Z > minZ && j.Rise >= max(o.MinRise, 1) && j.Seconds >= o.MinSeconds
	return j
}

// floors gives the lowest point of each of n parts of at least n points: the lower envelope.
func floors(points []Point, n int) []Point {
	lowest := make([]Point, n)
	for i := range lowest {
		from, to := i*len(points)/n, (i+1)*len(points)/n
		lowest[i] = slices.MinFunc(points[from:to], func(a, b Point) int { return cmp.Compare(a.Value, b.Value) })
	}
	return lowest
}

// climbs says whether each floor lies above the one before, and the last ones climb about as fast as all of them do.
func climbs(floors []Point) bool {
	for i := 1; i < len(floors); i++ {
		if floors[i].Value <= floors[i-1].Value {
			return false
		}
	}
	last := floors[len(floors)-1]
	pace := rate(floors[0], last)
	return rate(floors[len(floors)-2], last) >= slackened*pace && rate(floors[len(floors)-3], last) >= slackened*pace
}

// rate is the slope between two points, 0 where no time lies between them.
func rate(a, b Point) float64 {
	if b.Seconds <= a.Seconds {
		return 0
	}
	return (b.Value - a.Value) / (b.Seconds - a.Seconds)
}

// Slope is the median of the slopes between all pairs of points (Theil 1950, Sen 1968): up to 29 % of the points may be
// anything without moving it far. It is 0 for fewer than two points.
func Slope(points []Point) float64 {
	slopes := make([]float64, 0, len(points)*(len(points)-1)/2)
	for i := range points {
		for k := i + 1; k < len(points); k++ {
			if points[k].Seconds > points[i].Seconds {
				slopes = append(slopes, rate(points[i], points[k]))
			}
		}
	}
	if len(slopes) == 0 {
		return 0
	}
	slices.Sort(slopes)
	middle := len(slopes) / 2
	if len(slopes)%2 == 1 {
		return slopes[middle]
	}
	return (slopes[middle-1] + slopes[middle]) / 2
}

// significance is how many standard deviations the order of the points lies from chance. There are two ways of chance
// to look like a trend, and one of them must be ruled out as far as the other: points that depend on their neighbours,
// for which the variance of Mann and Kendall is widened, and a count that wanders, whose steps up and down are alike.
// The first alone would take a count that only ever climbs, but not evenly, for one that wanders.
func significance(points []Point, slope float64) float64 {
	z := mannKendall(points)
	return max(z/math.Sqrt(dependence(points, slope)), min(z, drift(points)))
}

// mannKendall is the standardised statistic of the test of Mann and Kendall with the correction for ties.
func mannKendall(points []Point) float64 {
	s := 0.0
	for i := range points {
		for k := i + 1; k < len(points); k++ {
			switch {
			case points[k].Value > points[i].Value:
				s++
			case points[k].Value < points[i].Value:
				s--
			}
		}
	}
	n := float64(len(points))
	variance := (n*(n-1)*(2*n+5) - ties(points)) / 18
	switch {
	case variance <= 0 || s == 0:
		return 0
	case s > 0:
		return (s - 1) / math.Sqrt(variance)
	}
	return (s + 1) / math.Sqrt(variance)
}

// drift is how many standard deviations the mean step lies from that of a count that wanders, which is 0. Steps that
// depend on their neighbours, as those of a slow wave, count for less.
func drift(points []Point) float64 {
	steps := make([]Point, 0, len(points))
	for i := 1; i < len(points); i++ {
		steps = append(steps, Point{points[i].Seconds, points[i].Value - points[i-1].Value})
	}
	n := float64(len(steps))
	if n < 2 {
		return 0
	}
	mean, squares := (points[len(points)-1].Value-points[0].Value)/n, 0.0
	for _, step := range steps {
		squares += (step.Value - mean) * (step.Value - mean)
	}
	if squares == 0 {
		return math.Inf(1) * mean
	}
	return mean * math.Sqrt(n*(n-1)/squares/dependence(steps, 0))
}

// ties is the sum of t(t-1)(2t+5) over groups of t equal values.
func ties(points []Point) float64 {
	values := make([]float64, len(points))
	for i, p := range points {
		values[i] = p.Value
	}
	slices.Sort(values)
	sum := 0.0
	for i := 0; i < len(values); {
		k := i
		for k < len(values) && values[k] == values[i] {
			k++
		}
		t := float64(k - i)
		sum += t * (t - 1) * (2*t + 5)
		i = k
	}
	return sum
}

// maxDependence bounds the widening, so that a long series with a real trend is still found.
const maxDependence = 9

// dependence is the factor of the variance where neighbours resemble each other once the slope is taken out (Yue and
// Wang 2004), 1 for points that do not depend on their neighbours.
func dependence(points []Point, slope float64) float64 {
	mean := 0.0
	rest := make([]float64, len(points))
	for i, p := range points {
		rest[i] = p.Value - slope*(p.Seconds-points[0].Seconds)
		mean += rest[i] / float64(len(points))
	}
	neighbours, all := 0.0, 0.0
	for i := range rest {
		all += (rest[i] - mean) * (rest[i] - mean)
		if i > 0 {
			neighbours += (rest[i] - mean) * (rest[i-1] - mean)
		}
	}
	if all == 0 {
		return 1
	}
	r := neighbours / all
	if r <= 0 {
		return 1
	}
	return min((1+r)/(1-r), maxDependence)
}

// Exhaustion is in how many seconds a count reaches its limit at a pace, +Inf where it does not: it does not grow, or
// there is no limit. At or beyond the limit it is 0.
func Exhaustion(count, limit, slope float64) float64 {
	switch {
	case math.IsInf(limit, 1) || math.IsNaN(limit) || math.IsNaN(slope):
		return math.Inf(1)
	case count >= limit:
		return 0
	case slope <= 0:
		return math.Inf(1)
	}
	return (limit - count) / slope
}
