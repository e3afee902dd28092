package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
)

// looked are the effects of which a checklist tells that a guard was touched, an effect came or went.
var looked = []program.Effect{
	program.Wait, program.Repeat, program.Write, program.Acquire, program.Block, program.Share, program.Admit, program.Spawn,
}

// sites makes items of the sites that differ between the sides and of which no finding speaks.
func (b *builder) sites() {
	changed := func(side *Side, place program.Place) bool { return !b.Unchanged(side.Program.Files[place.File].Path) }
	for _, effect := range looked {
		base := concerned(b.Base.Program.Sites(effect), func(at program.Place) bool { return changed(&b.Base, at) })
		head := concerned(b.Head.Program.Sites(effect), func(at program.Place) bool { return changed(&b.Head, at) })
		if len(base) == 0 && len(head) == 0 {
			continue
		}
		was := b.Match.Sites(base, head)
		kept := make([]bool, len(base))
		for j, i := range was {
			if i >= 0 {
				kept[i] = true
				b.touchedSite(&base[i], &head[j])
			}
		}
		for j, i := range was {
			if i < 0 {
				b.newSite(&head[j])
			}
		}
		for i := range base {
			if !kept[i] {
				b.goneSite(&base[i])
			}
		}
	}
}

// concerned gives the sites that stand in a changed file, or have a guard that does.
func concerned(sites []program.Site, changed func(program.Place) bool) []program.Site {
	var found []program.Site
	for i := range sites {
		s := &sites[i]
		if changed(s.At) || slices.ContainsFunc(s.Guards, func(g program.Guard) bool { return g.Where != (program.Place{}) && changed(g.Where) }) {
			found = append(found, *s)
		}
	}
	return found
}

// touchedSite makes an item where the guards of a site are others than they were.
func (b *builder) touchedSite(base, head *program.Site) {
	if b.Head.Program.IsTest(head.At.File) || !essential(head) {
		return
	}
	for _, kind := range kinds(base, head) {
		was, is := guardsOf(base, kind), guardsOf(head, kind)
		if was == is {
			continue
		}
		item := b.siteItem(Touched, kind, head)
		if item == nil {
			continue
		}
		fn := b.Base.named(base.Func)
		item.Before = addSpot(item.Before, b.guardSpot(&b.Base, base, kind, fn))
		item.code = append(item.code, was, is)
		switch {
		case was == "":
			item.Kind, item.Title = Added, fmt.Sprintf("%s has a guard that it had not: %s", head.What, is)
			item.Weight += kindWeights[Added] - kindWeights[Touched]
		case is == "":
			item.Title = fmt.Sprintf("%s had %s, which stands there no more", head.What, was)
			item.Question = ask(Removed, kind, was, 1)
			item.Weight += kindWeights[Unguarded] - kindWeights[Touched]
			continue
		default:
			item.Title = fmt.Sprintf("%s: %s, base had %s", head.What, is, was)
		}
		item.Question = ask(item.Kind, kind, was, 1)
	}
}

// essential reports whether the sort of site is one that checklists speak of: statements on a connection that is open, and
// resources that a with statement sees to, would be most of every list.
func essential(s *program.Site) bool {
	switch s.Effect {
	case program.Wait:
		return s.Entry != nil && s.Entry.Wait != nil && slices.Contains([]string{"network", "subprocess", "queue", "future", "lock", "task"}, s.Entry.Wait.For)
	case program.Admit:
		return s.Entry != nil && s.Entry.Endpoint != nil
	case program.Block:
		return s.Guarded(program.Offload) == nil || s.Guards[0].From != "framework"
	}
	return true
}

// kinds gives the kinds of the guards of both sites in order.
func kinds(base, head *program.Site) []program.GuardKind {
	var all []program.GuardKind
	for _, g := range slices.Concat(base.Guards, head.Guards) {
		if !slices.Contains(all, g.Kind) {
			all = append(all, g.Kind)
		}
	}
	slices.Sort(all)
	return all
}

