package contract

import (
	"math"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// limit is a number that somebody chose: a deadline, a number of attempts, a backoff.
type limit struct {
	at program.Place
	fn program.Func
	// kind is "deadline", "attempts", "total" or "backoff"; subject names the limit for people.
	kind, subject string
	// number is in seconds for times; NaN where it is not one number, as for a backoff.
	number  float64
	measure Measure
	// comment is what stands beside or above it, without the signs; words are the names in its statement.
	comment string
	words   map[string]bool
}

// value is the limit for people.
func (l *limit) value() string {
	switch {
	case math.IsNaN(l.number):
		return "set"
	case l.measure == Time:
		return seconds(l.number)
	}
	return strconv.FormatFloat(l.number, 'g', -1, 64)
}

// limitsOf collects the limits that are written in some files, tests left out, in the order of the sites that they bound. A
// constant that bounds several is one limit.
func (j *judge) limitsOf(in func(program.FileID) bool) []limit {
	c := &limits{judge: j, in: in, seen: map[program.Place]bool{}, notes: map[program.FileID]*notes{}}
	waits := j.Program.Sites(program.Wait)
	for i := range waits {
		c.wait(&waits[i])
	}
	repeats := j.Program.Sites(program.Repeat)
	for i := range repeats {
		c.repeat(&repeats[i])
	}
	return c.all
}

type limits struct {
	*judge
	in    func(program.FileID) bool
	seen  map[program.Place]bool
	notes map[program.FileID]*notes
	all   []limit
}

func (c *limits) wait(site *program.Site) {
	for i := range site.Guards {
		g := &site.Guards[i]
		if g.Kind == program.Deadline && g.Seconds > 0 && !math.IsInf(g.Seconds, 1) && g.From != "default" {
			c.add(g, limit{kind: "deadline", subject: "deadline of " + site.What, number: g.Seconds, measure: Time})
		}
	}
}

func (c *limits) repeat(site *program.Site) {
	for i := range site.Guards {
		g := &site.Guards[i]
		what, _, _ := strings.Cut(g.Text, "=")
		switch {
		case g.Kind != program.RetryBound:
		case what == "attempts" && g.Number > 0:
			c.add(g, limit{kind: what, subject: "number of attempts of " + site.What, number: g.Number, measure: Count})
		case what == "total" && g.Number > 0:
			c.add(g, limit{kind: what, subject: "time for retries of " + site.What, number: g.Number, measure: Time})
		case what == "backoff":
			c.add(g, limit{kind: what, subject: "backoff of " + site.What, number: math.NaN(), measure: Time})
		}
	}
}

func (c *limits) add(g *program.Guard, l limit) {
	if g.Where.End == 0 || c.seen[g.Where] || c.Program.IsTest(g.Where.File) || !c.in(g.Where.File) {
		return
	}
	e := exprAt(c.Program.Files[g.Where.File], g.Where.Span)
	if e == 0 {
		return
	}
	c.seen[g.Where] = true
	n := c.notes[g.Where.File]
	if n == nil {
		n = readNotes(c.Program.Files[g.Where.File], c.Lines(g.Where.File))
		c.notes[g.Where.File] = n
	}
	facts := c.Program.Files[g.Where.File]
	l.at, l.fn = g.Where, program.Func{File: g.Where.File, Scope: facts.Exprs[e].Scope}
	l.comment, l.words = n.about(facts, e), wordsAround(facts, e)
	c.all = append(c.all, l)
}

// exprAt finds the outermost expression that has exactly this span; 0 where there is none.
func exprAt(facts *fact.File, span fact.Span) fact.Expr {
	found := fact.Expr(0)
	for e := len(facts.Exprs) - 1; e > 0; e-- {
		if facts.Exprs[e].Span == span {
			return fact.Expr(e)
		}
	}
	return found
}

// wordsAround are the words that the names of an expression's statement are made of, for a comment that only repeats them
// says nothing.
func wordsAround(facts *fact.File, e fact.Expr) map[string]bool {
	words := map[string]bool{}
	stmt := facts.Exprs[e].Stmt
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Stmt != stmt {
			continue
		}
		switch x.Kind {
		case fact.Name, fact.Attr, fact.Keyword:
			for _, w := range wordsOf(facts.Text(x.Text)) {
				words[w] = true
			}
		}
	}
	return words
}

// limits reports those that give no reason.
func (j *judge) limits() {
	for _, l := range j.limitsOf(j.only()) {
		message, wrong := l.unjust()
		if !wrong {
			continue
		}
		j.out.Reports = append(j.out.Reports, Report{
			Rule: Unjust, At: l.at, Func: l.fn, Guard: program.Decision, Message: message,
			Key: l.subject + "|" + l.value() + "|" + j.Program.Text(program.ExprRef{File: l.at.File, Expr: exprAt(j.Program.Files[l.at.File], l.at.Span)}),
		})
	}
}

// unjust says what is wrong with the reason of a limit.
func (l *limit) unjust() (string, bool) {
	what := l.subject + " is " + l.value()
	if q := leading(l.comment); q != nil && q.Measure == l.measure && !math.IsNaN(l.number) && !same(q.Value, l.number) {
		return what + ", and its comment speaks of " + q.Text, true
	}
	switch {
	case l.comment == "":
		return what + " without a reason: say in a comment why (a measurement, an agreement, a decision record)", true
	case !givesReason(l.comment, l.words):
		return what + " with a comment that only says it again: say why (a measurement, an agreement, a decision record)", true
	}
	return "", false
}

// Habit says whether the files that a side is narrowed to keep the habit of giving reasons: at least half of their limits
// have one, and there are enough of them to speak of a habit.
func Habit(s *Side) bool {
	j := &judge{Side: s, names: make([][]string, len(s.Program.Files))}
	all := j.limitsOf(s.only())
	reasons := 0
	for i := range all {
		if _, wrong := all[i].unjust(); !wrong {
			reasons++
		}
	}
	return reasons >= fewestReasons && 2*reasons >= len(all)
}

// fewestReasons is how many reasons show a habit.
const fewestReasons = 3

// only says which files are looked at for limits.
func (s *Side) only() func(program.FileID) bool {
	if s.Only == nil {
		return func(program.FileID) bool { return true }
	}
	return s.Only
}
