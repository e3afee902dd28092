// Package text is about words that people read: the nearest valid name for a mistyped one, numbers with their noun, and
// making hostile characters visible.
//
// It imports nothing of the project.
//
// Invariant: Visible never lets a control character, a bidirectional override or invalid UTF-8 through, so what is
// printed cannot move the cursor, forge a line or read differently from what it is.
//
// Entry points: Suggest, Visible, Count.
package text