// guardsOf writes the guards of a kind that a site has by its project's doing; "" for none.
func guardsOf(s *program.Site, kind program.GuardKind) string {
	var all []string
	for i := range s.Guards {
		g := &s.Guards[i]
		if g.Kind == kind && g.From != "default" && g.From != "framework" {
			words := g.Text
			if g.Weak != "" {
				words += " (" + g.Weak + ")"
			}
			if !slices.Contains(all, words) {
				all = append(all, words)
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// guardSpot is where a guard is written, or the site where it is written nowhere.
func (b *builder) guardSpot(side *Side, s *program.Site, kind program.GuardKind, fn program.Func) Spot {
	at := s.At
	if g := s.Guarded(kind); g != nil && g.Where != (program.Place{}) {
		at = g.Where
	}
	spot := side.spot(at, fn)
	if line := side.lineOf(spot.Path, spot.Line); line != "" {
		spot.Text = finding.OneLine(line)
	}
	return spot
}

// siteItem begins an item about a site of head, or adds the site to the one about the same guard of the same function;
// nil where there is nothing more to ask.
func (b *builder) siteItem(kind Kind, guard program.GuardKind, s *program.Site) *Item {
	fn := b.Head.named(s.Func)
	path, symbol := b.Head.Program.Files[s.At.File].Path, b.Head.Program.Symbol(fn)
	key := taken{path, symbol, string(guard)}
	if b.taken[key] {
		return nil
	}
	b.taken[key] = true
	item := &Item{Kind: kind, Guard: string(guard), Wanted: wanted(guard, nil)}
	item.After = []Spot{b.guardSpot(&b.Head, s, guard, fn)}
	item.Weight = kindWeights[kind] + guardWeights[guard]
	if security(path) || security(symbol) {
		item.Weight += securityWeight
	}
	item.code = append(item.code, s.What, s.Text)
	b.about(item, fn)
	b.govern(item, path, symbol, s.Effect, guard)
	b.items = append(b.items, item)
	return item
}

// newSite makes an item of a new effect that has its guard, as one without is a finding.
func (b *builder) newSite(s *program.Site) {
	if b.Head.Program.IsTest(s.At.File) || !essential(s) || s.Fault != "" || len(s.Guards) == 0 && s.Effect != program.Write {
		return
	}
	guard := mainGuard(s)
	if guard == "" || s.Effect == program.Acquire || s.Effect == program.Block {
		return
	}
	words := guardsOf(s, guard)
	if words == "" && s.Effect != program.Write {
		return
	}
	item := b.siteItem(Added, guard, s)
	if item == nil {
		return
	}
	item.Title = fmt.Sprintf("new: %s, with %s", s.What, words)
	if words == "" {
		item.Title = fmt.Sprintf("new: %s", s.What)
	}
	if s.Effect == program.Write && words == "" {
		item.Question = "What happens when this runs a second time with the same input?"
		return
	}
	item.Question = ask(Added, guard, "", 1)
}

// mainGuard is the guard that is asked about a new effect.
func mainGuard(s *program.Site) program.GuardKind {
	switch s.Effect {
	case program.Wait:
		return program.Deadline
	case program.Repeat:
		return program.RetryBound
	case program.Write:
		return program.Idempotency
	case program.Share:
		return program.Lock
	case program.Admit:
		return program.Authorization
	case program.Spawn:
		if s.Guarded(program.Bound) != nil {
			return program.Bound
		}
		return program.Cancellation
	}
	return ""
}

// goneSite makes an item of an effect that is gone while its function remains: a write or a wait that somebody may count on.
func (b *builder) goneSite(s *program.Site) {
	if b.Base.Program.IsTest(s.At.File) || !essential(s) || s.Effect != program.Write && s.Effect != program.Admit {
		return
	}
	fn, ok := b.Match.Function(s.Func)
	if !ok || s.Effect == program.Admit {
		return
	}
	path, symbol := b.Head.Program.Files[fn.File].Path, b.Head.Program.Symbol(fn)
	key := taken{path, symbol, "gone " + s.What}
	if b.taken[key] {
		return
	}
	b.taken[key] = true
	guard := mainGuard(s)
	item := &Item{
		Kind: Gone, Guard: string(guard), Title: fmt.Sprintf("%s is gone from %s", s.What, symbolWords(symbol)),
		Question: "Who does this now, or why is it needed no more?", Wanted: wanted(program.Decision, nil), Weight: kindWeights[Gone] + guardWeights[guard]/2,
	}
	item.Before = []Spot{b.guardSpot(&b.Base, s, "", b.Base.named(s.Func))}
	info := &b.Head.Program.Files[fn.File].Scopes[fn.Scope]
	item.After = []Spot{b.Head.spot(program.Place{File: fn.File, Span: info.NameSpan}, fn)}
	item.code = append(item.code, s.What, s.Text)
	b.about(item, fn)
	b.govern(item, path, symbol, s.Effect, "")
	b.items = append(b.items, item)
}

func symbolWords(symbol string) string {
	if symbol == "" {
		return "the module"
	}
	return symbol
}
