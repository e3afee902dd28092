package proxy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// hub makes a hub that ends with the test.
func hub(t *testing.T, plan fault.Plan, options Options) (*Hub, *ledger.Ledger) {
	t.Helper()
	authority, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	h := New(options, authority)
	l := ledger.New(plan, true)
	h.Run(l)
	t.Cleanup(h.Close)
	return h, l
}

// serve runs a server on the loopback interface that does something with each connection.
func serve(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				do(c)
			}()
		}
	}()
	return l.Addr().String()
}

// through connects to an upstream through a listener of the hub.
func through(t *testing.T, h *Hub, protocol wire.Protocol, upstream string) net.Conn {
	t.Helper()
	address, err := h.Listen("127.0.0.1:0", "", protocol, Upstream{Network: "tcp", Address: upstream})
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(time.Minute))
	return c
}

// TestBytes: whatever is said, in whatever protocol, reaches the other side unchanged, also where it breaks the protocol.
func TestBytes(t *testing.T) {
	chance := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(chance.Uint32())
	}
	startup := append(binary.BigEndian.AppendUint32(nil, 9), 0, 3, 0, 0, 0)
	for _, c := range []struct {
		protocol wire.Protocol
		data     []byte
	}{
		{wire.Opaque, noise},
		{wire.Redis, noise},
		{wire.Redis, []byte("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n")},
		{wire.Redis, []byte("*1000000000\r\nrest")},
		{wire.HTTP, []byte("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /\xff HTTP/1.1\r\nX-Odd:   y \r\n\r\n")},
		{wire.Postgres, append(bytes.Clone(startup), "Q\x00\x00\x00\x0dSELECT 1\x00zzzz"...)},
	} {
		h, _ := hub(t, fault.Plan{}, Options{})
		got := make(chan []byte, 1)
		upstream := serve(t, func(s net.Conn) {
			raw := make([]byte, len(c.data))
			io.ReadFull(s, raw)
			got <- raw
			s.Write(raw)
		})
		conn := through(t, h, c.protocol, upstream)
		go conn.Write(c.data)
		if there := <-got; !bytes.Equal(there, c.data) {
			t.Errorf("%s: %d bytes reached the server changed", c.protocol, len(c.data))
		}
		back := make([]byte, len(c.data))
		if _, err := io.ReadFull(conn, back); err != nil || !bytes.Equal(back, c.data) {
			t.Errorf("%s: the answer came back changed: %v", c.protocol, err)
		}
	}
}

// TestOneOnly: a frame that no frame can be ends its own connection, and no other.
func TestOneOnly(t *testing.T) {
	h, _ := hub(t, fault.Plan{}, Options{})
	upstream := serve(t, func(s net.Conn) { io.Copy(s, s) })
	startup := append(binary.BigEndian.AppendUint32(nil, 9), 0, 3, 0, 0, 0)
	good := through(t, h, wire.Postgres, upstream)
	for _, frame := range []string{"Q\x00\x00\x00\x00", "Q\x00\x00\x00\x03", "Q\xff\xff\xff\xff", "Q\x40\x00\x00\x00"} {
		bad := through(t, h, wire.Postgres, upstream)
		bad.Write(append(bytes.Clone(startup), frame...))
		if _, err := io.Copy(io.Discard, bad); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%q: %v, want the end of the connection", frame, err)
		}
	}
	good.Write(startup)
	if _, err := io.ReadFull(good, make([]byte, len(startup))); err != nil {
		t.Errorf("the other connection ended, too: %v", err)
	}
}

// TestStartup: whoever does not begin, begins too slowly, asks for encryption without end or sends bytes before it, is ended.
func TestStartup(t *testing.T) {
	h, _ := hub(t, fault.Plan{}, Options{StartupLimit: 200 * time.Millisecond})
	upstream := serve(t, func(s net.Conn) { io.Copy(io.Discard, s) })
	question := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, gssRequest)
	encrypt := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 8}, sslRequest)
	for name, said := range map[string][]byte{
		"nothing": nil, "a part": {0, 0}, "a length that is none": {0, 0, 0, 1, 0, 0, 0, 0}, "a huge length": {0x7f, 0, 0, 0, 0, 3, 0, 0},
		"a thousand questions": bytes.Repeat(question, 1000), "bytes before TLS": append(encrypt, "Q\x00\x00\x00\x0dDROP ALL\x00"...),
		"a handshake that stops": {0x16}, "a handshake that is none": {0x16, 3, 1, 0, 4, 1, 2, 3, 4},
	} {
		c := through(t, h, wire.Postgres, upstream)
		go c.Write(said)
		if answered, err := io.ReadAll(io.LimitReader(c, 1<<20)); err != nil && !strings.Contains(err.Error(), "reset") || len(answered) > 2000 {
			t.Errorf("%s: %d bytes, %v; want the end of the connection", name, len(answered), err)
		}
	}
}

