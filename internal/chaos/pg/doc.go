// Package pg reads a copy of what a PostgreSQL client and server say to each other, protocol 3, and tells the
// operations, what they wrote and whether it was committed.
//
// An operation is a Query or an Execute. It is an effect when its CommandComplete counts rows, and is committed when the
// transaction that holds it ends so: the tags COMMIT and ROLLBACK, savepoints, and the status of ReadyForQuery decide,
// and not the text of statements. The order of answers is that of requests; an error drops what was sent up to the next
// Sync (PostgreSQL 15 documentation, 55.2 "Message Flow").
//
// It imports wire and sql only, does no input or output and keeps no frame: text is cut at a limit, data is skipped. Invariant: no input makes it
// panic, block or grow without bound; what it cannot follow makes the connection blind. Entry point: New.
package pg
