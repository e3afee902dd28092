// Package soak runs the whole of watch on real services: those of examples/leaky, against a PostgreSQL, a Redis and an
// HTTP server on this machine. Its tests take a minute and run where TIEBEAM_SOAK is set, as `make test` does; what a
// test needs and is not installed is skipped with the reason.
//
// It has tests only, which may import everything.
package soak
