package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// unawaited looks for guards that head still writes and that never run: base awaited the coroutine, head only makes it.
func (p *pair) unawaited() {
	if p.head.info().Flags&fact.Async == 0 {
		return // a function that became synchronous has other calls of the same name
	}
	for i := range p.base.atoms {
		j := p.counterpart[i]
		if j < 0 || p.base.atoms[i].kind != exprAtom || p.head.atoms[j].kind != exprAtom || p.base.awaits(i) == 0 || p.head.awaits(j) > 0 {
			continue
		}
		was, is := p.base.value(&p.base.atoms[i]), p.head.value(&p.head.atoms[j])
		if p.base.Exprs[was].Kind != fact.Call || p.head.Exprs[is].Kind != fact.Call || p.base.callee(was) != p.head.callee(is) || !p.head.makesCoroutine(is) {
			continue
		}
		if guard := p.awaitedGuard(i, was); guard != "" {
			key := p.head.atoms[j].key
			p.lose(Removed, guard, "unawaited", i, fmt.Sprintf("nothing awaits %s, so it never runs", key), key)
		}
	}
}

// makesCoroutine says whether calling only makes a coroutine: a function of asyncio, or an asynchronous one of the program.
func (b *body) makesCoroutine(call fact.Expr) bool {
	switch callee := b.callee(call); firstPart(callee) {
	case "asyncio", "anyio", "trio":
		return strings.HasSuffix(callee, ".sleep") || strings.HasSuffix(callee, ".wait_for") || strings.HasSuffix(callee, ".wait")
	}
	v := b.eval.One(program.ExprRef{File: b.id, Expr: b.Exprs[call].A})
	if v.Kind != program.Function && v.Kind != program.Method || v.Path != "" {
		return false
	}
	return b.p.Files[v.Def.File].Scopes[v.Def.Scope].Flags&fact.Async != 0
}

// awaitedGuard says what the awaited call guarded, "" where it was mere work.
func (p *pair) awaitedGuard(i int, call fact.Expr) program.GuardKind {
	switch name := p.base.method(call); {
	case name == "sleep":
		if p.base.inLoop(i) {
			return program.RetryBound
		}
	case name == "acquire" && isLock(p.base.callee(call)):
		return program.Lock
	case name == "commit" || isRollbackName(name):
		return program.Transaction
	case isCheckName(name):
		if asksPermission(name) {
			return program.Authorization
		}
		return program.Validation
	case p.base.isRelease(call):
		return program.Release
	case name == "wait" || name == "wait_for":
		return program.Cancellation
	}
	return ""
}
