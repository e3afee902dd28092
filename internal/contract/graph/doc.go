// Package graph is the graph of imports between modules, and what contracts ask of it: which imports lead from some modules
// to others, directly or through modules in between, and where modules side by side form a cycle.
//
//	Builder (modules, imports) ─▶ Graph ─▶ Direct, Leading, Cycles
//
// It imports the standard library only and knows nothing of files: a module is a path with slashes, and an import carries a
// number by which whoever built the graph finds it again.
//
// Invariant: every answer is in the order of the modules' paths, whatever order they were added in. The cost of a question is
// linear in the graph.
//
// Entry points: NewBuilder, Graph.Leading, Graph.Cycles.
package graph
