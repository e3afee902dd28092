package watch

import (
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
)

// Names of what is found at run time. They say the fault, like those of the analysis.
const (
	GrowingDescriptors = "growing-descriptors"
	GrowingThreads     = "growing-threads"
	GrowingChildren    = "growing-children"
	GrowingTasks       = "growing-tasks"
	GrowingMemory      = "growing-memory"
	ExhaustedPool      = "exhausted-pool"
	BlockedLoop        = "blocked-loop"
	UnclosedResource   = "unclosed-resource"
)

// Rule describes one of them for reports.
type Rule struct {
	// Name is the rule's, Guard what is missing where it fires, Class what --fail-on calls it.
	Name, Guard, Class string
	Severity           finding.Severity
	// Summary, Why and Remedy are plain sentences.
	Summary, Why, Remedy string
}

// Classes of rules, for --fail-on.
const (
	ClassLeak     = "leak"
	ClassPool     = "pool"
	ClassBlock    = "block"
	ClassUnclosed = "unclosed"
)

var rules = []Rule{
	{GrowingDescriptors, "release", ClassLeak, finding.Error, "reports descriptors that only ever become more",
		"A process has a limited number of descriptors; when they are used up, every accept, open and connect fails, in places that have nothing to do with the leak.",
		"Close what is opened on every path: with, contextlib.closing, or an ExitStack."},
	{GrowingThreads, "release", ClassLeak, finding.Error, "reports threads that are started and do not end",
		"Each thread keeps its stack and whatever it refers to, and the number of threads of a user is limited.",
		"Start threads through a pool with a bound, and let each end."},
	{GrowingChildren, "release", ClassLeak, finding.Warning, "reports child processes that nobody waits for",
		"A child that has ended keeps its number and its entry until its parent waits for it; the number of processes of a user is limited.",
		"Call wait() or communicate(), or use the process as a context manager."},
	{GrowingTasks, "cancellation", ClassLeak, finding.Warning, "reports asyncio tasks that neither end nor are cancelled",
		"Each task keeps its frames and whatever they refer to, such as connections, and makes the loop slower.",
		"Own each task: a TaskGroup, or a set whose tasks are awaited or cancelled."},
	{GrowingMemory, "release", ClassLeak, finding.Warning, "reports memory that only ever becomes more",
		"A process that outgrows its memory is killed in the middle of its work.",
		"Bound caches and queues, and look at what keeps the objects with tracemalloc."},
	{ExhaustedPool, "release", ClassPool, finding.Error, "reports pools whose connections are all taken while callers wait",
		"A caller that waits for a connection holds what it has itself, so that the wait spreads to the services upstream.",
		"Give connections back on every path, keep them for the query alone and not for calls to others, and bound the wait."},
	{BlockedLoop, "offload", ClassBlock, finding.Warning, "reports lines that keep an event loop from running anything else",
		"While one coroutine blocks, every other request, timer and health check of the process waits.",
		"Use the asynchronous form of the call, or hand it to a thread with asyncio.to_thread."},
	{UnclosedResource, "release", ClassUnclosed, finding.Note, "reports resources that the collector had to close",
		"They stay open until the collector finds them, which under load, in a cycle or on another interpreter is too late.",
		"Use the resource as a context manager."},
}

// Rules lists all of them in a fixed order.
func Rules() []Rule { return append([]Rule{}, rules...) }

// ClassOf says what --fail-on calls a rule, empty for one that is not ours.
func ClassOf(name string) string {
	for _, r := range rules {
		if r.Name == name {
			return r.Class
		}
	}
	return ""
}

func ruleNamed(name string) Rule {
	for _, r := range rules {
		if r.Name == name {
			return r
		}
	}
	return Rule{Name: name}
}

var ruleOf = map[cause.What]string{
	cause.Descriptors: GrowingDescriptors, cause.Threads: GrowingThreads, cause.Children: GrowingChildren,
	cause.Tasks: GrowingTasks, cause.Memory: GrowingMemory,
}

// RuleOf names the rule of what grows.
func RuleOf(what cause.What) string { return ruleOf[what] }
