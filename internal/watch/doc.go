// Package watch looks at a running process, says what leaks in it while it is small, and publishes what it sees.
//
//	proc      what the kernel tells of a process          trend   whether a count only ever grows
//	probe     what the agent in a Python service tells    cause   what it is that grows
//	join      which site of the analysis that is          metrics, otlp, page    who is told
//
// It may import engine and what lies below it, for join, and nothing of report or cli.
//
// Invariants: nothing of the process is changed, and nothing is sent anywhere but to who was named; what could not be
// seen is incomplete and not clean; a leak that has stopped is no finding.
//
// Entry points: Run for the loop, Find for findings of a State, Rules for what they are called.
package watch
