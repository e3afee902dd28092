// Package state looks at what is stored in a database at the end of a test: how many rows each table has, and a sum of
// hashes for each column.
//
// The sums do not depend on the order of rows. A column whose sum differs between two runs of the same test without a
// fault is volatile (a serial number, now(), a UUID) and is not compared. What a program has not committed is not seen.
//
// It imports pgx to ask, and nothing else of the session. Invariant: it reads only, in a transaction that is declared read-only and gives way to locks. Entry points: Take, Compare.
package state
