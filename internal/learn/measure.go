package learn

import "math"

// What an invariant needs at least: places that keep it, and the share that does.
const (
	minKept  = 6
	minShare = 0.85
)

// wilson is the lower end of the 95 % interval of a share, after Wilson (1927): it is near the share for many places and
// far below it for few.
func wilson(kept, total int) float64 {
	if total == 0 {
		return 0
	}
	const z = 1.96
	n, p := float64(total), float64(kept)/float64(total)
	centre := p + z*z/(2*n)
	spread := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return (centre - spread) / (1 + z*z/n)
}

// surprise is the log-likelihood, in bits, by which the share of a group is better explained by a habit of its own than
// by that of the rest of the program; 0 where the rest keeps it as often.
func surprise(kept, total int, base float64) float64 {
	n, p := float64(total), float64(kept)/float64(total)
	if p <= base {
		return 0
	}
	bits := p * math.Log2(p/base)
	if p < 1 {
		bits += (1 - p) * math.Log2((1-p)/(1-base))
	}
	return n * bits
}

// shareOf is a share with one place added on either side (Laplace), so that it is never 0 or 1 and one half for none.
func shareOf(kept, total int) float64 { return float64(kept+1) / float64(total+2) }

// isHabit reports whether a habit is one by its numbers alone.
func isHabit(kept, total int) bool {
	return kept >= minKept && float64(kept) >= minShare*float64(total)
}
