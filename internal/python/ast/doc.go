// Package ast is the syntax tree of one Python file, for the union of the
// grammars of Python 3.8 to 3.14.
//
// The tree is an arena: one flat slice of 24-byte nodes without pointers, so
// that thousands of files can be parsed without work for the garbage collector.
// A node is a [Node], an index into its [Tree]; 0 means "no node". What a node
// holds is asked of the tree with one accessor per kind, which returns plain
// values and never allocates:
//
//	switch t.Kind(n) {
//	case ast.KindCall:
//		call := t.Call(n) // Func Node; Args, Keywords Nodes
//		for arg := range call.Args.All() { ... }
//	case ast.KindAttribute:
//		attr := t.Attribute(n) // Value Node; Attr Ident
//		if t.Text(attr.Attr) == "get" { ... }
//	}
//
// The names of kinds and fields are those of CPython's abstract grammar
// (Parser/Python.asdl). Differences, all meant to save nodes or to keep what
// CPython drops:
//
//   - Operators and contexts are enumerations, not nodes.
//   - [KindArguments] lists its parameters in source order, each [KindArg] with
//     its own default; a function without parameters has no Arguments node.
//   - Parts of f-strings and t-strings are not merged: every literal piece is a
//     Constant of its own with its exact source span ([Tree.Str] decodes it),
//     so adjacent Constants in a JoinedStr stand for one of CPython's.
//   - [KindIdentifier] stands for a bare name of global and nonlocal,
//     [KindMatchKeyword] for name=pattern in a class pattern.
//   - [KindInvalidStmt] and [KindInvalidExpr] stand for source that did not
//     parse; they appear only in trees that have diagnostics.
//
// # Positions
//
// Pos and End are byte offsets into [Tree.Source], end exclusive, and span what
// CPython 3.13 reports. [Tree.Position] turns an offset into CPython's line
// (1-based) and column (0-based, in UTF-8 bytes). [Tree.Parens] keeps the
// parentheses around expressions, which no node's span includes except those of
// tuples and generators.
//
// # Invariants
//
// Children lie inside their parent's span, except the decorators of functions
// and classes, which stand before it, and the default of an Arg, which stands
// after it. A child has a smaller index than its
// parent, so a pass in index order sees children first. After parsing, a tree
// is only read, and may be read concurrently. Strings handed out by [Tree.Text]
// stay valid for ever; everything else until the next [Tree.Reset].
//
// The package imports internal/python/token and golang.org/x/text only. The
// entry points are [NewTree] and, for a filled tree, [Tree.Root].
package ast
