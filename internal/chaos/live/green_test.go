package live

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// TestNeverGreen: what cannot be judged is said with its reason, test by test, and does not hide what can.
func TestNeverGreen(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "psycopg", "pytest")
	url := postgres(t).url(t, "")
	o := options(t, []string{"DATABASE_URL=" + url, "COUNTER=" + filepath.Join(t.TempDir(), "n")}, interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", "fixture_cases.py")
	o.NoProxy, o.Only = true, []string{"COMMIT"}
	r := swept(t, o)
	made := chaos.Make(o.Dir, r)
	for test, reason := range map[string]string{
		"test_rolled_back": "rolled back after it", "test_unstable": "unstable baseline", "test_fails": "fails without any fault",
	} {
		said := false
		for _, i := range made.Incomplete {
			said = said || strings.HasSuffix(i.Path, "::"+test) && strings.Contains(i.Reason, reason)
		}
		if !said {
			t.Errorf("%s: want %q among %+v", test, reason, made.Incomplete)
		}
	}
	tests := map[string]bool{}
	for _, j := range r.Judgements {
		if len(j.Duplicates) > 0 {
			tests[j.Point.Test] = true
		}
	}
	if len(tests) != 2 || !tests["fixture_cases.py::test_first"] || !tests["fixture_cases.py::test_second"] {
		t.Errorf("found in %v, want test_first and test_second", tests)
	}
}

// TestWorkers: with xdist each operation belongs to the test of its own worker.
func TestWorkers(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "psycopg", "pytest", "xdist")
	url := postgres(t).url(t, "")
	o := options(t, []string{"DATABASE_URL=" + url, "COUNTER=none"}, interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "fixture_cases.py", "-k", "first or second")
	o.NoProxy, o.Only = true, []string{"COMMIT"}
	r := swept(t, o)
	if len(r.Judgements) != 2 {
		t.Fatalf("%d judgements, want one for each test", len(r.Judgements))
	}
	for _, j := range r.Judgements {
		if !j.Reached || len(j.Duplicates) != 1 {
			t.Errorf("%s: reached %t, %d duplicates", j.Point.Test, j.Reached, len(j.Duplicates))
		}
	}
}

// TestShuffled: tests that run in another order each time are told apart by their names and what they do: what is found
// is true of its test, and what an order took away is said.
func TestShuffled(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "psycopg", "pytest")
	url := postgres(t).url(t, "")
	orders := filepath.Join(t.TempDir(), "orders")
	o := options(t, []string{"DATABASE_URL=" + url, "ORDERS=" + orders}, interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", "shuffled/cases.py")
	o.NoProxy, o.Only = true, []string{"COMMIT"}
	r := swept(t, o)
	made := chaos.Make(o.Dir, r)
	raw, err := os.ReadFile(orders)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(raw))
	if slices.Sort(lines); len(slices.Compact(lines)) < 2 {
		t.Fatalf("%q: want several orders", raw)
	}
	found := map[string]int{}
	for _, j := range r.Judgements {
		if j.Reached && j.Faulted.Test != j.Point.Test {
			t.Errorf("%s: struck in %s", j.Point, j.Faulted.Test)
		}
		for _, d := range j.Duplicates {
			if d.Again.Test != j.Point.Test {
				t.Errorf("%s: a duplicate of %s", j.Point, d.Again.Test)
			}
			found[j.Point.Test]++
		}
	}
	if want := map[string]int{"shuffled/cases.py::test_retries": 1, "shuffled/cases.py::test_retries_too": 1}; !maps.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
	said := slices.ContainsFunc(made.Incomplete, func(i finding.Incomplete) bool {
		return strings.HasSuffix(i.Path, "::test_hangs_on_the_order") && (strings.Contains(i.Reason, "unstable baseline") || strings.Contains(i.Reason, "point not reached"))
	})
	if !said {
		t.Errorf("%+v: want the reason why test_hangs_on_the_order is not judged", made.Incomplete)
	}
}

// TestNoTraffic: a command that uses no service, and one that fails, are not judged.
func TestNoTraffic(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "sys")
	for _, c := range []struct{ code, reason string }{
		{"pass", "no traffic was seen"},
		{"raise SystemExit('wrong')", "ends with 1 and no traffic was seen"},
	} {
		r := swept(t, options(t, nil, interpreter, "-c", c.code))
		made := chaos.Make(".", r)
		if len(made.Findings) != 0 || len(made.Incomplete) != 1 || !strings.Contains(made.Incomplete[0].Reason, c.reason) {
			t.Errorf("%s: %+v, want %s", c.code, made.Incomplete, c.reason)
		}
	}
}

// TestEncrypted: HTTPS is taken apart with an authority of the session, and its clients trust it.
func TestEncrypted(t *testing.T) {
	interpreter := needs.Python(t, "requests", "httpx", "aiohttp")
	pay := newProvider(t, true)
	for _, client := range []string{"urllib", "requests", "httpx", "aiohttp"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			r := swept(t, options(t, []string{"SECURE_PAY=" + strings.Replace(pay.URL, "127.0.0.1", "localhost", 1)}, interpreter, "clients.py", client))
			if len(r.Judgements) != 1 || len(r.Judgements[0].Duplicates) != 1 {
				t.Errorf("%+v, want one point with one duplicate; refused %q", r.Judgements, r.Refused)
			}
		})
	}
}

