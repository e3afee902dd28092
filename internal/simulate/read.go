package simulate

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"github.com/tiebeam/tiebeam/internal/text"
)

// file is a topology as it is written. Values are read as they stand, since a number may be a range.
type file struct {
	Run      runTable                `toml:"run"`
	Service  map[string]serviceTable `toml:"service"`
	Load     []loadTable             `toml:"load"`
	Triggers []triggerTable          `toml:"trigger"`
}

type runTable struct {
	Duration any `toml:"duration"`
	Step     any `toml:"step"`
	Seed     any `toml:"seed"`
	Runs     any `toml:"runs"`
}

type serviceTable struct {
	Slots   any         `toml:"slots"`
	Queue   any         `toml:"queue"`
	Limit   any         `toml:"limit"`
	Time    any         `toml:"time"`
	Random  bool        `toml:"random"`
	Cancels bool        `toml:"cancels"`
	Code    string      `toml:"code"`
	Call    []callTable `toml:"call"`
}

type callTable struct {
	To          string        `toml:"to"`
	Match       string        `toml:"match"`
	Deadline    any           `toml:"deadline"`
	Attempts    any           `toml:"attempts"`
	Backoff     any           `toml:"backoff"`
	Factor      any           `toml:"factor"`
	MaxBackoff  any           `toml:"max-backoff"`
	Jitter      any           `toml:"jitter"`
	Connections any           `toml:"connections"`
	PoolWait    any           `toml:"pool-wait"`
	Fallback    bool          `toml:"fallback"`
	Fan         any           `toml:"fan"`
	Share       any           `toml:"share"`
	Breaker     *breakerTable `toml:"breaker"`
	Cache       *cacheTable   `toml:"cache"`
}

type breakerTable struct {
	Failures any `toml:"failures"`
	Open     any `toml:"open"`
}

type cacheTable struct {
	Keys     any  `toml:"keys"`
	TTL      any  `toml:"ttl"`
	Jitter   any  `toml:"jitter"`
	Spread   bool `toml:"spread"`
	Coalesce bool `toml:"coalesce"`
}

type loadTable struct {
	callTable
	Rate any `toml:"rate"`
}

type triggerTable struct {
	Service string `toml:"service"`
	At      any    `toml:"at"`
	For     any    `toml:"for"`
	Add     any    `toml:"add"`
	Times   any    `toml:"times"`
	Down    bool   `toml:"down"`
	Rate    any    `toml:"rate"`
}

// Found are the guards that a service's code has on its calls to another one; what the file says itself wins.
type Found struct {
	// Deadline is in seconds, +Inf for none, NaN where the code does not tell.
	Deadline float64
	// Attempts counts the first, -1 for without bound, 0 where the code does not tell.
	Attempts int
	// Connections bounds the pool, 0 where the code does not tell.
	Connections int
}

// Code answers what the code of a service says of its calls that match a word; ok is false where there are none.
type Code func(folder, match string) (found Found, ok bool, err error)

// Read makes a topology of a file's text. name is used in errors, which tell the line and the nearest valid word. code is
// asked for services that name their source; it may be nil, and then naming one is an error.
func Read(name string, raw []byte, code Code) (*Topology, error) {
	var f file
	decoder := toml.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("%s%w", name, tomlError(err))
	}
	r := &reader{name: name, raw: raw, code: code, t: &Topology{}, names: slices.Sorted(maps.Keys(f.Service))}
	r.run(&f.Run)
	r.services(f.Service)
	for i := range f.Load {
		path := fmt.Sprintf("load.%d", i)
		load := Load{Rate: r.number(path+".rate", f.Load[i].Rate, missing, 0, math.Inf(1))}
		r.unknown(path+".rate", func(t *Topology, v float64) { t.Loads[i].Rate = v })
		load.Call = r.call(path, &f.Load[i].callTable, Found{Deadline: math.NaN()}, func(t *Topology) *Call { return &t.Loads[i].Call })
		r.t.Loads = append(r.t.Loads, load)
	}
	r.triggers(f.Triggers)
	r.check()
	if len(r.faults) > 0 {
		return nil, errors.Join(r.faults...)
	}
	return r.t, nil
}

// tomlError words what the decoder says with its line.
func tomlError(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		first := &strict.Errors[0]
		line, _ := first.Position()
		key := first.Key()
		return fmt.Errorf(":%d: %q is no key here%s", line, strings.Join(key, "."), text.Suggest(key[len(key)-1], keys))
	}
	var fault *toml.DecodeError
	if errors.As(err, &fault) {
		line, _ := fault.Position()
		return fmt.Errorf(":%d: %s", line, strings.TrimPrefix(fault.Error(), "toml: "))
	}
	return fmt.Errorf(": %w", err)
}

// keys are all words of the format.
var keys = []string{
	"run", "duration", "step", "seed", "runs", "service", "slots", "queue", "limit", "time", "random", "cancels", "code", "call", "to", "match",
	"deadline", "attempts", "backoff", "factor", "max-backoff", "jitter", "connections", "pool-wait", "fallback", "fan", "share", "breaker",
	"failures", "open", "cache", "keys", "ttl", "spread", "coalesce", "load", "rate", "trigger", "at", "for", "add", "times", "down",
}

