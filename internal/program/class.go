package program

import (
	"math/bits"
	"slices"
	"sync/atomic"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// resolveBases evaluates the base classes of every class in a file.
func (p *Program) resolveBases(file FileID) map[fact.Scope][]Value {
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
	return bases
}

// Bases gives the direct base classes of a class of the program: Class and External values, and Unknown ones.
func (p *Program) Bases(class Func) []Value {
	return p.index[class.File].classes.bases[class.Scope]
}

// classes keeps what is asked again and again about the classes and large scopes of one file.
type classes struct {
	bases map[fact.Scope][]Value

	ancestors    table[fact.Scope, []Value]
	constructors table[fact.Scope, constructor]
	homes        table[attributeName, *home]
	names        table[fact.Scope, nameIndex]
}

// attributeName is an attribute of a class of the file, or of an instance.
type attributeName struct {
	class    fact.Scope
	instance bool
	name     string
}

// home is where an attribute of a class is found.
type home struct {
	// deciders are those ancestors that decide about the attribute: the first that certainly defines it, or of which
	// nothing is known, and before it those that may define it.
	deciders []Value
	// plain is what the attribute of an object gives of which no more is known than its class, which is self.
	plain atomic.Pointer[answer]
	self  Value
}

func put[K comparable, V any](m map[K]V, key K, value V) map[K]V {
	if m == nil {
		m = map[K]V{}
	}
	m[key] = value
	return m
}

// homeOf finds the home of an attribute of a class or, for instance, of its objects.
func (p *Program) homeOf(class Func, name string, instance bool) *home {
	c := p.index[class.File].classes
	key := attributeName{class.Scope, instance, name}
	hash := hashName(uint64(class.Scope), name)
	if known := c.homes.get(hash, key); known != nil {
		return *known
	}
	h := p.findHome(class, name, instance)
	if p.based {
		h = *c.homes.put(hash, key, h)
	}
	return h
}

func (p *Program) findHome(class Func, name string, instance bool) *home {
	h := &home{self: Value{Kind: Class, Def: class}}
	if instance {
		h.self.Kind = Instance
	}
	ancestors := p.Ancestors(class)
	for i := range ancestors {
		a := &ancestors[i]
		if a.Kind == Class {
			bound := p.lookup(a.Def.File, a.Def.Scope, name) != 0
			if !bound && !(instance && p.stores(a.Def, name)) {
				continue
			}
			h.deciders = append(h.deciders, *a)
			if bound {
				break
			}
			continue
		}
		h.deciders = append(h.deciders, *a)
	}
	return h
}

// stores says whether a method of the class binds the attribute on self.
func (p *Program) stores(class Func, name string) bool {
	index := &p.index[class.File]
	for _, i := range index.storesTo(class.Scope) {
		if p.Files[class.File].Text(index.stores[i].Name) == name {
			return true
		}
	}
	return false
}

// largeScope is from how many symbols on a scope gets an index by name.
const largeScope = 16

// lookup is fact.File.Lookup with an index for large scopes.
func (p *Program) lookup(file FileID, scope fact.Scope, name string) fact.Sym {
	facts := p.Files[file]
	if facts.Scopes[scope].SymCount < largeScope {
		return facts.Lookup(scope, name)
	}
	c := p.index[file].classes
	names := c.names.get(uint32(scope), scope)
	if names == nil {
		names = c.names.put(uint32(scope), scope, indexNames(facts, scope))
	}
	return names.find(facts, name)
}

// nameIndex holds the symbols of a scope at the places that their names hash to. Its length is a power of two.
type nameIndex []fact.Sym

func indexNames(facts *fact.File, scope fact.Scope) nameIndex {
	symbols := facts.SymbolsOf(scope)
	index := make(nameIndex, 1<<bits.Len(uint(2*len(symbols))))
	mask := uint32(len(index) - 1)
	for i := range symbols {
		at := hashName(0, facts.Text(symbols[i].Name)) & mask
		for index[at] != 0 {
			at = (at + 1) & mask
		}
		index[at] = facts.Scopes[scope].FirstSym + fact.Sym(i)
	}
	return index
}

// find gives the first symbol with the name, 0 where there is none.
func (index nameIndex) find(facts *fact.File, name string) fact.Sym {
	mask := uint32(len(index) - 1)
	for at := hashName(0, name) & mask; index[at] != 0; at = (at + 1) & mask {
		if facts.Text(facts.Symbols[index[at]].Name) == name {
			return index[at]
		}
	}
	return 0
}

// maxAncestors bounds the linearisation, so that cyclic and doubling hierarchies end.
const maxAncestors = 64

// Ancestors gives the class and its bases in the order in which attributes are looked up: depth first, left to
// right, each class once at its last place. It differs from C3 only for hierarchies that C3 would order otherwise
// among unrelated bases, which does not change which class defines an attribute in practice.
// The slice belongs to the program.
func (p *Program) Ancestors(class Func) []Value {
	c := &p.index[class.File].classes.ancestors
	if order := c.get(uint32(class.Scope), class.Scope); order != nil {
		return *order
	}
	order := p.ancestors(Value{Kind: Class, Def: class})
	if p.based {
		c.put(uint32(class.Scope), class.Scope, order)
	}
	return order
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
	if len(values) == 1 {
		if result := e.attributeOf(&values[0], name); len(result) > 0 {
			return result
		}
		return unknown()
	}
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
		if _, holds := e.p.modules.dirs[v.Module]; holds {
			e.p.stepped.note(join(v.Module, name))
		}
		return e.attributeOfModule(v.Module, v.file, name)
	case External:
		return e.p.member(v.Path, name).value
	case Instance:
		if v.Path != "" {
			return e.externalAttribute(v, v.Path, name)
		}
		return e.classAttribute(v, v.Def, name)
	case Class:
		return e.classAttribute(v, v.Def, name)
	case Super:
		e.cut = e.cut || !e.p.based
		return e.ancestorAttribute(v.Recv, e.p.Ancestors(v.Def)[1:], name)
	case Function:
		if class := e.decoratedInto(v.Def); class != "" {
			return e.externalAttribute(&Value{Kind: Instance, Path: class}, class, name)
		}
	case Partial:
		if name == "func" {
			return []Value{*v.Recv}
		}
	}
	return unknown()
}

