package program

import "github.com/tiebeam/tiebeam/internal/fact"

// WritesTo gives the attributes of a class that the program's code changes once an object is made, in the order of files:
// self.name = value, self.name[key] = value and self.name.append(value) outside of the construction, and obj.name = value on
// any object known to be of the class. Cost: linear in the attributes that the program stores to.
func (p *Program) WritesTo(class Func) []ExprRef {
	var found []ExprRef
	for file := range p.Files {
		eval := p.Eval(FileID(file))
		if p.definesKind(FileID(file), class) {
			for _, o := range eval.owners(FileID(file)) {
				if o.class.Scope != 0 && p.isKind(o.class, class) {
					found = eval.writesIn(found, &o)
				}
			}
		}
		for i := range p.index[file].stores {
			if s := &p.index[file].stores[i]; s.Class == fact.NoScope && eval.isObjectOf(ExprRef{FileID(file), p.Files[file].Exprs[s.Target].A}, class) {
				found = append(found, ExprRef{FileID(file), s.Target})
			}
		}
	}
	return found
}

// isKind says whether a class is another or derived from it.
func (p *Program) isKind(class, of Func) bool { return class == of || p.isAncestor(class, of) }

// definesKind says whether a file defines the class or one derived from it.
func (p *Program) definesKind(file FileID, class Func) bool {
	for scope := range p.Files[file].Scopes {
		if p.Files[file].Scopes[scope].Kind == fact.ClassScope && p.isKind(Func{file, fact.Scope(scope)}, class) {
			return true
		}
	}
	return false
}

func (e *Eval) writesIn(found []ExprRef, o *owner) []ExprRef {
	for _, use := range o.uses {
		a := e.access(o.class.File, use)
		if a.write && !e.constructs(a.fn) {
			found = append(found, ExprRef{o.class.File, use})
		}
	}
	return found
}

func (e *Eval) isObjectOf(ref ExprRef, class Func) bool {
	for _, v := range e.Of(ref) {
		if v.Kind == Instance && v.Path == "" && e.p.isKind(v.Def, class) {
			return true
		}
	}
	return false
}
