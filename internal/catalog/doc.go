// Package catalog is what tiebeam knows of libraries: which calls wait, block, acquire, repeat, write, spawn or
// offload, which of their parameters bound the effect, and what they do when nothing is said.
//
// The knowledge is data: one TOML file a library under data/, embedded in the binary, each row with its source and
// the versions for which it holds. A project's lock file chooses the version; where none is known the newest row
// counts and the answer says so. Users add rows of the same form in their configuration.
//
// Paths are dotted and canonical: "requests.get", "requests.Session.get" (a method), "requests.Session" (a class,
// whose row describes its construction). A library's private homes of a name are aliases of the canonical one.
//
// The package knows nothing of Python syntax or of the project analysed; of tiebeam it imports internal/text alone.
//
// Invariant: every row names its source, and every class a row mentions is a row itself or declared opaque.
//
// Entry points: Builtin, Catalog.With, Resolved.Lookup; Versions reads which versions a project has.
package catalog
