// Package scope decides which binding every name of a Python module means.
//
// It follows the language reference, section 4.2 (naming and binding), PEP 227 (nested scopes), PEP 572
// (assignment expressions bind in the function around a comprehension) and PEP 695 (scopes of type parameters):
//
//   - modules, classes, functions, lambdas, comprehensions and lists of type parameters have a scope;
//   - a name bound anywhere in a scope belongs to it everywhere in it, unless declared global or nonlocal;
//   - the names of a class are seen by its own body and by the type parameters directly in it, not by what its
//     body nests;
//   - the first iterable of a comprehension, decorators, defaults, bases and annotations belong to the scope
//     around the definition (bases and annotations to that of its type parameters, if it has any).
//
// Names starting with two underscores inside a class are not mangled: a reader compares what is written. The
// implicit variable __class__ of methods resolves to no symbol.
//
// The package imports internal/python/ast only. Invariant: the parent of a scope stands before it, and the symbols
// of one scope are contiguous. Entry point: Analysis.Run, after which Analysis answers Of and Resolve until the
// next Run; one Analysis serves many files and does not allocate once it has grown.
package scope
