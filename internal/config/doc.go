// Package config is what a project says of itself to tiebeam: the options of [tool.tiebeam] in pyproject.toml or of
// tiebeam.toml.
//
// It imports finding for severities and text, and does no input or output: it is handed the bytes of files.
//
// Invariant: what it does not understand is an error with the line and the nearest valid name, never ignored; and no
// option can name a program, an interpreter, a plugin or another file to take options from.
//
// Entry points: Parse, Default.
package config
