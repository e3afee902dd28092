package chaos

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/source"
	"github.com/tiebeam/tiebeam/internal/text"
)

// The rules that a run gives evidence for, with the guards that they miss.
const (
	RepeatsEffect = "retry-repeats-effect"
	UnboundedWait = "unbounded-wait"
	Leaked        = "leaked-resource"
	Storm         = "unbounded-retry"
)

// Report is a sweep as findings.
type Report struct {
	Findings   []finding.Finding
	Incomplete []finding.Incomplete
	Notes      []string

	groups  []group
	sources map[string]*source.File
	root    string
	all     []*verdict.Judgement
	tests   map[string]*ledger.Test
}

// Make turns the result of a sweep in a folder into findings, sorted and sealed.
func Make(root string, r *sweep.Result) *Report {
	out := &Report{sources: map[string]*source.File{}, root: root, all: r.Judgements, tests: map[string]*ledger.Test{}}
	for _, b := range r.Bases {
		out.tests[b.Test.ID] = &b.Test
	}
	out.groups = out.group(r)
	for i := range out.groups {
		out.Findings = append(out.Findings, out.groups[i].finding)
	}
	out.Settled(out.Findings)
	finding.Sort(out.Findings)
	finding.Seal(out.Findings)
	out.withheld(r)
	out.notes(r)
	return out
}

// Settled replaces the findings by those of them that comments and the baseline have left, and completes them with
// lines, also of files that the analysis does not read.
func (r *Report) Settled(left []finding.Finding) {
	r.Findings = left
	for i := range left {
		finding.Complete(&left[i], func(_ finding.Side, path string) finding.Lines {
			if file := r.Source(path); file != nil {
				return file
			}
			return nil
		})
	}
}

// evidence is what showed a finding, nil for none.
func (r *Report) evidence(f *finding.Finding) *group {
	for i := range r.groups {
		g := &r.groups[i].finding
		if g.Path == f.Path && g.Span == f.Span && g.Rule == f.Rule && g.Symbol == f.Symbol && g.Message == f.Message {
			return &r.groups[i]
		}
	}
	return nil
}

// Source reads a file below the root, nil where it cannot be had.
func (r *Report) Source(path string) *source.File {
	file, known := r.sources[path]
	if !known {
		raw, err := os.ReadFile(filepath.Join(r.root, filepath.FromSlash(path)))
		if err == nil && filepath.IsLocal(filepath.FromSlash(path)) {
			file, _ = source.New(path, raw, maxSource)
		}
		r.sources[path] = file
	}
	return file
}

// maxSource is the size of a file from which lines are shown, in bytes.
const maxSource = 5 << 20

// group is one finding and the runs that showed it: a retry that repeats an effect is one finding, whichever answer is lost.
type group struct {
	finding    finding.Finding
	judgements []*verdict.Judgement
	key        string
	duplicate  *verdict.Duplicate
	place      place
}

// group makes findings of judgements, each with all that showed it.
func (r *Report) group(result *sweep.Result) []group {
	var groups []group
	add := func(g group, j *verdict.Judgement) {
		i := slices.IndexFunc(groups, func(known group) bool { return known.key == g.key })
		if i < 0 {
			groups = append(groups, g)
			i = len(groups) - 1
		}
		groups[i].judgements = append(groups[i].judgements, j)
	}
	for _, j := range result.Judgements {
		for k := range j.Duplicates {
			d := &j.Duplicates[k]
			at := r.retry(j, d)
			add(group{key: fmt.Sprintf("twice %s %s %s %t", at, d.Again.Protocol, d.Again.Shape, d.Renewed), duplicate: d, place: at}, j)
		}
		if j.Endless {
			at := r.line(j.Faulted)
			add(group{key: fmt.Sprintf("endless %s %s", at, j.Faulted.Protocol), place: at}, j)
		}
		for _, p := range j.Unreturned {
			at := r.line(j.Faulted)
			add(group{key: fmt.Sprintf("out %s %s %s", at, p.Kind, p.Name), place: at}, j)
		}
		if j.Storm() {
			at := r.line(j.Faulted)
			add(group{key: "storm " + at.String(), place: at}, j)
		}
	}
	for i := range groups {
		g := &groups[i]
		switch {
		case g.duplicate != nil:
			r.twice(g)
		case strings.HasPrefix(g.key, "endless"):
			r.endless(g)
		case strings.HasPrefix(g.key, "out"):
			r.unreturned(g)
		default:
			r.storm(g)
		}
	}
	return groups
}

