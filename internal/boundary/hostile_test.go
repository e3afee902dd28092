package boundary_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/boundary"
	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/engine"
)

// TestHostileMutants: a mutant that loops for ever, deletes files, exits, forks, fills memory or disk, opens the network,
// leaves a process behind, kills what it can, makes its mounts writable again, takes all descriptors or talks to a socket
// of the machine harms nothing outside, and is judged and described by what it did.
//
// It runs only where the kernel is seen to bound the number of processes, as a fault in the sandbox would otherwise fill
// the machine; TIEBEAM_HOSTILE=1 asks for it elsewhere, on a machine that may be lost.
func TestHostileMutants(t *testing.T) {
	interpreter := python(t)
	for _, hooks := range []bool{false, true} {
		t.Run(map[bool]string{false: "namespaces", true: "hooks"}[hooks], func(t *testing.T) {
			root := project(t, "hostile")
			snapshot := load(t, root)
			o := options(root, interpreter, snapshot)
			o.Hooks, o.MemoryMB = hooks, 256
			contained(t, snapshot, o)
			victim := newVictim(t)
			before := contents(t, root)
			outcome, err := boundary.Run(t.Context(), boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{All: true}), o)
			if err != nil {
				t.Fatal(err)
			}
			victim.check(t)
			if after := contents(t, root); after != before {
				t.Errorf("a mutant changed the project:\n%s\nwas\n%s", after, before)
			}
			judgeHostile(t, outcome, hooks)
			t.Logf("held by %s", outcome.Sandbox)
		})
	}
}

// contained runs the harmless one first and skips unless the level that is asked for holds it.
func contained(t *testing.T, snapshot *engine.Snapshot, o boundary.Options) {
	t.Helper()
	tame := boundary.Choice{All: true, Only: []boundary.Place{{Path: "wild.py", Symbol: "spin"}}}
	outcome, err := boundary.Run(t.Context(), boundary.Choose(snapshot.Program, snapshot.Source, tame), o)
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Sandbox == nil || o.Hooks == (outcome.Sandbox.Level == "namespaces") {
		t.Skipf("not held as this asks for: %s", outcome.Sandbox)
	}
	if !outcome.Sandbox.Bounded() && os.Getenv("TIEBEAM_HOSTILE") == "" {
		t.Skipf("nothing but Python counts processes here, and one of the mutants forks without end: %s", outcome.Sandbox)
	}
}

// victim is what the mutants try to harm: a file and a socket outside of their project.
type victim struct {
	file   string
	socket net.Listener
	heard  chan string
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	// The name of a socket is short.
	dir, err := os.MkdirTemp("", "victim")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	v := &victim{file: filepath.Join(dir, "v"), heard: make(chan string, 1)}
	write(t, v.file, "precious")
	t.Setenv("VICTIM", v.file)
	if v.socket, err = net.Listen("unix", v.file+".sock"); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(v.heard)
		for {
			c, err := v.socket.Accept()
			if err != nil {
				return
			}
			said, _ := io.ReadAll(io.LimitReader(c, 100))
			c.Close()
			v.heard <- string(said)
		}
	}()
	return v
}

// check looks at the file, and at what came through the socket.
func (v *victim) check(t *testing.T) {
	t.Helper()
	if raw, err := os.ReadFile(v.file); err != nil || string(raw) != "precious" {
		t.Errorf("a mutant got at a file outside: %q, %v", raw, err)
	}
	v.socket.Close()
	for said := range v.heard {
		t.Errorf("a mutant reached a socket outside and said %q", said)
	}
}

// judgeHostile compares the verdict on the mutant that lets 6 through, and what is told of it.
func judgeHostile(t *testing.T, outcome *boundary.Outcome, hooks bool) {
	const many, program = "start more processes than it may", "start a program"
	type told struct{ tried, how string }
	want := map[string]told{
		"spin": {}, "sweep": {"delete", ""}, "leave": {"", "exit code 0"}, "breed": {many, ""}, "hoard": {"", "MemoryError"},
		"call_home": {"connect to 192.0.2.1", ""}, "daemon": {program, ""}, "fill": {"", "File too large"},
		"kill_all": {"", "ProcessLookupError"}, "bomb": {many, ""}, "thread": {many, ""}, "whisper": {"connect to the socket", ""},
		"thaw": {"", ""}, "hold": {"", "Too many open files"},
	}
	if hooks {
		for _, name := range []string{"breed", "bomb", "thread"} {
			want[name] = told{program, ""}
		}
		want["call_home"] = told{"look up 192.0.2.1", ""}
		want["fill"], want["kill_all"] = told{"write a file of the project", ""}, told{"signal another process", ""}
	}
	for i := range outcome.Evidence.Comparisons {
		c := &outcome.Evidence.Comparisons[i]
		m := &c.Mutants[0]
		if m.To != ">=" || c.Symbol == "thaw" && hooks {
			continue // a bound of a range: how often breed forks; and the mounts of the machine are left alone
		}
		verdict := evidence.Killed
		if c.Symbol == "spin" {
			verdict = evidence.Timeout
		}
		// Those that breed has started may sleep on while it fails.
		if m.Verdict != verdict && (c.Symbol != "breed" || m.Verdict != evidence.Timeout) {
			t.Errorf("%s: %s (%s), want %s", c.Symbol, m.Verdict, m.How, verdict)
		}
		if tried := strings.Join(m.Tried, ", "); !strings.Contains(tried, want[c.Symbol].tried) {
			t.Errorf("%s: it is told that it tried %q, want %q", c.Symbol, tried, want[c.Symbol].tried)
		}
		if !strings.Contains(m.How, want[c.Symbol].how) {
			t.Errorf("%s: it is told that it ended with %q, want %q", c.Symbol, m.How, want[c.Symbol].how)
		}
		delete(want, c.Symbol)
	}
	delete(want, "thaw")
	for name := range want {
		t.Errorf("%s was not judged", name)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// contents lists the files of a folder with their sizes.
func contents(t *testing.T, root string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(root, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(name)
		fmt.Fprintf(&out, "%s %d\n", strings.TrimPrefix(name, root), len(raw))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
