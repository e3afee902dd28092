package proxy

import (
	"net"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// relay passes one connection on.
//
//	client ──▶ request ──▶ decoder (a copy) ──▶ server
//	client ◀── response ◀─ decoder (a copy) ◀── server
//	                └ from the answer on that is to be lost: held, until the operation has been executed
type relay struct {
	hub      *Hub
	client   net.Conn
	conn     *ledger.Conn
	protocol wire.Protocol
	service  string // the upstream's name
	decoder  wire.Decoder

	mu      sync.Mutex
	server  net.Conn
	fault   *injection
	mute    bool // nothing passes any more
	dropped bool // the client is gone

	gone     chan struct{} // closed when the client has hung up
	ended    chan struct{} // closed when the run ends
	over     chan struct{} // closed when nothing of the relay goes on
	goneOnce sync.Once
	endOnce  sync.Once
}

// injection is the fault of this connection, while it goes on.
type injection struct {
	plan   *fault.Plan
	record *ledger.Record
	op     *wire.Op
	// holding is true from the beginning of the answer on, which held keeps the first part of.
	holding, executed bool
	held              []byte
	// rest is where in held the answer ends and the next begins.
	rest  int
	since time.Time
}

// maxHeld is how much of an answer is kept for a fault that passes part of it on.
const maxHeld = 1 << 20

// relay puts two connections together.
func (h *Hub) relay(client, server net.Conn, worker string, protocol wire.Protocol, upstream string, way ledger.Way) *relay {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := &relay{
		hub: h, client: client, server: server, protocol: protocol, service: upstream, decoder: h.decoder(protocol),
		gone: make(chan struct{}), ended: make(chan struct{}), over: make(chan struct{}),
	}
	r.conn = h.ledger.Open(worker, protocol, upstream, way)
	if h.closed {
		client.Close()
		server.Close()
	}
	h.open[r] = true
	if h.ledger.Out(protocol, upstream) {
		abort(client)
	}
	return r
}

// end is told by the hub that the run is over.
func (r *relay) end() {
	r.endOnce.Do(func() { close(r.ended) })
	r.client.Close()
	r.upstream().Close()
}

func (r *relay) upstream() net.Conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.server
}

// buffers are shared by connections that come and go.
var buffers = sync.Pool{New: func() any { b := make([]byte, 32<<10); return &b }}

// run passes bytes on until both sides are done.
func (r *relay) run() {
	var back sync.WaitGroup
	back.Go(func() { r.fromServer(r.server) })
	r.fromClient(r.request)
	back.Wait()
	r.finish()
}

// finish ends the account of the connection.
func (r *relay) finish() {
	r.client.Close()
	r.upstream().Close()
	r.conn.Close()
	r.hub.mu.Lock()
	delete(r.hub.open, r)
	r.hub.mu.Unlock()
	close(r.over)
}

// fromClient reads what the client says until it hangs up or pass says that nothing is to follow.
func (r *relay) fromClient(pass func([]byte) bool) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for {
		n, err := r.client.Read(*buffer)
		if n > 0 && !pass((*buffer)[:n]) {
			break
		}
		if err != nil {
			break
		}
	}
	r.goneOnce.Do(func() { close(r.gone) })
	r.mu.Lock()
	half := r.fault != nil && r.fault.plan.Kind == fault.HalfOpen && r.mute
	server := r.server
	r.mu.Unlock()
	if !half { // with half-open the server must not learn of it
		closeWrite(server)
	}
}

// request passes on what the client sent.
func (r *relay) request(p []byte) bool {
	r.mu.Lock()
	if r.mute {
		r.mu.Unlock()
		return true
	}
	cut := len(p)
	refused, reset := false, false
	var sent []*ledger.Record
	for _, e := range r.decoder.Request(p) {
		if e.Kind != wire.Sent {
			r.conn.Observe(&e)
			refused = refused || e.Kind == wire.Refuse
			continue
		}
		record, plan := r.conn.Sent(e.Op)
		if record == nil {
			continue
		}
		sent = append(sent, record)
		if plan == nil || r.fault != nil {
			continue
		}
		r.fault = &injection{plan: plan, record: record, op: e.Op}
		if plan.Kind == fault.ResetBefore || plan.Kind == fault.Outage {
			// Without its last byte the peer does not have the request.
			cut, reset, r.mute = max(e.Offset-1, 0), true, true
			r.conn.Undelivered(record)
			break
		}
	}
	server := r.server
	r.mu.Unlock()
	if refused {
		r.refused()
		return false
	}
	r.stacks(sent)
	if _, err := server.Write(p[:cut]); err != nil {
		return false
	}
	if reset {
		abort(r.client)
		server.Close()
		r.hub.outage(r)
		return false
	}
	return true
}

