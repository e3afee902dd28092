package contract

import (
	"fmt"
	"hash/fnv"
	"math"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/text"
)

// terms is what a contract asks, without where it stands and whom it exempts: two contracts with the same terms are the same.
func (c *Clause) terms() string {
	q := func(q *Quantity) string {
		if q == nil {
			return ""
		}
		return fmt.Sprint(q.Value, q.Measure)
	}
	imports := Imports{}
	if c.Imports != nil {
		imports = *c.Imports
	}
	return fmt.Sprintf("%d|%d|%q|%q|%+v|%s|%s|%s|%s|%t|%v|%+v|%v|%s", c.Kind, c.Effect, c.Of, c.To, c.Scope, c.Needs,
		q(c.AtMost), q(c.AtLeast), c.Key, c.Strict, c.OnlyIn, imports, c.Symbols, q(c.Value))
}

// Merge gives the contracts that a change is judged by: those of base, with the exemptions of base, and what head decides
// beyond them, without exemptions, so that a change can neither loosen what binds it nor exempt itself.
func Merge(base, head *Records) []*Clause {
	all := base.Clauses()
	have := map[string]bool{}
	for _, c := range all {
		have[c.terms()] = true
	}
	for _, c := range head.Clauses() {
		if !have[c.terms()] {
			own := *c
			own.Except = nil
			all = append(all[:len(all):len(all)], &own)
		}
	}
	return all
}

// Loosened lists the contracts of base that head no longer has or that head exempts more from, in words, each with the record.
func Loosened(base, head *Records) []Remark {
	after := map[string]*Clause{}
	for _, c := range head.Clauses() {
		after[c.terms()] = c
	}
	var all []Remark
	for _, c := range base.Clauses() {
		now := after[c.terms()]
		if now == nil {
			message := "change edits what decision " + c.Record.Name() + " asks (" + text.Visible(c.Name) + "), which holds from the next change on"
			all = append(all, Remark{Path: c.Record.Path, Line: 1, Message: message, Key: "edits|" + c.Name})
			continue
		}
		if now.Record.Status == Proposed && c.Record.Status == Accepted {
			message := "change makes decision " + c.Record.Name() + " a proposal, which holds from the next change on"
			all = append(all, Remark{Path: now.Record.Path, Line: now.Record.line(), Message: message, Key: "proposes|" + c.Name})
		}
		for _, e := range now.Except {
			if !c.exempts(e) {
				message := "change exempts " + text.Visible(e.Subject()) + " from decision " + c.Record.Name() + ", which holds from the next change on"
				all = append(all, Remark{Path: now.Record.Path, Line: e.Line, Message: message, Key: "exempts|" + e.Subject()})
			}
		}
	}
	return all
}

// exempts says whether the contract has an exemption of the same places that lasts as long.
func (c *Clause) exempts(e *Exemption) bool {
	for _, other := range c.Except {
		if other.Subject() == e.Subject() && !e.Until.After(other.Until) {
			return true
		}
	}
	return false
}

// Renaming says what became of base in head.
type Renaming struct {
	// Path gives the path of a file of base in head.
	Path func(string) string
	// Changed says whether a file of base, by its path there, is another in head.
	Changed func(string) bool
}

// Changes finds what a record of base governs and the change alters, while the record stays as it was: symbols that it
// governs by name, and limits whose comment cites it.
func Changes(base, head *Side, to Renaming) []Report {
	c := &changes{
		base: &judge{Side: base, names: make([][]string, len(base.Program.Files))},
		head: &judge{Side: head, names: make([][]string, len(head.Program.Files))},
		to:   to,
	}
	for _, clause := range base.Records.Clauses() {
		if clause.Kind == Governing && !c.touched(clause.Record) {
			c.symbols(clause)
		}
	}
	c.limits()
	return c.found
}

type changes struct {
	base, head *judge
	to         Renaming
	found      []Report
}

// touched says whether the change edits, moves or deletes a record of base.
func (c *changes) touched(r *Record) bool {
	now := c.head.Records.At(r.Path)
	return now == nil || now.Text() != r.Text()
}

// symbols compares what a contract governs by name.
func (c *changes) symbols(clause *Clause) {
	for file, facts := range c.base.Program.Files {
		if !c.to.Changed(facts.Path) {
			continue
		}
		for _, p := range clause.Symbols {
			was := c.base.symbolsIn(program.FileID(file), p)
			for i := range was {
				if now := c.counterpart(c.to.Path(facts.Path), was, i); now != nil {
					c.compare(clause, &was[i], now)
				}
			}
		}
	}
}

// counterpart finds the symbol of head with the same name, the nth of those there are; nil where there is none.
func (c *changes) counterpart(path string, was []symbol, i int) *symbol {
	nth := 0
	for k := range i {
		if was[k].name == was[i].name {
			nth++
		}
	}
	for file, facts := range c.head.Program.Files {
		if facts.Path != path {
			continue
		}
		pattern, _ := parsePattern(was[i].name)
		now := symbolsOf(c.head.Program, program.FileID(file), [][]string{pattern.parts})
		for k := range now {
			if (now[k].def == nil) == (was[i].def == nil) {
				if nth == 0 {
					return &now[k]
				}
				nth--
			}
		}
	}
	return nil
}

