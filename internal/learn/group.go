package learn

import (
	"cmp"
	"slices"

	"github.com/tiebeam/tiebeam/internal/program"
)

// member is a place of a group.
type member struct {
	at   program.Place
	fn   program.Func
	expr program.ExprRef
	// text is shown for a deviant; made from expr where it is empty.
	text  string
	known bool
}

// group is a set of places that could be alike, and which of them keep which habit.
type group struct {
	scope   Scope
	subject string
	effect  program.Effect
	members []int
	habits  map[habit][]int // the members that keep it, in order
}

// habit is what places may keep.
type habit struct {
	kind  Kind
	guard program.GuardKind
	text  string
}

// pool holds places of one sort with the groups that they are in.
type pool struct {
	members []member
	groups  map[groupKey]*group
	order   []*group
}

type groupKey struct {
	scope   Scope
	subject string
	effect  program.Effect
}

func newPool() *pool { return &pool{groups: map[groupKey]*group{}} }

// add puts a place with its habits into groups.
func (q *pool) add(place member, keys []groupKey, habits []habit) {
	index := len(q.members)
	q.members = append(q.members, place)
	for _, key := range keys {
		g := q.groups[key]
		if g == nil {
			g = &group{scope: key.scope, subject: key.subject, effect: key.effect, habits: map[habit][]int{}}
			q.groups[key] = g
			q.order = append(q.order, g)
		}
		g.members = append(g.members, index)
		for _, h := range habits {
			if kept := g.habits[h]; len(kept) == 0 || kept[len(kept)-1] != index {
				g.habits[h] = append(kept, index)
			}
		}
	}
}

// sorted gives the habits of a group in one order.
func (g *group) sorted() []habit {
	all := make([]habit, 0, len(g.habits))
	for h := range g.habits {
		all = append(all, h)
	}
	slices.SortFunc(all, func(a, b habit) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.guard, b.guard), cmp.Compare(a.text, b.text))
	})
	return all
}

// candidate is a habit of a group that its numbers allow, before it is told from what is true anyway.
type candidate struct {
	group *group
	habit habit
	kept  []int
	base  float64
}

// candidates finds the habits of all groups. whole gives for a group the one that it is a part of, against which its
// habit is measured; nil for none.
func (q *pool) candidates(whole func(*group) *group) []candidate {
	var found []candidate
	for _, g := range q.order {
		if len(g.members) < minKept {
			continue
		}
		for _, h := range g.sorted() {
			kept := g.habits[h]
			if !isHabit(len(kept), len(g.members)) {
				continue
			}
			c := candidate{group: g, habit: h, kept: kept, base: 0.5}
			if all := whole(g); all != nil && all != g && len(all.members) > len(g.members) {
				c.base = shareOf(len(all.habits[h])-len(kept), len(all.members)-len(g.members))
			}
			found = append(found, c)
		}
	}
	return found
}

// widest drops candidates that another one says as well: about the same habit, with all of their places, and no less
// sure. Of two about the same places the plainer scope stays.
func (q *pool) widest(all []candidate) []candidate {
	byHabit := map[habit][]int{}
	for i := range all {
		byHabit[all[i].habit] = append(byHabit[all[i].habit], i)
	}
	drop := make([]bool, len(all))
	for i := range all {
		for _, j := range byHabit[all[i].habit] {
			if i != j && !drop[j] && all[j].subsumes(&all[i]) {
				drop[i] = true
				break
			}
		}
	}
	var kept []candidate
	for i := range all {
		if !drop[i] {
			kept = append(kept, all[i])
		}
	}
	return kept
}

// subsumes reports whether c says all that the other one does.
func (c *candidate) subsumes(other *candidate) bool {
	if c.group.effect != other.group.effect || !includes(c.group.members, other.group.members) {
		return false
	}
	if len(c.group.members) == len(other.group.members) {
		return plainness(c.group.scope.Kind) < plainness(other.group.scope.Kind)
	}
	share := func(c *candidate) float64 { return float64(len(c.kept)) / float64(len(c.group.members)) }
	return share(c) >= share(other)-0.03
}

// includes reports whether the sorted list a holds all of the sorted list b.
func includes(a, b []int) bool {
	if len(b) > len(a) || len(b) == 0 {
		return len(b) == 0
	}
	i := 0
	for _, x := range b {
		for i < len(a) && a[i] < x {
			i++
		}
		if i == len(a) || a[i] != x {
			return false
		}
		i++
	}
	return true
}

// plainness orders the scopes by how plainly they say what their places have in common.
func plainness(k ScopeKind) int {
	return slices.Index([]ScopeKind{OfLibrary, OfCallee, OfRoute, InBase, InClass, InModule, InPackage, InProgram}, k)
}

// invariant completes a candidate, without a statement.
func (m *miner) invariant(q *pool, c *candidate) Invariant {
	v := Invariant{
		Kind: c.habit.kind, Guard: c.habit.guard, Effect: c.group.effect, Subject: c.group.subject, Habit: c.habit.text,
		Scope: c.group.scope, Kept: len(c.kept), Total: len(c.group.members), Base: c.base,
	}
	i := 0
	for _, index := range c.group.members {
		place := &q.members[index]
		if i < len(c.kept) && c.kept[i] == index {
			if i++; len(v.Examples) < maxExamples {
				v.Examples = append(v.Examples, place.at)
			}
			continue
		}
		text := place.text
		if text == "" {
			text = m.line(place.expr)
		}
		v.Deviants = append(v.Deviants, Deviant{At: place.at, Func: place.fn, Text: text, Known: place.known})
	}
	sortDeviants(v.Deviants)
	return v
}
