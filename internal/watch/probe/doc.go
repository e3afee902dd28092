// Package probe is the watch's end of the way to the agent in a Python service: it puts the agent in front of a command,
// listens for it, and keeps what each process said last.
//
// It may import the project's package agent, proc and text.
//
// Invariants: what comes over the socket is not trusted: lines and lists have limits, and who is at the other end is
// what the kernel says and not what is written; the socket is 0600 in a folder 0700; an agent that does not speak is
// told with the reason and never shown as zeros.
//
// Entry points: Listen, Listener.Environment, Listener.View, Why, Attach.
package probe
