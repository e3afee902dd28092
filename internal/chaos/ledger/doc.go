// Package ledger keeps the account of one run: each operation with its test, its Python line and its times, and whether
// what it wrote was committed.
//
// It imports wire and fault only. Connections of many threads report to one Ledger. Invariant: an operation is
// committed only when the peer said so; and each gets its occurrence number within its test and shape, from which the
// plan of the run finds the one operation that is to fail. Entry points: New, Ledger.Open, Ledger.Trace.
package ledger
