//go:build linux

package soak

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/cli"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// result is what of a report the tests look at.
type result struct {
	Findings []struct {
		Rule, Severity, Path, Symbol, Message string
		Line                                  int
		Related                               []struct {
			Path, Message string
			Line          int
		}
	}
	Incomplete []struct{ Path, Reason string }
	Notes      []string
}

// watch runs the command line and reads its report.
func watch(t *testing.T, environment []string, arguments ...string) (code int, r result, said string) {
	t.Helper()
	var out, err bytes.Buffer
	arguments = append([]string{"watch", "--no-page", "--format", "json"}, arguments...)
	code = cli.Main(arguments, strings.NewReader(""), &out, &err, append(needs.Environment(), environment...))
	if failed := json.Unmarshal(out.Bytes(), &r); failed != nil {
		t.Fatalf("exit code %d, no report: %v\n%s\n%s", code, failed, out.String(), err.String())
	}
	return code, r, err.String()
}

// A service of examples/leaky with what is to be found in it.
type service struct {
	module string
	needs  func(t *testing.T) (environment []string, modules []string)
	rule   string
	// says is what the message must match, place the line that is to blame, static what the analysis says of it.
	says, place, static string
}

var leaky = []service{
	{"leaks.files", nothing, "growing-descriptors", `leaks/rates\.csv open \d+ times, `, "leaks/files.py:11", "leaked-resource: builtins.open"},
	{"leaks.temporary", nothing, "growing-descriptors", `\d+ open files that are deleted in `, "leaks/temporary.py:10", "leaked-resource: tempfile.TemporaryFile"},
	{"leaks.responses", peer, "growing-descriptors", `\d+ sockets in CLOSE_WAIT to 127\.0\.0\.1:\d+, `, "leaks/responses.py:15", "leaked-resource: http.client.HTTPConnection"},
	{"leaks.postgres", database("psycopg"), "growing-descriptors", `\d+ sockets in ESTABLISHED to 127\.0\.0\.1:\d+, `, "leaks/postgres.py:13", "leaked-resource: psycopg.connect"},
	{"leaks.cache", cache, "growing-descriptors", `\d+ sockets in ESTABLISHED to 127\.0\.0\.1:\d+, `, "leaks/cache.py:14", "leaked-resource: redis.Redis.from_url"},
	{"leaks.children", nothing, "growing-descriptors", `\d+ pipes, .* with \d+ child processes`, "leaks/children.py:11", "subprocess.Popen"},
	{"leaks.workers", nothing, "growing-threads", `\d+ threads, `, "leaks/workers.py:16", ""},
	{"leaks.loops", nothing, "growing-descriptors", `\d+ epoll descriptors, .* with \d+ Unix sockets`, "leaks/loops.py:14", "asyncio.new_event_loop is guarded"},
	{"leaks.tasks", nothing, "growing-tasks", `\d+ asyncio tasks of delivered `, "leaks/tasks.py:8", ""},
	{"leaks.pool", database("psycopg_pool"), "exhausted-pool", `the psycopg pool pool-1 has given out all 4 connections and `, "leaks/pool.py:11", "leaked-resource: psycopg_pool.ConnectionPool.getconn"},
	{"leaks.blocking", nothing, "blocked-loop", `the event loop was blocked \d+ times, `, "leaks/blocking.py:9", "blocking-in-async: digest"},
}

var honest = []service{
	{module: "honest.batches", needs: nothing},
	{module: "honest.warmup", needs: nothing},
	{module: "honest.bursts", needs: peer},
}

// TestServices: within a minute each leak is found, with its cause, its line and the site of the analysis, and the
// honest services are silent. All run at once, as each only waits.
func TestServices(t *testing.T) {
	if os.Getenv("TIEBEAM_SOAK") == "" {
		t.Skip("takes a minute: set TIEBEAM_SOAK=1")
	}
	for _, s := range leaky {
		t.Run(s.module, func(t *testing.T) {
			t.Parallel()
			s.find(t)
		})
	}
	for _, s := range honest {
		t.Run(s.module, func(t *testing.T) {
			t.Parallel()
			environment, modules := s.needs(t)
			code, r, said := watch(t, environment, "--for", "60s", "--fail-on", "any", "--", needs.Python(t, modules...), "-m", s.module)
			if code != 0 || len(r.Findings) > 0 {
				t.Errorf("exit code %d, found %+v\n%s", code, r.Findings, said)
			}
		})
	}
}

func (s *service) find(t *testing.T) {
	environment, modules := s.needs(t)
	code, r, said := watch(t, environment, "--for", "60s", "--fail-on", "any", "--", needs.Python(t, modules...), "-m", s.module)
	if code != 1 {
		t.Errorf("exit code %d\n%s", code, said)
	}
	says := regexp.MustCompile(s.says)
	for _, f := range r.Findings {
		if f.Rule != s.rule || !says.MatchString(f.Message) {
			continue
		}
		if place := strings.TrimSuffix(s.place, ":"); f.Path+":"+itoa(f.Line) != place {
			t.Errorf("%s is blamed, want %s", f.Path+":"+itoa(f.Line), place)
		}
		var told []string
		for _, related := range f.Related {
			told = append(told, related.Message)
		}
		if !strings.Contains(strings.Join(told, "\n"), s.static) {
			t.Errorf("the analysis is told with %q, want %q", told, s.static)
		}
		t.Logf("%s:%d %s: %s | %q", f.Path, f.Line, f.Rule, f.Message, told)
		return
	}
	t.Errorf("no %s that says %s: %+v\n%v\n%s", s.rule, s.says, r.Findings, r.Notes, said)
}
