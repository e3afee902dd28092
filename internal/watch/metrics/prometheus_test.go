//go:build linux

package metrics

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"golang.org/x/sys/unix"

	"github.com/tiebeam/tiebeam/internal/needs"
	"github.com/tiebeam/tiebeam/internal/watch"
)

const dashboards = "../../../dashboards"

// program finds one of Prometheus's programs, or skips the test.
func program(t *testing.T, name string) string {
	t.Helper()
	found, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed (Debian package prometheus; tools/needs/needs brings it)", name)
	}
	return found
}

// TestPromtool lets Prometheus's own tool read the metrics, the configuration and the alert rules, and fire these.
func TestPromtool(t *testing.T) {
	tool := program(t, "promtool")
	hub := &watch.Hub{}
	hub.Publish(state())
	check := exec.Command(tool, "check", "metrics")
	check.Stdin = strings.NewReader(scrape(t, hub, "text/plain"))
	if out, err := check.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
	for _, arguments := range [][]string{{"check", "rules", "alerts.yml"}, {"check", "config", "prometheus.yml"}, {"test", "rules", "alerts_test.yml"}} {
		check := exec.Command(tool, arguments...)
		check.Dir = dashboards
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", arguments, err, out)
		}
	}
}

// held is how many files the test gives to the watched process.
const held = 37

