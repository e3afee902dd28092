package boundary

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Options say how to run. Root, Python and Content must be set.
type Options struct {
	// Root is the absolute path of the project, Python its interpreter.
	Root, Python string
	// Jobs is how many mutants run at once; 0 means one.
	Jobs int
	// Pytest are further arguments for pytest, such as the folder of the tests.
	Pytest []string
	// Coverage is a data file of coverage.py with contexts; empty runs all tests once to see which reach what.
	Coverage string
	// SuiteSeconds bounds one run of all tests, MemoryMB what a mutant may use on top; 0 means the defaults.
	SuiteSeconds, MemoryMB int
	// Hooks does without namespaces. RunAll runs also those mutants of which what was seen shows that they survive.
	Hooks, RunAll bool
	// Content gives the SHA-256 of a file of the project, Suite that of all of them.
	Content evidence.Files
	Suite   string
	// Known is what earlier runs have shown; nil or the zero value knows nothing.
	Known *evidence.File
	// Baseline is what an earlier run of the same suite has seen, nil for none.
	Baseline []byte
	// Witnesses looks for inputs that tell mutants apart, also where every verdict is known already.
	Witnesses bool
	// Progress is told how far the run is; nil where nobody looks.
	Progress func(stage string)
	// Keep is told now and then what has been shown so far, so that an interrupted run can be taken up; nil keeps nothing.
	// KeepBaseline is told once what the tests do as the code is.
	Keep         func(*evidence.File)
	KeepBaseline func([]byte)
}

// Defaults of Options.
const (
	defaultSuiteSeconds = 1800
	defaultMemoryMB     = 1024
	filesMB             = 256
	processes           = 64
	tasks               = 256
)

// Outcome is what a run has shown.
type Outcome struct {
	// Evidence has one comparison for each target, in their order.
	Evidence evidence.File
	// Sandbox says what held the mutants, nil where nothing had to run. Version is the interpreter's.
	Sandbox *Sandbox
	Version string
	// Incomplete lists what could not be judged, Notes what was assumed or left out.
	Incomplete []finding.Incomplete
	Notes      []string
	// Ran counts the mutants judged in this run, Reused those whose verdict still held.
	Ran, Reused int
	// Elapsed is how long the judging took, from the start of the interpreter.
	Elapsed time.Duration

	witnesses  []*witness
	hypothesis bool
}

// ErrRefused means that nothing could be judged; the message says why and what to do.
var ErrRefused = errors.New("nothing was judged")

