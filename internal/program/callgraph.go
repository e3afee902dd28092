package program

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/catalog"
	"github.com/tiebeam/tiebeam/internal/fact"
)

// CallInfo is what is known of one call.
type CallInfo struct {
	Expr fact.Expr
	// Func is the function whose code makes the call (for a call in a lambda, the lambda).
	Func fact.Scope
	// Targets are the functions of the program that may run: the function, the method, or a class's constructor.
	Targets []Func
	// Classes are the classes of the program that the call may construct.
	Class Func
	// Path is the canonical path of the library callable, "" where there is none or several.
	Path string
	// Entry is the catalog's row for Path, nil where it has none.
	Entry *catalog.Entry
	// Receiver is the object a method is called on; its Kind is Unknown for plain functions. It is never nil.
	Receiver *Value
	// Bound is the functools.partial call whose arguments are added, if any.
	Bound ExprRef
}

// resolveCalls finds the callees of every call in a file, and lists the notable ones.
func (p *Program) resolveCalls(file FileID) (calls []CallInfo, marked []int32) {
	facts := p.Files[file]
	exprs := p.index[file].calls
	if len(exprs) == 0 {
		return nil, nil
	}
	r := resolver{p: p, eval: p.Eval(file), facts: facts}
	calls = make([]CallInfo, len(exprs))
	r.targets = make([]Func, 0, len(exprs)) // of all calls, as most have one or none
	for i, expr := range exprs {
		call := &calls[i]
		name, named := writtenCallee(facts, facts.Exprs[expr].A)
		same := &r.same[name.slot()]
		if named && same.name == name && same.known {
			*call = calls[same.call]
		} else {
			r.resolve(call, facts.Exprs[expr].A)
			if named && !r.eval.cut {
				*same = sameCallee{name, true, int32(i)}
			}
		}
		call.Expr, call.Func = expr, callerScope(facts, facts.Exprs[expr].Scope)
		if p.notable(facts, call) {
			marked = append(marked, int32(i))
		}
	}
	return calls, marked
}

// resolver finds the callees of the calls of one file.
type resolver struct {
	p       *Program
	eval    *Eval
	facts   *fact.File
	targets []Func
	same    [64]sameCallee
}

// sameCallee remembers the last of the calls whose callee is written in one way, as what that denotes is the same
// everywhere in the file.
type sameCallee struct {
	name  calleePath
	known bool
	call  int32
}

// calleePath is a name with up to two attributes behind it: the symbol of the name, or its text where it has none.
type calleePath struct {
	sym        fact.Sym
	first, end fact.Str
}

func (c calleePath) slot() uint32 {
	return (uint32(c.sym)*0x9E3779B1 + uint32(c.first)*0x85EBCA6B + uint32(c.end)*0xC2B2AE35) >> (32 - 6)
}

// writtenCallee reads the callee of a call; ok is false where it is written in another way.
func writtenCallee(facts *fact.File, callee fact.Expr) (c calleePath, ok bool) {
	x := &facts.Exprs[callee]
	if x.Kind == fact.Attr {
		c.end = x.Text
		x = &facts.Exprs[x.A]
		if x.Kind == fact.Attr {
			c.first = x.Text
			x = &facts.Exprs[x.A]
		}
	}
	if x.Kind != fact.Name || x.Sym == 0 && c.first != 0 {
		return calleePath{}, false
	}
	if c.sym = x.Sym; c.sym == 0 {
		c.first = x.Text
	}
	return c, true
}

// resolve fills in what a call calls.
func (r *resolver) resolve(call *CallInfo, callee fact.Expr) {
	first := len(r.targets)
	call.Receiver, call.Targets = &nothing[0], r.targets[first:]
	r.eval.cut = false
	callees := r.eval.Of(ExprRef{r.eval.home, callee})
	for j := range callees {
		r.p.addCallee(r.eval, call, &callees[j])
	}
	if len(call.Targets) <= cap(r.targets)-first {
		r.targets = r.targets[:first+len(call.Targets)]
	}
	if call.Targets = slices.Clip(call.Targets); len(call.Targets) == 0 {
		call.Targets = nil
	}
}

// callerScope is the function, class body or module that runs code of scope s: comprehensions belong to what
// surrounds them.
func callerScope(facts *fact.File, s fact.Scope) fact.Scope {
	for s != fact.NoScope && s != 0 {
		switch facts.Scopes[s].Kind {
		case fact.ComprehensionScope, fact.TypeScope:
			s = facts.Scopes[s].Parent
		default:
			return s
		}
	}
	return 0
}

