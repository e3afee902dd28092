package otlp

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	collector "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// TestPush: what arrives is, by the protocol's own definition and strictly, the numbers that were gathered.
func TestPush(t *testing.T) {
	r := prometheus.NewRegistry()
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "x_fd_seconds_to_exhaustion", Help: "h"}, []string{"kind"})
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "x_total", Help: "h"})
	lag := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "x_seconds", Help: "h", Buckets: []float64{0.1, 1}})
	r.MustRegister(gauge, counter, lag)
	gauge.WithLabelValues("file").Set(math.Inf(1))
	counter.Add(3)
	for _, v := range []float64{0.05, 0.5, 0.5, 7} {
		lag.Observe(v)
	}
	var got collector.ExportMetricsServiceRequest
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, ask *http.Request) {
		body, err := io.ReadAll(ask.Body)
		if err == nil {
			err = protojson.Unmarshal(body, &got)
		}
		if err != nil || ask.URL.Path != "/v1/metrics" || ask.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v", ask.URL, err)
		}
	}))
	defer server.Close()
	e, err := New(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	e.Gatherer, e.Version, e.Began, e.Attributes = r, "1", time.Unix(10, 0), []string{"service.name", "shop"}
	if err := e.Push(t.Context(), time.Unix(20, 0)); err != nil {
		t.Fatal(err)
	}
	resource := got.ResourceMetrics[0]
	if a := resource.Resource.Attributes[0]; a.Key != "service.name" || a.Value.GetStringValue() != "shop" {
		t.Errorf("resource %v", resource.Resource)
	}
	seen := 0
	for _, m := range resource.ScopeMetrics[0].Metrics {
		switch m.Name {
		case "x_fd_seconds_to_exhaustion":
			p := m.GetGauge().DataPoints[0]
			if !math.IsInf(p.GetAsDouble(), 1) || p.Attributes[0].Value.GetStringValue() != "file" || m.Unit != "s" {
				t.Errorf("gauge %v", m)
			}
		case "x_total":
			if s := m.GetSum(); !s.IsMonotonic || s.DataPoints[0].GetAsDouble() != 3 || s.DataPoints[0].StartTimeUnixNano != 10e9 || s.DataPoints[0].TimeUnixNano != 20e9 {
				t.Errorf("sum %v", m)
			}
		case "x_seconds":
			h := m.GetHistogram().DataPoints[0]
			if h.Count != 4 || h.GetSum() != 8.05 || len(h.BucketCounts) != 3 || h.BucketCounts[0] != 1 || h.BucketCounts[1] != 2 || h.BucketCounts[2] != 1 {
				t.Errorf("histogram %v", m)
			}
		}
		seen++
	}
	if seen != 3 {
		t.Errorf("%d metrics", seen)
	}
}

// TestRefused: a collector that answers with an error, or points elsewhere, is told.
func TestRefused(t *testing.T) {
	for _, code := range []int{http.StatusBadRequest, http.StatusTemporaryRedirect, http.StatusInternalServerError} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://192.0.2.1/")
			w.WriteHeader(code)
		}))
		e, err := New(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		e.Gatherer = prometheus.NewRegistry()
		if err := e.Push(t.Context(), time.Now()); err == nil {
			t.Errorf("%d is no error", code)
		}
		server.Close()
	}
	for _, address := range []string{"", "127.0.0.1:4318", "ftp://x", "http://", "::"} {
		if _, err := New(address); err == nil {
			t.Errorf("%q is an address", address)
		}
	}
}
