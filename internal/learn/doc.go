// Package learn mines what a program keeps without having said so: the guard that 47 of 49 sites of one kind have, the
// lock that a field is written under, the layer that never imports the one above it, the module that alone makes
// clients, the bound that no deadline exceeds.
//
//	program ─ miners ─→ groups of places, with those that keep a habit ─ measure ─→ habits ─ settle ─→ []Invariant
//
// A miner puts places that could be alike into groups (the same callee, library, class, module, package, base class or
// kind of route) and notes which of them keep which habit. A habit becomes an invariant where enough places keep it,
// nearly all do, and they do so more often than the rest of the program: what is true everywhere says nothing of a
// group. Of two invariants about the same places the plainer one stays, and what a wider one says already is dropped.
//
// The package may import program, fact, catalog and text; it sees no syntax tree and does no input or output.
// Invariant: the result is a function of the program alone, in one total order, the most telling first.
//
// Entry point: Mine. Proposal makes a decision record of what was found.
package learn
