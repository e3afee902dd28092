package program

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/sql"
)

// idempotencyGuards gives what makes a repetition of the write harmless.
func (e *Eval) idempotencyGuards(file FileID, call *CallInfo, w *write) []Guard {
	var guards []Guard
	ref := ExprRef{file, call.Expr}
	if w.idempotent != "" {
		guards = append(guards, Guard{Kind: Idempotency, From: "statement", Text: w.idempotent, Where: e.p.PlaceOf(ref)})
	}
	if key := e.keyOf(ref, w); key.Expr != 0 {
		guards = append(guards, Guard{
			Kind: Idempotency, From: "argument", Text: "idempotency key", Where: e.p.PlaceOf(key), Weak: e.drawnAnew(ref, call, key),
		})
	}
	if insert := w.statement == nil || w.statement.Verb == sql.Insert; insert && w.table != "" {
		if c, where, ok := e.p.uniqueIn(w.table, w.columns); ok {
			guards = append(guards, Guard{Kind: Idempotency, From: "schema", Text: "unique(" + strings.Join(c, ",") + ")", Where: where})
		}
	}
	if decorator := e.onceByDecorator(Func{file, call.Func}); decorator.Expr != 0 {
		guards = append(guards, Guard{Kind: Idempotency, From: "decorator", Text: "once for a key", Where: e.p.PlaceOf(decorator)})
	}
	if w.idempotent == "" {
		guards = e.checkedBefore(guards, file, call)
		guards = e.conflictHandled(guards, file, call)
	}
	return guards
}

// onceByDecorator gives the decorator by which a function, or one through which a retry repeats it, runs once for a key;
// the zero ExprRef for none.
func (e *Eval) onceByDecorator(fn Func) ExprRef {
	for range maxRetriedDepth + 1 {
		facts := e.p.Files[fn.File]
		for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
			ref := ExprRef{fn.File, decorator}
			if e.contextEntry(ref, e.Of(ref)).Has(catalog.RoleIdempotent) {
				return ref
			}
		}
		by := e.p.retriedFunctions()[fn]
		if by.outer == (Func{}) {
			break
		}
		fn = by.outer
	}
	return ExprRef{}
}

// isKeyName says whether a parameter, header or field of that name carries what tells a repetition from a new request.
func isKeyName(name string, more []string) bool {
	plain := plainName(name)
	if strings.Contains(plain, "idempot") || strings.Contains(plain, "dedup") {
		return true
	}
	switch plain {
	case "clienttoken", "clientrequesttoken", "requestid", "xrequestid", "clientreferenceid", "transactionid":
		return true
	}
	return slices.ContainsFunc(more, func(key string) bool { return plainName(key) == plain })
}

// plainName is a name in lower case without what joins its words.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

// keyOf finds the value of an idempotency key among the arguments of a write: an argument, an entry of a dictionary
// that is one, or one that is set on such a dictionary in the same function. The zero ExprRef is none.
func (e *Eval) keyOf(call ExprRef, w *write) ExprRef {
	facts := e.p.Files[call.File]
	for _, arg := range facts.OperandsOf(call.Expr) {
		x := &facts.Exprs[arg]
		if x.Kind != fact.Keyword {
			if key := e.keyIn(ExprRef{call.File, arg}, w.keys, 0); key.Expr != 0 {
				return key
			}
			continue
		}
		if x.Text != 0 && isKeyName(facts.Text(x.Text), w.keys) {
			return ExprRef{call.File, x.A}
		}
		if key := e.keyIn(ExprRef{call.File, x.A}, w.keys, 0); key.Expr != 0 {
			return key
		}
	}
	return ExprRef{}
}

// keyIn looks for the key in a dictionary.
func (e *Eval) keyIn(ref ExprRef, names []string, depth int) ExprRef {
	if depth > maxHelpers {
		return ExprRef{}
	}
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	switch x.Kind {
	case fact.DictDisplay:
		items := facts.List(x.Ops)
		for i := 0; i+1 < len(items); i += 2 {
			if items[i] == 0 {
				if key := e.keyIn(ExprRef{ref.File, items[i+1]}, names, depth+1); key.Expr != 0 {
					return key
				}
			} else if k := &facts.Exprs[items[i]]; k.Kind == fact.StrConst && isKeyName(facts.Text(k.Text), names) {
				return ExprRef{ref.File, items[i+1]}
			}
		}
	case fact.Binary:
		if key := e.keyIn(ExprRef{ref.File, x.A}, names, depth+1); key.Expr != 0 {
			return key
		}
		return e.keyIn(ExprRef{ref.File, x.B}, names, depth+1)
	case fact.Call: // dict(a, **b), a | b, helper()
		return e.keyInCall(ref, names, depth)
	case fact.Name:
		if x.Sym != 0 {
			return e.keyInName(ref, x.Sym, names, depth)
		}
	}
	return ExprRef{}
}

