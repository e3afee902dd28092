package regress

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// isOffload says whether calling the name hands a function to a thread, a process or another loop.
func isOffload(callee string) bool {
	name := strings.ToLower(lastPart(callee))
	switch name {
	case "run_in_executor", "to_thread", "run_in_threadpool", "submit", "apply_async", "sync_to_async", "asyncify", "run_blocking",
		"call_soon_threadsafe", "run_coroutine_threadsafe", "iterate_in_threadpool", "unblock":
		return true
	}
	flat := strings.ReplaceAll(name, "_", "")
	for _, part := range []string{"runsync", "inthread", "workerthread", "threadpool", "defertothread", "fromthread", "executorjob", "tothread", "synctoasync"} {
		if strings.Contains(flat, part) {
			return true
		}
	}
	return false
}

// offloads looks for blocking work that head does on the event loop itself.
func (p *pair) offloads() {
	if p.isPlainRoute() {
		return
	}
	made, makes := map[string]int{}, map[string]int{}
	for _, c := range p.base.callsOf() {
		made[p.base.callee(c.call)]++
	}
	for _, c := range p.head.callsOf() {
		makes[p.head.callee(c.call)]++
	}
	for _, c := range p.lostCalls() {
		if !p.base.offloads(c.call) {
			continue
		}
		for _, arg := range p.base.handed(c.call) {
			text := p.base.text(arg)
			k := p.base.Exprs[arg].Kind
			if (k == fact.Name || k == fact.Attr) && (makes[text] > made[text] || makes[text] > 0 && !p.head.handsOver(text)) {
				p.lose(Removed, program.Offload, "unwrapped", c.atom, fmt.Sprintf("%s runs here, base handed it to %s", text, p.base.callee(c.call)), text)
				break
			}
		}
		p.calledEagerly(c)
		p.inlined(c)
	}
	p.blockingVariant()
	for i := range p.base.atoms {
		if p.edited[i] {
			p.blockingSleep(i, p.counterpart[i])
		}
	}
}

// offloads says whether the call hands its arguments to a thread; "sync_to_async(f)(x)" does so as well.
func (b *body) offloads(call fact.Expr) bool {
	f := b.Exprs[call].A
	if name := b.method(call); (name == "Thread" || name == "Process") && b.keyword(call, "target") != 0 {
		return true
	}
	if b.Exprs[f].Kind == fact.Name && b.isOffloadAlias(b.text(f)) {
		return true
	}
	return isOffload(b.text(f)) || b.Exprs[f].Kind == fact.Call && isOffload(b.callee(f))
}

// isOffloadAlias says whether the body gives the name the function that hands work to threads.
func (b *body) isOffloadAlias(name string) bool {
	return slices.ContainsFunc(b.lower(), func(a atom) bool {
		if b.target(&a) != name {
			return false
		}
		v := b.value(&a)
		return b.Exprs[v].Kind == fact.Attr && isOffload(b.text(v))
	})
}

// handsOver says whether the body hands what has the text to a thread.
func (b *body) handsOver(text string) bool {
	return slices.ContainsFunc(b.callsOf(), func(c callRef) bool {
		return b.offloads(c.call) && slices.ContainsFunc(b.handed(c.call), func(arg fact.Expr) bool { return b.text(arg) == text })
	})
}

// inlined finds a function that was handed to a thread, is gone, and whose calls the change makes elsewhere.
func (p *pair) inlined(c callRef) {
	if slices.ContainsFunc(p.calls.added, func(h callRef) bool { return p.head.offloads(h.call) }) {
		return
	}
	for _, arg := range p.base.handed(c.call) {
		if k := p.base.Exprs[arg].Kind; k != fact.Name && k != fact.Attr {
			continue
		}
		name := lastPart(p.base.text(arg))
		i := slices.IndexFunc(p.change.deleted, func(b *body) bool { return b.name == name && b.kind == fact.FunctionScope })
		if i < 0 {
			continue
		}
		called, again := 0, 0
		for method := range p.change.deleted[i].countMethods() {
			if method == "" {
				continue
			}
			called++
			if p.change.fresh.calls[method] > 0 {
				again++
			}
		}
		if called > 0 && float64(again) >= 0.4*float64(called) {
			p.lose(Removed, program.Offload, "inlined", c.atom, fmt.Sprintf("what %s did is done here, base handed it to %s", name, p.base.callee(c.call)), c.text)
		}
	}
}

