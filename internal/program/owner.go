package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// owned judges a resource that an object keeps in an attribute: somebody has to be able to release it.
func (a *acquisition) owned(class Func, attribute string) verdict {
	if a.resource.Finalizes || a.e.p.releasesAttribute(class, attribute, a.resource.Release) {
		return verdict{from: "owner"}
	}
	for _, base := range a.e.p.Ancestors(class) {
		switch base.Kind {
		case Class:
			if a.e.p.releasesAttribute(base.Def, attribute, a.resource.Release) {
				return verdict{from: "owner"}
			}
		case External:
			if entry := a.e.p.entry(base.Path); entry == nil && !isStandardLibrary(strings.SplitN(base.Path, ".", 2)[0]) {
				return handedOn // a base class that is not known may release it
			}
		default:
			return handedOn
		}
	}
	return verdict{fault: unmanagedOwner, why: "the object keeps it and no method of the class releases it"}
}

// releasesAttribute says whether code of the file that defines class releases self.attribute, or lets it out of the
// object's hands: passes it on, returns it, enters it, or names a release method of it.
func (p *Program) releasesAttribute(class Func, attribute string, release []string) bool {
	facts := p.Files[class.File]
	for _, i := range p.attributesNamed(class.File, attribute) {
		x := &facts.Exprs[i]
		if of := selfClass(facts, x.A); of != fact.NoScope && of != class.Scope && !p.isAncestor(Func{class.File, of}, class) {
			continue // the attribute of another class
		}
		if x.Parent == 0 {
			if st := &facts.Stmts[x.Stmt]; st.Kind != fact.ExprStmt && st.Kind != fact.Arm && st.Kind != fact.While {
				return true // returned, assigned on, entered by with
			}
			continue
		}
		up := &facts.Exprs[x.Parent]
		switch up.Kind {
		case fact.Attr:
			name := facts.Text(up.Text)
			for _, r := range release {
				if r == name || name == "__exit__" || name == "__aexit__" {
					return true
				}
			}
		case fact.Compare, fact.Unary, fact.Bool, fact.Subscript, fact.Binary, fact.Formatted:
		default:
			return true // an argument, an element: somebody else may release it
		}
	}
	return false
}
