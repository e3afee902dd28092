// Package proc reads what the kernel tells of one process: descriptors by what they are, sockets by state and peer,
// threads, children, memory and limits.
//
// It may import nothing of the project. What the kernel has in one file is read by prometheus/procfs; descriptors and
// socket tables, which grow with the process, are read here, because their cost decides what watching costs.
//
// Invariants: a Sample belongs to the very process that was opened, as the start time is compared each time; what could
// not be read is said and is not a zero; looking at a process costs at most Options.Share of a core, and where that is
// not enough for details, the count is still exact and the details are older.
//
// Entry points: Open and Sampler.Sample; Find for processes by name.
package proc
