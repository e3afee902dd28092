package program

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// The rules that a retry may break.
const (
	unboundedRetry       = "unbounded-retry"
	retryWithoutBackoff  = "retry-without-backoff"
	nestedRetry          = "nested-retry"
	retryExceedsDeadline = "retry-exceeds-deadline"
)

// repeatSites finds the retries of one file with what bounds them, and the calls inside one retry that run into
// another. What a retry breaks besides its bound is a site of its own without guards, so that each fault can be followed
// from one snapshot to the next.
func (p *Program) repeatSites(eval *Eval, file FileID) []Site {
	var sites []Site
	list := p.retriesOf(file)
	told := map[*retry]bool{}
	for i := range list {
		one := &list[i]
		if one.form == "redelivery" || one.form == "call" && one.parameter == 0 && one.policy.pause == "?" && math.IsNaN(one.policy.attempts) {
			continue // nothing is known of it
		}
		sites = append(sites, eval.repeatSite(file, one)...)
		sites = eval.nestedRetries(sites, file, one, told)
	}
	sort.SliceStable(sites, func(i, j int) bool { return sites[i].At.Start < sites[j].At.Start })
	return sites
}

func (e *Eval) repeatSite(file FileID, one *retry) []Site {
	fn := one.fn
	if one.form == "call" {
		fn = Func{file, callerScope(e.p.Files[file], e.p.Files[file].Exprs[one.expr].Scope)}
	}
	site := Site{
		Effect: Repeat, Func: fn, At: one.at, Expr: one.expr, Stmt: one.stmt,
		What: one.what, Text: "retry " + one.what, Guards: one.policy.guards(one.form), Strict: e.p.IsTest(file),
	}
	sites := []Site{site}
	lostRace := len(one.policy.exceptions) > 0 && isLocal(one.policy.exceptions)
	if one.policy.endless() && !lostRace && !one.derived && !(one.stmt != 0 && commentSays(e.p.Files[file], one.stmt, claimsEndless)) {
		sites[0].Fault, sites[0].Detail = unboundedRetry, one.form
	}
	more := func(rule, detail string) {
		other := site
		other.Guards, other.Fault, other.Detail, other.Text = nil, rule, detail, site.Text+": "+rule
		sites = append(sites, other)
	}
	if one.policy.hot() && !one.derived {
		more(retryWithoutBackoff, attemptsText(one.policy.attempts))
	}
	if detail := e.exceeds(one); detail != "" {
		more(retryExceedsDeadline, detail)
	}
	return sites
}

// claimsEndless says whether a text says that a loop is meant to go on for ever.
func claimsEndless(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"infinite", "endless", "forever", "for ever", "never give up", "indefinitely"}, func(word string) bool {
		return strings.Contains(text, word)
	})
}

// guards gives the policy in its normal form, in which a loop and a decorator that do the same are the same.
func (q *policy) guards(form string) []Guard {
	var guards []Guard
	add := func(g Guard) {
		g.Kind, g.From = RetryBound, form
		guards = append(guards, g)
	}
	if !math.IsInf(q.attempts, 1) {
		n := q.attempts
		if math.IsNaN(n) {
			n = 0
		}
		add(Guard{Text: "attempts=" + attemptsText(q.attempts), Number: n, Where: q.attemptsAt})
	}
	if !math.IsInf(q.total, 1) {
		n := q.total
		if math.IsNaN(n) {
			n = 0
		}
		add(Guard{Text: "total=" + formatSeconds(q.total), Seconds: q.total, Number: n, Where: q.totalAt})
	}
	if q.pause != "none" {
		add(Guard{Text: "backoff=" + q.pause, Where: q.pauseAt})
	}
	if q.jitter {
		add(Guard{Text: "jitter", Where: q.pauseAt})
	}
	if q.exceptions != nil {
		add(Guard{Text: "exceptions=" + strings.Join(q.exceptions, ","), Where: q.exceptionsAt})
	}
	return guards
}

func attemptsText(n float64) string {
	switch {
	case math.IsNaN(n):
		return "?"
	case math.IsInf(n, 1):
		return "endless"
	}
	return strconv.FormatFloat(n, 'g', 6, 64)
}