func refuse(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// Run judges every mutant of the targets. A verdict that an earlier run gave for the same code and tests is taken over.
// Errors: ErrRefused where the project cannot be tested as it is; that of ctx when it ends.
func Run(ctx context.Context, targets []Target, o Options) (*Outcome, error) {
	r := &run{targets: targets, o: o, out: &Outcome{}, started: time.Now()}
	r.begin()
	p := &plan{
		Root: o.Root, Targets: planTargets(targets), Jobs: max(1, o.Jobs), Pytest: append([]string{}, o.Pytest...), Coverage: o.Coverage,
		Suite: either(o.SuiteSeconds, defaultSuiteSeconds), Limits: boundsOf(o),
		Done: slices.Sorted(maps.Keys(r.done)), RunAll: o.RunAll, Explore: o.Witnesses,
	}
	if o.Hooks {
		p.Sandbox = "hooks"
	}
	p.Baseline = r.baselineFor(p)
	if r.left() == 0 && (p.Baseline != nil || !o.Witnesses || !r.anyOpen()) {
		r.finish()
		return r.out, nil
	}
	r.progress("starting " + text.Visible(o.Python))
	if err := call(ctx, o.Python, p, r.hear); err != nil {
		r.keep()
		return nil, err
	}
	r.finish()
	r.out.Elapsed = time.Since(r.started)
	return r.out, nil
}

func boundsOf(o Options) limits {
	return limits{FilesMB: filesMB, MemoryMB: either(o.MemoryMB, defaultMemoryMB), Processes: processes, Tasks: tasks}
}

func either(value, otherwise int) int {
	if value > 0 {
		return value
	}
	return otherwise
}

// run is one run under way.
type run struct {
	targets []Target
	o       Options
	out     *Outcome
	done    map[string]bool
	total   int
	seen    baseline
	started time.Time
	judging time.Time
	kept    int
	keptAt  time.Time
}

// begin lays out the evidence and takes over what still holds.
func (r *run) begin() {
	r.done = map[string]bool{}
	old := r.earlier()
	for i := range r.targets {
		t := &r.targets[i]
		c := evidence.Comparison{
			Path: t.Path, Start: t.Span.Start, End: t.Span.End, Line: t.Line, Column: t.Column, Symbol: t.Symbol, Text: t.Text, Why: t.Why,
			Code: r.o.Content(t.Path), Suite: r.suite(),
		}
		for j, m := range t.Mutants {
			mutant := evidence.Mutant{To: m.To, Text: m.Text}
			if known := old[keyOf(&c, m.To, m.Text)]; known != nil && r.holds(&c, known) {
				mutant = *known.mutant
				r.done[mutantID(i, j)] = true
				r.out.Reused++
			}
			c.Mutants = append(c.Mutants, mutant)
			r.total++
		}
		r.out.Evidence.Comparisons = append(r.out.Evidence.Comparisons, c)
	}
	r.out.witnesses = make([]*witness, len(r.targets))
}

// suite is what a verdict depends on besides the code of the comparison: all Python files, and this agent.
func (r *run) suite() string { return r.o.Suite + "-" + agentHash() }

type earlier struct {
	comparison *evidence.Comparison
	mutant     *evidence.Mutant
}

func keyOf(c *evidence.Comparison, to, changed string) string {
	return fmt.Sprintf("%s\x00%d\x00%d\x00%s\x00%s", c.Path, c.Start, c.End, to, changed)
}

func (r *run) earlier() map[string]*earlier {
	known := map[string]*earlier{}
	if r.o.Known == nil {
		return known
	}
	for i := range r.o.Known.Comparisons {
		c := &r.o.Known.Comparisons[i]
		for j := range c.Mutants {
			known[keyOf(c, c.Mutants[j].To, c.Mutants[j].Text)] = &earlier{c, &c.Mutants[j]}
		}
	}
	return known
}

// holds reports whether a verdict is still true. A killed mutant needs the same code and the same test only; that nothing
// notices one may change with any file.
func (r *run) holds(now *evidence.Comparison, then *earlier) bool {
	if then.comparison.Code != now.Code || then.mutant.Verdict == "" {
		return false
	}
	if then.comparison.Suite == now.Suite {
		return true
	}
	return then.mutant.Verdict == evidence.Killed && then.mutant.By != "" && then.mutant.ByCode == r.o.Content(evidence.TestFile(then.mutant.By))
}

// anyOpen reports whether one of the verdicts asks for a test.
func (r *run) anyOpen() bool {
	for i := range r.out.Evidence.Comparisons {
		if len(openMutants(&r.out.Evidence.Comparisons[i])) > 0 {
			return true
		}
	}
	return false
}

func (r *run) left() int { return r.total - len(r.done) }

// savedBaseline is what is kept of the tests' behaviour, with what it was seen for.
type savedBaseline struct {
	Key  string          `json:"key"`
	Data json.RawMessage `json:"data"`
}

// baselineKey tells one run of the tests from another: the files, the agent, the targets and the arguments.
func (r *run) baselineKey(p *plan) string {
	encoded, err := json.Marshal([]any{r.suite(), p.Targets, p.Pytest, p.Coverage, p.Sandbox, p.Explore})
	if err != nil {
		return ""
	}
	return hash(encoded)
}

func (r *run) baselineFor(p *plan) json.RawMessage {
	var saved savedBaseline
	if r.o.Baseline != nil && json.Unmarshal(r.o.Baseline, &saved) == nil && saved.Key == r.baselineKey(p) {
		if json.Unmarshal(saved.Data, &r.seen) == nil {
			return saved.Data
		}
	}
	return nil
}

func (r *run) progress(stage string) {
	if r.o.Progress != nil {
		r.o.Progress(stage)
	}
}

// hear takes one line of the agent.
func (r *run) hear(line []byte) error {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("the agent said %q: %w", line[:min(len(line), 100)], err)
	}
	switch e.Event {
	case "absent", "nocontexts", "uncollected", "broken":
		return r.refused(&e)
	case "fault":
		return errors.New("internal error, please report it: the agent: " + e.How)
	case "sandbox":
		r.out.Sandbox, r.out.Version = e.Sandbox, e.Python
	case "collected":
		if e.Tests == 0 {
			e.Event = "uncollected"
			return r.refused(&e)
		}
		r.collected(&e)
	case "imports":
		r.note("while the tests were imported, the code tried to " + text.List(e.Tried) + ": that runs before any test and for every mutant; move it into a function or a fixture")
	case "dependent":
		r.note(e.Test + " fails when it runs alone, without any mutant: what it says of mutants is not believed")
	case "baseline":
		return r.baselined(e.Data)
	case "verdict":
		r.verdict(&e)
	}
	return nil
}

