package simulate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Told is one value that the code of a service says of its calls to another one.
type Told struct {
	// Value is a number or in seconds, +Inf for without bound, and NaN where there is such a value and the code does not show
	// it.
	Value float64
	// Where is the place that says it: "shop/app.py:12".
	Where string
}

// Found is what the code of a service says of its calls to another one, by the keys of the file ("deadline",
// "breaker.failures"); what the file says itself wins. "fallback" is there where a default answers.
type Found map[string]Told

// Code answers what the code of a service says of its calls that match a word; ok is false where there are none.
type Code func(folder, match string) (found Found, ok bool, err error)

// span is a range of values for one that the code does not show.
type span struct {
	low, high float64
	why       string
}

// assumed are the ranges in which values lie that the code has and does not show. They are as wide as what is found in
// services; the report names each with its place, and says whether it decides.
var assumed = map[string]span{
	"deadline": {low: 1, high: 60}, "attempts": {low: 2, high: 6}, "total": {low: 5, high: 120}, "backoff": {low: 0.05, high: 2},
	"connections": {low: 5, high: 100}, "fan": {low: 1, high: 20}, "at-once": {low: 1, high: 20},
	"breaker.failures": {low: 3, high: 20}, "breaker.open": {low: 5, high: 60},
	"cache.keys": {low: 1, high: 1000}, "cache.ttl": {low: 5, high: 600},
}

// known are the keys that code can tell, in the order of the report, with the form of their value.
var known = []struct{ key, form string }{
	{"deadline", "deadline %s"}, {"attempts", "%g attempts"}, {"total", "no attempt after %s"}, {"backoff", "backoff %s"}, {"factor", "backoff times %g each"},
	{"jitter", "jitter %g"}, {"connections", "%g connections"}, {"fan", "%g calls for one request"}, {"at-once", "%g of them at once"},
	{"breaker.failures", "breaker after %g failures"}, {"breaker.open", "for %s"}, {"fallback", "a default answers"},
	{"cache.ttl", "a cache of %s"}, {"cache.jitter", "jitter %g of it"}, {"cache.keys", "%g answers in it"}, {"cache.coalesce", "one call fetches for all"},
}

// told gives what the file says of a value, else what the code does; otherwise is for none of them.
func told(given any, found Found, key string) any {
	value, ok := found[key]
	switch {
	case given != nil || !ok:
		return given
	case math.IsNaN(value.Value):
		s := assumed[key]
		s.why = value.Where + " does not show it"
		return s
	}
	return value.Value
}

// note remembers what was taken from the code of a service, but for what the file says itself.
func (r *reader) note(path string, line int, found Found, given map[string]any) {
	for _, k := range known {
		value, ok := found[k.key]
		if !ok || given[k.key] != nil || k.key == "attempts" && value.Value == 1 {
			continue
		}
		what := k.form
		switch {
		case math.IsNaN(value.Value):
			what = k.key + " not shown"
		case k.key == "at-once" && value.Value == 1:
			what = "one after the other"
		case math.IsInf(value.Value, 1) && k.key == "deadline":
			what = "no deadline"
		case math.IsInf(value.Value, 1) && k.key == "cache.ttl":
			what = "a cache that forgets nothing"
		case k.key == "cache.keys" && value.Value == 1:
			what = "one answer in it"
		case math.IsInf(value.Value, 1):
			what = fmt.Sprintf(strings.Replace(k.form, "%g", "%s", 1), "endless")
		case strings.Contains(k.form, "%s"):
			what = fmt.Sprintf(k.form, Seconds(value.Value))
		case strings.Contains(k.form, "%g"):
			what = fmt.Sprintf(k.form, value.Value)
		}
		r.t.Read = append(r.t.Read, Reading{Path: path, Key: k.key, What: what, Where: value.Where, Line: line})
	}
}

// found asks the code of a service what guards its calls.
func (r *reader) found(path, name, folder string, c *callTable) Found {
	if folder == "" {
		return nil
	}
	if r.code == nil {
		r.fail(path, "the code in %q cannot be read here", folder)
		return nil
	}
	match := cmp.Or(c.Match, c.To)
	found, ok, err := r.code(folder, match)
	switch {
	case err != nil:
		r.fail(path, "%s", err)
		return nil
	case !ok:
		r.fail(path, "no call in %q matches %q: say with match what names it (a host, a client, a function)", folder, match)
		return nil
	}
	r.note(name+" → "+c.To, lineOf(r.raw, path), found, map[string]any{
		"deadline": c.Deadline, "attempts": c.Attempts, "total": c.Total, "backoff": c.Backoff, "factor": c.Factor, "jitter": c.Jitter,
		"connections": c.Connections, "fan": c.Fan, "at-once": c.AtOnce, "breaker.failures": orNil(c.Breaker), "breaker.open": orNil(c.Breaker),
		"cache.ttl": orNil(c.Cache), "cache.jitter": orNil(c.Cache), "cache.keys": orNil(c.Cache), "cache.coalesce": orNil(c.Cache),
	})
	return found
}

// orNil keeps a table that is not there from becoming a value that is.
func orNil[T any](table *T) any {
	if table == nil {
		return nil
	}
	return table
}

// readings groups what was read by call, in order.
func (t *Topology) readings() (paths []string, by map[string][]Reading) {
	by = map[string][]Reading{}
	for _, one := range t.Read {
		if !slices.Contains(paths, one.Path) {
			paths = append(paths, one.Path)
		}
		by[one.Path] = append(by[one.Path], one)
	}
	return paths, by
}
