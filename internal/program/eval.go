package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// Eval answers what expressions denote, on behalf of one file. Its memory is private, so two Evals never disturb
// each other and what one answers depends on the program alone. An Eval must not be used concurrently.
type Eval struct {
	p    *Program
	home FileID
	// memo holds the answers that a cycle or limit cut short; the others are in the program's memory.
	memo map[symbolKey][]Value
	// active and calls are the symbols and functions whose values are being looked for, outermost first.
	active []symbolKey
	calls  []Func
	depth  int
	// cut and top are about the question being answered: whether anything was cut short, and the most steps taken.
	cut bool
	top int
	// storedOn gives by file what storesOn has found.
	storedOn map[FileID]map[ExprRef][]int32
	// customised gives what customisedBound has found, as many calls go through one object.
	customised map[customised]foundBound
	// told gives what toldNotToBlock has found.
	told map[customised]bool
	// numbering is how deep the evaluation of a number is nested, numberSteps what is left for it.
	numbering, numberSteps int
	// room is where answers for the program's memory are made.
	room []answer
}

type symbolKey struct {
	file FileID
	sym  fact.Sym
}

// maxDepth bounds how many steps one question may take through names, attributes and calls.
const maxDepth = 48

// Eval gives an evaluator for questions that start in file.
func (p *Program) Eval(file FileID) *Eval {
	return &Eval{p: p, home: file}
}

// Of gives what the expression may denote: at least one value, among them Unknown where something else is possible.
func (e *Eval) Of(ref ExprRef) []Value {
	if ref.Expr == 0 || !e.enter() {
		return unknown()
	}
	values := e.of(ref)
	e.leave()
	return values
}

func (e *Eval) of(ref ExprRef) []Value {
	file := e.p.Files[ref.File]
	x := &file.Exprs[ref.Expr]
	switch x.Kind {
	case fact.Name:
		return e.name(ref.File, x)
	case fact.Attr:
		return e.attribute(e.Of(ExprRef{ref.File, x.A}), file.Text(x.Text))
	case fact.Call:
		return e.call(ref, e.Of(ExprRef{ref.File, x.A}))
	case fact.Await, fact.Starred:
		return e.Of(ExprRef{ref.File, x.A})
	case fact.Walrus:
		return e.Of(ExprRef{ref.File, x.B})
	case fact.IfExp:
		return e.union(ref.File, x.B, x.C)
	case fact.Bool:
		return e.union(ref.File, file.List(x.Ops)...)
	case fact.Subscript:
		return e.subscript(ref, x)
	case fact.Lambda:
		return []Value{{Kind: Function, Def: Func{ref.File, x.Inner}}}
	case fact.StrConst, fact.BytesConst, fact.IntConst, fact.FloatConst, fact.TrueConst, fact.FalseConst, fact.NoneConst:
		return []Value{constant(ref.File, ref.Expr)}
	case fact.ListDisplay, fact.DictDisplay, fact.SetDisplay, fact.Tuple, fact.Comp, fact.FString:
		return display(ref, x)
	}
	return unknown()
}

// One gives the only value the expression can denote, or Unknown.
func (e *Eval) One(ref ExprRef) Value { return single(e.Of(ref)) }

// display gives the instance of a builtin class that a display or comprehension makes.
func display(ref ExprRef, x *fact.ExprInfo) []Value {
	class := map[fact.ExprKind]string{
		fact.ListDisplay: "builtins.list", fact.DictDisplay: "builtins.dict", fact.SetDisplay: "builtins.set",
		fact.Tuple: "builtins.tuple", fact.FString: "builtins.str",
	}[x.Kind]
	if x.Kind == fact.Comp {
		class = map[fact.Op]string{
			fact.CompList: "builtins.list", fact.CompDict: "builtins.dict", fact.CompSet: "builtins.set",
			fact.CompGenerator: "builtins.generator",
		}[x.Op]
	}
	return []Value{{Kind: Instance, Path: class, Origin: ref}}
}

func (e *Eval) union(file FileID, exprs ...fact.Expr) []Value {
	var values []Value
	for _, expr := range exprs {
		for _, v := range e.Of(ExprRef{file, expr}) {
			if len(exprs) > 1 && e.p.isNone(v) {
				continue // "client or None", "client if x else None": the attribute access that follows is on the client
			}
			values = addValue(values, v)
		}
	}
	if len(values) == 0 {
		return unknown()
	}
	return values
}

