package pg

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// message builds a typed message.
func message(kind byte, body string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)), body...)
}

// startup is the first message of a client.
func startup() []byte {
	body := "\x00\x03\x00\x00user\x00tester\x00\x00"
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+4)), body...)
}

func query(s string) []byte       { return message('Q', s+"\x00") }
func parse(name, s string) []byte { return message('P', name+"\x00"+s+"\x00\x00\x00") }
func bind(portal, name string) []byte {
	return message('B', portal+"\x00"+name+"\x00\x00\x00\x00\x00\x00\x00")
}
func execute(portal string) []byte { return message('E', portal+"\x00\x00\x00\x00\x00") }
func tag(s string) []byte          { return message('C', s+"\x00") }
func ready(status string) []byte   { return message('Z', status) }
func failure(code string) []byte {
	return message('E', "SERROR\x00C"+code+"\x00Mduplicate key value (secret)\x00\x00")
}
func join(parts ...[]byte) []byte      { return slices.Concat(parts...) }
func said(e wire.Event, s string) bool { return strings.Contains(e.Note, s) }

// step is what one side sends.
type step struct {
	server bool
	bytes  []byte
}

func client(parts ...[]byte) step { return step{false, join(parts...)} }
func answer(parts ...[]byte) step { return step{true, join(parts...)} }

// story runs a conversation behind a startup and words its events.
func story(t *testing.T, steps ...step) []string {
	t.Helper()
	d := New(wire.Options{})
	d.Request(startup())
	d.Response(join(message('R', "\x00\x00\x00\x00"), ready("I")))
	var out []string
	for _, s := range steps {
		events := d.Request
		if s.server {
			events = d.Response
		}
		for _, e := range events(s.bytes) {
			out = append(out, worded(e))
		}
	}
	return out
}

func worded(e wire.Event) string {
	names := map[wire.EventKind]string{wire.Sent: "sent", wire.Answer: "answer", wire.Done: "done", wire.Commit: "commit", wire.Rollback: "rollback", wire.Sync: "sync", wire.Blind: "blind", wire.Refuse: "refuse"}
	out := names[e.Kind]
	switch e.Kind {
	case wire.Sent, wire.Answer:
		out += " " + e.Op.Shape
	case wire.Done:
		out += fmt.Sprintf(" %s %d", e.Op.Shape, e.Rows)
		if e.Failed {
			out += " failed"
		}
	case wire.Commit, wire.Rollback:
		for _, op := range e.Ops {
			out += " " + op.Shape
		}
	case wire.Blind, wire.Refuse:
		out += ": " + e.Note
	}
	return out
}

