package boundary

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/source"
)

// Choice says which comparisons are meant. The zero value means those that decide, in all files that are no tests.
type Choice struct {
	// All takes every comparison and not only those whose outcome leads to a refusal, a permission or a charge.
	All bool
	// Only, where it is not empty, names files, folders and symbols.
	Only []Place
	// Touched, where it is not nil, reports whether a change touches a span of a file.
	Touched func(path, symbol string, span fact.Span) bool
}

// Place is a file or folder relative to the root, "" for the root itself, and a symbol in it, empty for all.
type Place struct{ Path, Symbol string }

// covers reports whether a symbol of a file is meant.
func (p Place) covers(path, symbol string) bool {
	if p.Path != "" && path != p.Path && !strings.HasPrefix(path, p.Path+"/") {
		return false
	}
	return p.Symbol == "" || symbol == p.Symbol || strings.HasPrefix(symbol, p.Symbol+".")
}

// Choose finds the targets of a program, in the order of paths and positions. text gives the source of a file. Cost:
// linear in the facts.
func Choose(p *program.Program, text func(program.FileID) *source.File, choice Choice) []Target {
	var all []Target
	for id := range p.Files {
		file := program.FileID(id)
		if p.IsTest(file) || !choice.inFile(p.Files[id].Path) {
			continue
		}
		c := &chooser{program: p, file: file, facts: p.Files[id], source: text(file), choice: choice}
		c.walk()
		all = append(all, c.found...)
	}
	sortTargets(all)
	return all
}

func (c *Choice) inFile(path string) bool {
	if len(c.Only) == 0 {
		return true
	}
	for _, only := range c.Only {
		if only.Symbol != "" && only.Path == path || (Place{Path: only.Path}).covers(path, "") {
			return true
		}
	}
	return false
}

func (c *Choice) takes(path, symbol string, span fact.Span) bool {
	named := len(c.Only) == 0
	for _, only := range c.Only {
		named = named || only.covers(path, symbol)
	}
	return named && (c.Touched == nil || c.Touched(path, symbol, span))
}

// chooser finds the targets of one file.
type chooser struct {
	program *program.Program
	file    program.FileID
	facts   *fact.File
	source  *source.File
	choice  Choice
	found   []Target
}

func (c *chooser) walk() {
	for i := range c.facts.Exprs {
		e := fact.Expr(i)
		switch x := &c.facts.Exprs[i]; x.Kind {
		case fact.Compare:
			c.comparison(e, x)
		case fact.Call:
			c.call(e, x)
		case fact.Subscript:
			c.slice(e, x)
		case fact.StrConst:
			c.statement(e, x)
		}
	}
}

// text is an expression as it is written, on one line.
func (c *chooser) text(e fact.Expr) string {
	span := c.facts.Exprs[e].Span
	return finding.OneLine(c.source.Slice(span.Start, span.End))
}

// add keeps a target if it is meant. key is where the agent finds it.
func (c *chooser) add(t Target, scope fact.Scope, key uint32) {
	t.Path, t.file, t.Symbol = c.facts.Path, c.file, c.facts.Symbol(scope)
	if !c.choice.takes(t.Path, t.Symbol, t.Span) {
		return
	}
	t.locate(c.source, key)
	c.found = append(c.found, t)
}

var operators = map[fact.Op]string{
	fact.OpLt: "<", fact.OpLtE: "<=", fact.OpGt: ">", fact.OpGtE: ">=", fact.OpEq: "==", fact.OpNotEq: "!=",
}

func (c *chooser) comparison(e fact.Expr, x *fact.ExprInfo) {
	if x.Op == fact.OpIn || x.Op == fact.OpNotIn {
		c.membership(e, x)
		return
	}
	op := operators[x.Op]
	if op == "" || flips[op] == "" && !c.choice.All {
		return
	}
	why := c.reason(e)
	if why == "" && !c.choice.All {
		return
	}
	left, right := c.text(x.A), c.text(x.B)
	c.add(Target{
		Kind: Compare, Span: x.Span, Text: left + " " + op + " " + right, Why: why, op: op, Mutants: compareMutants(left, op, right),
	}, x.Scope, c.facts.Exprs[x.B].Start)
}

