package resp

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// maxQueue bounds the commands that wait for their answers, and those inside MULTI.
const maxQueue = 100_000

// Decoder reads one connection. It implements wire.Decoder.
type Decoder struct {
	options wire.Options
	command command
	reply   reply

	log wire.Log

	queue  []waiting
	told   bool
	multi  bool       // the client is between MULTI and EXEC, as the server confirmed
	queued []*wire.Op // what EXEC will do
}

// waiting is a command whose answer has not come.
type waiting struct {
	op   *wire.Op
	name string
}

var _ wire.Decoder = (*Decoder)(nil)

// New returns a decoder for a connection that has not begun.
func New(options wire.Options) *Decoder {
	d := &Decoder{options: options}
	d.command.reset(options.Salt)
	d.reply.reset()
	return d
}

// Waiting says whether a command has no answer yet.
func (d *Decoder) Waiting() bool { return len(d.queue) > 0 }

// Closed is told that the server hung up.
func (d *Decoder) Closed() []wire.Event {
	d.log.Begin()
	d.drop()
	return d.log.Events
}

// Request reads what the client sent.
func (d *Decoder) Request(p []byte) []wire.Event {
	d.log.Begin()
	for d.log.More(p) {
		used, complete, reason := d.command.feed(p[d.log.Offset:], d.options.Show)
		d.log.Offset += used
		switch {
		case reason != "":
			d.log.Blinded(reason, false)
		case complete:
			d.sent()
		}
	}
	return d.log.Events
}

// sent reads a complete command.
func (d *Decoder) sent() {
	c := &d.command
	op := describe(c.args)
	op.Values = c.hash.Sum()
	name := c.args[0]
	if name != "auth" && name != "hello" {
		op.Shown = strings.ToValidUTF8(strings.TrimSpace(string(c.shown)), "?")
	}
	d.log.Emit(wire.Event{Kind: wire.Sent, Op: op})
	second := ""
	if len(c.args) > 1 {
		second = strings.ToLower(c.args[1])
	}
	c.reset(d.options.Salt)
	switch {
	case strings.HasSuffix(name, "subscribe") || name == "monitor" || name == "psync" || name == "sync":
		d.log.Blinded("a subscription", true)
	case name == "client" && second == "reply":
		d.log.Blinded("CLIENT REPLY", false)
	case len(d.queue) >= maxQueue:
		d.log.Blinded("too many commands wait for their answers", false)
	default:
		d.queue = append(d.queue, waiting{op, name})
	}
}

// Response reads what the server sent.
func (d *Decoder) Response(p []byte) []wire.Event {
	d.log.Begin()
	for d.log.More(p) {
		d.tell(p[d.log.Offset])
		used, complete, reason := d.reply.feed(p[d.log.Offset:])
		d.log.Offset += used
		switch {
		case reason != "":
			d.log.Blinded(reason, false)
		case complete:
			d.answered()
		}
	}
	return d.log.Events
}

// tell says once for each answer where it begins; a push answers nothing.
func (d *Decoder) tell(first byte) {
	fresh := !d.reply.started && len(d.reply.line) == 0 && !d.reply.attribute
	if !d.told && fresh && first != '>' && len(d.queue) > 0 {
		d.told = true
		d.log.Emit(wire.Event{Kind: wire.Answer, Op: d.queue[0].op})
	}
}

// answered reads a complete answer.
func (d *Decoder) answered() {
	kind, null, zero, word, failures := d.reply.kind, d.reply.null, d.reply.zero, d.reply.word, d.reply.failures
	d.reply.reset()
	if kind == '>' {
		return
	}
	if len(d.queue) == 0 {
		d.log.Blinded("an answer that nobody waits for", false)
		return
	}
	w := d.queue[0]
	d.queue = d.queue[1:]
	d.told = false
	failed := kind == '-' || kind == '!'
	note := ""
	if failed {
		note = "error " + wire.General(wire.Cut(strings.ToValidUTF8(word, "?"), 40))
	}
	done := wire.Event{Kind: wire.Done, Op: w.op, Failed: failed, Note: note}
	writes := w.op.Class.Writes() && !failed && !null && !zero
	switch {
	case d.multi && w.name != "exec" && w.name != "discard" && w.name != "reset":
		if !failed && word == "QUEUED" && len(d.queued) < maxQueue {
			d.queued = append(d.queued, w.op)
			done.Queued = true
		}
		d.log.Emit(done)
	case w.name == "exec":
		d.log.Emit(done)
		d.exec(failed || null, failures)
	case w.name == "multi" && !failed:
		d.multi = true
		d.log.Emit(done)
	case w.name == "discard" || w.name == "reset":
		d.log.Emit(done)
		d.drop()
	default:
		if writes {
			done.Rows = 1
		}
		d.log.Emit(done)
		if writes {
			d.log.Emit(wire.Event{Kind: wire.Commit, Ops: []*wire.Op{w.op}})
		}
	}
	d.log.Emit(wire.Event{Kind: wire.Sync})
}

// exec ends a transaction: what was queued took effect, but for the commands that failed one by one.
func (d *Decoder) exec(refused bool, failures []int) {
	if refused {
		d.drop()
		return
	}
	failed := map[int]bool{}
	for _, i := range failures {
		failed[i] = true
	}
	var ops []*wire.Op
	for i, op := range d.queued {
		if op.Class.Writes() && !failed[i] {
			ops = append(ops, op)
		}
	}
	if len(ops) > 0 {
		d.log.Emit(wire.Event{Kind: wire.Commit, Ops: ops})
	}
	d.multi, d.queued = false, nil
}

// drop forgets what was queued.
func (d *Decoder) drop() {
	if len(d.queued) > 0 {
		d.log.Emit(wire.Event{Kind: wire.Rollback, Ops: d.queued})
	}
	d.multi, d.queued = false, nil
}
