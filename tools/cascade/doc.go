// Command cascade holds the simulation against reality: it runs the topologies in its folder as real HTTP servers and clients on
// this machine, one after the other, and prints both answers side by side.
//
//	go run ./tools/cascade              all topologies, about five minutes
//	go run ./tools/cascade metastable   one of them
//
// The servers of a topology run for three seconds without anything going wrong, which tells how long their own work really
// takes. With that the simulation is played, and what it expects is stated before anything is run: between which moments
// which service is exhausted (those of twenty seeds, widened by a quarter), and whether it recovers. Then the same servers
// run for real. They agree when every real moment lies within what was stated, and both recover or both do not.
//
// A machine that is busy with other things is itself a slow dependency. So a run gives no verdict, and is made once more,
// when the machine overran one short sleep in twenty by 25 ms, or when the work took a fifth longer than what was measured.
// It exits with 1 where a topology disagrees, and with 3 where the machine was too busy each time.
package main
