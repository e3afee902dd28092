//go:build linux

package probe

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

func describe(args []string) *proc.Description { return &proc.Description{Args: args} }

func TestDecodeLimits(t *testing.T) {
	long := strings.Repeat("é", 2000)
	line, err := json.Marshal(map[string]any{
		"v": 1, "type": "stats",
		"pools": []any{map[string]any{"kind": long, "name": "p", "size": -4, "waiting": -1, "requests": -2.5}},
		"loops": []any{map[string]any{"id": 1, "impl": "asyncio", "tasks": -9, "lag": map[string]any{"sum": -1, "buckets": make([]int, 900)}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := decode(line)
	if err != nil {
		t.Fatal(err)
	}
	p, l := m.Pools[0], m.Loops[0]
	if len(p.Kind) > maxString || !strings.HasSuffix(p.Kind, "é") || p.Size != 0 || p.Waiting != 0 || p.Requests != 0 {
		t.Errorf("pool %+v", p)
	}
	if l.Tasks != -1 || l.Lag.Sum != 0 || len(l.Lag.Counts) != maxList {
		t.Errorf("loop %+v", l)
	}
	for _, bad := range []string{"", "x", "[]", `{"v":2,"type":"stats"}`, `{"v":1,"type":"hello","bounds":[2,1]}`, `{"v":1,"pools":7}`, `{"v":1,"loops":[{"lag":{"sum":NaN}}]}`} {
		if _, err := decode([]byte(bad)); err == nil {
			t.Errorf("%s is a message", bad)
		}
	}
}

// FuzzDecode: nothing that comes over the socket makes a panic or a negative count.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"type":"hello","bounds":[0.1,1]}`))
	f.Add([]byte(`{"v":1,"type":"stats","loops":[{"id":1,"tasks":3,"lag":{"buckets":[1],"sum":1,"count":1,"max":0.1}}],"pools":[{"size":1}],"opened":[{"open":-1}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		m, err := decode(line)
		if err != nil {
			return
		}
		for _, p := range m.Pools {
			if p.Size < 0 || p.Waiting < 0 || len(p.Name) > maxString {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// TestHostileSpeakers: a line without end, one that is none, and more speakers than there may be cost their own
// connection only.
func TestHostileSpeakers(t *testing.T) {
	heard := make(chan struct{}, 64)
	l, err := Listen(func() time.Time { heard <- struct{}{}; return time.Now() })
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dial := func() net.Conn {
		conn, err := net.Dial("unix", l.socketPath())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	for _, text := range []string{strings.Repeat("x", 2*maxLine), "{}\n", "\x00\xff\n"} {
		conn := dial()
		conn.Write([]byte(text))
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		if n, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Errorf("after %.10q the connection is still open: %d, %v", text, n, err)
		}
	}
	good := dial()
	good.Write([]byte(`{"v":1,"type":"stats","faults":3}` + "\n"))
	<-heard
	view, ok := l.View(os.Getpid())
	if !ok || view.Stats.Faults != 3 || view.PID != os.Getpid() {
		t.Errorf("view %+v, %v", view, ok)
	}
	for range 2 * maxConnections {
		dial()
	}
	info, err := os.Stat(l.socketPath())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(filepath.Dir(l.socketPath())); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder %v, %v", info.Mode(), err)
	}
}

func TestEnvironment(t *testing.T) {
	l := &Listener{dir: "/tmp/x"}
	got := strings.Join(l.Environment([]string{"A=1", "PYTHONPATH=/srv", "TIEBEAM_AGENT_SOCKET=/old", "B="}), " ")
	if want := "A=1 B= PYTHONPATH=/tmp/x:/srv TIEBEAM_AGENT_SOCKET=/tmp/x/agent.sock"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
