package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// holder follows a resource through the function that holds it: in a local name, or, for a lock, under the text of
// its receiver. It is the obligation of a flow.
type holder struct {
	a    *acquisition
	sym  fact.Sym
	text string
	// seen is set once a release, or the resource being handed on, is met anywhere; it tells "never" from "not on
	// every path".
	seen Place
	// released is set where that was a release: then the function means to release on every path.
	released bool
	// handed is set where it is handed on: then exceptions before that are not followed.
	handed bool
}

func (h *holder) verdict(s fact.Stmt) verdict {
	f := &flow{facts: h.a.facts, duty: h}
	o := h.start(f, s)
	lost := o.fall | o.leave
	switch {
	case lost&open != 0 && h.seen == (Place{}):
		return verdict{fault: leakedResource, why: "it is never released"}
	case lost&open != 0:
		return verdict{fault: leakedResource, why: "it is not released on every path", at: h.seen, weak: "not on every path"}
	case o.raise&open != 0 && h.released && !h.handed:
		return verdict{fault: leakedResource, why: "it is not released when an exception is raised before", at: h.seen, weak: "not on exceptions"}
	}
	return verdict{from: "path", at: h.seen}
}

// start runs the flow from where the resource is held: after the statement, or inside the branch whose condition
// acquired it ("if not lock.acquire(timeout=1): raise" holds it afterwards, "if lock.acquire(...):" inside).
func (h *holder) start(f *flow, s fact.Stmt) outcome {
	facts := h.a.facts
	st := &facts.Stmts[s]
	if st.Kind != fact.Arm {
		return f.after(s)
	}
	if test := &facts.Exprs[st.A]; test.Kind == fact.Unary && test.Op == fact.OpNot {
		held := outcome{fall: open}
		for arm := st.Next; arm < facts.Stmts[st.Parent].Next; arm = facts.Stmts[arm].Next {
			if facts.Stmts[arm].Kind == fact.Else {
				held = f.block(arm, open)
			}
		}
		return f.resume(st.Parent, held)
	}
	inside := f.block(s, open)
	return f.resume(st.Parent, inside)
}

// is says whether e denotes the resource.
func (h *holder) is(e fact.Expr) bool {
	x := &h.a.facts.Exprs[e]
	if h.sym != 0 {
		return x.Kind == fact.Name && x.Sym == h.sym
	}
	return (x.Kind == fact.Name || x.Kind == fact.Attr) && h.a.e.p.Text(ExprRef{h.a.file, e}) == h.text
}

func (h *holder) note(e fact.Expr) { h.seen = h.a.e.p.PlaceOf(ExprRef{h.a.file, e}) }

func (h *holder) noteRelease(e fact.Expr) {
	h.note(e)
	h.released = true
}

// step looks through the expressions of a statement for a release or for the resource being handed on.
func (h *holder) step(exprs ...fact.Expr) (meets, raises bool) {
	for _, root := range exprs {
		h.a.facts.Walk(root, func(e fact.Expr) bool {
			x := &h.a.facts.Exprs[e]
			if h.is(e) {
				meets = meets || h.use(e)
				return false
			}
			switch x.Kind {
			case fact.Call:
				if h.release(e) {
					meets = true
					return false
				}
				raises = raises || !h.harmless(e)
			case fact.Await, fact.Yield, fact.YieldFrom, fact.Subscript:
				raises = true
			case fact.Lambda:
				meets = meets || h.inner(x.Inner)
			}
			return true
		})
	}
	return meets, raises
}

// harmless says whether a call practically never raises: it logs, prints, tests, or sets a time-out.
func (h *holder) harmless(call fact.Expr) bool {
	info := h.a.e.p.CallAt(h.a.file, call)
	if info == nil {
		return false
	}
	if info.Entry.Has("log") {
		return true
	}
	if class, method := methodOf(info.Path); method != "" {
		// settimeout and setblocking of a socket only change the object.
		if entry := h.a.e.p.entry(class); entry != nil && entry.Deadline != nil && (entry.Deadline.Setter == method || entry.Deadline.NonBlocking == method) {
			return true
		}
	}
	switch info.Path {
	case "builtins.print", "builtins.isinstance", "builtins.len", "builtins.id", "builtins.hasattr":
		return true
	}
	return false
}

// release says whether the call releases the resource: r.close(), os.close(fd), pool.putconn(r).
func (h *holder) release(call fact.Expr) bool {
	facts := h.a.facts
	x := &facts.Exprs[call]
	callee := &facts.Exprs[x.A]
	info := h.a.e.p.CallAt(h.a.file, call)
	if callee.Kind == fact.Attr && h.is(callee.A) {
		if h.a.releases(facts.Text(callee.Text)) || info != nil && info.Entry != nil && info.Entry.Release != nil && info.Entry.Release.Argument == nil {
			h.noteRelease(call)
			return true
		}
		return false
	}
	if info == nil {
		return false
	}
	for _, path := range h.a.resource.Release {
		if strings.Contains(path, ".") && path == info.Path && h.amongArguments(call, 0) {
			h.noteRelease(call)
			return true
		}
	}
	if info.Entry != nil && info.Entry.Release != nil && info.Entry.Release.Argument != nil && h.amongArguments(call, *info.Entry.Release.Argument) {
		h.noteRelease(call)
		return true
	}
	return false
}

