// Package token lists the kinds of tokens of Python 3.8 to 3.14 and their
// spellings. Tokens themselves never exist as values: the scanner hands the
// parser one kind and two offsets at a time.
//
// It imports nothing. Its one invariant: the hard keywords are the kinds from
// [False] to [Yield], so that the number of a keyword's kind is also its
// identifier in every table of names.
package token