// reader turns the tables into a topology and collects what is wrong with them.
type reader struct {
	name   string
	raw    []byte
	code   Code
	t      *Topology
	names  []string // of the services, in the order of the topology
	faults []error
	// low and high are the bounds of the value read last, where it was a range.
	low, high float64
}

// missing says that a value has no default.
const missing = math.MaxFloat64

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
	r.low, r.high = math.NaN(), math.NaN()
	if value == nil {
		if otherwise == missing {
			r.fail(path, "missing")
			return least
		}
		return otherwise
	}
	low, high, err := parse(value)
	switch {
	case err != nil:
		r.fail(path, "%s", err)
		return least
	case low < least || high > most || low > high:
		r.fail(path, "%v is not between %s and %s", value, show(least), show(most))
		return least
	}
	if low < high {
		r.low, r.high = low, high
	}
	return (low + high) / 2
}

func show(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

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
		return 0, fmt.Errorf("%q is neither a number nor a duration such as \"50ms\"", s)
	}
	return d.Seconds(), nil
}

// unknown remembers the range of the value read last.
func (r *reader) unknown(path string, set func(t *Topology, v float64)) {
	if !math.IsNaN(r.low) {
		r.t.Unknown = append(r.t.Unknown, Unknown{Path: path, Low: r.low, High: r.high, set: set})
	}
}

// whole reads a value that counts.
func (r *reader) whole(path string, value any, otherwise, least float64) int {
	v := r.number(path, value, otherwise, least, math.Inf(1))
	if math.IsInf(v, 1) {
		return -1
	}
	return int(math.Round(min(v, math.MaxInt32)))
}

func (r *reader) run(t *runTable) {
	r.t.Duration = r.number("run.duration", t.Duration, 120, 1e-3, 86400)
	r.t.Step = r.number("run.step", t.Step, r.t.Duration/120, r.t.Duration/100000, r.t.Duration)
	r.t.Seed = uint64(r.number("run.seed", t.Seed, 1, 0, math.MaxInt32))
	r.t.Runs = r.whole("run.runs", t.Runs, 20, 1)
}

func (r *reader) services(tables map[string]serviceTable) {
	for i, name := range r.names {
		s, path := tables[name], "service."+name
		out := Service{Name: name, Cancels: s.Cancels}
		out.Slots = r.whole(path+".slots", s.Slots, missing, 1)
		r.unknown(path+".slots", func(t *Topology, v float64) { t.Services[i].Slots = max(1, int(math.Round(v))) })
		out.Queue = r.whole(path+".queue", s.Queue, math.Inf(1), 0)
		out.Limit = r.whole(path+".limit", s.Limit, math.Inf(1), 1)
		if out.Slots < 0 {
			r.fail(path+".slots", "needs a bound")
		}
		out.Time = Time{Mean: r.number(path+".time", s.Time, missing, 0, 3600), Random: s.Random}
		r.unknown(path+".time", func(t *Topology, v float64) { t.Services[i].Time.Mean = v })
		for k := range s.Call {
			to := fmt.Sprintf("%s.call.%d", path, k)
			found := r.found(to, s.Code, &s.Call[k])
			out.Calls = append(out.Calls, r.call(to, &s.Call[k], found, func(t *Topology) *Call { return &t.Services[i].Calls[k] }))
		}
		r.t.Services = append(r.t.Services, out)
	}
}

// found asks the code of a service what guards its calls.
func (r *reader) found(path, folder string, c *callTable) Found {
	nothing := Found{Deadline: math.NaN()}
	if folder == "" {
		return nothing
	}
	if r.code == nil {
		r.fail(path, "the code in %q cannot be read here", folder)
		return nothing
	}
	found, ok, err := r.code(folder, cmp.Or(c.Match, c.To))
	if err != nil {
		r.fail(path, "%s", err)
		return nothing
	}
	if !ok {
		r.fail(path, "no call in %q matches %q: say with match what names it (a host, a client, a function)", folder, cmp.Or(c.Match, c.To))
		return nothing
	}
	return found
}

