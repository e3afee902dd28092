package page

import (
	"cmp"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// The page's numbers. Times are seconds; what is not known is null.
type (
	view struct {
		Name    string `json:"name"`
		PID     int    `json:"pid"`
		Seconds int    `json:"seconds"`
		Samples int    `json:"samples"`
		Ended   string `json:"ended"`
		Denied  string `json:"denied"`

		Open       int      `json:"open"`
		Max        *float64 `json:"max"`
		Exhaustion *float64 `json:"exhaustion"`
		Threads    int      `json:"threads"`
		Children   int      `json:"children"`
		Zombies    int      `json:"zombies"`
		RSS        uint64   `json:"rss"`
		Share      float64  `json:"share"`

		Kinds    []bar           `json:"kinds"`
		Sockets  []bar           `json:"sockets"`
		Findings []fault         `json:"findings"`
		Curves   map[string]line `json:"curves"`
		Leaks    []leak          `json:"leaks"`

		Agent  string  `json:"agent"`
		Lag    *lag    `json:"lag"`
		Tasks  *int    `json:"tasks"`
		Blocks []block `json:"blocks"`
		Pools  []pool  `json:"pools"`
	}
	bar struct {
		Name  string `json:"name"`
		Count int    `json:"count"`
		// Tone is "bad" for what should not be there for long, and Hint says why.
		Tone string `json:"tone"`
		Hint string `json:"hint"`
	}
	line  [][2]float64
	fault struct {
		Rule     string   `json:"rule"`
		Severity string   `json:"severity"`
		Message  string   `json:"message"`
		Place    string   `json:"place"`
		Static   []string `json:"static"`
		Remedy   string   `json:"remedy"`
	}
	leak struct {
		Name  string  `json:"name"`
		Slope float64 `json:"slope"`
	}
	lag struct {
		Bounds []float64 `json:"bounds"`
		Counts []uint64  `json:"counts"`
		Max    float64   `json:"max"`
		P99    float64   `json:"p99"`
	}
	block struct {
		Place   string  `json:"place"`
		Running string  `json:"running"`
		Count   int     `json:"count"`
		Longest float64 `json:"longest"`
	}
	pool struct {
		Name    string `json:"name"`
		Kind    string `json:"kind"`
		Used    int    `json:"used"`
		Idle    int    `json:"idle"`
		Max     int    `json:"max"`
		Waiting int    `json:"waiting"`
		Place   string `json:"place"`
	}
)

// viewOf makes the page's numbers of a state and what was found in it.
func viewOf(s *watch.State, found []finding.Finding) *view {
	v := &view{
		Name: text.Visible(strings.TrimPrefix(watch.Name(&s.Process), "process ")), PID: s.Process.PID,
		Seconds: int(s.At.Sub(s.Began).Seconds()), Samples: s.Samples, Ended: s.Ended, Denied: s.Sample.Denied,
		Open: s.Sample.Open, Exhaustion: finite(s.Exhaustion), Threads: s.Sample.Threads, Children: s.Sample.Children,
		Zombies: s.Sample.Zombies, RSS: s.Sample.RSSBytes, Share: s.Share,
		Kinds: kinds(&s.Sample), Sockets: sockets(&s.Sample), Findings: []fault{}, Curves: map[string]line{}, Leaks: []leak{},
		Agent: s.NoAgent, Blocks: []block{}, Pools: []pool{},
	}
	if s.Sample.MaxOpen != proc.Unlimited {
		v.Max = finite(float64(s.Sample.MaxOpen))
	}
	for name, points := range s.Curves {
		v.Curves[name] = lineOf(points)
	}
	for i := range s.Leaks {
		l := &s.Leaks[i]
		v.Leaks = append(v.Leaks, leak{text.Visible(watch.Short(&s.Process, l.Subject.Describe(l.Count))), l.Judgement.Slope})
	}
	for i := range found {
		v.Findings = append(v.Findings, faultOf(&found[i]))
	}
	v.inside(s)
	return v
}

func finite(f float64) *float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil
	}
	return &f
}

func lineOf(points []trend.Point) line {
	out := make(line, 0, len(points))
	for _, p := range points {
		out = append(out, [2]float64{p.Seconds, p.Value})
	}
	return out
}

func kinds(s *proc.Sample) []bar {
	bars := []bar{}
	for _, kind := range proc.Kinds() {
		if n := s.Kind(kind); n > 0 {
			bars = append(bars, bar{Name: kind.String(), Count: n})
		}
	}
	sortBars(bars)
	return bars
}

