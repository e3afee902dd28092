package regress

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// insideTransaction says whether head does what the handler rolled back inside of a transaction, or of the connection
// itself, which rolls back where it is left by an exception.
func (p *pair) insideTransaction(i, at int) bool {
	rolled := map[string]bool{}
	for k := i + 1; k < p.base.atoms[i].end; k++ {
		for _, call := range p.base.atomCalls(k) {
			if r := p.base.receiver(call); r != 0 && strings.HasPrefix(p.base.method(call), "rollback") {
				rolled[p.base.text(r)] = true
			}
		}
	}
	for o := p.head.atoms[at].outer; o >= 0; o = p.head.atoms[o].outer {
		if p.head.atoms[o].kind == withAtom && (p.head.scopeGuard(o) == program.Transaction || rolled[p.head.text(p.head.atoms[o].exprs[0])]) {
			return true
		}
	}
	return false
}
