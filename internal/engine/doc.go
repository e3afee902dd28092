// Package engine is the one path from files to findings, and the only room that knows its order:
//
//	load     tree → bytes → text → facts, file by file on all cores; a file that cannot be read is an Incomplete
//	link     facts of all files → program
//	judge    rules over the program; for a change also the comparison of two programs
//	settle   suppressions, baseline, severity, order, fingerprints
//
// `check`, `diff`, the editor and the agent all come through here, so they cannot disagree.
//
// It may import every room below it (tree, source, extract, program, rule, regress, settle, config, finding) and none
// of the doors (cli, lsp, mcp) or sinks (report).
//
// Invariants: the result does not depend on the number of workers or on the order in which they finish; a fault in one
// file or rule costs that file or rule and is told, never the run; nothing is printed.
//
// Entry points: Check, Diff, and Load for those who look at one snapshot.
package engine
