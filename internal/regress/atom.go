package regress

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// atomKind is the form of an atom.
type atomKind uint8

const (
	exprAtom atomKind = iota
	logAtom           // a call that only writes a log record
	assignAtom
	returnAtom
	raiseAtom
	assertAtom
	deleteAtom
	breakAtom
	continueAtom
	ifAtom // one arm of an if
	elseAtom
	whileAtom
	forAtom
	withAtom // one item of a with
	tryAtom
	exceptAtom
	finallyAtom
	matchAtom
	caseAtom
	defAtom
	classAtom
	otherAtom
)

// atom is a simple statement, or the header of a compound one.
type atom struct {
	kind atomKind
	// key is the normal form of the atom: two atoms with one key do the same.
	key  string
	stmt fact.Stmt
	// exprs are what the atom itself evaluates, not what its body does.
	exprs []fact.Expr
	// outer is the atom whose body this one is in, -1 outside any.
	outer int
	// end is the index behind the last atom of the body.
	end int
	// try is the tryAtom of an exceptAtom or finallyAtom; the first arm for an elseAtom.
	try int
	// tokens are the words and signs of the key, sorted, for similarity.
	tokens []string
	words  vocabulary
}

// lower gives the atoms of the body in source order. Documentation, pass, imports and global declarations are left
// out: they do nothing at run time that a guard would protect.
func (b *body) lower() []atom {
	if !b.lowered {
		b.lowered = true
		b.block(b.info().BodyFirst, b.info().BodyEnd, -1)
		for i := range b.atoms {
			a := &b.atoms[i]
			a.key = rename(a.key, b.renamed)
			a.tokens = tokensOf(a.key)
			a.words = wordsOf(a.key)
		}
	}
	return b.atoms
}

// relower renders the atoms again under other names for its locals.
func (b *body) relower(renamed map[string]string) {
	b.renamed, b.lowered, b.atoms, b.calls, b.names = renamed, false, nil, nil, nil
	b.lower()
}

func (b *body) add(kind atomKind, key string, s fact.Stmt, outer int, exprs ...fact.Expr) int {
	kept := exprs[:0]
	for _, e := range exprs {
		if e != 0 {
			kept = append(kept, e)
		}
	}
	index := len(b.atoms)
	b.atoms = append(b.atoms, atom{kind: kind, key: key, stmt: s, exprs: kept, outer: outer, end: index + 1, try: -1})
	return index
}

// block lowers statements up to the first that never lets the next one run: what stands behind a return guards
// nothing.
func (b *body) block(first, end fact.Stmt, outer int) {
	for s := first; s < end; s = b.Stmts[s].Next {
		b.statement(s, outer)
		switch b.Stmts[s].Kind {
		case fact.Return, fact.Raise, fact.Break, fact.Continue:
			return
		}
	}
}

// within lowers the statements inside the block s as the body of the atom index.
func (b *body) within(s fact.Stmt, index int) {
	b.block(s+1, b.Stmts[s].Next, index)
	b.atoms[index].end = len(b.atoms)
}

func (b *body) statement(s fact.Stmt, outer int) {
	st := &b.Stmts[s]
	t := b.source.text
	switch st.Kind {
	case fact.Pass, fact.Global, fact.Nonlocal, fact.ImportStmt, fact.NoStmt:
	case fact.FunctionDef:
		b.add(defAtom, "def "+b.Text(b.Scopes[st.Inner].Name), s, outer)
	case fact.ClassDef:
		b.add(classAtom, "class "+b.Text(b.Scopes[st.Inner].Name), s, outer)
	case fact.If:
		b.branches(s, outer)
	case fact.For:
		b.loop(s, b.add(forAtom, "for "+t(st.B)+" in "+t(st.A), s, outer, st.B, st.A), outer)
	case fact.While:
		b.loop(s, b.add(whileAtom, "while "+t(st.A), s, outer, st.A), outer)
	case fact.With:
		b.with(s, outer)
	case fact.Try:
		b.try(s, outer)
	case fact.Match:
		b.match(s, outer)
	case fact.ExprStmt:
		if b.isDocumentation(st.A) {
			return
		}
		kind := exprAtom
		if b.isLog(st.A) {
			kind = logAtom
		}
		b.add(kind, t(st.A), s, outer, st.A)
	default:
		b.simple(s, st, outer)
	}
}

