package regress

import (
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/program"
)

// compareLocks compares the locks of a write that both sides make. A write without any is left to the comparison of
// scopes, which knows where the lock may have gone.
func (c *change) compareLocks(base, head *program.Site, heads []program.Site) {
	was, is := locksOf(base.Guards), locksOf(head.Guards)
	if len(is) == 0 {
		c.unlocked[was[0].Where] = true
		return
	}
	if slices.ContainsFunc(was, func(g *program.Guard) bool { return g.From == "caller" }) || slices.ContainsFunc(is, func(g *program.Guard) bool { return g.From == "caller" }) {
		c.locked = append(c.locked, was[0].Where)
		return
	}
	for _, b := range was {
		if slices.ContainsFunc(is, func(h *program.Guard) bool { return h.Text == b.Text }) {
			c.locked = append(c.locked, b.Where)
			return
		}
	}
	for i := range heads {
		if heads[i].What != head.What || heads[i].Func == head.Func {
			continue
		}
		for _, other := range locksOf(heads[i].Guards) {
			if other.Text == was[0].Text {
				c.loseSite(base, head, Weakened, was[0], is[0], fmt.Sprintf("%s is written under %s, elsewhere under %s as in base", head.What, is[0].Text, was[0].Text))
				return
			}
		}
	}
}

// decideLocks notes the locks of base under which every write is still made: those went nowhere.
func (c *change) decideLocks() {
	for _, where := range c.locked {
		if where != (program.Place{}) && !c.unlocked[where] {
			c.decided[program.Lock] = append(c.decided[program.Lock], where)
		}
	}
}

func locksOf(guards []program.Guard) []*program.Guard {
	var list []*program.Guard
	for i := range guards {
		if guards[i].Kind == program.Lock {
			list = append(list, &guards[i])
		}
	}
	return list
}