// fill puts the place of a group into its finding.
func (r *Report) fill(g *group, rule, guard string, severity finding.Severity) *finding.Finding {
	f := &g.finding
	f.Rule, f.Guard, f.Severity = rule, guard, severity
	f.Path, f.Symbol = g.place.path, g.place.function
	f.Span = r.span(g.place)
	return f
}

// span is the text of a line without its indent.
func (r *Report) span(p place) finding.Span {
	file := r.Source(p.path)
	if file == nil {
		return finding.Span{}
	}
	start, end := file.LineSpan(p.line)
	line := file.Slice(start, end)
	start += uint32(len(line) - len(strings.TrimLeft(line, " \t")))
	return finding.Span{Start: start, End: max(start, end)}
}

// twice words an effect that is done again.
func (r *Report) twice(g *group) {
	f := r.fill(g, RepeatsEffect, "idempotency", finding.Error)
	d, j := g.duplicate, g.judgements[0]
	what := finding.OneLine(d.Again.Shape)
	how := "happens"
	if d.Again.Protocol == wire.Postgres {
		how = "is committed"
	}
	f.Message = fmt.Sprintf("%s %s %s where it should be %s, when %s", what, how, times(d.Is), times(d.Was), because(g.judgements))
	switch {
	case d.Renewed:
		f.Message = fmt.Sprintf("idempotency key made anew on each attempt: %s happens under %s where it should be under %s, when %s",
			what, keys(d.Is), keys(d.Was), because(g.judgements))
	case d.Difference != nil:
		f.Message = fmt.Sprintf("%s is done again, and %s afterwards, when %s", what, differs(d), because(g.judgements))
	case g.place.library != "":
		f.Message = fmt.Sprintf("%s, called once here, is sent again by %s itself: it %s %s, when %s", what, g.place.library, how, times(d.Is), because(g.judgements))
	}
	f.Remedy = remedy(d, g.place.library)
	f.Related = append(f.Related,
		r.related(j.Faulted, "%s", faulted(j)),
		r.related(d.First, "first: %s", statement(d.First)),
		r.related(d.Again, "again: %s", statement(d.Again)),
	)
}

func times(n int64) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

func keys(n int64) string { return text.Count(int(n), "key") }

// differs words what the end state shows.
func differs(d *verdict.Duplicate) string {
	if d.Difference.Is != d.Difference.Was {
		return fmt.Sprintf("%s has %s instead of %d", d.Difference.Table, text.Count(int(d.Difference.Is), "row"), d.Difference.Was)
	}
	return fmt.Sprintf("%s has other values in %s", d.Difference.Table, strings.Join(d.Difference.Columns, ", "))
}

// because words the faults that showed something.
func because(judgements []*verdict.Judgement) string {
	first := judgements[0]
	words := fmt.Sprintf("%s (%s)", cause[first.Kind](finding.OneLine(first.Point.String())), first.Kind)
	if n := len(judgements); n > 1 {
		words += fmt.Sprintf("; also at %s", text.Count(n-1, "other fault"))
	}
	return words
}

