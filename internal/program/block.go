package program

import (
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// The rules that a blocking call may break.
const (
	blockingInAsync = "blocking-in-async"
	cpuBoundInAsync = "cpu-bound-in-async"
)

// blocker says how a function of the program that is not a coroutine keeps its caller's thread.
type blocker struct {
	entry *catalog.Entry // the library call that blocks in the end
	// next is the call inside the function through which it does.
	next CallSite
	// deeper is the function which that call leads to; the zero Func where it is the library call itself.
	deeper Func
}

// blockers finds every function of the program that blocks when it is called, by the shortest chain of calls: breadth
// first from the library calls that block up to their callers. Coroutine functions do not pass it on, as they are
// judged themselves; generator functions run later.
func (p *Program) blockers() map[Func]blocker {
	p.blocks.once.Do(func() {
		p.blocks.by = p.findBlockers()
		p.blocks.calls = make([][]int32, len(p.Files))
		p.blocks.properties = map[string][]Func{}
		for fn := range p.blocks.by {
			if scope := &p.Files[fn.File].Scopes[fn.Scope]; scope.Flags&fact.IsProperty != 0 {
				name := p.Files[fn.File].Text(scope.Name)
				p.blocks.properties[name] = append(p.blocks.properties[name], fn)
			}
			for _, site := range p.Callers(fn) {
				p.blocks.calls[site.File] = append(p.blocks.calls[site.File], site.Index)
			}
		}
	})
	return p.blocks.by
}

func (p *Program) findBlockers() map[Func]blocker {
	found := map[Func]blocker{}
	var queue []Func
	for file := range p.calls {
		eval := p.Eval(FileID(file))
		for _, i := range p.marked[file] {
			call := &p.calls[file][i]
			fn := Func{FileID(file), call.Func}
			if !blocksDirectly(eval, FileID(file), call) || !p.runsWhenCalled(fn) {
				continue
			}
			if _, done := found[fn]; !done && eval.runsDecorated(fn) {
				found[fn] = blocker{entry: call.Entry, next: CallSite{FileID(file), i}}
				queue = append(queue, fn)
			}
		}
	}
	for len(queue) > 0 {
		callee := queue[0]
		queue = queue[1:]
		for _, site := range p.Callers(callee) {
			call := p.Call(site)
			fn := Func{site.File, call.Func}
			if _, done := found[fn]; done || !p.runsWhenCalled(fn) || !p.allBlock(found, call) || !p.Eval(fn.File).runsDecorated(fn) {
				continue
			}
			found[fn] = blocker{entry: found[callee].entry, next: site, deeper: callee}
			queue = append(queue, fn)
		}
	}
	return found
}

// runsWhenCalled says whether the code of fn runs on the thread that calls it, at once.
func (p *Program) runsWhenCalled(fn Func) bool {
	scope := &p.Files[fn.File].Scopes[fn.Scope]
	switch scope.Kind {
	case fact.FunctionScope, fact.LambdaScope:
		return scope.Flags&(fact.Async|fact.Generator) == 0
	}
	return false
}

// runsDecorated says whether a call of fn runs its code as far as its decorators of the program say. One that never calls
// what it decorates hands it to somebody else, such as the thread of a database; one that is given a coroutine function
// chooses between the two.
func (e *Eval) runsDecorated(fn Func) bool {
	facts := e.p.Files[fn.File]
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		if facts.Exprs[decorator].Kind == fact.Call {
			for _, arg := range facts.OperandsOf(decorator) {
				if v := e.One(ExprRef{fn.File, arg}); v.Kind == Function && e.p.IsAsync(v.Def) {
					return false
				}
			}
		}
		if v := e.One(ExprRef{fn.File, decorator}); v.Kind == Function && !e.p.runsItsArgument(v.Def) {
			return false
		}
	}
	return true
}

