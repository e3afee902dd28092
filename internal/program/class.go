package program

import "github.com/tiebeam/tiebeam/internal/fact"

// resolveBases evaluates the base classes of every class in a file.
func (p *Program) resolveBases(file FileID) {
	facts := p.Files[file]
	bases := map[fact.Scope][]Value{}
	var eval *Eval
	for s := range facts.Scopes {
		scope := &facts.Scopes[s]
		if scope.Kind != fact.ClassScope || scope.Arguments.Count == 0 {
			continue
		}
		if eval == nil {
			eval = p.Eval(file)
		}
		var values []Value
		for _, base := range facts.List(scope.Arguments) {
			if x := &facts.Exprs[base]; x.Kind == fact.Keyword || x.Kind == fact.Starred {
				continue
			}
			values = append(values, single(eval.Of(ExprRef{file, base})))
		}
		bases[fact.Scope(s)] = values
	}
	p.index[file].bases = bases
}

// Bases gives the direct base classes of a class of the program: Class and External values, and Unknown ones.
func (p *Program) Bases(class Func) []Value { return p.index[class.File].bases[class.Scope] }

// maxAncestors bounds the linearisation, so that cyclic and doubling hierarchies end.
const maxAncestors = 64

// Ancestors gives the class and its bases in the order in which attributes are looked up: depth first, left to
// right, each class once at its last place. It differs from C3 only for hierarchies that C3 would order otherwise
// among unrelated bases, which does not change which class defines an attribute in practice.
func (p *Program) Ancestors(class Func) []Value {
	return p.ancestors(Value{Kind: Class, Def: class})
}

func (p *Program) ancestors(class Value) []Value {
	var order []Value
	var visit func(v Value, depth int)
	visit = func(v Value, depth int) {
		if len(order) >= maxAncestors || depth > maxAncestors {
			return
		}
		for i := range order {
			if order[i].same(&v) {
				if depth == 0 {
					return
				}
				order = append(order[:i], order[i+1:]...)
				break
			}
		}
		order = append(order, v)
		if v.Kind != Class {
			return
		}
		for _, base := range p.Bases(v.Def) {
			if base.Kind == Class && base.Def == class.Def {
				continue // a class that inherits from itself
			}
			visit(base, depth+1)
		}
	}
	visit(class, 0)
	return order
}

// Inherits says whether the class or one of its bases is the external class path.
func (p *Program) Inherits(class Func, path string) bool {
	for _, base := range p.Ancestors(class) {
		if base.Kind == External && base.Path == path {
			return true
		}
	}
	return false
}

// Stores gives the statements of a file that bind attributes. The slice belongs to the program.
func (p *Program) Stores(file FileID) []AttributeStore { return p.index[file].stores }

// attribute gives what .name is on each of the values.
func (e *Eval) attribute(values []Value, name string) []Value {
	var result []Value
	for i := range values {
		for _, v := range e.attributeOf(&values[i], name) {
			result = addValue(result, v)
		}
	}
	if len(result) == 0 {
		return unknown()
	}
	return result
}

func (e *Eval) attributeOf(v *Value, name string) []Value {
	switch v.Kind {
	case Module:
		return e.member(v.Module, name)
	case External:
		return []Value{e.external(v.Path + "." + name)}
	case Instance:
		if v.Path != "" {
			return e.externalAttribute(v, v.Path, name)
		}
		return e.classAttribute(v, e.p.Ancestors(v.Def), name)
	case Class:
		return e.classAttribute(v, e.p.Ancestors(v.Def), name)
	case Super:
		ancestors := e.p.Ancestors(v.Def)
		return e.classAttribute(v.Recv, ancestors[1:], name)
	case Partial:
		if name == "func" {
			return []Value{*v.Recv}
		}
	}
	return unknown()
}

// externalAttribute gives the attribute of an instance of a library's class.
func (e *Eval) externalAttribute(recv *Value, class, name string) []Value {
	if entry := e.p.Catalog.Lookup(class); entry != nil {
		if attr, ok := entry.Attributes[name]; ok {
			return []Value{{Kind: Instance, Path: attr, Origin: recv.Origin, Recv: recv}}
		}
	}
	path := class + "." + name
	if entry := e.p.Catalog.Lookup(path); entry != nil {
		path = entry.Path
	}
	return []Value{{Kind: Method, Path: path, Recv: recv}}
}

