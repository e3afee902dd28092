package program

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// untestedBoundary is the rule that a comparison on a limit breaks when no test hits the limit.
const untestedBoundary = "untested-boundary"

// decideSites finds the comparisons of a file that decide on a limit, expiry, quota or amount whether something is
// refused, each with the tests that call it at the limit and on both sides of it.
func (p *Program) decideSites(eval *Eval, file FileID) []Site {
	if p.IsTest(file) {
		return nil
	}
	facts := p.Files[file]
	tested := sync.OnceValue(func() bool { return p.testsReach(file) })
	var sites []Site
	for _, i := range p.index[file].spots.orderings {
		x := &facts.Exprs[i]
		if !limitNamed(facts, x.A) && !limitNamed(facts, x.B) {
			continue
		}
		fn := Func{file, callerScope(facts, x.Scope)}
		if facts.Scopes[fn.Scope].Kind != fact.FunctionScope || !isPublic(facts, fn.Scope) || facts.Scopes[fn.Scope].Flags&fact.IsProperty != 0 || isSetter(facts, fn.Scope) || !decides(facts, i) {
			continue
		}
		site := Site{
			Effect: Decide, Func: fn, At: Place{file, x.Span}, Expr: i, Stmt: x.Stmt,
			What: p.stableName(fn), Text: p.Text(ExprRef{file, i}), Detail: p.Text(ExprRef{file, i}),
		}
		if test := p.options.Tested[Place{file, x.Span}]; test != "" {
			site.Guards = []Guard{{Kind: Boundary, From: "evidence", Text: "tested"}}
			sites = append(sites, site)
			continue
		}
		if site.Seen = p.options.Unnoticed[site.At]; site.Seen != "" {
			site.Fault = untestedBoundary
			sites = append(sites, site)
			continue
		}
		p.asked.note(Ask{Root: Func{file, fact.NoScope}}) // any test that calls something of the file counts
		switch guard, judged := eval.boundaryTests(fn, x); {
		case guard != nil:
			site.Guards = []Guard{*guard}
		case judged && tested() && refusesPlainly(facts, i) && !eval.reachedUnseen(fn):
			site.Fault = untestedBoundary
		}
		sites = append(sites, site)
	}
	return sites
}

// Ran gives what running changed comparisons has shown of one: the test that noticed, or what went unnoticed.
func (p *Program) Ran(at Place) (test, unnoticed string) {
	return p.options.Tested[at], p.options.Unnoticed[at]
}

// isSetter says whether a function is the setter of a property: it is run by assignments, which are no calls.
func isSetter(facts *fact.File, fn fact.Scope) bool {
	for _, decorator := range facts.List(facts.Scopes[fn].Decorators) {
		if x := &facts.Exprs[decorator]; x.Kind == fact.Attr && facts.Text(x.Text) == "setter" {
			return true
		}
	}
	return false
}

// testsReach says whether some test of the tree calls a function of the file: only then does it say anything that
// none calls this one.
func (p *Program) testsReach(file FileID) bool {
	for s := range p.Files[file].Scopes {
		for _, site := range p.Callers(Func{file, fact.Scope(s)}) {
			if p.IsTest(site.File) {
				return true
			}
		}
	}
	return false
}

func isOrdering(op fact.Op) bool {
	return op == fact.OpLt || op == fact.OpLtE || op == fact.OpGt || op == fact.OpGtE
}

// limitNamed says whether a name, attribute or call speaks of a limit.
func limitNamed(facts *fact.File, e fact.Expr) bool {
	x := &facts.Exprs[e]
	switch x.Kind {
	case fact.Name, fact.Attr:
		return LimitWord(facts.Text(x.Text))
	case fact.Subscript:
		if key := &facts.Exprs[x.B]; key.Kind == fact.StrConst {
			return LimitWord(facts.Text(key.Text))
		}
	case fact.Binary:
		return limitNamed(facts, x.A) || limitNamed(facts, x.B)
	}
	return false
}

// LimitWord says whether an identifier speaks of a limit: one of its words is limit, max, quota, expires and so on.
func LimitWord(name string) bool {
	return slices.ContainsFunc(Words(name), func(w string) bool {
		switch w {
		case "limit", "limits", "max", "maximum", "min", "minimum", "quota", "quotas", "threshold", "capacity", "expires",
			"expiry", "expiration", "expire", "deadline", "budget", "ttl", "cap", "ceiling", "allowance":
			return true
		}
		return false
	})
}

// Words splits an identifier at underscores and changes of case, in lower case.
func Words(name string) []string {
	var found []string
	start := 0
	flush := func(end int) {
		if end > start {
			found = append(found, strings.ToLower(name[start:end]))
		}
		start = end
	}
	previous := rune(0)
	for i, r := range name {
		switch {
		case r == '_':
			flush(i)
			start = i + 1
		case unicode.IsUpper(r) && unicode.IsLower(previous):
			flush(i)
		}
		previous = r
	}
	flush(len(name))
	return found
}

