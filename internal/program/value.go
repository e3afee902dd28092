package program

import "github.com/tiebeam/tiebeam/internal/fact"

// ValueKind says what an expression denotes.
type ValueKind uint8

// The kinds of value.
const (
	// Unknown is what cannot be shown. It is an alternative like any other: [Instance, Unknown] means "sometimes".
	Unknown ValueKind = iota
	// Module is a module of the program: Module names it.
	Module
	// External is a module, function, class or object outside the program: Path names it ("requests.get").
	External
	// Function is a function or lambda of the program: Def.
	Function
	// Class is a class of the program: Def is its scope.
	Class
	// Instance is an object: of the program's class Def, or, where Path is set, of the external class Path.
	Instance
	// Method is a bound method: Def of the program, or Path ("requests.Session.get"); Recv is the receiver.
	Method
	// Partial is functools.partial: Recv is the function, Origin the call that binds the arguments.
	Partial
	// Constant is a literal: Origin is the expression.
	Constant
	// Super is super() inside a method: Def is the class whose bases are searched, Recv the receiver.
	Super
)

// Value is one thing an expression may denote. The zero Value is Unknown.
type Value struct {
	Kind ValueKind
	// file is that of a Module, noFile where it has none.
	file   FileID
	Path   string
	Module string
	Def    Func
	// Origin is the expression that made the value: the construction of an instance, the literal, the partial call.
	Origin ExprRef
	Recv   *Value
}

// maxAlternatives bounds how many values one expression is tracked with; more collapse to Unknown.
const maxAlternatives = 8

// addValue puts v into values unless it is there.
func addValue(values []Value, v Value) []Value {
	for i := range values {
		if values[i].same(&v) {
			return values
		}
	}
	if len(values) >= maxAlternatives {
		values[len(values)-1] = Value{}
		return values
	}
	return append(values, v)
}

func (v *Value) same(w *Value) bool {
	if v.Kind != w.Kind || v.Path != w.Path || v.Module != w.Module || v.Def != w.Def || v.Origin != w.Origin {
		return false
	}
	if v.Recv == nil || w.Recv == nil {
		return v.Recv == w.Recv
	}
	return v.Recv.same(w.Recv)
}

// TypeName is the dotted path of an external class or the qualified name of the program's own, for messages.
func (p *Program) TypeName(v Value) string {
	if v.Path != "" {
		return v.Path
	}
	switch v.Kind {
	case Function, Class, Instance, Method:
		return p.QualifiedName(v.Def)
	case Module:
		return v.Module
	}
	return ""
}

// QualifiedName is the module path and qualified name of a scope of the program: "shop.http:session" without a
// fixed import root, so it is stable between snapshots of the same tree.
func (p *Program) QualifiedName(fn Func) string {
	name, _ := ModulePath(p.Files[fn.File].Path)
	if symbol := p.Files[fn.File].Symbol(fn.Scope); symbol != "" {
		return name + ":" + symbol
	}
	return name
}

// single gives the only alternative, or Unknown.
func single(values []Value) Value {
	if len(values) == 1 {
		return values[0]
	}
	return Value{}
}

// nothing is the answer where nothing is known. It is full, so that to append to it copies it.
var nothing = []Value{{}}

func unknown() []Value { return nothing }

func constant(file FileID, e fact.Expr) Value {
	return Value{Kind: Constant, Origin: ExprRef{file, e}}
}

// isNone says whether v is the constant None.
func (p *Program) isNone(v Value) bool {
	return v.Kind == Constant && p.Files[v.Origin.File].IsNone(v.Origin.Expr)
}
