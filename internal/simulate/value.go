package simulate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// missing says that a value has no default.
const missing = math.MaxFloat64

// The most that is simulated of one thing.
const (
	maxFan    = 10_000
	maxKeys   = 10_000_000
	maxRuns   = 10_000
	maxRate   = 10_000_000
	maxEvents = 2_000_000_000
)

// fail notes a fault of the value at a path, with its line where it can be found.
func (r *reader) fail(path, format string, args ...any) {
	where := r.name
	if line := lineOf(r.raw, path); line > 0 {
		where += ":" + strconv.Itoa(line)
	}
	r.faults = append(r.faults, fmt.Errorf("%s: %s: %s", where, path, fmt.Sprintf(format, args...)))
}

// number reads a value between least and most: a number, a duration in seconds, or a range of either, of which it takes
// the middle.
func (r *reader) number(path string, value any, otherwise, least, most float64) float64 {
	return r.value(path, value, otherwise, least, most, parse)
}

// plain is number for what is no time.
func (r *reader) plain(path string, value any, otherwise, least, most float64) float64 {
	return r.value(path, value, otherwise, least, most, parsePlain)
}

// value reads a value in the form that read knows.
func (r *reader) value(path string, value any, otherwise, least, most float64, read func(any) (low, high float64, err error)) float64 {
	r.last = nil
	if value == nil {
		if otherwise == missing {
			r.fail(path, "missing")
			return least
		}
		return otherwise
	}
	low, high, err := read(value)
	switch {
	case err != nil:
		r.fail(path, "%s", err)
		return least
	case low > high:
		r.fail(path, "the range %v ends below its begin", value)
		return least
	case low < least || high > most:
		r.fail(path, "%v is not %s", show(value), within(least, most))
		return least
	case math.IsInf(high, 1) && low < high:
		r.fail(path, "the range %v needs an end", value)
		return least
	}
	if low < high {
		r.last = &Unknown{Path: path, Low: low, High: high}
		if s, ok := value.(span); ok {
			r.last.Why = s.why
		}
	}
	return (low + high) / 2
}

// show writes a value as it was given.
func show(value any) string {
	if v, ok := value.(float64); ok {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return fmt.Sprint(value)
}

// within says which values are right.
func within(least, most float64) string {
	if math.IsInf(most, 1) {
		return fmt.Sprintf("%s or more", show(least))
	}
	return fmt.Sprintf("between %s and %s", show(least), show(most))
}

// whole reads a value that counts; -1 for one without bound.
func (r *reader) whole(path string, value any, otherwise, least float64) int {
	v := r.value(path, value, otherwise, least, math.Inf(1), parseWhole)
	if math.IsInf(v, 1) {
		return -1
	}
	return int(math.Round(min(v, math.MaxInt32)))
}

// between is whole for a value that has a bound.
func (r *reader) between(path string, value any, otherwise, least, most float64) int {
	return int(math.Round(r.value(path, value, otherwise, least, most, parseWhole)))
}

// parse reads 5, 2.5, "50ms", "none", "10..20", "10ms..1s".
func parse(value any) (low, high float64, err error) {
	switch v := value.(type) {
	case int64:
		return float64(v), float64(v), nil
	case float64:
		if math.IsNaN(v) {
			return 0, 0, errors.New("not a number")
		}
		return v, v, nil
	case span:
		return v.low, v.high, nil
	case string:
		first, second, isRange := strings.Cut(v, "..")
		if low, err = parseOne(first); err != nil {
			return 0, 0, err
		}
		if !isRange {
			return low, low, nil
		}
		high, err = parseOne(second)
		return low, high, err
	}
	return 0, 0, fmt.Errorf("%v is neither a number nor a duration such as \"50ms\" nor a range such as \"50ms..2s\"", value)
}

// parsePlain is parse without durations.
func parsePlain(value any) (low, high float64, err error) {
	if text, ok := value.(string); ok {
		for part := range strings.SplitSeq(text, "..") {
			if part = strings.TrimSpace(part); part == "none" {
				continue
			}
			if _, err := strconv.ParseFloat(part, 64); err != nil {
				return 0, 0, fmt.Errorf("%q is not a number or a range such as \"10..20\"", text)
			}
		}
	}
	return parse(value)
}

// parseWhole is parsePlain for what counts.
func parseWhole(value any) (low, high float64, err error) {
	low, high, err = parsePlain(value)
	if _, read := value.(span); err == nil && !read && (low != math.Floor(low) || high != math.Floor(high)) {
		return 0, 0, fmt.Errorf("%v is not a whole number", show(value))
	}
	return low, high, err
}

func parseOne(s string) (float64, error) {
	s = strings.TrimSpace(s)
	if s == "none" {
		return math.Inf(1), nil
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil && !math.IsNaN(v) && !math.IsInf(v, 0) {
		return v, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is neither a number nor a duration such as \"50ms\" (units: ms, s, m, h)", s)
	}
	return d.Seconds(), nil
}

// unknown remembers the range of the value read last, where it was one.
func (r *reader) unknown(path string, set func(t *Topology, v float64)) counting {
	if r.last == nil || r.last.Path != path {
		return counting{}
	}
	r.last.set = set
	r.t.Unknown = append(r.t.Unknown, *r.last)
	return counting{&r.t.Unknown[len(r.t.Unknown)-1]}
}

// counting is an unknown value that may be one that counts.
type counting struct{ unknown *Unknown }

func (c counting) whole() {
	if c.unknown != nil {
		c.unknown.Whole = true
	}
}
