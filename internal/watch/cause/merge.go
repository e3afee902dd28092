package cause

import (
	"cmp"
	"slices"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// order is in which sorts are told: what ends a process soonest comes first.
var order = []What{Descriptors, Threads, Children, Tasks, Memory}

func rank(s Subject) int { return slices.Index(order, s.What) }

func compareSubjects(a, b Subject) int {
	return cmp.Or(cmp.Compare(a.Group.Kind, b.Group.Kind), cmp.Compare(a.Group.State, b.Group.State), cmp.Compare(a.Group.Where, b.Group.Where), cmp.Compare(a.Name, b.Name))
}

// merge orders leaks and puts what grows for one reason together: an event loop is an epoll descriptor and a pair of
// Unix sockets, a subprocess its pipes and an entry among the children, and whatever is kept takes memory.
func merge(leaks []Leak) []Leak {
	slices.SortFunc(leaks, func(a, b Leak) int {
		return cmp.Or(cmp.Compare(rank(a.Subject), rank(b.Subject)), cmp.Compare(b.Judgement.Rise, a.Judgement.Rise), compareSubjects(a.Subject, b.Subject))
	})
	leaks = absorb(leaks, isKind(proc.Epoll, ""), isKind(proc.Socket, "UNIX"))
	leaks = absorb(leaks, isKind(proc.Pipe, ""), is(Children))
	return absorb(leaks, func(s Subject) bool { return s.What != Memory }, is(Memory))
}

// absorb moves what belongs to the first leak of one sort into it.
func absorb(leaks []Leak, into, what func(s Subject) bool) []Leak {
	at := slices.IndexFunc(leaks, func(l Leak) bool { return into(l.Subject) })
	if at < 0 {
		return leaks
	}
	main := &leaks[at]
	var rest []Leak
	for i := range leaks {
		if l := &leaks[i]; i != at && what(l.Subject) && (l.Subject.What == Memory || samePace(main.Judgement.Slope, l.Judgement.Slope)) {
			main.Also = append(main.Also, Also{l.Subject, l.Count})
		}
	}
	for i := range leaks {
		if i == at || !slices.ContainsFunc(main.Also, func(a Also) bool { return a.Subject == leaks[i].Subject }) {
			rest = append(rest, leaks[i])
		}
	}
	return rest
}

func is(what What) func(s Subject) bool { return func(s Subject) bool { return s.What == what } }

func isKind(kind proc.Kind, state string) func(s Subject) bool {
	return func(s Subject) bool {
		return s.What == Descriptors && s.Group.Narrow && s.Group.Kind == kind && s.Group.State == state
	}
}

// samePace says whether two slopes may have one reason: one thing has up to three descriptors.
func samePace(a, b float64) bool { return b <= 4*a && a <= 4*b }
