package probe

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// Why says why no agent speaks for a process. launched says that we put it in front.
func Why(d *proc.Description, launched bool) string {
	if !d.Python() {
		return "the process is no Python interpreter, so there is no agent in it"
	}
	flags := interpreterFlags(d.Args)
	switch {
	case strings.ContainsRune(flags, 'I'):
		return "Python was started with -I, which ignores PYTHONPATH and the user's packages: start it without, or call tiebeam_agent.start() in the service"
	case strings.ContainsRune(flags, 'S'):
		return "Python was started with -S, which leaves out sitecustomize and .pth files: start it without, or call tiebeam_agent.start() in the service"
	case strings.ContainsRune(flags, 'E') && launched:
		return "Python was started with -E, which ignores PYTHONPATH: start it without, or install tiebeam-agent and call tiebeam_agent.start()"
	case launched:
		return "the agent has not spoken yet: it speaks once there is a loop, a pool or an open file of the service; a program that sets PYTHONPATH itself leaves it out"
	case slices.ContainsFunc(d.Environment, func(v string) bool { return strings.HasPrefix(v, "TIEBEAM_AGENT=") }):
		return "TIEBEAM_AGENT is set and no agent has spoken yet: is tiebeam-agent installed for this interpreter?"
	}
	return "there is no agent in the process: start it with `tiebeam watch -- COMMAND`, or with tiebeam-agent installed and TIEBEAM_AGENT=1; Python 3.14 takes it in with --attach"
}

// interpreterFlags collects the single-letter options before the script, -c or -m.
func interpreterFlags(args []string) string {
	var flags strings.Builder
	for i := 1; i < len(args); i++ {
		letters, ok := strings.CutPrefix(args[i], "-")
		if !ok || letters == "" || strings.HasPrefix(letters, "-") {
			break
		}
		for k, letter := range letters {
			flags.WriteRune(letter)
			if letter == 'c' || letter == 'm' {
				return flags.String()
			}
			if letter == 'W' || letter == 'X' {
				if k == len(letters)-1 {
					i++ // its value is the next word
				}
				break
			}
		}
	}
	return flags.String()
}

// Unseen says which lines the agent cannot name, and why; empty where it can name all.
func (h *Hello) Unseen() string {
	if !h.NoGIL {
		return ""
	}
	return "which line blocks an event loop is not known: this Python runs without its global lock, where it allows nobody to look at the frames of another thread (lag is measured)"
}

// Describe names an agent for people: "agent 0.1.0 in CPython 3.11.7".
func (h *Hello) Describe() string {
	implementation := h.Implementation
	if implementation == "cpython" {
		implementation = "CPython"
	}
	if h.NoGIL {
		implementation = "free-threaded " + implementation
	}
	return fmt.Sprintf("agent %s in %s %s", h.Agent, implementation, h.Python)
}
