// Package boundary finds the comparisons of a program that no test would miss, and writes the tests.
//
//	choose    facts and sites → targets: comparisons, bounds of ranges and slices, min and max, SQL, lookups of an ORM
//	plan      targets and mutants → what the agent is told
//	run       the agent, inside the project's own Python: record once, fork per mutant, look for inputs
//	judge     verdicts, kept by content from run to run (evidence)
//	write     the missing tests, in the style of those that are there, and proof that they do what they are for
//
// The agent (agent/tiebeam_boundary) is Python that is put on the path of the project's interpreter for one run. It is
// the only part that executes code of the project, and does so in a sandbox, because the user asked for it.
//
// It may import program, fact, finding, source, text and evidence. It starts programs and writes below the root's
// .tiebeam folder and a temporary one.
//
// Invariants: no file of the project is changed by a run (Write is asked for by itself); a verdict is "killed" only
// where a test failed that passes without the mutant (also alone, unless the mutant acts while modules are imported) or
// where the run died, and "equivalent" only with the reason; results do not depend
// on how many mutants ran at once.
//
// Entry points: Choose, Run, Findings, WriteTests.
package boundary
