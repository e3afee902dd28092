// Package extract lowers one parsed Python module to its facts.
//
// It is the only bridge between internal/python and everything that judges programs: it walks the syntax tree once,
// with the bindings of internal/python/scope at hand, and fills a fact.File that holds no reference to the tree.
// What the file imports is not looked at, so the same bytes always give the same facts.
//
// It may import internal/python and internal/fact. Invariant: every fact.File it returns passes File.Validate,
// whatever the input was; a part that could not be read is an UnreadableStmt or Unreadable expression with a Problem.
//
// Entry point: Extractor, one for each worker; it keeps its buffers from file to file.
package extract
