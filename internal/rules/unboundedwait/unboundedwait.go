// Package unboundedwait reports calls that wait for the network or a child process and would wait for ever.
//
// # What it guards
//
// A wait needs a deadline: an argument of the call, the configuration of the client or session it goes through, a
// default of the installed library, an enclosing scope such as asyncio.timeout or wait_for, a decorator, an adapter.
// Waits inside the process (queues, futures, locks, tasks) are often meant to be endless and are judged under
// --strict only.
//
// # Why it bears load
//
// A peer that accepts the connection and never answers holds the thread, the pool slot and everything queued behind
// them. Nothing fails, so nothing is retried or logged: the service stops. Most clients wait for ever by default;
// requests says so in its documentation.
//
// # When it is silent
//
// A deadline that is passed in but whose value cannot be shown counts as one. So does a library whose behaviour the
// catalogue does not know, and an argument hidden in *args or **kwargs. A function all of whose known callers stand
// in a scope with a deadline is bounded. Statements on an open database connection are not asked for a deadline, nor
// are reads that expect BlockingIOError. A child may take its time once it was killed, where the user works with it
// (an editor, a pager, a viewer), where it ends by itself (timeout, ping -W, curl --max-time), and where its exit code
// becomes that of the program. A wait for one that is a task of its own has the deadline of whoever waits for the task.
//
// # What to do instead
//
// Pass a deadline that comes from what the caller can bear, with the reason in a comment, or set it once where the
// client is made. For requests, which has no such setting, mount an adapter that adds it.
//
// # References
//
//   - [Requests: Timeouts]
//   - [HTTPX: Timeouts]
//   - [asyncio.timeout]
//
// [Requests: Timeouts]: https://requests.readthedocs.io/en/latest/user/advanced/#timeouts
// [HTTPX: Timeouts]: https://www.python-httpx.org/advanced/timeouts/
// [asyncio.timeout]: https://docs.python.org/3/library/asyncio-task.html#asyncio.timeout
package unboundedwait

import (
	"embed"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/rule"
)

//go:embed unboundedwait.go testdata/unboundedwait.txtar
var folder embed.FS

// Rule is the rule.
var Rule = &rule.Rule{
	Name:     "unbounded-wait",
	Guard:    program.Deadline,
	Severity: finding.Warning,
	Since:    "0.1.0",
	Folder:   folder,
	Run:      run,
}

func run(pass *rule.Pass) {
	for site := range pass.Faults(program.Wait) {
		message := site.What + " waits for ever for " + waitedFor(site.Detail) + " when there is no answer"
		var related []rule.Related
		for i := range site.Guards {
			if guard := &site.Guards[i]; guard.Where != (program.Place{}) && guard.From != "argument" {
				related = append(related, rule.Related{At: guard.Where, Message: "no deadline is set here: " + guard.Text})
			}
		}
		pass.Report(site, message, related...)
	}
}

func waitedFor(what string) string {
	switch what {
	case "network":
		return "the network"
	case "subprocess":
		return "the child process"
	}
	return "the " + what
}
