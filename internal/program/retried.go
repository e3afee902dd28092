package program

import "github.com/tiebeam/tiebeam/internal/fact"

// retriedBy says which retry repeats a function, and by which call inside what is repeated; outer is the function
// that makes the call, the zero Func where the retry itself does.
type retriedBy struct {
	retry *retry
	site  CallSite
	// whole is true where the retry is around the function itself and not a call of it.
	whole bool
	outer Func
	depth int
}

// retriesBelow says that a function, when called, runs into a retry, and by which call; deeper is the function that
// leads to, the zero Func where the function itself has the retry.
type retriesBelow struct {
	retry  *retry
	next   CallSite
	deeper Func
}

// retriedFunctions gives the functions that run again as part of a retry, by the shortest chain of calls. Only calls
// that can mean one function are followed.
func (p *Program) retriedFunctions() map[Func]retriedBy {
	all := p.allRetries()
	all.inside.once.Do(func() { all.inside.by = p.findRetried(all) })
	return all.inside.by
}

func (p *Program) findRetried(all *retries) map[Func]retriedBy {
	found := map[Func]retriedBy{}
	var queue []Func
	add := func(fn Func, by retriedBy) {
		if _, done := found[fn]; !done {
			found[fn] = by
			queue = append(queue, fn)
		}
	}
	for file := range all.byFile {
		for i := range all.byFile[file] {
			if one := &all.byFile[file][i]; one.whole() {
				add(one.fn, retriedBy{retry: one, whole: true})
			}
		}
	}
	for file := range all.byFile {
		for i := range all.byFile[file] {
			one := &all.byFile[file][i]
			if one.form != "loop" && one.form != "iterator" {
				continue
			}
			p.eachCallIn(one, func(site CallSite, call *CallInfo) {
				if len(call.Targets) == 1 && !p.detached(site) {
					add(call.Targets[0], retriedBy{retry: one, site: site})
				}
			})
		}
	}
	calls := map[FileID]map[fact.Scope][]int32{}
	for len(queue) > 0 {
		fn := queue[0]
		queue = queue[1:]
		by := found[fn]
		if by.depth >= maxRetriedDepth {
			continue
		}
		for _, i := range p.callsOf(calls, fn) {
			call := &p.calls[fn.File][i]
			if site := (CallSite{fn.File, i}); len(call.Targets) == 1 && !p.detached(site) {
				add(call.Targets[0], retriedBy{retry: by.retry, site: site, outer: fn, depth: by.depth + 1})
			}
		}
	}
	return found
}

// maxRetriedDepth bounds how many calls lie between a retry and what it is held to repeat.
const maxRetriedDepth = 4

// detached says whether the call makes a coroutine that is not awaited where it is made: a task of its own.
func (p *Program) detached(site CallSite) bool {
	call := p.Call(site)
	if !p.IsAsync(call.Targets[0]) {
		return false
	}
	facts := p.Files[site.File]
	for outer := facts.Exprs[call.Expr].Parent; outer != 0; outer = facts.Exprs[outer].Parent {
		switch facts.Exprs[outer].Kind {
		case fact.Await:
			return false
		case fact.Call:
			if c := p.CallAt(site.File, outer); c.Entry != nil && c.Entry.Spawn != nil && c.Entry.Spawn.What != "gather" {
				return true
			}
		}
	}
	switch facts.Stmts[facts.Exprs[call.Expr].Stmt].Kind {
	case fact.Return, fact.For, fact.Item:
		return false
	}
	return true
}

// callsOf gives the calls that the code of fn makes. The calls of a file are sorted by function when first needed.
func (p *Program) callsOf(known map[FileID]map[fact.Scope][]int32, fn Func) []int32 {
	byScope := known[fn.File]
	if byScope == nil {
		byScope = map[fact.Scope][]int32{}
		for i := range p.calls[fn.File] {
			if call := &p.calls[fn.File][i]; len(call.Targets) > 0 {
				byScope[call.Func] = append(byScope[call.Func], int32(i))
			}
		}
		known[fn.File] = byScope
	}
	return byScope[fn.Scope]
}

// eachCallIn visits the calls that a retry repeats, those of nested functions left out.
func (p *Program) eachCallIn(one *retry, visit func(CallSite, *CallInfo)) {
	facts, calls := p.Files[one.fn.File], p.calls[one.fn.File]
	first := searchCalls(facts, calls, one.first)
	end := first + searchCalls(facts, calls[first:], one.end)
	if scope := &facts.Scopes[one.fn.Scope]; scope.Kind == fact.LambdaScope {
		first, end = 0, len(calls)
	}
	for i := first; i < end; i++ {
		if calls[i].Func == one.fn.Scope {
			visit(CallSite{one.fn.File, int32(i)}, &calls[i])
		}
	}
}

// retryAround finds the retry that repeats the statement s of fn directly, or fn as a whole through calls.
func (p *Program) retryAround(fn Func, s fact.Stmt) (retriedBy, bool) {
	list := p.retriesOf(fn.File)
	for i := range list {
		one := &list[i]
		if (one.form == "loop" || one.form == "iterator") && one.fn == fn && s >= one.first && s < one.end {
			return retriedBy{retry: one, whole: true}, true
		}
	}
	by, ok := p.retriedFunctions()[fn]
	return by, ok
}

// retryChain gives the steps from the retry to the function that runs again because of it.
func (p *Program) retryChain(fn Func, by retriedBy) []Step {
	var steps []Step
	for !by.whole && len(steps) < maxChain {
		call := p.Call(by.site)
		text := "the retry calls " + p.Symbol(fn)
		if by.outer != (Func{}) {
			text = p.Symbol(by.outer) + " calls " + p.Symbol(fn)
		}
		steps = append(steps, Step{At: p.PlaceOf(ExprRef{by.site.File, call.Expr}), Text: text})
		if by.outer == (Func{}) {
			break
		}
		fn = by.outer
		by = p.retriedFunctions()[fn]
	}
	return append(steps, Step{At: by.retry.at, Text: "repeated here"})
}

// retryingFunctions gives the functions that run into a retry when they are called.
func (p *Program) retryingFunctions() map[Func]retriesBelow {
	all := p.allRetries()
	all.below.once.Do(func() { all.below.by = p.findRetrying(all) })
	return all.below.by
}

func (p *Program) findRetrying(all *retries) map[Func]retriesBelow {
	found := map[Func]retriesBelow{}
	var queue []Func
	for file := range all.byFile {
		for i := range all.byFile[file] {
			one := &all.byFile[file][i]
			if _, done := found[one.fn]; done || one.form == "call" || one.form == "redelivery" || one.parameter != 0 || one.fn.Scope == 0 {
				continue
			}
			found[one.fn] = retriesBelow{retry: one}
			queue = append(queue, one.fn)
		}
	}
	for len(queue) > 0 {
		callee := queue[0]
		queue = queue[1:]
		for _, site := range p.Callers(callee) {
			call := p.Call(site)
			fn := Func{site.File, call.Func}
			if _, done := found[fn]; done || len(call.Targets) != 1 || fn.Scope == 0 || p.detached(site) {
				continue
			}
			found[fn] = retriesBelow{retry: found[callee].retry, next: site, deeper: callee}
			queue = append(queue, fn)
		}
	}
	return found
}
