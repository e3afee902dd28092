// Package proxy stands between a program and the services it uses, on this machine, passes their bytes on unchanged and
// keeps the account; at the one operation that the plan names it fails like a network.
//
// Each connection is read by two goroutines, one a direction, which feed the decoder a copy before they write. Bytes
// are never made anew, but for three things that a proxy cannot do without: the request line of a forward proxy, the
// TLS of a hop that is taken apart, and the list of SCRAM mechanisms where the client's hop has no TLS.
//
// It imports wire, the decoders, fault and ledger. Invariants: listeners are on the loopback interface; an upstream that is not is refused unless it
// was allowed; a connection that breaks its protocol ends alone. Entry points: New, Hub.Listen, Hub.Run.
package proxy