// simple lowers the statements that are neither compound nor a bare expression.
func (b *body) simple(s fact.Stmt, st *fact.StmtInfo, outer int) {
	t := b.source.text
	switch st.Kind {
	case fact.Assign:
		targets := b.List(st.Targets)
		var key strings.Builder
		for _, target := range targets {
			key.WriteString(t(target) + " = ")
		}
		b.add(assignAtom, key.String()+t(st.A), s, outer, append([]fact.Expr{st.A}, targets...)...)
	case fact.AnnAssign:
		if st.A == 0 {
			b.add(otherAtom, t(st.B)+": "+t(st.C), s, outer, st.B, st.C)
			return
		}
		b.add(assignAtom, t(st.B)+" = "+t(st.A), s, outer, st.A, st.B)
	case fact.AugAssign:
		b.add(assignAtom, t(st.B)+" "+st.Op.String()+"= "+t(st.A), s, outer, st.A, st.B)
	case fact.Return:
		b.add(returnAtom, strings.TrimSpace("return "+t(st.A)), s, outer, st.A)
	case fact.Raise:
		if result, ok := b.returned(st.A); ok {
			b.add(returnAtom, strings.TrimSpace("return "+t(result)), s, outer, result)
			return
		}
		b.add(raiseAtom, strings.TrimSpace("raise "+t(st.A)), s, outer, st.A, st.B)
	case fact.Assert:
		b.add(assertAtom, "assert "+t(st.A), s, outer, st.A)
	case fact.Break:
		b.add(breakAtom, "break", s, outer)
	case fact.Continue:
		b.add(continueAtom, "continue", s, outer)
	case fact.Delete:
		targets := append([]fact.Expr(nil), b.List(st.Targets)...)
		b.add(deleteAtom, "del "+b.source.list(st.Targets), s, outer, targets...)
	default:
		b.add(otherAtom, t(st.A), s, outer, st.A)
	}
}

// returned gives the result of "raise gen.Return(result)", by which coroutines that are generators return.
func (b *body) returned(e fact.Expr) (result fact.Expr, ok bool) {
	if e == 0 || b.Exprs[e].Kind != fact.Call {
		return 0, false
	}
	callee := b.source.text(b.Exprs[e].A)
	if callee != "gen.Return" && callee != "Return" && callee != "tornado.gen.Return" {
		return 0, false
	}
	if args := b.positional(e); len(args) > 0 {
		return args[0], true
	}
	return 0, true
}

// branches lowers an if: every arm is an atom of its own beside the first.
func (b *body) branches(s fact.Stmt, outer int) {
	first := -1
	for arm := range b.Block(s) {
		st := &b.Stmts[arm]
		if st.Kind == fact.Arm {
			index := b.add(ifAtom, "if "+b.source.text(st.A), arm, outer, st.A)
			if first < 0 {
				first = index
			}
			b.within(arm, index)
			continue
		}
		index := b.add(elseAtom, "else", arm, outer)
		b.atoms[index].try = first
		b.within(arm, index)
	}
}

func (b *body) loop(s fact.Stmt, index, outer int) {
	for block := range b.Block(s) {
		if b.Stmts[block].Kind == fact.Body {
			b.within(block, index)
			continue
		}
		after := b.add(elseAtom, "else", block, outer)
		b.atoms[after].try = index
		b.within(block, after)
	}
}

func (b *body) with(s fact.Stmt, outer int) {
	var items []int
	for part := range b.Block(s) {
		st := &b.Stmts[part]
		if st.Kind == fact.Item {
			key := "with " + b.source.text(st.A)
			if st.B != 0 {
				key += " as " + b.source.text(st.B)
			}
			outer = b.add(withAtom, key, part, outer, st.A, st.B)
			items = append(items, outer)
			continue
		}
		b.block(part+1, st.Next, outer)
	}
	for _, item := range items {
		b.atoms[item].end = len(b.atoms)
	}
}

func (b *body) try(s fact.Stmt, outer int) {
	index := -1
	for part := range b.Block(s) {
		st := &b.Stmts[part]
		switch st.Kind {
		case fact.Body:
			index = b.add(tryAtom, "try", s, outer)
			b.within(part, index)
		case fact.Handler:
			handler := b.add(exceptAtom, strings.TrimSpace("except "+b.source.text(st.A)), part, outer, st.A)
			b.atoms[handler].try = index
			b.within(part, handler)
		case fact.Finally:
			final := b.add(finallyAtom, "finally", part, outer)
			b.atoms[final].try = index
			b.within(part, final)
		default:
			b.block(part+1, st.Next, outer)
		}
	}
}

