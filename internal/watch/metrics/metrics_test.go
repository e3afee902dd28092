package metrics

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// state is a process with a leak, a loop and a pool.
func state() *watch.State {
	now := time.Unix(5000, 0)
	group := proc.Group{Narrow: true, Kind: proc.File}
	return &watch.State{
		Began: now.Add(-time.Minute), At: now, Samples: 60, Exhaustion: 457, Share: 0.004,
		Sample: proc.Sample{
			At: now, Open: 110, MaxOpen: 1024, Threads: 7, Children: 3, Zombies: 2, RSSBytes: 5000, CPU: 3 * time.Second, DetailedAt: now.Add(-2 * time.Second),
			Counts: map[proc.Group]int{{}: 110, group: 90, {Narrow: true, Kind: proc.Socket}: 20}, Sockets: map[proc.SocketClass]int{{State: "CLOSE_WAIT", Peer: proc.Private}: 12},
		},
		Leaks: []cause.Leak{{Subject: cause.Subject{What: cause.Descriptors, Group: group}, Judgement: trend.Judgement{Slope: 2}}},
		Agent: probe.View{
			At: now, Connected: true, Hello: probe.Hello{Bounds: []float64{0.1, 1}},
			Stats: probe.Stats{
				Loops:  []probe.Loop{{ID: 1, Impl: "uvloop", Tasks: 9, Lag: probe.Lag{Counts: []uint64{5, 2, 1}, Sum: 3.5, Count: 8}}},
				Pools:  []probe.Pool{{Kind: "psycopg", Name: "pool-1", Size: 4, Max: 4, Waiting: 2, WaitSeconds: 1.5}, {Kind: "redis", Name: "redis-1", Size: 1}},
				Blocks: []probe.Block{{Site: probe.Site{File: "/srv/shop/app.py", Line: 4, Func: "bad"}, Count: 3, Seconds: 1.2}},
			},
		},
	}
}

// scrape asks for the metrics as a scraper does.
func scrape(t *testing.T, hub *watch.Hub, accept string) string {
	t.Helper()
	server := httptest.NewServer(Handler(Registry(hub)))
	defer server.Close()
	ask, err := http.NewRequest(http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Accept", accept)
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s, %v: %s", answer.Status, err, body)
	}
	return string(body)
}