func TestConversations(t *testing.T) {
	const insert, shaped = "INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (?)"
	for _, c := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{
			"simple query outside of a transaction",
			[]step{client(query(insert)), answer(tag("INSERT 0 1"), ready("I"))},
			[]string{"sent " + shaped, "answer " + shaped, "done " + shaped + " 1", "commit " + shaped, "sync"},
		},
		{
			"transaction of simple queries",
			[]step{client(query("BEGIN")), answer(tag("BEGIN"), ready("T")), client(query(insert)), answer(tag("INSERT 0 1"), ready("T")), client(query("COMMIT")), answer(tag("COMMIT"), ready("I"))},
			[]string{"sent BEGIN", "answer BEGIN", "done BEGIN 0", "sync", "sent " + shaped, "answer " + shaped, "done " + shaped + " 1", "sync", "sent COMMIT", "answer COMMIT", "commit " + shaped, "done COMMIT 0", "sync"},
		},
		{
			"a commit that becomes a rollback",
			[]step{client(query("BEGIN")), answer(tag("BEGIN"), ready("T")), client(query(insert)), answer(tag("INSERT 0 1"), ready("T")), client(query("COMMIT")), answer(tag("ROLLBACK"), ready("I"))},
			[]string{"sent BEGIN", "answer BEGIN", "done BEGIN 0", "sync", "sent " + shaped, "answer " + shaped, "done " + shaped + " 1", "sync", "sent COMMIT", "answer COMMIT", "rollback " + shaped, "done COMMIT 0", "sync"},
		},
		{
			"extended query, answer in pieces",
			[]step{client(parse("", insert), bind("", ""), message('D', "P\x00"), execute(""), message('S', "")), answer(message('1', ""), message('2', "")), answer(message('n', ""), tag("INSERT 0 1"), ready("I"))},
			[]string{"sent " + shaped, "answer " + shaped, "done " + shaped + " 1", "commit " + shaped, "sync"},
		},
		{
			"an error in the middle of a pipeline",
			[]step{
				client(parse("", insert), bind("", ""), execute(""), parse("", "UPDATE t SET a = 1"), bind("", ""), execute(""), message('S', "")),
				answer(message('1', ""), message('2', ""), tag("INSERT 0 1"), failure("42P01"), ready("I")),
			},
			[]string{"sent " + shaped, "sent UPDATE t SET a = ?", "answer " + shaped, "done " + shaped + " 1", "done UPDATE t SET a = ? 0 failed", "rollback " + shaped, "sync"},
		},
		{
			"an insert that meets a conflict writes nothing",
			[]step{client(query(insert + " ON CONFLICT DO NOTHING")), answer(tag("INSERT 0 0"), ready("I"))},
			[]string{"sent " + shaped + " ON CONFLICT DO NOTHING", "answer " + shaped + " ON CONFLICT DO NOTHING", "done " + shaped + " ON CONFLICT DO NOTHING 0", "sync"},
		},
		{
			"a savepoint takes back what came after it",
			[]step{
				client(query("BEGIN; " + insert + "; SAVEPOINT a; DELETE FROM t")), answer(tag("BEGIN"), tag("INSERT 0 1"), tag("SAVEPOINT"), tag("DELETE 3"), ready("T")),
			},
			[]string{"sent BEGIN; " + shaped + "; SAVEPOINT a; DELETE FROM t", "answer BEGIN; " + shaped + "; SAVEPOINT a; DELETE FROM t", "done BEGIN; " + shaped + "; SAVEPOINT a; DELETE FROM t 4", "sync"},
		},
		{"an empty command tag", []step{client(query("x")), answer(message('C', ""))}, []string{"sent x", "answer x", "blind: a command tag without a command"}},
		{"a ReadyForQuery without a body", []step{client(query("x")), answer(ready(""))}, []string{"sent x", "answer x", "blind: a ReadyForQuery that nobody waits for"}},
		{"an answer without a request", []step{answer(tag("INSERT 0 1"))}, []string{"blind: a command tag without a command"}},
		{"a frame of length 0", []step{client([]byte{'Q', 0, 0, 0, 0})}, []string{"refuse: a frame of a length that no frame has"}},
		{"a frame of length 3", []step{client([]byte{'Q', 0, 0, 0, 3})}, []string{"refuse: a frame of a length that no frame has"}},
		{"a frame of 1 GiB", []step{client([]byte{'Q', 0x40, 0, 0, 0})}, []string{"refuse: a frame of a length that no frame has"}},
		{"a frame of 4 GiB", []step{answer([]byte{'D', 0xff, 0xff, 0xff, 0xff})}, []string{"refuse: a frame of a length that no frame has"}},
		{
			"a Bind for a statement that was never seen",
			[]step{client(bind("", "gone"), execute(""), message('S', "")), answer(message('2', ""), tag("INSERT 0 1"), ready("I"))},
			[]string{"sent a statement that was never seen", "answer a statement that was never seen", "done a statement that was never seen 1", "commit a statement that was never seen", "sync"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := story(t, c.steps...); !slices.Equal(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

// TestSplit: cut anywhere, the stream means the same.
func TestSplit(t *testing.T) {
	request := join(parse("a", "INSERT INTO t VALUES ($1)"), bind("", "a"), execute(""), message('S', ""))
	response := join(message('1', ""), message('2', ""), tag("INSERT 0 1"), ready("I"))
	whole := story(t, client(request), answer(response))
	for i := range request {
		for k := range response {
			parts := story(t, client(request[:i]), client(request[i:]), answer(response[:k]), answer(response[k:]))
			if !slices.Equal(parts, whole) {
				t.Fatalf("cut at %d and %d: %q, want %q", i, k, parts, whole)
			}
		}
	}
}

// TestSecrets: the words of an error and constants are in no event.
func TestSecrets(t *testing.T) {
	d := New(wire.Options{})
	d.Request(startup())
	d.Response(ready("I"))
	all := slices.Clone(d.Request(query("UPDATE t SET password = 'secret' WHERE token = $$secret$$")))
	for _, e := range append(all, d.Response(join(failure("23505"), ready("I")))...) {
		if said(e, "secret") || e.Op != nil && (strings.Contains(e.Op.Shape, "secret") || e.Op.Shown != "") {
			t.Errorf("%+v tells the secret: %+v", e, e.Op)
		}
	}
}

// TestMany: a client cannot make the decoder remember without bound, and a COPY of any size is not kept.
func TestMany(t *testing.T) {
	d := New(wire.Options{})
	d.Request(startup())
	d.Response(ready("I"))
	for i := range 3 * maxStatements {
		d.Request(parse(fmt.Sprint("s", i), "SELECT 1"))
		d.Response(message('1', ""))
	}
	if len(d.statements.values) > maxStatements || len(d.statements.order) > 2*maxStatements {
		t.Errorf("%d statements and %d names are kept", len(d.statements.values), len(d.statements.order))
	}
	block := message('d', strings.Repeat("x", 1<<20))
	for range 200 {
		d.Request(block)
	}
	if cap(d.front.body) > 2*maxKept {
		t.Errorf("%d bytes of a COPY are kept", cap(d.front.body))
	}
}

func TestShape(t *testing.T) {
	for _, c := range []struct{ statement, want string }{
		{"SELECT  *\nFROM t -- why\nWHERE a = 'it''s' AND b=1.5e3;", "SELECT * FROM t WHERE a = ? AND b=?"},
		{`INSERT INTO t1 ("Col 1") VALUES ($1, E'a\'b', $tag$x'y$tag$)`, `INSERT INTO t1 ("Col 1") VALUES (?, ?, ?)`},
		{"/* a /* nested */ b */ DELETE FROM t2", "DELETE FROM t2"},
		{"", ""},
	} {
		if got, _ := shape(c.statement); got != c.want {
			t.Errorf("shape(%q) = %q, want %q", c.statement, got, c.want)
		}
	}
}

func TestUnderstand(t *testing.T) {
	for _, c := range []struct {
		statement string
		class     wire.Class
		calls     bool
	}{
		{"BEGIN", wire.Control, false},
		{"SELECT count(*), lower(a) FROM t WHERE b IN (1, 2)", wire.Read, false},
		{"SELECT pay(1)", wire.Read, true},
		{"INSERT INTO t (a) VALUES (1)", wire.Effect, false},
		{"INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = excluded.b", wire.Idempotent, false},
		{"INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET b = t.b + 1", wire.Effect, false},
		{"UPDATE t SET a = 1", wire.Idempotent, false},
		{"UPDATE t SET a = a + 1", wire.Effect, false},
		{"DELETE FROM t", wire.Idempotent, false},
		{"WITH x AS (INSERT INTO t VALUES (1) RETURNING a) SELECT * FROM x", wire.Effect, false},
		{"COPY t (a) FROM STDIN", wire.Effect, false},
		{"COPY t TO STDOUT", wire.Read, false},
		{"CREATE TABLE t (a int)", wire.Idempotent, false},
		{"CALL pay(1)", wire.Unknown, true},
		{"NOTIFY c", wire.Effect, false},
		{"", wire.Control, false},
	} {
		if got := understand(c.statement, wire.Options{}).op; got.Class != c.class || got.Calls != c.calls {
			t.Errorf("%q is %s, calls %t; want %s, %t", c.statement, got.Class, got.Calls, c.class, c.calls)
		}
	}
}

// FuzzDecoder: no frames make it panic, and its offsets stay inside of what it was fed and in order.
func FuzzDecoder(f *testing.F) {
	f.Add(join(parse("a", "INSERT INTO t VALUES ($1)"), bind("", "a"), execute(""), message('S', "")), join(message('1', ""), message('2', ""), tag("INSERT 0 1"), ready("I")), uint8(3))
	f.Add(query("BEGIN; INSERT INTO t VALUES (1); SAVEPOINT a; ROLLBACK TO a"), join(tag(""), ready("")), uint8(1))
	f.Add(join(execute(""), message('F', ""), message('X', "")), join(failure("57P01"), message('H', ""), message('s', "")), uint8(7))
	f.Fuzz(func(t *testing.T, request, response []byte, cut uint8) {
		d := New(wire.Options{Show: true})
		check := func(events []wire.Event, size int) {
			last := 0
			for _, e := range events {
				if e.Offset < last || e.Offset > size {
					t.Fatalf("offset %d behind %d, of %d bytes", e.Offset, last, size)
				}
				last = e.Offset
			}
		}
		check(d.Request(startup()), len(startup()))
		check(d.Response(ready("I")), 6)
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
		d.Waiting()
	})
}

// FuzzShape: any text has a shape, whose own shape is the same.
func FuzzShape(f *testing.F) {
	f.Add("SELECT 'a' /* b */, $1, $$c$$ FROM \"d\"")
	f.Fuzz(func(t *testing.T, s string) {
		out, _ := shape(s)
		if len(out) > maxShape {
			t.Fatalf("%d bytes", len(out))
		}
		understand(s, wire.Options{Show: true})
	})
}