func (h *holder) amongArguments(call fact.Expr, position int) bool {
	args := h.a.facts.OperandsOf(call)
	return position < len(args) && h.is(args[position])
}

// use says whether an occurrence of the resource hands it on to somebody who may release it.
func (h *holder) use(e fact.Expr) bool {
	facts := h.a.facts
	for {
		x := &facts.Exprs[e]
		if x.Parent == 0 {
			return h.rootUse(e)
		}
		up := &facts.Exprs[x.Parent]
		switch up.Kind {
		case fact.Attr:
			return h.attributeUse(x.Parent, up)
		case fact.Call:
			if up.A == e {
				return false
			}
			if h.a.passesThrough(x.Parent) {
				e = x.Parent
				continue
			}
			return h.argumentUse(x.Parent, e)
		case fact.Compare, fact.Subscript, fact.Unary, fact.Formatted, fact.Binary, fact.Comp, fact.CompFor, fact.CompIf, fact.Await:
			return false
		case fact.Keyword, fact.Starred, fact.Bool, fact.IfExp:
			e = x.Parent
		case fact.Yield:
			// A generator that releases what it yielded keeps it: the consumer may raise at the yield.
			return !h.releasedIn(callerScope(facts, up.Scope)) && h.hand(e)
		default:
			return h.hand(e) // into a tuple, list, yield, lambda...
		}
	}
}

// attributeUse judges r.name: a release method that is passed on rather than called will release it.
func (h *holder) attributeUse(attr fact.Expr, x *fact.ExprInfo) bool {
	facts := h.a.facts
	called := x.Parent != 0 && facts.Exprs[x.Parent].Kind == fact.Call && facts.Exprs[x.Parent].A == attr
	if called {
		return false // a release was found before; anything else only uses it
	}
	if h.a.releases(facts.Text(x.Text)) {
		h.note(attr)
		return true
	}
	return false
}

// hand notes that the resource is handed on at e.
func (h *holder) hand(e fact.Expr) bool {
	h.note(e)
	h.handed = true
	return true
}

func (h *holder) argumentUse(call, arg fact.Expr) bool {
	switch h.a.e.passed(h.a.file, call, arg) {
	case passedKept:
		return false
	case passedOwned:
		if h.a.wrapper(call).fault != "" {
			return false
		}
	}
	return h.hand(call)
}

// rootUse judges the resource as the whole of an expression of a statement: returned, assigned on, raised.
func (h *holder) rootUse(e fact.Expr) bool {
	facts := h.a.facts
	st := &facts.Stmts[facts.Exprs[e].Stmt]
	switch st.Kind {
	case fact.Return:
		return h.hand(e)
	case fact.Assign, fact.AnnAssign:
		if st.A == e {
			return h.hand(e) // an alias, an attribute or an element holds it from here
		}
	case fact.For:
		return false
	}
	return false
}

// entered says whether a with item releases the resource: with r, with closing(r).
func (h *holder) entered(item fact.Expr) bool {
	if h.is(item) {
		if h.a.resource.With == "does-not-release" || h.a.resource.With == "none" {
			return false
		}
		h.note(item)
		return true
	}
	if h.a.facts.Exprs[item].Kind != fact.Call {
		return false
	}
	for _, arg := range h.a.facts.OperandsOf(item) {
		if h.is(arg) && h.a.e.passed(h.a.file, item, arg) != passedKept {
			h.note(item)
			return true
		}
	}
	return false
}

// refines knows tests such as "if r:", "if r is not None:" and "if r is None:".
func (h *holder) refines(test fact.Expr) (thenMet, elseMet bool) {
	facts := h.a.facts
	x := &facts.Exprs[test]
	switch {
	case h.is(test):
		return false, true
	case x.Kind == fact.Unary && x.Op == fact.OpNot:
		elseMet, thenMet = h.refines(x.A)
		return thenMet, elseMet
	case x.Kind == fact.Compare && h.is(x.A) && facts.IsNone(x.B):
		return x.Op == fact.OpIs || x.Op == fact.OpEq, x.Op == fact.OpIsNot || x.Op == fact.OpNotEq
	case x.Kind == fact.Bool && x.Op == fact.OpAnd:
		for _, part := range facts.List(x.Ops) {
			if _, e := h.refines(part); e {
				return false, true
			}
		}
	}
	return false, false
}

// inner says whether a nested function uses the resource: it may release it.
func (h *holder) inner(s fact.Scope) bool {
	facts := h.a.facts
	span := facts.Scopes[s].Span
	for e := range facts.Exprs {
		x := &facts.Exprs[e]
		if x.Start >= span.Start && x.End <= span.End && e != 0 && h.is(fact.Expr(e)) {
			h.note(fact.Expr(e))
			return true
		}
	}
	return false
}

// releasedIn says whether the code of function s releases the resource anywhere.
func (h *holder) releasedIn(s fact.Scope) bool {
	probe := holder{a: h.a, sym: h.sym, text: h.text}
	calls := h.a.e.p.calls[h.a.file]
	for i := range calls {
		if calls[i].Func == s && probe.release(calls[i].Expr) {
			return true
		}
	}
	return false
}
