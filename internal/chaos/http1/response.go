package http1

import (
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Response reads what the server sent.
func (d *Decoder) Response(p []byte) []wire.Event {
	d.log.Begin()
	for d.log.More(p) {
		if len(d.queue) == 0 {
			d.log.Blinded("an answer that nobody waits for", true)
			break
		}
		if d.response.phase == inHead {
			at := d.log.Offset
			if !d.queue[0].expects {
				d.tell(at)
			}
			used, complete, tooLong := d.response.fill(p[at:])
			d.log.Offset += used
			switch {
			case tooLong:
				d.log.Blinded("an answer's head over 64 KiB", false)
			case complete:
				d.answered(at)
			}
			continue
		}
		d.tell(d.log.Offset)
		used, complete, reason := d.response.body(p[d.log.Offset:], func([]byte) {})
		d.log.Offset += used
		if reason != "" {
			d.log.Blinded(reason, false)
		} else if complete {
			d.over()
		}
	}
	return d.log.Events
}

// Closed is told that the server hung up, which ends an answer that has no length.
func (d *Decoder) Closed() []wire.Event {
	d.log.Begin()
	if !d.log.Blind && d.response.phase == untilClose && len(d.queue) > 0 {
		d.over()
	}
	return d.log.Events
}

// tell says once for each answer where it begins.
func (d *Decoder) tell(at int) {
	if !d.told {
		d.told = true
		d.log.Events = append(d.log.Events, wire.Event{Kind: wire.Answer, Offset: at, Op: d.queue[0].op})
	}
}

// answered reads a complete head of an answer that began at an offset.
func (d *Decoder) answered(at int) {
	h, reason := parse(d.response.line)
	d.response.line = d.response.line[:0]
	version, rest, _ := strings.Cut(h.first, " ")
	word, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(word)
	if err != nil || !strings.HasPrefix(version, "HTTP/1.") || reason != "" && !(h.chunked && h.sized) {
		d.log.Blinded("an answer that is not HTTP/1", false)
		return
	}
	if status >= 100 && status < 200 && status != 101 {
		return // go on; the answer itself follows
	}
	d.status = status
	d.tell(at)
	x := d.queue[0]
	switch {
	case status == 101 && x.upgrade:
		d.over()
		d.log.Blinded("another protocol after an upgrade", false)
	case x.method == "HEAD" || status == 204 || status == 304:
		d.over()
	case h.chunked:
		d.response.phase = inChunkSize
	case h.sized && h.length == 0:
		d.over()
	case h.sized:
		d.response.phase, d.response.left = inBody, h.length
	default:
		d.response.phase = untilClose
	}
}

// over takes the exchange at the head away, whose answer is complete. What was accepted is done for good.
func (d *Decoder) over() {
	d.response.phase = inHead
	op := d.queue[0].op
	d.queue = d.queue[1:]
	d.told = false
	failed := d.status >= 400
	rows := int64(0)
	if !failed && op.Class.Writes() {
		rows = 1
	}
	d.log.Emit(wire.Event{Kind: wire.Done, Op: op, Rows: rows, Failed: failed, Note: "status " + strconv.Itoa(d.status)})
	if rows > 0 {
		d.log.Emit(wire.Event{Kind: wire.Commit, Ops: []*wire.Op{op}})
	}
	d.log.Emit(wire.Event{Kind: wire.Sync})
}