// runsItsArgument says whether a decorator of the program calls the function it is given, or gives it back.
func (p *Program) runsItsArgument(decorate Func) bool {
	facts := p.Files[decorate.File]
	params := facts.ParamsOf(decorate.Scope)
	if len(params) == 0 || selfClassOf(facts, params[0].Symbol) != fact.NoScope {
		return true // not of the form that is looked through
	}
	if _, ok := p.WrappedCall(decorate); ok {
		return true
	}
	wrapped := params[0].Symbol
	for _, r := range p.index[decorate.File].returns.of(decorate.Scope) {
		if facts.Exprs[r.expr].Kind != fact.Name || isNamed(facts, r.expr, wrapped) {
			return true // the function itself, or something made in a way that is not seen
		}
	}
	return !passesOn(facts, decorate.Scope, wrapped)
}

// passesOn says whether a function nested in scope mentions the symbol, as one that puts it into a queue does.
func passesOn(facts *fact.File, scope fact.Scope, sym fact.Sym) bool {
	for i := range facts.Exprs {
		if x := &facts.Exprs[i]; x.Kind == fact.Name && x.Sym == sym && x.Parent != 0 && x.Scope != scope && !x.Flag {
			return true
		}
	}
	return false
}

func isNamed(facts *fact.File, expr fact.Expr, sym fact.Sym) bool {
	x := &facts.Exprs[expr]
	return x.Kind == fact.Name && x.Sym == sym
}

// allBlock says whether every function that the call may run is known to block, so that one of several possible
// methods does not speak for the others.
func (p *Program) allBlock(found map[Func]blocker, call *CallInfo) bool {
	for _, target := range call.Targets {
		if _, ok := found[target]; !ok {
			return false
		}
	}
	return true
}

// blocksDirectly says whether a library call blocks by itself in the ordinary sense. Short blocks are left to strict
// mode, and do not travel to callers; nor do waits inside the process: a helper that takes the result of a future or
// a lock mostly does so when it is there.
func blocksDirectly(eval *Eval, file FileID, call *CallInfo) bool {
	entry := call.Entry
	if entry == nil || entry.Block == nil || entry.Block.Strict || entry.Async || inProcess(entry.Block.By) {
		return false
	}
	return !eval.spared(file, call, entry.Block.Unless, entry.Block.UnlessMade) && !eval.expectsToBlock(file, call.Expr)
}

// expectsToBlock says whether a handler around the call is for the error of an operation that would have to wait: then
// what it is made on does not wait.
func (e *Eval) expectsToBlock(file FileID, call fact.Expr) bool {
	facts := e.p.Files[file]
	for handler := range Handlers(facts, facts.Exprs[call].Stmt) {
		caught := facts.Stmts[handler].A
		if caught == 0 {
			continue
		}
		for _, name := range e.exceptionNames(ExprRef{file, caught}) {
			if strings.HasSuffix(name, "BlockingIOError") || strings.HasSuffix(name, "SSLWantReadError") || strings.HasSuffix(name, "SSLWantWriteError") {
				return true
			}
		}
	}
	return false
}

// blockSites finds what keeps an event loop from running in one file, and what is kept off it: calls in coroutines
// that block directly or through functions of the program, calls handed to threads, and the blocking calls of
// routes that the framework runs in a thread pool.
func (p *Program) blockSites(eval *Eval, file FileID) []Site {
	var sites []Site
	p.blockers()
	for _, i := range p.merged(file, p.blocks.calls[file]) {
		call := &p.calls[file][i]
		fn := Func{file, call.Func}
		switch {
		case call.Entry != nil && call.Entry.Offload != nil && call.Entry.Offload.To != "loop":
			sites = eval.offloaded(sites, file, call)
		case p.IsAsync(fn):
			sites = eval.blocking(sites, file, call, nil)
		case p.runsWhenCalled(fn):
			if guard := eval.threadpoolRoute(fn); guard != nil {
				sites = eval.blocking(sites, file, call, guard)
			}
		}
	}
	sites = eval.blockingProperties(sites, file)
	sites = eval.locksAcrossAwait(sites, file)
	sort.SliceStable(sites, func(i, j int) bool { return sites[i].At.Start < sites[j].At.Start })
	return sites
}