// blockingVariant finds a coroutine function in which an awaited call became its blocking variant.
func (p *pair) blockingVariant() {
	if p.head.info().Flags&fact.Async == 0 {
		return
	}
	added := append(slices.Clone(p.calls.added), headsOf(p.calls.paired)...)
	for _, b := range p.lostCalls() {
		name := p.base.method(b.call)
		for _, h := range added {
			now := p.head.method(h.call)
			if now == "" || now == name || p.counterpart[b.atom] != h.atom {
				continue
			}
			if strings.Contains(name, "async") && strings.ReplaceAll(strings.Replace(name, "async", "", 1), "_", "") == strings.ReplaceAll(now, "_", "") ||
				isAsyncLibrary(p.base.callee(b.call)) && isBlocking(p.head.callee(h.call)) {
				p.lose(Removed, program.Offload, "variant", b.atom, fmt.Sprintf("%s blocks the event loop, base awaited %s", now, name), b.text)
			}
		}
	}
}

// isPlainRoute says whether the coroutine of a route became a plain function: frameworks whose routes are declared so,
// @router.get("/orders"), run it on a thread of theirs.
func (p *pair) isPlainRoute() bool {
	if p.base.info().Flags&fact.Async == 0 || p.head.info().Flags&fact.Async != 0 {
		return false
	}
	return slices.ContainsFunc(p.head.decorators(), func(d string) bool {
		called, rest, _ := strings.Cut(d, "(")
		switch lastPart(called) {
		case "get", "post", "put", "delete", "patch", "api_route":
			return strings.Contains(called, ".") && strings.HasPrefix(rest, `"/`)
		}
		return false
	})
}

func isAsyncLibrary(callee string) bool {
	switch firstPart(callee) {
	case "anyio", "aiofiles", "aiohttp", "trio", "asyncio", "httpx":
		return true
	}
	return false
}

// isBlocking says whether the callee is one of those that everybody blocks with.
func isBlocking(callee string) bool {
	switch callee {
	case "open", "time.sleep", "subprocess.run", "subprocess.check_output", "subprocess.check_call", "subprocess.Popen", "os.system":
		return true
	}
	return firstPart(callee) == "requests"
}

// handed gives the functions that an offloading call may run: arguments, and what a lambda or partial among them
// calls.
func (b *body) handed(call fact.Expr) []fact.Expr {
	args := b.argumentExprs(call)
	if f := b.Exprs[call].A; b.Exprs[f].Kind == fact.Call {
		args = append(args, b.argumentExprs(f)...)
	}
	for i, arg := range args {
		switch x := &b.Exprs[arg]; x.Kind {
		case fact.Lambda:
			if value := b.Scopes[x.Inner].Value; b.Exprs[value].Kind == fact.Call {
				args[i] = b.Exprs[value].A
			}
		case fact.Call:
			if inner := b.positional(arg); b.method(arg) == "partial" && len(inner) > 0 {
				args[i] = inner[0]
			}
		}
	}
	return args
}

func (b *body) argumentExprs(call fact.Expr) []fact.Expr {
	args := b.positional(call)
	for _, k := range b.keywords(call) {
		args = append(args, k.value)
	}
	return args
}

// calledEagerly finds "run_sync(lambda: f(x))" that became "run_sync(f(x))": f runs before the thread is asked.
func (p *pair) calledEagerly(c callRef) {
	for _, arg := range p.base.positional(c.call) {
		x := &p.base.Exprs[arg]
		if x.Kind != fact.Lambda {
			continue
		}
		text := p.base.text(p.base.Scopes[x.Inner].Value)
		for _, h := range p.head.callsOf() {
			if !p.head.offloads(h.call) {
				continue
			}
			for _, given := range p.head.positional(h.call) {
				if p.head.Exprs[given].Kind == fact.Call && p.head.text(given) == text {
					p.lose(Removed, program.Offload, "eager", c.atom, fmt.Sprintf("%s runs before it is handed to the thread", text), text)
				}
			}
		}
	}
}

// blockingSleep finds a sleep of the loop that became one of the thread.
func (p *pair) blockingSleep(i, j int) {
	for _, b := range p.base.atomCalls(i) {
		if p.base.method(b) != "sleep" || !sleepsOnLoop(p.base.callee(b)) {
			continue
		}
		for _, h := range p.head.atomCalls(j) {
			if p.head.method(h) == "sleep" && !sleepsOnLoop(p.head.callee(h)) && p.head.info().Flags&fact.Async != 0 {
				p.lose(Removed, program.Offload, "sleep", i, fmt.Sprintf("%s blocks the event loop, base had %s", p.head.text(h), p.base.text(b)), p.base.text(b))
			}
		}
	}
}

func sleepsOnLoop(callee string) bool {
	for _, library := range []string{"asyncio", "anyio", "trio", "gevent"} {
		if strings.Contains(callee, library) {
			return true
		}
	}
	return false
}
