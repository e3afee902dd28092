//go:build linux

package soak

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"

	"github.com/tiebeam/tiebeam/internal/needs"
)

// TestMain works in the folder of the services and stops the servers that tests share.
func TestMain(m *testing.M) {
	if err := os.Chdir("../../../examples/leaky"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// Each test waits for a minute and does next to nothing, so all wait at once.
	flag.Parse()
	if err := flag.Set("test.parallel", "32"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	for _, stop := range slices.Backward(stops) {
		stop()
	}
	os.Exit(code)
}

var (
	stopping sync.Mutex
	stops    []func()
)

func whenDone(stop func()) {
	stopping.Lock()
	defer stopping.Unlock()
	stops = append(stops, stop)
}

func itoa(n int) string { return strconv.Itoa(n) }

func nothing(*testing.T) (environment, modules []string) { return nil, nil }

// stock answers every second question and refuses the others.
var stock = sync.OnceValue(func() string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.Atoi(filepath.Base(r.URL.Path))
		if err != nil || number%2 == 0 {
			http.Error(w, "no such thing", http.StatusNotFound)
			return
		}
		fmt.Fprint(w, "7")
	}))
	whenDone(server.Close)
	return server.URL
})

func peer(*testing.T) (environment, modules []string) { return []string{"PEER_URL=" + stock()}, nil }

// cache starts a Redis.
func cache(t *testing.T) (environment, modules []string) {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server in PATH")
	}
	dir := t.TempDir()
	port := needs.Server(t, func(port int) *exec.Cmd {
		return exec.Command(program, "--port", itoa(port), "--bind", "127.0.0.1", "--save", "", "--dir", dir)
	})
	return []string{fmt.Sprintf("REDIS_URL=redis://127.0.0.1:%d/0", port)}, []string{"redis"}
}

// database starts the PostgreSQL that all tests share.
func database(modules ...string) func(t *testing.T) (environment, modules []string) {
	return func(t *testing.T) ([]string, []string) {
		t.Helper()
		needs.Python(t, modules...)
		url, err := postgres()
		if errors.Is(err, exec.ErrNotFound) {
			t.Skip("PostgreSQL is not installed: no initdb in PATH or the usual places")
		}
		if err != nil {
			t.Fatal(err)
		}
		return []string{"DATABASE_URL=" + url}, modules
	}
}

// programs finds the folder of PostgreSQL's programs.
func programs() (string, error) {
	if found, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(found), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", exec.ErrNotFound
	}
	return filepath.Dir(found[len(found)-1]), nil
}

var postgres = sync.OnceValues(func() (url string, err error) {
	programs, err := programs()
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp("", "tiebeam-soak-")
	if err != nil {
		return "", err
	}
	whenDone(func() { os.RemoveAll(folder) })
	owner, err := unprivileged(folder)
	if err != nil {
		return "", err
	}
	run := func(name string, arguments ...string) error {
		c := exec.Command(filepath.Join(programs, name), arguments...)
		c.Dir, c.SysProcAttr = folder, owner
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, out)
		}
		return nil
	}
	data := filepath.Join(folder, "data")
	if err := run("initdb", "-D", data, "-U", "tester", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"); err != nil {
		return "", err
	}
	port := 0
	for range 5 { // somebody else may take a port before the server does
		if port, err = needs.Port(); err != nil {
			return "", err
		}
		settings := fmt.Sprintf("-p %d -c unix_socket_directories= -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400", port)
		if err = run("pg_ctl", "-D", data, "-o", settings, "-l", filepath.Join(folder, "log"), "-w", "-t", "60", "start"); err == nil {
			break
		}
	}
	if err != nil {
		return "", err
	}
	whenDone(func() { run("pg_ctl", "-D", data, "-m", "immediate", "stop") })
	return fmt.Sprintf("postgresql://tester@127.0.0.1:%d/postgres", port), nil
})

// unprivileged gives a folder to a user that is not root, as which PostgreSQL does not run.
func unprivileged(folder string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(found.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(found.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(folder, int(uid), int(gid))
	}
	return nil, errors.New("there is no user to run PostgreSQL as")
}
