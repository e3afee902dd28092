// Package http1 reads a copy of an HTTP/1.1 connection and tells its requests, whether they were accepted, and under
// which idempotency key they were made.
//
// Heads are read and bodies are hashed as they stream by, never kept, unpacked or decoded. A message whose length two
// readers could understand differently (RFC 9112, 6.3: Content-Length beside Transfer-Encoding, folded lines) is
// refused and not passed on.
//
// It imports wire only and does no input or output. Invariant: no input makes it panic, block or grow without bound; what it cannot follow makes the connection
// blind. Entry point: New.
package http1
