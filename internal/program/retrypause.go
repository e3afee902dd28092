package program

import (
	"math"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// pauseWords are parts of the names of functions that sleep.
var pauseWords = []string{"sleep", "backoff", "back_off", "pause", "delay", "wait", "throttle", "cooldown", "countdown"}

// isLogName says whether a method of that name only tells or counts, or tidies up.
func isLogName(name string) bool {
	_, ok := logNames[name]
	return ok
}

var logNames = set(`
debug info warning warn error exception critical log print print_exc format_exc append add inc increment str repr
format type len close rollback set clear int float min max isinstance getattr hasattr exc_info capture_exception
record emit observe labels join strip lower upper copy update get pop discard remove disconnect shutdown cancel
`)

// loopPause finds the pause between the attempts of a loop, and how it grows.
func (e *Eval) loopPause(l *attemptLoop, q *policy) {
	facts := e.p.Files[l.file]
	calls := e.p.callsWithin(l.file, l.loop, facts.Stmts[l.loop].Next)
	for i := range calls {
		call := &calls[i]
		x := &facts.Exprs[call.Expr]
		inTry := x.Stmt >= l.body && x.Stmt < l.after
		sure, maybe := e.pausing(l.file, call, inTry)
		if sure {
			q.pauseAt = Place{l.file, x.Span}
			e.pauseGrowth(l, call, q)
			return
		}
		if maybe && e.inHandler(l, x.Stmt) {
			q.pause = "?"
		}
	}
	if q.pause == "none" && (onlyTimeouts(l.caught) || !e.isOutside(l.caught)) {
		q.pause = "?" // the time-out has taken its time; of an exception of the program's own nothing is known
	}
}

func (e *Eval) inHandler(l *attemptLoop, s fact.Stmt) bool {
	facts := e.p.Files[l.file]
	for _, clause := range l.again {
		if s > clause && s < facts.Stmts[clause].Next {
			return true
		}
	}
	return false
}

// pausing says whether a call sleeps; maybe is true where nothing is known of what it does.
func (e *Eval) pausing(file FileID, call *CallInfo, inTry bool) (sure, maybe bool) {
	facts := e.p.Files[file]
	if call.Entry.Has(catalog.RolePause) {
		return true, false
	}
	name := strings.ToLower(calleeName(facts, call.Expr))
	if strings.Contains(name, "sleep") {
		return true, false
	}
	if inTry {
		return false, false
	}
	if hasAny(name, pauseWords) {
		return true, false
	}
	for _, target := range call.Targets {
		if _, ok := e.p.pauses()[target]; ok {
			return true, false
		}
	}
	return false, len(call.Targets) == 0 && call.Path == "" && !isLogName(strings.TrimLeft(name, "_"))
}

// pauseGrowth reads the first argument of the pause.
func (e *Eval) pauseGrowth(l *attemptLoop, call *CallInfo, q *policy) {
	facts := e.p.Files[l.file]
	q.pause = "?"
	args := facts.OperandsOf(call.Expr)
	if len(args) == 0 {
		return
	}
	arg := args[0]
	if k := &facts.Exprs[arg]; k.Kind == fact.Keyword || k.Kind == fact.Starred {
		arg = k.A
	}
	if len(args) > 1 && !call.Entry.Has(catalog.RolePause) {
		return
	}
	g := growth{e: e, l: l, seen: map[fact.Sym]bool{}}
	g.read(arg)
	q.jitter = g.random
	q.pause = g.kind()
	if q.attempts > 0 && q.attempts < 1000 {
		q.pauses = e.sumOfPauses(l, arg, int(q.attempts)-1)
	}
}

// growth is what the expression of a pause is made of.
type growth struct {
	e    *Eval
	l    *attemptLoop
	seen map[fact.Sym]bool

	power, times, plus, random, varies bool
}

func (g *growth) kind() string {
	switch {
	case g.power:
		return "exponential"
	case g.times:
		return "linear"
	case g.varies:
		return "?"
	case g.plus:
		return "linear"
	}
	return "fixed"
}

// read walks the expression and, for names, the values the loop gives them.
func (g *growth) read(expr fact.Expr) {
	facts := g.e.p.Files[g.l.file]
	facts.Walk(expr, func(child fact.Expr) bool {
		x := &facts.Exprs[child]
		switch x.Kind {
		case fact.Binary:
			g.operator(x)
		case fact.Name:
			g.name(x)
		case fact.Attr:
			if !g.e.Number(ExprRef{g.l.file, child}).Known {
				g.varies = true
			}
			return false
		case fact.Call:
			return g.call(child, x)
		}
		return true
	})
}

// operator notes powers, and products and sums with something that changes from round to round.
func (g *growth) operator(x *fact.ExprInfo) {
	changes := g.changes(x.A) || g.changes(x.B)
	switch x.Op {
	case fact.OpPow, fact.OpLShift:
		g.power = g.power || changes
	case fact.OpMul:
		g.times = g.times || changes
	}
}

// changes says whether an operand is the loop's variable or a name that the loop binds again.
func (g *growth) changes(operand fact.Expr) bool {
	facts := g.e.p.Files[g.l.file]
	found := false
	facts.Walk(operand, func(child fact.Expr) bool {
		x := &facts.Exprs[child]
		if x.Kind == fact.Call {
			return false
		}
		if x.Kind == fact.Name && x.Sym != 0 {
			for _, def := range facts.DefsOf(x.Sym) {
				found = found || def.Stmt >= g.l.loop && def.Stmt < facts.Stmts[g.l.loop].Next
			}
		}
		return !found
	})
	return found
}

func (g *growth) name(x *fact.ExprInfo) {
	facts := g.e.p.Files[g.l.file]
	if x.Sym == 0 || g.seen[x.Sym] {
		return
	}
	g.seen[x.Sym] = true
	for _, def := range facts.DefsOf(x.Sym) {
		if def.Stmt < g.l.loop || def.Stmt >= facts.Stmts[g.l.loop].Next {
			continue
		}
		switch def.Kind {
		case fact.DefAugment:
			switch facts.Stmts[def.Stmt].Op {
			case fact.OpMul, fact.OpPow, fact.OpLShift:
				g.power = true
			case fact.OpAdd:
				g.plus = !g.e.isCounter(g.l, facts.Stmts[def.Stmt].B)
			}
		case fact.DefAssign:
			if multiplies(facts, def.Value, x.Sym) {
				g.power = true
			}
			g.read(def.Value)
		case fact.DefFor:
			g.plus = g.plus || def.Stmt == g.l.loop
		}
	}
}

// multiplies says whether the value is a product with the symbol itself: delay = min(delay * 2, 30).
func multiplies(facts *fact.File, value fact.Expr, sym fact.Sym) bool {
	found := false
	facts.Walk(value, func(child fact.Expr) bool {
		x := &facts.Exprs[child]
		if x.Kind == fact.Binary && x.Op == fact.OpMul {
			for _, operand := range []fact.Expr{x.A, x.B} {
				if o := &facts.Exprs[operand]; o.Kind == fact.Name && o.Sym == sym {
					found = true
				}
			}
		}
		return !found
	})
	return found
}

// call looks at a call in the expression of a pause: randomness, and functions of which nothing is known.
func (g *growth) call(expr fact.Expr, x *fact.ExprInfo) bool {
	facts := g.e.p.Files[g.l.file]
	info := g.e.p.CallAt(g.l.file, expr)
	name := strings.ToLower(calleeName(facts, expr))
	switch {
	case info != nil && (strings.HasPrefix(info.Path, "random.") || strings.HasPrefix(info.Path, "secrets.") || strings.HasPrefix(info.Path, "numpy.random")),
		hasAny(name, []string{"random", "jitter", "uniform"}):
		g.random = true
		return false
	case name == "min" || name == "max" || name == "float" || name == "int" || name == "pow":
		if name == "pow" {
			g.power = true
		}
		return true
	}
	g.varies = true
	return false
}

// sumOfPauses adds up count pauses whose expression is arithmetic on the loop's variable; randomness counts as
// nothing. NaN where it is something else.
func (e *Eval) sumOfPauses(l *attemptLoop, expr fact.Expr, count int) float64 {
	facts := e.p.Files[l.file]
	var target fact.Sym
	if st := &facts.Stmts[l.loop]; st.Kind == fact.For {
		target = facts.Exprs[st.B].Sym
	}
	sum := 0.0
	for round := range count {
		sum += e.pauseIn(l.file, expr, target, float64(round), 0)
	}
	return sum
}

// maxArithmetic bounds the depth of an expression that is computed.
const maxArithmetic = 32

func (e *Eval) pauseIn(file FileID, expr fact.Expr, target fact.Sym, round float64, depth int) float64 {
	facts := e.p.Files[file]
	x := &facts.Exprs[expr]
	if depth > maxArithmetic {
		return math.NaN()
	}
	value := func(child fact.Expr) float64 { return e.pauseIn(file, child, target, round, depth+1) }
	switch x.Kind {
	case fact.Name:
		if x.Sym == target && target != 0 {
			return round
		}
		if x.Sym != 0 && len(facts.DefsOf(x.Sym)) > 1 {
			return math.NaN()
		}
	case fact.Binary:
		a, b := value(x.A), value(x.B)
		switch x.Op {
		case fact.OpAdd:
			return a + b
		case fact.OpSub:
			return a - b
		case fact.OpMul:
			return a * b
		case fact.OpDiv:
			return a / b
		case fact.OpPow:
			return math.Pow(a, b)
		}
		return math.NaN()
	case fact.Call:
		return e.pauseCall(file, expr, value)
	}
	if n := e.Number(ExprRef{file, expr}); n.Known && !n.None {
		return n.Value
	}
	return math.NaN()
}

func (e *Eval) pauseCall(file FileID, call fact.Expr, value func(fact.Expr) float64) float64 {
	facts := e.p.Files[file]
	info := e.p.CallAt(file, call)
	args := facts.OperandsOf(call)
	switch {
	case info == nil:
	case info.Path == "random.uniform" && len(args) == 2:
		return value(args[0])
	case strings.HasPrefix(info.Path, "random."):
		return 0
	case info.Path == "builtins.min" && len(args) == 2:
		return math.Min(value(args[0]), value(args[1]))
	case info.Path == "builtins.max" && len(args) == 2:
		return math.Max(value(args[0]), value(args[1]))
	}
	return math.NaN()
}
