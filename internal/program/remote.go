package program

import (
	"slices"
	"strings"
	"sync"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// reach is a set of functions from which something is reached by calls, each with the call that leads there.
type reach struct {
	once sync.Once
	by   map[Func]CallSite
}

// remote gives the functions that reach another process over the network, a database or a pipe, whether they are
// coroutines or not.
func (p *Program) remote() map[Func]CallSite {
	p.remotes.once.Do(func() {
		p.remotes.by = p.reaching(func(call *CallInfo) bool { return isRemote(call.Entry) })
	})
	return p.remotes.by
}

// pauses gives the functions that sleep.
func (p *Program) pauses() map[Func]CallSite {
	p.pausing.once.Do(func() {
		p.pausing.by = p.reaching(func(call *CallInfo) bool { return call.Entry.Has(catalog.RolePause) })
	})
	return p.pausing.by
}

// reaching gives the functions that make such a notable call, and those that call them, breadth first.
func (p *Program) reaching(is func(call *CallInfo) bool) map[Func]CallSite {
	found := map[Func]CallSite{}
	var queue []Func
	add := func(site CallSite) {
		fn := Func{site.File, p.Call(site).Func}
		if _, done := found[fn]; !done && fn.Scope != 0 {
			found[fn] = site
			queue = append(queue, fn)
		}
	}
	for file := range p.marked {
		for _, i := range p.marked[file] {
			if is(&p.calls[file][i]) {
				add(CallSite{FileID(file), i})
			}
		}
	}
	for len(queue) > 0 {
		callee := queue[0]
		queue = queue[1:]
		for _, site := range p.Callers(callee) {
			if len(p.Call(site).Targets) <= maxTargets {
				add(site)
			}
		}
	}
	return found
}

// maxTargets is how many functions a call may have as candidates and still speak for each of them.
const maxTargets = 3

// isRemote says whether a library call leaves the process.
func isRemote(entry *catalog.Entry) bool {
	if entry == nil {
		return false
	}
	if entry.Wait != nil {
		switch entry.Wait.For {
		case "network", "database", "subprocess":
			return true
		}
	}
	return entry.Write != nil
}

// remoteVerbs are the names of methods that ask another side for something, for objects of which nothing is known.
var remoteVerbs = set(`
get post put patch delete head request requests fetch fetch_one fetchone fetchall fetchval fetchrow send sendall
send_message send_request connect reconnect open_connection execute executemany query publish charge call invoke
download upload read write recv receive login authenticate submit push pull sync poll list_objects put_object
get_object create_connection urlopen run_query ping subscribe consume register api_call json text
`)

// strongVerbs speak of another side also as a part of a longer name.
var strongVerbs = set(`
connect reconnect send request fetch download upload publish execute query login ping subscribe poll webhook
`)

// receiverWords are parts of the names of objects that stand for another side.
var receiverWords = []string{
	"client", "session", "conn", "db", "api", "sock", "http", "redis", "gateway", "cursor", "service", "broker", "channel",
	"producer", "consumer", "stub", "remote", "server", "transport", "engine", "database", "bucket", "queue_url", "smtp", "ftp",
}

// repeatedCall gives the name of the effect that the call has on another side, "" where it has none that is known.
// For objects of which nothing is known the verb counts as evidence where the exceptions caught speak of connections
// and time-outs, or where everything is caught and the object's name speaks of another side.
func (e *Eval) repeatedCall(file FileID, call *CallInfo, caught []string) string {
	if isRemote(call.Entry) {
		return call.Entry.Path
	}
	if len(call.Targets) > 0 {
		if _, ok := e.p.remote()[call.Targets[0]]; ok && len(call.Targets) <= maxTargets {
			return e.p.stableName(call.Targets[0])
		}
		return ""
	}
	facts := e.p.Files[file]
	callee := &facts.Exprs[facts.Exprs[call.Expr].A]
	if callee.Kind != fact.Attr || call.Entry != nil || isStandardPath(call.Path) {
		return ""
	}
	name := facts.Text(callee.Text)
	if e.isPlain(file, callee.A) {
		return ""
	}
	transient := e.isTransient(caught)
	if transient || e.isForeign(caught) {
		if outer := facts.Exprs[call.Expr].Parent; outer != 0 && facts.Exprs[outer].Kind == fact.Await {
			return name
		}
		for _, part := range strings.Split(name, "_") {
			if _, ok := strongVerbs[part]; ok {
				return name
			}
		}
	}
	if _, ok := remoteVerbs[strings.TrimLeft(name, "_")]; ok {
		if transient || hasAny(strings.ToLower(e.p.Text(ExprRef{file, callee.A})), receiverWords) {
			return name
		}
	}
	return ""
}

// isStandardPath says whether a dotted path belongs to the language.
func isStandardPath(path string) bool {
	first, _, _ := strings.Cut(path, ".")
	return isStandardLibrary(first)
}

func hasAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// containsFold says whether a word, of ASCII letters in lower case, stands in a text in any case.
func containsFold(text, word string) bool {
	for i := 0; i+len(word) <= len(text); i++ {
		n := 0
		for n < len(word) && text[i+n]|0x20 == word[n] {
			n++
		}
		if n == len(word) {
			return true
		}
	}
	return false
}

// isPlain says whether the expression is a value of a builtin class, whose methods stay inside the process.
func (e *Eval) isPlain(file FileID, receiver fact.Expr) bool {
	for _, v := range e.Of(ExprRef{file, receiver}) {
		if v.Kind == Constant || v.Kind == Instance && strings.HasPrefix(v.Path, "builtins.") {
			return true
		}
	}
	return false
}
