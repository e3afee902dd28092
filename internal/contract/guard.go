package contract

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// guarded judges a contract on guards at every site of its effect.
func (j *judge) guarded(c *Clause) {
	sites := j.Program.Sites(c.Effect)
	for i := range sites {
		site := &sites[i]
		if j.Program.IsTest(site.At.File) || !c.speaksOf(site) || !j.inScope(c, site) {
			continue
		}
		if said := c.breach(j.Program, site); said != "" {
			j.violated(c, site.Func, site.At, said+": "+c.says()+" wants "+c.wants(), site.What+"|"+c.measured(site), site.Chain...)
		}
	}
}

// inScope says whether a site lies where the contract holds.
func (j *judge) inScope(c *Clause, site *program.Site) bool {
	at := j.place(site.Func)
	if c.Scope.Libraries != nil && site.Entry != nil && site.Entry.Library != nil {
		at.Library = site.Entry.Library.Name
	}
	if c.Scope.Routes != nil {
		at.Route = j.Program.Route(site.Func)
	}
	return c.Scope.covers(at)
}

// otherFaults are sites of an effect that stand for another fault of it and carry no guards.
var otherFaults = []string{"retry-without-backoff", "retry-exceeds-deadline", "nested-retry"}

// speaksOf says whether the site is one that the contract is about.
func (c *Clause) speaksOf(site *program.Site) bool {
	switch {
	case slices.Contains(otherFaults, site.Fault):
		return false
	case len(c.Of) > 0 && !slices.Contains(c.Of, site.Detail) && !(c.Effect == program.Block && site.Guarded(program.Offload) != nil):
		return false
	case len(c.To) > 0 && !c.goesTo(site):
		return false
	case site.Strict && !c.Strict && len(c.Of) == 0:
		return false
	}
	return c.Effect != program.Wait || len(c.Of) > 0 || c.Strict || site.Detail == "network" || site.Detail == "subprocess"
}

// goesTo says whether a write goes to what the contract names: a table, the kind of party, the call.
func (c *Clause) goesTo(site *program.Site) bool {
	verb, table, _ := strings.Cut(site.What, " ")
	if table == "" {
		table = verb
	}
	return slices.ContainsFunc(c.To, func(to string) bool {
		return strings.EqualFold(to, table) || to == site.Detail || to == site.What || strings.HasSuffix(site.What, "."+to)
	})
}

// breach says in what a site breaks the contract, "" where it complies or nothing can be shown.
func (c *Clause) breach(p *program.Program, site *program.Site) string {
	switch c.Needs {
	case program.Deadline:
		return c.deadlineBreach(site)
	case program.RetryBound:
		return c.retryBreach(site)
	case program.Idempotency:
		return c.keyBreach(p, site)
	case program.Lock, program.Authorization, program.Transaction:
		if g := site.Guarded(c.Needs); g == nil || g.Weak != "" {
			return site.What + " has no " + string(c.Needs)
		}
		return ""
	}
	// The other guards are missing where a rule says so: what needs none breaks nothing.
	g := site.Guarded(c.Needs)
	if g != nil && g.Weak == "" {
		return c.boundBreach(site, g)
	}
	if site.Fault != "" && slices.Contains(missing[c.Needs], site.Fault) {
		return site.What + " has no " + string(c.Needs)
	}
	return ""
}

// missing are the faults of sites that say a guard is not there.
var missing = map[program.GuardKind][]string{
	program.Offload:      {"blocking-in-async", "cpu-bound-in-async"},
	program.Release:      {"leaked-resource", "unmanaged-owner"},
	program.Boundary:     {"untested-boundary"},
	program.Validation:   {"unvalidated-boundary", "assert-as-validation"},
	program.Cancellation: {"orphan-task", "swallowed-cancellation"},
	program.Bound:        {"unbounded-fanout", "unvalidated-boundary"},
}

func (c *Clause) deadlineBreach(site *program.Site) string {
	if len(site.Guards) == 0 {
		return "" // what the library does is not known
	}
	bound := site.Bound()
	switch {
	case math.IsInf(bound, 1):
		return site.What + " has no deadline"
	case math.IsNaN(bound):
		return ""
	}
	return c.compare(site.What+" has a deadline of "+seconds(bound), bound, Time)
}

// compare holds a strength against the bounds of the contract that are of its measure.
func (c *Clause) compare(said string, strength float64, measure Measure) string {
	for _, q := range []*Quantity{c.AtMost, c.AtLeast} {
		if q == nil || q.Measure != measure || same(strength, q.Value) {
			continue
		}
		if q == c.AtMost && strength > q.Value {
			return said + ", more than " + q.Text
		}
		if q == c.AtLeast && strength < q.Value {
			return said + ", less than " + q.Text
		}
	}
	return ""
}

