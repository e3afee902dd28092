// Package resp reads a copy of what a Redis client and server say to each other (RESP2 and RESP3) and tells the
// commands, which of them write, and whether a transaction took effect.
//
// Answers come in the order of commands; pushes of RESP3 stand between them and answer nothing. Inside MULTI a command
// is queued, and EXEC decides (Redis protocol specification; Redis documentation, "Transactions").
//
// It imports wire only and does no input or output. Invariant: no input makes it panic, block or grow without bound; what it cannot follow makes the connection
// blind. Entry point: New.
package resp