// keyInCall looks into dict(...) and into the dictionaries that a function of the program returns.
func (e *Eval) keyInCall(ref ExprRef, names []string, depth int) ExprRef {
	facts := e.p.Files[ref.File]
	for _, arg := range facts.OperandsOf(ref.Expr) {
		x := &facts.Exprs[arg]
		if x.Kind != fact.Keyword {
			continue
		}
		if x.Text != 0 && isKeyName(facts.Text(x.Text), names) {
			return ExprRef{ref.File, x.A}
		}
		if key := e.keyIn(ExprRef{ref.File, x.A}, names, depth+1); key.Expr != 0 {
			return key
		}
	}
	if call := e.p.CallAt(ref.File, ref.Expr); call != nil {
		for _, target := range call.Targets {
			for _, r := range e.p.index[target.File].returns.of(target.Scope) {
				if key := e.keyIn(ExprRef{target.File, r.expr}, names, depth+1); key.Expr != 0 {
					return key
				}
			}
		}
	}
	return ExprRef{}
}

// keyInName looks at what is assigned to a name, and at what is set on it: headers["Idempotency-Key"] = key.
func (e *Eval) keyInName(ref ExprRef, sym fact.Sym, names []string, depth int) ExprRef {
	facts := e.p.Files[ref.File]
	for _, def := range facts.DefsOf(sym) {
		if def.Kind == fact.DefAssign && def.Value != 0 {
			if key := e.keyIn(ExprRef{ref.File, def.Value}, names, depth+1); key.Expr != 0 {
				return key
			}
		}
	}
	scope := &facts.Scopes[facts.Symbols[sym].Scope]
	for s := scope.BodyFirst; s < scope.BodyEnd; s++ {
		st := &facts.Stmts[s]
		if st.Kind != fact.Assign {
			continue
		}
		for _, target := range facts.List(st.Targets) {
			x := &facts.Exprs[target]
			if x.Kind != fact.Subscript || facts.Exprs[x.A].Kind != fact.Name || facts.Exprs[x.A].Sym != sym {
				continue
			}
			if k := &facts.Exprs[x.B]; k.Kind == fact.StrConst && isKeyName(facts.Text(k.Text), names) {
				return ExprRef{ref.File, st.A}
			}
		}
	}
	return ExprRef{}
}

// mayHaveKey says whether a key may be hidden in what cannot be followed: "**options", a dictionary of headers that
// comes from elsewhere in a program that speaks of idempotency somewhere.
func (e *Eval) mayHaveKey(file FileID, call fact.Expr, w *write) bool {
	facts := e.p.Files[file]
	for _, arg := range facts.OperandsOf(call) {
		x := &facts.Exprs[arg]
		if x.Kind != fact.Keyword || w.to == "database" {
			continue
		}
		if x.Text == 0 && facts.Exprs[x.A].Kind != fact.DictDisplay {
			return true
		}
		if name := facts.Text(x.Text); name == "headers" || name == "metadata" || name == "options" {
			if k := facts.Exprs[x.A].Kind; k != fact.DictDisplay && k != fact.NoneConst && e.p.speaksOfKeys() {
				return true
			}
		}
	}
	return false
}

// speaksOfKeys says whether the word idempotency stands anywhere in the program's names or strings.
func (p *Program) speaksOfKeys() bool {
	p.keyWords.once.Do(func() { p.keyWords.found = slices.ContainsFunc(p.Files, speaksOfKeys) })
	return p.keyWords.found
}

func speaksOfKeys(facts *fact.File) bool {
	return slices.ContainsFunc(facts.Strings, func(s string) bool { return len(s) < 80 && containsFold(s, "idempot") })
}

// drawnAnew says why a key does not tell a repetition: it is drawn in what is repeated, or, where nothing repeats it,
// in the function itself. Empty for a key that lasts.
func (e *Eval) drawnAnew(ref ExprRef, call *CallInfo, key ExprRef) string {
	const weak = "drawn anew for every attempt"
	fn := Func{ref.File, call.Func}
	by, repeated := e.p.retryAround(fn, e.p.Files[ref.File].Exprs[ref.Expr].Stmt)
	drawn := e.drawnAt(key, 0)
	if drawn.Expr == 0 {
		return ""
	}
	if !repeated {
		return "drawn anew for every call"
	}
	if e.insideRetry(e.p.PlaceOf(drawn), &by) && (by.whole && by.retry.form != "call" || drawn.File == fn.File) {
		return weak
	}
	return ""
}

// drawnAt finds the random call that a key is made from; the zero ExprRef where it is not random or comes from outside.
func (e *Eval) drawnAt(key ExprRef, depth int) ExprRef {
	facts := e.p.Files[key.File]
	var found ExprRef
	if depth > maxHelpers {
		return found
	}
	facts.Walk(key.Expr, func(child fact.Expr) bool {
		x := &facts.Exprs[child]
		switch x.Kind {
		case fact.Call:
			if call := e.p.CallAt(key.File, child); call != nil && call.Entry.Has(catalog.RoleRandomKey) {
				found = ExprRef{key.File, child}
			}
		case fact.Name:
			if x.Sym == 0 {
				return true
			}
			for _, def := range facts.DefsOf(x.Sym) {
				// One under a condition is drawn once: if key is None: key = uuid4().
				if def.Kind == fact.DefAssign && def.Value != 0 && def.Scope != 0 && found.Expr == 0 && !underCondition(facts, def.Stmt) {
					found = e.drawnAt(ExprRef{key.File, def.Value}, depth+1)
				}
			}
		}
		return found.Expr == 0
	})
	return found
}

// underCondition says whether a statement stands in a branch of an if.
func underCondition(facts *fact.File, s fact.Stmt) bool {
	for outer := range Enclosing(facts, s) {
		if facts.Stmts[outer].Kind == fact.If {
			return true
		}
	}
	return false
}
