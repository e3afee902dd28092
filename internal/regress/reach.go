package regress

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// bodyOf gives the body of a function of one side; nil for lambdas.
func (c *change) bodyOf(side int, fn program.Func) *body {
	for _, b := range c.source(side, fn.File).bodies {
		if b.scope == fn.Scope {
			return b
		}
	}
	return nil
}

// guardedByCaller says whether head calls the function inside a scope of the kind wherever it is known to be called.
func (p *pair) guardedByCaller(guard program.GuardKind) bool {
	if p.head.kind != fact.FunctionScope {
		return false
	}
	callers := p.change.head.Callers(p.head.fn())
	for _, site := range callers {
		call := p.change.head.Call(site)
		caller := p.change.bodyOf(1, program.Func{File: site.File, Scope: call.Func})
		if caller == nil || !caller.covers(call.Expr, guard) {
			return false
		}
	}
	return len(callers) > 0
}

// covers says whether the expression of the body is evaluated inside a with of the kind or under such a decorator.
func (b *body) covers(e fact.Expr, guard program.GuardKind) bool {
	for _, d := range b.decorators() {
		if decoratorGuard(d) == guard {
			return true
		}
	}
	for _, c := range b.callsOf() {
		if c.call == e {
			return b.covered(c.atom, guard)
		}
	}
	return false
}

// guardedByCallee says whether what stands outside of the scope now is done by functions that take the guard
// themselves, and did not in base.
func (p *pair) guardedByCallee(outside []int, guard program.GuardKind) bool {
	for _, k := range outside {
		calls := p.head.atomCalls(p.counterpart[k])
		guarded := false
		for _, call := range calls {
			info := p.change.head.CallAt(p.head.id, call)
			if info == nil {
				continue
			}
			for _, target := range info.Targets {
				callee := p.change.bodyOf(1, target)
				guarded = guarded || callee != nil && callee.takes(guard)
			}
		}
		if !guarded {
			return false
		}
	}
	return len(outside) > 0
}

// takes says whether the body itself enters a scope of the kind.
func (b *body) takes(guard program.GuardKind) bool {
	for i := range b.lower() {
		if b.atoms[i].kind == withAtom && b.scopeGuard(i) == guard {
			return true
		}
	}
	return false
}
