// Package metrics tells what a watch sees in the form of Prometheus: names, units, types and help by its conventions.
//
// It may import watch and what lies below it.
//
// Invariants: the number of series is bounded whatever the process does, as labels are classes and short lists and
// never addresses or paths of the process; what is not known is absent and not zero; a counter never falls while its
// source counts on.
//
// Entry point: New, a prometheus.Collector over a watch.Hub.
package metrics
