package simulate

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

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
	Total       any           `toml:"total"`
	Backoff     any           `toml:"backoff"`
	Factor      any           `toml:"factor"`
	MaxBackoff  any           `toml:"max-backoff"`
	Jitter      any           `toml:"jitter"`
	Connections any           `toml:"connections"`
	PoolWait    any           `toml:"pool-wait"`
	Fallback    bool          `toml:"fallback"`
	Fan         any           `toml:"fan"`
	AtOnce      any           `toml:"at-once"`
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
		load := Load{Rate: r.plain(path+".rate", f.Load[i].Rate, missing, 0, maxRate)}
		r.unknown(path+".rate", func(t *Topology, v float64) { t.Loads[i].Rate = v })
		load.Call = r.call(path, &f.Load[i].callTable, nil, func(t *Topology) *Call { return &t.Loads[i].Call })
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
	"deadline", "attempts", "total", "backoff", "factor", "max-backoff", "jitter", "connections", "pool-wait", "fallback", "fan", "at-once", "share", "breaker",
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
	// last is the value read last, where it was a range.
	last *Unknown
}

func (r *reader) run(t *runTable) {
	r.t.Duration = r.number("run.duration", t.Duration, 120, 1e-3, 86400)
	r.t.Step = r.number("run.step", t.Step, r.t.Duration/120, r.t.Duration/100000, r.t.Duration)
	r.t.Seed = uint64(r.between("run.seed", t.Seed, 1, 0, math.MaxInt32))
	r.t.Runs = r.between("run.runs", t.Runs, 20, 1, maxRuns)
}

func (r *reader) services(tables map[string]serviceTable) {
	for i, name := range r.names {
		s, path := tables[name], "service."+name
		out := Service{Name: name, Cancels: s.Cancels}
		out.Slots = r.whole(path+".slots", s.Slots, missing, 1)
		r.unknown(path+".slots", func(t *Topology, v float64) { t.Services[i].Slots = max(1, int(math.Round(v))) }).whole()
		out.Queue = r.whole(path+".queue", s.Queue, math.Inf(1), 0)
		out.Limit = r.whole(path+".limit", s.Limit, math.Inf(1), 1)
		if out.Slots < 0 {
			r.fail(path+".slots", "needs a bound")
		}
		out.Time = Time{Mean: r.number(path+".time", s.Time, missing, 0, 3600), Random: s.Random}
		r.unknown(path+".time", func(t *Topology, v float64) { t.Services[i].Time.Mean = v })
		for k := range s.Call {
			to := fmt.Sprintf("%s.call.%d", path, k)
			found := r.found(to, name, s.Code, &s.Call[k])
			out.Calls = append(out.Calls, r.call(to, &s.Call[k], found, func(t *Topology) *Call { return &t.Services[i].Calls[k] }))
		}
		r.t.Services = append(r.t.Services, out)
	}
}

func (r *reader) call(path string, c *callTable, found Found, at func(t *Topology) *Call) Call {
	out := Call{To: r.service(path+".to", c.To), Fallback: c.Fallback}
	if _, told := found["fallback"]; told {
		out.Fallback = true
	}
	r.attempts(path, c, found, &out, at)
	out.Connections = max(0, r.whole(path+".connections", told(c.Connections, found, "connections"), math.Inf(1), 1))
	r.unknown(path+".connections", func(t *Topology, v float64) { at(t).Connections = int(math.Round(v)) }).whole()
	out.PoolWait = r.number(path+".pool-wait", c.PoolWait, math.Inf(1), 0, math.Inf(1))
	r.unknown(path+".pool-wait", func(t *Topology, v float64) { at(t).PoolWait = v })
	out.Fan = r.between(path+".fan", told(c.Fan, found, "fan"), 1, 1, maxFan)
	r.unknown(path+".fan", func(t *Topology, v float64) { at(t).Fan = int(math.Round(v)) }).whole()
	out.AtOnce = max(0, r.whole(path+".at-once", told(c.AtOnce, found, "at-once"), math.Inf(1), 1))
	r.unknown(path+".at-once", func(t *Topology, v float64) { at(t).AtOnce = int(math.Round(v)) }).whole()
	out.Share = r.plain(path+".share", c.Share, 1, 0, 1)
	r.unknown(path+".share", func(t *Topology, v float64) { at(t).Share = v })
	r.breaker(path+".breaker", c.Breaker, found, &out, at)
	r.cache(path+".cache", c.Cache, found, &out, at)
	return out
}

