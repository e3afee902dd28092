// Package parse reads Python source into a tree of package ast: a hand-written
// scanner and recursive-descent parser for the union of the grammars of Python
// 3.8 to 3.14, in one pass over the text.
//
// It imports internal/python/token and internal/python/ast, and the Unicode
// tables. It never panics and never refuses a file: a syntax error is a
// diagnostic, after which parsing goes on at the next logical line, so that the
// functions around the error are still in the tree.
//
// Invariants: at most one diagnostic for each statement; time and memory are
// linear in the length of the text; the depth of recursion is bounded by a
// counter, so that no input can exhaust the stack; and the depth of the tree is
// bounded too (see [MaxDepth]), for those who walk it recursively.
//
// How an error travels: the function that finds it calls fail, which records
// the diagnostic and moves the scanner to the end of the logical line. The
// current token is then Newline, which no grammar rule but the statement's
// accepts, so every function on the way up returns by itself, without building
// anything more. Functions that expect a token after that stay silent.
//
// The vocabulary of the parser: at looks, got consumes if present, want consumes
// or fails, mark and rewind try one reading before another. Only the soft
// keywords and the parentheses of with are tried in this way.
//
// The entry point is [File].
package parse