func (r *reader) call(path string, c *callTable, found Found, at func(t *Topology) *Call) Call {
	deadline, attempts, connections := math.Inf(1), 1.0, math.Inf(1)
	if !math.IsNaN(found.Deadline) {
		deadline = found.Deadline
	}
	switch {
	case found.Attempts < 0:
		attempts = math.Inf(1)
	case found.Attempts > 0:
		attempts = float64(found.Attempts)
	}
	if found.Connections > 0 {
		connections = float64(found.Connections)
	}
	out := Call{To: r.service(path+".to", c.To), Fallback: c.Fallback}
	out.Deadline = r.number(path+".deadline", c.Deadline, deadline, 1e-6, math.Inf(1))
	r.unknown(path+".deadline", func(t *Topology, v float64) { at(t).Deadline = v })
	out.Attempts = r.whole(path+".attempts", c.Attempts, attempts, 1)
	r.unknown(path+".attempts", func(t *Topology, v float64) { at(t).Attempts = int(math.Round(v)) })
	out.Backoff = r.number(path+".backoff", c.Backoff, 0, 0, 3600)
	r.unknown(path+".backoff", func(t *Topology, v float64) { at(t).Backoff = v })
	out.Factor = r.number(path+".factor", c.Factor, 1, 1, 100)
	out.MaxBackoff = r.number(path+".max-backoff", c.MaxBackoff, math.Inf(1), 0, math.Inf(1))
	out.Jitter = r.number(path+".jitter", c.Jitter, 0, 0, 1)
	out.Connections = max(0, r.whole(path+".connections", c.Connections, connections, 1))
	out.PoolWait = r.number(path+".pool-wait", c.PoolWait, math.Inf(1), 0, math.Inf(1))
	out.Fan = r.whole(path+".fan", c.Fan, 1, 1)
	if out.Fan < 0 || out.Fan > 10000 {
		r.fail(path+".fan", "is not between 1 and 10000")
	}
	out.Share = r.number(path+".share", c.Share, 1, 0, 1)
	r.unknown(path+".share", func(t *Topology, v float64) { at(t).Share = v })
	if b := c.Breaker; b != nil {
		out.Breaker = &Breaker{Failures: r.whole(path+".breaker.failures", b.Failures, missing, 1), Open: r.number(path+".breaker.open", b.Open, missing, 0, 3600)}
	}
	if k := c.Cache; k != nil {
		out.Cache = &Cache{
			Keys: r.whole(path+".cache.keys", k.Keys, missing, 1), TTL: r.number(path+".cache.ttl", k.TTL, missing, 1e-3, math.Inf(1)),
			Jitter: r.number(path+".cache.jitter", k.Jitter, 0, 0, 1), Spread: k.Spread, Coalesce: k.Coalesce,
		}
		if out.Cache.Keys < 0 || out.Cache.Keys > 10_000_000 {
			r.fail(path+".cache.keys", "is not between 1 and 10000000")
		}
	}
	return out
}

// service finds a service by name.
func (r *reader) service(path, name string) int {
	if i := slices.Index(r.names, name); i >= 0 {
		return i
	}
	if name == "" {
		r.fail(path, "missing: which service?")
		return 0
	}
	r.fail(path, "no service is called %q%s", name, text.Suggest(name, r.names))
	return 0
}

func (r *reader) triggers(tables []triggerTable) {
	for i := range tables {
		t, path := &tables[i], fmt.Sprintf("trigger.%d", i)
		out := Trigger{Service: none, Down: t.Down}
		if t.Service != "" {
			out.Service = r.service(path+".service", t.Service)
		}
		out.At = r.number(path+".at", t.At, r.t.Duration/6, 0, r.t.Duration)
		out.For = r.number(path+".for", t.For, math.Inf(1), 0, math.Inf(1))
		r.unknown(path+".for", func(t *Topology, v float64) { t.Triggers[i].For = v })
		out.Add = r.number(path+".add", t.Add, 0, 0, 3600)
		r.unknown(path+".add", func(t *Topology, v float64) { t.Triggers[i].Add = v })
		out.Times = r.number(path+".times", t.Times, 1, 0, 1e6)
		r.unknown(path+".times", func(t *Topology, v float64) { t.Triggers[i].Times = v })
		out.Rate = r.number(path+".rate", t.Rate, 1, 0, 1e6)
		r.unknown(path+".rate", func(t *Topology, v float64) { t.Triggers[i].Rate = v })
		if (out.Service == none) == (t.Rate == nil) {
			r.fail(path, "needs either a service that is slowed down (add, times, down) or a rate that multiplies the load")
		}
		r.t.Triggers = append(r.t.Triggers, out)
	}
}

// check finds what only the whole can tell.
func (r *reader) check() {
	if len(r.faults) > 0 {
		return
	}
	if len(r.t.Services) == 0 {
		r.faults = append(r.faults, fmt.Errorf("%s: no [service.NAME] in it", r.name))
	}
	if len(r.t.Loads) == 0 {
		r.faults = append(r.faults, fmt.Errorf("%s: no [[load]] in it: what arrives?", r.name))
	}
	if ring := r.t.ring(); ring != nil {
		var names []string
		for _, i := range ring {
			names = append(names, r.t.Services[i].Name)
		}
		r.fail("service."+names[0], "the calls go round in a circle (%s): requests would never end", strings.Join(names, " → "))
	}
}

// ring is a circle of calls, nil where there is none.
func (t *Topology) ring() []int {
	state := make([]int, len(t.Services)) // 1 while on the path, 2 when done
	var path []int
	var visit func(i int) []int
	visit = func(i int) []int {
		switch state[i] {
		case 1:
			return append(slices.Clone(path[slices.Index(path, i):]), i)
		case 2:
			return nil
		}
		state[i] = 1
		path = append(path, i)
		for k := range t.Services[i].Calls {
			if found := visit(t.Services[i].Calls[k].To); found != nil {
				return found
			}
		}
		path = path[:len(path)-1]
		state[i] = 2
		return nil
	}
	for i := range t.Services {
		if found := visit(i); found != nil {
			return found
		}
	}
	return nil
}
