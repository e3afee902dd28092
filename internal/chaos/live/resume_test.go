package live

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// sweeping names the file with the options of a sweep that this program does in place of its tests, to be killed.
const sweeping = "TIEBEAM_LIVE_SWEEP"

// sweepOnly does the sweep that the environment asks for.
func sweepOnly(file string) {
	raw, err := os.ReadFile(file)
	var o sweep.Options
	if err == nil {
		err = json.Unmarshal(raw, &o)
	}
	if err == nil {
		_, err = sweep.Run(context.Background(), &o)
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
}

// TestKilled: a sweep that is killed leaves what it has done and nothing else, and the next one goes on from there.
func TestKilled(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "psycopg")
	url := postgres(t).url(t, "")
	o := options(t, []string{"DATABASE_URL=" + url, "TRUE_DSN=" + libpq(url)}, interpreter, "traps.py", "plain-insert")
	o.NoProxy, o.AllPoints, o.Resume = true, true, filepath.Join(t.TempDir(), "kept.json")
	killed(t, o, func() bool { return done(o.Resume) > 0 })
	before := done(o.Resume)
	r := swept(t, o)
	if before == 0 || r.Known != before || r.Known+r.Runs != 3 || r.Left != 0 {
		t.Errorf("%d kept; %d known, %d runs, %d left; want three points in all", before, r.Known, r.Runs, r.Left)
	}
}

// killed does a sweep in a process of its own, which it kills when something is so, and waits until the folder of the
// session is gone.
func killed(t *testing.T, o *sweep.Options, when func() bool) {
	t.Helper()
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	described := filepath.Join(t.TempDir(), "options.json")
	if err := os.WriteFile(described, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	temporary := t.TempDir()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), sweeping+"="+described, "TMPDIR="+temporary)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	waitFor(t, when)
	c.Process.Kill()
	c.Wait()
	waitFor(t, func() bool {
		left, err := os.ReadDir(temporary)
		return err == nil && len(left) == 0
	})
}

// TestKilledLeavesNothing: a command that does not hear when it is asked to end does not outlive a sweep that is killed.
func TestKilledLeavesNothing(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	killed(t, options(t, []string{"PIDS=" + pids}, needs.Python(t, "sys"), "hostile.py", "deaf"), func() bool {
		raw, err := os.ReadFile(pids)
		return err == nil && strings.HasSuffix(string(raw), " ")
	})
	gone(t, pids)
}

// done counts the judgements that a file keeps. It is whole at any moment.
func done(name string) int {
	raw, err := os.ReadFile(name)
	var kept struct{ Done []*verdict.Judgement }
	if err != nil || json.Unmarshal(raw, &kept) != nil {
		return 0
	}
	return len(kept.Done)
}

// TestUpstreamDies: where the service goes away in the middle of a sweep the rest is not judged, and says why.
func TestUpstreamDies(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "redis")
	address, stop := redisToStop(t)
	o := options(t, []string{"REDIS_URL=redis://" + address + "/0", "TRUE_REDIS=at " + address}, interpreter, "cache.py", "multi")
	o.NoProxy, o.AllPoints = true, true
	o.Progress = func(p sweep.Progress) {
		if p.Total > 0 && p.Done == 1 {
			stop()
		}
	}
	r := swept(t, o)
	made := chaos.Make(o.Dir, r)
	if len(r.Judgements) < 2 || !r.Judgements[0].Reached || len(made.Incomplete) == 0 {
		t.Fatalf("%d judgements, not judged: %+v; want the first judged and the rest not", len(r.Judgements), made.Incomplete)
	}
	for _, j := range r.Judgements[1:] {
		if j.Reached || len(j.Duplicates) > 0 || len(j.Withheld) == 0 {
			t.Errorf("%s: reached %t, %+v, withheld %q", j.Point, j.Reached, j.Duplicates, j.Withheld)
		}
	}
}

// TestPortTaken: a port that somebody else has is an error of use that names it.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	o := options(t, nil, needs.Python(t, "sys"), "-c", "pass")
	o.Forwards = []sweep.Forward{{Protocol: wire.Redis, Listen: l.Addr().String(), Upstream: "127.0.0.1:1"}}
	if _, err := sweep.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "listen on "+l.Addr().String()) {
		t.Errorf("%v, want the port that is taken", err)
	}
}
