// Package cli is the command line: flags, where the project and its configuration are, and exit codes.
//
// It may import every room; nothing but cmd/tiebeam imports it. It judges nothing itself: each command fills a request,
// hands it to engine and its result to report.
//
// Invariant: the exit code says what happened, whatever happens to the output stream (see the constants in exit.go);
// streams, environment and arguments are parameters, so that a test runs the whole program in its own process.
//
// Entry point: Main.
package cli
