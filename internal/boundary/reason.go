package boundary

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// maxSteps bounds how often an outcome is followed through a variable.
const maxSteps = 3

// reason says what the outcome of a comparison leads to: "raises QuotaExceeded", "is the answer". It is empty where it
// decides nothing that refuses, permits or charges.
func (c *chooser) reason(e fact.Expr) string {
	if orders[c.facts.Text(c.facts.Scopes[c.facts.Exprs[e].Scope].Name)] {
		return ""
	}
	return c.leads(e, maxSteps)
}

// orders are methods that compare for others: they decide nothing themselves.
var orders = map[string]bool{"__lt__": true, "__le__": true, "__gt__": true, "__ge__": true, "__eq__": true, "__ne__": true}

// leads climbs from an expression to what uses its truth.
func (c *chooser) leads(e fact.Expr, steps int) string {
	for {
		x := &c.facts.Exprs[e]
		if x.Parent == 0 {
			return c.inStatement(e, steps)
		}
		switch up := &c.facts.Exprs[x.Parent]; {
		case up.Kind == fact.Bool, up.Kind == fact.Unary && up.Op == fact.OpNot, up.Kind == fact.Walrus && up.B == e:
		case up.Kind == fact.IfExp && up.A == e:
			if !c.constant(up.B) && !c.constant(up.C) {
				return c.named(e, "chooses a value")
			}
		case up.Kind == fact.CompIf:
			return c.named(e, "keeps or drops an element")
		case up.Kind == fact.Call && up.A != e:
			return c.passed(e, up)
		case up.Kind == fact.Keyword:
			return c.passed(e, &c.facts.Exprs[up.Parent])
		default:
			return ""
		}
		e = x.Parent
	}
}

// passed says what a call does with the outcome.
func (c *chooser) passed(e fact.Expr, call *fact.ExprInfo) string {
	name := c.lastName(call.A)
	switch name {
	case "bool", "all", "any":
		return c.leads(c.facts.Exprs[e].Parent, maxSteps-1)
	}
	if acts(name) || checks(name) {
		return "is passed to " + name
	}
	return ""
}

// inStatement says what a statement does with the truth of the expression that it holds.
func (c *chooser) inStatement(e fact.Expr, steps int) string {
	s := c.facts.Exprs[e].Stmt
	switch st := &c.facts.Stmts[s]; st.Kind {
	case fact.Return:
		return "is the answer"
	case fact.Assert:
		return "is asserted"
	case fact.Arm:
		return c.branch(e, s)
	case fact.While:
		return c.named(e, "repeats")
	case fact.Case:
		if st.B == e {
			return c.refusal(s)
		}
	case fact.Assign, fact.AnnAssign:
		return c.stored(e, st, steps)
	}
	return ""
}

// stored follows an outcome that is given a name, or is kept in an attribute whose name says that it permits.
func (c *chooser) stored(e fact.Expr, st *fact.StmtInfo, steps int) string {
	if st.A != e || steps == 0 {
		return ""
	}
	targets := c.facts.List(st.Targets)
	if st.Kind == fact.AnnAssign {
		targets = []fact.Expr{st.B}
	}
	for _, target := range targets {
		x := &c.facts.Exprs[target]
		if x.Kind == fact.Attr && acts(c.facts.Text(x.Text)) {
			return "is kept as " + c.facts.Text(x.Text)
		}
		if x.Kind != fact.Name || x.Sym == 0 {
			continue
		}
		if why := c.uses(x.Sym, e, steps); why != "" {
			return why
		}
	}
	return ""
}

// uses gives the first reason among the places that read a variable.
func (c *chooser) uses(sym fact.Sym, from fact.Expr, steps int) string {
	for i := int(from) + 1; i < len(c.facts.Exprs); i++ {
		if x := &c.facts.Exprs[i]; x.Kind == fact.Name && x.Sym == sym && !x.Flag {
			if why := c.leads(fact.Expr(i), steps-1); why != "" {
				return why
			}
		}
	}
	return ""
}

// branch says what an if leads to: what its own block does, what its else does, or, where the block leaves, what comes
// after it.
func (c *chooser) branch(e fact.Expr, arm fact.Stmt) string {
	if why := c.refusal(arm); why != "" {
		return why
	}
	compound := c.facts.Stmts[arm].Parent
	for block := range c.facts.Block(compound) {
		if c.facts.Stmts[block].Kind == fact.Else {
			if why := c.refusal(block); why != "" {
				return "else " + why
			}
		}
	}
	if c.leaves(arm) {
		if why := c.following(compound); why != "" {
			return "else " + why
		}
		return c.named(e, "leaves early")
	}
	return c.named(e, "chooses a way")
}

// leaves reports whether a block ends by leaving what it stands in.
func (c *chooser) leaves(block fact.Stmt) bool {
	for s := range c.facts.Block(block) {
		switch c.facts.Stmts[s].Kind {
		case fact.Return, fact.Raise, fact.Continue, fact.Break:
			return true
		}
	}
	return false
}

// following says whether the statement behind a compound one refuses.
func (c *chooser) following(compound fact.Stmt) string {
	next := c.facts.Stmts[compound].Next
	end := c.facts.Scopes[c.facts.Stmts[compound].Scope].BodyEnd
	if parent := c.facts.Stmts[compound].Parent; parent != 0 {
		end = c.facts.Stmts[parent].Next
	}
	if next >= end {
		return ""
	}
	return c.refuses(next)
}

