// Package page serves the live page of a watch, its numbers as JSON and events, and the metrics beside them.
//
// It may import watch and what lies below it, and metrics.
//
// Invariants: it listens on this machine alone unless told otherwise, and answers only who names it by an address of
// this machine, so that no page of the web can ask it through a browser; it loads nothing from elsewhere and its policy
// forbids to; what the process is called or opens is text and never markup.
//
// Entry point: Handler.
package page
