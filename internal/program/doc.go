// Package program joins the facts of all files into one immutable snapshot of a Python program: imports resolved to
// modules, names to what they denote, calls to what they call, and from these the sites: every effect with the
// guards that reach it.
//
// The way through the package is
//
//	facts ─▶ Modules ─▶ Eval (names, types, constants) ─▶ Calls (the call graph) ─▶ Sites (effects with their guards)
//
// Evaluation is on demand and private to the file that asks (see Eval), so files are processed in parallel and the
// answer never depends on the order. What cannot be shown is Unknown, never a guess.
//
// The package may import fact, catalog and source; never a syntax tree, a rule or the file system. Entry points:
// Build, Program.Sites, Program.Eval.
package program
