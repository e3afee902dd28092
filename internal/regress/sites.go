package regress

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// compared are the effects whose sites know their guards by value. What is compared here is not judged by tokens.
var compared = []program.Effect{program.Wait, program.Acquire, program.Block, program.Spawn, program.Repeat, program.Admit, program.Share, program.Write}

// compareSites compares the guards of every site that both sides have, wherever the edit is that changed them.
func (c *change) compareSites(m *Correspondence) {
	for _, effect := range compared {
		base, head := c.base.Sites(effect), c.head.Sites(effect)
		for j, i := range m.Sites(base, head) {
			if i < 0 || c.auxiliary(base[i].Func.File, head[j].Func.File) {
				continue
			}
			for _, kind := range guardKinds(base[i].Guards) {
				c.compareSite(&base[i], &head[j], kind)
			}
			if effect == program.Write {
				c.compareClient(&base[i], &head[j])
			}
		}
	}
	c.decideLocks()
}

// auxiliary says whether a site belongs to tests, examples or the build on either side.
func (c *change) auxiliary(base, head program.FileID) bool {
	return c.base.IsTest(base) || c.head.IsTest(head) || isAuxiliary(c.base.Files[base].Path) || isAuxiliary(c.head.Files[head].Path)
}

// guardKinds gives the kinds of the guards in order, each once.
func guardKinds(guards []program.Guard) []program.GuardKind {
	var kinds []program.GuardKind
	for i := range guards {
		if !slices.Contains(kinds, guards[i].Kind) {
			kinds = append(kinds, guards[i].Kind)
		}
	}
	return kinds
}

// compareSite compares the guards of one kind of two sites that are the same.
func (c *change) compareSite(base, head *program.Site, kind program.GuardKind) {
	switch kind {
	case program.Lock:
		c.compareLocks(base, head, c.head.Sites(program.Share))
		return
	case program.Idempotency:
		c.compareKeys(base, head)
		return
	case program.Transaction:
		return // the comparison of scopes knows where a transaction may have gone
	case program.Deadline:
		c.compareBounds(base, head)
		return
	case program.RetryBound:
		c.compareRetry(base, head)
		return
	case program.Authorization:
		c.compareAuthorization(base, head)
		return
	}
	was, is := strongest(base.Guards, kind), strongest(head.Guards, kind)
	switch {
	case is != nil && (is.Weak == "" || was.Weak != ""):
		c.decide(base, kind)
	case is != nil:
		c.loseSite(base, head, Weakened, was, is, fmt.Sprintf("%s: %s", head.What, is.Weak))
	case head.Fault != "" && base.Fault == "":
		c.loseSite(base, head, Removed, was, is, lostGuard(head, was))
	}
}

// lostGuard says in words what the site has lost.
func lostGuard(head *program.Site, was *program.Guard) string {
	switch was.Kind {
	case program.Offload:
		return fmt.Sprintf("%s runs on the event loop, base ran it in a thread or process", head.What)
	case program.Release:
		return fmt.Sprintf("nothing releases %s any more", head.What)
	case program.Cancellation:
		if head.Entry == nil {
			return "a cancellation does not pass this handler any more"
		}
		return fmt.Sprintf("%s leaves the task without an owner, in base it was %s", head.Entry.Path, was.From)
	case program.Bound:
		return fmt.Sprintf("%s has no bound on how many run at once, base had a %s", head.What, was.Text)
	}
	return fmt.Sprintf("%s has lost %q", head.What, was.Text)
}

// compareKeys reports a write that nothing keeps from being repeated any more.
func (c *change) compareKeys(base, head *program.Site) {
	was, is := strongest(base.Guards, program.Idempotency), strongest(head.Guards, program.Idempotency)
	if was.From == "argument" && was.Weak == "" && (is == nil || is.Weak != "") {
		c.loseSite(base, head, Removed, was, nil, fmt.Sprintf("%s can happen twice, base had %s", head.What, was.Text))
	}
}

// strongest gives the guard of the kind that holds on every path, else any of the kind, else nil.
func strongest(guards []program.Guard, kind program.GuardKind) *program.Guard {
	var found *program.Guard
	for i := range guards {
		if guards[i].Kind == kind && (found == nil || found.Weak != "" && guards[i].Weak == "") {
			found = &guards[i]
		}
	}
	return found
}

