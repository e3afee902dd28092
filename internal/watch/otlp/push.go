package otlp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Exporter pushes what a registry gathers. Its methods are used by one goroutine at a time.
type Exporter struct {
	// Gatherer is what is pushed, Version that of this program, Attributes name what is measured, key then value.
	Gatherer   prometheus.Gatherer
	Version    string
	Attributes []string
	// Began is since when counters count.
	Began time.Time

	address string
	client  http.Client
}

// patience is how long one push may take.
const patience = 5 * time.Second

// metricsPath is where a collector takes metrics, unless the address names a path.
const metricsPath = "/v1/metrics"

// New makes an exporter to the address of a collector, such as "http://127.0.0.1:4318".
func New(address string) (*Exporter, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("%q: expected the address of a collector, such as http://127.0.0.1:4318", address)
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = metricsPath
	}
	return &Exporter{address: u.String(), client: http.Client{
		Timeout: patience,
		// Who is told is who was named, and nobody that it points to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// maxAnswer is how much of a collector's answer is read.
const maxAnswer = 4 << 10

// Push sends one set of numbers.
func (e *Exporter) Push(ctx context.Context, at time.Time) error {
	families, err := e.Gatherer.Gather()
	if err != nil {
		return fmt.Errorf("gather: %w", err)
	}
	body, err := Encode(families, e.Began, at, e.Version, e.Attributes...)
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	ask.Header.Set("Content-Type", "application/json")
	answer, err := e.client.Do(ask)
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("push to %s: %w", e.address, err)
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("push to %s: %s: %s", e.address, answer.Status, strings.TrimSpace(string(said)))
	}
	return nil
}
