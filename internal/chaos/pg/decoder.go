package pg

import (
	"fmt"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// Limits of what a connection may make us remember. What is beyond makes it blind.
const (
	// maxStatements bounds the names of prepared statements and of portals that are remembered, the oldest go first.
	maxStatements = 10_000
	// maxQueue bounds the requests that wait for their answers.
	maxQueue = 100_000
	// maxName is the length from which a name is remembered by its hash; the server itself cuts off names at 63 bytes only
	// where they are of SQL.
	maxName = 64
	// maxShown bounds parameters in clear, in bytes.
	maxShown = 1 << 10
)

// waiting is a request whose answer has not come.
type waiting struct {
	kind byte
	op   *wire.Op
	stmt *statement
	// answered is true once the first message of the answer was seen.
	answered bool
}

// Decoder reads one connection. It implements wire.Decoder.
type Decoder struct {
	options     wire.Options
	front, back frames

	log     wire.Log
	started bool // the startup packet was seen
	ready   bool // the first ReadyForQuery was seen

	statements names[*statement]
	portals    names[*bound]
	queue      []waiting
	skipping   bool // an error came in a pipeline whose Sync has not been sent yet

	pending []*wire.Op // written, and neither committed nor taken back
	marks   []mark     // savepoints, in the order in which they were set
	failed  bool       // an error came since the last ReadyForQuery
	wrote   int64      // rows of the simple query that is being answered
	copied  bool       // rows of the coming tag went out, not in
	tag     string
}

// bound is a portal: a statement with its parameters.
type bound struct {
	stmt   *statement
	values uint64
	shown  string
}

// mark is a savepoint and how much was pending when it was set.
type mark struct {
	name string
	at   int
}

var _ wire.Decoder = (*Decoder)(nil)

// New returns a decoder for a connection that has not begun.
func New(options wire.Options) *Decoder {
	d := &Decoder{options: options}
	d.front.keep = func(kind byte) bool {
		switch kind {
		case 0, 'Q', 'P', 'B', 'E', 'C', 'F':
			return true
		}
		return false
	}
	d.back.typed = true
	d.back.keep = func(kind byte) bool { return kind == 'C' || kind == 'Z' || kind == 'E' }
	return d
}

// Waiting says whether a Query or a Sync has not been answered by ReadyForQuery yet.
func (d *Decoder) Waiting() bool {
	for _, w := range d.queue {
		if w.kind == 'Q' || w.kind == 'S' || w.kind == 'F' {
			return true
		}
	}
	return false
}

// Request reads what the client sent.
func (d *Decoder) Request(p []byte) []wire.Event {
	d.log.Begin()
	for d.log.More(p) {
		used, f, complete, _, bad := d.front.next(p[d.log.Offset:])
		d.log.Offset += used
		if bad {
			d.log.Refuse("a frame of a length that no frame has")
			break
		}
		if complete {
			d.request(f)
		}
	}
	return d.log.Events
}

// Response reads what the server sent.
func (d *Decoder) Response(p []byte) []wire.Event {
	d.log.Begin()
	for d.log.More(p) {
		at := d.log.Offset
		used, f, complete, begun, bad := d.back.next(p[at:])
		if begun && d.ready {
			d.answer(d.back.kind(), at)
		}
		d.log.Offset += used
		if bad {
			d.log.Refuse("a frame of a length that no frame has")
			break
		}
		if complete {
			d.response(f)
		}
	}
	return d.log.Events
}

// Closed is told that the server hung up. What was pending is taken back by the server.
func (d *Decoder) Closed() []wire.Event {
	d.log.Begin()
	d.rollback(0)
	return d.log.Events
}

// push makes a request wait for its answer.
func (d *Decoder) push(w waiting) {
	if len(d.queue) >= maxQueue {
		d.log.Blinded("too many requests wait for their answers", false)
		return
	}
	d.queue = append(d.queue, w)
}

func (d *Decoder) pop() { d.queue = d.queue[1:] }

// at is the operation that is being answered, nil for none.
func (d *Decoder) at() *wire.Op {
	if len(d.queue) > 0 {
		return d.queue[0].op
	}
	return nil
}

// commit makes what is pending durable.
func (d *Decoder) commit() {
	if len(d.pending) > 0 {
		d.log.Emit(wire.Event{Kind: wire.Commit, Op: d.at(), Ops: d.pending})
	}
	d.pending, d.marks = nil, nil
}

// rollback takes back what is pending from an index on.
func (d *Decoder) rollback(from int) {
	if from < len(d.pending) {
		d.log.Emit(wire.Event{Kind: wire.Rollback, Op: d.at(), Ops: d.pending[from:len(d.pending):len(d.pending)]})
		d.pending = d.pending[:from]
	}
	if from == 0 {
		d.marks = nil
	}
}

// names is a bounded map from names that a peer chooses; the oldest go first.
type names[T any] struct {
	values map[string]T
	order  []string
}

func (n *names[T]) set(name string, value T) {
	name = short(name)
	if n.values == nil {
		n.values = map[string]T{}
	}
	if _, known := n.values[name]; !known {
		n.order = append(n.order, name)
	}
	n.values[name] = value
	for len(n.values) > maxStatements || len(n.order) > 2*maxStatements {
		delete(n.values, n.order[0])
		n.order = n.order[1:]
	}
}

func (n *names[T]) get(name string) (T, bool) {
	value, known := n.values[short(name)]
	return value, known
}

func (n *names[T]) drop(name string) { delete(n.values, short(name)) }

// short is a name, or a hash of one that is long.
func short(name string) string {
	if len(name) < maxName {
		return name
	}
	return fmt.Sprintf("%064x", wire.NewHash(0).AddString(name).Sum())
}
