// Package dump writes a syntax tree as CPython's ast.dump does: for a source that a version of Python from 3.8 to 3.13
// accepts, exactly the text of ast.dump(ast.parse(source), include_attributes=True) of that version. It is how the
// front end is proved (see docs/parser.md) and what "tiebeam debug ast" prints. For 3.14, of which no interpreter was at
// hand, the text follows the language's documentation and PEP 750.
//
// It imports internal/python/ast and internal/python/parse, from which it takes the type of a version.
//
// Versions differ in the fields of nodes, in which empty fields are left out, in which nodes have positions, in a few
// positions, in the characters that repr shows, and most of all in f-strings: before 3.12 they were parsed apart, and
// their parts have positions of their own kind, which fstringold.go reproduces, faults included.
//
// Invariant: the tree is only read, and the text depends on nothing but the tree and the version.
//
// The entry point is [Write].
package dump
