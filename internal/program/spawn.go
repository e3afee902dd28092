package program

import (
	"sort"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// The rules that concurrent work may break.
const (
	orphanTask            = "orphan-task"
	unboundedFanout       = "unbounded-fanout"
	swallowedCancellation = "swallowed-cancellation"
)

// spawnSites finds where a file starts concurrent work, who owns it and what bounds it, and the handlers that may
// swallow a cancellation.
func (p *Program) spawnSites(eval *Eval, file FileID) []Site {
	var sites []Site
	for _, i := range p.merged(file, p.starters()[file]) {
		call := &p.calls[file][i]
		if entry := call.Entry; entry != nil && entry.Spawn != nil {
			switch {
			case entry.Spawn.What == "task" && entry.Spawn.Starts && !entry.Spawn.Owned:
				sites = append(sites, eval.taskSite(file, call, entry))
			case entry.Spawn.What == "task" && entry.Spawn.Starts:
				sites = eval.loopFanout(append(sites, eval.ownedTask(file, call)), file, call)
			case entry.Spawn.What == "gather":
				sites = eval.fanout(sites, file, call)
			}
			continue
		}
		if entry := eval.startedInside(call); entry != nil {
			sites = append(sites, eval.taskSite(file, call, entry))
		}
	}
	sites = eval.cancellationSites(sites, file)
	sort.SliceStable(sites, func(i, j int) bool { return sites[i].At.Start < sites[j].At.Start })
	return sites
}

// starters are the calls of functions that start a task themselves, and may return it to their caller.
func (p *Program) starters() [][]int32 {
	p.starting.once.Do(func() {
		p.starting.calls = p.through(func(call *CallInfo) bool {
			return call.Entry != nil && call.Entry.Spawn != nil && call.Entry.Spawn.What == "task" && !call.Entry.Spawn.Owned
		})
	})
	return p.starting.calls
}

// startedInside finds the row of the task that a plain function of the program starts and returns without keeping it:
// then the caller has to.
func (e *Eval) startedInside(call *CallInfo) *catalog.Entry {
	if len(call.Targets) != 1 || !e.p.runsWhenCalled(call.Targets[0]) {
		return nil
	}
	fn := call.Targets[0]
	returns := e.p.index[fn.File].returns.of(fn.Scope)
	if len(returns) != 1 {
		return nil
	}
	inner := e.p.CallAt(fn.File, returns[0].expr)
	if inner == nil || inner.Entry == nil || inner.Entry.Spawn == nil || inner.Entry.Spawn.What != "task" || inner.Entry.Spawn.Owned {
		return nil
	}
	return inner.Entry
}

// startTask names what every way of starting a task does, so that a change from one to another is seen as one site.
const startTask = "start task"

// ownedTask is a task that a group starts, keeps and awaits.
func (e *Eval) ownedTask(file FileID, call *CallInfo) Site {
	x := &e.p.Files[file].Exprs[call.Expr]
	at := Place{file, x.Span}
	return Site{
		Effect: Spawn, Func: Func{file, call.Func}, At: at, Expr: call.Expr, Stmt: x.Stmt, What: startTask, Entry: call.Entry,
		Text: e.p.CallText(ExprRef{file, call.Expr}, startTask), Strict: e.p.IsTest(file),
		Guards: []Guard{{Kind: Cancellation, From: "group", Text: "kept", Where: at}},
	}
}

func (e *Eval) taskSite(file FileID, call *CallInfo, entry *catalog.Entry) Site {
	x := &e.p.Files[file].Exprs[call.Expr]
	site := Site{
		Effect: Spawn, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt,
		What: startTask, Entry: entry, Text: e.p.CallText(ExprRef{file, call.Expr}, startTask), Strict: e.p.IsTest(file),
	}
	owner, why := e.taskOwner(file, call.Expr)
	if owner == "" {
		site.Fault, site.Detail = orphanTask, why
	} else {
		site.Guards = []Guard{{Kind: Cancellation, From: owner, Text: "kept", Where: site.At}}
	}
	return site
}

// taskOwner says what keeps a started task alive and able to be awaited: "awaited", "kept", "returned"; "" with the
// reason where nothing does.
func (e *Eval) taskOwner(file FileID, task fact.Expr) (owner, why string) {
	facts := e.p.Files[file]
	for expr := task; ; {
		x := &facts.Exprs[expr]
		if x.Parent == 0 {
			return e.taskAtRoot(file, expr)
		}
		switch up := &facts.Exprs[x.Parent]; up.Kind {
		case fact.Await:
			return "awaited", ""
		case fact.IfExp, fact.Bool, fact.Keyword, fact.Starred:
			expr = x.Parent
		case fact.Attr:
			if facts.Text(up.Text) == "add_done_callback" {
				return "callback", ""
			}
			return "kept", ""
		case fact.Lambda:
			return "returned", ""
		default:
			return "kept", ""
		}
	}
}

func (e *Eval) taskAtRoot(file FileID, expr fact.Expr) (owner, why string) {
	facts := e.p.Files[file]
	st := &facts.Stmts[facts.Exprs[expr].Stmt]
	switch st.Kind {
	case fact.ExprStmt:
		return "", "nothing keeps the task"
	case fact.Return:
		return "returned", ""
	case fact.Assign:
		for _, target := range facts.List(st.Targets) {
			t := &facts.Exprs[target]
			if t.Kind != fact.Name || t.Sym == 0 || isRead(facts, t.Sym) || !livesInFunction(facts, t.Sym) {
				return "kept", ""
			}
		}
		return "", "the name it is assigned to is never used"
	}
	return "kept", ""
}

// isRead says whether a symbol is read anywhere, or deleted: until then it is kept on purpose. To ask a task for its name
// keeps nothing.
func isRead(facts *fact.File, sym fact.Sym) bool {
	for _, def := range facts.DefsOf(sym) {
		if def.Kind == fact.DefDelete {
			return true
		}
	}
	for i := range facts.Exprs {
		if x := &facts.Exprs[i]; x.Kind == fact.Name && x.Sym == sym && !x.Flag && !isLabel(facts, fact.Expr(i)) {
			return true
		}
	}
	return false
}

// isLabel says whether an occurrence of a task's name only reads or sets what the task is called.
func isLabel(facts *fact.File, name fact.Expr) bool {
	up := &facts.Exprs[facts.Exprs[name].Parent]
	if up.Kind != fact.Attr || up.A != name {
		return false
	}
	method := facts.Text(up.Text)
	return method == "get_name" || method == "set_name"
}

func livesInFunction(facts *fact.File, sym fact.Sym) bool {
	info := &facts.Symbols[sym]
	return facts.Scopes[info.Scope].Kind == fact.FunctionScope && info.Flags&(fact.DeclGlobal|fact.DeclNonlocal|fact.WrittenInside) == 0
}
