package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// What a program is made of is few, whoever decides how many: its plugins, workers or namespaces. Data is not: states,
// keys or messages. Nothing in the code tells them apart but how people call them.

// partWords are the names of what a program is made of, one of them.
var partWords = []string{
	"adapter", "agent", "arg", "awaitable", "backend", "bot", "broker", "callable", "callback", "check", "client", "cluster",
	"component", "config", "configuration", "connection", "connector", "consumer", "controller", "coordinator", "coro",
	"coroutine", "domain", "driver", "engine", "extension", "fn", "func", "function", "fut", "future", "handler", "hook",
	"integration", "interface", "iter", "iterator", "kind", "kwarg", "listener", "loop", "manager", "method", "middleware",
	"mode", "module", "namespace", "node", "option", "param", "partition", "platform", "plugin", "producer", "provider",
	"queue", "region", "replica", "scheduler", "server", "service", "setting", "shard", "signal", "socket", "stage",
	"subscriber", "task", "thread", "tp", "transport", "trigger", "type", "waiter", "watcher", "worker", "zone",
}

// containerWords say of a name in what its items are kept, or what of them.
var containerWords = []string{"all", "dict", "id", "ids", "list", "map", "mapping", "names", "set", "tuple"}

// partsOfProgram says whether the collections, or what a loop calls one item of them, are named for parts of a program, or
// a parameter is annotated as a collection of what is awaited or called.
func (e *Eval) partsOfProgram(file FileID, items []fact.Expr) bool {
	facts := e.p.Files[file]
	return slices.ContainsFunc(items, func(item fact.Expr) bool {
		for facts.Exprs[item].Kind == fact.Call { // sorted(plugins), services.values()
			args := facts.OperandsOf(item)
			if callee := &facts.Exprs[facts.Exprs[item].A]; callee.Kind == fact.Attr {
				item = callee.A
			} else if len(args) > 0 {
				item = args[0]
			} else {
				return false
			}
		}
		x := &facts.Exprs[item]
		return (x.Kind == fact.Name || x.Kind == fact.Attr) && (namesPart(facts.Text(x.Text)) || e.holdsWork(file, x))
	})
}

// namesPart says whether an identifier ends in the word for a part of a program.
func namesPart(name string) bool {
	words := Words(name)
	for len(words) > 1 && slices.Contains(containerWords, words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	for _, one := range []string{last, strings.TrimSuffix(last, "s"), strings.TrimSuffix(last, "es")} {
		if _, found := slices.BinarySearch(partWords, one); found {
			return true
		}
	}
	return false
}

// holdsWork says whether a name is a parameter that holds, by its annotation, what is awaited or called.
func (e *Eval) holdsWork(file FileID, x *fact.ExprInfo) bool {
	facts := e.p.Files[file]
	if x.Kind != fact.Name || x.Sym == 0 {
		return false
	}
	for _, def := range facts.DefsOf(x.Sym) {
		if def.Kind != fact.DefParam || facts.Params[def.Index].Annotation == 0 {
			continue
		}
		annotation := e.p.Text(ExprRef{file, facts.Params[def.Index].Annotation})
		if slices.ContainsFunc([]string{"Callable", "Awaitable", "Coroutine", "Future", "Task", "asyncio.Event", "trio.Event", "anyio.Event"},
			func(word string) bool { return strings.Contains(annotation, word) }) {
			return true
		}
	}
	return false
}
