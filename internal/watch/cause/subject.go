package cause

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// What is the sort of thing that grows; it names the rule of a finding.
type What string

// The sorts.
const (
	Descriptors What = "descriptors"
	Threads     What = "threads"
	Children    What = "children"
	Memory      What = "memory"
	Tasks       What = "tasks"
)

// Subject is one thing that is counted. Subjects are compared with ==.
type Subject struct {
	What What
	// Group is set for descriptors.
	Group proc.Group
	// Name is set for tasks: the coroutine and its place.
	Name string
}

// parent is the next wider subject; ok is false where there is none.
func (s Subject) parent() (wider Subject, ok bool) {
	switch {
	case s.What == Descriptors && s.Group.Narrow:
		return Subject{What: Descriptors, Group: s.Group.Parent()}, true
	case s.What == Tasks && s.Name != "":
		return Subject{What: Tasks}, true
	}
	return Subject{}, false
}

// Inbound says whether the subject is connections that others have opened to us.
func (s Subject) Inbound() bool {
	return s.Group.Kind == proc.Socket && strings.Contains(s.Group.Where, " to :")
}

// plurals are the words for descriptors of a kind.
var plurals = map[proc.Kind]string{
	proc.Other: "other descriptors", proc.File: "open files", proc.Deleted: "open files that are deleted", proc.Pipe: "pipes",
	proc.Socket: "sockets", proc.Epoll: "epoll descriptors", proc.Eventfd: "eventfds", proc.Inotify: "inotify descriptors",
	proc.Timerfd: "timerfds", proc.Signalfd: "signalfds", proc.Memfd: "memory files", proc.Device: "open devices",
}

// Describe says how many of the subject there are, such as "92 sockets in CLOSE_WAIT to 10.0.0.3:443".
func (s Subject) Describe(count int) string {
	switch s.What {
	case Descriptors:
		return s.describeGroup(count)
	case Memory:
		return fmt.Sprintf("%d MiB of memory", count>>20)
	case Tasks:
		if s.Name != "" {
			return fmt.Sprintf("%d asyncio tasks of %s", count, s.Name)
		}
		return fmt.Sprintf("%d asyncio tasks", count)
	case Children:
		return fmt.Sprintf("%d child processes", count)
	}
	return fmt.Sprintf("%d %s", count, s.What)
}

func (s Subject) describeGroup(count int) string {
	g := s.Group
	switch {
	case !g.Narrow:
		return fmt.Sprintf("%d descriptors", count)
	case g.Kind != proc.Socket && g.Where == "":
		return fmt.Sprintf("%d %s", count, plurals[g.Kind])
	case g.Kind == proc.Deleted && !g.IsDir():
		return fmt.Sprintf("the deleted file %s open %d times", g.Where, count)
	case g.Kind != proc.Socket && !g.IsDir():
		return fmt.Sprintf("%s open %d times", g.Where, count)
	case g.Kind != proc.Socket:
		return fmt.Sprintf("%d %s in %s", count, plurals[g.Kind], g.Where)
	}
	text := fmt.Sprintf("%d sockets", count)
	switch g.State {
	case "":
	case "UNIX":
		text = fmt.Sprintf("%d Unix sockets", count)
	case "UDP":
		text = fmt.Sprintf("%d UDP sockets", count)
	case "UNBOUND":
		text = fmt.Sprintf("%d sockets that are not connected", count)
	default:
		text += " in " + g.State
	}
	switch {
	case g.Where == "":
	case s.Inbound():
		text += " from " + g.Where
	default:
		text += " to " + g.Where
	}
	return text
}

// Meaning says what it means that there are more and more of the subject.
func (s Subject) Meaning() string {
	switch s.What {
	case Threads:
		return "threads are started and do not end"
	case Children:
		return "child processes are started and not waited for"
	case Memory:
		return "memory is allocated and kept"
	case Tasks:
		return "tasks are started and neither end nor are cancelled"
	}
	switch s.Group.Kind {
	case proc.Socket:
		return s.meaningOfSockets()
	case proc.File:
		return "files are opened and not closed"
	case proc.Deleted:
		return "temporary files are opened and not closed; their space stays taken"
	case proc.Pipe:
		return "pipes, such as those of subprocesses, are opened and not closed"
	case proc.Epoll:
		return "event loops or selectors are made and not closed"
	}
	return "descriptors are opened and not closed"
}

func (s Subject) meaningOfSockets() string {
	switch {
	case s.Inbound():
		return "clients stay connected: it is load, or idle connections are never ended"
	case s.Group.State == "CLOSE_WAIT":
		return "the other end has closed the connections and this process has not"
	case s.Group.State == "ESTABLISHED":
		return "connections are opened and neither used again nor closed"
	case s.Group.State == "SYN_SENT":
		return "connections wait for an answer that does not come"
	}
	return "sockets are opened and not closed"
}
