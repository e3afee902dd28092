package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// The rules that an acquisition may break. They are named here because the same analysis decides between them.
const (
	leakedResource = "leaked-resource"
	unmanagedOwner = "unmanaged-owner"
)

// acquireSites finds the calls of a file that acquire something which has to be released, each with the release that
// reaches it. A site without a Fault is released, or handed on to somebody who can.
func (p *Program) acquireSites(eval *Eval, file FileID) []Site {
	var sites []Site
	for _, i := range p.merged(file, p.givers()[file]) {
		call := &p.calls[file][i]
		resource, entry := eval.resourceOf(file, call)
		if resource == nil {
			continue
		}
		a := acquisition{e: eval, file: file, facts: p.Files[file], call: call, resource: resource}
		sites = append(sites, a.site(entry))
	}
	return sites
}

// givers are the calls of functions that acquire something themselves, and may give it to their caller.
func (p *Program) givers() [][]int32 {
	p.giving.once.Do(func() {
		p.giving.calls = p.through(func(call *CallInfo) bool {
			return call.Entry != nil && call.Entry.Resource != nil && !call.Entry.Resource.Receiver
		})
	})
	return p.giving.calls
}

// resourceOf gives what a call acquires: as its row says, or, for a function of the program that gives a resource to
// its caller, what that says.
func (e *Eval) resourceOf(file FileID, call *CallInfo) (*catalog.Resource, *catalog.Entry) {
	if call.Entry != nil {
		r := call.Entry.Resource
		if r == nil || e.AnyHolds(file, call.Expr, r.Unless) || e.holdsNothing(file, call) {
			return nil, nil
		}
		return r, call.Entry
	}
	if len(call.Targets) != 1 {
		return nil, nil
	}
	entry := e.given(call.Targets[0])
	if entry == nil {
		return nil, nil
	}
	return entry.Resource, entry
}

// holdsNothing says whether an archive or a compressed file is opened over a file that is open already, or over a stream
// in memory: whoever has that releases it.
func (e *Eval) holdsNothing(file FileID, call *CallInfo) bool {
	facts := e.p.Files[file]
	name, position := "fileobj", -1
	switch call.Path {
	case "zipfile.ZipFile":
		name, position = "file", 0
	case "gzip.open":
		name, position = "filename", 0
	case "tarfile.open":
		position = 2
	case "gzip.GzipFile":
		position = 3
	default:
		return false
	}
	given, _ := facts.Argument(call.Expr, name, position)
	if given == 0 {
		return false
	}
	if name == "fileobj" {
		return !facts.IsNone(given)
	}
	v := e.One(ExprRef{file, given})
	if v.Path == "builtins.str" || strings.HasPrefix(v.Path, "pathlib.") {
		return false
	}
	x := &facts.Exprs[given]
	return v.Kind == Instance && v.Path == "io.BytesIO" || x.Kind == fact.Name && namesOpenFile(facts.Text(x.Text))
}

// namesOpenFile says whether a name speaks of an open file or stream rather than of a path.
func namesOpenFile(name string) bool {
	words := Words(name)
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "file", "fileobj", "stream", "buffer", "fp", "io", "body", "bytes":
		return true
	}
	return false
}

// given finds the row of the resource that a function of the program makes and returns on every return statement.
func (e *Eval) given(fn Func) *catalog.Entry {
	facts := e.p.Files[fn.File]
	scope := &facts.Scopes[fn.Scope]
	if scope.Kind != fact.FunctionScope || scope.Flags&(fact.Generator|fact.IsProperty) != 0 || scope.Decorators.Count > 0 {
		return nil
	}
	var entry *catalog.Entry
	for _, r := range e.p.index[fn.File].returns.of(fn.Scope) {
		v := e.One(ExprRef{fn.File, r.expr})
		if v.Kind != Instance || v.Origin.File != fn.File || v.Origin.Expr == 0 {
			return nil
		}
		if callerScope(facts, facts.Exprs[v.Origin.Expr].Scope) != fn.Scope {
			return nil
		}
		call := e.p.CallAt(v.Origin.File, v.Origin.Expr)
		if call == nil || call.Entry == nil || call.Entry.Resource == nil || call.Entry.Resource.Receiver {
			return nil
		}
		if e.AnyHolds(fn.File, call.Expr, call.Entry.Resource.Unless) || e.holdsNothing(fn.File, call) || entry != nil && entry != call.Entry {
			return nil
		}
		entry = call.Entry
	}
	return entry
}

// acquisition is one call that acquires, while it is being judged.
type acquisition struct {
	e        *Eval
	file     FileID
	facts    *fact.File
	call     *CallInfo
	resource *catalog.Resource
}

