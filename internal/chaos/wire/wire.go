package wire

// Protocol names what is spoken on a connection.
type Protocol string

// The protocols. Opaque is a stream that nobody reads: faults at its bytes, and no verdict.
const (
	Postgres Protocol = "postgres"
	HTTP     Protocol = "http"
	Redis    Protocol = "redis"
	Opaque   Protocol = "opaque"
)

// Class says what it means to do an operation twice. The zero value is Control.
type Class uint8

// The classes, from the harmless to the undecided.
const (
	// Control changes nothing that lasts by itself: BEGIN, COMMIT, SET, PING.
	Control Class = iota
	// Read changes nothing.
	Read
	// Idempotent writes, and twice is the same as once: an absolute UPDATE, an upsert, a DELETE, PUT, SET.
	Idempotent
	// Effect writes, and twice is not once.
	Effect
	// Unknown cannot be decided on the wire: a function call, a script, a stored procedure.
	Unknown
)

var classNames = [...]string{"control", "read", "idempotent", "effect", "unknown"}

// String is the name of the class in reports.
func (c Class) String() string {
	if int(c) < len(classNames) {
		return classNames[c]
	}
	return "class?"
}

// Writes says whether an operation of this class may change something that lasts.
func (c Class) Writes() bool { return c >= Idempotent }

// Op is one request and the answer that its sender waits for. A decoder makes it, and completes Values and Shown until it is Done; nobody
// else changes it.
type Op struct {
	Protocol Protocol
	// Shape identifies the operation without values and without its connection: a statement with its literals taken
	// out, a method and path, a command and its key.
	Shape string
	// Target is what is written: a table, a path, a key; empty where it is not known.
	Target string
	Class  Class
	// Key is a salted hash of the idempotency key that the request carries, 0 where it carries none.
	Key uint64
	// Values is a salted hash of the parameters or the body.
	Values uint64
	// Shown are the parameters in clear, filled only where they were asked for.
	Shown string
	// Calls is true where the operation calls something that may write unseen, such as SELECT f().
	Calls bool
	// Foreign is true where the request is not what its shape says, because its statement was never seen.
	Foreign bool
}

// EventKind says what an Event tells.
type EventKind uint8

// The events, in the order in which those of one operation come.
const (
	// Sent: what decides about Op is complete before Offset: the request, or the head of one with a body. A peer that
	// never gets the last byte of it does not execute Op.
	Sent EventKind = iota
	// Answer: the answer to Op begins at Offset.
	Answer
	// Done: the answer to Op is complete before Offset, and so Op was executed, or refused where Failed is true.
	Done
	// Commit: Ops are durable. Op is what is being answered; nil where the last Done was it.
	Commit
	// Rollback: Ops were taken back.
	Rollback
	// Sync: the round trip is over; nothing that was sent before waits for its end any more.
	Sync
	// Blind: what follows on this connection cannot be read; Note says why. Bytes pass on unchanged.
	Blind
	// Refuse: the stream breaks the protocol in a way that must not be passed on; the connection is to be closed.
	Refuse
)

// Event is what a decoder saw at one offset of the bytes it was just fed.
type Event struct {
	Kind EventKind
	// Offset counts from the start of the fed bytes; 0 is also what lay in bytes fed earlier.
	Offset int
	Op     *Op
	// Ops are those that Commit and Rollback speak of.
	Ops []*Op
	// Rows is how much Op wrote; 0 where it wrote nothing.
	Rows int64
	// Failed is true where the peer refused.
	Failed bool
	// Queued is true for a Done of what a later operation executes, as EXEC does.
	Queued bool
	// Quiet is true for a Blind that says nothing about effects, such as a subscription.
	Quiet bool
	// Note is the peer's word (a command tag, a status line without values) or the reason of Blind and Refuse.
	Note string
}

// Decoder reads a copy of both directions of one connection. Its methods are called one at a time, a request before
// its answer; the slices they return are valid until the next call. A decoder never fails: what it cannot read makes it blind.
type Decoder interface {
	// Request is fed what the client sent.
	Request(p []byte) []Event
	// Response is fed what the server sent.
	Response(p []byte) []Event
	// Closed is told that the server has closed its side.
	Closed() []Event
	// Waiting says whether something that was sent still waits for its round trip to end.
	Waiting() bool
}

// Options are what all decoders need to know.
type Options struct {
	// Salt makes hashes of values useless outside of this run.
	Salt uint64
	// Show keeps parameters in clear.
	Show bool
}
