// Package otlp pushes metrics in OpenTelemetry's protocol: JSON over HTTP, by its specification 1.x.
//
// It may import nothing of the project. It takes whatever a Prometheus registry gathers, so that both forms carry the
// same numbers.
//
// Invariants: it sends to the one address it was given; a collector that does not answer costs one bounded attempt and
// is told, and never stops the watch.
//
// Entry point: Exporter.Push.
package otlp
