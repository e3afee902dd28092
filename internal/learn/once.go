package learn

import (
	"fmt"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// minOnce is how many attributes a class has to set in its constructor for the rest of them to be told from chance.
const minOnce = 7

// writeOnce mines classes whose attributes are set by the constructor alone, but for a few that another method sets as
// well. A class that no method changes is left to frozen dataclasses to say; the habit is worth reading where it has
// exceptions.
func (m *miner) writeOnce() {
	for file := range m.p.Files {
		if !m.own[file] {
			continue
		}
		m.writeOnceIn(program.FileID(file))
	}
}

// field is an attribute that a constructor sets. One that begins as a constant or empty is state, which is there to be
// set again; one that begins as what was given or made is what a reader takes for settled.
type field struct {
	name  string
	made  program.AttributeStore
	later []program.AttributeStore
}

func (m *miner) writeOnceIn(file program.FileID) {
	facts := m.p.Files[file]
	byClass := map[fact.Scope]map[string]*field{}
	var classes []fact.Scope
	names := map[fact.Scope][]string{}
	stores := m.p.Stores(file)
	for i := range stores {
		s := &stores[i]
		if s.Class == fact.NoScope {
			continue
		}
		fields := byClass[s.Class]
		if fields == nil {
			fields = map[string]*field{}
			byClass[s.Class] = fields
			classes = append(classes, s.Class)
		}
		name := facts.Text(s.Name)
		f := fields[name]
		if f == nil {
			f = &field{name: name}
			fields[name] = f
			names[s.Class] = append(names[s.Class], name)
		}
		if constructs(facts.Text(facts.Scopes[s.Func].Name)) {
			f.made = *s
		} else {
			f.later = append(f.later, *s)
		}
	}
	for _, class := range classes {
		var all []*field
		for _, name := range names[class] {
			if f := byClass[class][name]; f.made.Target != 0 && !isBlank(facts, f.made.Value) {
				all = append(all, f)
			}
		}
		m.writeOnceClass(program.Func{File: file, Scope: class}, all)
	}
}

// constructs reports whether a method runs before anybody else has the object.
func constructs(name string) bool {
	switch name {
	case "__init__", "__new__", "__post_init__", "__setstate__", "__enter__", "__aenter__":
		return true
	}
	return false
}

// isBlank reports whether a first value says that another will follow: None, a constant, an empty container, nothing.
func isBlank(facts *fact.File, value fact.Expr) bool {
	x := &facts.Exprs[value]
	switch x.Kind {
	case fact.NoExpr, fact.NoneConst, fact.TrueConst, fact.FalseConst, fact.IntConst, fact.FloatConst, fact.StrConst, fact.BytesConst:
		return true
	case fact.ListDisplay, fact.DictDisplay, fact.SetDisplay, fact.Tuple:
		return x.Ops.Count == 0
	case fact.Call:
		return x.Ops.Count == 0
	case fact.Unary:
		return isBlank(facts, x.A)
	}
	return false
}

func (m *miner) writeOnceClass(class program.Func, fields []*field) {
	if len(fields) < minOnce {
		return
	}
	v := Invariant{
		Kind: WriteOnce, Guard: program.Immutability, Effect: program.Share, Subject: m.p.Symbol(class), Habit: "constructor",
		Scope: Scope{InClass, m.p.QualifiedName(class)}, Total: len(fields), Base: 0.5,
	}
	for _, f := range fields {
		if len(f.later) == 0 {
			if v.Kept++; len(v.Examples) < maxExamples {
				v.Examples = append(v.Examples, m.p.PlaceOf(program.ExprRef{File: class.File, Expr: f.made.Target}))
			}
			continue
		}
		later := &f.later[0]
		v.Deviants = append(v.Deviants, Deviant{
			At: m.p.PlaceOf(program.ExprRef{File: class.File, Expr: later.Target}), Func: program.Func{File: class.File, Scope: later.Func},
			Text: fmt.Sprintf("%s is set again in %s", f.name, m.p.Symbol(program.Func{File: class.File, Scope: later.Func})),
		})
	}
	if !isHabit(v.Kept, v.Total) || len(v.Deviants) == 0 {
		return
	}
	sortDeviants(v.Deviants)
	v.Statement = fmt.Sprintf("attributes of %s are set in its constructor only", v.Subject)
	m.found = append(m.found, v)
}
