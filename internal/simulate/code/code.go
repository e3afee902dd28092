package code

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/simulate"
)

// Line gives the line on which a place of the program begins.
type Line func(at program.Place) int

// Reader reads from one program. It is not for use by several goroutines.
type Reader struct {
	p       *program.Program
	outward *program.Outward
	line    Line
	waits   []program.Site
}

// NewReader prepares to read from a program.
func NewReader(p *program.Program, line Line) *Reader {
	return &Reader{p, p.Outward(), line, slices.Concat(p.Sites(program.Wait), p.HandedWaits())}
}

// Calls sums up what the files of the program below a folder say of the calls that a word names: in the call itself, in what its
// client was made with, in the function that makes it, or in the path of its file. The folder is "" for all. ok is false where no call that waits for
// the network is named so.
func (r *Reader) Calls(folder, match string) (found simulate.Found, ok bool) {
	s := summary{Reader: r, folder: folder, found: simulate.Found{}}
	for i := range r.waits {
		if s.matches(&r.waits[i], strings.ToLower(match)) {
			s.add(&r.waits[i], !ok)
			ok = true
		}
	}
	return s.found, ok
}

type summary struct {
	*Reader
	folder string
	found  simulate.Found
}

func (s *summary) matches(site *program.Site, word string) bool {
	if site.Entry == nil || site.Entry.Wait == nil || site.Entry.Wait.For != "network" || s.p.IsTest(site.Func.File) {
		return false
	}
	path := s.p.Files[site.Func.File].Path
	if s.folder != "" && !strings.HasPrefix(path, s.folder+"/") {
		return false
	}
	at := strings.Join([]string{site.Text, s.p.ClientText(site), s.p.Symbol(site.Func), path}, " ")
	return strings.Contains(strings.ToLower(at), word)
}

func (s *summary) where(at program.Place) string {
	return fmt.Sprintf("%s:%d", s.p.Files[at.File].Path, s.line(at))
}

// add takes one call into account; first is true for the first one.
func (s *summary) add(site *program.Site, first bool) {
	around := s.outward.Outgoing(site)
	s.deadline(site)
	s.retry(site, &around)
	s.fan(site, &around)
	s.pool(site, &around, first)
	s.breaker(&around.Trip, first)
	s.cache(&around.Remembers, first)
}

// breaker takes what stops calls, unless a call goes round it.
func (s *summary) breaker(trip *program.Tripping, first bool) {
	if !trip.Failures.There() || !first && !s.has("breaker.failures") {
		s.forget("breaker.failures", "breaker.open", "fallback")
		return
	}
	s.weakest("breaker.failures", trip.Failures)
	s.weakest("breaker.open", trip.Seconds)
	if trip.Fallback {
		s.found["fallback"] = simulate.Told{Where: s.where(trip.Failures.Where)}
	}
}

// cache takes what answers in place of calls, unless a call goes round it: of several the one that forgets first.
func (s *summary) cache(cache *program.Remembering, first bool) {
	if !cache.Lifetime.There() || !first && !s.has("cache.ttl") {
		s.forget("cache.ttl", "cache.keys", "cache.jitter", "cache.coalesce")
		return
	}
	if old, there := s.found["cache.ttl"]; there && (math.IsNaN(old.Value) || old.Value <= cache.Lifetime.Value) {
		return
	}
	s.forget("cache.keys", "cache.jitter", "cache.coalesce")
	s.found["cache.ttl"] = simulate.Told{Value: cache.Lifetime.Value, Where: s.where(cache.Lifetime.Where)}
	s.weakest("cache.keys", cache.Answers)
	if cache.Jitter > 0 {
		s.found["cache.jitter"] = simulate.Told{Value: cache.Jitter, Where: s.where(cache.Lifetime.Where)}
	}
	if cache.Coalesces {
		s.found["cache.coalesce"] = simulate.Told{Where: s.where(cache.Answers.Where)}
	}
}

// forget drops what was found of calls before.
func (s *summary) forget(keys ...string) {
	for _, key := range keys {
		delete(s.found, key)
	}
}

func (s *summary) has(key string) bool {
	_, there := s.found[key]
	return there
}

// weakest keeps the larger of two values, and of those the one that is not known.
func (s *summary) weakest(key string, m program.Measure) {
	if !m.There() {
		return
	}
	old, there := s.found[key]
	if there && (math.IsNaN(old.Value) || old.Value >= m.Value) {
		return
	}
	s.found[key] = simulate.Told{Value: m.Value, Where: s.where(m.Where)}
}

