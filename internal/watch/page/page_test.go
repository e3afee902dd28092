package page

import (
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/metrics"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// serve answers with one state, whose process has a name that would be markup.
func serve(t *testing.T, remote bool) (*httptest.Server, *watch.Hub) {
	t.Helper()
	hub := &watch.Hub{}
	handler, err := Handler(hub, metrics.Registry(hub), func(*watch.State) []finding.Finding {
		return []finding.Finding{{Rule: watch.GrowingDescriptors, Severity: finding.Error, Message: "</script>\x1b[2J", Path: "a.py", Line: 3, Span: finding.Span{End: 4}}}
	}, remote)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server, hub
}

func state() *watch.State {
	now := time.Unix(100, 0)
	return &watch.State{
		Process: proc.Description{PID: 7, Args: []string{"<img src=x>\x1b"}}, Began: now.Add(-time.Minute), At: now, Samples: 60, Exhaustion: math.Inf(1),
		Sample: proc.Sample{Open: 5, MaxOpen: proc.Unlimited, Counts: map[proc.Group]int{{Narrow: true, Kind: proc.File}: 5}},
	}
}

func get(t *testing.T, url, host string) (*http.Response, string) {
	t.Helper()
	ask, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if host != "" {
		ask.Host = host
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// TestFiles: the page loads nothing from elsewhere, and its policy forbids to.
func TestFiles(t *testing.T) {
	server, _ := serve(t, false)
	for _, name := range []string{"/", "/page.css", "/page.js", "/icon.svg"} {
		answer, body := get(t, server.URL+name, "")
		if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Security-Policy") != policy {
			t.Errorf("%s: %s, policy %q", name, answer.Status, answer.Header.Get("Content-Security-Policy"))
		}
		rest := strings.ReplaceAll(body, "http://www.w3.org/2000/svg", "")
		if strings.Contains(rest, "http:") || strings.Contains(rest, "https:") || strings.Contains(rest, "innerHTML") || strings.Contains(rest, "style=") {
			t.Errorf("%s loads from elsewhere or makes markup of text", name)
		}
	}
}

func TestState(t *testing.T) {
	server, hub := serve(t, false)
	if answer, _ := get(t, server.URL+"/state", ""); answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("before the first look: %s", answer.Status)
	}
	hub.Publish(state())
	answer, body := get(t, server.URL+"/state", "")
	var v view
	if err := json.Unmarshal([]byte(body), &v); err != nil || answer.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%v: %s", err, body)
	}
	if v.PID != 7 || v.Max != nil || v.Exhaustion != nil || v.Open != 5 || v.Seconds != 60 || len(v.Findings) != 1 || v.Findings[0].Place != "a.py:3" {
		t.Errorf("%+v", v)
	}
	if strings.ContainsRune(body, '\x1b') || strings.Contains(body, "</script>") || strings.Contains(body, `\u001b`) {
		t.Errorf("what the process is called reaches the page as it is: %s", body)
	}
}

// TestHosts: a page of the web that lets its own name point here is refused, and so is everybody else.
func TestHosts(t *testing.T) {
	server, hub := serve(t, false)
	hub.Publish(state())
	for host, want := range map[string]int{
		"": http.StatusOK, "localhost:1": http.StatusOK, "[::1]:1": http.StatusOK, "evil.example": http.StatusForbidden, "evil.example:80": http.StatusForbidden,
		"10.0.0.1": http.StatusForbidden, "127.0.0.1.evil.example": http.StatusForbidden,
	} {
		if answer, _ := get(t, server.URL+"/state", host); answer.StatusCode != want {
			t.Errorf("host %q: %s, want %d", host, answer.Status, want)
		}
	}
	for address, want := range map[string]bool{"127.0.0.1:80": true, "localhost:0": true, "[::1]:9": true, "0.0.0.0:80": false, ":80": false, "10.0.0.1:80": false, "x": false} {
		if Loopback(address) != want {
			t.Errorf("Loopback(%q) is not %v", address, want)
		}
	}
	open, openHub := serve(t, true)
	openHub.Publish(state())
	if answer, _ := get(t, open.URL+"/metrics", "shop.internal"); answer.StatusCode != http.StatusOK {
		t.Errorf("asked for by others, where that is allowed: %s", answer.Status)
	}
}
