package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tiebeam/tiebeam/internal/watch"
)

// Registry holds the collector of a hub and nothing of this program's own.
func Registry(hub *watch.Hub) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(New(hub))
	return r
}

// Handler answers a scrape, in the form that is asked for: Prometheus text or OpenMetrics.
func Handler(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: maxScrapes})
}

// maxScrapes is how many scrapes are answered at once.
const maxScrapes = 4
