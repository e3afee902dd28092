// Package code reads from the program of a service what it does around its calls to another one: deadlines, retries and
// their pauses, pools, breakers, how many calls one request makes and how many of them at once.
//
// It may import program and simulate.
//
// Invariant: what the code has and does not show is told as such, with its place, and never left out. Of several calls
// the weakest counts, as that is where a cascade begins.
//
// Entry point: NewReader, Reader.Calls.
package code