func (p *Program) addCallee(eval *Eval, call *CallInfo, callee *Value) {
	switch callee.Kind {
	case Function:
		call.Targets = append(call.Targets, callee.Def)
	case Method:
		if callee.Path == "" {
			call.Targets = append(call.Targets, callee.Def)
		} else if p.addExternal(call, callee.Path) && call.Receiver.Kind != Unknown && callee.Recv != nil {
			call.Receiver = callee.Recv // the object is the one that the row speaks of
		}
		if callee.Recv != nil && call.Receiver.Kind == Unknown {
			call.Receiver = callee.Recv
		}
	case External:
		p.addExternal(call, callee.Path)
	case Partial:
		call.Bound = callee.Origin
		p.addCallee(eval, call, callee.Recv)
	case Class:
		call.Class = callee.Def
		p.addConstructor(eval, call, callee)
	case Instance:
		if callee.Path == "" {
			for _, v := range eval.classAttribute(callee, callee.Def, "__call__") {
				if v.Kind == Method && v.Path == "" {
					call.Targets = append(call.Targets, v.Def)
				}
			}
		} else if path := callee.Path + ".__call__"; p.entry(path) != nil && p.addExternal(call, path) && call.Receiver.Kind == Unknown {
			call.Receiver = callee
		}
	}
}

// constructor is what constructing a class of the program runs: its __init__, a symbol of a class of a file, or the library
// class that constructs where the program defines none. The zero constructor is not known.
type constructor struct {
	file FileID
	init fact.Sym
	path string
}

// addConstructor adds __init__, or the library class that constructs where the program's class defines none.
func (p *Program) addConstructor(eval *Eval, call *CallInfo, class *Value) {
	c := &p.index[class.Def.File].classes.constructors
	scope := class.Def.Scope
	known := c.get(uint32(scope), scope)
	if known == nil {
		known = c.put(uint32(scope), scope, p.constructorOf(class.Def))
	}
	if known.path != "" {
		p.addExternal(call, known.path)
	} else if known.init != 0 {
		if v := single(eval.symbol(known.file, known.init)); v.Kind == Function {
			call.Targets = append(call.Targets, v.Def)
		}
	}
}

func (p *Program) constructorOf(class Func) constructor {
	for _, base := range p.Ancestors(class) {
		switch base.Kind {
		case External:
			if p.entry(base.Path) != nil {
				return constructor{path: base.Path}
			}
			return constructor{}
		case Class:
			if sym := p.lookup(base.Def.File, base.Def.Scope, "__init__"); sym != 0 {
				return constructor{file: base.Def.File, init: sym}
			}
		default:
			return constructor{}
		}
	}
	return constructor{}
}

// addExternal notes a library callee. Of several, the one that the catalog knows is kept; it says whether that is path.
func (p *Program) addExternal(call *CallInfo, path string) bool {
	entry := p.entry(path)
	if call.Path != "" && (call.Entry != nil || entry == nil) {
		return false
	}
	call.Path, call.Entry = path, entry
	return true
}

// CallSite is one call of a function, seen from the callee.
type CallSite struct {
	File FileID
	// Index is the position in Program.Calls(File).
	Index int32
}

// callGraph holds for each function of the program the calls that may run it: those of scope s of file f are
// sites[first[base[f]+s]:first[base[f]+s+1]].
type callGraph struct {
	base  []int32 // by file: how many scopes the files before have
	first []int32
	sites []CallSite
}

// linkCalls turns the calls round. It is a counting sort by callee, which keeps the order of files and positions.
func (p *Program) linkCalls() callGraph {
	g := callGraph{base: make([]int32, len(p.Files))}
	scopes := int32(0)
	for file := range p.Files {
		g.base[file] = scopes
		scopes += int32(len(p.Files[file].Scopes))
	}
	g.first = make([]int32, scopes+2)
	counts := g.first[2:] // one further on, so that filling moves each count to where its scope begins
	edges := int32(0)
	for file := range p.calls {
		for i := range p.calls[file] {
			for _, target := range p.calls[file][i].Targets {
				counts[g.scope(target)]++
				edges++
			}
		}
	}
	for i := range counts {
		g.first[i+2] += g.first[i+1]
	}
	g.sites = make([]CallSite, edges)
	next := g.first[1:]
	for file := range p.calls {
		for i := range p.calls[file] {
			for _, target := range p.calls[file][i].Targets {
				at := &next[g.scope(target)]
				g.sites[*at] = CallSite{FileID(file), int32(i)}
				*at++
			}
		}
	}
	return g
}

func (g *callGraph) scope(fn Func) int32 { return g.base[fn.File] + int32(fn.Scope) }

// Callers gives the known calls of fn, in the order of files and positions. The slice belongs to the program.
func (p *Program) Callers(fn Func) []CallSite {
	if int(fn.Scope) >= len(p.Files[fn.File].Scopes) {
		return nil
	}
	at := p.graph.scope(fn)
	return p.graph.sites[p.graph.first[at]:p.graph.first[at+1]:p.graph.first[at+1]]
}

// Call gives what is known of a call site.
func (p *Program) Call(site CallSite) *CallInfo { return &p.calls[site.File][site.Index] }
