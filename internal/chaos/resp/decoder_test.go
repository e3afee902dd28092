package resp

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

// spoken writes a command as clients do.
func spoken(words ...string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&out, "$%d\r\n%s\r\n", len(w), w)
	}
	return out.String()
}

func worded(events []wire.Event) []string {
	var out []string
	for _, e := range events {
		switch e.Kind {
		case wire.Sent:
			out = append(out, fmt.Sprintf("sent %s %s", e.Op.Shape, e.Op.Class))
		case wire.Done:
			out = append(out, fmt.Sprintf("done %s failed %t", e.Op.Shape, e.Failed))
		case wire.Commit, wire.Rollback:
			word := map[wire.EventKind]string{wire.Commit: "commit", wire.Rollback: "rollback"}[e.Kind]
			for _, op := range e.Ops {
				word += " " + op.Shape
			}
			out = append(out, word)
		case wire.Blind:
			out = append(out, "blind: "+e.Note)
		}
	}
	return out
}

func TestConversations(t *testing.T) {
	for _, c := range []struct {
		name, request, response string
		want                    []string
	}{
		{"count", spoken("INCRBY", "balance:17", "100"), ":100\r\n", []string{"sent INCRBY balance:* effect", "done INCRBY balance:* failed false", "commit INCRBY balance:*"}},
		{"set", spoken("SET", "a", "b"), "+OK\r\n", []string{"sent SET a idempotent", "done SET a failed false", "commit SET a"}},
		{"nothing taken", spoken("LPOP", "q"), "$-1\r\n", []string{"sent LPOP q effect", "done LPOP q failed false"}},
		{"error", spoken("INCR", "a"), "-WRONGTYPE x\r\n", []string{"sent INCR a effect", "done INCR a failed true"}},
		{"inline", "PING\r\n", "+PONG\r\n", []string{"sent PING control", "done PING failed false"}},
		{"push between", spoken("GET", "a"), ">2\r\n+invalidate\r\n*1\r\n$1\r\na\r\n$1\r\nb\r\n", []string{"sent GET a read", "done GET a failed false"}},
		{"attribute first", spoken("GET", "a"), "|1\r\n+ttl\r\n:5\r\n$1\r\nb\r\n", []string{"sent GET a read", "done GET a failed false"}},
		{
			"transaction", spoken("MULTI") + spoken("INCR", "a") + spoken("GET", "b") + spoken("INCR", "c") + spoken("EXEC"),
			"+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n:1\r\n$-1\r\n-ERR x\r\n",
			[]string{
				"sent MULTI control", "sent INCR a effect", "sent GET b read", "sent INCR c effect", "sent EXEC control",
				"done MULTI failed false", "done INCR a failed false", "done GET b failed false", "done INCR c failed false", "done EXEC failed false", "commit INCR a",
			},
		},
		{
			"transaction that a watch stops", spoken("MULTI") + spoken("INCR", "a") + spoken("EXEC"), "+OK\r\n+QUEUED\r\n*-1\r\n",
			[]string{"sent MULTI control", "sent INCR a effect", "sent EXEC control", "done MULTI failed false", "done INCR a failed false", "done EXEC failed false", "rollback INCR a"},
		},
		{"script", spoken("EVAL", "return 1", "0"), ":1\r\n", []string{"sent EVAL unknown", "done EVAL failed false", "commit EVAL"}},
		{"subscription", spoken("SUBSCRIBE", "c"), "*3\r\n", []string{"sent SUBSCRIBE c control", "blind: a subscription"}},
		{"a thousand million arguments", "*1000000000\r\n", "", []string{"blind: a command of a length that no command has"}},
		{"a negative length", "*1\r\n$-5\r\n", "", []string{"blind: an argument of a length that no argument has"}},
		{"an answer of unknown kind", spoken("GET", "a"), "?\r\n", []string{"sent GET a read", "blind: an answer of a kind that is not known"}},
		{"nested without end", spoken("GET", "a"), strings.Repeat("*1\r\n", maxDepth+1), []string{"sent GET a read", "blind: an array of a size that no array has"}},
		{"an answer to nothing", "", "+OK\r\n", []string{"blind: an answer that nobody waits for"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := New(wire.Options{})
			got := append(worded(d.Request([]byte(c.request))), worded(d.Response([]byte(c.response)))...)
			if !slices.Equal(got, c.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(c.want, "\n  "))
			}
		})
	}
}

// TestSecrets: passwords are not shown even where parameters are asked for.
func TestSecrets(t *testing.T) {
	d := New(wire.Options{Show: true})
	for _, e := range d.Request([]byte(spoken("AUTH", "user", "secret") + spoken("HELLO", "3", "AUTH", "user", "secret") + spoken("SET", "a", "shown"))) {
		if strings.Contains(e.Op.Shown+e.Op.Shape, "secret") {
			t.Errorf("%+v shows the password", e.Op)
		}
		if e.Op.Shape == "SET a" && !strings.Contains(e.Op.Shown, "shown") {
			t.Errorf("%+v does not show the value that was asked for", e.Op)
		}
	}
}

func FuzzDecoder(f *testing.F) {
	f.Add([]byte(spoken("MULTI")+spoken("INCR", "a")+spoken("EXEC")), []byte("+OK\r\n+QUEUED\r\n*1\r\n:1\r\n"), uint8(3))
	f.Add([]byte("PING\r\n*-1\r\n*0\r\n"), []byte(">1\r\n%1\r\n+a\r\n_\r\n|1\r\n+a\r\n#t\r\n$0\r\n\r\n"), uint8(1))
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
