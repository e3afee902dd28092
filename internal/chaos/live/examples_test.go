package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/export"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// example gives the options of a sweep of the payment service.
func example(t *testing.T, variant string, kinds ...fault.Kind) *sweep.Options {
	t.Helper()
	interpreter := needs.Python(t, "psycopg", "httpx", "pytest")
	o := options(t, []string{"DATABASE_URL=" + postgres(t).url(t, "")}, interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider")
	folder, err := filepath.Abs(filepath.Join("..", "..", "..", "examples", "payment", variant))
	if err != nil {
		t.Fatal(err)
	}
	o.Dir, o.Kinds, o.Patience = folder, kinds, 7*time.Second
	return o
}

// TestExamples: each kind of fault shows what is wrong with the broken payment service, and none anything of the repaired
// one.
func TestExamples(t *testing.T) {
	t.Parallel()
	shows := map[fault.Kind]string{}
	for _, kind := range fault.Kinds() {
		shows[kind] = chaos.RepeatsEffect
	}
	shows[fault.Hang], shows[fault.HalfOpen] = chaos.UnboundedWait, chaos.UnboundedWait
	for _, c := range []struct {
		variant, point string
		kinds          []fault.Kind
	}{
		{"broken", "COMMIT", slices.DeleteFunc(fault.Kinds(), func(k fault.Kind) bool { return k == fault.Latency })},
		{"broken", "POST", []fault.Kind{fault.Latency}}, // httpx gives up after two seconds, and charges again
		{"repaired", "COMMIT", fault.Kinds()},
		{"repaired", "POST", fault.Kinds()},
	} {
		t.Run(c.variant+" "+c.point, func(t *testing.T) {
			t.Parallel()
			o := example(t, c.variant, c.kinds...)
			o.Only, o.AllPoints, o.Delay = []string{c.point}, true, 3*time.Second
			r := swept(t, o)
			made := chaos.Make(o.Dir, r)
			if len(r.Judgements) != len(c.kinds) || len(made.Incomplete) > 0 {
				t.Errorf("%d judgements, want %d; not judged: %+v", len(r.Judgements), len(c.kinds), made.Incomplete)
			}
			for _, j := range r.Judgements {
				found := ""
				switch {
				case j.Endless:
					found = chaos.UnboundedWait
				case len(j.Duplicates) > 0:
					found = chaos.RepeatsEffect
				}
				want := shows[j.Kind]
				if c.variant == "repaired" {
					want = ""
				}
				if found != want {
					t.Errorf("%s: found %q, want %q", j.Kind, found, want)
				}
			}
			if c.variant == "repaired" && len(made.Findings) > 0 {
				t.Errorf("the repaired service is found: %+v", made.Findings)
			}
		})
	}
}

// TestExported: the tests that are written of the findings fail on the broken service, pass on the repaired one, and need
// nothing but pytest.
func TestExported(t *testing.T) {
	t.Parallel()
	o := example(t, "broken", fault.ResponseLost, fault.Hang)
	o.Only = []string{"POST", "COMMIT"}
	made := chaos.Make(o.Dir, swept(t, o))
	if len(made.Findings) != 3 {
		t.Fatalf("%+v, want a charge and a row that are made twice, and a wait without an end", made.Findings)
	}
	names := []string{"test_pay_post_charges_once", "test_pay_insert_into_payments_once", "test_book_commit_ends"}
	for _, variant := range []string{"broken", "repaired"} {
		folder := t.TempDir()
		file, left := made.Export(folder, o)
		if len(left) > 0 {
			t.Errorf("left out: %q", left)
		}
		file.Root = example(t, variant).Dir
		writeExport(t, folder, file)
		c := exec.Command(o.Command[0], "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "test_once.py")
		c.Dir, c.Env = folder, append(o.Environment, "PYTHONSAFEPATH=1")
		out, _ := c.CombinedOutput()
		for _, name := range names {
			want := "PASSED test_once.py::" + name
			if variant == "broken" {
				want = "FAILED test_once.py::" + name
			}
			if !strings.Contains(string(out), want) {
				t.Errorf("%s service: want %s in\n%s", variant, want, out)
			}
		}
	}
}

// writeExport writes the tests of an export into test_once.py of a folder.
func writeExport(t *testing.T, folder string, file *export.File) {
	t.Helper()
	written, err := os.Create(filepath.Join(folder, "test_once.py"))
	if err != nil {
		t.Fatal(err)
	}
	defer written.Close()
	if err := export.Write(written, file); err != nil {
		t.Fatal(err)
	}
}

// TestExportedRedis: a finding of Redis, at a port that is written in the code, becomes a test as well.
func TestExportedRedis(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "redis", "pytest")
	address := redisServer(t)
	o := options(t, []string{"REDIS_URL=redis://" + address + "/0", "TRUE_REDIS=at " + address}, interpreter, "cache.py", "loop")
	o.NoProxy = true
	made := chaos.Make(o.Dir, swept(t, o))
	folder := t.TempDir()
	file, left := made.Export(folder, o)
	if len(file.Cases) != 1 || len(left) > 0 {
		t.Fatalf("%d cases, %q; want one", len(file.Cases), left)
	}
	writeExport(t, folder, file)
	c := exec.Command(interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_once.py")
	c.Dir, c.Env = folder, o.Environment
	if out, _ := c.CombinedOutput(); !strings.Contains(string(out), "happened 2 times instead of 1") {
		t.Errorf("want a queue with two jobs in\n%s", out)
	}
}