// blocking adds a site where the call blocks the thread it runs on. guard is what keeps that thread from being the
// loop's, nil in a coroutine.
func (e *Eval) blocking(sites []Site, file FileID, call *CallInfo, guard *Guard) []Site {
	site, ok := e.blockSite(file, call)
	if !ok {
		return sites
	}
	if guard != nil {
		site.Guards = []Guard{*guard}
		site.Fault = ""
	}
	if site.Fault != "" && (e.hasLoopAlone(site.Func) || e.beginsLoop(site.Func, site.Stmt)) {
		site.Fault = ""
	}
	return append(sites, site)
}

// hasLoopAlone says whether a coroutine is a command of a command line that starts no task: nothing else is on the loop
// that could be held up.
func (e *Eval) hasLoopAlone(fn Func) bool {
	facts := e.p.Files[fn.File]
	entry, _ := e.decoratedEndpoint(fn)
	command := entry != nil && entry.Endpoint.Kind == "command"
	for _, param := range facts.ParamsOf(fn.Scope) {
		command = command || param.Annotation != 0 && e.One(ExprRef{fn.File, param.Annotation}).Path == "argparse.Namespace"
	}
	if !command {
		return false
	}
	scope := &facts.Scopes[fn.Scope]
	return !slices.ContainsFunc(e.p.callsWithin(fn.File, scope.BodyFirst, scope.BodyEnd), func(call CallInfo) bool {
		return call.Entry != nil && call.Entry.Spawn != nil
	})
}

// beginsLoop says whether a statement of a coroutine that is only given to asyncio.run comes before its first await, and
// before it starts a task: nothing else has run on the loop so far.
func (e *Eval) beginsLoop(fn Func, s fact.Stmt) bool {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	if scope.Kind != fact.FunctionScope || !e.p.IsAsync(fn) {
		return false
	}
	for i := firstExpr(facts, scope.BodyFirst); int(i) < len(facts.Exprs) && facts.Exprs[i].Stmt <= s; i++ {
		if x := &facts.Exprs[i]; x.Kind == fact.Await && callerScope(facts, x.Scope) == fn.Scope {
			return false
		}
	}
	if slices.ContainsFunc(e.p.callsWithin(fn.File, scope.BodyFirst, s), func(call CallInfo) bool { return call.Entry != nil && call.Entry.Spawn != nil }) {
		return false
	}
	e.p.asked.note(Ask{Root: fn})
	begun := false
	for _, site := range e.p.Callers(fn) {
		if e.p.IsTest(site.File) {
			continue
		}
		runner := e.p.CallAt(site.File, e.argumentOf(site.File, e.p.Call(site).Expr))
		if runner == nil || runner.Path != "asyncio.run" && !strings.HasSuffix(runner.Path, ".run_until_complete") {
			return false
		}
		begun = true
	}
	return begun
}

func (e *Eval) blockSite(file FileID, call *CallInfo) (Site, bool) {
	ref := ExprRef{file, call.Expr}
	x := &e.p.Files[file].Exprs[call.Expr]
	site := Site{
		Effect: Block, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt,
		Strict: e.p.IsTest(file),
	}
	if entry := call.Entry; entry != nil && entry.Block != nil && !entry.Async {
		if e.spared(file, call, entry.Block.Unless, entry.Block.UnlessMade) || e.expectsToBlock(file, call.Expr) {
			return Site{}, false
		}
		site.What, site.Entry = entry.Path, entry
		site.Strict = site.Strict || entry.Block.Strict || inProcess(entry.Block.By)
	} else if chain, entry := e.blockChain(call); entry != nil && !e.awaitsAnother(file, call) {
		site.What, site.Entry, site.Chain = e.p.stableName(call.Targets[0]), entry, chain
	} else {
		return Site{}, false
	}
	site.Text = e.p.CallText(ref, site.What)
	site.Detail = site.Entry.Block.By
	site.Fault = blockingInAsync
	if site.Detail == "cpu" {
		site.Fault = cpuBoundInAsync
	}
	return site, true
}

