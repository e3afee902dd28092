package pg

import (
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// answer tells that the answer of the request at the head begins, where this is its first message.
func (d *Decoder) answer(kind byte, at int) {
	if len(d.queue) == 0 || d.queue[0].op == nil || d.queue[0].answered {
		return
	}
	switch kind {
	case 'N', 'A', 'S':
		return // may come at any time
	}
	d.log.Events = append(d.log.Events, wire.Event{Kind: wire.Answer, Offset: at, Op: d.queue[0].op})
	d.queue[0].answered = true
}

// response reads one message of the server.
func (d *Decoder) response(f frame) {
	if !d.ready {
		switch f.kind {
		case 'Z':
			d.ready = true
		case 'E':
			d.log.Blinded("the server refused the connection", true)
		}
		return
	}
	switch f.kind {
	case 'N', 'A', 'S', 'D', 'd', 'c', 't', 'G', 'W', 'V':
	case '1':
		d.ends('P')
	case '2':
		d.ends('B')
	case '3':
		d.ends('C')
	case 'T', 'n':
		if len(d.queue) > 0 && d.queue[0].kind == 'D' {
			d.pop()
		}
	case 'H':
		d.copied = true
	case 'C':
		d.tagged(f.body)
	case 'I', 's':
		if len(d.queue) > 0 && d.queue[0].kind == 'E' {
			d.done(0, false, "")
		}
	case 'E':
		d.error(f.body)
	case 'Z':
		d.synced(f.body)
	default:
		d.log.Blinded("a message of the server that is not known: "+strconv.QuoteRuneToASCII(rune(f.kind)), false)
	}
}

// ends takes the request away whose confirmation came.
func (d *Decoder) ends(kind byte) {
	if len(d.queue) == 0 || d.queue[0].kind != kind {
		d.log.Blinded("a confirmation that nobody asked for", false)
		return
	}
	d.pop()
}

// done tells that the request at the head was executed, and takes it away.
func (d *Decoder) done(rows int64, failed bool, note string) {
	op := d.queue[0].op
	d.pop()
	d.log.Emit(wire.Event{Kind: wire.Done, Op: op, Rows: rows, Failed: failed, Note: note})
}

// tagged reads CommandComplete: what was done, and to how many rows.
func (d *Decoder) tagged(body []byte) {
	tag, _ := text(body)
	if len(d.queue) == 0 || d.queue[0].op == nil || tag == "" {
		d.log.Blinded("a command tag without a command", false)
		return
	}
	d.tag = wire.Cut(strings.ToValidUTF8(tag, "?"), 64)
	head := d.queue[0]
	rows := d.rows(tag, head.op)
	d.copied = false
	if rows > 0 && (len(d.pending) == 0 || d.pending[len(d.pending)-1] != head.op) {
		if len(d.pending) >= maxQueue {
			d.log.Blinded("too many writes in one transaction", false)
			return
		}
		d.pending = append(d.pending, head.op)
	}
	d.wrote += rows
	if head.kind == 'E' {
		d.done(rows, false, d.tag)
		d.wrote = 0
	}
	d.transaction(tag, head.stmt)
}

// rows is how many rows a tag says were written.
func (d *Decoder) rows(tag string, op *wire.Op) int64 {
	verb, _, _ := strings.Cut(tag, " ")
	switch verb {
	case "INSERT", "UPDATE", "DELETE", "MERGE", "COPY":
		n, err := strconv.ParseInt(tag[strings.LastIndexByte(tag, ' ')+1:], 10, 64)
		if err == nil && n > 0 && !d.copied {
			return n
		}
		return 0
	case "BEGIN", "START", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE":
		return 0
	}
	if op.Class.Writes() || op.Calls {
		return 1 // a definition, NOTIFY, a call: it happened, and there is nothing to count
	}
	return 0
}

// transaction follows the tags that end a transaction or set and end savepoints.
func (d *Decoder) transaction(tag string, s *statement) {
	switch tag {
	case "COMMIT", "COMMIT PREPARED", "PREPARE TRANSACTION":
		d.commit()
	case "ROLLBACK":
		from := 0
		if s.back != "" {
			for i := len(d.marks) - 1; i >= 0; i-- {
				if d.marks[i].name == s.back {
					from = min(d.marks[i].at, len(d.pending))
					d.marks = d.marks[:i+1]
					break
				}
			}
		}
		d.undo(from, s.back != "")
	case "SAVEPOINT":
		if len(d.marks) < maxStatements {
			d.marks = append(d.marks, mark{s.savepoint, len(d.pending)})
		}
	}
}

// undo takes back what is pending from an index on; inside a transaction its savepoints stay.
func (d *Decoder) undo(from int, inside bool) {
	marks := d.marks
	d.rollback(from)
	if inside {
		d.marks = marks
	}
	d.failed = false
}

// error reads ErrorResponse: the request at the head failed, and what was sent up to the next Sync is not done.
func (d *Decoder) error(body []byte) {
	d.failed = true
	note := "error " + code(body)
	if len(d.queue) == 0 {
		// The server ends the session on its own account.
		d.log.Blinded("the server ended the session: "+note, true)
		return
	}
	if d.queue[0].kind == 'Q' || d.queue[0].kind == 'F' {
		d.tag = note
		return // ReadyForQuery follows
	}
	d.skipping = true
	for len(d.queue) > 0 && !d.log.Blind {
		if kind := d.queue[0].kind; kind == 'S' || kind == 'Q' || kind == 'F' {
			d.skipping = false
			return
		}
		if d.queue[0].op == nil {
			d.pop()
			continue
		}
		d.done(0, true, note)
		note = "not executed after an error"
	}
}

// code finds the SQLSTATE of an error; its words may hold values, so they are not kept.
func code(body []byte) string {
	for len(body) > 1 && body[0] != 0 {
		field := body[0]
		value, rest := text(body[1:])
		if field == 'C' {
			return wire.Cut(strings.ToValidUTF8(value, "?"), 5)
		}
		body = rest
	}
	return "without a code"
}

// synced reads ReadyForQuery: the round trip is over, and outside a transaction what was pending is decided.
func (d *Decoder) synced(body []byte) {
	if len(body) == 0 || len(d.queue) == 0 {
		d.log.Blinded("a ReadyForQuery that nobody waits for", false)
		return
	}
	switch d.queue[0].kind {
	case 'S':
		d.pop()
	case 'Q', 'F':
		if d.queue[0].op.Class == wire.Unknown && d.queue[0].kind == 'F' && !d.failed {
			d.pending = append(d.pending, d.queue[0].op)
			d.wrote = 1
		}
		d.done(d.wrote, d.failed, d.tag)
	default:
		d.log.Blinded("a ReadyForQuery before its answers", false)
		return
	}
	if body[0] == 'I' {
		if d.failed {
			d.rollback(0)
		} else {
			d.commit()
		}
	}
	d.failed, d.wrote, d.tag = false, 0, ""
	d.log.Emit(wire.Event{Kind: wire.Sync})
}
