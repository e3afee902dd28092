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
	for _, part := range []string{"runsync", "inthread", "workerthread", "threadpool", "defertothread", "fromthread", "executorjob", "tothread"} {
		if strings.Contains(flat, part) {
			return true
		}
	}
	return false
}

// offloads looks for blocking work that head does on the event loop itself.
func (p *pair) offloads() {
	made, makes := map[string]int{}, map[string]int{}
	for _, c := range p.base.callsOf() {
		made[p.base.callee(c.call)]++
	}
	for _, c := range p.head.callsOf() {
		makes[p.head.callee(c.call)]++
	}
	lost := slices.Clone(p.calls.gone)
	for _, c := range p.calls.paired {
		lost = append(lost, c.base)
	}
	for _, c := range lost {
		if !p.base.offloads(c.call) {
			continue
		}
		for _, arg := range p.base.handed(c.call) {
			text := p.base.text(arg)
			if k := p.base.Exprs[arg].Kind; (k == fact.Name || k == fact.Attr) && makes[text] > made[text] {
				p.lose(Removed, program.Offload, "unwrapped", c.atom, fmt.Sprintf("%s runs on the event loop, base handed it to %s", text, p.base.callee(c.call)), text)
				break
			}
		}
		p.calledEagerly(c)
	}
	for i := range p.base.atoms {
		if p.edited[i] {
			p.blockingSleep(i, p.counterpart[i])
		}
	}
}

// offloads says whether the call hands its arguments to a thread; "sync_to_async(f)(x)" does so as well.
func (b *body) offloads(call fact.Expr) bool {
	f := b.Exprs[call].A
	return isOffload(b.text(f)) || b.Exprs[f].Kind == fact.Call && isOffload(b.callee(f))
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
