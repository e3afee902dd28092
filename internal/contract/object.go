package contract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// writeOnce judges a contract that makes classes immutable: nothing changes their attributes after the construction.
func (j *judge) writeOnce(c *Clause) {
	for file := range j.Program.Files {
		for _, p := range c.Scope.Symbols {
			for _, s := range j.symbolsIn(program.FileID(file), p) {
				if s.def == nil && j.Program.Files[file].Scopes[s.fn.Scope].Kind == fact.ClassScope {
					j.writesTo(c, &s)
				}
			}
		}
	}
}

func (j *judge) writesTo(c *Clause, class *symbol) {
	for _, ref := range j.Program.WritesTo(class.fn) {
		if j.Program.IsTest(ref.File) {
			continue
		}
		facts := j.Program.Files[ref.File]
		x := &facts.Exprs[ref.Expr]
		fn := program.Func{File: ref.File, Scope: x.Scope}
		at := program.Place{File: ref.File, Span: facts.Stmts[x.Stmt].Span}
		if facts.Stmts[x.Stmt].Kind >= fact.If {
			at.Span = x.Span
		}
		field := facts.Text(x.Text)
		j.violated(c, fn, at, class.name+"."+field+" is changed after its construction: "+c.says()+" wants "+class.name+" written once", class.name+"."+field)
	}
}

// classes are what a contract on making is about.
type classes struct {
	// exact are dotted paths, last their last names.
	exact, last map[string]bool
	wild        []Pattern
}

func (c *Clause) classes() *classes {
	all := &classes{exact: map[string]bool{}, last: map[string]bool{}}
	for _, of := range c.Of {
		paths := []string{of}
		if of == "http client" {
			paths = httpClients
		}
		for _, path := range paths {
			if p, wrong := parsePattern(path); wrong == "" && p.Wild() {
				all.wild = append(all.wild, p)
			} else {
				all.exact[path], all.last[path[strings.LastIndexByte(path, '.')+1:]] = true, true
			}
		}
	}
	return all
}

// making judges a contract on where objects are made.
func (j *judge) making(c *Clause) {
	classes := c.classes()
	for file := range j.Program.Files {
		id := program.FileID(file)
		if j.Program.IsTest(id) || covers(c.OnlyIn, j.namesOf(id)) {
			continue
		}
		calls := j.Program.Calls(id)
		for i := range calls {
			path := j.made(&calls[i], classes)
			if path == "" {
				continue
			}
			fn := program.Func{File: id, Scope: calls[i].Func}
			if c.Scope.covers(j.place(fn)) {
				at := j.Program.PlaceOf(program.ExprRef{File: id, Expr: calls[i].Expr})
				j.violated(c, fn, at, j.module(id)+" makes "+path+": "+c.says()+" has only "+list(c.OnlyIn)+" make it", path)
			}
		}
	}
}

// made is the dotted path of the class that a call makes an object of, where it is one of some: the library's, or one of the
// program by a name of its module; else empty.
func (j *judge) made(call *program.CallInfo, of *classes) string {
	if call.Path != "" && of.has(call.Path) {
		return call.Path
	}
	if call.Class == (program.Func{}) {
		return ""
	}
	symbol := j.Program.Symbol(call.Class)
	if len(of.wild) == 0 && !of.last[symbol[strings.LastIndexByte(symbol, '.')+1:]] {
		return ""
	}
	for _, module := range j.namesOf(call.Class.File) {
		if path := module + "." + symbol; of.has(path) {
			return path
		}
	}
	return ""
}

func (c *classes) has(path string) bool {
	return c.exact[path] || slices.ContainsFunc(c.wild, func(p Pattern) bool { return p.Matches(path) })
}

// values judges the values that a record gives to constants.
func (j *judge) values(c *Clause) {
	if c.Value == nil {
		return
	}
	for file := range j.Program.Files {
		for _, p := range c.Symbols {
			for _, s := range j.symbolsIn(program.FileID(file), p) {
				j.valueOf(c, &s)
			}
		}
	}
}

func (j *judge) valueOf(c *Clause, s *symbol) {
	if s.def == nil || s.def.Value == 0 {
		return
	}
	got, known := numberOf(j.Program, program.ExprRef{File: s.fn.File, Expr: s.def.Value}, c.Value.Measure)
	if !known || same(got, c.Value.Value) {
		return
	}
	is := strconv.FormatFloat(got, 'g', -1, 64)
	if c.Value.Measure == Time {
		is = seconds(got)
	}
	j.violated(c, s.fn, s.place(j.Program), s.name+" is "+is+": "+c.says()+" says "+c.Value.Text, s.name+"|"+is)
}

// numberOf evaluates a constant; a time that is made by timedelta counts in seconds.
func numberOf(p *program.Program, ref program.ExprRef, measure Measure) (float64, bool) {
	eval := p.Eval(ref.File)
	if n := eval.Number(ref); n.Known && !n.None {
		return n.Value, true
	}
	call := p.CallAt(ref.File, ref.Expr)
	if measure != Time || call == nil || call.Path != "datetime.timedelta" {
		return 0, false
	}
	total := 0.0
	facts := p.Files[ref.File]
	for _, arg := range facts.OperandsOf(ref.Expr) {
		x := &facts.Exprs[arg]
		if x.Kind != fact.Keyword {
			return 0, false
		}
		n := eval.Number(program.ExprRef{File: ref.File, Expr: x.A})
		unit, ok := timedeltas[facts.Text(x.Text)]
		if !ok || !n.Known || n.None {
			return 0, false
		}
		total += n.Value * unit
	}
	return total, true
}

// timedeltas are the arguments of datetime.timedelta in seconds.
var timedeltas = map[string]float64{
	"microseconds": 1e-6, "milliseconds": 1e-3, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400, "weeks": 7 * 86400,
}