// verdict is what becomes of a resource.
type verdict struct {
	fault string // leakedResource, unmanagedOwner or ""
	why   string // for messages: how it is lost
	from  string // for the guard: how it is released
	at    Place
	weak  string
}

func (a *acquisition) site(entry *catalog.Entry) Site {
	x := &a.facts.Exprs[a.call.Expr]
	site := Site{
		Effect: Acquire, Func: Func{a.file, a.call.Func}, At: Place{a.file, x.Span}, Expr: a.call.Expr, Stmt: x.Stmt,
		What: entry.Path, Entry: entry, Text: a.e.p.CallText(ExprRef{a.file, a.call.Expr}, entry.Path),
		Strict: a.resource.Strict || a.e.p.IsTest(a.file),
	}
	v := a.verdict()
	site.Fault, site.Detail = v.fault, v.why
	if v.fault == "" {
		site.Guards = []Guard{{Kind: Release, From: v.from, Text: "release", Where: v.at}}
	} else if v.weak != "" {
		site.Guards = []Guard{{Kind: Release, From: v.from, Text: "release", Where: v.at, Weak: v.weak}}
	}
	return site
}

var handedOn = verdict{from: "handed on"}

func (a *acquisition) verdict() verdict {
	if a.resource.Receiver {
		return a.receiverVerdict()
	}
	return a.follow(a.call.Expr)
}

// follow looks at what the expression that denotes the resource is an operand of.
func (a *acquisition) follow(expr fact.Expr) verdict {
	for {
		x := &a.facts.Exprs[expr]
		if x.Parent == 0 {
			return a.atRoot(expr)
		}
		up := &a.facts.Exprs[x.Parent]
		switch up.Kind {
		case fact.Await, fact.Starred, fact.Keyword:
		case fact.IfExp:
			if up.A == expr {
				return verdict{fault: leakedResource, why: "it is only tested"}
			}
		case fact.Bool:
		case fact.Walrus:
			return a.local(up.A, x.Stmt)
		case fact.Call:
			if up.A == expr {
				return handedOn // the result is called
			}
			if !a.passesThrough(x.Parent) {
				return a.argument(x.Parent, expr)
			}
		case fact.Attr:
			return a.attribute(x.Parent, up)
		case fact.Tuple, fact.ListDisplay, fact.SetDisplay, fact.DictDisplay, fact.Yield, fact.YieldFrom, fact.Lambda:
			return handedOn
		default:
			return handedOn
		}
		expr = x.Parent
	}
}

// passesThrough says whether a call gives what it is given: asyncio.wait_for and its like await it, and cast only says
// its type.
func (a *acquisition) passesThrough(call fact.Expr) bool {
	info := a.e.p.CallAt(a.file, call)
	return info != nil && info.Entry != nil && (info.Entry.Deadline != nil && info.Entry.Deadline.Wraps != nil || info.Path == "typing.cast")
}

// atRoot judges a resource that is the whole of an expression of a statement.
func (a *acquisition) atRoot(expr fact.Expr) verdict {
	s := a.facts.Exprs[expr].Stmt
	st := &a.facts.Stmts[s]
	switch st.Kind {
	case fact.Item:
		return a.withItem(s, st)
	case fact.ExprStmt:
		if a.resource.Kind == "descriptor" {
			return verdict{from: "process"} // os.open(os.devnull, os.O_RDWR) after os.close(0): what is wanted is the number
		}
		return verdict{fault: leakedResource, why: "nothing keeps it, so nothing can release it"}
	case fact.For:
		return verdict{fault: leakedResource, why: "only the loop uses it, so nothing can release it"}
	case fact.Assign:
		targets := a.facts.List(st.Targets)
		if st.A != expr || len(targets) != 1 {
			return handedOn
		}
		return a.target(targets[0], s)
	case fact.AnnAssign:
		if st.A == expr {
			return a.target(st.B, s)
		}
	}
	return handedOn
}

func (a *acquisition) withItem(s fact.Stmt, st *fact.StmtInfo) verdict {
	if a.resource.With != "does-not-release" {
		return verdict{from: "with", at: Place{a.file, st.Span}}
	}
	if st.B != 0 && a.facts.Exprs[st.B].Kind == fact.Name {
		v := a.local(st.B, st.Parent)
		if v.fault == "" {
			return v
		}
	}
	return verdict{fault: leakedResource, why: "leaving its with block does not close it"}
}

// target judges a resource that is assigned.
func (a *acquisition) target(target fact.Expr, s fact.Stmt) verdict {
	t := &a.facts.Exprs[target]
	switch t.Kind {
	case fact.Name:
		return a.local(target, s)
	case fact.Attr:
		if class := selfClass(a.facts, t.A); class != fact.NoScope {
			return a.owned(Func{a.file, class}, a.facts.Text(t.Text))
		}
	case fact.Tuple:
		if parts := a.facts.List(t.Ops); len(a.resource.Elements) > 0 && a.resource.Elements[0] < len(parts) {
			return a.target(parts[a.resource.Elements[0]], s)
		}
	}
	return handedOn
}