// TestTLS: PostgreSQL over TLS on either hop, with SCRAM.
func TestTLS(t *testing.T) {
	interpreter := needs.Python(t, "psycopg", "asyncpg")
	for _, c := range []struct{ name, parameters, client, mode string }{
		{"plain to plain", "", "psycopg", "-"},
		{"plain to TLS", "?sslmode=require", "psycopg", "-"},
		{"TLS to plain", "", "psycopg", "require"},
		{"TLS to TLS", "?sslmode=require", "psycopg", "require"},
		{"direct TLS to plain", "", "psycopg", "require&sslnegotiation=direct"},
		{"direct TLS to TLS", "?sslmode=require", "psycopg", "require&sslnegotiation=direct"},
		{"plain to TLS, asyncpg", "?sslmode=require", "asyncpg", "-"},
		{"TLS to plain, asyncpg", "", "asyncpg", "require"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := postgres(t).url(t, c.parameters)
			o := options(t, []string{"DATABASE_URL=" + url}, interpreter, "tls.py", c.client, c.mode)
			o.NoProxy, o.Kinds = true, nil
			r := swept(t, o)
			if len(r.Bases) != 1 || r.Bases[0].Unfit || r.Points == 0 {
				t.Errorf("problems %q, points %d", r.Problems, r.Points)
			}
		})
	}
}

// TestHostileCommands: what a command prints is not kept, what it leaves behind is ended, and so is one that is deaf.
func TestHostileCommands(t *testing.T) {
	interpreter := needs.Python(t, "sys")
	for _, c := range []struct{ how, reason string }{
		{"prints", "no traffic"}, {"daemon", "no traffic"}, {"deaf", "did not end within"}, {"mute", "no traffic"}, {"escapes", "no traffic"},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			pids := filepath.Join(t.TempDir(), "pids")
			o := options(t, []string{"PIDS=" + pids}, interpreter, "hostile.py", c.how)
			if c.how == "deaf" {
				o.RunLimit = 3 * time.Second
			}
			r := swept(t, o)
			if len(r.Problems) != 1 || !strings.Contains(r.Problems[0], c.reason) || len(r.Problems[0]) > 1000 {
				t.Errorf("%q, want %s", r.Problems, c.reason)
			}
			if c.how == "escapes" {
				// It left its group, and what is not ours we do not end: but it does not hold us up.
				ended(t, pids)
				return
			}
			gone(t, pids)
		})
	}
}

// TestInterrupt: an interrupt ends the command, takes away the folder of the session and leaves what was done for the
// next sweep, which goes on from there.
func TestInterrupt(t *testing.T) {
	interpreter := needs.Python(t, "psycopg")
	url := postgres(t).url(t, "")
	t.Setenv("TMPDIR", t.TempDir())
	o := options(t, []string{"DATABASE_URL=" + url, "TRUE_DSN=" + libpq(url)}, interpreter, "traps.py", "plain-insert")
	o.NoProxy, o.AllPoints, o.Resume = true, true, filepath.Join(t.TempDir(), "kept.json")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.Progress = func(p sweep.Progress) {
		if p.Total > 0 && p.Done == 1 {
			cancel()
		}
	}
	r, err := sweep.Run(ctx, o)
	if err != nil || !r.Interrupted || r.Runs != 1 || r.Left != 2 {
		t.Fatalf("%v: interrupted %t, %d runs, %d left; want one run and two left", err, r.Interrupted, r.Runs, r.Left)
	}
	if made := chaos.Make(o.Dir, r); len(made.Incomplete) != 1 || !strings.Contains(made.Incomplete[0].Reason, "partial") {
		t.Errorf("%+v, want a report that says it is partial", made.Incomplete)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	o.Progress = nil
	if r := swept(t, o); r.Known != 1 || r.Runs != 2 || r.Left != 0 {
		t.Errorf("%d known, %d runs, %d left; want the rest only", r.Known, r.Runs, r.Left)
	}
	o.Code = "something else"
	if r := swept(t, o); r.Known != 0 || r.Outdated != 3 || r.Runs != 3 {
		t.Errorf("%d known, %d outdated, %d runs; want nothing of other code", r.Known, r.Outdated, r.Runs)
	}
	o.Budget, o.Resume = time.Nanosecond, ""
	if r := swept(t, o); r.Left != 3 || r.Runs != 0 {
		t.Errorf("%d left and %d runs with a budget that is used up", r.Left, r.Runs)
	}
}

// TestDeterministic: the same seed tries the same points in the same order, another one in another.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "psycopg", "psycopg2", "asyncpg", "sqlalchemy")
	url := postgres(t).url(t, "")
	order := func(seed uint64) string {
		o := options(t, []string{"DATABASE_URL=" + url, "TRUE_DSN=" + libpq(url)}, interpreter, "traps.py", "savepoint")
		o.NoProxy, o.AllPoints, o.Seed, o.Kinds = true, true, seed, []fault.Kind{fault.ResetBefore}
		var points []string
		o.Progress = func(p sweep.Progress) { points = append(points, p.Stage) }
		swept(t, o)
		return strings.Join(points, "; ")
	}
	first := order(5)
	if again := order(5); again != first {
		t.Errorf("%s\nand then\n%s", first, again)
	}
	if !strings.Contains(first, "reset-before at COMMIT") {
		t.Errorf("%s: want the COMMIT among the points", first)
	}
}