func (s *summary) deadline(site *program.Site) {
	bound := program.Measure{Value: site.Bound(), Where: site.At}
	for i := range site.Guards {
		if g := &site.Guards[i]; g.Kind == program.Deadline && g.Seconds == bound.Value && g.Where != (program.Place{}) {
			bound.Where = g.Where
		}
	}
	s.weakest("deadline", bound)
}

// retry takes the attempts of the program and those of the client together, and reads the pauses where the attempts do
// not already say more.
func (s *summary) retry(site *program.Site, around *program.Outgoing) {
	attempts := around.Attempts
	if n := s.p.ClientAttempts(site); n > 1 {
		if !attempts.There() {
			attempts = program.Measure{Value: 1, Where: site.At}
		}
		attempts.Value *= n
	}
	if !attempts.There() {
		attempts = program.Measure{Value: 1, Where: site.At}
	}
	old, there := s.found["attempts"]
	if there && !math.IsNaN(attempts.Value) && (math.IsNaN(old.Value) || old.Value >= attempts.Value) {
		return
	}
	s.found["attempts"] = simulate.Told{Value: attempts.Value, Where: s.where(attempts.Where)}
	s.forget("total", "backoff", "factor", "jitter")
	s.weakest("total", around.Total)
	s.pauses(around)
}

// pauses gives the first pause and what multiplies it: of an exponential growth that by two, whose sum over n attempts is
// the first one times 2ⁿ⁻¹ - 1.
func (s *summary) pauses(around *program.Outgoing) {
	if !around.Pauses.There() {
		return
	}
	where := s.where(around.Pauses.Where)
	gaps := around.Attempts.Value - 1
	first, factor := math.NaN(), 1.0
	switch {
	case gaps < 1 || math.IsInf(gaps, 1) || math.IsNaN(gaps):
	case around.Growth == "exponential":
		factor = 2
		first = around.Pauses.Value / (math.Pow(2, gaps) - 1)
	default:
		first = around.Pauses.Value / gaps
	}
	s.found["backoff"] = simulate.Told{Value: first, Where: where}
	if factor != 1 {
		s.found["factor"] = simulate.Told{Value: factor, Where: where}
	}
	if around.Jitter {
		s.found["jitter"] = simulate.Told{Value: 1, Where: where}
	}
}

// fan says how many calls one request makes, and how many of them at once where that is not all.
func (s *summary) fan(site *program.Site, around *program.Outgoing) {
	calls := around.Calls
	if !calls.There() {
		calls = program.Measure{Value: 1, Where: site.At}
	}
	old, there := s.found["fan"]
	if there && !math.IsNaN(calls.Value) && (math.IsNaN(old.Value) || old.Value >= calls.Value) {
		return
	}
	delete(s.found, "at-once")
	if s.found["fan"] = (simulate.Told{Value: calls.Value, Where: s.where(calls.Where)}); calls.Value == 1 {
		delete(s.found, "fan")
		return
	}
	together := around.AtOnce
	if !together.There() {
		together = program.Measure{Value: 1, Where: calls.Where} // one after the other
	}
	if around.Limit.There() && !around.Shared && !(around.Limit.Value >= together.Value) {
		together = around.Limit
	}
	if !math.IsNaN(together.Value) && together.Value != calls.Value {
		s.found["at-once"] = simulate.Told{Value: together.Value, Where: s.where(together.Where)}
	}
}

// pool says how many calls of all requests can be under way: by the client's connections, and by a semaphore or workers
// that they share. Of several clients the smallest pool counts.
func (s *summary) pool(site *program.Site, around *program.Outgoing, first bool) {
	pool := program.Measure{}
	if n := s.p.ClientConnections(site); n >= 1 && !math.IsInf(n, 1) {
		pool = program.Measure{Value: n, Where: site.At}
	}
	if around.Limit.There() && around.Shared && (!pool.There() || !(around.Limit.Value >= pool.Value)) {
		pool = around.Limit
	}
	if !pool.There() {
		return
	}
	if old, there := s.found["connections"]; first || !there || math.IsNaN(old.Value) || pool.Value < old.Value {
		s.found["connections"] = simulate.Told{Value: pool.Value, Where: s.where(pool.Where)}
	}
}