// stacks asks which Python line waits for the operations that were just sent.
func (r *relay) stacks(sent []*ledger.Record) {
	if r.hub.options.Stacks == nil || len(sent) == 0 {
		return
	}
	stack := r.hub.options.Stacks.Capture(sent[0].Worker, r.protocol)
	for _, record := range sent {
		r.conn.Stack(record, stack)
	}
}

// refused ends a connection that breaks its protocol.
func (r *relay) refused() {
	if r.protocol == wire.HTTP {
		r.client.Write([]byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
	}
	r.client.Close()
	r.upstream().Close()
}

// fromServer reads what a server says until it hangs up.
func (r *relay) fromServer(server net.Conn) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	for {
		n, err := server.Read(*buffer)
		if n > 0 && !r.response((*buffer)[:n]) {
			return
		}
		if err != nil {
			break
		}
	}
	r.hungUp(server)
}

// hungUp passes on that the server has ended.
func (r *relay) hungUp(server net.Conn) {
	r.mu.Lock()
	if server != r.server { // another one took its place
		r.mu.Unlock()
		return
	}
	for _, e := range r.decoder.Closed() {
		r.conn.Observe(&e)
	}
	mute, pending := r.mute, r.fault != nil && r.fault.holding
	r.mu.Unlock()
	if pending && !mute {
		r.inject() // the server closed behind its answer
	}
	if pending || mute {
		return
	}
	select {
	case <-r.gone:
		r.client.Close()
	default:
		closeWrite(r.client)
		// A client that does not hang up in return is not waited for: the service is gone.
		r.client.SetReadDeadline(time.Now().Add(5 * time.Second))
	}
}

// response passes on what the server sent, and holds what is to be lost.
func (r *relay) response(p []byte) bool {
	r.mu.Lock()
	if r.mute {
		r.mu.Unlock()
		return true
	}
	f := r.fault
	pass, refused, act, late := len(p), false, false, false
	if f != nil && f.holding {
		pass = 0
	}
	for _, e := range r.decoder.Response(p) {
		r.conn.Observe(&e)
		switch {
		case e.Kind == wire.Refuse:
			refused = true
		case f == nil:
		case e.Op == f.op && (e.Kind == wire.Answer || e.Kind == wire.Done) && !f.holding:
			f.holding, f.since = true, time.Now()
			pass = e.Offset
			late = f.plan.Kind == fault.Latency
			f.executed = e.Kind == wire.Done // refused before it had an answer of its own
		case e.Op == f.op && e.Kind == wire.Done:
			f.executed = true
			f.rest = len(f.held) + e.Offset - pass
		case e.Kind == wire.Sync && f.executed:
			act = true
		}
	}
	if f != nil && f.holding && !late {
		f.held = append(f.held, p[pass:][:min(len(p)-pass, maxHeld-len(f.held))]...)
		if f.executed && !act && !r.decoder.Waiting() {
			time.AfterFunc(grace, r.inject)
		}
	}
	r.mu.Unlock()
	if refused {
		r.refused()
		return false
	}
	if late {
		return r.late(p, pass)
	}
	if _, err := r.client.Write(p[:pass]); err != nil {
		r.upstream().Close()
		return false
	}
	if act {
		r.inject()
	}
	return true
}

// grace is how long a pipeline may take to send the Sync that ends it, before its lost answer ends it.
const grace = 100 * time.Millisecond

// closeWrite tells a peer that nothing follows, and lets it finish.
func closeWrite(c net.Conn) {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
		return
	}
	c.Close()
}

// abort resets a connection.
func abort(c net.Conn) {
	for inner := c; inner != nil; {
		switch at := inner.(type) {
		case *net.TCPConn:
			at.SetLinger(0)
			inner = nil
		case *behind:
			inner = at.Conn
		case interface{ NetConn() net.Conn }:
			inner = at.NetConn()
		default:
			inner = nil
		}
	}
	c.Close()
}
