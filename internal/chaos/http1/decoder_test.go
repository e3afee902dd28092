package http1

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

func worded(events []wire.Event) []string {
	var out []string
	for _, e := range events {
		switch e.Kind {
		case wire.Sent:
			out = append(out, fmt.Sprintf("sent %s %s", e.Op.Shape, e.Op.Class))
		case wire.Answer:
			out = append(out, fmt.Sprintf("answer at %d", e.Offset))
		case wire.Done:
			out = append(out, fmt.Sprintf("done %s %d failed %t", e.Note, e.Rows, e.Failed))
		case wire.Commit:
			out = append(out, "commit")
		case wire.Blind:
			out = append(out, "blind: "+e.Note)
		case wire.Refuse:
			out = append(out, "refuse: "+e.Note)
		}
	}
	return out
}

func TestExchanges(t *testing.T) {
	const post = "POST /v1/charges/12345?a=1&b=2 HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Length: 2\r\n\r\n{}"
	const sent = "sent POST /v1/charges/*?a&b effect"
	for _, c := range []struct {
		name, request, response string
		want                    []string
	}{
		{"accepted", post, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok", []string{sent, "answer at 0", "done status 201 1 failed false", "commit"}},
		{"refused", post, "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n", []string{sent, "answer at 0", "done status 409 0 failed true"}},
		{"chunked", post, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX: y\r\n\r\n", []string{sent, "answer at 0", "done status 200 1 failed false", "commit"}},
		{"until the end", post, "HTTP/1.0 200 OK\r\n\r\nabc", []string{sent, "answer at 0", "done status 200 1 failed false", "commit"}},
		{"100 first", "POST /a HTTP/1.1\r\nHost: x.example\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", []string{"sent POST x.example/a effect", "answer at 25", "done status 204 1 failed false", "commit"}},
		{"HEAD has no body", "HEAD /a HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", []string{"sent HEAD /a read", "answer at 0", "done status 200 0 failed false"}},
		{"upgrade", "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n\x81\x01a", []string{"sent GET /ws read", "answer at 0", "done status 101 0 failed false", "blind: another protocol after an upgrade"}},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "", []string{"blind: HTTP/2"}},
		{"smuggling", "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "", []string{"refuse: Content-Length beside Transfer-Encoding"}},
		{"two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "", []string{"refuse: two lengths"}},
		{"folded", "POST / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "", []string{"refuse: a folded header line"}},
		{"coding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "", []string{"refuse: a transfer coding other than chunked"}},
		{"long head", "GET / HTTP/1.1\r\nA: " + strings.Repeat("x", maxHead), "", []string{"refuse: a request head over 64 KiB"}},
		{"chunk without a size", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "", []string{"sent POST / effect", "refuse: a chunk without a size"}},
		{"chunk size beyond all", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "", []string{"sent POST / effect", "refuse: a chunk without a size"}},
		{"answer to nothing", "", "HTTP/1.1 200 OK\r\n\r\n", []string{"blind: an answer that nobody waits for"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(wire.Options{}, nil)
			got := worded(d.Request([]byte(c.request)))
			got = append(got, worded(d.Response([]byte(c.response)))...)
			got = append(got, worded(d.Closed())...)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestBombs: bodies that are larger than they look are followed to their end, and nothing of them is kept.
func TestBombs(t *testing.T) {
	const post = "POST /a HTTP/1.1\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
	const ok = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, c := range []struct {
		name, before, piece, after string
		ends                       bool
	}{
		{"chunks of one byte", "", strings.Repeat("1\r\nx\r\n", 5000), "0\r\n\r\n", true},
		{"long extensions", "", strings.Repeat("1;"+strings.Repeat("e", maxLine-10)+"\r\nx\r\n", 8), "0\r\n\r\n", true},
		{"a chunk as large as all disks", "1fffffffffffffff\r\n", strings.Repeat("\x1f\x8b", 16<<10), "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(wire.Options{Show: true}, nil)
			feed := func(head string, to func([]byte) []wire.Event) (said []string) {
				said = append(said, worded(to([]byte(head+c.before)))...)
				for range 500 {
					said = append(said, worded(to([]byte(c.piece)))...)
				}
				return append(said, worded(to([]byte(c.after)))...)
			}
			got := append(feed(post, d.Request), feed(ok, d.Response)...)
			want := []string{"sent POST /a effect", "answer at 0"}
			if c.ends {
				want = append(want, "done status 200 1 failed false", "commit")
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			kept := cap(d.request.line) + cap(d.response.line) + cap(d.shown) + cap(d.log.Events) + cap(d.queue)
			if kept > maxHead {
				t.Errorf("%d bytes are kept of %d", kept, 1000*len(c.piece))
			}
		})
	}
}

func TestKeys(t *testing.T) {
	d := New(wire.Options{Salt: 7}, []string{"X-Once"})
	keys := map[uint64]bool{}
	for _, field := range []string{"Idempotency-Key: a", "idempotency-key:a", "X-Once: a", "Idempotency-Key: b", "X-Other: c"} {
		events := d.Request([]byte("POST /a HTTP/1.1\r\n" + field + "\r\n\r\n"))
		keys[events[0].Op.Key] = true
		d.Response([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
	}
	if len(keys) != 3 || !keys[0] {
		t.Errorf("%v: want the key a, the key b, and none", keys)
	}
}

func TestForward(t *testing.T) {
	for _, c := range []struct{ request, host, want string }{
		{"POST http://h:1/a?b HTTP/1.1\r\nHost: h:1\r\nProxy-Connection: keep-alive\r\nContent-Length: 1\r\n\r\nx", "h:1", "POST /a?b HTTP/1.1\r\nHost: h:1\r\nContent-Length: 1\r\n\r\nx"},
		{"GET http://u:p@h HTTP/1.1\r\nHost: h\r\n\r\n", "h", "GET / HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", "h", "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"},
	} {
		var f Forward
		pieces, _, err := f.Feed([]byte(c.request))
		var data []byte
		for _, p := range pieces {
			data = append(data, p.Data...)
		}
		if err != nil || len(pieces) == 0 || pieces[0].Host != c.host || string(data) != c.want {
			t.Errorf("%q: %q to %+v, %v", c.request, data, pieces, err)
		}
	}
	var f Forward
	if pieces, rest, err := f.Feed([]byte("CONNECT h:443 HTTP/1.1\r\n\r\nxyz")); err != nil || len(pieces) != 1 || !pieces[0].Connect || string(rest) != "xyz" {
		t.Errorf("CONNECT: %+v, rest %q, %v", pieces, rest, err)
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte("POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n"), []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nHTTP/1.1 204 x\r\n\r\n"), uint8(5))
	f.Add([]byte("GET http://a/ HTTP/1.1\r\nUpgrade: x\r\n\r\n"), []byte("HTTP/1.1 101 x\r\n\r\n"), uint8(1))
	f.Fuzz(func(t *testing.T, request, response []byte, cut uint8) {
		d := New(wire.Options{Show: true}, nil)
		var forward Forward
		check := func(events []wire.Event, size int) {
			last := 0
			for _, e := range events {
				if e.Offset < last || e.Offset > size {
					t.Fatalf("offset %d behind %d, of %d bytes", e.Offset, last, size)
				}
				last = e.Offset
			}
		}
		forward.Feed(request)
		n := int(cut)%16 + 1
		for len(request) > 0 || len(response) > 0 {
			k := min(n, len(request))
			check(d.Request(request[:k]), k)
			request = request[k:]
			k = min(n, len(response))
			check(d.Response(response[:k]), k)
			response = response[k:]
		}
		d.Closed()
	})
}
