package proxy

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Codes of first messages (PostgreSQL 15 documentation, 55.7 "Message Formats").
const (
	sslRequest    = 80877103
	gssRequest    = 80877104
	cancelRequest = 80877102
)

// Limits of the beginning of a connection.
const (
	// maxAsked is how often a client may ask for encryption before it says what it wants.
	maxAsked = 8
	// maxStartup is the largest first message, that of the server itself (MAX_STARTUP_PACKET_LENGTH).
	maxStartup = 10_000
	// maxGreeting is the largest message before authentication that is looked into.
	maxGreeting = 64 << 10
)

// errStartup says that a connection did not begin as one does.
var errStartup = errors.New("not the beginning of a PostgreSQL connection")

// postgres begins a connection: encryption is negotiated on each hop by itself, then all is passed on.
func (h *Hub) postgres(c net.Conn, worker string, upstream Upstream) {
	c.SetDeadline(time.Now().Add(h.options.StartupLimit))
	client, first, encrypted, err := h.greet(c)
	if err != nil {
		return
	}
	server, err := h.dial(upstream)
	if err != nil {
		h.unreachable(upstream, err)
		return
	}
	if code(first) == cancelRequest {
		defer server.Close()
		if server, err = secure(server, upstream); err == nil {
			server.Write(first)
			io.Copy(io.Discard, server) // the server closes when it has acted
		}
		return
	}
	if server, err = secure(server, upstream); err != nil {
		h.account().Refuse(fmt.Sprintf("%s: %v", upstream, err))
		server.Close()
		return
	}
	client.SetDeadline(time.Time{})
	r := h.relay(client, server, worker, wire.Postgres, upstream.String(), ledger.Way{TLS: encrypted || upstream.TLS})
	if !r.request(first) {
		server.Close()
	} else if upstream.TLS && !encrypted {
		r.withoutBinding()
	}
	r.run()
}

// greet reads the first message of a client, and takes TLS apart where the client wants it.
func (h *Hub) greet(c net.Conn) (client net.Conn, first []byte, encrypted bool, err error) {
	client = c
	for range maxAsked {
		var head [8]byte
		if _, err := io.ReadFull(client, head[:1]); err != nil {
			return nil, nil, false, err
		}
		if head[0] == 0x16 && !encrypted { // a TLS handshake without the question (sslnegotiation=direct)
			client, encrypted = tls.Server(&behind{c, head[:1]}, h.authority.config("localhost", "postgresql")), true
			continue
		}
		if _, err := io.ReadFull(client, head[1:]); err != nil {
			return nil, nil, false, err
		}
		length := binary.BigEndian.Uint32(head[:4])
		if length < 8 || length > maxStartup {
			return nil, nil, false, errStartup
		}
		first = append(head[:], make([]byte, length-8)...)
		if _, err := io.ReadFull(client, first[8:]); err != nil {
			return nil, nil, false, err
		}
		switch code(first) {
		case gssRequest:
			if _, err := client.Write([]byte{'N'}); err != nil {
				return nil, nil, false, err
			}
		case sslRequest:
			if encrypted {
				return nil, nil, false, errStartup
			}
			// The handshake reads the connection itself, from its next byte on: whatever was put in before it is part of
			// the handshake, which then fails, and is never taken for what came encrypted (CVE-2021-23222).
			if _, err := client.Write([]byte{'S'}); err != nil {
				return nil, nil, false, err
			}
			client, encrypted = tls.Server(c, h.authority.config("localhost", "postgresql")), true
		default:
			return client, first, encrypted, nil
		}
	}
	return nil, nil, false, errStartup
}

func code(first []byte) uint32 { return binary.BigEndian.Uint32(first[4:8]) }

// behind is a connection of which some bytes have been read already.
type behind struct {
	net.Conn
	read []byte
}

// Read gives the bytes that were read first.
func (b *behind) Read(p []byte) (int, error) {
	if len(b.read) > 0 {
		n := copy(p, b.read)
		b.read = b.read[n:]
		return n, nil
	}
	return b.Conn.Read(p)
}

// secure asks a server for TLS where the upstream is to be spoken to so. The certificate is not checked: the server is
// on this machine, or its address was allowed by hand.
func secure(server net.Conn, upstream Upstream) (net.Conn, error) {
	if !upstream.TLS {
		return server, nil
	}
	question := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, sslRequest)
	server.SetDeadline(time.Now().Add(10 * time.Second))
	defer server.SetDeadline(time.Time{})
	if _, err := server.Write(question); err != nil {
		return server, err
	}
	var answer [1]byte
	if _, err := io.ReadFull(server, answer[:]); err != nil {
		return server, err
	}
	if answer[0] != 'S' {
		return server, errors.New("the server has no TLS, which sslmode asks for")
	}
	c := tls.Client(server, &tls.Config{InsecureSkipVerify: true, ServerName: upstream.TLSName, MinVersion: tls.VersionTLS12})
	return c, c.Handshake()
}

// withoutBinding passes the server's first messages on up to its demand for authentication, and leaves out the
// mechanisms that bind to the server's TLS: the client has none, and would not go on.
func (r *relay) withoutBinding() {
	server := r.upstream()
	server.SetReadDeadline(time.Now().Add(r.hub.options.StartupLimit))
	defer server.SetReadDeadline(time.Time{})
	for {
		head := make([]byte, 5)
		if _, err := io.ReadFull(server, head); err != nil {
			server.Close()
			return
		}
		length := binary.BigEndian.Uint32(head[1:])
		if length < 4 || length > maxGreeting {
			server.Close()
			return
		}
		frame := append(head, make([]byte, length-4)...)
		if _, err := io.ReadFull(server, frame[5:]); err != nil {
			server.Close()
			return
		}
		demand := frame[0] == 'R' || frame[0] == 'E'
		if !r.response(withoutPlus(frame)) || demand {
			return
		}
	}
}

// withoutPlus takes the mechanisms with channel binding out of AuthenticationSASL; any other message stays as it is.
func withoutPlus(frame []byte) []byte {
	const sasl = 10
	if frame[0] != 'R' || len(frame) < 9 || binary.BigEndian.Uint32(frame[5:9]) != sasl {
		return frame
	}
	out := append([]byte(nil), frame[:9]...)
	for rest := frame[9:]; len(rest) > 0 && rest[0] != 0; {
		end := 0
		for end < len(rest) && rest[end] != 0 {
			end++
		}
		if name := string(rest[:end]); len(name) < 5 || name[len(name)-5:] != "-PLUS" {
			out = append(append(out, name...), 0)
		}
		rest = rest[min(end+1, len(rest)):]
	}
	out = append(out, 0)
	binary.BigEndian.PutUint32(out[1:5], uint32(len(out)-1))
	return out
}
