package program

import "github.com/tiebeam/tiebeam/internal/fact"

// handedFunctions are the calls that are given a function of the program to run: executor.submit(f), to_thread(f),
// breaker.call(f), gather(*map(f, items)).
func (p *Program) handedFunctions() map[Func][]CallSite {
	handed := map[Func][]CallSite{}
	for file := range p.Files {
		facts, eval := p.Files[file], p.Eval(FileID(file))
		for i := range p.calls[file] {
			call := &p.calls[file][i]
			if !runsWhatItIsGiven(call) {
				continue
			}
			for _, arg := range facts.OperandsOf(call.Expr) {
				if facts.Exprs[arg].Kind == fact.Keyword {
					arg = facts.Exprs[arg].A
				}
				if v := eval.One(ExprRef{FileID(file), arg}); (v.Kind == Function || v.Kind == Method) && v.Path == "" {
					handed[v.Def] = append(handed[v.Def], CallSite{FileID(file), int32(i)})
				}
			}
		}
	}
	return handed
}

func runsWhatItIsGiven(call *CallInfo) bool {
	if call.Path == "builtins.map" {
		return true
	}
	return call.Entry != nil && (call.Entry.Offload != nil || call.Entry.Spawn != nil || isBreaker(call.Entry))
}

// HandedWaits are the waits of library functions that a call is given to run: breaker.call(requests.get, url, timeout=3),
// executor.submit(session.get, url). Each stands at that call, with the deadline of what is given after the function and
// of its client. Cost: all calls of the program.
func (p *Program) HandedWaits() []Site {
	var sites []Site
	for file := range p.Files {
		for i := range p.calls[file] {
			if call := &p.calls[file][i]; runsWhatItIsGiven(call) {
				sites = p.handedWait(sites, FileID(file), call)
			}
		}
	}
	return sites
}

func (p *Program) handedWait(sites []Site, file FileID, call *CallInfo) []Site {
	facts, eval := p.Files[file], p.Eval(file)
	for i, arg := range facts.OperandsOf(call.Expr) {
		if k := facts.Exprs[arg].Kind; k != fact.Name && k != fact.Attr && k != fact.Call {
			continue
		}
		given := p.handedCall(file, call.Expr, arg)
		entry := given.Entry
		if entry == nil || entry.Wait == nil || eval.spared(file, &given, entry.Wait.Unless, entry.Wait.UnlessMade) {
			continue
		}
		if d := entry.Deadline; d != nil {
			// What follows the function are its own arguments, those of map one of each.
			moved, own := *entry, *d
			own.Parameters = nil
			for _, param := range d.Parameters {
				if param.Position != nil {
					at := *param.Position + i + 1
					param.Position = &at
				}
				own.Parameters = append(own.Parameters, param)
			}
			moved.Deadline = &own
			given.Entry = &moved
		}
		x := &facts.Exprs[call.Expr]
		return append(sites, Site{
			Effect: Wait, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt, Given: arg, What: entry.Path, Entry: entry,
			Text: p.CallText(ExprRef{file, call.Expr}, entry.Path), Strict: inProcess(entry.Wait.For) || p.IsTest(file), Detail: entry.Wait.For,
			Guards: eval.deadlines(file, &given),
		})
	}
	return sites
}

// handedCall is what a call becomes when it runs an argument.
func (p *Program) handedCall(file FileID, expr, given fact.Expr) CallInfo {
	facts := p.Files[file]
	r := resolver{p: p, eval: p.Eval(file), facts: facts}
	var call CallInfo
	r.resolve(&call, given)
	call.Expr, call.Func = expr, callerScope(facts, facts.Exprs[expr].Scope)
	return call
}

// callOf gives the call of a site, nil where it is none.
func (p *Program) callOf(s *Site) *CallInfo {
	if s.Given == 0 {
		return p.CallAt(s.At.File, s.Expr)
	}
	call := p.handedCall(s.At.File, s.Expr, s.Given)
	return &call
}
