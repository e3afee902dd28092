package proxy

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/http1"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// forward serves a client that takes us for its HTTP proxy. Requests with a full address are passed on to the server
// that they name; CONNECT to a TLS server is taken apart with a certificate of our own.
func (h *Hub) forward(c net.Conn, worker string) {
	f := &forwarder{hub: h, worker: worker, client: c}
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	c.SetReadDeadline(time.Now().Add(h.options.StartupLimit))
	for f.relay == nil {
		n, err := c.Read(*buffer)
		if n > 0 && !f.pass((*buffer)[:n]) || err != nil {
			break
		}
	}
	if f.relay == nil {
		return
	}
	c.SetReadDeadline(time.Time{})
	f.relay.fromClient(f.pass)
	f.back.Wait()
	f.relay.finish()
}

// forwarder is one connection to the forward proxy.
type forwarder struct {
	hub    *Hub
	worker string
	client net.Conn
	stream http1.Forward
	relay  *relay // nil until the first request has named a server
	host   string
	back   sync.WaitGroup
}

// pass takes what the client sent.
func (f *forwarder) pass(p []byte) bool {
	pieces, rest, err := f.stream.Feed(p)
	for _, piece := range pieces {
		if piece.Connect {
			f.connect(piece.Host, rest)
			return false
		}
		if piece.Host != "" && !strings.EqualFold(piece.Host, f.host) && !f.to(piece.Host) {
			return false
		}
		if f.relay == nil || !f.relay.request(piece.Data) {
			return false
		}
	}
	if err != nil {
		f.answer("400 Bad Request", err.Error())
		return false
	}
	return true
}

// answer is what the proxy itself has to say. It ends the connection.
func (f *forwarder) answer(status, why string) {
	body := "tiebeam chaos: " + why + "\n"
	head := "HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: "
	f.client.Write([]byte(head + decimal(len(body)) + "\r\n\r\n" + body))
	f.client.Close()
}

func decimal(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return decimal(n/10) + string(rune('0'+n%10))
}

// to connects to the server that a request names. A connection to another one is given up: its answers have come, as a
// client without pipelining waits for them.
func (f *forwarder) to(host string) bool {
	upstream := Upstream{Network: "tcp", Address: withPort(host, "80")}
	server, err := f.hub.dial(upstream)
	if err != nil {
		f.denied(upstream, err)
		return false
	}
	f.host = host
	if f.relay == nil {
		f.relay = f.hub.relay(f.client, server, f.worker, wire.HTTP, upstream.String(), ledger.Way{Proxy: true})
	} else {
		f.relay.mu.Lock()
		old := f.relay.server
		f.relay.server = server
		f.relay.mu.Unlock()
		old.Close()
	}
	f.back.Go(func() { f.relay.fromServer(server) })
	return true
}

// denied answers for a server that is not connected to.
func (f *forwarder) denied(upstream Upstream, err error) {
	switch {
	case errors.Is(err, errLoop):
		f.answer("508 Loop Detected", "the request leads back to the proxy")
	case errors.Is(err, errRemote):
		f.hub.unreachable(upstream, err)
		f.answer("403 Forbidden", upstream.String()+" is "+err.Error())
	default:
		f.answer("502 Bad Gateway", err.Error())
	}
}

func withPort(host, port string) string {
	if _, _, err := net.SplitHostPort(host); err == nil {
		return host
	}
	return net.JoinHostPort(strings.Trim(host, "[]"), port)
}

// connect opens a tunnel. What begins like TLS is taken apart, anything else passes unread.
func (f *forwarder) connect(host string, rest []byte) {
	upstream := Upstream{Network: "tcp", Address: withPort(host, "443")}
	server, err := f.hub.dial(upstream)
	if err != nil {
		f.denied(upstream, err)
		return
	}
	if _, err := f.client.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		server.Close()
		return
	}
	client := net.Conn(&behind{f.client, bytes.Clone(rest)})
	first := make([]byte, 1)
	if n, err := client.Read(first); n == 0 || err != nil {
		server.Close()
		return
	}
	client = &behind{client, first}
	protocol, way := wire.Opaque, ledger.Way{Proxy: true}
	if first[0] == 0x16 {
		name, _, _ := net.SplitHostPort(upstream.Address)
		client = tls.Server(client, f.hub.authority.config(name, "http/1.1"))
		// The server's certificate is not checked: it is on this machine, or its address was allowed by hand.
		server = tls.Client(server, &tls.Config{InsecureSkipVerify: true, ServerName: name, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12})
		protocol, way.TLS = wire.HTTP, true
	}
	f.client.SetReadDeadline(time.Time{})
	f.hub.relay(client, server, f.worker, protocol, upstream.String(), way).run()
}