// cause words what each kind does to an operation.
var cause = map[fault.Kind]func(string) string{
	fault.ResponseLost: func(op string) string { return "the answer to " + op + " is lost" },
	fault.Hang:         func(op string) string { return "the answer to " + op + " does not come" },
	fault.ResetBefore:  func(op string) string { return "the connection is reset before " + op },
	fault.ResetAfter:   func(op string) string { return "the connection is reset after " + op },
	fault.HalfOpen:     func(op string) string { return "the connection is half open after " + op },
	fault.SlowClose:    func(op string) string { return "the connection closes slowly after " + op },
	fault.Truncate:     func(op string) string { return "the answer to " + op + " is cut short" },
	fault.Latency:      func(op string) string { return "the answer to " + op + " is late" },
	fault.ErrorStatus:  func(op string) string { return op + " is done and answered with an error" },
	fault.Outage:       func(op string) string { return "the service is out from " + op + " on" },
}

// faulted words the operation at which the fault was.
func faulted(j *verdict.Judgement) string {
	return "fault: " + cause[j.Kind](statement(j.Faulted))
}

// statement is an operation with its parameters, where they were asked for.
func statement(r *ledger.Record) string {
	said := finding.OneLine(r.Shape)
	if r.Shown != "" {
		said += " [" + finding.OneLine(r.Shown) + "]"
	}
	return said
}

// remedy is the guard that would stop a duplicate.
func remedy(d *verdict.Duplicate, library string) string {
	switch {
	case d.Renewed:
		return "draw the key once, before the first attempt, and send the same with each"
	case library == "redis":
		return "let the client not repeat what is not idempotent: redis.Redis(retry=None, retry_on_error=[]), or Retry(NoBackoff(), 0)"
	case d.Again.Protocol == wire.HTTP:
		return "send an idempotency key that is drawn before the first attempt: headers={\"Idempotency-Key\": key}"
	case d.Again.Protocol == wire.Redis:
		return "make the command one that can be done twice (SET with the value, SADD, HSET), or keep the id of what was done in the same MULTI"
	case d.Again.Class == wire.Effect && d.Again.Target != "":
		return fmt.Sprintf("make what identifies the row of %s UNIQUE and write ON CONFLICT DO NOTHING, or ask in the new attempt whether the first one was done", d.Again.Target)
	}
	return "ask in the new attempt whether the first one was done, in the same transaction"
}

// endless words a wait without a deadline.
func (r *Report) endless(g *group) {
	f := r.fill(g, UnboundedWait, "deadline", finding.Error)
	j := g.judgements[0]
	f.Message = fmt.Sprintf("%s waits for an answer that does not come, and was still waiting after %s; no deadline ends the wait",
		finding.OneLine(j.Faulted.Shape), j.Waited.Round(100*time.Millisecond))
	f.Remedy = deadline[j.Faulted.Protocol]
	f.Related = append(f.Related, r.related(j.Faulted, "%s", faulted(j)))
}

// deadline is the guard that would end a wait.
var deadline = map[wire.Protocol]string{
	wire.Postgres: "statement_timeout does not help where the answer is lost on the way: end the wait on this side (command_timeout of asyncpg, or a timer that shuts down the socket of a connection that is in use for too long)",
	wire.HTTP:     "give the client a timeout",
	wire.Redis:    "give the client socket_timeout",
	wire.Opaque:   "give the client a timeout for reading",
}

// unreturned words a connection that is not given back.
func (r *Report) unreturned(g *group) {
	f := r.fill(g, Leaked, "release", finding.Error)
	j := g.judgements[0]
	p := j.Unreturned[0]
	f.Message = fmt.Sprintf("%s of the %s %s is not returned, when %s", text.Count(p.Out, "connection"), p.Kind, p.Name, because(g.judgements))
	f.Remedy = "give the connection back on every path: with pool.connection() as c, or a finally"
	f.Related = append(f.Related, r.related(j.Faulted, "%s", faulted(j)))
}