func (e *Eval) name(file FileID, x *fact.ExprInfo) []Value {
	if x.Sym != 0 {
		return e.symbol(file, x.Sym)
	}
	name := e.p.Files[file].Text(x.Text)
	if values := e.starred(file, name, nil); values != nil {
		return values
	}
	if isBuiltin(name) {
		return e.p.member("builtins", name).value
	}
	return unknown()
}

// starred looks name up in the modules that file imports with a star; nil where none has it.
func (e *Eval) starred(file FileID, name string, seen map[FileID]bool) []Value {
	facts := e.p.Files[file]
	if facts.Scopes[0].Flags&fact.HasStar == 0 {
		return nil
	}
	if seen == nil {
		seen = map[FileID]bool{}
	}
	seen[file] = true
	for i := len(facts.Imports) - 1; i >= 0; i-- {
		if facts.Text(facts.Imports[i].Name) != "*" {
			continue
		}
		where := &e.p.index[file].imports[i]
		if !where.inside {
			if e.p.entry(where.dotted+"."+name) != nil {
				return e.p.member(where.dotted, name).value
			}
			continue
		}
		other := e.p.modules.opened(where.file)
		if other == noFile || seen[other] {
			continue
		}
		if sym := e.p.lookup(other, 0, name); sym != 0 {
			return e.symbol(other, sym)
		}
		if values := e.starred(other, name, seen); values != nil {
			return values
		}
	}
	return nil
}

// symbol joins what the definitions of a symbol give.
func (e *Eval) symbol(file FileID, sym fact.Sym) []Value {
	return e.remembered(symbolKey{file, sym}, e.p.memory.symbol(file, sym), nothing, func() []Value { return e.defined(file, sym) })
}

// defined joins what the definitions of a symbol give, without memory.
func (e *Eval) defined(file FileID, sym fact.Sym) []Value {
	var values []Value
	defs := e.p.Files[file].DefsOf(sym)
	for i := range defs {
		if defs[i].Kind == fact.DefAugment || defs[i].Kind == fact.DefDelete {
			continue
		}
		if defs[i].Kind == fact.DefAnnotation && len(defs) > 1 && defs[i].Annotation == 0 {
			continue
		}
		found := e.definition(file, &defs[i])
		if len(defs) == 1 && len(found) == 1 {
			return found
		}
		for _, v := range found {
			if len(defs) > 1 && e.p.isNone(v) {
				continue // "x = None" before the real assignment
			}
			values = addValue(values, v)
		}
	}
	if len(values) == 0 {
		values = unknown()
	}
	return values
}

func (e *Eval) definition(file FileID, def *fact.Def) []Value {
	facts := e.p.Files[file]
	if def.Unpacked {
		return e.unpacked(file, def)
	}
	switch def.Kind {
	case fact.DefAssign, fact.DefNamed:
		values := e.Of(ExprRef{file, def.Value})
		if def.Annotation != 0 && allUnknown(values) {
			return e.Annotation(ExprRef{file, def.Annotation})
		}
		return values
	case fact.DefAnnotation:
		return e.Annotation(ExprRef{file, def.Annotation})
	case fact.DefImport:
		return e.imported(file, int(def.Index))
	case fact.DefFunction:
		return []Value{{Kind: Function, Def: Func{file, def.Inner}}}
	case fact.DefClass:
		return []Value{{Kind: Class, Def: Func{file, def.Inner}}}
	case fact.DefParam:
		return e.parameter(file, &facts.Params[def.Index])
	case fact.DefWith:
		return e.entered(e.Of(ExprRef{file, def.Value}))
	case fact.DefExcept:
		return instances(e.Of(ExprRef{file, def.Value}))
	case fact.DefFor, fact.DefComprehension:
		return e.element(file, def.Value)
	}
	return unknown()
}

func allUnknown(values []Value) bool {
	for i := range values {
		if values[i].Kind != Unknown {
			return false
		}
	}
	return true
}

func (e *Eval) unpacked(file FileID, def *fact.Def) []Value {
	x := &e.p.Files[file].Exprs[def.Value]
	if def.Kind != fact.DefUnpack {
		return unknown()
	}
	if x.Kind == fact.Tuple || x.Kind == fact.ListDisplay {
		if def.Index >= 0 && uint32(def.Index) < x.Ops.Count {
			return e.Of(ExprRef{file, e.p.Files[file].List(x.Ops)[def.Index]})
		}
	}
	return unknown()
}

