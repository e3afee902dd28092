package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// anyException is the name under which everything that can be raised is caught.
const anyException = "any"

// exceptionNames gives the classes that the type of a handler names, each once and in order. No type, Exception and
// BaseException are anyException.
func (e *Eval) exceptionNames(ref ExprRef) []string {
	names := e.addExceptions(nil, ref, 0)
	slices.Sort(names)
	return slices.Compact(names)
}

// maxExceptionDepth bounds how far tuples in names of tuples are followed.
const maxExceptionDepth = 6

func (e *Eval) addExceptions(names []string, ref ExprRef, depth int) []string {
	if ref.Expr == 0 {
		return append(names, anyException)
	}
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if depth > maxExceptionDepth {
		return append(names, e.p.Text(ref))
	}
	switch x.Kind {
	case fact.Tuple, fact.ListDisplay, fact.SetDisplay:
		for _, part := range facts.List(x.Ops) {
			names = e.addExceptions(names, ExprRef{ref.File, part}, depth+1)
		}
		return names
	case fact.Binary:
		names = e.addExceptions(names, ExprRef{ref.File, x.A}, depth+1)
		return e.addExceptions(names, ExprRef{ref.File, x.B}, depth+1)
	case fact.Starred:
		return e.addExceptions(names, ExprRef{ref.File, x.A}, depth+1)
	}
	v := e.One(ref)
	switch v.Kind {
	case External:
		return append(names, exceptionName(v.Path))
	case Class:
		return append(names, e.p.Symbol(v.Def))
	case Instance:
		if v.Origin.Expr != 0 && v.Origin != ref && (v.Path == "builtins.tuple" || v.Path == "builtins.list") {
			return e.addExceptions(names, v.Origin, depth+1)
		}
	}
	return append(names, e.p.Text(ref))
}

// exceptionName gives the one name of classes that have several.
func exceptionName(path string) string {
	switch path {
	case "builtins.Exception", "builtins.BaseException":
		return anyException
	case "builtins.TimeoutError", "asyncio.TimeoutError", "socket.timeout", "concurrent.futures.TimeoutError":
		return "TimeoutError"
	case "builtins.OSError", "builtins.IOError", "builtins.EnvironmentError", "socket.error", "select.error":
		return "OSError"
	}
	return strings.TrimPrefix(path, "builtins.")
}

// Words by which the classes of exceptions are told where the catalogue knows nothing of them. They are looked for in
// the last part of the name, in lower case.
var (
	// localWords: raised by the code itself and not by the other side.
	localWords = []string{
		"keyerror", "valueerror", "indexerror", "attributeerror", "typeerror", "lookuperror", "stopiteration",
		"stopasynciteration", "importerror", "modulenotfound", "nameerror", "assertionerror", "unicode", "fileexists",
		"filenotfound", "isadirectory", "notadirectory", "interruptederror", "blockingio", "keyboardinterrupt", "systemexit",
		"cancel", "generatorexit", "decodeerror", "validation", "syntaxerror", "overflow", "zerodivision",
		"recursionerror", "buffererror", "notimplemented", "parseerror", "doesnotexist", "permissionerror",
	}
	// conflictWords: another writer was first, and nothing was written.
	conflictWords = []string{
		"integrity", "uniqueviolation", "duplicate", "conflict", "watcherror", "serializ", "stale", "optimistic", "deadlock",
		"precondition", "alreadyexists", "mismatch", "concurrent", "outdated",
	}
	// refusedWords: the other side did not begin.
	refusedWords = []string{
		"ratelimit", "throttl", "toomany", "connecttimeout", "connecterror", "connectionrefused", "pooltimeout",
		"auth", "forbidden", "expired", "token", "login", "gaierror", "newconnection", "connectorerror", "cannotconnect",
		"quota", "floodwait",
	}
	// transientWords: time-outs, lost connections and the other side's own failures.
	transientWords = []string{
		"connect", "timeout", "timedout", "transport", "network", "transient", "unavailable", "ratelimit", "throttl",
		"operational", "interfaceerror", "http", "requestexception", "requesterror", "clienterror", "servererror", "apierror", "protocol",
		"socket", "oserror", "ioerror", "remote", "rpc", "ssl", "urlerror", "boto", "incompleteread", "gateway",
	}
)

// allOf says whether every name contains one of the words.
func allOf(names []string, lists ...[]string) bool {
	for _, name := range names {
		if !slices.ContainsFunc(lists, func(words []string) bool { return hasWord(name, words) }) {
			return false
		}
	}
	return len(names) > 0
}

func hasWord(name string, words []string) bool {
	last := strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(last, w) })
}

// isLocal says whether repeating after the exceptions has nothing to do with another side that fails: they are raised
// by the code itself, or say that someone else was first. Empty and Full are those of queues.
func isLocal(names []string) bool {
	for _, name := range names {
		last := name[strings.LastIndexByte(name, '.')+1:]
		if last == "InterruptedError" || containsFold(last, "migrate") || containsFold(last, "redirect") {
			continue // a signal that came in between; an answer that tells where to go
		}
		if last != "Empty" && last != "Full" && !allOf([]string{name}, localWords, conflictWords) {
			return false
		}
	}
	return true
}

// isTransient says whether one of the exceptions by its name or class says "try again".
func (e *Eval) isTransient(names []string) bool {
	for _, name := range names {
		if hasWord(name, transientWords) {
			return true
		}
		if entry := e.p.entry(name); entry.Has(catalog.RoleTransient) {
			return true
		}
	}
	return false
}

// isForeign says whether one of the exceptions is the class of a library, and not of the language.
func (e *Eval) isForeign(names []string) bool {
	for _, name := range names {
		if first, _, dotted := strings.Cut(name, "."); dotted && !isStandardLibrary(first) {
			return true
		}
	}
	return false
}

// isOutside says whether the exceptions speak of another side: any of them, a library's, one that says "try again", or
// those that are given as a value.
func (e *Eval) isOutside(names []string) bool {
	given := slices.ContainsFunc(names, func(name string) bool { return !isClassName(name) && !isBuiltin(name) })
	return given || e.isTransient(names) || e.isForeign(names)
}

// onlyTimeouts says whether every exception is a wait that ran out, which is a pause in itself.
func onlyTimeouts(names []string) bool { return allOf(names, []string{"timeout", "timedout"}) }
