// Package review turns a change into questions that cannot be skimmed, and checks the answers.
//
//	findings of the change ─┐
//	sites of both sides ────┼─→ items, one for each cause ─ order ─→ Checklist ─→ Markdown, text, JSON
//	comparisons ────────────┘                                            │
//	a pull request's body ─ ParseAnswers ─→ answers ─────────────────────┴─ Verify ─→ faults
//
// An item is one question about one cause: a guard that was removed or weakened, an effect that came without one, a
// guard that was touched though it is no weaker, a comparison on a limit or on the way of a permission. Its id is a hash
// of the code that it asks about, so an answer holds for that code alone: once the code changes, it is asked again.
//
// The package may import program, regress, contract, finding, fact, source and text; it sees no syntax tree and does no
// input or output. Invariants: the items and their order are a function of the change alone; what is read of answers and
// templates may be hostile, and what cannot be understood of it is a fault with its line.
//
// Entry points: Build, ParseAnswers, Verify, Template.
package review
