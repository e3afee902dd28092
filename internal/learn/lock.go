package learn

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/program"
)

// locks mines under which lock the fields of each class and module are written.
func (m *miner) locks() {
	q := newPool()
	sites := m.p.Sites(program.Share)
	for i := range sites {
		site := &sites[i]
		if !m.own[site.At.File] || site.Fault == "shared-mutable-state" {
			continue
		}
		owner := Scope{InModule, m.p.Files[site.At.File].Path}
		if class, ok := m.classOf(site.Func); ok {
			owner = Scope{InClass, m.p.QualifiedName(class)}
		}
		keys := []groupKey{{owner, "", program.Share}, {owner, site.Detail, program.Share}}
		q.add(member{at: site.At, fn: site.Func, text: site.What + " is written", known: site.Fault != ""}, keys, m.lockHabits(site))
	}
	for _, g := range q.order {
		m.lockSet(q, g)
	}
}

// lockHabits gives the locks that a write is made under. A method that is called under a lock everywhere counts for
// whichever lock that is.
func (m *miner) lockHabits(site *program.Site) []habit {
	habits := []habit{}
	for i := range site.Guards {
		if g := &site.Guards[i]; g.Kind == program.Lock {
			habits = append(habits, habit{Lock, program.Lock, g.Text})
		}
	}
	return habits
}

// minLocked is how many writes under one lock make it the field's or the owner's.
const minLocked = 4

// lockSet adds the lock that nearly all writes of a group are made under.
func (m *miner) lockSet(q *pool, g *group) {
	if g.subject != "" || len(g.members) < minLocked {
		return
	}
	for _, h := range g.sorted() {
		if h.text == "caller" {
			continue
		}
		kept := mergeSorted(g.habits[h], g.habits[habit{Lock, program.Lock, "caller"}])
		if len(kept) < minLocked || float64(len(kept)) < minShare*float64(len(g.members)) || len(g.habits[h]) < 2 {
			continue
		}
		v := m.invariant(q, &candidate{group: g, habit: h, kept: kept, base: 0.5})
		v.Statement = fmt.Sprintf("writes to the fields%s are made under %s", g.scope.phrase(), h.text)
		m.found = append(m.found, v)
		return
	}
}

// mergeSorted joins two sorted lists, each element once.
func mergeSorted(a, b []int) []int {
	all := slices.Concat(a, b)
	slices.SortFunc(all, cmp.Compare[int])
	return slices.Compact(all)
}
