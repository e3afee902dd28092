package watch

import (
	"fmt"
	"math"
	"path"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/join"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// Thresholds of findings that are no growth.
const (
	// fewBlocks is up to how many blocks of a line are let pass, unless one of them was longer than longBlock.
	fewBlocks = 2
	longBlock = 1.0
	// exhaustedFor is how long a pool must be used up.
	exhaustedFor = 10 * time.Second
)

// Static is the analysed source; *join.Static is one.
type Static interface {
	// Locate finds a line in the tree, At the site of an effect on it, Candidates sites that may be meant.
	Locate(at probe.Site) (name string, span finding.Span, ok bool)
	At(effect program.Effect, at probe.Site) (join.Match, bool)
	Candidates(effect program.Effect, accept func(what string) bool) []join.Match
}

var _ Static = (*join.Static)(nil)

// Find turns a state into findings, not yet completed. Each is placed at the line of the source that is to blame where
// that is known, and at the process otherwise. static may be nil.
func Find(s *State, static Static) []finding.Finding {
	f := &finder{state: s, static: static}
	for i := range s.Leaks {
		f.leak(&s.Leaks[i])
	}
	for i := range s.Pools {
		if s.Pools[i].For >= exhaustedFor {
			f.pool(&s.Pools[i])
		}
	}
	for i := range s.Blocks {
		if s.Blocks[i].Count > fewBlocks || s.Blocks[i].Longest >= longBlock {
			f.block(&s.Blocks[i])
		}
	}
	for i := range s.Agent.Stats.Unclosed {
		f.unclosed(&s.Agent.Stats.Unclosed[i])
	}
	return f.found
}

// Name is what a process is called in findings, the same for each run of the same command.
func Name(d *proc.Description) string {
	if len(d.Args) == 0 {
		return "process"
	}
	words := []string{path.Base(d.Args[0])}
	for _, arg := range d.Args[1:] {
		words = append(words, arg)
		if len(words) == maxNameWords {
			break
		}
	}
	return "process " + finding.OneLine(strings.Join(words, " "))
}

// maxNameWords is how many words of a command line name a process.
const maxNameWords = 4

// finder collects findings.
type finder struct {
	state  *State
	static Static
	found  []finding.Finding
}

func (f *finder) leak(l *cause.Leak) {
	out := f.new(ruleOf[l.Subject.What])
	out.Message = f.short(f.growth(l))
	out.Text = finding.Normalise(f.short(l.Subject.Describe(0)))
	if l.Subject.Inbound() {
		// It may as well be load.
		out.Severity = finding.Note
	}
	effect := program.Acquire
	if l.Subject.What == cause.Tasks || l.Subject.What == cause.Threads {
		effect = program.Spawn
	}
	sites := openers(l, &f.state.Agent)
	if len(sites) == 0 {
		f.guess(&out, l, effect)
	} else {
		f.place(&out, f.likeliest(sites, effect), effect)
	}
	f.found = append(f.found, out)
}

func (f *finder) short(text string) string { return Short(&f.state.Process, text) }

// Short leaves out the working directory of a process before paths, which is another on each machine.
func Short(d *proc.Description, text string) string {
	dir := d.Dir
	if dir == "" || dir == "/" {
		return text
	}
	return strings.ReplaceAll(text, dir+"/", "")
}

// likeliest prefers a line that the analysis blames too.
func (f *finder) likeliest(sites []probe.Site, effect program.Effect) probe.Site {
	if f.static != nil {
		for _, site := range sites {
			if m, ok := f.static.At(effect, site); ok && m.Rule != "" {
				return site
			}
		}
	}
	return sites[0]
}

// growth says what grows, how fast, and until when there is room.
func (f *finder) growth(l *cause.Leak) string {
	var out strings.Builder
	out.WriteString(l.Subject.Describe(l.Count))
	unit := ""
	before, slope := fmt.Sprint(l.Before), l.Judgement.Slope
	if l.Subject.What == cause.Memory {
		before, slope, unit = fmt.Sprintf("%d MiB", l.Before>>20), slope/(1<<20), " MiB"
	}
	if l.Judgement.Rising {
		fmt.Fprintf(&out, ", %s more each %s (%s at first)", rate(slope)+unit, per(slope), before)
	}
	for _, also := range l.Also {
		fmt.Fprintf(&out, ", with %s", also.Subject.Describe(also.Count))
	}
	if !math.IsInf(l.Exhaustion, 1) {
		limit := text.Grouped(int(min(l.Limit, math.MaxInt32)))
		if l.Exhaustion == 0 {
			fmt.Fprintf(&out, "; all %s descriptors are used up", limit)
		} else {
			fmt.Fprintf(&out, "; all %s descriptors will be used up in %s", limit, Duration(l.Exhaustion))
		}
	}
	out.WriteString(": " + l.Subject.Meaning())
	return out.String()
}

// rate writes a slope as a number that is at least one, per the unit that per names.
func rate(slope float64) string {
	for _, unit := range units {
		if slope*unit.seconds >= 1 || unit.name == "day" {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", slope*unit.seconds), ".0")
		}
	}
	return ""
}

func per(slope float64) string {
	for _, unit := range units {
		if slope*unit.seconds >= 1 {
			return unit.name
		}
	}
	return "day"
}

var units = []struct {
	name    string
	seconds float64
}{{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", 86400}}

// Duration writes seconds for people: "7 min 30 s", "3 h 20 min", "5 days".
func Duration(seconds float64) string {
	s := int(seconds)
	switch {
	case seconds > 1e9:
		return "years"
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %d s", s/60, s%60)
	case s < 2*86400:
		return fmt.Sprintf("%d h %d min", s/3600, s%3600/60)
	}
	return fmt.Sprintf("%d days", s/86400)
}

func (f *finder) pool(p *Exhausted) {
	out := f.new(ExhaustedPool)
	out.Message = fmt.Sprintf("the %s pool %s has given out all %s and %s, for %s", p.Kind, p.Name, text.Count(max(p.Size, p.Max), "connection"),
		waits(p.Waiting), Duration(p.For.Seconds()))
	out.Text = p.Kind + " " + p.Name
	f.place(&out, p.Site, program.Acquire)
	if f.static != nil {
		for _, m := range f.static.Candidates(program.Acquire, oneOf(poolPackages[p.Kind]...)) {
			if m.Rule != "" {
				f.join(&out, &m)
			}
		}
	}
	f.found = append(f.found, out)
}

// poolPackages are where what takes a connection from a pool is known.
var poolPackages = map[string][]string{
	"psycopg": {"psycopg_pool"}, "sqlalchemy": {"sqlalchemy"}, "asyncpg": {"asyncpg"}, "redis": {"redis"}, "httpx": {"httpx"},
}

func waits(n int) string {
	if n == 1 {
		return "1 caller waits"
	}
	return fmt.Sprintf("%d callers wait", n)
}

func (f *finder) block(b *probe.Block) {
	out := f.new(BlockedLoop)
	out.Message = fmt.Sprintf("the event loop was blocked %s, %s at the longest", text.Count(b.Count, "time"), seconds(b.Longest))
	if b.Running != "" {
		out.Message += ", in " + b.Running
	}
	if b.Longest >= longBlock {
		out.Severity = finding.Error
	}
	f.place(&out, b.Site, program.Block)
	f.found = append(f.found, out)
}

func seconds(s float64) string {
	if s < 1 {
		return fmt.Sprintf("%.0f ms", 1000*s)
	}
	return fmt.Sprintf("%.1f s", s)
}

func (f *finder) unclosed(u *probe.Unclosed) {
	out := f.new(UnclosedResource)
	out.Message = fmt.Sprintf("%s collected without having been closed, %s", u.Message, text.Count(u.Count, "time"))
	if u.Where != "" {
		out.Message += ": " + u.Where
	}
	out.Text = u.Message
	f.place(&out, u.Site, program.Acquire)
	f.found = append(f.found, out)
}

// new begins a finding at the process.
func (f *finder) new(rule string) finding.Finding {
	r := ruleNamed(rule)
	return finding.Finding{Rule: r.Name, Guard: r.Guard, Severity: r.Severity, Path: Name(&f.state.Process)}
}