// membership takes the bounds of "x in range(a, b)".
func (c *chooser) membership(e fact.Expr, x *fact.ExprInfo) {
	call := &c.facts.Exprs[x.B]
	if call.Kind != fact.Call || !c.builtin(call.A, "range") {
		return
	}
	if why := c.reason(e); why != "" || c.choice.All {
		c.bounds(x.B, x.Span, why)
	}
}

// bounds takes the arguments of range.
func (c *chooser) bounds(call fact.Expr, span fact.Span, why string) {
	args := c.facts.OperandsOf(call)
	for i, arg := range args {
		if kind := c.facts.Exprs[arg].Kind; i == 2 || kind == fact.Starred || kind == fact.Keyword {
			break
		}
		c.bound(arg, span, why)
	}
}

// bound takes one value that limits the expression around it.
func (c *chooser) bound(value fact.Expr, span fact.Span, why string) {
	inner := c.facts.Exprs[value].Span
	whole := c.source.Slice(span.Start, span.End)
	inside := func(changed string) string {
		return finding.OneLine(whole[:inner.Start-span.Start] + changed + whole[inner.End-span.Start:])
	}
	c.add(Target{Kind: Bound, Span: span, Text: finding.OneLine(whole), Why: why, Mutants: boundMutants(c.text(value), inside)},
		c.facts.Exprs[value].Scope, inner.Start)
}

func (c *chooser) call(e fact.Expr, x *fact.ExprInfo) {
	c.lookups(e, x)
	switch {
	case c.builtin(x.A, "range"):
		if up := x.Parent; up != 0 && c.facts.Exprs[up].Kind == fact.Compare && c.facts.Exprs[up].B == e {
			return // a membership
		}
		if why := c.limiting(c.facts.OperandsOf(e)); why != "" || c.choice.All {
			c.bounds(e, x.Span, why)
		}
	case c.builtin(x.A, "min"), c.builtin(x.A, "max"):
		c.extreme(e, x)
	}
}

// extreme takes min(size, limit) and max(size, limit): the other function, and the limit moved by one.
func (c *chooser) extreme(e fact.Expr, x *fact.ExprInfo) {
	args := c.facts.OperandsOf(e)
	why := c.limiting(args)
	if len(args) < 2 || why == "" && !c.choice.All {
		return
	}
	name := c.facts.Text(c.facts.Exprs[x.A].Text)
	other := map[string]string{"min": "max", "max": "min"}[name]
	whole := c.text(e)
	c.add(Target{Kind: Extreme, Span: x.Span, Text: whole, Why: why, op: name, Mutants: []Mutant{{other, other + whole[len(name):]}}}, x.Scope, x.Start)
	for _, arg := range args {
		if c.facts.Exprs[arg].Kind == fact.IntConst || program.LimitWord(c.lastName(arg)) {
			c.bound(arg, x.Span, why)
		}
	}
}

// slice takes the ends of items[:limit].
func (c *chooser) slice(e fact.Expr, x *fact.ExprInfo) {
	cut := &c.facts.Exprs[x.B]
	if cut.Kind != fact.Slice || x.Flag {
		return
	}
	for _, end := range []fact.Expr{cut.A, cut.B} {
		if end == 0 || c.facts.Exprs[end].Kind == fact.NoneConst {
			continue
		}
		if why := c.limiting([]fact.Expr{end}); why != "" || c.choice.All {
			c.bound(end, x.Span, why)
		}
	}
}

// builtin reports whether an expression is the name of a builtin that the file does not bind itself.
func (c *chooser) builtin(e fact.Expr, name string) bool {
	x := &c.facts.Exprs[e]
	return x.Kind == fact.Name && x.Sym == 0 && c.facts.Text(x.Text) == name
}

// limiting says of values that one of them speaks of a limit.
func (c *chooser) limiting(values []fact.Expr) string {
	for _, value := range values {
		if word := c.subject(value); word != "" {
			return "cuts at " + word
		}
	}
	return ""
}
