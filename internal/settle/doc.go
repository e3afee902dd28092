// Package settle turns what the judges reported into what is printed: severities, suppressions, the baseline,
// fingerprints and order, in that sequence.
//
//	reported ─ severity ─ suppressions ─ baseline ─ order, fingerprint ─→ settled
//	                │            │           │
//	                └ unused, unexplained, unknown, stale: findings of their own
//
// It imports finding and text, and does no input or output.
//
// Invariant: nothing disappears without a trace. A finding is either settled or counted as suppressed or accepted, and
// what accepts it must give a reason and must still match something.
//
// Entry points: Run; ReadComment for suppressions; ParseBaseline and WriteBaseline.
package settle