// attempts reads when a call gives up, and how it is repeated.
func (r *reader) attempts(path string, c *callTable, found Found, out *Call, at func(t *Topology) *Call) {
	out.Deadline = r.number(path+".deadline", told(c.Deadline, found, "deadline"), math.Inf(1), 1e-6, math.Inf(1))
	r.unknown(path+".deadline", func(t *Topology, v float64) { at(t).Deadline = v })
	out.Attempts = r.whole(path+".attempts", told(c.Attempts, found, "attempts"), 1, 1)
	r.unknown(path+".attempts", func(t *Topology, v float64) { at(t).Attempts = int(math.Round(v)) }).whole()
	out.Total = r.number(path+".total", told(c.Total, found, "total"), math.Inf(1), 0, math.Inf(1))
	r.unknown(path+".total", func(t *Topology, v float64) { at(t).Total = v })
	out.Backoff = r.number(path+".backoff", told(c.Backoff, found, "backoff"), 0, 0, 3600)
	r.unknown(path+".backoff", func(t *Topology, v float64) { at(t).Backoff = v })
	out.Factor = r.plain(path+".factor", told(c.Factor, found, "factor"), 1, 1, 100)
	out.MaxBackoff = r.number(path+".max-backoff", c.MaxBackoff, math.Inf(1), 0, math.Inf(1))
	out.Jitter = r.plain(path+".jitter", told(c.Jitter, found, "jitter"), 0, 0, 1)
}

// breaker reads when a breaker opens.
func (r *reader) breaker(path string, b *breakerTable, found Found, out *Call, at func(t *Topology) *Call) {
	if b == nil {
		if _, told := found["breaker.failures"]; !told {
			return
		}
		b = &breakerTable{}
	}
	out.Breaker = &Breaker{Failures: r.between(path+".failures", told(b.Failures, found, "breaker.failures"), missing, 1, math.MaxInt32)}
	set := func(change func(b *Breaker, v float64)) func(t *Topology, v float64) {
		return func(t *Topology, v float64) { at(t).Breaker = changed(at(t).Breaker, v, change) }
	}
	r.unknown(path+".failures", set(func(b *Breaker, v float64) { b.Failures = int(math.Round(v)) })).whole()
	out.Breaker.Open = r.number(path+".open", told(b.Open, found, "breaker.open"), missing, 0, 3600)
	r.unknown(path+".open", set(func(b *Breaker, v float64) { b.Open = v }))
}

// cache reads what answers in place of the service.
func (r *reader) cache(path string, k *cacheTable, found Found, out *Call, at func(t *Topology) *Call) {
	if k == nil {
		if _, told := found["cache.ttl"]; !told {
			return
		}
		k = &cacheTable{}
	}
	_, coalesces := found["cache.coalesce"]
	out.Cache = &Cache{Spread: k.Spread, Coalesce: k.Coalesce || coalesces}
	set := func(change func(k *Cache, v float64)) func(t *Topology, v float64) {
		return func(t *Topology, v float64) { at(t).Cache = changed(at(t).Cache, v, change) }
	}
	out.Cache.Keys = r.between(path+".keys", told(k.Keys, found, "cache.keys"), missing, 1, maxKeys)
	r.unknown(path+".keys", set(func(k *Cache, v float64) { k.Keys = int(math.Round(v)) })).whole()
	out.Cache.TTL = r.number(path+".ttl", told(k.TTL, found, "cache.ttl"), missing, 1e-3, math.Inf(1))
	r.unknown(path+".ttl", set(func(k *Cache, v float64) { k.TTL = v }))
	out.Cache.Jitter = r.plain(path+".jitter", told(k.Jitter, found, "cache.jitter"), 0, 0, 1)
}

// changed copies a part of a topology, which copies share, with another value in it.
func changed[T any](part *T, value float64, change func(part *T, value float64)) *T {
	other := *part
	change(&other, value)
	return &other
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
		out.Times = r.plain(path+".times", t.Times, 1, 0, 1e6)
		r.unknown(path+".times", func(t *Topology, v float64) { t.Triggers[i].Times = v })
		out.Rate = r.plain(path+".rate", t.Rate, 1, 0, 1e6)
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
	if len(r.faults) > 0 {
		return
	}
	if ring := r.t.ring(); ring != nil {
		var names []string
		for _, i := range ring {
			names = append(names, r.t.Services[i].Name)
		}
		r.fail("service."+names[0], "the calls go round in a circle (%s): requests would never end", strings.Join(names, " → "))
		return
	}
	for i, rate := range r.t.reached() {
		if !rate {
			r.fail("service."+r.t.Services[i].Name, "nothing reaches it: let a service that is reached call it, give it a [[load]], or take it out")
		}
	}
	r.affordable()
}

// reached says for each service whether requests can come to it.
func (t *Topology) reached() []bool {
	reached := make([]bool, len(t.Services))
	for i := range t.Loads {
		reached[t.Loads[i].Call.To] = true
	}
	order := t.bottomUp()
	for k := len(order) - 1; k >= 0; k-- {
		for c := range t.Services[order[k]].Calls {
			call := &t.Services[order[k]].Calls[c]
			reached[call.To] = reached[call.To] || reached[order[k]]
		}
	}
	return reached
}

// affordable refuses what would take hours: each request at each service is at least an arrival, its work and an answer.
func (r *reader) affordable() {
	requests := 0.0
	for _, rate := range r.t.rates() {
		requests += rate
	}
	if events := 3 * requests * r.t.Duration * float64(r.t.Runs); events > maxEvents {
		r.fail("load.0.rate", "%.2g requests/s at all services for %s in %d runs are %.2g events, more than %.2g: lower the rate, run.duration or run.runs",
			requests, Seconds(r.t.Duration), r.t.Runs, events, float64(maxEvents))
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
