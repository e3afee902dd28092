package program

import (
	"math"
	"slices"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// Origin follows a name or a module's attribute to the expression it is assigned, where it has only that one value;
// the reference itself for everything else.
func (e *Eval) Origin(ref ExprRef) ExprRef {
	for range maxHelpers {
		facts := e.p.Files[ref.File]
		x := &facts.Exprs[ref.Expr]
		next := ExprRef{}
		switch x.Kind {
		case fact.Name:
			next = e.assigned(ref.File, x.Sym)
		case fact.Attr:
			if v := e.One(ExprRef{ref.File, x.A}); v.Kind == Module {
				if file := e.p.modules.opened(v.file); file != noFile {
					next = e.assigned(file, e.p.Files[file].Lookup(0, facts.Text(x.Text)))
				}
			}
		}
		if next.Expr == 0 {
			return ref
		}
		ref = next
	}
	return ref
}

// assigned gives the only value assigned to a symbol, through imports from modules of the program.
func (e *Eval) assigned(file FileID, sym fact.Sym) ExprRef {
	for range maxHelpers {
		facts := e.p.Files[file]
		if sym == 0 || len(facts.DefsOf(sym)) != 1 {
			return ExprRef{}
		}
		def := &facts.DefsOf(sym)[0]
		switch {
		case def.Kind == fact.DefAssign && !def.Unpacked:
			return ExprRef{file, def.Value}
		case def.Kind == fact.DefImport:
			where := &e.p.index[file].imports[def.Index]
			other := e.p.modules.opened(where.file)
			name := facts.Text(facts.Imports[def.Index].Name)
			if other == noFile || name == "" {
				return ExprRef{}
			}
			file, sym = other, e.p.Files[other].Lookup(0, name)
		default:
			return ExprRef{}
		}
	}
	return ExprRef{}
}

// retryEntry gives the row of what an expression calls or names, if that is part of a retry.
func (e *Eval) retryEntry(ref ExprRef) *catalog.Entry {
	x := &e.p.Files[ref.File].Exprs[ref.Expr]
	if x.Kind == fact.Call {
		if call := e.p.CallAt(ref.File, ref.Expr); call != nil && call.Entry != nil && call.Entry.Retry != nil {
			return call.Entry
		}
		return nil
	}
	for _, v := range e.Of(ref) {
		if v.Path == "" {
			continue
		}
		if entry := e.p.entry(v.Path); entry != nil && entry.Retry != nil {
			return entry
		}
	}
	return nil
}

// policyOf reads the policy that a row gives to a call of it, or to its bare name.
func (e *Eval) policyOf(ref ExprRef, r *catalog.Retry) policy {
	q := policy{attempts: float64(r.DefaultAttempts), total: math.Inf(1), pause: "none", pauses: math.NaN()}
	q.attemptsAt = e.p.PlaceOf(ref)
	switch {
	case r.DefaultAttempts < 0:
		q.attempts = math.Inf(1)
	case r.DefaultAttempts == 0:
		q.attempts = math.NaN()
	}
	if r.DefaultBackoff {
		q.pause = "exponential"
	}
	q.jitter = r.DefaultJitter
	facts := e.p.Files[ref.File]
	if facts.Exprs[ref.Expr].Kind != fact.Call {
		if len(r.Exceptions) > 0 {
			q.exceptions = []string{anyException}
		}
		return q
	}
	if _, known := e.argument(ref, "", -1); !known {
		return unknownPolicy()
	}
	e.policyCounts(ref, r, &q)
	e.policyPause(ref, r, &q)
	e.policyExceptions(ref, r, &q)
	return q
}

// policyCounts reads the parameters that bound attempts and time.
func (e *Eval) policyCounts(ref ExprRef, r *catalog.Retry, q *policy) {
	for i := range r.Attempts {
		if n, where, ok := e.countOf(e.policyParameter(ref, r, &r.Attempts[i]), &r.Attempts[i]); ok {
			q.attempts, q.attemptsAt = n, where
		}
	}
	for i := range r.Total {
		if n, where, ok := e.countOf(e.policyParameter(ref, r, &r.Total[i]), &r.Total[i]); ok {
			q.total, q.totalAt = n, where
		}
	}
	for _, name := range r.Stop {
		value, _ := e.argument(ref, name, -1)
		if value.Expr == 0 {
			continue
		}
		s := e.stopOf(value, 0)
		q.attempts, q.attemptsAt = s.attempts, s.attemptsAt
		q.total, q.totalAt = s.total, s.totalAt
	}
}

// countArgument evaluates a parameter that takes a number of attempts or seconds.
func (e *Eval) countArgument(ref ExprRef, param *catalog.Parameter) (float64, Place, bool) {
	return e.countOf(e.policyParameter(ref, nil, param), param)
}

// policyParameter gives what a call says for a parameter of a policy, or what the class does that it names for the rest;
// Expr is 0 where neither does.
func (e *Eval) policyParameter(ref ExprRef, r *catalog.Retry, param *catalog.Parameter) ExprRef {
	position := -1
	if param.Position != nil {
		position = *param.Position
	}
	value, known := e.argument(ref, param.Name, position)
	if value.Expr != 0 || !known || r == nil || r.Base == "" {
		return value
	}
	base, _ := e.argument(ref, r.Base, -1)
	class := e.One(base)
	if base.Expr == 0 || class.Kind != Class {
		return value
	}
	for _, a := range e.p.Ancestors(class.Def) {
		if a.Kind != Class {
			continue
		}
		if sym := e.p.lookup(a.Def.File, a.Def.Scope, param.Name); sym != 0 {
			return e.assigned(a.Def.File, sym)
		}
	}
	return value
}

// countOf evaluates what is given for such a parameter.
func (e *Eval) countOf(arg ExprRef, param *catalog.Parameter) (float64, Place, bool) {
	if arg.Expr == 0 {
		return 0, Place{}, false
	}
	for _, spelling := range param.Infinite {
		if e.isLiteral(arg, spelling) {
			return math.Inf(1), e.p.PlaceOf(arg), true
		}
	}
	switch n := e.Number(arg); {
	case n.Known && !n.None:
		return n.Value * unitSeconds(param.Unit), n.Where, true
	case n.None && !n.Known && param.NoneIs != "default" && !e.isParameter(arg):
		return math.Inf(1), n.Where, true
	}
	return math.NaN(), e.p.PlaceOf(arg), true
}

// stopOf reads a stop condition: a|b stops when one of them does, a&b when both do.
func (e *Eval) stopOf(ref ExprRef, depth int) policy {
	ref = e.Origin(ref)
	unknown := unknownPolicy()
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if depth > maxHelpers {
		return unknown
	}
	if x.Kind == fact.Binary && (x.Op == fact.OpBitOr || x.Op == fact.OpBitAnd) {
		a, b := e.stopOf(ExprRef{ref.File, x.A}, depth+1), e.stopOf(ExprRef{ref.File, x.B}, depth+1)
		return a.joined(&b, x.Op == fact.OpBitAnd)
	}
	entry := e.retryEntry(ref)
	if entry == nil {
		return unknown
	}
	if len(entry.Retry.Stop) > 0 {
		return e.stopList(ref, entry.Path == "tenacity.stop_all", depth)
	}
	q := policy{attempts: math.Inf(1), total: math.Inf(1)}
	if entry.Retry.Stops != "never" && x.Kind != fact.Call {
		return unknown
	}
	if x.Kind == fact.Call {
		e.policyCounts(ref, entry.Retry, &q)
	}
	return q
}

// stopList reads conditions that are arguments.
func (e *Eval) stopList(ref ExprRef, all bool, depth int) policy {
	facts := e.p.Files[ref.File]
	if facts.Exprs[ref.Expr].Kind != fact.Call {
		return unknownPolicy()
	}
	var q policy
	for i, arg := range facts.OperandsOf(ref.Expr) {
		s := e.stopOf(ExprRef{ref.File, arg}, depth+1)
		if i == 0 {
			q = s
		} else {
			q = q.joined(&s, all)
		}
	}
	return q
}

// joined combines two conditions. What is unknown stays unknown unless a known bound is enough.
func (q *policy) joined(r *policy, both bool) policy {
	pick := func(a, b float64) bool { // whether b is taken
		switch {
		case math.IsNaN(a):
			return !both && !math.IsInf(b, 1)
		case math.IsNaN(b):
			return both || math.IsInf(a, 1)
		}
		return (b < a) != both
	}
	result := *q
	if pick(q.attempts, r.attempts) {
		result.attempts, result.attemptsAt = r.attempts, r.attemptsAt
	}
	if pick(q.total, r.total) {
		result.total, result.totalAt = r.total, r.totalAt
	}
	return result
}

// policyPause reads the parameters that shape the pauses.
func (e *Eval) policyPause(ref ExprRef, r *catalog.Retry, q *policy) {
	facts := e.p.Files[ref.File]
	for _, name := range r.Backoff {
		if value := e.policyParameter(ref, r, &catalog.Parameter{Name: name}); value.Expr != 0 {
			e.waitOf(value, q, 0)
			q.pauseAt = e.p.PlaceOf(value)
		}
	}
	for _, arg := range facts.OperandsOf(ref.Expr) { // backoff.on_exception(backoff.expo, ...)
		if facts.Exprs[arg].Kind == fact.Keyword {
			continue
		}
		if entry := e.retryEntry(ExprRef{ref.File, arg}); entry != nil && entry.Retry.Waits != "" {
			q.pause, q.pauseAt = entry.Retry.Waits, e.p.PlaceOf(ExprRef{ref.File, arg})
		}
	}
	for _, name := range r.Jitter {
		value := e.policyParameter(ref, r, &catalog.Parameter{Name: name})
		if value.Expr == 0 {
			continue
		}
		x := &e.p.Files[value.File].Exprs[value.Expr]
		n, isNumber := e.p.Files[value.File].Number(value.Expr)
		q.jitter = x.Kind != fact.NoneConst && x.Kind != fact.FalseConst && (!isNumber || n > 0)
	}
}

// waitOf reads what is given for the pauses: a wait condition, a sum of them, a number or a flag.
func (e *Eval) waitOf(ref ExprRef, q *policy, depth int) {
	ref = e.Origin(ref)
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	switch {
	case depth > maxHelpers:
		q.pause = "?"
		return
	case x.Kind == fact.Binary && x.Op == fact.OpAdd:
		a, b := policy{}, policy{}
		e.waitOf(ExprRef{ref.File, x.A}, &a, depth+1)
		e.waitOf(ExprRef{ref.File, x.B}, &b, depth+1)
		q.pause, q.jitter = slower(a.pause, b.pause), a.jitter || b.jitter
		return
	case x.Kind == fact.TrueConst:
		q.pause = "exponential"
		return
	case x.Kind == fact.FalseConst || x.Kind == fact.NoneConst:
		return
	}
	if n := e.Number(ref); n.Known && !n.None {
		if n.Value == 0 {
			q.pause = "none"
		} else if q.pause == "none" {
			q.pause = "fixed"
		}
		return
	}
	entry := e.retryEntry(ref)
	if entry == nil || entry.Retry.Waits == "" && len(entry.Retry.Backoff) == 0 {
		q.pause, q.jitter = "?", true
		return
	}
	q.pause, q.jitter = entry.Retry.Waits, entry.Retry.DefaultJitter
	if q.pause == "" { // wait_chain, wait_combine
		q.pause = "?"
	}
	if q.pause == "fixed" && x.Kind == fact.Call {
		args := facts.OperandsOf(ref.Expr)
		if len(args) == 1 && facts.Exprs[args[0]].Kind != fact.Keyword {
			if n := e.Number(ExprRef{ref.File, args[0]}); n.Known && n.Value == 0 {
				q.pause = "none"
			}
		}
	}
}

// pauseOrder lists the kinds of pause from the least to the most considerate.
var pauseOrder = []string{"none", "fixed", "random", "linear", "schedule", "exponential", "?"}

func slower(a, b string) string {
	if slices.Index(pauseOrder, a) < slices.Index(pauseOrder, b) {
		return b
	}
	return a
}

// policyExceptions reads what is repeated on.
func (e *Eval) policyExceptions(ref ExprRef, r *catalog.Retry, q *policy) {
	for _, name := range r.Exceptions {
		value := e.policyParameter(ref, r, &catalog.Parameter{Name: name})
		if value.Expr == 0 {
			value.Expr = e.exceptionArgument(ref)
			value.File = ref.File
		}
		if value.Expr == 0 {
			continue
		}
		q.exceptions, q.exceptionsAt = e.retriedOn(value), e.p.PlaceOf(value)
		return
	}
	if len(r.Exceptions) > 0 {
		q.exceptions = []string{anyException}
	}
}

// exceptionArgument finds a class, or a tuple of classes, among the arguments that are given by position.
func (e *Eval) exceptionArgument(ref ExprRef) fact.Expr {
	facts := e.p.Files[ref.File]
	for _, arg := range facts.OperandsOf(ref.Expr) {
		switch facts.Exprs[arg].Kind {
		case fact.Tuple:
			return arg
		case fact.Name, fact.Attr:
			if v := e.One(ExprRef{ref.File, arg}); v.Kind == Class || v.Kind == External && isClassName(v.Path) || v.Kind == Instance && v.Path == "builtins.tuple" {
				return arg
			}
		}
	}
	return 0
}

// retriedOn gives the exceptions of a class, a tuple, or a condition such as retry_if_exception_type(...); nil where
// the condition is another one.
func (e *Eval) retriedOn(ref ExprRef) []string {
	ref = e.Origin(ref)
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if x.Kind == fact.Binary && x.Op == fact.OpBitOr {
		a, b := e.retriedOn(ExprRef{ref.File, x.A}), e.retriedOn(ExprRef{ref.File, x.B})
		if a == nil || b == nil {
			return nil
		}
		a = append(a, b...)
		slices.Sort(a)
		return slices.Compact(a)
	}
	entry := e.retryEntry(ref)
	switch {
	case entry == nil && (x.Kind == fact.Call || x.Kind == fact.Lambda || x.Kind == fact.Binary):
		return nil
	case entry == nil:
		if v := e.One(ref); v.Kind == Function {
			if asked := e.p.Eval(v.Def.File).askedFor(v.Def); len(asked) > 0 {
				return asked
			}
		}
		return e.exceptionNames(ref)
	case len(entry.Retry.Exceptions) == 0:
		return nil
	}
	args := facts.OperandsOf(ref.Expr)
	if x.Kind != fact.Call || len(args) == 0 {
		return []string{anyException}
	}
	value := args[0]
	if facts.Exprs[value].Kind == fact.Keyword {
		value = facts.Exprs[value].A
	}
	return e.exceptionNames(ExprRef{ref.File, value})
}

// askedFor gives the exceptions that a condition of the program asks for: isinstance(error, ConnectionError).
func (e *Eval) askedFor(fn Func) []string {
	facts := e.p.Files[fn.File]
	params := facts.ParamsOf(fn.Scope)
	scope := &facts.Scopes[fn.Scope]
	var names []string
	calls := e.p.callsWithin(fn.File, scope.BodyFirst, scope.BodyEnd)
	for i := range calls {
		args := facts.OperandsOf(calls[i].Expr)
		if calls[i].Path == "builtins.isinstance" && len(args) == 2 && len(params) > 0 && facts.Exprs[args[0]].Sym == params[0].Symbol {
			names = append(names, e.exceptionNames(ExprRef{fn.File, args[1]})...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