// hold starts a process with files, and all of its descriptors but one used up. How many files and others it has beside
// those depends on what the test's own parent lets it inherit.
func hold(t *testing.T) (pid, open, files int) {
	t.Helper()
	command := exec.Command("cat")
	for i := range held {
		f, err := os.Create(filepath.Join(t.TempDir(), strconv.Itoa(i)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		command.ExtraFiles = append(command.ExtraFiles, f)
	}
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	pid = command.Process.Pid
	// What it repeats shows that its libraries are loaded, which takes descriptors for a moment.
	if _, err := in.Write([]byte{'x'}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	listed, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range listed {
		if info, err := os.Stat(fmt.Sprintf("/proc/%d/fd/%s", pid, one.Name())); err == nil && info.Mode().IsRegular() {
			files++
		}
	}
	if files < held {
		t.Fatalf("%d files, want %d at least", files, held)
	}
	limit := uint64(len(listed)) + 1
	if err := unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit, Max: limit}, nil); err != nil {
		t.Skip("limits of another process may not be set:", err)
	}
	return pid, len(listed), files
}

// server is a Prometheus.
type server struct{ address string }

// serve starts a Prometheus that scrapes a target, with our configuration and alerts, in a folder that goes away.
func serve(t *testing.T, target string) *server {
	t.Helper()
	binary := program(t, "prometheus")
	dir := t.TempDir()
	config, err := os.ReadFile(filepath.Join(dashboards, "prometheus.yml"))
	if err != nil {
		t.Fatal(err)
	}
	alerts, err := os.ReadFile(filepath.Join(dashboards, "alerts.yml"))
	if err != nil {
		t.Fatal(err)
	}
	ours := strings.NewReplacer("15s", "1s", "127.0.0.1:7349", target).Replace(string(config))
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(ours), 0o644), os.WriteFile(filepath.Join(dir, "alerts.yml"), alerts, 0o644)); err != nil {
		t.Fatal(err)
	}
	said, err := os.Create(filepath.Join(dir, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	t.Cleanup(func() {
		if out, err := os.ReadFile(said.Name()); t.Failed() && err == nil {
			t.Logf("Prometheus said:\n%s", out)
		}
	})
	port := needs.Server(t, func(port int) *exec.Cmd {
		command := exec.Command(binary, "--config.file=prometheus.yml", fmt.Sprintf("--web.listen-address=127.0.0.1:%d", port), "--storage.tsdb.path=data")
		command.Dir, command.Stdout, command.Stderr = dir, said, said
		return command
	})
	return &server{fmt.Sprintf("127.0.0.1:%d", port)}
}

// ask asks the server's API; it is an error as long as there is no answer.
func (s *server) ask(path string, parameters url.Values, into any) error {
	answer, err := http.Get("http://" + s.address + "/api/v1/" + path + "?" + parameters.Encode())
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var envelope struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(body, &envelope); err != nil || envelope.Status != "success" {
		return fmt.Errorf("%s: %s%s", path, envelope.Error, body)
	}
	return json.Unmarshal(envelope.Data, into)
}

// until asks again and again until what is asked for is there.
func until(t *testing.T, what string, there func() error) {
	t.Helper()
	deadline := time.NewTimer(90 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(200 * time.Millisecond)
	defer again.Stop()
	for {
		err := there()
		if err == nil {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// sample is one value of a query.
type sample struct {
	Metric map[string]string
	Value  [2]any
}

func (s *sample) number(t *testing.T) float64 {
	t.Helper()
	text, _ := s.Value[1].(string)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%v: %v", s, err)
	}
	return n
}

// query gives the value of each series of an expression, by its labels.
func (s *server) query(t *testing.T, expression string) map[string]float64 {
	t.Helper()
	var answer struct{ Result []sample }
	if err := s.ask("query", url.Values{"query": {expression}}, &answer); err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for i := range answer.Result {
		one := &answer.Result[i]
		delete(one.Metric, "instance")
		delete(one.Metric, "job")
		found[key(one.Metric)] = one.number(t)
	}
	return found
}

// key writes labels in an order of their own.
func key(labels map[string]string) string { return fmt.Sprint(labels) }

// told gives what we tell, as series of Prometheus.
func told(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	add := func(name string, one *dto.Metric, value float64, more ...string) {
		labels := map[string]string{"__name__": name}
		for _, l := range one.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		for i := 0; i+1 < len(more); i += 2 {
			labels[more[i]] = more[i+1]
		}
		found[key(labels)] = value
	}
	for _, f := range families {
		for _, one := range f.GetMetric() {
			switch f.GetType() {
			case dto.MetricType_COUNTER:
				add(f.GetName(), one, one.GetCounter().GetValue())
			case dto.MetricType_GAUGE:
				add(f.GetName(), one, one.GetGauge().GetValue())
			case dto.MetricType_HISTOGRAM:
				h := one.GetHistogram()
				add(f.GetName()+"_sum", one, h.GetSampleSum())
				add(f.GetName()+"_count", one, float64(h.GetSampleCount()))
				add(f.GetName()+"_bucket", one, float64(h.GetSampleCount()), "le", "+Inf")
				for _, b := range h.GetBucket() {
					// OpenMetrics writes whole numbers with a point.
					bound := strconv.FormatFloat(b.GetUpperBound(), 'g', -1, 64)
					if !strings.Contains(bound, ".") {
						bound += ".0"
					}
					add(f.GetName()+"_bucket", one, float64(b.GetCumulativeCount()), "le", bound)
				}
			}
		}
	}
	return found
}

// moving are the series that are others at each look.
var moving = []string{"cpu_seconds", "memory_bytes", "watch_samples", "watch_cpu", "details_age"}

// watching starts a Prometheus that scrapes a watch of a real process, which ends with the test.
func watching(t *testing.T) (s *server, registry *prometheus.Registry, open, files int) {
	t.Helper()
	hub := &watch.Hub{}
	registry = Registry(hub)
	page := httptest.NewServer(Handler(registry))
	t.Cleanup(page.Close)
	s = serve(t, strings.TrimPrefix(page.URL, "http://"))
	pid, open, files := hold(t)
	known := state()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := watch.Run(ctx, watch.Options{PID: pid, Publish: func(now *watch.State) {
			now.Agent, now.Sample.Sockets = known.Agent, known.Sample.Sockets
			hub.Publish(now)
		}})
		ended <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	until(t, "the target is up", func() error {
		var targets struct {
			ActiveTargets []struct{ Health, LastError, ScrapePool string }
		}
		if err := s.ask("targets", nil, &targets); err != nil {
			return err
		}
		if len(targets.ActiveTargets) != 1 || targets.ActiveTargets[0].Health != "up" {
			return fmt.Errorf("targets %+v", targets)
		}
		return nil
	})
	return s, registry, open, files
}

// TestPrometheus: a real server with our configuration scrapes a watch of a real process, has each series that we tell
// with its number, answers the expressions of the dashboard, and fires the alert that is due.
func TestPrometheus(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	s, registry, count, files := watching(t)
	until(t, "the alert", func() error {
		var alerts struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
		if err := s.ask("alerts", nil, &alerts); err != nil {
			return err
		}
		for _, a := range alerts.Alerts {
			if a.Labels["alertname"] == "DescriptorsNearlyUsedUp" && a.State == "firing" {
				return nil
			}
		}
		return fmt.Errorf("alerts %+v", alerts)
	})
	open := float64(count)
	limit := open + 1
	for expression, want := range map[string]float64{
		`tiebeam_process_open_fds{kind="file"}`: float64(files), `sum(tiebeam_process_open_fds)`: open,
		`tiebeam_process_max_fds`: limit, `tiebeam_process_threads`: 1, `tiebeam_process_up`: 1, `tiebeam_process_fd_seconds_to_exhaustion`: math.Inf(1),
		`tiebeam_process_fd_headroom_ratio`: 1 - open/limit, `tiebeam_loop_lag_seconds_count`: 8, `tiebeam_pool_requests_waiting{kind="psycopg"}`: 2,
		`tiebeam_loop_blocked_total{site="shop/app.py:4 bad"}`: 3, `round(histogram_quantile(0.5, tiebeam_loop_lag_seconds_bucket), 0.001)`: 0.08,
	} {
		got := s.query(t, expression)
		if len(got) != 1 {
			t.Errorf("%s: %v, want %v", expression, got, want)
		}
		for _, n := range got {
			if n != want {
				t.Errorf("%s: %v, want %v", expression, n, want)
			}
		}
	}
	s.compare(t, told(t, registry))
	s.dashboard(t)
}

// board is what tests look at of a dashboard.
type board struct {
	Title, UID string
	Panels     []struct {
		Type, Title string
		Targets     []struct{ RefID, Expr string }
	}
}

func readDashboard(t *testing.T) (d board) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dashboards, "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// dashboard asks what the panels of the dashboard ask. What a process without that leak and with one pool has is not
// nothing.
func (s *server) dashboard(t *testing.T) {
	t.Helper()
	d := readDashboard(t)
	asked := 0
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			expression := strings.NewReplacer("$instance", ".+", "$__rate_interval", "1m").Replace(target.Expr)
			if strings.Contains(expression, "$") {
				t.Errorf("%s: %s: a variable that there is not", panel.Title, expression)
			}
			asked++
			until(t, panel.Title+": "+expression, func() error { // a rate takes two scrapes
				if len(s.query(t, expression)) == 0 {
					return errors.New("no answer")
				}
				return nil
			})
		}
	}
	if asked < 10 {
		t.Errorf("the dashboard asks %d questions", asked)
	}
}

// compare holds each series that we tell against what the server has, and the other way round.
func (s *server) compare(t *testing.T, want map[string]float64) {
	t.Helper()
	got := s.query(t, `{__name__=~"tiebeam_.+"}`)
	for series, n := range want {
		has, ok := got[series]
		changes := false
		for _, name := range moving {
			changes = changes || strings.Contains(series, name)
		}
		if !ok || !changes && has != n {
			t.Errorf("%s: the server has %v (%v), we tell %v", series, has, ok, n)
		}
		delete(got, series)
	}
	if len(got) > 0 {
		t.Errorf("the server has what we do not tell: %v", got)
	}
	var metadata map[string][]struct{ Type, Help string }
	if err := s.ask("metadata", nil, &metadata); err != nil {
		t.Fatal(err)
	}
	if m := metadata["tiebeam_loop_blocked"]; len(m) != 1 || m[0].Type != "counter" || m[0].Help == "" {
		t.Errorf("what the server knows of a counter, asked for as OpenMetrics: %+v", m)
	}
}
