package simulate

import (
	_ "embed" // for the page
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"github.com/tiebeam/tiebeam/internal/text"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

// The size of a chart in units of its view box.
const (
	chartWidth  = 720.0
	chartHeight = 150.0
	chartLeft   = 58.0
	chartBelow  = 26.0
)

type chart struct {
	Title, Note string
	// Band is the outline of all runs, Line the middle run, Second a further line; as SVG path data.
	Band, Line, Second, SecondName string
	// Bad is true where the further line is what nobody wants.
	Bad bool
	// From and To are where the trigger begins and ends, Marks where something happened.
	From, To float64
	Marks    []mark
	Top      string
	Ticks    []tick
	Width    float64
	Height   float64
	Left     float64
	Floor    float64
}

type mark struct {
	X    float64
	Name string
}

type tick struct {
	X    float64
	Name string
}

type pageData struct {
	Title, Version, Verdict string
	Triggers                []string
	Charts                  []chart
	Guards                  []pageGuard
	Rest                    int
	Unknown                 []string
	Read                    []Reading
	Conflicts               []Conflict
}

type pageGuard struct {
	Class, Path, Change, What string
}

// HTML writes a study as one page with pictures over time. It needs nothing from elsewhere and runs no script.
func (s *Study) HTML(w io.Writer, name, version string) error {
	d := pageData{Title: name, Version: version, Verdict: s.Outcome.Brief(s.Topology), Conflicts: s.Conflicts, Read: s.Topology.Read}
	for i := range s.Topology.Triggers {
		d.Triggers = append(d.Triggers, s.Topology.Triggers[i].words(s.Topology))
	}
	d.Charts = append(d.Charts, s.userChart())
	for i := range s.Topology.Services {
		d.Charts = append(d.Charts, s.serviceChart(i))
	}
	for i := range s.Guards {
		g := &s.Guards[i]
		if !g.Matters {
			d.Rest++
			continue
		}
		class := "missing"
		if g.There {
			class = "there"
		}
		d.Guards = append(d.Guards, pageGuard{class, g.Path, g.Change, g.Outcome.Brief(s.Topology)})
	}
	for i := range s.Flips {
		d.Unknown = append(d.Unknown, s.Flips[i].words())
	}
	return page.Execute(w, d)
}

// frame is a chart without lines.
func (s *Study) frame(title string, top float64) chart {
	begin, end := s.Topology.window()
	c := chart{Title: title, Top: number(top), Width: chartWidth, Height: chartHeight + chartBelow, Left: chartLeft, Floor: chartHeight}
	if len(s.Topology.Triggers) > 0 {
		c.From, c.To = s.x(begin), s.x(min(end, s.Topology.Duration))
	}
	for k := range 5 {
		at := s.Topology.Duration * float64(k) / 4
		c.Ticks = append(c.Ticks, tick{s.x(at), Seconds(at)})
	}
	c.Ticks[0].Name = "0"
	return c
}

func (s *Study) x(at float64) float64 {
	return chartLeft + (chartWidth-chartLeft)*at/s.Topology.Duration
}

// path draws values over the samples, scaled to top.
func (s *Study) path(values []float64, top float64) string {
	var b strings.Builder
	for i, v := range values {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		fmt.Fprintf(&b, "%s%.1f %.1f", letter, s.x(s.Runs[0].Times[i]), chartHeight*(1-min(v/top, 1)))
	}
	return b.String()
}

// band draws the outline of all runs.
func (s *Study) band(of func(run *Series) []float64, top float64) string {
	n := len(s.Runs[0].Times)
	low, high := make([]float64, n), make([]float64, n)
	for i := range n {
		low[i], high[i] = math.Inf(1), 0
		for _, run := range s.Runs {
			v := of(run)[i]
			low[i], high[i] = min(low[i], v), max(high[i], v)
		}
	}
	var b strings.Builder
	b.WriteString(s.path(high, top))
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "L%.1f %.1f", s.x(s.Runs[0].Times[i]), chartHeight*(1-min(low[i]/top, 1)))
	}
	return b.String() + "Z"
}

// most is the largest value of all runs, and not zero.
func (s *Study) most(of func(run *Series) []float64) float64 {
	top := 1.0
	for _, run := range s.Runs {
		for _, v := range of(run) {
			top = max(top, v)
		}
	}
	return top
}

// round gives the next number above a value that people read at a glance: 1, 1.5, 2, 3, 5 or 8 times a power of ten.
func round(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, k := range []float64{1, 1.5, 2, 3, 5, 8} {
		if v <= k*unit {
			return k * unit
		}
	}
	return 10 * unit
}

func (s *Study) serviceChart(i int) chart {
	inflight := func(run *Series) []float64 { return run.Nodes[i].InFlight }
	service := &s.Topology.Services[i]
	top := round(1.02 * max(s.most(inflight), float64(service.Slots)))
	c := s.frame(service.Name+": requests in flight", top)
	c.Band = s.band(inflight, top)
	c.Line = s.path(inflight(s.Runs[0]), top)
	c.Second, c.SecondName = s.path(s.Runs[0].Nodes[i].Busy, top), fmt.Sprintf("of them in one of the %s", text.Count(service.Slots, "slot"))
	o := &s.Outcome.Services[i]
	var notes []string
	begin, _ := s.Topology.window()
	if !o.Saturated.Never() {
		notes = append(notes, fmt.Sprintf("all %s in use after %s", text.Count(service.Slots, "slot"), o.Saturated))
	}
	if !o.Exhausted.Never() {
		notes = append(notes, "exhausted after "+o.Exhausted.String())
		if at := begin + o.Exhausted.Mid; at <= s.Topology.Duration {
			c.Marks = append(c.Marks, mark{s.x(at), "exhausted"})
		}
	}
	c.Note = strings.Join(notes, ", ")
	return c
}

func (s *Study) userChart() chart {
	done := func(run *Series) []float64 { return run.Users.Done }
	failed := func(run *Series) []float64 { return run.Users.Failed }
	top := round(1.02 * max(s.most(done), s.most(failed)))
	c := s.frame("answered each "+strings.TrimPrefix(strings.ReplaceAll(Seconds(s.Topology.Step), " ", "\u00a0"), "1\u00a0"), top)
	c.Band, c.Line = s.band(done, top), s.path(done(s.Runs[0]), top)
	c.Second, c.SecondName, c.Bad = s.path(failed(s.Runs[0]), top), "failed", true
	c.Note = percent(s.Outcome.Failed) + " fail since it began"
	if s.Outcome.Recovered >= 0 {
		c.Note += fmt.Sprintf("; recovers in %d of %d runs", s.Outcome.Recovered, s.Outcome.Runs)
	}
	return c
}
