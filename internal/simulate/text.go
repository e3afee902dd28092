package simulate

import (
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Text writes a study for people. name is the file it was read from; all is true where also those guards are listed that
// change nothing.
func (s *Study) Text(w io.Writer, name string, all bool) error {
	p := &printer{}
	s.head(p, name)
	s.services(p)
	s.users(p)
	s.guards(p, all)
	s.readings(p)
	s.unknowns(p)
	s.conflicts(p)
	_, err := io.WriteString(w, p.String())
	return err
}

type printer struct{ strings.Builder }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (s *Study) head(p *printer, name string) {
	t := s.Topology
	var loads []string
	for i := range t.Loads {
		loads = append(loads, fmt.Sprintf("%.4g requests/s to %s", t.Loads[i].Rate, t.Services[t.Loads[i].Call.To].Name))
	}
	p.line("%s: %s, %s; %s of %s", name, text.Count(len(t.Services), "service"), strings.Join(loads, ", "), text.Count(t.Runs, "run"), Seconds(t.Duration))
	for i := range t.Triggers {
		p.line("  %s", t.Triggers[i].words(t))
	}
}

// words says what a trigger does and when.
func (g *Trigger) words(t *Topology) string {
	what := fmt.Sprintf("the load is multiplied by %.4g", g.Rate)
	if g.Service >= 0 {
		var parts []string
		if g.Add > 0 {
			parts = append(parts, "is slower by "+Seconds(g.Add))
		}
		if g.Times != 1 {
			parts = append(parts, fmt.Sprintf("takes %.4g times as long", g.Times))
		}
		if g.Down {
			parts = append(parts, "is down")
		}
		if len(parts) == 0 {
			parts = append(parts, "is as before")
		}
		what = t.Services[g.Service].Name + " " + strings.Join(parts, " and ")
	}
	if math.IsInf(g.For, 1) {
		return fmt.Sprintf("%s from %s on", what, Seconds(g.At))
	}
	return fmt.Sprintf("%s from %s for %s", what, Seconds(g.At), Seconds(g.For))
}

func (s *Study) services(p *printer) {
	width := 0
	for i := range s.Topology.Services {
		width = max(width, len(s.Topology.Services[i].Name))
	}
	p.line("")
	for i := range s.Topology.Services {
		o, c := &s.Outcome.Services[i], &s.Closed[i]
		var parts []string
		if !o.Saturated.Never() {
			parts = append(parts, fmt.Sprintf("all %s in use after %s", text.Count(s.Topology.Services[i].Slots, "slot"), o.Saturated))
		}
		if !o.Exhausted.Never() {
			parts = append(parts, "exhausted after "+o.Exhausted.String())
		}
		if len(parts) == 0 {
			parts = append(parts, "holds")
		}
		if !math.IsInf(c.Exhausted, 1) {
			parts = append(parts, "by formula "+Seconds(c.Exhausted))
		}
		p.line("  %-*s  %s; at most %d in flight", width, s.Topology.Services[i].Name, strings.Join(parts, ", "), o.Peak)
	}
	for _, h := range s.Herds {
		wait := ""
		if !math.IsNaN(h.Jitter) {
			wait = "; life times that differ by " + Seconds(h.Jitter) + " spread it enough"
		}
		p.line("  the cache of %s for %s expires at once: %d calls together, the last waits %s%s", h.From, h.To, h.Burst, Seconds(h.Wait), wait)
	}
}

// String writes the median, with the least and the most where they differ.
func (s Span) String() string {
	mid, low, high := Seconds(s.Mid), Seconds(s.Low), Seconds(s.High)
	if low == high {
		return mid
	}
	return fmt.Sprintf("%s [%s … %s]", mid, low, high)
}

func (s *Study) users(p *printer) {
	o := s.Outcome
	p.line("")
	p.line("  %s of the requests from outside fail once it has begun", percent(o.Failed))
	switch {
	case o.Recovered < 0:
	case o.Recovered == o.Runs:
		p.line("  it recovers, %s after the end", o.RecoveredAfter)
	case o.Recovered == 0:
		p.line("  it does not recover when the cause is gone (metastable)")
	default:
		p.line("  it recovers in %d of %d runs", o.Recovered, o.Runs)
	}
}

func percent(s Span) string {
	low, high := fmt.Sprintf("%.0f %%", 100*s.Low), fmt.Sprintf("%.0f %%", 100*s.High)
	if low == high {
		return low
	}
	return low + " … " + high
}

// Brief says in a few words how the topology t fares: "shop exhausted after 19.3 s, recovers, 14 % fail".
func (o *Outcome) Brief(t *Topology) string {
	var parts []string
	if o.First != none {
		parts = append(parts, fmt.Sprintf("%s exhausted after %s", t.Services[o.First].Name, Seconds(o.Services[o.First].Exhausted.Mid)))
	} else {
		parts = append(parts, "nothing is exhausted")
	}
	if o.Recovered >= 0 {
		switch {
		case 2*o.Recovered < o.Runs:
			parts = append(parts, "does not recover")
		case o.First != none:
			parts = append(parts, "recovers")
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("%.0f %% fail", 100*o.Failed.Mid)), ", ")
}

func (s *Study) guards(p *printer, all bool) {
	if len(s.Guards) == 0 {
		return
	}
	p.line("\nwhat each guard is worth (as it is: %s)", s.Outcome.Brief(s.Topology))
	silent := 0
	width := 0
	for i := range s.Guards {
		width = max(width, utf8.RuneCountInString(s.Guards[i].Path))
	}
	for i := range s.Guards {
		g := &s.Guards[i]
		if !g.Matters && !all {
			silent++
			continue
		}
		mark := " "
		switch {
		case g.Matters && g.There:
			mark = "-"
		case g.Matters:
			mark = "+"
		}
		p.line("  %s %s%s  %s: %s", mark, g.Path, strings.Repeat(" ", width-utf8.RuneCountInString(g.Path)), g.Change, g.Outcome.Brief(s.Topology))
	}
	if silent > 0 {
		p.line("  %s more would change nothing (--all lists them)", text.Count(silent, "change"))
	}
}

func (s *Study) unknowns(p *printer) {
	if len(s.Flips) == 0 {
		return
	}
	p.line("\nwhat is not known exactly")
	for i := range s.Flips {
		p.line("  %s", s.Flips[i].words())
	}
}

// words says what an unknown value decides: "fan = 1 … 20 (shop/app.py:12 does not show it): holds up to 7, is exhausted from 8".
func (f *Flip) words() string {
	head := fmt.Sprintf("%s = %s … %s", f.Path, number(f.Low), number(f.High))
	if f.Why != "" {
		head += " (" + f.Why + ")"
	}
	switch {
	case math.IsNaN(f.At):
		return fmt.Sprintf("%s: %s either way", head, f.AtLow)
	case f.Whole:
		return fmt.Sprintf("%s: it decides: %s up to %s, %s from %s", head, f.AtLow, number(f.At-1), f.AtHigh, number(f.At))
	}
	return fmt.Sprintf("%s: it decides: %s up to %s, %s from there", head, f.AtLow, number(f.At), f.AtHigh)
}

// readings says what was read from code, with its places.
func (s *Study) readings(p *printer) {
	paths, by := s.Topology.readings()
	if len(paths) == 0 {
		return
	}
	p.line("\nwhat the code says")
	width := 0
	for _, path := range paths {
		width = max(width, utf8.RuneCountInString(path))
	}
	for _, path := range paths {
		var parts []string
		for i, one := range by[path] {
			text := one.What
			if i+1 == len(by[path]) || by[path][i+1].Where != one.Where {
				text += " (" + one.Where + ")"
			}
			parts = append(parts, text)
		}
		p.line("  %s%s  %s", path, strings.Repeat(" ", width-utf8.RuneCountInString(path)), strings.Join(parts, ", "))
	}
}

func number(v float64) string { return fmt.Sprintf("%.4g", v) }

func (s *Study) conflicts(p *printer) {
	if len(s.Conflicts) == 0 {
		return
	}
	p.line("\nwhat contradicts itself")
	for _, c := range s.Conflicts {
		p.line("  %s: %s", c.Path, c.Message)
	}
}