// refusal says how a block refuses, permits or charges.
func (c *chooser) refusal(block fact.Stmt) string {
	for s := range c.facts.Block(block) {
		if why := c.refuses(s); why != "" {
			return why
		}
	}
	return ""
}

// refuses says how one statement does.
func (c *chooser) refuses(s fact.Stmt) string {
	st := &c.facts.Stmts[s]
	switch st.Kind {
	case fact.Raise:
		if name := c.lastName(st.A); name != "" {
			return "raises " + name
		}
		return "raises"
	case fact.Return:
		if st.A == 0 || c.constant(st.A) {
			return "returns " + c.constantName(st.A)
		}
		if call := &c.facts.Exprs[st.A]; call.Kind == fact.Call {
			if name := c.lastName(call.A); acts(name) || c.isErrorStatus(st.A) {
				return "answers with " + name
			}
		}
	case fact.ExprStmt, fact.Assign:
		call := &c.facts.Exprs[st.A]
		if call.Kind == fact.Await {
			call = &c.facts.Exprs[call.A]
		}
		if call.Kind == fact.Call {
			if name := c.lastName(call.A); acts(name) {
				return "leads to " + name
			}
		}
	}
	return ""
}

// constant reports whether an expression is None, True or False.
func (c *chooser) constant(e fact.Expr) bool {
	switch c.facts.Exprs[e].Kind {
	case fact.NoneConst, fact.TrueConst, fact.FalseConst:
		return true
	}
	return false
}

func (c *chooser) constantName(e fact.Expr) string {
	switch c.facts.Exprs[e].Kind {
	case fact.TrueConst:
		return "True"
	case fact.FalseConst:
		return "False"
	}
	return "None"
}

// isErrorStatus reports whether a call has a status of HTTP from 400 on among its arguments.
func (c *chooser) isErrorStatus(call fact.Expr) bool {
	for _, arg := range c.facts.OperandsOf(call) {
		if c.facts.Exprs[arg].Kind == fact.Keyword {
			arg = c.facts.Exprs[arg].A
		}
		if code, ok := c.facts.Int(arg); ok && code >= 400 && code < 600 {
			return true
		}
	}
	return false
}

// lastName is the last part of a dotted name, also of a call of one.
func (c *chooser) lastName(e fact.Expr) string {
	x := &c.facts.Exprs[e]
	if x.Kind == fact.Call {
		x = &c.facts.Exprs[x.A]
	}
	if x.Kind == fact.Name || x.Kind == fact.Attr {
		return c.facts.Text(x.Text)
	}
	return ""
}

// named keeps a weak reason only where one of the operands speaks of a limit, an age, an amount and so on.
func (c *chooser) named(e fact.Expr, why string) string {
	found := ""
	c.facts.Walk(e, func(inner fact.Expr) bool {
		if found == "" {
			found = c.subject(inner)
		}
		return found == ""
	})
	if found == "" {
		return ""
	}
	return why + " by " + found
}

// subject is the name of a value that speaks of a limit; empty where it does not.
func (c *chooser) subject(e fact.Expr) string {
	x := &c.facts.Exprs[e]
	name := ""
	switch x.Kind {
	case fact.Name, fact.Attr:
		name = c.facts.Text(x.Text)
	case fact.Subscript:
		if key := &c.facts.Exprs[x.B]; key.Kind == fact.StrConst {
			name = c.facts.Text(key.Text)
		}
	case fact.Binary:
		if left := c.subject(x.A); left != "" {
			return left
		}
		return c.subject(x.B)
	}
	if program.LimitWord(name) || slices.ContainsFunc(program.Words(name), func(w string) bool { return subjects[w] }) {
		return name
	}
	return ""
}

// subjects are words for what is limited, beside the words for limits themselves that program knows.
var subjects = map[string]bool{
	"age": true, "amount": true, "size": true, "attempt": true, "attempts": true, "retries": true, "tries": true, "version": true,
	"balance": true, "price": true, "total": true, "credit": true, "level": true, "role": true, "permission": true, "timeout": true,
	"count": true, "rate": true, "score": true, "until": true, "since": true, "window": true, "maxsize": true, "currsize": true,
}

// acts reports whether a function's name says that it refuses, permits or charges.
func acts(name string) bool {
	return slices.ContainsFunc(program.Words(name), func(w string) bool { return deeds[w] })
}

var deeds = map[string]bool{
	"charge": true, "debit": true, "credit": true, "pay": true, "refund": true, "withdraw": true, "transfer": true, "capture": true,
	"bill": true, "grant": true, "allow": true, "allowed": true, "permit": true, "permitted": true, "authorize": true,
	"authorise": true, "authorized": true, "deny": true, "denied": true, "reject": true, "rejected": true, "refuse": true,
	"block": true, "blocked": true, "ban": true, "lock": true, "throttle": true, "throttled": true, "abort": true, "revoke": true,
	"expire": true, "expired": true, "evict": true, "forbid": true, "forbidden": true, "fail": true, "error": true,
}

// checks reports whether a function's name says that it raises unless its argument holds.
func checks(name string) bool {
	return slices.ContainsFunc(program.Words(name), func(w string) bool {
		return w == "require" || w == "ensure" || w == "verify" || w == "validate" || w == "check"
	})
}