// awaitsAnother says whether a call is awaited though none of the functions of the program that it was resolved to gives
// anything to await: then it is another one, such as the method of the asynchronous twin of the class.
func (e *Eval) awaitsAnother(file FileID, call *CallInfo) bool {
	facts := e.p.Files[file]
	if up := facts.Exprs[call.Expr].Parent; up == 0 || facts.Exprs[up].Kind != fact.Await {
		return false
	}
	return !slices.ContainsFunc(call.Targets, e.givesAwaitable)
}

// givesAwaitable says whether a function returns something to await: its annotation says so, or it returns what a
// coroutine function or an asynchronous or task-starting call of a library gives.
func (e *Eval) givesAwaitable(fn Func) bool {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	if e.p.IsAsync(fn) {
		return true
	}
	if scope.Returns != 0 {
		for _, word := range []string{"Awaitable", "Coroutine", "Future", "Task"} {
			if mentions(facts, scope.Returns, word, 0) {
				return true
			}
		}
	}
	for _, r := range e.p.index[fn.File].returns.of(fn.Scope) {
		call := e.p.CallAt(fn.File, r.expr)
		if call == nil {
			continue
		}
		if call.Entry != nil && (call.Entry.Async || call.Entry.Spawn != nil || e.p.entry(call.Entry.Returns).Has(catalog.RoleFuture)) || slices.ContainsFunc(call.Targets, e.p.IsAsync) {
			return true
		}
	}
	return false
}

// stableName names a function without its file, which a move changes: "load_profile", "Store.load".
func (p *Program) stableName(fn Func) string { return p.Symbol(fn) }

// maxChain bounds the steps shown.
const maxChain = 8

// blockChain gives the calls that lead from a call of a function of the program to the library call that blocks.
func (e *Eval) blockChain(call *CallInfo) ([]Step, *catalog.Entry) {
	found := e.p.blockers()
	if len(call.Targets) == 0 || !e.p.allBlock(found, call) {
		return nil, nil
	}
	var chain []Step
	for fn := call.Targets[0]; len(chain) < maxChain; {
		b := found[fn]
		inner := e.p.Call(b.next)
		name := e.p.Symbol(b.deeper)
		if b.deeper == (Func{}) {
			name = b.entry.Path
		}
		chain = append(chain, Step{At: e.p.PlaceOf(ExprRef{b.next.File, inner.Expr}), Text: e.p.Symbol(fn) + " calls " + name})
		if b.deeper == (Func{}) {
			return chain, b.entry
		}
		fn = b.deeper
	}
	return chain, found[call.Targets[0]].entry
}

// offloaded adds the call that is handed to another thread or process, guarded.
func (e *Eval) offloaded(sites []Site, file FileID, call *CallInfo) []Site {
	offload := call.Entry.Offload
	facts := e.p.Files[file]
	value, _ := facts.Argument(call.Expr, offload.Keyword, offload.Argument)
	if value == 0 || offload.Decorator {
		return sites
	}
	x := &facts.Exprs[call.Expr]
	for _, v := range e.Of(ExprRef{file, value}) {
		what := e.callableName(v)
		if what == "" {
			continue
		}
		site := Site{
			Effect: Block, Func: Func{file, call.Func}, At: Place{file, x.Span}, Expr: call.Expr, Stmt: x.Stmt,
			What: what, Entry: call.Entry, Text: what, Strict: e.p.IsTest(file),
			Guards: []Guard{{Kind: Offload, From: "argument", Text: "off the loop", Where: Place{file, x.Span}}},
		}
		return append(sites, site)
	}
	return sites
}

// callableName is the name by which a blocking callable is recognised in both snapshots.
func (e *Eval) callableName(v Value) string {
	switch v.Kind {
	case Function:
		if e.p.Files[v.Def.File].Scopes[v.Def.Scope].Kind == fact.LambdaScope {
			return "<lambda>"
		}
		return e.p.stableName(v.Def)
	case Method:
		if v.Path == "" {
			return e.p.stableName(v.Def)
		}
		return v.Path
	case External:
		return v.Path
	case Partial:
		return e.callableName(*v.Recv)
	}
	return ""
}

