// Package source is one file of Python: its path, its bytes as they lie on disk, its text as UTF-8, and the way from a
// byte offset in that text to the line and column that people and editors speak of.
//
// It imports golang.org/x/text for the encodings of PEP 263 and nothing of the project.
//
// Invariant: Text is valid UTF-8 without byte order mark and without NUL, and every offset in the project is an offset
// into it. A file for which that cannot be had is an *Error and never a File.
//
// Entry point: New.
package source