// nestedRetries adds the calls inside a retry that run into another retry: the attempts multiply. told are the inner
// retries that the file was told of: each is one place to mend, from however many calls it is reached, and so is the outer
// retry, whatever it runs into.
func (e *Eval) nestedRetries(sites []Site, file FileID, one *retry, told map[*retry]bool) []Site {
	if one.form == "call" || one.parameter != 0 || onlyTimeouts(one.policy.exceptions) {
		return sites
	}
	below := e.p.retryingFunctions()
	nested := false
	e.p.eachCallIn(one, func(at CallSite, call *CallInfo) {
		if len(call.Targets) == 0 {
			sites = e.mountedRetry(sites, file, one, call)
		}
		if len(call.Targets) != 1 || e.p.detached(at) {
			return
		}
		inner, ok := below[call.Targets[0]]
		if !ok || e.retriesNot(file, call) || inner.retry == one || inner.retry.fn == one.fn || onlyTimeouts(inner.retry.policy.exceptions) {
			return
		}
		if nested || told[inner.retry] {
			return
		}
		nested, told[inner.retry] = true, true
		x := &e.p.Files[file].Exprs[call.Expr]
		what := e.p.stableName(call.Targets[0])
		sites = append(sites, Site{
			Effect: Repeat, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt,
			What: what, Text: e.p.CallText(ExprRef{file, call.Expr}, what), Strict: e.p.IsTest(file),
			Fault: nestedRetry, Detail: product(one.policy.attempts, inner.retry.policy.attempts),
			Chain: append(e.nestedChain(call.Targets[0]), Step{At: one.at, Text: "the outer retry"}),
		})
	})
	return sites
}

// retriesNot says whether the function that is called repeats only when told so, by a parameter for the number of retries
// that is 0 by default and that the call leaves out, or is told not to.
func (e *Eval) retriesNot(file FileID, call *CallInfo) bool {
	target := call.Targets[0]
	facts := e.p.Files[target.File]
	for _, arg := range e.p.Files[file].OperandsOf(call.Expr) { // retry=False, retries=0
		given := e.p.Files[file]
		if x := &given.Exprs[arg]; x.Kind == fact.Keyword && containsFold(given.Text(x.Text), "retr") {
			if n := e.Number(ExprRef{file, x.A}); given.Exprs[x.A].Kind == fact.FalseConst || n.Known && n.Value == 0 && !n.None {
				return true
			}
		}
	}
	params := facts.ParamsOf(target.Scope)
	for i := range params {
		words := Words(facts.Text(params[i].Name))
		if !slices.Contains(words, "retries") && !slices.Contains(words, "retry") || params[i].Default == 0 {
			continue
		}
		if n := e.Number(ExprRef{target.File, params[i].Default}); n.Known && n.Value == 0 && !n.None {
			value, known := e.p.Files[file].Argument(call.Expr, facts.Text(params[i].Name), -1)
			return value == 0 && known && e.argumentFor(ExprRef{file, call.Expr}, target, params[i].Symbol) == 0
		}
	}
	return false
}

// mountedRetry adds a call through a session whose adapter repeats requests by itself.
func (e *Eval) mountedRetry(sites []Site, file FileID, one *retry, call *CallInfo) []Site {
	if call.Entry == nil || call.Entry.Wait == nil || call.Receiver.Kind != Instance || call.Receiver.Origin.Expr == 0 {
		return sites
	}
	made := call.Receiver.Origin.File
	for _, i := range e.p.callsOn(call.Receiver.Origin) {
		mount := &e.p.calls[made][i]
		args := e.p.Files[made].OperandsOf(mount.Expr)
		if !strings.HasSuffix(mount.Path, ".mount") || len(args) != 2 {
			continue
		}
		adapter := e.One(ExprRef{made, args[1]})
		entry := e.p.entry(adapter.Path)
		if adapter.Kind != Instance || adapter.Origin.Expr == 0 || entry == nil || entry.Retry == nil || !e.repeatsItself(adapter.Origin, entry.Retry) {
			continue
		}
		x := &e.p.Files[file].Exprs[call.Expr]
		return append(sites, Site{
			Effect: Repeat, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt,
			What: call.Entry.Path, Text: e.p.CallText(ExprRef{file, call.Expr}, call.Entry.Path), Strict: e.p.IsTest(file),
			Fault: nestedRetry, Detail: product(one.policy.attempts, math.NaN()),
			Chain: []Step{{At: e.p.PlaceOf(adapter.Origin), Text: "the adapter repeats here"}, {At: one.at, Text: "the outer retry"}},
		})
	}
	return sites
}

