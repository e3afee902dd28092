// Package join finds, for a line that leaks or blocks at run time, the site that the analysis knows there, with its
// guard, so that what was measured and what was read are one finding.
//
// It may import engine, program, finding, source and probe.
//
// Invariant: the source is read once and only when something was found; a line that the analysis knows nothing of is
// told as such, with the row of the catalog that would make it known, and never passed over.
//
// Entry points: Load, Static.At, Static.Candidates.
package join
