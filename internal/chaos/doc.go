// Package chaos finds out by running a program what it does twice when a network fails half-way: it loses the answer to
// one operation after another, and looks at what was committed more often than without the fault.
//
//	command ─▶ proxies ─▶ services            redirect, agent, proxy, pg, http1, resp
//	             │
//	          account of each run             ledger, state
//	             │
//	baseline ─ points ─ runs ─ judged         sweep, verdict
//	             │
//	findings, timeline                        this package, page
//
// It imports finding, source and text of the analysis, and its own packages. Invariant: a run that shows nothing is not clean by that: no traffic, a test that is not
// the same twice, a point that was not reached and a fixture that rolls back are reported as not judged.
//
// Entry points: sweep.Run, and Report, which turns its result into findings.
package chaos