// repeatsItself says whether a construction is given a number of attempts other than none.
func (e *Eval) repeatsItself(made ExprRef, r *catalog.Retry) bool {
	for i := range r.Attempts {
		if n, _, given := e.countArgument(made, &r.Attempts[i]); given {
			return math.IsNaN(n) || n > 0
		}
	}
	return false
}

func (e *Eval) nestedChain(fn Func) []Step {
	var steps []Step
	below := e.p.retryingFunctions()
	for len(steps) < maxChain {
		b := below[fn]
		if b.deeper == (Func{}) {
			return append(steps, Step{At: b.retry.at, Text: e.p.Symbol(fn) + " repeats here"})
		}
		call := e.p.Call(b.next)
		steps = append(steps, Step{
			At:   e.p.PlaceOf(ExprRef{b.next.File, call.Expr}),
			Text: e.p.Symbol(fn) + " calls " + e.p.Symbol(b.deeper),
		})
		fn = b.deeper
	}
	return steps
}

// product says how often the innermost code may run.
func product(outer, inner float64) string {
	switch total := outer * inner; {
	case math.IsNaN(total):
		return ""
	case math.IsInf(total, 1):
		return "any number of times"
	default:
		return fmt.Sprintf("%s × %s = %s times", attemptsText(outer), attemptsText(inner), attemptsText(total))
	}
}

// exceeds says how long the attempts of a retry may take where that is more than the deadline around it; "" where it
// is not, or not known.
func (e *Eval) exceeds(one *retry) string {
	q := &one.policy
	if math.IsNaN(q.attempts) || math.IsInf(q.attempts, 1) || q.attempts < 2 {
		return ""
	}
	limit := e.limitAround(one)
	if math.IsNaN(limit) || math.IsInf(limit, 1) {
		return ""
	}
	each := e.attemptTime(one)
	pauses := q.pauses
	if math.IsNaN(pauses) {
		pauses = 0
	}
	total := q.attempts*each + pauses
	if math.IsNaN(total) || math.IsInf(total, 1) || total <= limit {
		return ""
	}
	text := fmt.Sprintf("%s attempts of %s", attemptsText(q.attempts), formatSeconds(each))
	if pauses > 0 {
		text += " and pauses of " + formatSeconds(pauses)
	}
	return text + " take " + formatSeconds(total) + ", the deadline around them is " + formatSeconds(limit)
}

// attemptTime is the longest deadline of one wait of the network in what is repeated; NaN where there is none.
func (e *Eval) attemptTime(one *retry) float64 {
	longest := math.NaN()
	e.p.eachCallIn(one, func(at CallSite, call *CallInfo) {
		if call.Entry == nil || call.Entry.Wait == nil || call.Entry.Wait.For != "network" {
			return
		}
		b, ok := e.ownBound(ExprRef{at.File, call.Expr}, call)
		if ok && (math.IsNaN(longest) || b.seconds > longest) {
			longest = b.seconds
		}
	})
	return longest
}

// limitAround is the least deadline of the scopes around a retry: +Inf for none.
func (e *Eval) limitAround(one *retry) float64 {
	least := math.Inf(1)
	stmt := one.stmt
	if one.whole() {
		guards := e.callerDeadlines(nil, one.fn)
		return boundOf(guards)
	}
	for _, context := range e.Contexts(one.fn, stmt) {
		if context.Entry == nil || context.Entry.Deadline == nil || !context.Entry.Deadline.Scope {
			continue
		}
		if b, ok := e.scopeBound(&context); ok && !(b.seconds > least) {
			least = b.seconds
		}
	}
	if math.IsInf(least, 1) {
		least = boundOf(e.callerDeadlines(nil, one.fn))
	}
	return least
}