// decoratedInto gives the library's class of what a decorator makes of a function: celery.Task of one under @app.task; ""
// where it stays a function.
func (e *Eval) decoratedInto(fn Func) string {
	facts := e.p.Files[fn.File]
	for _, decorator := range facts.List(facts.Scopes[fn.Scope].Decorators) {
		if facts.Exprs[decorator].Kind == fact.Call {
			decorator = facts.Exprs[decorator].A
		}
		// Names first: to look every decorator up for every attribute of a function would cost more than all else.
		if name := facts.Text(facts.Exprs[decorator].Text); !containsFold(name, "task") && !containsFold(name, "actor") {
			continue
		}
		for _, v := range e.Of(ExprRef{fn.File, decorator}) {
			if v.Path == "" {
				continue
			}
			if entry := e.p.entry(v.Path); entry != nil && entry.Decorates != "" {
				return entry.Decorates
			}
		}
	}
	return ""
}

// externalAttribute gives the attribute of an instance of a library's class.
func (e *Eval) externalAttribute(recv *Value, class, name string) []Value {
	m := e.p.member(class, name)
	if m.class != "" {
		return []Value{{Kind: Instance, Path: m.class, Origin: recv.Origin, Recv: recv}}
	}
	return []Value{{Kind: Method, Path: m.path, Recv: recv}}
}

// classAttribute looks name up in a class and its bases, recv being the object or class it is asked of.
func (e *Eval) classAttribute(recv *Value, class Func, name string) []Value {
	h := e.p.homeOf(class, name, recv.Kind == Instance)
	if *recv != h.self || !e.p.based {
		e.cut = e.cut || !e.p.based // not to be remembered
		return e.ancestorAttribute(recv, h.deciders, name)
	}
	if values, ok := e.recall(&h.plain); ok {
		return values
	}
	q := e.ask(&h.plain)
	values := e.ancestorAttribute(&h.self, h.deciders, name)
	e.answered(q, values)
	return values
}

func (e *Eval) ancestorAttribute(recv *Value, ancestors []Value, name string) []Value {
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
	var values, stored []Value
	if sym := e.p.lookup(class.File, class.Scope, name); sym != 0 {
		values = e.bound(recv, e.symbol(class.File, sym))
	}
	if recv.Kind == Instance {
		stored = e.stored(class, name)
	}
	if len(values) == 0 {
		values = stored
	} else if len(stored) > 0 {
		values = slices.Clone(values)
		for i := range stored {
			values = addValue(values, stored[i])
		}
	}
	if len(values) > 1 {
		values = dropNone(e.p, values)
	}
	return values
}

// bound binds each of the values; the slice may be the one given.
func (e *Eval) bound(recv *Value, values []Value) []Value {
	if !slices.ContainsFunc(values, func(v Value) bool { return v.Kind == Function }) {
		return values
	}
	var result []Value
	for i := range values {
		result = addValue(result, e.bind(recv, values[i]))
	}
	return result
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
	index := &e.p.index[class.File]
	var values []Value
	first := true
	for _, i := range index.storesTo(class.Scope) {
		s := &index.stores[i]
		if facts.Text(s.Name) != name {
			continue
		}
		key := symbolKey{class.File, fact.Sym(i) | attributeKey}
		find := func() []Value { return e.storedValue(class.File, s) }
		one := e.remembered(key, e.p.memory.store(class.File, i), nil, find)
		if first {
			values, first = one, false
			continue
		}
		values = slices.Clone(values) // what is remembered must stay as it is
		for j := range one {
			values = addValue(values, one[j])
		}
	}
	return values
}

// attributeKey keeps the memory of attribute stores, which are named by their number in the index, apart from
// that of symbols.
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
	if !slices.ContainsFunc(values, p.isNone) {
		return values
	}
	kept := make([]Value, 0, len(values))
	for _, v := range values {
		if !p.isNone(v) {
			kept = append(kept, v)
		}
	}
	return kept
}
