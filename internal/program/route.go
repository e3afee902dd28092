package program

import "github.com/tiebeam/tiebeam/internal/fact"

// Route gives the path of the route whose handler a function is, or stands in: the text that its decorator is given first.
// Empty where there is none, or none that can be shown.
func (p *Program) Route(fn Func) string {
	eval := p.Eval(fn.File)
	facts := p.Files[fn.File]
	for scope := fn.Scope; scope != fact.NoScope && scope != 0; scope = facts.Scopes[scope].Parent {
		if facts.Scopes[scope].Kind != fact.FunctionScope {
			continue
		}
		_, decorator := eval.decoratedEndpoint(Func{fn.File, scope})
		if decorator.Expr == 0 || facts.Exprs[decorator.Expr].Kind != fact.Call {
			continue
		}
		for _, name := range []string{"path", "rule", "route"} {
			value, _ := facts.Argument(decorator.Expr, name, 0)
			if value != 0 && facts.Exprs[value].Kind == fact.StrConst {
				return facts.Text(facts.Exprs[value].Text)
			}
		}
	}
	return ""
}
