// Package finding says what tiebeam found: one value a fault, its severity, its fingerprint and the one total order in
// which findings are printed.
//
// It imports nothing of the project, so that every room may speak of findings.
//
// Invariant: Compare is a total order, so two findings that compare equal are the same finding, and output does not
// depend on the order in which workers finished.
//
// Entry points: Finding, which rules and the comparison of two snapshots fill with byte offsets; Complete, which adds
// lines and columns at the rim; Seal, which numbers and fingerprints a whole run.
package finding
