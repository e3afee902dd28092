// Package live tests chaos against real servers and real drivers: PostgreSQL, Redis, and the Python clients of both and
// of HTTP. What is not installed is skipped with its reason; tools/needs installs it where that is possible.
//
// It has tests only, and imports what they test. Invariant: each server runs in a temporary folder on a port of its own, and is
// gone when the tests are.
package live
