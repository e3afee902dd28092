package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tiebeam/tiebeam/internal/engine"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/report"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/text"
	"github.com/tiebeam/tiebeam/internal/tree"
	"github.com/tiebeam/tiebeam/internal/watch"
	"github.com/tiebeam/tiebeam/internal/watch/join"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
	"github.com/tiebeam/tiebeam/internal/watch/trend"
)

// joiner reads the source of a service once something was found in it.
type joiner struct {
	request *engine.Request
	root    string
	dir     string
	folder  *tree.Folder

	once   sync.Once
	done   chan struct{}
	static *join.Static
	err    error
}

// openSource finds the source of the service: what --source names, or the working directory of the process where that is
// one of a project and not the whole machine.
func (s *session) openSource() error {
	s.joiner = &joiner{done: make(chan struct{})}
	described := proc.Describe("", s.options.PID)
	root := s.source
	if root == "" {
		root = described.Dir
		if root == "" || root == "/" || root == s.env["HOME"] {
			s.notes = append(s.notes, "the source of the service is not known, so findings name no site of it: name its folder with --source")
			return nil
		}
	} else if !isDir(root) {
		return usage("--source %s: no such folder", root)
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	if real, err := filepath.EvalSymlinks(root); err == nil {
		root = real
	}
	flags := judging{jobs: 1, config: s.config}
	q, err := flags.request(root)
	if err != nil {
		return err
	}
	folder, err := openFolder(place{root: root}, q)
	if err != nil {
		return err
	}
	s.closers = append(s.closers, func() { folder.Close() })
	q.Tree, q.Baseline = folder, nil
	s.joiner.request, s.joiner.root, s.joiner.dir, s.joiner.folder = q.Request, root, described.Dir, folder
	return nil
}

// load reads the source, once.
func (j *joiner) load() {
	defer close(j.done)
	if j.request == nil {
		return
	}
	j.static, j.err = join.Load(context.Background(), j.request, j.root, j.dir)
}

// now gives the findings of a state, joined with the source as soon as that has been read.
func (j *joiner) now(s *watch.State) []finding.Finding {
	if len(watch.Find(s, nil)) == 0 {
		return nil
	}
	j.once.Do(func() { go j.load() })
	select {
	case <-j.done:
		return j.find(s)
	default:
		return complete(watch.Find(s, nil), nil)
	}
}

// last gives the findings of the last state, and waits for the source.
func (j *joiner) last(s *watch.State) []finding.Finding {
	if len(watch.Find(s, nil)) == 0 {
		return nil
	}
	j.once.Do(func() { go j.load() })
	<-j.done
	return j.find(s)
}

func (j *joiner) find(s *watch.State) []finding.Finding {
	if j.static == nil {
		return complete(watch.Find(s, nil), nil)
	}
	return complete(watch.Find(s, j.static), j.static.Source)
}

// complete adds lines, order and fingerprints.
func complete(found []finding.Finding, find func(name string) *source.File) []finding.Finding {
	files := func(_ finding.Side, name string) finding.Lines {
		if find == nil {
			return nil
		}
		if file := find(name); file != nil {
			return file
		}
		return nil
	}
	for i := range found {
		finding.Complete(&found[i], files)
	}
	finding.Sort(found)
	finding.Seal(found)
	return found
}

// report writes what was found and says how to exit.
func (s *session) report(last *watch.State) error {
	found := s.joiner.last(last)
	r := &report.Report{
		Tool: "tiebeam", Version: Version, Findings: found, Rules: describe(), Notes: s.summary(last),
		Incomplete: s.unseen(last), Files: last.Samples, Unit: "look",
	}
	maps.Copy(r.Rules, describeWatch())
	if s.joiner.static != nil {
		r.Prefix = s.prefix()
		r.Source = func(_ finding.Side, name string) report.Text {
			if file := s.joiner.static.Source(name); file != nil {
				return file
			}
			return nil
		}
	}
	if err := s.writeReport(r); err != nil && !closedPipe(err) {
		return fmt.Errorf("write the report: %w", err)
	}
	for i := range found {
		if s.fails(&found[i]) {
			return exitError(exitFindings)
		}
	}
	if len(r.Incomplete) > 0 {
		return exitError(exitIncomplete)
	}
	return nil
}

func (s *session) writeReport(r *report.Report) error {
	options := report.Options{Explain: s.explain, Quiet: s.quiet}
	if s.output == "" {
		options.Color, options.Width = s.colored(s.color, s.stdout), s.width(s.stdout)
		return report.Write(s.stdout, s.format, r, options)
	}
	options.Color = s.color == "always"
	return replace(s.output, func(w io.Writer) error { return report.Write(w, s.format, r, options) })
}

// prefix leads from the working directory to the source.
func (s *session) prefix() string {
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	return prefixOf(here, s.joiner.root)
}

// fails says whether a finding is one that --fail-on names. A note never is.
func (s *session) fails(f *finding.Finding) bool {
	if slices.Contains(s.failOn, "never") || f.Severity == finding.Note && !slices.Contains(s.failOn, watch.ClassOf(f.Rule)) {
		return false
	}
	return slices.Contains(s.failOn, "any") || slices.Contains(s.failOn, watch.ClassOf(f.Rule)) && (f.Severity != finding.Note || watch.ClassOf(f.Rule) == watch.ClassUnclosed)
}

// unseen lists what could not be judged.
func (s *session) unseen(last *watch.State) []finding.Incomplete {
	var all []finding.Incomplete
	name := watch.Name(&last.Process)
	add := func(reason string) { all = append(all, finding.Incomplete{Path: name, Reason: reason}) }
	if last.Sample.Denied != "" {
		add(last.Sample.Denied)
	}
	if last.Samples < trend.MinPoints {
		add(fmt.Sprintf("%s, and %d are needed to see a trend", text.Count(last.Samples, "look"), trend.MinPoints))
	}
	if what := s.agentOnly(); what != "" {
		if last.Agent.At.IsZero() {
			why := cmp.Or(last.NoAgent, watch.Why(last, s.options.Launched))
			if s.noAgent {
				why = "--no-agent keeps it out"
			}
			add("nothing is known of " + what + " without the agent: " + why)
		} else if unseen := last.Agent.Hello.Unseen(); unseen != "" && slices.Contains(s.failOn, watch.ClassBlock) {
			add(unseen)
		}
	}
	if s.joiner.err != nil {
		add(s.joiner.err.Error())
	}
	return finding.SortIncomplete(all)
}

// agentOnly lists what --fail-on names and the kernel does not know: silence about it means nothing where no agent spoke.
func (s *session) agentOnly() string {
	var what []string
	for _, one := range []struct{ class, name string }{
		{watch.ClassPool, "pools"}, {watch.ClassBlock, "blocked loops"}, {watch.ClassUnclosed, "resources that were not closed"},
	} {
		if slices.Contains(s.failOn, one.class) {
			what = append(what, one.name)
		}
	}
	return text.List(what)
}

// watched says what was watched, for how long, and what it had in the end.
func watched(last *watch.State) string {
	limit := "no limit"
	if last.Sample.MaxOpen != proc.Unlimited {
		limit = "a limit of " + text.Grouped(int(min(last.Sample.MaxOpen, 1<<31)))
	}
	return fmt.Sprintf("watched %s (process %d) for %s: %s at the end with %s, %s, %d MiB",
		strings.TrimPrefix(watch.Name(&last.Process), "process "), last.Process.PID, watch.Duration(last.At.Sub(last.Began).Seconds()),
		descriptors(&last.Sample), limit, text.Count(last.Sample.Threads, "thread"), last.Sample.RSSBytes>>20)
}

// descriptors says how many are open; that they may not be counted is no 0.
func descriptors(s *proc.Sample) string {
	if s.Denied != "" {
		return "an unknown number of descriptors"
	}
	return text.Count(s.Open, "descriptor")
}

// summary says what was watched and what it ended with.
func (s *session) summary(last *watch.State) []string {
	var notes []string
	if last.Samples > 0 {
		notes = append(notes, watched(last))
	}
	if last.Ended != "" && last.Ended != "stopped" {
		notes = append(notes, last.Ended)
	}
	if !last.Agent.At.IsZero() {
		notes = append(notes, last.Agent.Hello.Describe())
	} else if last.NoAgent != "" && last.Process.Python() {
		notes = append(notes, last.NoAgent)
	}
	return append(notes, s.notes...)
}

// describeWatch makes the report's rules of those of a watch.
func describeWatch() map[string]report.Rule {
	described := map[string]report.Rule{}
	for _, r := range watch.Rules() {
		described[r.Name] = report.Rule{Name: r.Name, Guard: r.Guard, Severity: r.Severity, Summary: r.Summary, Why: r.Why, Remedy: r.Remedy}
	}
	return described
}
