package http1

import (
	"bytes"
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// maxQueue bounds the requests that wait for their answers on one connection.
const maxQueue = 1000

// keyFields are the header fields under which services take idempotency keys.
var keyFields = []string{"idempotency-key", "x-idempotency-key", "x-idempotent-key", "idempotent-key", "paypal-request-id", "x-amz-idempotency-token"}

// KeyFields lists the header fields that are known to hold idempotency keys, in lower case.
func KeyFields() []string { return append([]string(nil), keyFields...) }

// Decoder reads one connection. It implements wire.Decoder.
type Decoder struct {
	options wire.Options
	// keys are header fields that hold idempotency keys beside those that are known.
	keys     []string
	request  message
	response message

	log wire.Log

	current *wire.Op // the request whose body streams by
	hash    wire.Hash
	shown   []byte
	queue   []exchange
	told    bool // the beginning of the answer was told
	status  int
}

// exchange is a request that waits for its answer.
type exchange struct {
	op      *wire.Op
	method  string
	upgrade bool
	// expects is true where the client waits for "100 Continue" before it sends the body.
	expects bool
}

var _ wire.Decoder = (*Decoder)(nil)

// New returns a decoder for a connection that has not begun. keys are further header fields with idempotency keys.
func New(options wire.Options, keys []string) *Decoder {
	d := &Decoder{options: options, keys: KeyFields()}
	for _, k := range keys {
		d.keys = append(d.keys, strings.ToLower(k))
	}
	return d
}

// Waiting says whether a request has no answer yet.
func (d *Decoder) Waiting() bool { return len(d.queue) > 0 }

// Request reads what the client sent.
func (d *Decoder) Request(p []byte) []wire.Event {
	d.log.Begin()
	for d.log.More(p) {
		if d.request.phase == inHead {
			used, complete, tooLong := d.request.fill(p[d.log.Offset:])
			d.log.Offset += used
			switch {
			case tooLong:
				d.log.Refuse("a request head over 64 KiB")
			case bytes.HasPrefix(d.request.line, []byte("PRI * HTTP/2.0\r\n")):
				d.log.Blinded("HTTP/2", false)
			case complete:
				d.requested()
			}
			continue
		}
		used, complete, reason := d.request.body(p[d.log.Offset:], d.eat)
		d.log.Offset += used
		if reason != "" {
			d.log.Refuse(reason)
		} else if complete {
			d.complete()
		}
	}
	return d.log.Events
}

// eat takes a piece of a request's body.
func (d *Decoder) eat(p []byte) {
	d.hash = d.hash.Add(p)
	if d.options.Show && len(d.shown) < maxShown {
		d.shown = append(d.shown, p[:min(len(p), maxShown-len(d.shown))]...)
	}
}

// maxShown bounds a body in clear, in bytes.
const maxShown = 1 << 10

// requested reads a complete request head.
func (d *Decoder) requested() {
	h, reason := parse(d.request.line)
	d.request.line = d.request.line[:0]
	method, rest, found := strings.Cut(h.first, " ")
	target, version, versioned := strings.Cut(rest, " ")
	switch {
	case reason != "":
		d.log.Refuse(reason)
		return
	case !found || !versioned || !strings.HasPrefix(version, "HTTP/1."):
		d.log.Refuse("a request line that is not HTTP/1")
		return
	case len(d.queue) >= maxQueue:
		d.log.Blinded("too many requests wait for their answers", false)
		return
	}
	op := describe(method, target, h.get("host"))
	for _, name := range d.keys {
		if key := h.get(name); key != "" {
			op.Key = wire.NewHash(d.options.Salt).AddString(key).Sum()
			break
		}
	}
	d.current = op
	d.hash, d.shown = wire.NewHash(d.options.Salt), nil
	d.queue = append(d.queue, exchange{op: op, method: method, upgrade: h.get("upgrade") != "", expects: h.get("expect") != ""})
	// A server may act on the head and answer before the body is complete.
	d.log.Emit(wire.Event{Kind: wire.Sent, Op: op})
	switch {
	case h.chunked:
		d.request.phase = inChunkSize
	case h.length > 0:
		d.request.phase, d.request.left = inBody, h.length
	default:
		d.complete()
	}
}

// describe makes an operation of a request line.
func describe(method, target, host string) *wire.Op {
	if i := strings.Index(target, "://"); i >= 0 {
		rest := target[i+3:]
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			slash = len(rest)
		}
		host, target = rest[:slash], rest[slash:]
	}
	path, query, _ := strings.Cut(target, "?")
	shape := strings.ToUpper(wire.Cut(method, 32)) + " " + remote(host) + wire.General(path)
	if query != "" {
		var names []string
		for part := range strings.SplitSeq(wire.Cut(query, maxLine), "&") {
			name, _, _ := strings.Cut(part, "=")
			names = append(names, wire.General(name))
		}
		shape += "?" + strings.Join(names, "&")
	}
	op := &wire.Op{Protocol: wire.HTTP, Shape: wire.Cut(shape, 4*wire.MaxName), Target: wire.General(path), Class: wire.Unknown}
	switch strings.ToUpper(method) {
	case "POST", "PATCH":
		op.Class = wire.Effect
	case "GET", "HEAD", "OPTIONS", "TRACE":
		op.Class = wire.Read
	case "PUT", "DELETE":
		op.Class = wire.Idempotent
	}
	return op
}

// remote is the host of a request where it says something: on this machine ports are chosen anew in each run.
func remote(host string) string {
	name := host
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		name = host[:i]
	}
	if name == "" || name == "localhost" || name == "[::1]" || strings.HasPrefix(name, "127.") {
		return ""
	}
	return wire.Cut(name, 100)
}

// complete adds to the current request what is known once its body has passed.
func (d *Decoder) complete() {
	d.request.phase = inHead
	d.current.Values = d.hash.Sum()
	d.current.Shown = strings.ToValidUTF8(string(d.shown), "?")
}