// TestDirectTLS: a client that begins with a handshake, as sslnegotiation=direct does, is taken apart like one that asks
// first, and what it says reaches the server unchanged.
func TestDirectTLS(t *testing.T) {
	h, l := hub(t, fault.Plan{}, Options{})
	startup := append(binary.BigEndian.AppendUint32(nil, 9), 0, 3, 0, 0, 0)
	said := append(startup, "Q\x00\x00\x00\x0dSELECT 1\x00"...)
	const answer = "R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05IC\x00\x00\x00\x0dSELECT 1\x00Z\x00\x00\x00\x05I"
	got := make(chan []byte, 1)
	upstream := serve(t, func(s net.Conn) {
		s.SetDeadline(time.Now().Add(time.Minute))
		raw := make([]byte, len(said))
		io.ReadFull(s, raw)
		got <- raw
		io.WriteString(s, answer)
	})
	conn := tls.Client(through(t, h, wire.Postgres, upstream), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"postgresql"}})
	if _, err := conn.Write(said); err != nil {
		t.Fatal(err)
	}
	if there := <-got; !bytes.Equal(there, said) {
		t.Errorf("the server got %q, want %q", there, said)
	}
	back := make([]byte, len(answer))
	if _, err := io.ReadFull(conn, back); err != nil || string(back) != answer {
		t.Errorf("the client got %q, %v; want %q", back, err, answer)
	}
	if chosen := conn.ConnectionState().NegotiatedProtocol; chosen != "postgresql" {
		t.Errorf("the protocol %q was agreed on, without which a client goes away", chosen)
	}
	if trace := l.Trace(); len(trace.Records) != 1 || len(trace.Blind) != 0 {
		t.Errorf("noted: %+v and %+v, want the one query", trace.Records, trace.Blind)
	}
}

// TestBombs: bodies that are larger than they look pass unchanged in both directions and are judged like any other.
func TestBombs(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range 64 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	for name, body := range map[string]string{
		"gzip":    fmt.Sprintf("Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", packed.Len(), packed.Bytes()),
		"chunked": "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 1<<20) + "0\r\n\r\n",
	} {
		h, l := hub(t, fault.Plan{}, Options{})
		request, answer := "POST /a HTTP/1.1\r\n"+body, "HTTP/1.1 200 OK\r\n"+body
		got := make(chan string, 1)
		upstream := serve(t, func(s net.Conn) {
			s.SetDeadline(time.Now().Add(time.Minute))
			raw := make([]byte, len(request))
			io.ReadFull(s, raw)
			got <- string(raw)
			io.WriteString(s, answer)
		})
		conn := through(t, h, wire.HTTP, upstream)
		go io.WriteString(conn, request)
		if <-got != request {
			t.Errorf("%s: the request reached the server changed", name)
		}
		back := make([]byte, len(answer))
		if _, err := io.ReadFull(conn, back); err != nil || string(back) != answer {
			t.Errorf("%s: the answer came back changed: %v", name, err)
		}
		if trace := l.Trace(); len(trace.Records) != 1 || trace.Records[0].State != ledger.Committed || len(trace.Blind) != 0 {
			t.Errorf("%s: %d operations noted and %+v, want one that was accepted", name, len(trace.Records), trace.Blind)
		}
	}
}