// classAttribute looks name up along the ancestors, recv being the object or class it is asked of.
func (e *Eval) classAttribute(recv *Value, ancestors []Value, name string) []Value {
	for i := range ancestors {
		a := &ancestors[i]
		switch a.Kind {
		case Class:
			if values := e.ownAttribute(recv, a.Def, name); values != nil {
				return values
			}
		case External:
			if a.Path == "builtins.object" || a.Path == "abc.ABC" || a.Path == "typing.Generic" || a.Path == "typing.Protocol" {
				continue
			}
			return e.externalAttribute(recv, a.Path, name)
		default:
			return unknown()
		}
	}
	return unknown()
}

// ownAttribute gives what a class itself defines under name: a method, a class attribute or an attribute that its
// methods store on self. Nil where it defines nothing.
func (e *Eval) ownAttribute(recv *Value, class Func, name string) []Value {
	facts := e.p.Files[class.File]
	var values []Value
	if sym := facts.Lookup(class.Scope, name); sym != 0 {
		for _, v := range e.symbol(class.File, sym) {
			values = addValue(values, e.bind(recv, v))
		}
	}
	if recv.Kind == Instance {
		for _, v := range e.stored(class, name) {
			values = addValue(values, v)
		}
	}
	if len(values) > 1 {
		values = dropNone(e.p, values)
	}
	return values
}

// bind makes a method of a function found in a class, unless it is static; a property gives what it returns.
func (e *Eval) bind(recv *Value, v Value) Value {
	if v.Kind != Function {
		return v
	}
	scope := &e.p.Files[v.Def.File].Scopes[v.Def.Scope]
	if scope.Kind != fact.FunctionScope {
		return v
	}
	switch {
	case scope.Flags&fact.IsProperty != 0 && recv.Kind == Instance:
		return single(e.result(v.Def))
	case scope.Flags&fact.IsStatic != 0:
		return v
	case recv.Kind == Class && scope.Flags&fact.IsClass == 0:
		return v // Class.method: unbound
	}
	return Value{Kind: Method, Def: v.Def, Recv: recv}
}

// stored gives what the methods of a class assign to self.name.
func (e *Eval) stored(class Func, name string) []Value {
	facts := e.p.Files[class.File]
	stores := e.p.index[class.File].stores
	var values []Value
	for i := range stores {
		s := &stores[i]
		if s.Class != class.Scope || facts.Text(s.Name) != name {
			continue
		}
		key := symbolKey{class.File, fact.Sym(s.Target) | attributeKey}
		stored, ok := e.memo[key]
		if !ok && !e.active[key] {
			e.active[key] = true
			stored = e.storedValue(class.File, s)
			delete(e.active, key)
			e.memo[key] = stored
		}
		for _, v := range stored {
			values = addValue(values, v)
		}
	}
	return values
}

// attributeKey keeps the memory of attribute stores, which are named by their target expression, apart from that
// of symbols.
const attributeKey fact.Sym = 1 << 31

func (e *Eval) storedValue(file FileID, s *AttributeStore) []Value {
	switch {
	case s.Value != 0:
		values := e.Of(ExprRef{file, s.Value})
		if s.Annotation != 0 && allUnknown(values) {
			return e.Annotation(ExprRef{file, s.Annotation})
		}
		return values
	case s.Annotation != 0:
		return e.Annotation(ExprRef{file, s.Annotation})
	}
	if st := &e.p.Files[file].Stmts[s.Stmt]; st.Kind == fact.Item && st.B == s.Target {
		return e.entered(e.Of(ExprRef{file, st.A}))
	}
	return nil
}

// dropNone removes the constant None from alternatives: "self.client = None" in __init__ says that the attribute is
// set later, not what it is.
func dropNone(p *Program, values []Value) []Value {
	kept := values[:0]
	for _, v := range values {
		if p.isNone(v) {
			continue
		}
		kept = append(kept, v)
	}
	return kept
}
