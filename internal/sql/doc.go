// Package sql reads SQL statements as far as a judge of writes needs them: the verb, the table, the columns, what
// happens on a conflict, what the WHERE clause compares, which columns are unique.
//
// It is a reader and not a validator. Programs carry statements of several engines with the placeholders of their
// drivers ($1, %s, %(name)s, ?, :name, and holes where Python puts a value in), often cut together from parts, so a
// statement that cannot be followed to its end is read as far as it goes and never refused. What is not said stays
// empty. docs/adr/0020-own-reader-of-sql.md says why no library is used.
//
// The package imports the standard library only. Invariant: Parse never fails, takes linear time and does not
// recurse deeper than the parentheses of the text, up to a limit. Entry point: Parse.
package sql
