package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/metrics"
)

//go:embed assets
var assets embed.FS

// policy lets the page load its own files and ask its own server, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// maxStreams is how many pages are kept up to date at once.
const maxStreams = 16

// Server answers for one watch.
type Server struct {
	hub     *watch.Hub
	find    func(s *watch.State) []finding.Finding
	remote  bool
	streams chan struct{}
	mux     *http.ServeMux
}

// Handler serves the page at /, its numbers at /state and as events at /events, and the metrics at /metrics. find gives
// the completed findings of a state. remote lets others than this machine ask.
func Handler(hub *watch.Hub, registry *prometheus.Registry, find func(s *watch.State) []finding.Finding, remote bool) (*Server, error) {
	files, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	s := &Server{hub: hub, find: find, remote: remote, streams: make(chan struct{}, maxStreams), mux: http.NewServeMux()}
	s.mux.Handle("GET /metrics", metrics.Handler(registry))
	s.mux.HandleFunc("GET /state", s.state)
	s.mux.HandleFunc("GET /events", s.events)
	s.mux.Handle("GET /", http.FileServerFS(files))
	return s, nil
}

// ServeHTTP answers who names us by an address of this machine.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.remote && !ours(r.Host) {
		http.Error(w, "this page answers to addresses of this machine only", http.StatusForbidden)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	s.mux.ServeHTTP(w, r)
}

// ours says whether the host of a request is this machine. A name that an attacker lets point here is not.
func ours(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// Loopback says whether an address to listen on can be reached from this machine only.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && ours(host)
}

func (s *Server) encode(state *watch.State) ([]byte, error) {
	return json.Marshal(viewOf(state, s.find(state)))
}

func (s *Server) state(w http.ResponseWriter, _ *http.Request) {
	state, _ := s.hub.State()
	if state == nil {
		http.Error(w, "nothing has been seen yet", http.StatusServiceUnavailable)
		return
	}
	body, err := s.encode(state)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}

// events sends each new state until the reader goes or the watch has ended.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	for {
		state, change := s.hub.State()
		if state != nil {
			body, err := s.encode(state)
			if err != nil {
				return
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", body); err != nil {
				return
			}
			if err := out.Flush(); err != nil {
				return
			}
		}
		select {
		case <-change:
		case <-r.Context().Done():
			return
		}
	}
}
