// Package law keeps the promises that the design makes of the code itself: which room may know which, who touches the
// file system, who may ask the clock, how large a file and a function may be, what is documented.
//
// It has tests only. Each names its reason when it fails, so that whoever breaks a law learns what it is for. The
// sizes have exceptions, in exceptions.txt: an entry that is no longer needed, or larger than needed, fails as well,
// so the list can only shrink.
//
// The tests parse every Go file of the module once and need the standard library alone.
package law
