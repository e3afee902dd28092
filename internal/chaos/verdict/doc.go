// Package verdict judges runs: which operations are points for a fault, and what a run with a fault did twice that the
// runs without one did once.
//
// It is a function of traces and imports ledger, fault, wire and state only. Invariant: what cannot be decided is withheld with its reason, and never passed:
// an operation whose effect the wire does not show, a test that differs from itself, a point that was not reached.
// Entry points: NewBaseline, Baseline.Judge.
package verdict
