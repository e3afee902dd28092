package regress

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// checkGuard says what a check that refuses aloud guards.
func (b *body) checkGuard(i int) program.GuardKind {
	text, refusal := b.atoms[i].key, ""
	for k := i + 1; k < b.atoms[i].end; k++ {
		switch b.atoms[k].kind {
		case raiseAtom, returnAtom, exprAtom:
			text += " " + b.atoms[k].key
			refusal += " " + b.atoms[k].key
		}
	}
	if has(withoutAddresses(b.atoms[i].key), permissionWord) || speaksOfPermission(text) || has(refusal, grantWord) {
		return program.Authorization
	}
	if b.atoms[i].words&retryWord != 0 {
		return program.RetryBound
	}
	if b.refusesMore(i) {
		return program.Bound
	}
	return program.Validation
}

// withoutAddresses gives the text without names of places and files, whose words say what is found there: authorize_url.
func withoutAddresses(text string) string {
	var out strings.Builder
	eachToken(text, func(t string) {
		address := false
		eachWord(t, func(w string) {
			address = address || w == "url" || w == "uri" || w == "endpoint" || w == "file" || w == "path" || w == "header"
		})
		if !address {
			out.WriteString(t + " ")
		}
	})
	return out.String()
}

func speaksOfPermission(text string) bool {
	for _, part := range []string{"Permission", "Forbidden", "Unauthorized", "Denied", "FORBIDDEN", "UNAUTHORIZED", "DENIED"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	found := false
	eachToken(text, func(t string) { found = found || t == "401" || t == "403" })
	return found
}

// quietGuard says what a check that goes on without a word guards; "" where it may be mere control flow.
func (b *body) quietGuard(i int) program.GuardKind {
	w := b.atoms[i].words
	switch {
	case w&(grantWord|containmentWord) != 0:
		return program.Authorization
	case w&maximumWord != 0 && (b.comparesSize(b.test(&b.atoms[i])) || w&reachedWord != 0):
		return program.Bound
	case strings.Contains(b.atoms[i].key, "path") && w&knownWord != 0: // whether a file is there
	case w&knownWord != 0, b.asksMembership(b.test(&b.atoms[i])), b.remembers(i), strings.Contains(b.atoms[i].key, "SELECT "):
		return program.Idempotency
	}
	return ""
}

// comparesSize says whether the condition orders something that is named as a size or limit.
func (b *body) comparesSize(e fact.Expr) bool {
	found := false
	eachExpr(b.source, []fact.Expr{e}, func(e fact.Expr) {
		x := &b.Exprs[e]
		if x.Kind != fact.Compare {
			return
		}
		switch x.Op {
		case fact.OpLt, fact.OpLtE, fact.OpGt, fact.OpGtE:
			found = found || has(b.text(e), limitWord)
		}
	})
	return found
}

// refusesMore says whether a condition that refuses is true for what is too much of something.
func (b *body) refusesMore(i int) bool {
	for _, c := range b.comparisonsOf(i) {
		if isOrder(c.op) && (has(c.right, limitWord) || has(c.left, maximumWord)) {
			return true
		}
	}
	return false
}

// remembers says whether the condition asks for something in a collection into which it is put behind the condition.
func (b *body) remembers(i int) bool {
	cs := b.comparisonsOf(i)
	if len(cs) != 1 || cs[0].op != fact.OpIn {
		return false
	}
	for k := b.atoms[i].end; k < len(b.atoms); k++ {
		for _, call := range b.atomCalls(k) {
			args, r := b.positional(call), b.receiver(call)
			if name := b.method(call); (name == "append" || name == "add") && r != 0 && len(args) == 1 && b.text(r) == cs[0].right && b.text(args[0]) == cs[0].left {
				return true
			}
		}
	}
	return false
}

// asksMembership says whether the condition asks if something is in a collection that the object keeps.
func (b *body) asksMembership(e fact.Expr) bool {
	found := false
	eachExpr(b.source, []fact.Expr{e}, func(e fact.Expr) {
		x := &b.Exprs[e]
		found = found || x.Kind == fact.Compare && x.Op == fact.OpIn && b.Exprs[x.B].Kind == fact.Attr
	})
	return found
}
