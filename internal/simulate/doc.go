// Package simulate answers what a slow dependency does to the services upstream of it, and what each guard is worth: a
// discrete-event simulation of requests that hold a slot while they wait for the services they call.
//
// Read makes a Topology of a TOML file, Run plays it for one seed, and Study puts together what people ask: after how long
// which service is exhausted, whether it recovers when the trigger ends, what happens without each guard, which unknown
// number flips the verdict, and which deadlines contradict each other. Closed gives the same answers by formula where
// there is one, so that the two can be held against each other.
//
// The result of a run depends on the topology and the seed alone, on every machine. It may import text and nothing else
// of ours. It opens no file; time is counted in seconds from the start of the run.
package simulate
