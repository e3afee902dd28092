// Package regress compares two snapshots of a program and says which guards the change removes or weakens.
//
//	files ─ match ─→ bodies ─ align ─→ statements ─ judges ─→ losses ─ settle ─→ []Loss
//	                                 sites of both sides ───┘
//
// A body is the code of one function, class or module, lowered to a flat list of atoms: simple statements and the
// headers of compound ones, each with its text in a normal form in which equivalent spellings are equal. Bodies of
// base are matched with bodies of head through renames and moves, and their atoms aligned; what is left over on the
// base side is what the change took away. Each judge looks at one kind of guard and asks three questions: was it a
// guard, does what it protected remain, and did the guard go elsewhere (another statement, a caller, a callee, a
// decorator, a base class, an equivalent of another kind). Only a guard that went nowhere while its effect stayed is
// a loss. Where a family of sites of internal/program knows the guards of an effect by value, its word is taken
// instead.
//
// The package may import program, fact, catalog and the standard library; it sees no syntax tree and does no input
// or output. Invariants: a program compared with itself has no loss, and the order of files, bodies and losses is a
// function of the two programs alone.
//
// Entry points: Compare gives the losses; Match gives what became of each function, for those who compare findings
// of both sides.
package regress
