// Package page draws the operations of a finding on a line of time: which connection did what when, where the fault
// was, and what was done again.
//
// It imports the standard library only; whoever has runs fills a Page. Invariant: everything shown is escaped by its context, the page loads nothing and runs no script.
// Entry point: Write.
package page
