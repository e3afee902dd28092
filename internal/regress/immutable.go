package regress

import (
	"fmt"
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// writeOnce looks for attributes that base wrote at construction only and that head changes afterwards: those made from a
// copy or something that cannot change, and those that were given and that several methods rely on.
func (c *change) writeOnce() {
	for _, path := range sortedKeys(c.headPath) {
		if c.headPath[path] == "" {
			continue
		}
		base, head := c.source(0, c.byPath[0][path]), c.source(1, c.byPath[1][c.headPath[path]])
		for _, b := range base.bodies {
			h := head.byName[b.key]
			if b.kind != fact.ClassScope || h == nil || b.isTest() {
				continue
			}
			for _, name := range b.constructed() {
				c.changedLater(b, h, name)
			}
			for _, name := range b.given() {
				c.reboundLater(b, h, name)
			}
		}
	}
}

// isConstruction says whether the method makes an object.
func isConstruction(name string) bool {
	switch name {
	case "__init__", "__new__", "__post_init__", "__attrs_post_init__", "__setstate__":
		return true
	}
	return false
}

// methods gives the bodies of the functions defined directly in the class.
func (b *body) methods() []*body {
	var list []*body
	for _, m := range b.bodies {
		if m.kind == fact.FunctionScope && m.Scopes[m.scope].Parent == b.scope {
			list = append(list, m)
		}
	}
	return list
}

// constructed gives the attributes that only the construction writes, and writes an independent value to.
func (b *body) constructed() []string {
	first := map[string]bool{}
	var names []string
	for _, m := range b.methods() {
		if !isConstruction(m.name) {
			continue
		}
		for i := range m.lower() {
			name, object := m.storedName(&m.atoms[i])
			if object != "self" || first[name] {
				continue
			}
			first[name] = true
			if m.isIndependent(m.value(&m.atoms[i])) {
				names = append(names, name)
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return b.changeIn(name) != nil })
}

// leastReaders is how many methods have to read an attribute before the class is taken to rely on it as it was given.
const leastReaders = 2

// given gives the attributes that only the construction writes, as they came in by a parameter, and that methods rely on.
func (b *body) given() []string {
	var names []string
	for _, m := range b.methods() {
		if m.name != "__init__" {
			continue
		}
		for i := range m.lower() {
			name, object := m.storedName(&m.atoms[i])
			v := m.value(&m.atoms[i])
			if object != "self" || v == 0 || m.Exprs[v].Kind != fact.Name || findParameter(m.parameters(), m.text(v)) == nil || slices.Contains(names, name) {
				continue
			}
			if b.changeIn(name) == nil && b.readers(name) >= leastReaders {
				names = append(names, name)
			}
		}
	}
	return names
}

// readers counts the methods that read the attribute after construction.
func (b *body) readers(name string) (n int) {
	for _, m := range b.methods() {
		if !isConstruction(m.name) && slices.ContainsFunc(m.lower(), func(a atom) bool { return mentions(a.key, "self."+name) }) {
			n++
		}
	}
	return n
}

// reboundLater reports a method of both sides in which head changes what was given. Methods that end, begin or set
// something are there to do so.
func (c *change) reboundLater(b, h *body, name string) {
	m := h.changeIn(name)
	if m == nil || !slices.ContainsFunc(b.methods(), func(o *body) bool { return o.name == m.name }) || changesByName(m.name) {
		return
	}
	if a := &m.atoms[m.changesAttribute(name)]; a.kind == assignAtom && m.text(m.value(a)) == "None" {
		return
	}
	c.changedLater(b, h, name)
}

// changesByName says whether a method of this name is there to change the object.
func changesByName(name string) bool {
	if has(name, endWord|shutdownWord) {
		return true
	}
	switch firstWord(name) {
	case "set", "update", "reset", "reload", "refresh", "start", "open", "connect", "reconnect", "setup", "init", "initialize", "configure",
		"load", "enter", "exit", "add", "remove", "register", "replace", "change", "on", "handle", "with", "clear", "prepare", "restore":
		return true
	}
	return false
}

// isIndependent says whether the value is a copy or an object that cannot be changed, made from what was given.
func (b *body) isIndependent(e fact.Expr) bool {
	return b.Exprs[e].Kind == fact.Call && b.copied(e) != 0
}

// changeIn gives the method that changes the attribute after construction; nil where none does.
func (b *body) changeIn(name string) *body {
	for _, m := range b.methods() {
		if !isConstruction(m.name) && m.changesAttribute(name) >= 0 {
			return m
		}
	}
	return nil
}

// changesAttribute gives the first atom that changes self.name in place or stores to it; -1 where none does.
func (b *body) changesAttribute(name string) int {
	attribute := "self." + name
	for i := range b.lower() {
		if stored, object := b.storedName(&b.atoms[i]); stored == name && object == "self" {
			return i
		}
		if b.changesInPlace(i, attribute) {
			return i
		}
	}
	return -1
}

// changesInPlace says whether the atom stores to an item of the object or calls a method that changes it.
func (b *body) changesInPlace(i int, object string) bool {
	changed := false
	eachExpr(b.source, b.atoms[i].exprs, func(e fact.Expr) {
		switch x := &b.Exprs[e]; x.Kind {
		case fact.Subscript:
			changed = changed || x.Flag && b.text(x.A) == object
		case fact.Call:
			if r := b.receiver(e); r != 0 && isMutator(b.method(e)) && b.text(r) == object {
				changed = true
			}
		}
	})
	return changed
}

func isMutator(method string) bool {
	switch method {
	case "append", "extend", "insert", "add", "update", "pop", "popitem", "clear", "remove", "discard", "setdefault", "sort", "reverse",
		"appendleft", "popleft", "difference_update", "intersection_update":
		return true
	}
	return false
}

// changedLater reports the method of head that changes the attribute.
func (c *change) changedLater(b, h *body, name string) {
	m := h.changeIn(name)
	if m == nil {
		return
	}
	i := m.changesAttribute(name)
	var was fact.Span
	for _, init := range b.methods() {
		if k := init.storesAttribute(name); isConstruction(init.name) && k >= 0 {
			was = init.header(k)
		}
	}
	c.losses = append(c.losses, Loss{
		Rule: Removed, Guard: program.Immutability, Shape: "write-once", Func: m.fn(), Symbol: m.qualified, Confidence: 1, Key: "self." + name,
		At: program.Place{File: m.id, Span: m.header(i)}, Base: program.Place{File: b.id, Span: was},
		Message: fmt.Sprintf("self.%s is changed after construction, base only ever made it", name),
	})
}

// storesAttribute gives the first atom that stores to self.name; -1 where none does.
func (b *body) storesAttribute(name string) int {
	for i := range b.lower() {
		if stored, object := b.storedName(&b.atoms[i]); stored == name && object == "self" {
			return i
		}
	}
	return -1
}
