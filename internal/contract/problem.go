package contract

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Problems finds what is wrong with records among themselves: two of one number, decisions that supersede each other in a
// circle or are superseded by nothing, contracts that contradict each other. Thorough adds what matters to people only: a
// status or a title that cannot be read. The remarks are in the order of the records.
func (r *Records) Problems(thorough bool) []Remark {
	if r == nil {
		return nil
	}
	p := &problems{records: r}
	for i, one := range r.All {
		if i > 0 && r.All[i-1].Number == one.Number && path.Dir(r.All[i-1].Path) == path.Dir(one.Path) {
			p.add(Stale, one, 1, "record has the number of "+path.Base(r.All[i-1].Path)+", so that a citation of "+one.Label+" means either", "number")
		}
		p.supersession(one)
		if thorough {
			p.untold(one)
		}
	}
	p.circles()
	p.contradictions()
	return p.found
}

type problems struct {
	records *Records
	found   []Remark
}

func (p *problems) add(rule string, r *Record, line int, message, key string) {
	p.found = append(p.found, Remark{Rule: rule, Path: r.Path, Line: line, Severity: r.severity(), Message: message, Key: key})
}

// untold notes what a record should say and does not.
func (p *problems) untold(r *Record) {
	note := func(message, key string) {
		p.found = append(p.found, Remark{Rule: Stale, Path: r.Path, Line: 1, Severity: finding.Note, Message: message, Key: key})
	}
	switch {
	case r.Title == "":
		note("record has no title: a heading of the first level", "title")
	case r.Status == NoStatus:
		note("record does not say whether it is proposed, accepted, rejected, deprecated or superseded", "status")
	}
}

// supersession holds what a record says of others against what they say.
func (p *problems) supersession(r *Record) {
	for _, number := range r.SupersededBy {
		if p.records.Find(number) == nil {
			p.add(Stale, r, r.line(), fmt.Sprintf("record is superseded by %d, and there is no such record", number), fmt.Sprintf("by %d", number))
		}
	}
	for _, number := range r.Supersedes {
		switch other := p.records.Find(number); {
		case other == nil:
			p.add(Stale, r, r.line(), fmt.Sprintf("record supersedes %d, and there is no such record", number), fmt.Sprintf("of %d", number))
		case other.Status.Binds() && r.Status == Accepted && other != r:
			p.add(Stale, other, other.line(), "record is superseded by "+r.Label+", and says that it is "+other.Status.String(), fmt.Sprintf("still %d", r.Number))
		}
	}
}

// circles finds decisions that supersede each other in a circle, each circle once.
func (p *problems) circles() {
	done := map[*Record]bool{}
	for _, start := range p.records.All {
		var way []*Record
		for at := start; at != nil && !done[at]; at = p.next(at) {
			if i := slices.Index(way, at); i >= 0 {
				p.circle(way[i:])
				break
			}
			way = append(way, at)
		}
		for _, r := range way {
			done[r] = true
		}
	}
}

// next is the record that supersedes one.
func (p *problems) next(r *Record) *Record {
	for _, number := range r.SupersededBy {
		if next := p.records.Find(number); next != nil {
			return next
		}
	}
	for _, other := range p.records.All {
		if slices.Contains(other.Supersedes, r.Number) {
			return other
		}
	}
	return nil
}

func (p *problems) circle(way []*Record) {
	var labels []string
	for _, r := range way {
		labels = append(labels, r.Label)
	}
	first := way[0]
	p.add(Stale, first, first.line(), "decisions supersede each other in a circle: "+strings.Join(labels, " by ")+" by "+first.Label, "circle "+strings.Join(labels, ","))
}

// contradictions finds pairs of contracts that no code can keep both.
func (p *problems) contradictions() {
	all := p.records.Clauses()
	for i, a := range all {
		for _, b := range all[:i] {
			if a.Record.Status != Accepted || b.Record.Status != Accepted {
				continue
			}
			if why := a.contradicts(b); why != "" {
				p.add(Violated, a.Record, a.Line, fmt.Sprintf("contract contradicts that of decision %s on line %d: %s", b.Record.Name(), b.Line, why), "contradicts|"+b.Record.Path+"|"+why)
			}
		}
	}
}

