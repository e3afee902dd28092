// Package cause says what grows in a process and names the narrowest thing that explains it: not "descriptors", but
// "92 sockets in CLOSE_WAIT to 10.0.0.3:443".
//
// It may import proc and trend. It knows no clock; samples carry their time.
//
// Invariants: memory is bounded whatever the process does; a leak is told only after it was seen rising at two
// judgements in a row, and taken back when the series has stopped to rise; a wider group is not told beside the narrower
// ones that explain it.
//
// Entry points: New, Tracker.Sample, Tracker.Measure, Tracker.Leaks.
package cause
