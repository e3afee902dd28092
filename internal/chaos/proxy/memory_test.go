package proxy

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// maxHeap is what the whole proxy may hold in memory beside what the test itself holds, whatever passes through it.
const maxHeap = 32 << 20

// flood is what one side says: a beginning, and a piece that is said many times.
type flood struct {
	head  string
	piece []byte
	times int
}

func (f flood) size() int64 { return int64(len(f.head)) + int64(len(f.piece))*int64(f.times) }

// into writes it all, as far as the other side takes it.
func (f flood) into(w io.Writer) {
	if _, err := io.WriteString(w, f.head); err != nil {
		return
	}
	for range f.times {
		if _, err := w.Write(f.piece); err != nil {
			return
		}
	}
}

// repeated is a megabyte of a text.
func repeated(text string) []byte { return bytes.Repeat([]byte(text), (1<<20)/len(text)) }

// packed is some megabytes of zeros as gzip packs them, and the chunk of HTTP that holds them.
func packed() (raw, chunk []byte) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	for range 256 {
		z.Write(make([]byte, 1<<20))
	}
	z.Close()
	return b.Bytes(), fmt.Appendf(nil, "%x\r\n%s\r\n", b.Len(), b.Bytes())
}

// postgresFrame is the head of a message with a body of a size.
func postgresFrame(kind byte, size int) string {
	return string(binary.BigEndian.AppendUint32([]byte{kind}, uint32(size+4)))
}

// statements prepares 400 statements, each with a name and an identifier of 100 KB.
func statements() []byte {
	var out []byte
	for i := range 400 {
		long := strings.Repeat("n", 100<<10) + fmt.Sprint(i)
		body := long + "\x00DELETE FROM \"" + long + "\"\x00\x00\x00"
		out = append(append(out, postgresFrame('P', len(body))...), body...)
	}
	return out
}

// bomb is what two sides say to each other that is larger than anything that may be kept.
type bomb struct {
	name        string
	protocol    wire.Protocol
	asked, told flood
	// refused is true where the proxy ends the connection, and lost the operation whose answer is to be lost.
	refused bool
	lost    string
}

