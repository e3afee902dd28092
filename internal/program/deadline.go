package program

import (
	"math"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// bound is how long a wait may take as far as one source says. seconds is +Inf for no bound and NaN for a bound whose
// value cannot be shown.
type bound struct {
	seconds float64
	where   Place
	from    string
	name    string // the parameter, for messages and normal forms
	weak    string // why it bounds less than the whole wait
}

func (b *bound) guard() Guard {
	text := b.name
	if text == "" {
		text = b.from
	}
	return Guard{Kind: Deadline, Where: b.where, From: b.from, Text: text + "=" + formatSeconds(b.seconds), Seconds: b.seconds, Weak: b.weak}
}

// argumentBound evaluates the deadline parameters of a row on a call; found is false where the call says nothing.
func (e *Eval) argumentBound(ref ExprRef, d *catalog.Deadline, from string) (result bound, found bool) {
	for i := range d.Parameters {
		param := &d.Parameters[i]
		b, ok := e.parameterBound(ref, param)
		if !ok {
			continue
		}
		b.from, b.name = from, param.Name
		if !found || covers(param) && b.seconds > result.seconds {
			result, found = b, true
		}
		if covers(param) && !math.IsInf(b.seconds, 1) {
			return b, true
		}
	}
	return result, found
}

func covers(param *catalog.Parameter) bool {
	return param.Covers == "" || param.Covers == "total" || param.Covers == "read"
}

func (e *Eval) parameterBound(ref ExprRef, param *catalog.Parameter) (bound, bool) {
	name, key, nested := strings.Cut(param.Name, ".")
	position := -1
	if param.Position != nil && !nested {
		position = *param.Position
	}
	value, known := e.argument(ref, name, position)
	if value.Expr == 0 && !known {
		return bound{seconds: math.NaN(), where: e.p.PlaceOf(ref)}, true
	}
	if nested && value.Expr != 0 {
		value.Expr = dictValue(e.p.Files[value.File], value.Expr, key)
	}
	if value.Expr == 0 {
		return e.conninfoBound(ref, param)
	}
	return e.durationOf(value, param)
}

// dictValue finds the value under a literal key of a dictionary display, 0 where there is none.
func dictValue(facts *fact.File, dict fact.Expr, key string) fact.Expr {
	x := &facts.Exprs[dict]
	if x.Kind != fact.DictDisplay {
		return 0
	}
	items := facts.List(x.Ops)
	for i := 0; i+1 < len(items); i += 2 {
		if k := &facts.Exprs[items[i]]; items[i] != 0 && k.Kind == fact.StrConst && facts.Text(k.Text) == key {
			return items[i+1]
		}
	}
	return 0
}

// conninfoBound looks for the parameter in a connection string that is the first argument. A string that is not
// known counts as silent: most name no deadline.
func (e *Eval) conninfoBound(ref ExprRef, param *catalog.Parameter) (bound, bool) {
	if !param.Conninfo {
		return bound{}, false
	}
	facts := e.p.Files[ref.File]
	args := facts.OperandsOf(ref.Expr)
	if len(args) == 0 {
		return bound{}, false
	}
	v := e.One(ExprRef{ref.File, args[0]})
	if v.Kind != Constant {
		return bound{}, false
	}
	origin := &e.p.Files[v.Origin.File].Exprs[v.Origin.Expr]
	if origin.Kind != fact.StrConst {
		return bound{}, false
	}
	text := e.p.Files[v.Origin.File].Text(origin.Text)
	at := strings.Index(text, param.Name+"=")
	if at < 0 {
		return bound{}, false
	}
	rest := text[at+len(param.Name)+1:]
	if end := strings.IndexAny(rest, "& \t"); end >= 0 {
		rest = rest[:end]
	}
	return bound{seconds: parseSeconds(rest, param.Unit), where: e.p.PlaceOf(v.Origin)}, true
}

// durationOf evaluates a value given for a deadline parameter: a number, None, a tuple of phases or an object such as
// httpx.Timeout. What cannot be shown counts as bounded by an unknown value.
func (e *Eval) durationOf(ref ExprRef, param *catalog.Parameter) (bound, bool) {
	facts := e.p.Files[ref.File]
	place := e.p.PlaceOf(ref)
	x := &facts.Exprs[ref.Expr]
	if x.Kind == fact.Tuple && len(param.Tuple) > 0 {
		return e.tupleBound(ref, param), true
	}
	if b, ok := e.durationObject(ref); ok {
		return b, true
	}
	for _, spelling := range param.Infinite {
		if e.isLiteral(ref, spelling) {
			return bound{seconds: math.Inf(1), where: place}, true
		}
	}
	n := e.Number(ref)
	switch {
	case n.Known && !n.None:
		return bound{seconds: n.Value * unitSeconds(param.Unit), where: n.Where}, true
	case n.None && !n.Known:
		if param.NoneIs == "default" {
			return bound{}, false
		}
		if e.isParameter(ref) && !e.leftOut(ref) {
			// "def f(timeout=None): get(url, timeout=timeout)": the caller decides.
			return bound{seconds: math.NaN(), where: place}, true
		}
		return bound{seconds: math.Inf(1), where: n.Where}, true
	}
	return bound{seconds: math.NaN(), where: place}, true
}

func (e *Eval) isParameter(ref ExprRef) bool {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	return x.Kind == fact.Name && x.Sym != 0 && facts.Symbols[x.Sym].Flags&fact.BoundParam != 0
}

// leftOut says whether a parameter of a private function is known to have its default: the program calls the function,
// and no call gives the parameter.
func (e *Eval) leftOut(ref ExprRef) bool {
	facts := e.p.Files[ref.File]
	sym := facts.Exprs[ref.Expr].Sym
	fn := Func{ref.File, facts.Symbols[sym].Scope}
	if facts.Scopes[fn.Scope].Kind != fact.FunctionScope || isPublic(facts, fn.Scope) || facts.Symbols[sym].DefCount != 1 {
		return false
	}
	e.p.asked.note(Ask{Root: fn})
	callers := e.p.Callers(fn)
	for _, site := range callers {
		call := ExprRef{site.File, e.p.Call(site).Expr}
		_, known := e.p.Files[site.File].Argument(call.Expr, facts.Text(facts.Symbols[sym].Name), -1)
		if !known || e.argumentFor(call, fn, sym) != 0 {
			return false
		}
	}
	return len(callers) > 0
}

func (e *Eval) tupleBound(ref ExprRef, param *catalog.Parameter) bound {
	result := bound{where: e.p.PlaceOf(ref)}
	plain := *param
	plain.Tuple = nil
	for _, part := range e.p.Files[ref.File].OperandsOf(ref.Expr) {
		b, ok := e.durationOf(ExprRef{ref.File, part}, &plain)
		if !ok {
			continue
		}
		if math.IsInf(b.seconds, 1) {
			return b
		}
		if math.IsNaN(b.seconds) || b.seconds > result.seconds {
			result.seconds = b.seconds
		}
	}
	return result
}

// durationObject evaluates a constructor of deadline values (httpx.Timeout(5), aiohttp.ClientTimeout(total=None)),
// also through a name.
func (e *Eval) durationObject(ref ExprRef) (bound, bool) {
	for _, v := range e.Of(ref) {
		if v.Kind != Instance || v.Origin.Expr == 0 {
			continue
		}
		call := e.p.CallAt(v.Origin.File, v.Origin.Expr)
		if call == nil || call.Entry == nil || call.Entry.Duration == nil {
			continue
		}
		return e.durationCall(v.Origin, call.Entry.Duration), true
	}
	return bound{}, false
}

func (e *Eval) durationCall(ref ExprRef, d *catalog.Duration) bound {
	result := bound{seconds: d.Default, where: e.p.PlaceOf(ref)}
	if d.Default < 0 {
		result.seconds = math.Inf(1)
	}
	var phases []bound
	open := false // whether the default of the whole holds for a phase
	for i := range d.Parameters {
		param := &d.Parameters[i]
		b, ok := e.parameterBound(ref, param)
		switch {
		case !ok:
			open = open || param.Covers == "connect" || param.Covers == "read"
		case param.Covers == "" || param.Covers == "total":
			result.seconds, open = b.seconds, true
		case param.Covers == "connect" || param.Covers == "read":
			phases = append(phases, b)
		}
		if ok && param.Covers == "total" && !math.IsInf(b.seconds, 1) {
			return result // the whole is bounded, whatever the phases are
		}
	}
	if !open && len(phases) > 0 && !math.IsInf(result.seconds, 1) {
		result.seconds = 0
	}
	return withPhases(result, phases)
}

// withPhases gives the bound of a wait whose phases are bounded apart: as long as its longest. A phase that is said
// replaces what the whole would give it.
func withPhases(whole bound, phases []bound) bound {
	for _, phase := range phases {
		switch {
		case math.IsInf(phase.seconds, 1):
			whole.seconds = phase.seconds
			return whole
		case math.IsInf(whole.seconds, 1), phase.seconds > whole.seconds:
			whole.seconds = phase.seconds
		}
	}
	return whole
}

// defaultBound is what holds when nothing is said.
func defaultBound(d *catalog.Deadline) (bound, bool) {
	row, ok := d.Default()
	if !ok {
		return bound{}, false
	}
	seconds := row.Seconds
	if seconds < 0 {
		seconds = math.Inf(1)
	}
	return bound{seconds: seconds, from: "default", name: "default"}, true
}
