// Package sweep runs a command behind proxies: twice without a fault, then once for each point and kind of fault, and
// has each run judged.
//
//	baseline ─ baseline ─ points ─ run, judge ─ run, judge ─ …
//	    └ not the same twice: withheld      └ kept for --resume
//
// It imports the other packages of chaos. Invariants: the command runs in a process group of its own, and no other process is ever ended; whatever is
// made for the session (listeners, files, keys) is gone when Run returns, also after an interrupt; the order of runs is
// a function of the baseline and the seed. Entry point: Run.
package sweep