// storm words attempts without end.
func (r *Report) storm(g *group) {
	f := r.fill(g, Storm, "retry-bound", finding.Warning)
	j := g.judgements[0]
	f.Message = fmt.Sprintf("%d attempts within %s at a service that is out", j.Attempts, j.Within.Round(10*time.Millisecond))
	f.Remedy = "bound the attempts, and wait longer before each, with jitter"
	f.Related = append(f.Related, r.related(j.Faulted, "%s", faulted(j)))
}

// related is a step of the story at the line of an operation.
func (r *Report) related(record *ledger.Record, format string, args ...any) finding.Related {
	at := r.line(record)
	return finding.Related{
		Place:   finding.Place{Path: at.path, Span: r.span(at)},
		Message: fmt.Sprintf(format, args...) + fmt.Sprintf(" (connection %d)", record.Conn),
	}
}

// withheld lists what could not be judged.
func (r *Report) withheld(result *sweep.Result) {
	for _, problem := range result.Problems {
		r.Incomplete = append(r.Incomplete, finding.Incomplete{Path: "./", Reason: problem})
	}
	for _, b := range result.Bases {
		for _, why := range b.Withheld {
			r.Incomplete = append(r.Incomplete, finding.Incomplete{Path: cmp.Or(b.Test.ID, "./"), Reason: why})
		}
	}
	for _, j := range result.Judgements {
		for _, why := range j.Withheld {
			r.Incomplete = append(r.Incomplete, finding.Incomplete{
				Path: cmp.Or(j.Point.Test, "./"), Reason: fmt.Sprintf("%s at %s: %s", j.Kind, finding.OneLine(j.Point.String()), why),
			})
		}
	}
	for _, refused := range result.Refused {
		r.Incomplete = append(r.Incomplete, finding.Incomplete{Path: "./", Reason: refused})
	}
	if result.Left > 0 {
		why := "the budget"
		if result.Interrupted {
			why = "an interrupt"
		}
		r.Incomplete = append(r.Incomplete, finding.Incomplete{Path: "./", Reason: fmt.Sprintf("partial: %s left out %s", why, text.Count(result.Left, "run"))})
	}
	if len(result.Judgements) == 0 && len(r.Incomplete) == 0 {
		r.Incomplete = append(r.Incomplete, finding.Incomplete{Path: "./", Reason: "nothing that the tests write was seen: there is no point for a fault"})
	}
	r.Incomplete = finding.SortIncomplete(r.Incomplete)
}

// notes say what was done and what was left out, with figures.
func (r *Report) notes(result *sweep.Result) {
	var recorded, after, before, alike, idle int
	for _, b := range result.Bases {
		recorded += b.Recorded
		after += b.Pruned.After
		before += b.Pruned.Before
		alike += b.Pruned.Alike
		if b.Recorded == 0 {
			idle++
		}
	}
	if len(result.Bases) == 0 {
		return
	}
	r.Notes = append(r.Notes, fmt.Sprintf("%s of %s recorded, %s for a fault; left out: %d after the last effect, %d before the first, %d alike",
		text.Count(recorded, "operation"), text.Count(len(result.Bases), "test"), text.Count(result.Points, "point"), after, before, alike))
	line := fmt.Sprintf("%s with a fault in %s; a run without one takes %s", text.Count(result.Runs, "run"),
		result.Took.Round(100*time.Millisecond), result.Baseline.Round(100*time.Millisecond))
	if result.Known > 0 {
		line += fmt.Sprintf("; %d known from before", result.Known)
	}
	if result.Outdated > 0 {
		line += fmt.Sprintf("; %d kept of another command or other code were not used", result.Outdated)
	}
	if result.Shown > 0 {
		line += fmt.Sprintf("; %d left out, as another fault at the same operation had shown the same", result.Shown)
	}
	r.Notes = append(r.Notes, line)
	if idle > 0 && len(result.Bases) > idle {
		r.Notes = append(r.Notes, fmt.Sprintf("%s use no service that is seen here", text.Count(idle, "test")))
	}
}