// element gives what iterating over an expression yields, where it is a display of known values.
func (e *Eval) element(file FileID, iterable fact.Expr) []Value {
	facts := e.p.Files[file]
	x := &facts.Exprs[iterable]
	switch x.Kind {
	case fact.Tuple, fact.ListDisplay, fact.SetDisplay:
		if x.Ops.Count > 0 && x.Ops.Count <= maxAlternatives {
			return e.union(file, facts.List(x.Ops)...)
		}
	}
	return unknown()
}

// imported gives what one entry of a file's imports binds.
func (e *Eval) imported(file FileID, index int) []Value {
	facts := e.p.Files[file]
	entry := &facts.Imports[index]
	where := &e.p.index[file].imports[index]
	name := facts.Text(entry.Name)
	if name != "" { // from module import name
		if where.inside {
			return e.attributeOfModule(where.module, where.file, name)
		}
		return e.p.member(where.dotted, name).value
	}
	if entry.HasAs {
		if where.inside {
			return []Value{{Kind: Module, Module: where.module, file: where.file}}
		}
		return []Value{e.external(where.dotted)}
	}
	// "import a.b.c" binds a.
	depth := strings.Count(facts.Text(entry.Module), ".")
	if where.inside {
		module := where.module
		for range depth {
			module = parent(module)
		}
		return []Value{e.p.moduleValue(module)}
	}
	first, _, _ := strings.Cut(where.dotted, ".")
	return []Value{e.external(first)}
}

func (p *Program) moduleValue(module string) Value {
	file := noFile
	if id, ok := p.modules.files[module]; ok {
		file = id
	}
	return Value{Kind: Module, Module: module, file: file}
}

// attributeOfModule gives the attribute name of a module of the program, which has a file or is a mere folder.
func (e *Eval) attributeOfModule(module string, file FileID, name string) []Value {
	if !e.enter() {
		return unknown()
	}
	defer e.leave()
	if file := e.p.modules.opened(file); file != noFile {
		if sym := e.p.lookup(file, 0, name); sym != 0 {
			values := e.symbol(file, sym)
			if !allUnknown(values) {
				return values
			}
		} else if values := e.starred(file, name, nil); values != nil {
			return values
		}
	}
	if sub := join(module, name); e.p.modules.exists(sub) {
		return []Value{e.p.moduleValue(sub)}
	}
	return unknown()
}

// external gives the value of a dotted path outside the program, under its canonical name.
func (e *Eval) external(path string) Value {
	if entry := e.p.entry(path); entry != nil {
		path = entry.Path
	}
	return Value{Kind: External, Path: path}
}

// parameter gives what is known of a parameter: self, its annotation, or the kind of its default.
func (e *Eval) parameter(file FileID, param *fact.Param) []Value {
	facts := e.p.Files[file]
	if class := selfClassOf(facts, param.Symbol); class != fact.NoScope {
		method := facts.Symbols[param.Symbol].Scope
		kind := Instance
		if facts.Scopes[method].Flags&fact.IsClass != 0 || facts.Text(facts.Scopes[method].Name) == "__new__" {
			kind = Class
		}
		return []Value{{Kind: kind, Def: Func{file, class}}}
	}
	switch param.Kind {
	case fact.VarPositional:
		return []Value{{Kind: Instance, Path: "builtins.tuple"}}
	case fact.VarKeyword:
		return []Value{{Kind: Instance, Path: "builtins.dict"}}
	}
	if param.Default != 0 {
		if values := e.injected(ExprRef{file, param.Default}); values != nil {
			return values
		}
	}
	if param.Annotation != 0 {
		return e.Annotation(ExprRef{file, param.Annotation})
	}
	if param.Default != 0 {
		// Callers may pass anything, but what they pass behaves like the default: a client for a client.
		values := e.Of(ExprRef{file, param.Default})
		if v := single(values); v.Kind != Constant {
			return append(append([]Value(nil), values...), Value{})
		}
	}
	return unknown()
}

// subscript gives the class for a parametrised generic and unknown for an element.
func (e *Eval) subscript(ref ExprRef, x *fact.ExprInfo) []Value {
	values := e.Of(ExprRef{ref.File, x.A})
	for i := range values {
		if values[i].Kind != Class && values[i].Kind != External {
			return unknown()
		}
		if values[i].Kind == External && !isClassName(values[i].Path) {
			return unknown()
		}
	}
	return values
}

// isClassName says whether a dotted path looks like a class by the naming convention of PEP 8.
func isClassName(path string) bool {
	last := strings.TrimLeft(path[strings.LastIndexByte(path, '.')+1:], "_")
	return last != "" && last[0] >= 'A' && last[0] <= 'Z'
}
