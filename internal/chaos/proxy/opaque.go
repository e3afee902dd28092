package proxy

import (
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// exchanges is the decoder of a protocol that nobody reads: what a client says until its peer speaks is one operation.
// There is no verdict on it, and faults strike at its bytes.
type exchanges struct {
	events  []wire.Event
	current *wire.Op
	spoke   bool // the peer has spoken since
}

var _ wire.Decoder = (*exchanges)(nil)

func newExchanges() *exchanges { return &exchanges{} }

// Request is fed what the client sent.
func (x *exchanges) Request(p []byte) []wire.Event {
	x.events = x.events[:0]
	if x.current == nil || x.spoke {
		x.current, x.spoke = &wire.Op{Protocol: wire.Opaque, Shape: "exchange"}, false
		x.events = append(x.events, wire.Event{Kind: wire.Sent, Op: x.current, Offset: len(p)})
	}
	return x.events
}

// Response is fed what the server sent.
func (x *exchanges) Response(p []byte) []wire.Event {
	x.events = x.events[:0]
	if x.current != nil && !x.spoke {
		x.spoke = true
		x.events = append(x.events, wire.Event{Kind: wire.Answer, Op: x.current},
			wire.Event{Kind: wire.Done, Op: x.current, Offset: len(p)}, wire.Event{Kind: wire.Sync, Offset: len(p)})
	}
	return x.events
}

// Closed is told that the server hung up.
func (x *exchanges) Closed() []wire.Event { return nil }

// Waiting says whether the peer has not spoken since the client did.
func (x *exchanges) Waiting() bool { return x.current != nil && !x.spoke }
