// Package evidence is what runs of mutated comparisons have shown, as it lies in a project: .tiebeam/boundary.json.
//
// `tiebeam boundary` writes it; `check` reads it, so that `untested-boundary` is silent where a test was seen to notice
// a mutant. It is text in, values out, and text again.
//
// It imports nothing of ours and touches no file: whoever reads a tree hands the bytes in.
//
// Invariant: each result is keyed to the code it was made for. Proven is true only while the file of the comparison and
// the file of the test that noticed have the very content they had then.
//
// Entry points: Parse, Format, File.Proven.
package evidence