// bombs are those of each protocol.
func bombs() []bomb {
	const startup = "\x00\x00\x00\x09\x00\x03\x00\x00\x00"
	const welcome = "R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I"
	const megabytes = 60
	a := repeated("a")
	raw, chunk := packed()
	return []bomb{
		{name: "a query of 60 MB and a row of 60 MB", protocol: wire.Postgres,
			asked: flood{startup + postgresFrame('Q', megabytes<<20), a, megabytes}, told: flood{welcome + postgresFrame('D', megabytes<<20), a, megabytes}},
		{name: "parameters of 60 MB and an error of 60 MB", protocol: wire.Postgres,
			asked: flood{startup + postgresFrame('B', megabytes<<20), a, megabytes}, told: flood{welcome + postgresFrame('E', megabytes<<20), a, megabytes}},
		{name: "COPY of 150 MB in and out", protocol: wire.Postgres,
			asked: flood{startup, append([]byte(postgresFrame('d', 1<<20)), a...), 150}, told: flood{welcome, append([]byte(postgresFrame('d', 1<<20)), a...), 150}},
		{name: "statements with long names and identifiers", protocol: wire.Postgres, asked: flood{startup, statements(), 1}, told: flood{head: welcome}},
		{name: "a head without an end", protocol: wire.HTTP, asked: flood{"POST /a HTTP/1.1\r\nX: ", a, 100}, refused: true},
		{name: "an answer's head without an end", protocol: wire.HTTP, asked: flood{head: "GET /a HTTP/1.1\r\n\r\n"}, told: flood{"HTTP/1.1 200 OK\r\nX: ", a, 100}},
		{name: "trailers without an end", protocol: wire.HTTP, asked: flood{"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", repeated("X: aaaaaaaaaa\r\n"), 100}, refused: true},
		{name: "gzip of 12 GB in chunks", protocol: wire.HTTP,
			asked: flood{"POST /a HTTP/1.1\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, 50}, told: flood{"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", chunk, 50}},
		{name: "gzip of 12 GB with a length", protocol: wire.HTTP,
			asked: flood{fmt.Sprintf("POST /a HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", 50*len(raw)), raw, 50}, told: flood{"HTTP/1.1 200 OK\r\n\r\n", raw, 50}},
		{name: "chunks of one byte", protocol: wire.HTTP,
			asked: flood{"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", repeated("1\r\nx\r\n"), 30}, told: flood{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", repeated("1\r\nx\r\n"), 30}},
		{name: "an answer of 100 MB that is lost", protocol: wire.HTTP, lost: "GET /a",
			asked: flood{head: "GET /a HTTP/1.1\r\n\r\n"}, told: flood{fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 100<<20), a, 100}},
		{name: "a text of 100 MB", protocol: wire.Redis, asked: flood{fmt.Sprintf("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$%d\r\n", 100<<20), a, 100}, told: flood{fmt.Sprintf("$%d\r\n", 100<<20), a, 100}},
		{name: "a million words and an array of a billion", protocol: wire.Redis,
			asked: flood{"*1048576\r\n", repeated("$4\r\nword\r\n"), 10}, told: flood{"*1000000000\r\n", repeated(":1\r\n"), 10}},
		{name: "a line without an end", protocol: wire.Redis, asked: flood{"GET ", a, 100}, told: flood{"+", a, 100}},
		{name: "what nobody reads", protocol: wire.Opaque, asked: flood{"", a, 100}, told: flood{"", a, 100}},
	}
}

// TestMemory: frames, heads, bodies, texts and names as large as they can be, close to 2 GB on the wire, pass through the proxy in
// both directions or are refused, and the heap stays below a bound.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("gigabytes pass through the loopback interface")
	}
	// Close to what is really in use: as it is, up to as much again waits to be collected.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	for _, c := range bombs() {
		t.Run(c.name, func(t *testing.T) {
			plan := fault.Plan{}
			if c.lost != "" {
				plan.Kind, plan.Point = fault.ResponseLost, fault.Point{Protocol: c.protocol, Shape: c.lost, Occurrence: 1}
			}
			h, _ := hub(t, plan, Options{})
			base := inUse()
			var peak atomic.Int64
			heard := make(chan int64, 1)
			upstream := serve(t, func(s net.Conn) {
				s.SetDeadline(time.Now().Add(5 * time.Minute))
				if c.lost == "" {
					go c.told.into(s)
				}
				heard <- drain(s, c.asked.size(), &peak)
				if c.lost != "" {
					go c.told.into(s) // what comes before its request is nobody's answer
				}
				drain(s, 1<<62, &peak)
			})
			conn := through(t, h, c.protocol, upstream)
			conn.SetDeadline(time.Now().Add(5 * time.Minute))
			go c.asked.into(conn)
			back := drain(conn, c.told.size(), &peak)
			there := <-heard
			if c.refused && there > 1<<20 || !c.refused && there != c.asked.size() {
				t.Errorf("%d of %d bytes reached the server; refused: %t", there, c.asked.size(), c.refused)
			}
			if whole := !c.refused && c.lost == ""; whole && back != c.told.size() || c.lost != "" && back != 0 {
				t.Errorf("%d of %d bytes came back", back, c.told.size())
			}
			grown := peak.Load() - base
			t.Logf("%d MB passed, and the heap grew by %.1f MB", (c.asked.size()+c.told.size())>>20, float64(grown)/(1<<20))
			if grown > maxHeap {
				t.Errorf("the heap grew by %d MB, want %d at most", grown>>20, maxHeap>>20)
			}
		})
	}
}

// drain reads up to an end or a number of bytes, which it returns, and notes now and then how large the heap is.
func drain(r io.Reader, most int64, peak *atomic.Int64) (read int64) {
	buffer := make([]byte, 64<<10)
	next := int64(0)
	for read < most {
		n, err := r.Read(buffer)
		read += int64(n)
		if read >= next || err != nil {
			next = read + 8<<20
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			for known := peak.Load(); int64(m.HeapInuse) > known && !peak.CompareAndSwap(known, int64(m.HeapInuse)); known = peak.Load() {
			}
		}
		if err != nil {
			return read
		}
	}
	return read
}

// inUse is the heap without what nobody uses any more, in bytes.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}