// maxBars is how many groups of sockets are shown.
const maxBars = 8

func sockets(s *proc.Sample) []bar {
	bars := []bar{}
	inside := map[string]int{}
	for g, n := range s.Counts {
		if g.Kind == proc.Socket && g.Narrow && g.Where != "" {
			bars = append(bars, barOf(g, n))
			inside[g.State] += n
		}
	}
	for g, n := range s.Counts {
		if rest := n - inside[g.State]; g.Kind == proc.Socket && g.Narrow && g.State != "" && g.Where == "" && rest > 0 {
			bars = append(bars, barOf(g, rest))
		}
	}
	sortBars(bars)
	return bars[:min(len(bars), maxBars)]
}

func nameOf(g proc.Group) string {
	switch {
	case g.Where == "":
		return g.State
	case cause.Subject{What: cause.Descriptors, Group: g}.Inbound():
		return g.State + " from " + g.Where
	}
	return g.State + " to " + g.Where
}

// hints say what is wrong with sockets that stay in a state.
var hints = map[string]string{
	"CLOSE_WAIT": "the other end has closed, this process has not",
	"SYN_SENT":   "nobody answers there",
}

func barOf(g proc.Group, count int) bar {
	out := bar{Name: text.Visible(nameOf(g)), Count: count, Hint: hints[g.State]}
	if out.Hint != "" {
		out.Tone = "bad"
	}
	return out
}

func faultOf(f *finding.Finding) fault {
	out := fault{Rule: f.Rule, Severity: f.Severity.String(), Message: text.Visible(f.Message), Remedy: f.Remedy, Static: []string{}}
	if f.Line > 0 && f.Span.End > 0 {
		out.Place = text.Visible(f.Path) + ":" + strconv.Itoa(f.Line)
		if f.Symbol != "" {
			out.Place += " in " + text.Visible(f.Symbol)
		}
	}
	for i := range f.Related {
		out.Static = append(out.Static, text.Visible(f.Related[i].Message))
	}
	return out
}

// inside fills in what the agent tells.
func (v *view) inside(s *watch.State) {
	if s.Agent.At.IsZero() {
		return
	}
	v.Agent = s.Agent.Hello.Describe()
	stats := &s.Agent.Stats
	sum := lag{Bounds: s.Agent.Hello.Bounds, Counts: make([]uint64, len(s.Agent.Hello.Bounds)+1)}
	tasks := 0
	for i := range stats.Loops {
		l := &stats.Loops[i]
		for k, n := range l.Lag.Counts[:min(len(l.Lag.Counts), len(sum.Counts))] {
			sum.Counts[k] += n
		}
		sum.Max = max(sum.Max, l.Lag.Max)
		tasks += max(l.Tasks, 0)
	}
	if len(stats.Loops) > 0 {
		sum.P99 = quantile(&sum, 0.99)
		v.Lag, v.Tasks = &sum, &tasks
	}
	for i := range s.Blocks {
		b := &s.Blocks[i]
		v.Blocks = append(v.Blocks, block{place(b.Site), text.Visible(b.Running), b.Count, b.Longest})
	}
	for i := range stats.Pools {
		p := &stats.Pools[i]
		v.Pools = append(v.Pools, pool{text.Visible(p.Name), text.Visible(p.Kind), max(p.Size-p.Available, 0), p.Available, p.Max, p.Waiting, place(p.Site)})
	}
}

func place(s probe.Site) string {
	if s.Line == 0 {
		return ""
	}
	return text.Visible(path.Base(s.File)) + ":" + strconv.Itoa(s.Line) + " " + text.Visible(s.Func)
}

// quantile is the upper bound of the bucket that holds a share of the counts; that of the last bucket is the bound below.
func quantile(l *lag, q float64) float64 {
	all := uint64(0)
	for _, n := range l.Counts {
		all += n
	}
	seen := uint64(0)
	for i, n := range l.Counts {
		seen += n
		if i < len(l.Bounds) && float64(seen) >= q*float64(all) {
			return l.Bounds[i]
		}
	}
	if len(l.Bounds) == 0 {
		return 0
	}
	return l.Bounds[len(l.Bounds)-1]
}

func sortBars(bars []bar) {
	slices.SortFunc(bars, func(a, b bar) int { return cmp.Or(b.Count-a.Count, cmp.Compare(a.Name, b.Name)) })
}
