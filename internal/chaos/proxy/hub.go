package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/http1"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/pg"
	"github.com/tiebeam/tiebeam/internal/chaos/resp"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Options are the same for all connections.
type Options struct {
	// Wire is what the decoders are told.
	Wire wire.Options
	// KeyFields are further header fields that hold idempotency keys.
	KeyFields []string
	// AllowRemote lets upstreams be on other machines.
	AllowRemote bool
	// Stacks finds out which Python line waits for an operation; nil where nobody can say.
	Stacks Stacks
	// StartupLimit is how long a connection may take to begin; 0 is 30 seconds.
	StartupLimit time.Duration
}

// Stacks finds the Python stack of whoever waits for an operation of a protocol in a worker's processes.
type Stacks interface {
	// Capture returns the stack with the innermost frame last, nil where it is not known.
	Capture(worker string, protocol wire.Protocol) []ledger.Frame
}

// Upstream is the service that a listener stands for.
type Upstream struct {
	// Network is tcp or unix.
	Network, Address string
	// TLS is true where the service is to be spoken to with TLS.
	TLS bool
	// TLSName is the name that the service's certificate carries, for SNI.
	TLSName string
}

// String names the service in reports.
func (u Upstream) String() string { return u.Address }

// Hub is all listeners and connections of one session.
type Hub struct {
	options   Options
	authority *Authority

	mu        sync.Mutex
	ledger    *ledger.Ledger
	listeners []net.Listener
	addresses map[string]bool
	open      map[*relay]bool
	closed    bool
	done      sync.WaitGroup
}

// New returns a hub without listeners, and with the authority that signs for the hops that are taken apart.
func New(options Options, authority *Authority) *Hub {
	if options.StartupLimit == 0 {
		options.StartupLimit = 30 * time.Second
	}
	return &Hub{options: options, authority: authority, addresses: map[string]bool{}, open: map[*relay]bool{}}
}

// Run starts the account of a run: what connects from now on is noted there.
func (h *Hub) Run(l *ledger.Ledger) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ledger = l
}

// Listen stands for an upstream on a loopback address ("127.0.0.1:0" chooses a port) and returns the address. What
// comes there belongs to a worker.
func (h *Hub) Listen(address, worker string, protocol wire.Protocol, upstream Upstream) (string, error) {
	return h.listen(address, func(c net.Conn) { h.serve(c, worker, protocol, upstream) })
}

// ListenForward is Listen for a forward proxy, whose clients name their upstreams.
func (h *Hub) ListenForward(worker string) (string, error) {
	return h.listen("127.0.0.1:0", func(c net.Conn) { h.forward(c, worker) })
}

func (h *Hub) listen(address string, serve func(net.Conn)) (string, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("listen on %s: %w", address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("listen on %s: not a loopback address", address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", fmt.Errorf("listen on %s: %w", address, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.listeners = append(h.listeners, l)
	h.addresses[l.Addr().String()] = true
	h.done.Go(func() { h.accept(l, serve) })
	return l.Addr().String(), nil
}

// accept serves connections until the listener is closed. A shortage of descriptors passes.
func (h *Hub) accept(l net.Listener, serve func(net.Conn)) {
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		h.done.Go(func() {
			defer c.Close()
			serve(c)
		})
	}
}

// serve passes one connection on.
func (h *Hub) serve(c net.Conn, worker string, protocol wire.Protocol, upstream Upstream) {
	if protocol == wire.Postgres {
		h.postgres(c, worker, upstream)
		return
	}
	server, err := h.dial(upstream)
	if err != nil {
		h.unreachable(upstream, err)
		return
	}
	h.relay(c, server, worker, protocol, upstream.String(), ledger.Way{}).run()
}

// unreachable notes an upstream that could not be had.
func (h *Hub) unreachable(upstream Upstream, err error) {
	if errors.Is(err, errRemote) {
		h.account().Refuse(fmt.Sprintf("%s is %v", upstream, err))
		return
	}
	h.account().Refuse(fmt.Sprintf("%s could not be reached: %v", upstream, err))
}

// account is the ledger of the current run.
func (h *Hub) account() *ledger.Ledger {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ledger
}

func (h *Hub) decoder(protocol wire.Protocol) wire.Decoder {
	switch protocol {
	case wire.Postgres:
		return pg.New(h.options.Wire)
	case wire.HTTP:
		return http1.New(h.options.Wire, h.options.KeyFields)
	case wire.Redis:
		return resp.New(h.options.Wire)
	}
	return newExchanges()
}

// outage resets all connections to the service of one, where the plan says that the service is out.
func (h *Hub) outage(of *relay) {
	if of.fault.plan.Kind != fault.Outage {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for r := range h.open {
		if r != of && r.protocol == of.protocol && r.service == of.service {
			abort(r.client)
		}
	}
}

// EndRun closes the connections of the run that has ended and waits until they are gone.
func (h *Hub) EndRun() {
	h.mu.Lock()
	open := make([]*relay, 0, len(h.open))
	for r := range h.open {
		open = append(open, r)
	}
	h.mu.Unlock()
	for _, r := range open {
		r.end()
	}
	for _, r := range open {
		<-r.over
	}
}

// Close ends everything.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	listeners := h.listeners
	h.mu.Unlock()
	for _, l := range listeners {
		l.Close()
	}
	h.EndRun()
	h.done.Wait()
}

// dial connects to an upstream, which must be on this machine unless others were allowed.
func (h *Hub) dial(u Upstream) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var dialer net.Dialer
	if u.Network == "unix" {
		return dialer.DialContext(ctx, "unix", u.Address)
	}
	addresses, err := h.resolve(ctx, u.Address)
	if err != nil {
		return nil, err
	}
	var failed error
	for _, address := range addresses {
		c, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return c, nil
		}
		failed = err
	}
	return nil, failed
}

// Errors of upstreams that are not connected to.
var (
	errRemote = errors.New("not on this machine: the sweep executes effects many times; allow it with --allow-remote-upstream")
	errLoop   = errors.New("the proxy itself")
)

// resolve gives the addresses that an upstream has, each checked, so that a name cannot lead elsewhere later.
func (h *Hub) resolve(ctx context.Context, address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, ip := range ips {
		ip = ip.Unmap()
		if !ip.IsLoopback() && (!h.options.AllowRemote || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified()) {
			return nil, errRemote
		}
		to := net.JoinHostPort(ip.String(), port)
		h.mu.Lock()
		loop := h.addresses[to]
		h.mu.Unlock()
		if loop {
			return nil, errLoop
		}
		out = append(out, to)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s has no address", host)
	}
	return out, nil
}