// compareBounds compares the deadlines of a wait in seconds.
func (c *change) compareBounds(base, head *program.Site) {
	b, h := base.Bound(), head.Bound()
	was, is := binding(base, b), binding(head, h)
	switch {
	case math.IsInf(b, 1) || was == nil || was.Text == "unknown=?" || math.IsNaN(b) && was.From == "default":
		return
	case math.IsInf(h, 1):
		c.loseSite(base, head, Removed, was, is, fmt.Sprintf("%s waits without a deadline, base had %s", head.What, was.Text))
	case h > b:
		c.loseSite(base, head, Weakened, was, is, fmt.Sprintf("%s waits up to %s s, base waited %s s", head.What, number(h), number(b)))
	default:
		c.decide(base, program.Deadline)
	}
}

// binding gives the deadline that a bound comes from; where there is none the first that says so.
func binding(s *program.Site, bound float64) *program.Guard {
	var first *program.Guard
	for i := range s.Guards {
		g := &s.Guards[i]
		if g.Kind != program.Deadline {
			continue
		}
		if first == nil {
			first = g
		}
		if g.Seconds == bound || math.IsNaN(g.Seconds) && math.IsNaN(bound) {
			return g
		}
	}
	return first
}

// decide notes that the guards of a kind at a site of base were compared by value.
func (c *change) decide(base *program.Site, kind program.GuardKind) {
	c.decided[kind] = append(c.decided[kind], base.At)
	for i := range base.Guards {
		if base.Guards[i].Kind == kind && base.Guards[i].Where != (program.Place{}) {
			c.decided[kind] = append(c.decided[kind], base.Guards[i].Where)
		}
	}
}

// isDecided says whether a guard of base at this place was compared by value.
func (c *change) isDecided(kind program.GuardKind, base program.Place) bool {
	return slices.ContainsFunc(c.decided[kind], func(p program.Place) bool {
		return p.File == base.File && (within(p.Span, base.Span) || within(base.Span, p.Span))
	})
}

func within(inner, outer fact.Span) bool { return outer.Start <= inner.Start && inner.End <= outer.End }

// loseSite reports a loss at a site. Where the guard was written in another function than the site's, what became of
// that place is the cause.
func (c *change) loseSite(base, head *program.Site, rule string, was, is *program.Guard, message string) {
	c.decide(base, was.Kind)
	fn := named(c.head, head.Func)
	guard := was.Kind
	if guard == program.Release && isLock(lastPart(head.What)) {
		guard = program.Lock
	}
	loss := Loss{
		Rule: rule, Guard: guard, Shape: "site", Func: fn, Symbol: c.head.Symbol(fn), Message: message, Confidence: 1,
		Was: named(c.base, base.Func), At: head.At, Base: base.At, Key: head.What + "|" + head.Text, Related: head.Chain,
	}
	if was.Where != (program.Place{}) {
		loss.Base = was.Where
		loss.Cause = c.causeOf(was.Where, fn)
	}
	if strings.HasPrefix(was.Text, "scope=") && loss.Cause != (program.Place{}) {
		c.reportAtScope(&loss)
	}
	if is != nil && is.Where != (program.Place{}) && !c.inside(is.Where, fn) {
		loss.Cause = is.Where
	}
	if was.From == "default" {
		loss.Library = c.otherVersion(base, head)
	}
	c.losses = append(c.losses, loss)
}

// reportAtScope moves a loss from the site to the function that kept it in a scope and calls it without one now: there it
// was taken away, for everything that is done by way of it.
func (c *change) reportAtScope(loss *Loss) {
	for _, p := range c.pairs {
		if p.head.id != loss.Cause.File || p.head.kind != fact.FunctionScope || !within(loss.Cause.Span, p.head.info().Span) || p.base.id != loss.Base.File || !within(loss.Base.Span, p.base.info().Span) {
			continue
		}
		loss.Related = append([]program.Step{{At: loss.At, Text: loss.Message}}, loss.Related...)
		loss.Func, loss.Symbol, loss.Was = p.head.fn(), p.head.qualified, p.base.fn()
		loss.At, loss.Cause = loss.Cause, program.Place{}
	}
}

// inside says whether a place of head lies in the function.
func (c *change) inside(place program.Place, fn program.Func) bool {
	return place.File == fn.File && within(place.Span, c.head.Files[fn.File].Scopes[fn.Scope].Span)
}

// causeOf gives the place in head of a guard of base that was written outside of the function; else the zero Place.
func (c *change) causeOf(where program.Place, fn program.Func) program.Place {
	source := c.source(0, where.File)
	var around *body
	for _, b := range source.bodies {
		if within(where.Span, b.info().Span) {
			around = b
		}
	}
	if around == nil {
		return program.Place{}
	}
	for _, p := range c.pairs {
		if p.base == around && p.head.fn() != fn {
			return program.Place{File: p.head.id, Span: p.remains(max(0, around.atomAt(where.Span)))}
		}
	}
	return program.Place{}
}
