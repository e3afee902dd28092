package contract

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Measure is what a quantity counts.
type Measure uint8

// The measures. A number without a unit is a Count.
const (
	Count Measure = iota
	Time
)

// String gives the measure for messages.
func (m Measure) String() string {
	if m == Time {
		return "time"
	}
	return "numbers"
}

// Quantity is a number with its unit.
type Quantity struct {
	// Value is in seconds for Time.
	Value   float64
	Measure Measure
	// Text is the quantity as it is written: "5 s".
	Text string
}

// units are the units with their measure and their size in the measure's own unit.
var units = []struct {
	words   []string
	measure Measure
	size    float64
}{
	{[]string{"ms", "millisecond", "milliseconds", "msec"}, Time, 1e-3},
	{[]string{"us", "µs", "microseconds"}, Time, 1e-6},
	{[]string{"s", "sec", "secs", "second", "seconds"}, Time, 1},
	{[]string{"min", "mins", "minute", "minutes"}, Time, 60},
	{[]string{"h", "hour", "hours"}, Time, 3600},
	{[]string{"d", "day", "days"}, Time, 86400},
	{[]string{"", "attempts", "attempt", "tries", "times", "retries", "items", "x"}, Count, 1},
}

// unitWords are the units that faults list.
var unitWords = []string{"ms", "s", "min", "h", "d", "attempts", "items"}

// number is a quantity: digits, perhaps with a fraction, then a unit.
var number = regexp.MustCompile(`^([0-9]+(?:[._][0-9]+)*(?:[eE][-+]?[0-9]+)?)\s*([\pLµ]*)$`)

// quantity reads the value of a field as a number with a unit; nil, with a fault, where it is none.
func (f *fields) quantity(key string) *Quantity {
	s := f.text(key)
	if s == "" {
		return nil
	}
	at := number.FindStringSubmatch(s)
	if at == nil {
		f.fault(key, "%q is no number with a unit, such as `5 s`", text.Visible(s))
		return nil
	}
	q, ok := quantityOf(at[1], at[2])
	if !ok {
		f.fault(key, "unknown unit %q%s (expected %s)", text.Visible(at[2]), text.Suggest(at[2], unitWords), text.List(unitWords))
		return nil
	}
	q.Text = s
	return &q
}

func quantityOf(digits, unit string) (Quantity, bool) {
	value, err := strconv.ParseFloat(strings.ReplaceAll(digits, "_", ""), 64)
	if err != nil {
		return Quantity{}, false
	}
	for _, u := range units {
		if slices.Contains(u.words, unit) {
			return Quantity{Value: value * u.size, Measure: u.measure, Text: strings.TrimSpace(digits + " " + unit)}, true
		}
	}
	return Quantity{}, false
}

// same reports whether two values are equal but for the rounding of floating point.
func same(a, b float64) bool {
	d := a - b
	return d < 1e-9 && d > -1e-9
}
