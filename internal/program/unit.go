package program

import (
	"math"
	"strconv"
)

// unitSeconds is how many seconds one of the unit is; an unknown or empty unit counts as seconds.
func unitSeconds(unit string) float64 {
	switch unit {
	case "ms":
		return 1e-3
	case "us":
		return 1e-6
	case "min":
		return 60
	case "h":
		return 3600
	}
	return 1
}

func parseSeconds(text, unit string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return math.NaN()
	}
	return v * unitSeconds(unit)
}

// formatSeconds prints a bound for messages and normal forms: "2s", "0.5s", "none", "?" where the value is unknown.
func formatSeconds(seconds float64) string {
	switch {
	case math.IsInf(seconds, 1):
		return "none"
	case math.IsNaN(seconds):
		return "?"
	}
	return strconv.FormatFloat(seconds, 'g', 6, 64) + "s"
}
