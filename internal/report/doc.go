// Package report writes what a run found: one file a format.
//
// It may import finding, tree (for what was skipped) and text, and writes to the stream that it is given; it opens
// nothing itself.
//
// Invariants: every format carries every finding and every incomplete file, none is capped in silence; whatever a
// repository calls its files and writes into its source, no format lets it forge another finding, command, element or
// terminal sequence.
//
// Entry points: Write, Names.
package report