func (b *body) match(s fact.Stmt, outer int) {
	index := b.add(matchAtom, "match "+b.source.text(b.Stmts[s].A), s, outer, b.Stmts[s].A)
	for arm := range b.Block(s) {
		st := &b.Stmts[arm]
		key := "case " + b.source.text(st.A)
		if st.B != 0 {
			key += " if " + b.source.text(st.B)
		}
		b.within(arm, b.add(caseAtom, key, arm, index, st.B))
	}
	b.atoms[index].end = len(b.atoms)
}

func (s *source) isDocumentation(e fact.Expr) bool {
	k := s.Exprs[e].Kind
	return k == fact.StrConst || k == fact.EllipsisConst
}

// isLog says whether the expression only tells somebody what happened.
func (s *source) isLog(e fact.Expr) bool {
	e = s.awaited(e)
	if s.Exprs[e].Kind != fact.Call {
		return false
	}
	callee := s.text(s.Exprs[e].A)
	first, _, dotted := strings.Cut(callee, ".")
	last := callee[strings.LastIndexByte(callee, '.')+1:]
	switch last {
	case "debug", "info", "warning", "warn", "exception", "print_error", "print_msg":
		return true
	}
	if !dotted {
		switch first {
		case "print", "log", "info", "debug", "warn", "warning", "echo", "msg":
			return true
		}
		return strings.HasPrefix(first, "print_")
	}
	if isReleaseName(last) {
		return false // what is written to is given back
	}
	for _, part := range strings.Split(callee[:len(callee)-len(last)-1], ".") {
		switch strings.ToLower(strings.TrimLeft(part, "_")) {
		case "log", "logger", "logging", "warnings", "stdout", "stderr":
			return true
		}
	}
	return false
}

// isNoise says whether the atom by itself is no effect: keywords of control flow and log records.
func (k atomKind) isNoise() bool {
	switch k {
	case elseAtom, tryAtom, finallyAtom, logAtom, breakAtom, continueAtom:
		return true
	}
	return false
}

// around says whether an atom of the kind encloses the atom i.
func (b *body) around(i int, kind atomKind) bool { return b.enclosing(i, kind) >= 0 }

// enclosing gives the innermost atom of the kind around the atom i; -1 where there is none.
func (b *body) enclosing(i int, kind atomKind) int {
	for o := b.atoms[i].outer; o >= 0; o = b.atoms[o].outer {
		if b.atoms[o].kind == kind {
			return o
		}
	}
	return -1
}

// inLoop says whether the atom is repeated by a loop of the body.
func (b *body) inLoop(i int) bool { return b.around(i, forAtom) || b.around(i, whileAtom) }

// target gives the text of the only target of an assignment; "" where there is none or several.
func (b *body) target(a *atom) string {
	if a.kind != assignAtom {
		return ""
	}
	st := &b.Stmts[a.stmt]
	switch st.Kind {
	case fact.Assign:
		if targets := b.List(st.Targets); len(targets) > 0 {
			return b.text(targets[0])
		}
	case fact.AnnAssign, fact.AugAssign:
		return b.text(st.B)
	}
	return ""
}

// value gives the value an assignment, return or expression statement evaluates, without await.
func (b *body) value(a *atom) fact.Expr {
	switch a.kind {
	case assignAtom, returnAtom, exprAtom, logAtom:
		return b.awaited(b.Stmts[a.stmt].A)
	}
	return 0
}

// test gives the condition of an if, while or assert.
func (b *body) test(a *atom) fact.Expr {
	switch a.kind {
	case ifAtom, whileAtom, assertAtom:
		return b.Stmts[a.stmt].A
	}
	return 0
}

// awaited strips what waits for a result: await, yield from, and the yield of coroutines that are generators.
func (s *source) awaited(e fact.Expr) fact.Expr {
	for {
		switch x := &s.Exprs[e]; {
		case x.Kind == fact.Await, x.Kind == fact.YieldFrom, x.Kind == fact.Yield && s.Exprs[x.A].Kind == fact.Call:
			e = x.A
		default:
			return e
		}
	}
}

// header is the span of the atom without its body.
func (b *body) header(i int) fact.Span {
	a := &b.atoms[i]
	span := b.Stmts[a.stmt].Span
	for _, e := range a.exprs {
		if a.end > i+1 || a.kind == ifAtom || a.kind == withAtom || a.kind == exceptAtom {
			return b.Exprs[e].Span
		}
	}
	return span
}