// TestUpstreams: what is not on this machine is refused, by address and by CONNECT, and so is the proxy itself.
func TestUpstreams(t *testing.T) {
	h, l := hub(t, fault.Plan{}, Options{})
	address, err := h.ListenForward("")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ request, status string }{
		{"GET http://192.0.2.1/ HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n", "403"},
		{"CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n", "403"},
		{"CONNECT " + address + " HTTP/1.1\r\n\r\n", "508"},
		{"GET http://" + address + "/ HTTP/1.1\r\n\r\n", "508"},
		{"GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
		{"GET ftp://h/ HTTP/1.1\r\n\r\n", "400"},
	} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(time.Minute))
		conn.Write([]byte(c.request))
		line, _ := bufio.NewReader(conn).ReadString('\n')
		if !strings.Contains(line, c.status) {
			t.Errorf("%q is answered %q, want %s", c.request, line, c.status)
		}
		conn.Close()
	}
	if refused := l.Trace().Refused; len(refused) != 2 {
		t.Errorf("noted as refused: %q, want both remote hosts", refused)
	}
	if _, err := h.Listen("0.0.0.0:0", "", wire.Redis, Upstream{}); err == nil {
		t.Error("it listens on all interfaces")
	}
	if _, err := h.dial(Upstream{Network: "tcp", Address: "192.0.2.1:5432"}); err == nil {
		t.Error("it connects to another machine")
	}
	allowed, _ := hub(t, fault.Plan{}, Options{AllowRemote: true})
	if _, err := allowed.resolve(t.Context(), "169.254.169.254:80"); err == nil {
		t.Error("the address of metadata services may be reached with --allow-remote-upstream")
	}
}

// TestForward: one connection to a forward proxy reaches several servers, each with its own requests.
func TestForward(t *testing.T) {
	h, l := hub(t, fault.Plan{}, Options{})
	address, err := h.ListenForward("")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	answers := bufio.NewReader(conn)
	for _, name := range []string{"a", "b", "a"} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, name+r.RequestURI) }))
		defer s.Close()
		io.WriteString(conn, "POST "+s.URL+"/x HTTP/1.1\r\nHost: "+strings.TrimPrefix(s.URL, "http://")+"\r\nContent-Length: 0\r\n\r\n")
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, _ := io.ReadAll(answer.Body); string(body) != name+"/x" {
			t.Errorf("%q, want %s/x", body, name)
		}
	}
	if n := len(l.Trace().Records); n != 3 {
		t.Errorf("%d operations noted, want 3", n)
	}
}

// TestFaults: what each kind does to the client of a service, and that the service has executed the request or not.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		kind      fault.Kind
		delivered bool
		// reads is what the client gets, and ends whether its connection does.
		reads string
		ends  bool
	}{
		{fault.ResponseLost, true, "", true},
		{fault.ResetBefore, false, "", true},
		{fault.ResetAfter, true, "", true},
		{fault.Hang, true, "", true},
		{fault.HalfOpen, true, "", true},
		{fault.SlowClose, true, "", true},
		{fault.Truncate, true, ":1", true},
		{fault.Latency, true, ":1\r\n+PONG\r\n", false},
		{fault.ErrorStatus, true, "-LOADING Redis is loading the dataset in memory\r\n+PONG\r\n", false},
		{fault.Outage, false, "", true},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			plan := fault.Plan{Point: fault.Point{Protocol: wire.Redis, Shape: "INCR a", Occurrence: 1}, Kind: c.kind, Patience: 300 * time.Millisecond, Delay: 100 * time.Millisecond}
			h, l := hub(t, plan, Options{})
			executed := make(chan bool, 1)
			upstream := serve(t, func(s net.Conn) {
				lines := bufio.NewReader(s)
				for {
					line, err := lines.ReadString('\n')
					switch {
					case err != nil:
						return
					case line == "INCR a\r\n":
						executed <- true
						s.Write([]byte(":1\r\n"))
					case line == "PING\r\n":
						s.Write([]byte("+PONG\r\n"))
					}
				}
			})
			conn := through(t, h, wire.Redis, upstream)
			conn.Write([]byte("INCR a\r\n"))
			if !c.ends {
				<-executed
				conn.Write([]byte("PING\r\n"))
				got := make([]byte, len(c.reads))
				if _, err := io.ReadFull(conn, got); err != nil || string(got) != c.reads {
					t.Fatalf("%q, %v; want %q", got, err, c.reads)
				}
			} else if got, _ := io.ReadAll(conn); string(got) != c.reads {
				t.Fatalf("%q, want %q", got, c.reads)
			}
			select {
			case <-executed:
				if !c.delivered {
					t.Error("executed, and should not be")
				}
			default:
				if c.delivered && c.ends {
					t.Error("not executed, and should be")
				}
			}
			h.EndRun()
			trace := l.Trace()
			if !trace.Reached || trace.Records[0].Fault != c.kind {
				t.Errorf("reached %t, noted as %q", trace.Reached, trace.Records[0].Fault)
			}
			if endless := c.kind == fault.Hang || c.kind == fault.HalfOpen; trace.Records[0].Endless != endless {
				t.Errorf("waits for ever: %t", trace.Records[0].Endless)
			}
		})
	}
}