// contradicts says why no code can keep both contracts; "" where it can.
func (c *Clause) contradicts(o *Clause) string {
	if c.Kind != o.Kind {
		return ""
	}
	switch c.Kind {
	case Guarded:
		return c.boundsApart(o)
	case Making:
		for _, of := range c.Of {
			if slices.Contains(o.Of, of) && !meet(c.OnlyIn, o.OnlyIn) {
				return text.Visible(of) + " may be made only in " + list(c.OnlyIn) + " here and only in " + list(o.OnlyIn) + " there"
			}
		}
	case Governing:
		for _, s := range c.Symbols {
			if c.Value != nil && o.Value != nil && !same(c.Value.Value, o.Value.Value) && slices.ContainsFunc(o.Symbols, func(p Pattern) bool { return p.Text == s.Text }) {
				return s.Text + " is " + c.Value.Text + " here and " + o.Value.Text + " there"
			}
		}
	case Importing:
		if why := c.Imports.against(o.Imports); why != "" {
			return why
		}
		return o.Imports.against(c.Imports)
	}
	return ""
}

// boundsApart compares the bounds of two contracts on the same guard whose scopes meet.
func (c *Clause) boundsApart(o *Clause) string {
	if c.Effect != o.Effect || c.Needs != o.Needs || !c.Scope.meets(&o.Scope) || !sharesWord(c.Of, o.Of) || !sharesWord(c.To, o.To) {
		return ""
	}
	for _, pair := range [][2]*Quantity{{c.AtMost, o.AtLeast}, {o.AtMost, c.AtLeast}} {
		if most, least := pair[0], pair[1]; most != nil && least != nil && most.Measure == least.Measure && most.Value < least.Value {
			return "a " + string(c.Needs) + " of at most " + most.Text + " cannot be at least " + least.Text
		}
	}
	return ""
}

// sharesWord says whether two lists have a word in common, where an empty one has all.
func sharesWord(a, b []string) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// meets says whether two scopes certainly have code in common.
func (s *Scope) meets(o *Scope) bool {
	mine, theirs := slices.Concat(s.Modules, s.Packages, s.Symbols), slices.Concat(o.Modules, o.Packages, o.Symbols)
	return sharesWord(s.Libraries, o.Libraries) && sharesWord(s.Routes, o.Routes) && (mine == nil || theirs == nil || meet(mine, theirs))
}

// meet says whether a pattern of one list covers one of the other.
func meet(a, b []Pattern) bool {
	for _, p := range a {
		for _, q := range b {
			if p.Covers(q.Text) || q.Covers(p.Text) {
				return true
			}
		}
	}
	return false
}

// against says which import a contract exists to permit and the other forbids.
func (i *Imports) against(o *Imports) string {
	for _, yes := range i.permits() {
		for _, no := range o.forbids() {
			if yes == no && (i.Kind != Layers || o.Kind == Layers) {
				return "one permits the import of " + yes[1] + " by " + yes[0] + " and the other forbids it"
			}
		}
	}
	return ""
}

// permits are the pairs of importer and imported that the contract is there to permit.
func (i *Imports) permits() [][2]string {
	switch i.Kind {
	case Allowed:
		return pairs(i.From, i.To)
	case Protected:
		return pairs(i.Importers, i.To)
	case Layers:
		return i.ranked()
	}
	return nil
}

// forbids are the pairs that it forbids.
func (i *Imports) forbids() [][2]string {
	switch i.Kind {
	case Forbidden:
		return pairs(i.From, i.To)
	case Independence:
		return pairs(i.Modules, i.Modules)
	case Layers:
		all := i.ranked()
		for k := range all {
			all[k][0], all[k][1] = all[k][1], all[k][0]
		}
		return all
	}
	return nil
}

func pairs(from, to []Pattern) [][2]string {
	var all [][2]string
	for _, f := range from {
		for _, t := range to {
			if f.Text != t.Text {
				all = append(all, [2]string{f.Text, t.Text})
			}
		}
	}
	return all
}

// ranked are the pairs of a higher and a lower layer, below each container.
func (i *Imports) ranked() [][2]string {
	containers := []string{""}
	for k, c := range i.Containers {
		if k == 0 {
			containers = nil
		}
		containers = append(containers, c.Text+".")
	}
	var all [][2]string
	for _, container := range containers {
		for k, high := range i.Layers {
			for _, low := range i.Layers[k+1:] {
				for _, h := range high.Modules {
					for _, l := range low.Modules {
						all = append(all, [2]string{container + h.Name, container + l.Name})
					}
				}
			}
		}
	}
	return all
}