func TestScrape(t *testing.T) {
	hub := &watch.Hub{}
	hub.Publish(state())
	text := scrape(t, hub, "text/plain")
	for _, line := range []string{
		`tiebeam_process_up 1`, `tiebeam_process_open_fds{kind="file"} 90`, `tiebeam_process_open_fds{kind="pipe"} 0`, `tiebeam_process_max_fds 1024`,
		`tiebeam_process_fd_headroom_ratio 0.892578125`, `tiebeam_process_sockets{peer_class="private",state="CLOSE_WAIT"} 12`, `tiebeam_process_threads 7`,
		`tiebeam_process_children{state="zombie"} 2`, `tiebeam_process_children{state="running"} 1`, `tiebeam_process_fd_leak_slope 2`,
		`tiebeam_process_fd_seconds_to_exhaustion 457`, `tiebeam_process_cpu_seconds_total 3`, `tiebeam_leaks{rule="growing-descriptors"} 1`,
		`tiebeam_leaks{rule="growing-threads"} 0`, `tiebeam_agent_connected 1`, `tiebeam_process_details_age_seconds 2`,
		`tiebeam_loop_lag_seconds_bucket{impl="uvloop",loop="1",le="0.1"} 5`, `tiebeam_loop_lag_seconds_bucket{impl="uvloop",loop="1",le="1"} 7`,
		`tiebeam_loop_lag_seconds_bucket{impl="uvloop",loop="1",le="+Inf"} 8`, `tiebeam_loop_lag_seconds_sum{impl="uvloop",loop="1"} 3.5`,
		`tiebeam_loop_tasks{impl="uvloop",loop="1"} 9`, `tiebeam_loop_blocked_total{site="shop/app.py:4 bad"} 3`,
		`tiebeam_loop_blocked_seconds_total{site="shop/app.py:4 bad"} 1.2`, `tiebeam_pool_requests_waiting{kind="psycopg",pool="pool-1"} 2`,
		`tiebeam_pool_max_size{kind="redis",pool="redis-1"} +Inf`, `tiebeam_pool_requests_wait_seconds_total{kind="psycopg",pool="pool-1"} 1.5`,
		`tiebeam_pool_requests_errors_total{kind="psycopg",pool="pool-1"} 0`, `tiebeam_watch_samples_total 60`, `tiebeam_watch_cpu_ratio 0.004`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
	if open := scrape(t, hub, "application/openmetrics-text; version=1.0.0"); !strings.HasSuffix(open, "# EOF\n") || !strings.Contains(open, "# TYPE tiebeam_watch_samples counter") {
		t.Errorf("OpenMetrics:\n%s", open)
	}
	for scanner := bufio.NewScanner(strings.NewReader(text)); scanner.Scan(); {
		if name, _, ok := strings.Cut(strings.TrimPrefix(scanner.Text(), "# TYPE "), " "); ok && strings.HasPrefix(scanner.Text(), "# TYPE ") && !strings.Contains(text, "# HELP "+name+" ") {
			t.Errorf("%s has no help", name)
		}
	}
}

// TestMissingIsAbsent: what may not be seen, and an agent that has not spoken, are no zeros.
func TestMissingIsAbsent(t *testing.T) {
	s := state()
	s.Sample.Denied, s.Agent, s.Exhaustion = "no", probe.View{}, math.Inf(1)
	s.Sample.MaxOpen = proc.Unlimited
	hub := &watch.Hub{}
	hub.Publish(s)
	text := scrape(t, hub, "text/plain")
	for _, absent := range []string{"tiebeam_process_open_fds", "tiebeam_process_fd_headroom_ratio", "tiebeam_loop_", "tiebeam_pool_", "tiebeam_unclosed"} {
		if strings.Contains(text, absent) {
			t.Errorf("%s is told", absent)
		}
	}
	if !strings.Contains(text, "tiebeam_agent_connected 0\n") || !strings.Contains(text, "tiebeam_process_max_fds +Inf\n") {
		t.Error(text)
	}
}

// TestLabelsAreBounded: a thousand places and pools, the next time others, make few series, and those that have a name
// keep it.
func TestLabelsAreBounded(t *testing.T) {
	s := state()
	hub := &watch.Hub{}
	collector := Registry(hub)
	server := httptest.NewServer(Handler(collector))
	defer server.Close()
	for round := range 3 {
		s.Agent.Stats.Blocks, s.Agent.Stats.Pools = nil, nil
		for i := range 1000 {
			name := fmt.Sprintf("%d-%d", round, i)
			s.Agent.Stats.Blocks = append(s.Agent.Stats.Blocks, probe.Block{Site: probe.Site{File: name + "\x1b\n", Line: 1}, Count: 1})
			s.Agent.Stats.Pools = append(s.Agent.Stats.Pools, probe.Pool{Kind: name, Name: name})
		}
		hub.Publish(s)
		answer, err := http.Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s %v", body, err)
		}
		if n := strings.Count(string(body), "\n"); n > 400 || bytes.ContainsRune(body, '\x1b') {
			t.Errorf("round %d: %d lines", round, n)
		}
	}
}

// TestDashboard: the file is a dashboard by Grafana's own types, strictly, and asks for metrics that there are.
func TestDashboard(t *testing.T) {
	raw, err := os.ReadFile("../../../dashboards/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard.Dashboard
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Error(err)
	}
	if len(d.Panels) < 8 {
		t.Errorf("%d panels", len(d.Panels))
	}
	rules, err := os.ReadFile("../../../dashboards/alerts.yml")
	if err != nil {
		t.Fatal(err)
	}
	hub := &watch.Hub{}
	hub.Publish(state())
	text := scrape(t, hub, "text/plain")
	for _, name := range regexp.MustCompile(`tiebeam_[a-z_]+`).FindAllString(string(raw)+string(rules), -1) {
		if !strings.Contains(text, "\n"+name+" ") && !strings.Contains(text, "\n"+name+"{") {
			t.Errorf("the dashboard or the rules ask for %s, which there is not", name)
		}
	}
}
