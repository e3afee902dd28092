// Package contract reads decision records and holds code against what they decided.
//
// A decision record is a Markdown file with a number, a status and, where it speaks of code, fenced blocks of the language
// "tiebeam": contracts. The way through the package is
//
//	tree ─▶ Load ─▶ Records ─▶ Clauses ─▶ Judge (one program) ─▶ reports on code, findings on records
//	                   │                └▶ Governing (which records bind a line)
//	                   └▶ Problems (what is wrong with the records themselves)
//
// The status decides: what an accepted record says fails, what a proposed one says is noted, the others bind nothing.
//
// The package may import fact, program, rule, finding, source, tree and text; it never sees syntax, and never a clock: the
// date by which exemptions expire is handed in. The graph of imports and what may be asked of it is the package graph below.
//
// Invariant: a field that cannot be read is a Fault with file, line, field and the nearest valid word, never a field that is
// not there; a contract that speaks of nothing in the program is told.
//
// Entry points: Load, Records.Governing, Judge, Records.Problems.
package contract