// threadpoolRoute gives the guard of a plain function that the framework runs in its thread pool.
func (e *Eval) threadpoolRoute(fn Func) *Guard {
	facts := e.p.Files[fn.File]
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		ref := ExprRef{fn.File, decorator}
		entry := e.contextEntry(ref, nil)
		if entry != nil && entry.Endpoint != nil && entry.Endpoint.SyncIn == "threadpool" {
			return &Guard{Kind: Offload, From: "framework", Text: "off the loop", Where: e.p.PlaceOf(ref)}
		}
	}
	return nil
}

// blockingProperties adds the places where a coroutine reads a property whose function blocks: a call that is not seen.
func (e *Eval) blockingProperties(sites []Site, file FileID) []Site {
	if len(e.p.blocks.properties) == 0 {
		return sites
	}
	facts := e.p.Files[file]
	for i := 1; i < len(facts.Exprs); i++ {
		x := &facts.Exprs[i]
		if x.Kind != fact.Attr || x.Flag {
			continue
		}
		candidates := e.p.blocks.properties[facts.Text(x.Text)]
		fn := Func{file, callerScope(facts, x.Scope)}
		if len(candidates) == 0 || !e.p.IsAsync(fn) {
			continue
		}
		v := e.One(ExprRef{file, x.A})
		if v.Kind != Instance || v.Path != "" {
			continue
		}
		for _, property := range candidates {
			class := Func{property.File, e.p.Files[property.File].Class(property.Scope)}
			if class != v.Def && !e.p.isAncestor(v.Def, class) {
				continue
			}
			chain, entry := e.blockChain(&CallInfo{Targets: []Func{property}})
			if entry == nil || entry.Block.By == "cpu" {
				continue
			}
			what := e.p.stableName(property)
			sites = append(sites, Site{
				Effect: Block, Func: fn, At: Place{file, x.Span}, Expr: fact.Expr(i), Stmt: x.Stmt, What: what, Entry: entry, Chain: chain,
				Text: e.p.Text(ExprRef{file, fact.Expr(i)}), Detail: entry.Block.By, Fault: blockingInAsync, Strict: e.p.IsTest(file),
			})
			break
		}
	}
	return sites
}

// locksAcrossAwait adds each "with threading_lock:" in a coroutine whose block awaits: every other task that wants
// the lock then stops the loop.
func (e *Eval) locksAcrossAwait(sites []Site, file FileID) []Site {
	facts := e.p.Files[file]
	for _, s := range e.p.index[file].spots.items {
		st := &facts.Stmts[s]
		if facts.Stmts[st.Parent].Flag || !e.p.IsAsync(Func{file, st.Scope}) {
			continue
		}
		ref := ExprRef{file, st.A}
		entry := e.contextEntry(ref, e.Of(ref))
		if !entry.Has(catalog.RoleLock) || !awaitsInside(facts, st.Parent) {
			continue
		}
		sites = append(sites, Site{
			Effect: Block, Func: Func{file, st.Scope}, At: Place{file, facts.Exprs[st.A].Span}, Expr: st.A, Stmt: s,
			What: entry.Path, Entry: entry, Text: "with " + e.p.Text(ref), Detail: "lock", Fault: blockingInAsync,
			Strict: e.p.IsTest(file),
		})
	}
	return sites
}

// awaitsInside says whether the block of a with statement awaits in its own function.
func awaitsInside(facts *fact.File, with fact.Stmt) bool {
	scope := facts.Stmts[with].Scope
	for s := with; s < facts.Stmts[with].Next; s++ {
		st := &facts.Stmts[s]
		if st.Scope != scope {
			continue
		}
		if (st.Kind == fact.For || st.Kind == fact.With) && st.Flag {
			return true
		}
		if st.Kind == fact.Item {
			continue
		}
		found := false
		for _, root := range append([]fact.Expr{st.A, st.B}, facts.List(st.Targets)...) {
			facts.Walk(root, func(e fact.Expr) bool {
				found = found || facts.Exprs[e].Kind == fact.Await
				return !found
			})
		}
		if found {
			return true
		}
	}
	return false
}
