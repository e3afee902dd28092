package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// TestMain stops the servers that tests share.
func TestMain(m *testing.M) {
	if file := os.Getenv(sweeping); file != "" {
		sweepOnly(file)
		return
	}
	code := m.Run()
	for _, stop := range stops {
		stop()
	}
	os.Exit(code)
}

var stops []func()

// database is a running PostgreSQL.
type database struct {
	port int
	err  error
}

// url is a connection string for a new database of the server.
func (d *database) url(t *testing.T, parameters string) string {
	t.Helper()
	name := fmt.Sprintf("t%d", databases.Add(1))
	d.do(t, "create database "+name)
	return fmt.Sprintf("postgresql://tester:secret@127.0.0.1:%d/%s%s", d.port, name, parameters)
}

// libpq is the same as a connection string that nothing redirects.
func libpq(url string) string {
	rest := strings.TrimPrefix(url, "postgresql://tester:secret@127.0.0.1:")
	rest, _, _ = strings.Cut(rest, "?")
	port, name, _ := strings.Cut(rest, "/")
	return fmt.Sprintf("host=127.0.0.1 port=%s dbname=%s user=tester password=secret", port, name)
}

// do runs a statement as the owner of the server.
func (d *database) do(t *testing.T, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), fmt.Sprintf("postgresql://tester:secret@127.0.0.1:%d/postgres", d.port))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// databases counts those that tests have made.
var databases atomic.Int64

var server = sync.OnceValue(startPostgres)

// postgres starts the PostgreSQL that all tests share, or skips the test.
func postgres(t *testing.T) *database {
	t.Helper()
	if postgresFolder() == "" {
		t.Skip("no initdb in PATH or the usual places: PostgreSQL is not installed (tools/needs)")
	}
	d := server()
	if d.err != nil {
		t.Fatal(d.err)
	}
	return d
}

// postgresFolder finds the programs of PostgreSQL.
func postgresFolder() string {
	if found, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(found)
	}
	var all []string
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb", "/usr/local/pgsql/bin/initdb", "/opt/homebrew/opt/postgresql*/bin/initdb"} {
		found, err := filepath.Glob(pattern)
		if err == nil {
			all = append(all, found...)
		}
	}
	if len(all) == 0 {
		return ""
	}
	slices.Sort(all)
	return filepath.Dir(all[len(all)-1])
}

// startPostgres makes a cluster with TLS and SCRAM in a temporary folder and starts it.
func startPostgres() *database {
	d := &database{}
	folder, err := os.MkdirTemp("", "tiebeam-pg-")
	if err != nil {
		d.err = err
		return d
	}
	stops = append(stops, func() { os.RemoveAll(folder) })
	password := filepath.Join(folder, "password")
	data := filepath.Join(folder, "data")
	d.err = errors.Join(os.WriteFile(password, []byte("secret\n"), 0o644), os.Chmod(folder, 0o755))
	give(folder)
	run := func(name string, arguments ...string) {
		if d.err != nil {
			return
		}
		c := exec.Command(filepath.Join(postgresFolder(), name), arguments...)
		c.Dir = folder
		unprivileged(c)
		if out, err := c.CombinedOutput(); err != nil {
			d.err = fmt.Errorf("%s: %w: %s", name, err, out)
		}
	}
	run("initdb", "-D", data, "-U", "tester", "--auth=scram-sha-256", "--pwfile="+password, "--no-sync", "-E", "UTF8", "--locale=C")
	if d.err == nil {
		d.err = certificate(filepath.Join(data, "server.crt"), filepath.Join(data, "server.key"))
		give(filepath.Join(data, "server.crt"))
		give(filepath.Join(data, "server.key"))
	}
	if d.port, err = needs.Port(); err != nil {
		d.err = err
	}
	settings := fmt.Sprintf("-p %d -k %s -c listen_addresses=127.0.0.1 -c fsync=off -c ssl=on -c max_connections=60", d.port, folder)
	run("pg_ctl", "-D", data, "-o", settings, "-l", filepath.Join(folder, "log"), "-w", "-t", "60", "start")
	stops = append([]func(){func() {
		c := exec.Command(filepath.Join(postgresFolder(), "pg_ctl"), "-D", data, "-m", "immediate", "stop")
		unprivileged(c)
		c.Run()
	}}, stops...)
	return d
}

// redisServer starts a Redis for one test, or skips it.
func redisServer(t *testing.T) (address string) {
	t.Helper()
	address, _ = redisToStop(t)
	return address
}

// redisToStop is redisServer with a function that ends it.
func redisToStop(t *testing.T) (address string, stop func()) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server in PATH: Redis is not installed (tools/needs)")
	}
	port, err := needs.Port()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	var out bytes.Buffer
	c.Stdout = &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		c.Process.Kill()
		c.Wait()
	})
	t.Cleanup(stop)
	address = net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	waitFor(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		conn.Close()
		return true
	})
	return address, stop
}

// waitFor waits until something is so.
func waitFor(t *testing.T, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(5 * time.Minute)
	for !so() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("it did not come about within five minutes")
		}
	}
}

// provider is a payment provider: it charges for each request, but for one whose key it knows.
type provider struct {
	*httptest.Server
	mu      sync.Mutex
	charges int
	keys    map[string]bool
}

func newProvider(t *testing.T, encrypted bool) *provider {
	p := &provider{keys: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /charge", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		key := r.Header.Get("Idempotency-Key")
		if key == "" || !p.keys[key] {
			p.charges++
		}
		p.keys[key] = true
		fmt.Fprint(w, "charged\n")
	})
	mux.HandleFunc("PUT /limit", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "set\n") })
	mux.HandleFunc("POST /reset", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.charges, p.keys = 0, map[string]bool{}
	})
	mux.HandleFunc("GET /charges", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		fmt.Fprint(w, p.charges)
	})
	if encrypted {
		p.Server = httptest.NewTLSServer(mux)
	} else {
		p.Server = httptest.NewServer(mux)
	}
	t.Cleanup(p.Close)
	return p
}

// options are those of a sweep with everything set that has a default on the command line.
func options(t *testing.T, environment []string, command ...string) *sweep.Options {
	t.Helper()
	if testing.Short() {
		t.Skip("a sweep runs its command many times")
	}
	folder, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	kept := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return strings.HasPrefix(name, "PG") || strings.HasSuffix(name, "_URL") || strings.HasSuffix(strings.ToLower(name), "_proxy") || strings.HasPrefix(name, "PYTEST")
	})
	return &sweep.Options{
		Command: command, Dir: folder, Environment: append(append(kept, "PYTHONDONTWRITEBYTECODE=1"), environment...),
		Kinds: []fault.Kind{fault.ResponseLost}, RunLimit: 8 * time.Minute, Patience: 2 * time.Second, Delay: time.Second,
	}
}

// swept sweeps and fails the test where that is not possible.
func swept(t *testing.T, o *sweep.Options) *sweep.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 25*time.Minute)
	defer cancel()
	r, err := sweep.Run(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range r.Bases {
		if len(b.Withheld) > 0 {
			t.Logf("withheld for %q: %q", b.Test.ID, b.Withheld)
		}
	}
	for _, p := range r.Problems {
		t.Logf("problem: %s", p)
	}
	return r
}