// argument judges a resource that is passed to a call.
func (a *acquisition) argument(call, arg fact.Expr) verdict {
	if a.releasedBy(call, arg) {
		return verdict{from: "call", at: a.e.p.PlaceOf(ExprRef{a.file, call})}
	}
	switch a.e.passed(a.file, call, arg) {
	case passedOwned:
		return a.wrapper(call)
	case passedKept:
		return verdict{fault: leakedResource, why: a.calleeName(call) + " does not close what it is given, and nothing else can"}
	}
	return handedOn
}

// releasedBy says whether the call that takes the resource releases it: os.close(os.open(...)).
func (a *acquisition) releasedBy(call, arg fact.Expr) bool {
	info := a.e.p.CallAt(a.file, call)
	if info == nil {
		return false
	}
	if slices.Contains(a.resource.Release, info.Path) {
		return true
	}
	position, _ := argumentSlot(a.facts, call, arg)
	return info.Entry != nil && info.Entry.Release != nil && info.Entry.Release.Argument != nil && *info.Entry.Release.Argument == position
}

// wrapper judges the object that took the resource over: it has to be released instead.
func (a *acquisition) wrapper(call fact.Expr) verdict {
	info := a.e.p.CallAt(a.file, call)
	if info == nil || info.Entry == nil || info.Entry.Resource == nil {
		return verdict{from: "owner", at: a.e.p.PlaceOf(ExprRef{a.file, call})}
	}
	outer := acquisition{e: a.e, file: a.file, facts: a.facts, call: info, resource: info.Entry.Resource}
	return outer.verdict()
}

func (a *acquisition) calleeName(call fact.Expr) string {
	if info := a.e.p.CallAt(a.file, call); info != nil && info.Path != "" {
		return strings.TrimPrefix(info.Path, "builtins.")
	}
	return a.e.p.Text(ExprRef{a.file, a.facts.Exprs[call].A})
}

// attribute judges open(p).read() and the like: the object is lost once the attribute is taken, unless the method
// releases it or gives the object itself.
func (a *acquisition) attribute(attr fact.Expr, x *fact.ExprInfo) verdict {
	name := a.facts.Text(x.Text)
	if a.releases(name) {
		return verdict{from: "call", at: Place{a.file, x.Span}}
	}
	if x.Parent != 0 {
		if outer := a.e.p.CallAt(a.file, x.Parent); outer != nil && a.facts.Exprs[x.Parent].A == attr {
			switch {
			case outer.Entry == nil && len(outer.Targets) > 0:
				return handedOn
			case outer.Entry != nil && (outer.Entry.Returns == "self" || outer.Entry.Release != nil || outer.Entry.Resource != nil):
				return a.follow(x.Parent)
			}
		} else if outer == nil {
			return handedOn // the bound method or attribute is passed on, and keeps the object
		}
	}
	return verdict{fault: leakedResource, why: "only ." + name + " of it is used, so nothing can release it"}
}

func (a *acquisition) releases(method string) bool {
	return slices.Contains(a.resource.Release, method)
}

// local judges a resource held by a local name from statement s on.
func (a *acquisition) local(target fact.Expr, s fact.Stmt) verdict {
	t := &a.facts.Exprs[target]
	if t.Kind != fact.Name || t.Sym == 0 {
		return a.target(target, s)
	}
	scope := a.facts.Symbols[t.Sym].Scope
	if a.facts.Scopes[scope].Kind == fact.FunctionScope && scope != callerScope(a.facts, t.Scope) {
		return handedOn // a function around this one has it, by nonlocal
	}
	if a.facts.Scopes[scope].Kind != fact.FunctionScope {
		return verdict{from: "process"} // a module's or class's resource lives as long as the process
	}
	h := &holder{a: a, sym: t.Sym}
	return h.verdict(s)
}

// receiverVerdict judges lock.acquire(): the receiver has to be released in the same function, or by the class or
// module that the lock belongs to.
func (a *acquisition) receiverVerdict() verdict {
	x := &a.facts.Exprs[a.call.Expr]
	callee := &a.facts.Exprs[x.A]
	if callee.Kind != fact.Attr || a.call.Func == 0 {
		return handedOn
	}
	h := &holder{a: a, text: a.e.p.Text(ExprRef{a.file, callee.A})}
	if !h.releasedIn(a.call.Func) {
		return handedOn // released elsewhere: acquire and release are halves of a larger guard, or not at all known
	}
	return h.verdict(x.Stmt)
}
