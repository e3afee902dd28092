//go:build linux

package cli

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/tiebeam/tiebeam/internal/needs"
)

// loses is a service that leaves a file to the collector of garbage, on line 4.
const loses = `import gc, time

def load():
    open(__file__)

for _ in range(40):
    load(); gc.collect()
    time.sleep(0.1)
`

// watchLosing watches that service for a moment.
func watchLosing(t *testing.T, arguments ...string) (code int, report []byte) {
	t.Helper()
	python, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		t.Skip("no python3:", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "app.py"), []byte(loses), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	arguments = append([]string{"watch", "--no-page", "--source", dir, "--interval", "100ms"}, arguments...)
	code = Main(append(arguments, "--", strings.TrimSpace(string(python)), filepath.Join(dir, "app.py")), strings.NewReader(""), &out, &said, needs.Environment())
	if out.Len() == 0 {
		t.Fatalf("exit code %d, no report\n%s", code, said.String())
	}
	return code, out.Bytes()
}

// TestWatchReports: the reports for machines are read by their own forms and say where it happened.
func TestWatchReports(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Python")
	}
	code, raw := watchLosing(t, "--fail-on", "unclosed", "--format", "json")
	var r struct {
		Version  int
		Findings []struct {
			Rule, Guard, Severity, Path, Symbol, Message string
			Line                                         int
		}
		Incomplete []struct{ Path, Reason string }
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	if code != exitFindings || r.Version != 1 || len(r.Incomplete) > 0 || len(r.Findings) != 1 {
		t.Fatalf("exit code %d: %s", code, raw)
	}
	if f := r.Findings[0]; f.Rule != "unclosed-resource" || f.Guard != "release" || f.Path != "app.py" || f.Line != 4 || f.Symbol != "load" || !strings.Contains(f.Message, "without having been closed") {
		t.Errorf("finding %+v", f)
	}
	code, raw = watchLosing(t, "--fail-on", "leak", "--format", "junit")
	var suites struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suites   []struct {
			Name  string `xml:"name,attr"`
			Cases []struct {
				Name    string `xml:"name,attr"`
				File    string `xml:"file,attr"`
				Line    int    `xml:"line,attr"`
				Failure *struct {
					Type string `xml:"type,attr"`
				} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(raw, &suites); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	// It is found, and is not what --fail-on asks for.
	if code != 0 || suites.Errors != 0 || len(suites.Suites) != 1 || len(suites.Suites[0].Cases) != 1 {
		t.Fatalf("exit code %d: %s", code, raw)
	}
	if c := suites.Suites[0].Cases[0]; !strings.HasSuffix(c.File, "/app.py") || c.Line != 4 {
		t.Errorf("case %+v", c)
	}
}

// heard waits for a line on stderr that matches.
type heard struct {
	mu      sync.Mutex
	text    bytes.Buffer
	pattern *regexp.Regexp
	found   chan string
}

func (h *heard) Write(raw []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.Write(raw)
	if m := h.pattern.FindStringSubmatch(h.text.String()); m != nil && h.found != nil {
		h.found <- m[1]
		h.found = nil
	}
	return len(raw), nil
}

// TestWatchTells: a running watch serves the form of metrics that is asked for and its page, and pushes the same numbers
// to a collector, by the protocol's own definition.
func TestWatchTells(t *testing.T) {
	pushed := make(chan *collector.ExportMetricsServiceRequest, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		request := &collector.ExportMetricsServiceRequest{}
		if err == nil {
			err = protojson.Unmarshal(body, request)
		}
		if err != nil || r.URL.Path != "/v1/metrics" {
			t.Errorf("%s: %v", r.URL, err)
		}
		pushed <- request
	}))
	defer receiver.Close()
	address := make(chan string, 1)
	said := &heard{pattern: regexp.MustCompile(`live at (http://127\.0\.0\.1:\d+),`), found: address}
	done := make(chan int, 1)
	go func() {
		done <- Main([]string{"watch", "--listen", "127.0.0.1:0", "--otlp", receiver.URL, "--for", "5s", "--interval", "100ms", "--", "sleep", "600"}, strings.NewReader(""), io.Discard, said, needs.Environment())
	}()
	var url string
	select {
	case url = <-address:
	case code := <-done:
		t.Fatalf("exit code %d: %s", code, said.text.String())
	}
	for accept, want := range map[string][]string{
		"text/plain": {"text/plain", "# TYPE tiebeam_watch_samples_total counter\n"},
		"application/openmetrics-text; version=1.0.0,text/plain;version=0.0.4;q=0.5": {"application/openmetrics-text", "# TYPE tiebeam_watch_samples counter\n"},
		"": {"text/plain", "# TYPE tiebeam_process_threads gauge\n"},
	} {
		kind, body := fetch(t, url+"/metrics", accept)
		if !strings.HasPrefix(kind, want[0]) || !strings.Contains(body, want[1]) || strings.HasSuffix(body, "# EOF\n") != strings.Contains(kind, "openmetrics") {
			t.Errorf("asked for %q: %s\n%s", accept, kind, body)
		}
	}
	if kind, body := fetch(t, url, "text/html"); !strings.HasPrefix(kind, "text/html") || !strings.Contains(body, "page.js") {
		t.Errorf("page %s: %s", kind, body)
	}
	if code := <-done; code != 0 {
		t.Errorf("exit code %d: %s", code, said.text.String())
	}
	request := <-pushed // the last is sent when the watch ends
	names := map[string]bool{}
	for _, m := range request.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		names[m.Name] = true
		if m.Name == "tiebeam_process_threads" && m.GetGauge().DataPoints[0].GetAsDouble() != 1 {
			t.Errorf("threads %v", m)
		}
	}
	if !names["tiebeam_process_open_fds"] || !names["tiebeam_process_fd_seconds_to_exhaustion"] {
		t.Errorf("pushed %v", names)
	}
}

// fetch waits for the first look and gives the kind of an answer and the answer.
func fetch(t *testing.T, url, accept string) (kind, body string) {
	t.Helper()
	for body == "" {
		ask, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if accept != "" {
			ask.Header.Set("Accept", accept)
		}
		answer, err := http.DefaultClient.Do(ask)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %v", url, answer.Status, err)
		}
		kind, body = answer.Header.Get("Content-Type"), strings.TrimPrefix(string(raw), "# EOF\n")
	}
	return kind, body
}
