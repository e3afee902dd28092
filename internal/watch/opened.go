package watch

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// openers gives the lines that open what a leak consists of, as the agent told them, most likely first: those that hold
// the most open things, then those that opened the most.
func openers(leak *cause.Leak, view *probe.View) []probe.Site {
	if leak.Subject.What == cause.Tasks {
		return taskLines(leak, view)
	}
	var found []probe.Opened
	for _, o := range view.Stats.Opened {
		if o.Line > 0 && opens(&o, leak) {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b probe.Opened) int {
		if a.Open != b.Open {
			return b.Open - a.Open
		}
		return b.Count - a.Count
	})
	var sites []probe.Site
	for _, o := range found {
		if !slices.Contains(sites, o.Site) {
			sites = append(sites, o.Site)
		}
	}
	return sites
}

func taskLines(leak *cause.Leak, view *probe.View) []probe.Site {
	for i := range view.Stats.Loops {
		for _, t := range view.Stats.Loops[i].Top {
			if taskName(&t) == leak.Subject.Name {
				return []probe.Site{t.Site}
			}
		}
	}
	return nil
}

// opens says whether what a line opens is what leaks.
func opens(o *probe.Opened, leak *cause.Leak) bool {
	s := leak.Subject
	switch {
	case s.What == cause.Threads:
		return o.Kind == "thread"
	case s.What == cause.Children || s.Group.Kind == proc.Pipe:
		return o.Kind == "process"
	case s.What != cause.Descriptors:
		return false
	case s.Group.Kind == proc.File || s.Group.Kind == proc.Deleted:
		return o.Kind == "file" && sameFile(o.Where, s.Group)
	case s.Group.Kind == proc.Epoll:
		// A loop opens a pair of sockets beside it, which nothing connects.
		return o.Kind == "socket" && o.Where == ""
	case s.Group.Kind == proc.Socket:
		return o.Kind == "socket" && samePeer(o.Where, s.Group)
	}
	return false
}

// sameFile compares a path that was opened with the one that is open. A temporary file without a name is opened by its
// folder.
func sameFile(where string, g proc.Group) bool {
	if where == g.Where {
		return true
	}
	return g.Kind == proc.Deleted && g.Where != "" && where == (proc.Group{Narrow: true, Kind: g.Kind, Where: g.Where}).Parent().Where
}

// samePeer compares the address that was asked for, whose host may be a name, with the one that is connected.
func samePeer(where string, g proc.Group) bool {
	if where == g.Where || g.Where == "" && g.State == "" {
		return true
	}
	if g.State == "UNIX" || g.State == "UNBOUND" {
		return where == ""
	}
	at := strings.LastIndexByte(where, ':')
	peer, err := netip.ParseAddrPort(g.Where)
	if at < 0 || err != nil {
		return false
	}
	if _, err := netip.ParseAddr(strings.Trim(where[:at], "[]")); err == nil {
		return false // another address
	}
	return strings.HasSuffix(g.Where, where[at:]) && peer.IsValid()
}