func (c *Clause) boundBreach(site *program.Site, g *program.Guard) string {
	if g.Number == 0 {
		return ""
	}
	return c.compare(site.What+" has a bound of "+strconv.FormatFloat(g.Number, 'g', -1, 64), g.Number, Count)
}

// retryBreach holds the attempts, or the time, of a retry against the contract.
func (c *Clause) retryBreach(site *program.Site) string {
	if site.Fault == "unbounded-retry" {
		return "retry of " + site.What + " has no bound"
	}
	for i := range site.Guards {
		g := &site.Guards[i]
		if g.Kind != program.RetryBound || g.Number == 0 {
			continue
		}
		said, measure := "", Count
		switch {
		case strings.HasPrefix(g.Text, "attempts="):
			said = "retry of " + site.What + " makes " + strconv.FormatFloat(g.Number, 'g', -1, 64) + " attempts"
		case strings.HasPrefix(g.Text, "total="):
			said, measure = "retry of "+site.What+" takes "+seconds(g.Number), Time
		default:
			continue
		}
		if wrong := c.compare(said, g.Number, measure); wrong != "" {
			return wrong
		}
	}
	return ""
}

// keyBreach says what keeps a write from being repeatable; where the contract names a key, that must be the one.
func (c *Clause) keyBreach(p *program.Program, site *program.Site) string {
	weak := ""
	keyed := false
	for i := range site.Guards {
		g := &site.Guards[i]
		switch {
		case g.Kind != program.Idempotency:
		case g.Weak != "":
			weak = g.Weak
		case c.Key == "" || speaksOfKey(p, g, site, c.Key):
			return ""
		default:
			keyed = true
		}
	}
	switch {
	case keyed:
		return site.What + " is not keyed by " + c.Key
	case weak != "":
		return site.What + " has a key that is " + weak
	case c.Key != "":
		return site.What + " is not keyed by " + c.Key
	}
	return site.What + " has no idempotency key"
}

// speaksOfKey says whether a guard against repetition rests on a field: by its own words, or by the expression or statement
// that it is.
func speaksOfKey(p *program.Program, g *program.Guard, site *program.Site, key string) bool {
	if hasWord(g.Text, key) {
		return true
	}
	facts := p.Files[g.Where.File]
	found := false
	for e := fact.Expr(1); int(e) < len(facts.Exprs) && !found; e++ {
		if facts.Exprs[e].Span != g.Where.Span {
			continue
		}
		facts.Walk(e, func(child fact.Expr) bool {
			x := &facts.Exprs[child]
			switch x.Kind {
			case fact.Name, fact.Attr, fact.Keyword, fact.StrConst:
				found = found || hasWord(facts.Text(x.Text), key)
			}
			return !found
		})
	}
	return found
}

// hasWord says whether a name stands in a text as a whole word.
func hasWord(s, word string) bool {
	for at := 0; ; {
		next := strings.Index(s[at:], word)
		if next < 0 {
			return false
		}
		at += next
		end := at + len(word)
		if (at == 0 || !isNameByte(s[at-1])) && (end == len(s) || !isNameByte(s[end])) {
			return true
		}
		at = end
	}
}

func isNameByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// wants says what the contract asks for.
func (c *Clause) wants() string {
	s := string(c.Needs)
	if c.AtMost != nil {
		s += " of at most " + c.AtMost.Text
	}
	if c.AtLeast != nil {
		s += " of at least " + c.AtLeast.Text
	}
	if c.Key != "" {
		s += " by " + c.Key
	}
	return s
}

// measured is the strength of a site as far as the contract looks at it, for the key of a finding.
func (c *Clause) measured(site *program.Site) string {
	if c.AtMost == nil && c.AtLeast == nil {
		return ""
	}
	if c.Needs == program.Deadline {
		return seconds(site.Bound())
	}
	for i := range site.Guards {
		if g := &site.Guards[i]; g.Kind == c.Needs && g.Number != 0 {
			return strconv.FormatFloat(g.Number, 'g', -1, 64)
		}
	}
	return ""
}

// seconds prints a time for people.
func seconds(s float64) string {
	switch {
	case math.IsInf(s, 0) || math.IsNaN(s):
		return "for ever"
	case s > 0 && s < 1:
		return strconv.FormatFloat(s*1000, 'g', 6, 64) + " ms"
	}
	return strconv.FormatFloat(s, 'g', 6, 64) + " s"
}
