// Package fact is the vocabulary in which one Python file is described once its syntax has been read.
//
// A File is the lowered form of a module: scopes with their bindings, statements in order, expressions with
// constants decoded and names already bound to a symbol of an enclosing scope. It holds no pointer into a syntax
// tree, no resolved module and no knowledge of any library: what a file's facts are depends on that file's bytes
// and nothing else, which is why they can be cached by content.
//
// Everything is held in flat slices and named by index, so that a File is a handful of allocations however large
// the module is and can be written to disk and read back as it is. Index 0 of every slice is the absent element:
// a zero Expr, Stmt, Str or Sym always means "none" (scope 0 is the exception: it is the module).
//
// The package imports the standard library only. Rules, the comparison of two snapshots and every later phase see
// a Python program through this package and internal/program; none of them sees a syntax tree.
//
// Entry points: File and the accessors on it (Children, Walk, Block, DefsOf, Argument); Encode and Decode for the
// cache; Print for people and tests.
package fact
