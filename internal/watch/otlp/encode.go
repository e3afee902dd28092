package otlp

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// The parts of ExportMetricsServiceRequest (opentelemetry/proto/collector/metrics/v1) in its JSON form: names in lower
// camel case, 64-bit integers as text, enumerations as numbers.
type (
	request struct {
		ResourceMetrics []resourceMetrics `json:"resourceMetrics"`
	}
	resourceMetrics struct {
		Resource     resource       `json:"resource"`
		ScopeMetrics []scopeMetrics `json:"scopeMetrics"`
	}
	resource struct {
		Attributes []attribute `json:"attributes"`
	}
	scopeMetrics struct {
		Scope   scope    `json:"scope"`
		Metrics []metric `json:"metrics"`
	}
	scope struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	attribute struct {
		Key   string `json:"key"`
		Value value  `json:"value"`
	}
	value struct {
		StringValue string `json:"stringValue"`
	}
	metric struct {
		Name        string     `json:"name"`
		Description string     `json:"description,omitempty"`
		Unit        string     `json:"unit,omitempty"`
		Gauge       *points    `json:"gauge,omitempty"`
		Sum         *sum       `json:"sum,omitempty"`
		Histogram   *histogram `json:"histogram,omitempty"`
	}
	points struct {
		DataPoints []point `json:"dataPoints"`
	}
	sum struct {
		DataPoints  []point `json:"dataPoints"`
		Temporality int     `json:"aggregationTemporality"`
		Monotonic   bool    `json:"isMonotonic"`
	}
	histogram struct {
		DataPoints  []bucketPoint `json:"dataPoints"`
		Temporality int           `json:"aggregationTemporality"`
	}
	point struct {
		Attributes []attribute `json:"attributes,omitempty"`
		Start      nanoseconds `json:"startTimeUnixNano"`
		Time       nanoseconds `json:"timeUnixNano"`
		Value      double      `json:"asDouble"`
	}
	bucketPoint struct {
		Attributes []attribute  `json:"attributes,omitempty"`
		Start      nanoseconds  `json:"startTimeUnixNano"`
		Time       nanoseconds  `json:"timeUnixNano"`
		Count      uint64Text   `json:"count"`
		Sum        double       `json:"sum"`
		Counts     []uint64Text `json:"bucketCounts"`
		Bounds     []double     `json:"explicitBounds"`
	}
)

// cumulative is AGGREGATION_TEMPORALITY_CUMULATIVE: each number counts since Start.
const cumulative = 2

type uint64Text uint64

// MarshalJSON writes a 64-bit number as text, as JSON's own numbers cannot hold it.
func (n uint64Text) MarshalJSON() ([]byte, error) {
	return []byte(`"` + strconv.FormatUint(uint64(n), 10) + `"`), nil
}

type nanoseconds int64

// MarshalJSON writes a time as text.
func (n nanoseconds) MarshalJSON() ([]byte, error) {
	return []byte(`"` + strconv.FormatInt(int64(n), 10) + `"`), nil
}

type double float64

// MarshalJSON writes the values that JSON has no number for as the words of the JSON form of protocol buffers.
func (d double) MarshalJSON() ([]byte, error) {
	switch f := float64(d); {
	case math.IsInf(f, 1):
		return []byte(`"Infinity"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-Infinity"`), nil
	case math.IsNaN(f):
		return []byte(`"NaN"`), nil
	default:
		return json.Marshal(f)
	}
}

// Encode makes the body of a push. began is since when counters count, at is when families were gathered; attributes,
// key then value, name what is measured.
func Encode(families []*dto.MetricFamily, began, at time.Time, version string, attributes ...string) ([]byte, error) {
	e := encoder{nanoseconds(began.UnixNano()), nanoseconds(at.UnixNano())}
	metrics := make([]metric, 0, len(families))
	for _, family := range families {
		metrics = append(metrics, e.metric(family))
	}
	var named []attribute
	for i := 0; i+1 < len(attributes); i += 2 {
		named = append(named, attribute{attributes[i], value{attributes[i+1]}})
	}
	return json.Marshal(request{[]resourceMetrics{{
		Resource:     resource{named},
		ScopeMetrics: []scopeMetrics{{Scope: scope{"tiebeam", version}, Metrics: metrics}},
	}}})
}

type encoder struct{ began, at nanoseconds }

func (e *encoder) metric(family *dto.MetricFamily) metric {
	m := metric{Name: family.GetName(), Description: family.GetHelp(), Unit: unit(family.GetName())}
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		m.Sum = &sum{Temporality: cumulative, Monotonic: true, DataPoints: []point{}}
		for _, one := range family.Metric {
			m.Sum.DataPoints = append(m.Sum.DataPoints, e.point(one, one.GetCounter().GetValue()))
		}
	case dto.MetricType_HISTOGRAM:
		m.Histogram = &histogram{Temporality: cumulative, DataPoints: []bucketPoint{}}
		for _, one := range family.Metric {
			m.Histogram.DataPoints = append(m.Histogram.DataPoints, e.buckets(one))
		}
	default:
		m.Gauge = &points{DataPoints: []point{}}
		for _, one := range family.Metric {
			m.Gauge.DataPoints = append(m.Gauge.DataPoints, e.point(one, one.GetGauge().GetValue()))
		}
	}
	return m
}

func (e *encoder) point(one *dto.Metric, v float64) point {
	return point{attributesOf(one), e.began, e.at, double(v)}
}

// buckets turns counts up to a bound into counts between two bounds, of which there is one more than there are bounds.
func (e *encoder) buckets(one *dto.Metric) bucketPoint {
	h := one.GetHistogram()
	p := bucketPoint{
		Attributes: attributesOf(one), Start: e.began, Time: e.at, Count: uint64Text(h.GetSampleCount()), Sum: double(h.GetSampleSum()),
		Counts: []uint64Text{}, Bounds: []double{},
	}
	before := uint64(0)
	for _, b := range h.GetBucket() {
		if math.IsInf(b.GetUpperBound(), 1) {
			continue
		}
		p.Bounds = append(p.Bounds, double(b.GetUpperBound()))
		p.Counts = append(p.Counts, uint64Text(b.GetCumulativeCount()-before))
		before = b.GetCumulativeCount()
	}
	p.Counts = append(p.Counts, uint64Text(h.GetSampleCount()-before))
	return p
}

func attributesOf(one *dto.Metric) []attribute {
	var all []attribute
	for _, l := range one.GetLabel() {
		all = append(all, attribute{l.GetName(), value{l.GetValue()}})
	}
	return all
}

// unit reads the unit out of a name, in the code of UCUM that OpenTelemetry uses.
func unit(name string) string {
	name = strings.TrimSuffix(name, "_total")
	switch {
	case strings.HasSuffix(name, "_seconds") || strings.Contains(name, "_seconds_to_"):
		return "s"
	case strings.HasSuffix(name, "_bytes"):
		return "By"
	case strings.HasSuffix(name, "_ratio"):
		return "1"
	}
	return ""
}