func (c *changes) compare(clause *Clause, was, now *symbol) {
	if signature(c.base.Program, was) == signature(c.head.Program, now) {
		return
	}
	message := now.name + " changes"
	if was.def != nil && was.def.Value != 0 && now.def.Value != 0 {
		message += " from " + c.text(c.base, was) + " to " + c.text(c.head, now)
	}
	c.report(clause.Record, now.place(c.head.Program), now.fn, message, now.name, clause.Line)
}

func (c *changes) text(j *judge, s *symbol) string {
	return j.Program.Text(program.ExprRef{File: s.fn.File, Expr: s.def.Value})
}

func (c *changes) report(r *Record, at program.Place, fn program.Func, message, key string, line int) {
	c.found = append(c.found, Report{
		Rule: Changed, At: at, Func: fn, Guard: program.Decision, Severity: r.severity(),
		Message: message + ", and decision " + r.Name() + ", which governs it, does not", Key: r.Label + "|" + key, Record: r, Line: line,
	})
}

// signature tells the code of a symbol from any other, whatever its layout, comments and docstrings.
func signature(p *program.Program, s *symbol) uint64 {
	facts := p.Files[s.fn.File]
	h := fnv.New64a()
	within := facts.Scopes[s.fn.Scope].Span
	if s.def != nil {
		within = facts.Stmts[s.def.Stmt].Span
	}
	for i := 1; i < len(facts.Stmts); i++ {
		if st := &facts.Stmts[i]; st.Start >= within.Start && st.End <= within.End && !isDocstring(facts, fact.Stmt(i)) {
			fmt.Fprint(h, st.Kind, st.Op, st.Flag, facts.Text(st.Text), ";")
		}
	}
	for i := 1; i < len(facts.Exprs); i++ {
		x := &facts.Exprs[i]
		if x.Start >= within.Start && x.End <= within.End && !isDocstring(facts, x.Stmt) {
			fmt.Fprint(h, x.Kind, x.Op, x.Flag, facts.Text(x.Text), x.Ops.Count, ";")
		}
	}
	return h.Sum64()
}

func isDocstring(facts *fact.File, s fact.Stmt) bool {
	st := &facts.Stmts[s]
	return st.Kind == fact.ExprStmt && facts.Exprs[st.A].Kind == fact.StrConst
}

// limits compares the limits that cite a record.
func (c *changes) limits() {
	if !c.base.Records.keeps() {
		return
	}
	was := keyed(c.base.limitsOf(func(file program.FileID) bool { return c.to.Changed(c.base.Program.Files[file].Path) }), c.base, c.to.Path)
	if len(was) == 0 {
		return
	}
	now := c.head.limitsOf(c.head.only())
	for key, after := range keyed(now, c.head, func(path string) string { return path }) {
		if before, ok := was[key]; ok {
			c.limit(&before, &after)
		}
	}
	sortReports(c.found)
}

// ReasonsLost finds the limits of head that give no reason, where base gave one for them, whatever their values.
func ReasonsLost(base, head *Side, to Renaming) []program.Place {
	b := &judge{Side: base, names: make([][]string, len(base.Program.Files))}
	h := &judge{Side: head, names: make([][]string, len(head.Program.Files))}
	was := keyed(b.limitsOf(base.only()), b, to.Path)
	var lost []program.Place
	for key, now := range keyed(h.limitsOf(head.only()), h, func(path string) string { return path }) {
		before, ok := was[key]
		if _, unjust := now.unjust(); !ok || !unjust {
			continue
		}
		if _, unjust := before.unjust(); !unjust {
			lost = append(lost, now.at)
		}
	}
	return lost
}

// limitKey recognises a limit on the other side.
type limitKey struct {
	path, symbol, subject string
	nth                   int
}

func keyed(all []limit, j *judge, path func(string) string) map[limitKey]limit {
	found := make(map[limitKey]limit, len(all))
	for i := range all {
		l := &all[i]
		key := limitKey{path: path(j.Program.Files[l.at.File].Path), symbol: j.Program.Symbol(l.fn), subject: l.subject}
		for _, taken := found[key]; taken; _, taken = found[key] {
			key.nth++
		}
		found[key] = *l
	}
	return found
}

func (c *changes) limit(was, now *limit) {
	if was.kind != now.kind || c.written(c.base, was) == c.written(c.head, now) && (same(was.number, now.number) || math.IsNaN(was.number)) {
		return
	}
	for _, number := range citedIn(now.comment) {
		if r := c.head.Records.Find(number); r != nil && (c.base.Records.At(r.Path) == nil || c.base.Records.At(r.Path).Text() != r.Text()) {
			return // it rests on a record that this change brings or edits
		}
	}
	for _, number := range citedIn(was.comment) {
		r := c.base.Records.Find(number)
		if r == nil || !r.Status.Current() || c.touched(r) {
			continue
		}
		message := now.subject + " changes from " + was.value() + " to " + now.value()
		if math.IsNaN(now.number) {
			message = now.subject + " changes"
		}
		c.report(r, now.at, now.fn, message, now.subject, 1)
	}
}

// written is the limit as the code writes it, in normal form.
func (c *changes) written(j *judge, l *limit) string {
	return j.Program.Text(program.ExprRef{File: l.at.File, Expr: exprAt(j.Program.Files[l.at.File], l.at.Span)})
}