func (r *run) note(what string) { r.out.Notes = append(r.out.Notes, what) }

// refused words why nothing can be judged.
func (r *run) refused(e *event) error {
	switch e.Event {
	case "absent":
		if e.What == "coverage" {
			return refuse("--coverage needs the coverage package in %s, which has none: install it there, or leave --coverage out (the tests are then run once to see what they reach)", r.o.Python)
		}
		return refuse("%s has no %s: install it there, or name the project's interpreter with --python", r.o.Python, e.What)
	case "nocontexts":
		if e.Files == 0 {
			return refuse("%s measured none of the files: record with `pytest --cov=FOLDER --cov-context=test`, FOLDER being theirs", r.o.Coverage)
		}
		return refuse("%s measured %s and names no test: record with `pytest --cov --cov-context=test`", r.o.Coverage, text.Count(e.Files, "file"))
	case "uncollected":
		if len(e.Broken) > 0 {
			return refuse("no test can be collected: %s: %s (is the project installed in %s?)", e.Broken[0][0], e.Broken[0][1], r.o.Python)
		}
		return refuse("pytest found no tests to run (exit code %d)%s", e.Code, lastLine(e.Said))
	}
	if e.What == "import" {
		return refuse("the process ended while the tests were imported (%s): look for sys.exit or os._exit outside of functions", e.How)
	}
	if e.Test != "" {
		return refuse("the run of the tests %s in %s, without any mutant", e.How, e.Test)
	}
	return refuse("the run of the tests %s, without any mutant", e.How)
}

func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return ": " + text.Visible(last)
	}
	return ""
}

// collected notes what is wrong before any test has run.
func (r *run) collected(e *event) {
	for _, broken := range e.Broken {
		r.out.Incomplete = append(r.out.Incomplete, finding.Incomplete{Path: evidence.TestFile(broken[0]), Reason: "its tests cannot be collected: " + broken[1]})
	}
	if len(e.Threads) > 0 {
		r.note("importing the tests started " + text.Count(len(e.Threads), "thread") + " (" + text.List(e.Threads) + "), which do not live on in a mutant's process")
	}
	for _, number := range e.Missing {
		t := &r.targets[number]
		r.out.Incomplete = append(r.out.Incomplete, finding.Incomplete{Path: t.Path, Line: t.Line, Column: t.Column, Reason: "the interpreter sees no `" + t.Text + "` here; is it another version of Python?"})
	}
	for _, stranger := range e.Strangers {
		r.out.Incomplete = append(r.out.Incomplete, finding.Incomplete{Path: stranger[0], Reason: "the tests import " + stranger[1] + " instead: install the project in editable mode"})
	}
	r.progress(fmt.Sprintf("running %s to see what they reach", text.Count(e.Tests, "test")))
}

