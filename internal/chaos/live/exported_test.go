package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/export"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/redirect"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/needs"
)

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
		written(t, folder, file)
		outcome := "PASSED"
		if variant == "broken" {
			outcome = "FAILED"
		}
		outcomes(t, o, folder, outcome, names...)
	}
}

// outcomes runs the tests of an export in a folder with whatever is left open or fails in a thread as an error, and compares how
// those named end.
func outcomes(t *testing.T, o *sweep.Options, folder, want string, names ...string) {
	t.Helper()
	c := exec.Command(o.Command[0], "-m", "pytest", "-q", "-rA", "-W", "error::ResourceWarning", "-W", "error::pytest.PytestUnraisableExceptionWarning", "-W", "error::pytest.PytestUnhandledThreadExceptionWarning", "-p", "no:cacheprovider", "test_once.py")
	c.Dir, c.Env = folder, append(slices.Clone(o.Environment), "PYTHONSAFEPATH=1")
	out, _ := c.CombinedOutput()
	if want == "FAILED" && !strings.Contains(string(out), "AssertionError: happened 2 times instead of 1") {
		t.Errorf("want an effect that happens twice in\n%s", out)
	}
	for _, name := range names {
		if line := want + " test_once.py::" + name; !strings.Contains(string(out), line) {
			t.Errorf("want %s in\n%s", line, out)
		}
	}
}

// exported sweeps a command and writes a test of each of so many findings, leaving none out. It gives the folder of the tests and their
// names.
func exported(t *testing.T, o *sweep.Options, cases int) (folder string, names []string) {
	t.Helper()
	folder = t.TempDir()
	file, left := chaos.Make(o.Dir, swept(t, o)).Export(folder, o)
	if len(file.Cases) != cases || len(left) > 0 {
		t.Fatalf("%d cases, left out: %q; want %d", len(file.Cases), left, cases)
	}
	written(t, folder, file)
	for i := range file.Cases {
		names = append(names, file.Cases[i].Name)
	}
	return folder, names
}

// written writes the tests of an export into test_once.py of a folder.
func written(t *testing.T, folder string, file *export.File) {
	t.Helper()
	out, err := os.Create(filepath.Join(folder, "test_once.py"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := export.Write(out, file); err != nil {
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
	folder, _ := exported(t, o, 1)
	c := exec.Command(interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_once.py")
	c.Dir, c.Env = folder, o.Environment
	if out, _ := c.CombinedOutput(); !strings.Contains(string(out), "happened 2 times instead of 1") {
		t.Errorf("want a queue with two jobs in\n%s", out)
	}
}

// TestExportedHTTPS: a finding behind HTTPS becomes a test with an authority of its own, which fails on the broken code
// and passes on the repaired one; where the client would not ask the test's proxy, that is said.
func TestExportedHTTPS(t *testing.T) {
	t.Parallel()
	openssl(t)
	interpreter := needs.Python(t, "requests", "httpx", "aiohttp", "pytest")
	pay := newProvider(t, true)
	for _, client := range []string{"urllib", "requests", "httpx", "aiohttp"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			o := options(t, []string{"SECURE_PAY=" + strings.Replace(pay.URL, "127.0.0.1", "localhost", 1)}, interpreter, "clients.py", client)
			if client == "aiohttp" {
				file, left := chaos.Make(o.Dir, swept(t, o)).Export(t.TempDir(), o)
				if len(file.Cases) != 0 || len(left) != 1 || !strings.Contains(left[0], "trust_env=True") {
					t.Errorf("%d cases, left out: %q; want why there is no test", len(file.Cases), left)
				}
				return
			}
			folder, names := exported(t, o, 1)
			outcomes(t, o, folder, "FAILED", names...)
			o.Environment = append(o.Environment, "HOW=key")
			outcomes(t, o, folder, "PASSED", names...)
		})
	}
}

// TestExportedTLS: the same for PostgreSQL over TLS, on the hop of the program, of the server, or both.
func TestExportedTLS(t *testing.T) {
	t.Parallel()
	openssl(t)
	interpreter := needs.Python(t, "psycopg", "psycopg2", "asyncpg", "pytest")
	for _, c := range []struct{ name, parameters, client, mode string }{
		{"server", "?sslmode=require", "psycopg3", ""},
		{"program", "", "psycopg3", "SSLMODE=require"},
		{"both", "?sslmode=require", "psycopg2", "SSLMODE=require"},
		{"direct", "?sslmode=require", "psycopg3", "SSLMODE=require&sslnegotiation=direct"},
		{"both, asyncpg", "?sslmode=require", "asyncpg", "SSLMODE=require"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url, pay := postgres(t).url(t, c.parameters), newProvider(t, false)
			o := options(t, []string{
				"DATABASE_URL=" + url, "TRUE_DSN=" + libpq(url), "PAY_URL=" + pay.URL, "TRUE_PAY=" + pay.URL, "TRUTH=" + filepath.Join(t.TempDir(), "truth"), c.mode,
			}, interpreter, "pay.py", c.client, "broken")
			o.Redirect, o.NoProxy, o.Only = []redirect.Named{{Name: "PAY_URL"}}, true, []string{"COMMIT", "INSERT"}
			folder, names := exported(t, o, 2) // the charge and the row
			outcomes(t, o, folder, "FAILED", names...)
			o.Environment = append(o.Environment, "REPAIRED=fixed")
			outcomes(t, o, folder, "PASSED", names...)
		})
	}
}

// openssl skips a test where its program is not there.
func openssl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("no openssl in PATH: exported tests make their certificates with it")
	}
}
