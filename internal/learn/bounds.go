package learn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/tiebeam/tiebeam/internal/program"
)

// What a range needs: deadlines, and a gap between its bound and those beyond it.
const (
	minBounds = 8
	minGap    = 2
)

// bounded is a wait with a deadline of a known number of seconds.
type bounded struct {
	seconds float64
	member
}

// ranges mines the bound that the deadlines of a group keep, but for a few that are much longer. A group in which many
// waits have no deadline of their own has no bound either.
func (m *miner) ranges() {
	groups := map[groupKey][]bounded{}
	unbounded := map[groupKey]int{}
	var order []groupKey
	sites := m.p.Sites(program.Wait)
	for i := range sites {
		site := &sites[i]
		subject, ok := m.subject(site)
		seconds := ownSeconds(site)
		if !ok || seconds <= 0 || math.IsNaN(seconds) {
			continue
		}
		if math.IsInf(seconds, 1) {
			for _, key := range m.siteGroups(site, subject) {
				unbounded[key]++
			}
			continue
		}
		one := bounded{seconds, member{at: site.At, fn: site.Func, text: m.siteText(site)}}
		for _, key := range m.siteGroups(site, subject) {
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], one)
		}
	}
	taken := map[program.Place]bool{}
	for _, kind := range []ScopeKind{InProgram, OfLibrary, InPackage, InBase, InClass, InModule} {
		for _, key := range order {
			if key.scope.Kind == kind && isHabit(len(groups[key]), len(groups[key])+unbounded[key]) {
				m.rangeOf(key, groups[key], taken)
			}
		}
	}
}

// ownSeconds is the least bound of a wait that the project wrote itself; +Inf for none.
func ownSeconds(site *program.Site) float64 {
	least := math.Inf(1)
	for i := range site.Guards {
		if g := &site.Guards[i]; g.Kind == program.Deadline && g.From != "default" && g.Seconds < least {
			least = g.Seconds
		}
	}
	return least
}

// rangeOf adds the range of one group. Deadlines that a range of a wider group speaks of are not told again.
func (m *miner) rangeOf(key groupKey, all []bounded, taken map[program.Place]bool) {
	if len(all) < minBounds {
		return
	}
	slices.SortStableFunc(all, func(a, b bounded) int {
		return cmp.Or(cmp.Compare(a.seconds, b.seconds), comparePlaces(a.at, b.at))
	})
	kept := len(all)
	for i := len(all) - 1; i > 0 && float64(i) >= minShare*float64(len(all)); i-- {
		if all[i].seconds > minGap*all[i-1].seconds {
			kept = i
		}
	}
	fresh := slices.ContainsFunc(all, func(b bounded) bool { return !taken[b.at] })
	if !fresh {
		return
	}
	bound := all[kept-1].seconds
	v := Invariant{
		Kind: Range, Guard: program.Deadline, Effect: program.Wait, Subject: key.subject, Habit: formatSeconds(bound), Scope: key.scope,
		Kept: kept, Total: len(all), Base: 0.5, Seconds: bound,
	}
	for _, b := range all[max(0, kept-maxExamples):kept] {
		v.Examples = append(v.Examples, b.at)
	}
	for _, b := range all[kept:] {
		v.Deviants = append(v.Deviants, Deviant{At: b.at, Func: b.fn, Text: b.text + " waits up to " + formatSeconds(b.seconds)})
	}
	for _, b := range all {
		taken[b.at] = true
	}
	sortDeviants(v.Deviants)
	v.Statement = fmt.Sprintf("deadlines of waits for the %s%s are at most %s, the shortest %s", v.Subject, v.Scope.phrase(), v.Habit, formatSeconds(all[0].seconds))
	m.found = append(m.found, v)
}

// formatSeconds writes a time with its unit.
func formatSeconds(s float64) string {
	if s < 1 {
		return strconv.FormatFloat(s*1000, 'g', 4, 64) + " ms"
	}
	return strconv.FormatFloat(s, 'g', 6, 64) + " s"
}