// decides says whether the outcome of a comparison is returned, or decides on raising or returning.
func decides(facts *fact.File, e fact.Expr) bool {
	for x := &facts.Exprs[e]; x.Parent != 0; x = &facts.Exprs[x.Parent] {
		switch up := &facts.Exprs[x.Parent]; {
		case up.Kind == fact.Bool, up.Kind == fact.Unary && up.Op == fact.OpNot:
		default:
			return false
		}
	}
	s := facts.Exprs[e].Stmt
	switch st := &facts.Stmts[s]; st.Kind {
	case fact.Return:
		return true
	case fact.Arm:
		return refusesIn(facts, s)
	}
	return false
}

// refusesIn says whether the block of a branch ends in raise or return.
func refusesIn(facts *fact.File, block fact.Stmt) bool {
	for s := range facts.Block(block) {
		if k := facts.Stmts[s].Kind; k == fact.Raise || k == fact.Return {
			return true
		}
	}
	return false
}

// boundaryTests looks for tests that call fn with the value of the comparison at the limit, below it and above it, or
// a property that passes the same value for both. judged is false where that cannot be decided from the calls: an
// operand is no parameter and no known number, a test gives a value that is not known, or the function calls itself.
func (e *Eval) boundaryTests(fn Func, x *fact.ExprInfo) (guard *Guard, judged bool) {
	a, b := e.operand(fn, x.A), e.operand(fn, x.B)
	if !a.known() || !b.known() || a.param < 0 && b.param < 0 {
		return nil, false
	}
	var below, at, above bool
	judged = true
	for _, site := range e.p.Callers(fn) {
		call := e.p.Call(site)
		if site.File == fn.File && call.Func == fn.Scope {
			judged = false // what it gives itself is the limit at some time
		}
		if !e.p.IsTest(site.File) {
			continue
		}
		if e.sameArgument(site.File, call.Expr, a, b) {
			return &Guard{Kind: Boundary, From: "property", Text: "tested", Where: e.p.PlaceOf(ExprRef{site.File, call.Expr})}, true
		}
		for _, env := range e.testRows(Func{site.File, call.Func}) {
			left, okLeft := e.operandValue(a, site.File, call.Expr, env)
			right, okRight := e.operandValue(b, site.File, call.Expr, env)
			if !okLeft || !okRight {
				judged = false
				continue
			}
			below, at, above = below || left < right, at || left == right, above || left > right
			if below && at && above {
				return &Guard{Kind: Boundary, From: "test", Text: "tested", Where: e.p.PlaceOf(ExprRef{site.File, call.Expr})}, true
			}
		}
	}
	return nil, judged
}

// boundaryOperand is one side of a comparison, seen from a call of the function: a parameter or a number.
type boundaryOperand struct {
	param  int // index among the parameters without self; negative for a number
	name   string
	number Number // of a parameter: its default
	length bool   // it is the length of the parameter that is compared
}

func (o *boundaryOperand) known() bool { return o.param >= 0 || o.number.Known }

func (e *Eval) operand(fn Func, expr fact.Expr) boundaryOperand {
	facts := e.p.Files[fn.File]
	x := &facts.Exprs[expr]
	if args := facts.OperandsOf(expr); x.Kind == fact.Call && len(args) == 1 && calleeName(facts, expr) == "len" && facts.Exprs[args[0]].Kind == fact.Name {
		o := e.operand(fn, args[0])
		o.length = true
		return o
	}
	if x.Kind == fact.Name && x.Sym != 0 {
		params := facts.ParamsOf(fn.Scope)
		if len(params) > 0 && selfClassOf(facts, params[0].Symbol) != fact.NoScope {
			params = params[1:]
		}
		for i := range params {
			if params[i].Symbol == x.Sym && facts.Symbols[x.Sym].DefCount > 1 {
				return boundaryOperand{param: -1} // bound anew: what is compared is not what was given
			}
			if params[i].Symbol == x.Sym {
				return boundaryOperand{param: i, name: facts.Text(params[i].Name), number: e.defaultOf(fn.File, &params[i])}
			}
		}
	}
	if x.Kind == fact.IntConst && (facts.Text(x.Text) == "0" || facts.Text(x.Text) == "1") {
		return boundaryOperand{param: -1} // a test for emptiness rather than a limit
	}
	return boundaryOperand{param: -1, number: e.Number(ExprRef{fn.File, expr})}
}

func (e *Eval) defaultOf(file FileID, param *fact.Param) Number {
	if param.Default == 0 {
		return Number{}
	}
	return e.Number(ExprRef{file, param.Default})
}

