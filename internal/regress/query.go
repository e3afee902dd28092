package regress

import (
	"fmt"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// sqlGuards are the words of SQL that guard a statement.
var sqlGuards = []struct {
	words string
	guard program.GuardKind
}{
	{"ON CONFLICT", program.Idempotency},
	{"OR IGNORE", program.Idempotency},
	{"ON DUPLICATE KEY", program.Idempotency},
	{"IF NOT EXISTS", program.Idempotency},
	{"IF EXISTS", program.Idempotency},
	{"FOR UPDATE", program.Lock},
	{"SKIP LOCKED", program.Lock},
	{" LIMIT ", program.Bound},
}

// queries looks at statements in another language: words of SQL that guard, operators, and values that were passed
// beside the statement and are pasted into it now.
func (p *pair) queries() {
	for i := range p.base.atoms {
		if !p.edited[i] {
			continue
		}
		j := p.counterpart[i]
		p.lostWords(i, j)
		p.changedOrder(i, j)
	}
	for _, c := range p.calls.paired {
		p.pasted(c)
	}
}

// statements gives the texts of an atom that look like SQL, in capitals and with single spaces.
func (b *body) statements(i int) []string {
	var list []string
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		x := &b.Exprs[e]
		if x.Kind != fact.StrConst {
			return
		}
		text := " " + strings.ToUpper(strings.Join(strings.Fields(b.Text(x.Text)), " ")) + " "
		for _, verb := range []string{" SELECT ", " INSERT ", " UPDATE ", " DELETE ", " CREATE ", " DROP ", " WHERE "} {
			if strings.Contains(text, verb) {
				list = append(list, text)
				return
			}
		}
	})
	return list
}

// lostWords reports words of SQL that no statement of the atom has any more.
func (p *pair) lostWords(i, j int) {
	was, is := strings.Join(p.base.statements(i), ";"), strings.Join(p.head.statements(j), ";")
	if was == "" || is == "" || similarity(tokensOf(was), tokensOf(is)) < minSimilarity {
		return
	}
	for _, g := range sqlGuards {
		if strings.Contains(was, g.words) && !strings.Contains(is, g.words) {
			p.lose(Removed, g.guard, "sql", i, fmt.Sprintf("the statement does not say %q any more", strings.TrimSpace(g.words)), g.words)
		}
	}
}

// changedOrder looks for SQL of which only an operator changed.
func (p *pair) changedOrder(i, j int) {
	for _, was := range p.base.ordering(i) {
		for _, is := range p.head.ordering(j) {
			if was != is && withoutOrders(was) == withoutOrders(is) {
				p.lose(Weakened, program.Boundary, "query", i, "an operator of the query changed", withoutOrders(was))
			}
		}
	}
}

// ordering gives the strings of an atom that order something.
func (b *body) ordering(i int) []string {
	var list []string
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		if x := &b.Exprs[e]; x.Kind == fact.StrConst && strings.ContainsAny(b.Text(x.Text), "<>") {
			list = append(list, b.Text(x.Text))
		}
	})
	return list
}

func withoutOrders(query string) string {
	return strings.NewReplacer("<=", "?", ">=", "?", "<", "?", ">", "?").Replace(query)
}

// runsText are the functions that execute the text they are given.
func runsText(name string) bool {
	switch name {
	case "execute", "executemany", "executescript", "raw", "text", "run", "Popen", "call", "check_call", "check_output", "system",
		"run_process", "create_subprocess_exec", "create_subprocess_shell", "fetch", "fetchval", "fetchrow":
		return true
	}
	return false
}

// pasted reports a statement or command that is put together from values where base passed them apart.
func (p *pair) pasted(c callPair) {
	if !runsText(p.base.method(c.base.call)) {
		return
	}
	was, is := p.base.positional(c.base.call), p.head.positional(c.head.call)
	if len(was) == 0 || len(is) == 0 || !p.head.isPasted(is[0]) || p.base.isPasted(was[0]) {
		return
	}
	list := p.base.Exprs[was[0]].Kind == fact.ListDisplay
	apart := p.base.Exprs[was[0]].Kind == fact.StrConst && len(was)+len(p.base.keywords(c.base.call)) > len(is)+len(p.head.keywords(c.head.call))
	if list || apart {
		p.loseCall(Removed, program.Validation, "pasted", c, fmt.Sprintf("values are pasted into the text that %s runs, base passed them apart", p.base.method(c.base.call)), c.base.text)
	}
}

// isPasted says whether the expression puts a text together from values.
func (b *body) isPasted(e fact.Expr) bool {
	x := &b.Exprs[e]
	switch x.Kind {
	case fact.FString:
		return b.fields(x) != ""
	case fact.Binary:
		return x.Op == fact.OpMod && b.Exprs[x.A].Kind == fact.StrConst || x.Op == fact.OpAdd && (b.isPastedPart(x.A) || b.isPastedPart(x.B))
	case fact.Call:
		return b.method(e) == "format" && b.Exprs[b.receiver(e)].Kind == fact.StrConst
	}
	return false
}

func (b *body) isPastedPart(e fact.Expr) bool {
	return b.Exprs[e].Kind == fact.StrConst || b.isPasted(e)
}
