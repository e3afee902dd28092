package chaos

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/page"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// pause is the time without an operation from which a timeline says so.
const pause = 300 * time.Millisecond

// Page draws the findings with the runs that show them. tool names the program, command what it ran.
func (r *Report) Page(tool string, command []string) *page.Page {
	p := &page.Page{Tool: tool, Command: text.Visible(strings.Join(command, " ")), Summary: r.summary()}
	for i := range r.Findings {
		p.Findings = append(p.Findings, r.drawn(&r.Findings[i]))
	}
	r.matrix(p)
	for _, i := range r.Incomplete {
		p.Incomplete = append(p.Incomplete, page.Reason{Where: text.Visible(i.Path), Why: visible(i.Reason)})
	}
	for _, n := range r.Notes {
		p.Notes = append(p.Notes, text.Visible(n))
	}
	return p
}

// visible is text.Visible of every line.
func visible(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = text.Visible(lines[i])
	}
	return strings.Join(lines, "\n")
}

func (r *Report) summary() string {
	switch {
	case len(r.Findings) == 0 && len(r.Incomplete) > 0:
		return "no findings, and not everything was judged"
	case len(r.Findings) == 0:
		return "nothing happens twice"
	}
	return text.Count(len(r.Findings), "finding")
}

// drawn is a finding with the first run that showed it.
func (r *Report) drawn(f *finding.Finding) page.Finding {
	out := page.Finding{
		Anchor: "f-" + f.Fingerprint, Severity: f.Severity.String(), Rule: f.Rule, Message: text.Visible(f.Message),
		Place: text.Visible(fmt.Sprintf("%s:%d", f.Path, f.Line)), Remedy: text.Visible(f.Remedy),
	}
	if file := r.Source(f.Path); file != nil {
		out.Code = text.Visible(strings.TrimSpace(file.Line(f.Line)))
	}
	if evidence := r.evidence(f); evidence != nil {
		lanes, steps, lasted := r.steps(evidence.judgements[0])
		out.Lanes, out.Steps, out.Lasted = lanes, steps, lasted.Round(time.Millisecond).String()
	}
	return out
}

// steps puts the operations of a run into lanes, one for each connection, and on lines of time.
func (r *Report) steps(j *verdict.Judgement) (lanes []page.Lane, steps []page.Step, lasted time.Duration) {
	var conns []int
	var shown []*ledger.Record
	for _, record := range j.Timeline {
		if record.Phase != ledger.Call {
			continue
		}
		shown = append(shown, record)
		lasted = max(lasted, ended(record)-shown[0].Start)
		if !slices.Contains(conns, record.Conn) {
			conns = append(conns, record.Conn)
			lanes = append(lanes, page.Lane{Name: fmt.Sprintf("%s, connection %d", record.Protocol, record.Conn)})
		}
	}
	for i, record := range shown {
		if i > 0 {
			if quiet := record.Start - shown[i-1].Start; quiet >= pause {
				steps = append(steps, page.Step{Pause: quiet.Round(10 * time.Millisecond).String()})
			}
		}
		lane := slices.Index(conns, record.Conn)
		step := page.Step{
			Time: (record.Start - shown[0].Start).Round(time.Millisecond).String(), Operation: text.Visible(statement(record)), Lane: lanes[lane].Name,
			Before: make([]struct{}, lane), After: make([]struct{}, len(conns)-lane-1), State: became(record),
		}
		if at := r.line(record); at.line > 1 {
			step.Place = text.Visible(fmt.Sprintf("%s:%d", at.path, at.line))
		}
		step.Class, step.Mark = marked(j, record)
		steps = append(steps, step)
		percent := func(d time.Duration) float64 { return math.Round(1e4*float64(d)/float64(max(lasted, 1))) / 100 }
		lanes[lane].Marks = append(lanes[lane].Marks, page.Mark{
			Class: step.Class, Left: percent(record.Start - shown[0].Start), Width: percent(ended(record) - record.Start),
			Title: strings.TrimPrefix(step.Mark+": ", ": ") + step.Operation + " at " + step.Time,
		})
	}
	return lanes, steps, lasted
}

// ended is when nothing of an operation went on any more.
func ended(r *ledger.Record) time.Duration { return max(r.Start, r.End, r.Start+r.Waited) }

// became words what became of an operation.
func became(r *ledger.Record) string {
	said := string(r.State)
	if r.Fault != "" && r.State == ledger.Answered {
		said = "executed, and not answered"
	}
	if r.State == ledger.Undelivered {
		said = "not delivered"
	}
	if r.Rows > 0 && r.Protocol == wire.Postgres {
		said += ", " + text.Count(int(r.Rows), "row")
	}
	if r.Waited > 0 {
		said += ", waited for " + r.Waited.Round(10*time.Millisecond).String()
	}
	return said
}

// marked says what an operation is in the story of a finding.
func marked(j *verdict.Judgement, record *ledger.Record) (class, mark string) {
	var marks []string
	for i := range j.Duplicates {
		switch record.Seq {
		case j.Duplicates[i].First.Seq:
			class, marks = "first", append(marks, "first time")
		case j.Duplicates[i].Again.Seq:
			class, marks = "again", append(marks, "again")
		}
	}
	if record.Fault != "" {
		class, marks = "fault", append(marks, "fault: "+string(record.Fault))
	}
	return class, strings.Join(slices.Compact(marks), ", ")
}

// matrix fills what each fault at each point showed.
func (r *Report) matrix(p *page.Page) {
	var kinds []fault.Kind
	rows := map[fault.Point]int{}
	for _, j := range r.all {
		if !slices.Contains(kinds, j.Kind) {
			kinds = append(kinds, j.Kind)
			p.Kinds = append(p.Kinds, string(j.Kind))
		}
	}
	for _, j := range r.all {
		at, known := rows[j.Point]
		if !known {
			at = len(p.Points)
			rows[j.Point] = at
			row := page.Point{Test: text.Visible(j.Point.Test), Operation: text.Visible(finding.OneLine(j.Point.String())), Cells: make([]page.Cell, len(kinds))}
			for i := range row.Cells {
				row.Cells[i] = page.Cell{Kind: string(kinds[i]), Class: "none", Text: "left out"}
			}
			p.Points = append(p.Points, row)
		}
		shown := cell(j)
		shown.Kind = string(j.Kind)
		p.Points[at].Cells[slices.Index(kinds, j.Kind)] = shown
	}
}

// cell words a judgement.
func cell(j *verdict.Judgement) page.Cell {
	var bad []string
	for _, d := range j.Duplicates {
		bad = append(bad, times(d.Is)+" for "+times(d.Was))
	}
	if j.Endless {
		bad = append(bad, "waits for ever")
	}
	if len(j.Unreturned) > 0 {
		bad = append(bad, "not returned")
	}
	if j.Storm() {
		bad = append(bad, text.Count(j.Attempts, "attempt"))
	}
	switch {
	case len(bad) > 0:
		return page.Cell{Class: "bad", Text: strings.Join(slices.Compact(bad), ", ")}
	case len(j.Withheld) > 0:
		return page.Cell{Class: "none", Text: "not judged"}
	}
	return page.Cell{Class: "good", Text: "once"}
}