// baselined takes what the tests do as the code is.
func (r *run) baselined(data json.RawMessage) error {
	if err := json.Unmarshal(data, &r.seen); err != nil {
		return fmt.Errorf("the agent's baseline: %w", err)
	}
	if r.o.KeepBaseline != nil {
		p := &plan{Targets: planTargets(r.targets), Pytest: append([]string{}, r.o.Pytest...), Coverage: r.o.Coverage, Explore: r.o.Witnesses}
		if r.o.Hooks {
			p.Sandbox = "hooks"
		}
		if saved, err := json.Marshal(savedBaseline{r.baselineKey(p), data}); err == nil {
			r.o.KeepBaseline(saved)
		}
	}
	passed, failed := 0, []string{}
	for _, test := range slices.Sorted(maps.Keys(r.seen.Outcomes)) {
		switch r.seen.Outcomes[test].Verdict {
		case "passed":
			passed++
		case "failed":
			failed = append(failed, test)
		}
	}
	if passed == 0 && len(failed) > 0 {
		return refuse("the suite fails before anything is changed: %s: %s", failed[0], r.seen.Outcomes[failed[0]].How)
	}
	return nil
}

// suiteNotes says which tests could not be used.
func (r *run) suiteNotes() {
	failed := 0
	first := ""
	for _, test := range slices.Sorted(maps.Keys(r.seen.Outcomes)) {
		if r.seen.Outcomes[test].Verdict == "failed" {
			failed++
			if first == "" {
				first = test + " (" + r.seen.Outcomes[test].How + ")"
			}
		}
	}
	if failed > 0 {
		r.note(text.Count(failed, "test") + " failed without any mutant, which proves nothing of mutants: " + first)
	}
	for _, test := range r.seen.Flaky {
		r.note(test + " passed once and failed once without any mutant: it is left out")
	}
}

// verdict takes one verdict.
func (r *run) verdict(e *event) {
	var number, which int
	if _, err := fmt.Sscanf(e.Mutant, "%d.%d", &number, &which); err != nil || number >= len(r.targets) {
		return
	}
	if r.judging.IsZero() {
		r.judging = time.Now()
		r.keptAt = r.judging
	}
	m := &r.out.Evidence.Comparisons[number].Mutants[which]
	m.Verdict, m.By, m.How, m.Reason, m.Reach, m.Tried = evidence.Verdict(e.Verdict), e.By, e.How, e.Reason, e.Reach, e.Tried
	if e.By != "" {
		m.ByCode = r.o.Content(evidence.TestFile(e.By))
	}
	if len(e.Near) > 0 {
		m.Near = e.Near[0]
	}
	if m.Verdict == evidence.NotReached && len(e.Spoiled) > 0 {
		m.How = "only tests reach it that cannot be used: " + strings.Join(e.Spoiled, ", ")
	}
	r.done[e.Mutant] = true
	r.out.Ran++
	r.progress(r.remaining(time.Since(r.judging)))
	if r.out.Ran-r.kept >= keepEvery || time.Since(r.keptAt) >= keepAtLeast {
		r.keep()
	}
}

// keepEvery is after how many verdicts they are kept, so that an interrupted run loses little.
const keepEvery = 25

// keepAtLeast is how much time passes at most between two verdicts that are kept.
const keepAtLeast = 2 * time.Second

func (r *run) keep() {
	if r.o.Keep != nil {
		r.kept, r.keptAt = r.out.Ran, time.Now()
		r.o.Keep(r.merged())
	}
}

// remaining says how far the run is and how long the rest will take at this pace.
func (r *run) remaining(passed time.Duration) string {
	stage := fmt.Sprintf("mutant %d of %d", len(r.done), r.total)
	if r.out.Ran < 3 || r.left() == 0 {
		return stage
	}
	left := time.Duration(float64(passed) / float64(r.out.Ran) * float64(r.left()))
	return stage + ", about " + left.Round(time.Second).String() + " left"
}