func (e *Eval) sameArgument(file FileID, call fact.Expr, a, b boundaryOperand) bool {
	if a.param < 0 || b.param < 0 {
		return false
	}
	facts := e.p.Files[file]
	left, _ := facts.Argument(call, a.name, a.param)
	right, _ := facts.Argument(call, b.name, b.param)
	if left == 0 || right == 0 {
		return false
	}
	l, r := &facts.Exprs[left], &facts.Exprs[right]
	return l.Kind == fact.Name && r.Kind == fact.Name && l.Sym != 0 && l.Sym == r.Sym
}

func (e *Eval) operandValue(o boundaryOperand, file FileID, call fact.Expr, env map[fact.Sym]float64) (float64, bool) {
	if o.param < 0 {
		return o.number.Value, true
	}
	facts := e.p.Files[file]
	arg, known := facts.Argument(call, o.name, o.param)
	if arg == 0 {
		return o.number.Value, known && o.number.Known && !o.length
	}
	if o.length {
		return e.testLength(ExprRef{file, arg}, env)
	}
	if x := &facts.Exprs[arg]; x.Kind == fact.Name {
		if v, ok := env[x.Sym]; ok {
			return v, true
		}
	}
	n := e.Number(ExprRef{file, arg})
	return n.Value, n.Known
}

// testLength is the number of elements of what a test makes: a display, a text, [x] * n, range(n), list(range(n)).
func (e *Eval) testLength(ref ExprRef, env map[fact.Sym]float64) (float64, bool) {
	facts := e.p.Files[ref.File]
	number := func(expr fact.Expr) (float64, bool) {
		if x := &facts.Exprs[expr]; x.Kind == fact.Name {
			if v, ok := env[x.Sym]; ok {
				return v, true
			}
		}
		n := e.Number(ExprRef{ref.File, expr})
		return n.Value, n.Known
	}
	switch x := &facts.Exprs[ref.Expr]; x.Kind {
	case fact.ListDisplay, fact.Tuple, fact.SetDisplay:
		return float64(len(facts.List(x.Ops))), true
	case fact.StrConst, fact.BytesConst:
		return float64(len([]rune(facts.Text(x.Text)))), true
	case fact.Binary:
		one, ok := e.testLength(ExprRef{ref.File, x.A}, env)
		times, known := number(x.B)
		return one * times, ok && known && x.Op == fact.OpMul
	case fact.Call:
		args := facts.OperandsOf(ref.Expr)
		if len(args) != 1 {
			return 0, false
		}
		switch calleeName(facts, ref.Expr) {
		case "list", "tuple", "set":
			return e.testLength(ExprRef{ref.File, args[0]}, env)
		case "range":
			return number(args[0])
		}
	}
	return 0, false
}

// maxTestRows bounds how many rows of a parametrised test are tried.
const maxTestRows = 256

// testRows gives the values that pytest.mark.parametrize binds to the parameters of a test, row by row; one empty row
// for a test without it.
func (e *Eval) testRows(test Func) []map[fact.Sym]float64 {
	rows := []map[fact.Sym]float64{{}}
	facts := e.p.Files[test.File]
	for _, decorator := range facts.List(facts.Scopes[test.Scope].Decorators) {
		x := &facts.Exprs[decorator]
		if x.Kind != fact.Call || facts.Exprs[x.A].Kind != fact.Attr || facts.Text(facts.Exprs[x.A].Text) != "parametrize" {
			continue
		}
		args := facts.OperandsOf(decorator)
		if len(args) < 2 {
			continue
		}
		rows = e.crossRows(rows, test, parameterNames(facts, args[0]), facts.OperandsOf(args[1]))
	}
	return rows
}

func (e *Eval) crossRows(rows []map[fact.Sym]float64, test Func, names []string, values []fact.Expr) []map[fact.Sym]float64 {
	facts := e.p.Files[test.File]
	var crossed []map[fact.Sym]float64
	for _, row := range rows {
		for _, value := range values {
			if len(crossed) >= maxTestRows {
				return crossed
			}
			env := make(map[fact.Sym]float64, len(row)+len(names))
			for sym, v := range row {
				env[sym] = v
			}
			parts := []fact.Expr{value}
			if len(names) > 1 {
				parts = facts.OperandsOf(value)
			}
			for i, name := range names {
				if i >= len(parts) {
					break
				}
				if n := e.Number(ExprRef{test.File, parts[i]}); n.Known {
					env[facts.Lookup(test.Scope, name)] = n.Value
				}
			}
			crossed = append(crossed, env)
		}
	}
	return crossed
}

// parameterNames reads the first argument of parametrize: "a,b", ("a", "b") or ["a", "b"].
func parameterNames(facts *fact.File, e fact.Expr) []string {
	x := &facts.Exprs[e]
	if x.Kind == fact.StrConst {
		var names []string
		for name := range strings.SplitSeq(facts.Text(x.Text), ",") {
			names = append(names, strings.TrimSpace(name))
		}
		return names
	}
	var names []string
	for _, part := range facts.List(x.Ops) {
		if p := &facts.Exprs[part]; p.Kind == fact.StrConst {
			names = append(names, facts.Text(p.Text))
		}
	}
	return names
}
