// Package export writes a finding of a sweep as a regression test: plain Python for pytest, with a small proxy in its own
// code, which needs nothing of ours to run.
//
// It imports wire only. Invariant: what is written is a function of the cases, stands on the standard library and pytest, and names no
// secret: the services are found in the environment when the test runs. Entry point: Write.
package export
