// Command cascade holds the simulation against reality: it runs the topologies in its folder as real HTTP servers and clients on
// this machine, one after the other, measures how long the servers really hold a slot, simulates with that, and prints both
// answers side by side. It exits with 1 where they disagree.
//
//	go run ./tools/cascade              all topologies, about two minutes
//	go run ./tools/cascade metastable   one of them
//
// Agree means: the same service is exhausted or none is, the real moment lies within the moments of the simulation's runs
// widened by a quarter, and both recover or both do not. A machine that is busy with other things is itself a slow
// dependency: what the tool prints is worth what the machine was idle.
package main
