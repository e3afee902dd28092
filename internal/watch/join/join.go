package join

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
)

// Static is the analysed source of a service.
type Static struct {
	snapshot *engine.Snapshot
	root     string // absolute, without a closing slash
	dir      string // the working directory of the process, for relative names
}

// Load reads and links the source at root, which the request's tree is. dir is the working directory of the process.
func Load(ctx context.Context, q *engine.Request, root, dir string) (*Static, error) {
	snapshot, err := engine.Load(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("read the source in %s: %w", root, err)
	}
	return &Static{snapshot: snapshot, root: strings.TrimSuffix(root, "/"), dir: dir}, nil
}

// sites gives those of an effect. A fault of the analysis costs the join and not the watch.
func (s *Static) sites(effect program.Effect) (sites []program.Site) {
	defer func() {
		if recover() != nil {
			sites = nil
		}
	}()
	return s.snapshot.Program.Sites(effect)
}

// Match is a site of the analysis.
type Match struct {
	// Effect is that of the site.
	Effect program.Effect
	// Path is relative to the root, Span what is underlined, Line its 1-based line, Symbol the function.
	Path   string
	Span   finding.Span
	Line   int
	Symbol string
	// What is the canonical path of what is called, Rule the rule that the site breaks, empty where it breaks none.
	What, Rule string
	// Detail says how the rule is broken, Guards what protects the site.
	Detail string
	Guards []string
}

// Describe says what the analysis holds of the site: "leaked-resource: open is acquired and nothing closes it", or its
// guard.
func (m *Match) Describe() string {
	switch {
	case m.Rule != "" && m.Effect == program.Block:
		return fmt.Sprintf("%s: %s keeps the loop (%s)", m.Rule, m.What, m.Detail)
	case m.Rule != "" && m.Effect == program.Acquire:
		return fmt.Sprintf("%s: %s is acquired and %s", m.Rule, m.What, m.Detail)
	case m.Rule != "":
		return strings.TrimSpace(fmt.Sprintf("%s: %s %s", m.Rule, m.What, m.Detail))
	case len(m.Guards) > 0:
		return fmt.Sprintf("%s is guarded for the analysis (%s), which does not hold at run time", m.What, strings.Join(m.Guards, ", "))
	}
	return m.What + " has no guard"
}

// Locate finds a line that a process told in the tree; ok is false where the file is not part of it.
func (s *Static) Locate(at probe.Site) (name string, span finding.Span, ok bool) {
	name, ok = s.relative(at.File)
	if !ok {
		return "", finding.Span{}, false
	}
	file := s.snapshot.Find(name)
	if file == nil || at.Line < 1 || at.Line > file.Lines() {
		return "", finding.Span{}, false
	}
	return name, lineSpan(file, at.Line), true
}

func (s *Static) relative(file string) (name string, ok bool) {
	if !path.IsAbs(file) {
		file = path.Join(s.dir, file)
	}
	return strings.CutPrefix(path.Clean(file), s.root+"/")
}

// lineSpan is the text of a line without its indentation.
func lineSpan(file *source.File, line int) finding.Span {
	start, end := file.LineSpan(line)
	text := file.Slice(start, end)
	start += uint32(len(text) - len(strings.TrimLeft(text, " \t\f")))
	end -= uint32(len(text) - len(strings.TrimRight(text, " \t\f\r\n")))
	return finding.Span{Start: start, End: max(start, end)}
}

// At finds the site of an effect that a line is about: one on the line, one whose chain of calls comes past it, or, for
// what is acquired on one line and opened by another, one of the same function that breaks a rule. Of several it is the
// one that breaks a rule, then the shortest; ok is false where there is none.
func (s *Static) At(effect program.Effect, at probe.Site) (match Match, ok bool) {
	name, ok := s.relative(at.File)
	if !ok {
		return Match{}, false
	}
	var on, through, beside *program.Site
	sites := s.sites(effect)
	for i := range sites {
		site := &sites[i]
		switch {
		case s.covers(site.At, name, at.Line):
			on = preferred(on, site)
		case slices.ContainsFunc(site.Chain, func(step program.Step) bool { return s.covers(step.At, name, at.Line) }):
			through = preferred(through, site)
		case site.Fault != "" && s.path(site.At) == name && s.sameFunction(site, at):
			beside = preferred(beside, site)
		}
	}
	for _, found := range []*program.Site{on, through, beside} {
		if found != nil {
			return s.match(found), true
		}
	}
	return Match{}, false
}

func (s *Static) path(at program.Place) string { return s.snapshot.Program.Files[at.File].Path }

// covers says whether a place takes in a line of a file.
func (s *Static) covers(place program.Place, name string, line int) bool {
	if s.path(place) != name {
		return false
	}
	file := s.snapshot.Source(place.File)
	first, _ := file.Position(place.Start)
	last, _ := file.Position(place.End)
	return first <= line && line <= last
}

// sameFunction compares by name, without "<locals>" that the interpreter adds. Before Python 3.11 it knows the last part
// of the name only.
func (s *Static) sameFunction(site *program.Site, at probe.Site) bool {
	symbol, name := s.snapshot.Program.Symbol(site.Func), strings.ReplaceAll(at.Func, ".<locals>", "")
	return name != "" && (symbol == name || strings.HasSuffix(symbol, "."+name))
}

func preferred(best, site *program.Site) *program.Site {
	if best == nil || better(site, best) {
		return site
	}
	return best
}

// better prefers what breaks a rule, then the shorter text.
func better(a, b *program.Site) bool {
	if (a.Fault != "") != (b.Fault != "") {
		return a.Fault != ""
	}
	return a.At.End-a.At.Start < b.At.End-b.At.Start
}

func (s *Static) match(site *program.Site) Match {
	first, _ := s.snapshot.Source(site.At.File).Position(site.At.Start)
	m := Match{
		Effect: site.Effect, Path: s.path(site.At), Span: finding.Span{Start: site.At.Start, End: site.At.End}, Line: first,
		Symbol: s.snapshot.Program.Symbol(site.Func), What: site.What, Rule: site.Fault, Detail: site.Detail,
	}
	for i := range site.Guards {
		g := &site.Guards[i]
		text := string(g.Kind) + " from " + g.From
		if g.Weak != "" {
			text += ", weak: " + g.Weak
		}
		m.Guards = append(m.Guards, text)
	}
	return m
}

// maxCandidates is how many places are named where none is known to be the one.
const maxCandidates = 5

// Candidates gives the sites that may be behind a leak whose line nobody told: those of an effect that accept takes,
// what breaks a rule first.
func (s *Static) Candidates(effect program.Effect, accept func(what string) bool) []Match {
	var found []Match
	sites := s.sites(effect)
	for i := range sites {
		if !sites[i].Strict && accept(sites[i].What) {
			found = append(found, s.match(&sites[i]))
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int {
		switch {
		case (a.Rule != "") == (b.Rule != ""):
			return 0
		case a.Rule != "":
			return -1
		}
		return 1
	})
	return found[:min(len(found), maxCandidates)]
}

// Incomplete are the files that could not be read.
func (s *Static) Incomplete() []finding.Incomplete { return s.snapshot.Incomplete }

// Source finds a file of the tree, nil where there is none.
func (s *Static) Source(name string) *source.File { return s.snapshot.Find(name) }
