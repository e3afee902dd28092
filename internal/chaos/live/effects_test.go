package live

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// effect sweeps one function of effects.py: as a test of pytest where its pools are to be looked at.
func effect(t *testing.T, name string, asTest bool, set func(*sweep.Options)) (*sweep.Result, *chaos.Report) {
	t.Helper()
	modules := []string{"psycopg", "psycopg_pool"}
	command := []string{"effects.py"}
	if asTest {
		modules, command = append(modules, "pytest"), []string{"-m", "pytest", "-q", "-p", "no:cacheprovider", "effects.py"}
	}
	interpreter := needs.Python(t, modules...)
	url := postgres(t).url(t, "")
	o := options(t, []string{"NAME=" + name, "DATABASE_URL=" + url, "TRUE_DSN=" + libpq(url), "COUNTER=" + filepath.Join(t.TempDir(), "n")}, append([]string{interpreter}, command...)...)
	o.NoProxy = true
	if set != nil {
		set(o)
	}
	r := swept(t, o)
	return r, chaos.Make(o.Dir, r)
}

// TestPools: a connection that an error path does not give back is found, and one that is given back is not.
func TestPools(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"unreturned": 1, "returned": 0, "returned_async": 0} {
		r, made := effect(t, name, true, func(o *sweep.Options) { o.Only = []string{"COMMIT"} })
		if len(r.Judgements) != 1 || !r.Judgements[0].Reached {
			t.Fatalf("%s: %+v, want COMMIT reached; problems %q", name, r.Judgements, r.Problems)
		}
		found := 0
		for _, f := range made.Findings {
			if f.Rule == chaos.Leaked && strings.Contains(f.Message, "psycopg_pool ConnectionPool is not returned") {
				found++
			}
		}
		if found != want {
			t.Errorf("%s: %d findings of %+v, want %d", name, found, made.Findings, want)
		}
	}
}

// TestStorm: attempts at a service that is out are counted, and many are a finding.
func TestStorm(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"storm": true, "calm": false} {
		r, made := effect(t, name, false, func(o *sweep.Options) { o.Kinds, o.Only = []fault.Kind{fault.Outage}, []string{"COMMIT"} })
		if len(r.Judgements) != 1 || !r.Judgements[0].Reached {
			t.Fatalf("%s: %+v, want COMMIT reached", name, r.Judgements)
		}
		found := slices.ContainsFunc(made.Findings, func(f finding.Finding) bool { return f.Rule == chaos.Storm })
		if found != want || (r.Judgements[0].Attempts >= 39) != want {
			t.Errorf("%s: found %t with %d attempts, want %t", name, found, r.Judgements[0].Attempts, want)
		}
	}
}

// TestPassesThrough: a cancel request over its own connection, and COPY in both directions, work behind the proxy.
func TestPassesThrough(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cancel", "copy"} {
		r, _ := effect(t, name, false, func(o *sweep.Options) { o.Kinds = nil })
		if len(r.Bases) != 1 || r.Bases[0].Unfit || r.Points == 0 {
			t.Errorf("%s: %d bases, %d points, problems %q", name, len(r.Bases), r.Points, r.Problems)
		}
	}
}

// TestUnreached: a point that does not come again is not judged, and is said so.
func TestUnreached(t *testing.T) {
	t.Parallel()
	r, made := effect(t, "moody", false, func(o *sweep.Options) { o.Only = []string{"INSERT"} })
	if len(r.Judgements) != 1 || r.Judgements[0].Reached {
		t.Fatalf("%+v, want one that was not reached", r.Judgements)
	}
	if len(made.Findings) != 0 || len(made.Incomplete) != 1 || !strings.Contains(made.Incomplete[0].Reason, "point not reached") {
		t.Errorf("%+v and %+v, want no finding and a point that was not reached", made.Findings, made.Incomplete)
	}
}

// TestThreads: whatever the order of threads, each point is found again.
func TestThreads(t *testing.T) {
	t.Parallel()
	r, made := effect(t, "threads", false, func(o *sweep.Options) { o.Only = []string{"INSERT"} })
	shapes := map[string]bool{}
	for _, j := range r.Judgements {
		shapes[j.Point.Shape] = j.Reached && j.Faulted.Shape == j.Point.Shape
	}
	for _, worker := range []string{"worker0", "worker1", "worker2", "worker3"} {
		if !shapes["INSERT INTO "+worker+" (note) VALUES (?) ON CONFLICT DO NOTHING"] {
			t.Errorf("%s: not among those reached: %v", worker, shapes)
		}
	}
	if len(r.Judgements) != 4 || len(made.Findings) != 0 {
		t.Errorf("%d judgements and %+v, want one for each thread and no finding", len(r.Judgements), made.Findings)
	}
}

// TestRemote: an upstream on another machine is not connected to unless that is allowed, and the run is not judged.
func TestRemote(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "psycopg")
	code := "import os, psycopg\ntry:\n    psycopg.connect(os.environ['DATABASE_URL'], connect_timeout=20)\nexcept psycopg.OperationalError:\n    pass"
	o := options(t, []string{"DATABASE_URL=postgresql://shop:hunter2@192.0.2.1/shop"}, interpreter, "-c", code)
	o.NoProxy = true
	r := swept(t, o)
	made := chaos.Make(o.Dir, r)
	said := slices.ContainsFunc(made.Incomplete, func(i finding.Incomplete) bool {
		return strings.Contains(i.Reason, "192.0.2.1:5432 is not on this machine")
	})
	if len(made.Findings) != 0 || !said {
		t.Errorf("%+v, want the refusal", made.Incomplete)
	}
}
