package program

import (
	"slices"
	"sort"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
)

// torn marks the first of several writes that a method of a shared object makes without a lock, where another method
// reads the fields together: the reader may see half of the change.
func (e *Eval) torn(o *owner, sites []Site) []Site {
	together := e.readTogether(o)
	byFunc := map[Func][]int{}
	for i := range sites {
		if len(sites[i].Guards) == 0 && sites[i].Fault == "" && !e.beginsThread(o, &sites[i]) {
			byFunc[sites[i].Func] = append(byFunc[sites[i].Func], i)
		}
	}
	functions := make([]Func, 0, len(byFunc))
	for fn := range byFunc {
		functions = append(functions, fn)
	}
	sort.Slice(functions, func(i, j int) bool { return functions[i].Scope < functions[j].Scope })
	for _, fn := range functions {
		indexes := byFunc[fn]
		var fields []string
		for _, i := range indexes {
			if !slices.Contains(fields, sites[i].Detail) && len(fields) < maxFields {
				fields = append(fields, sites[i].Detail)
			}
		}
		if e.related(fields, together, fn) && !e.firstTime(&sites[indexes[0]], fields) {
			first := &sites[indexes[0]]
			first.Fault = tornUpdate
		}
	}
	return sites
}

// firstTime says whether a write stands under a test that a field of those written with it is still None: they are given
// their values once, and who reads them has to expect that they are not there yet.
func (e *Eval) firstTime(s *Site, fields []string) bool {
	facts := e.p.Files[s.Func.File]
	for outer := range Enclosing(facts, s.Stmt) {
		found := false
		if facts.Stmts[outer].Kind == fact.Arm {
			facts.Walk(facts.Stmts[outer].A, func(x fact.Expr) bool {
				c := &facts.Exprs[x]
				found = found || c.Kind == fact.Compare && c.Op == fact.OpIs && facts.IsNone(c.B) &&
					facts.Exprs[c.A].Kind == fact.Attr && slices.Contains(fields, facts.Text(facts.Exprs[c.A].Text))
				return !found
			})
		}
		if found {
			return true
		}
	}
	return false
}

// beginsThread says whether a write gives a field its first value, where a thread begins its work: in its target and
// outside of loops, in the place of None or nothing. Readers have to expect that it is not there yet.
func (e *Eval) beginsThread(o *owner, s *Site) bool {
	if !slices.Contains(e.p.threadTargets(), s.Func) || Loop(e.p.Files[s.Func.File], s.Stmt) != 0 {
		return false
	}
	for i := range o.accesses {
		a := &o.accesses[i]
		if !a.write || a.field != s.Detail || !e.constructs(a.fn) {
			continue
		}
		facts := e.p.Files[a.fn.File]
		st := &facts.Stmts[a.stmt]
		if k := facts.Exprs[st.A].Kind; st.Kind != fact.Assign && st.Kind != fact.AnnAssign || k != fact.NoneConst && k != fact.FalseConst {
			return false
		}
	}
	return true
}

// maxFields bounds how many fields of one method are compared with those of the others.
const maxFields = 16

// reading is the set of fields that one method reads.
type reading struct {
	fn     Func
	fields []string
}

func (e *Eval) readTogether(o *owner) []reading {
	var readings []reading
	for i := range o.accesses {
		a := &o.accesses[i]
		if a.write || e.constructs(a.fn) {
			continue
		}
		at := slices.IndexFunc(readings, func(r reading) bool { return r.fn == a.fn })
		if at < 0 {
			readings = append(readings, reading{fn: a.fn})
			at = len(readings) - 1
		}
		if !slices.Contains(readings[at].fields, a.field) {
			readings[at].fields = append(readings[at].fields, a.field)
		}
	}
	return readings
}

// related says whether some method that runs in another thread than the writer reads two of the fields.
func (e *Eval) related(fields []string, together []reading, writer Func) bool {
	reached := e.threadOf(writer)
	if reached == nil {
		return false
	}
	for _, r := range together {
		if reached[r.fn] {
			continue
		}
		n := 0
		for _, field := range fields {
			if slices.Contains(r.fields, field) {
				n++
			}
		}
		if n >= 2 {
			return true
		}
	}
	return false
}

// threadOf gives what the thread that runs fn calls: fn is the target of a thread or reached from one. Nil where no
// thread is known to run it.
func (e *Eval) threadOf(fn Func) map[Func]bool {
	for _, target := range e.p.threadTargets() {
		if reached := e.p.reachedFrom(target); reached[fn] {
			return reached
		}
	}
	return nil
}

// reachedFrom gives the functions of the same class or module that fn calls, directly or through others.
func (p *Program) reachedFrom(fn Func) map[Func]bool {
	reached := map[Func]bool{fn: true}
	queue := []Func{fn}
	for len(queue) > 0 {
		next := queue[0]
		queue = queue[1:]
		for i := range p.calls[next.File] {
			call := &p.calls[next.File][i]
			if call.Func != next.Scope {
				continue
			}
			for _, target := range call.Targets {
				if target.File == fn.File && !reached[target] {
					reached[target] = true
					queue = append(queue, target)
				}
			}
		}
	}
	return reached
}

// sharedClasses are the classes of which the program hands one object to several threads: a bound method of an object
// is the target of a thread or is submitted to an executor.
func (p *Program) sharedClasses() map[Func]bool {
	p.findThreads()
	return p.shared.classes
}

// threadTargets are the methods that run in threads of their own, in the order of files.
func (p *Program) threadTargets() []Func {
	p.findThreads()
	return p.shared.targets
}

func (p *Program) findThreads() {
	p.shared.once.Do(func() {
		p.shared.classes = map[Func]bool{}
		for file := range p.calls {
			eval := p.Eval(FileID(file))
			for _, i := range p.marked[file] {
				if method, class, ok := eval.handsToThread(FileID(file), &p.calls[file][i]); ok {
					p.shared.classes[class] = true
					p.shared.targets = append(p.shared.targets, method)
				}
			}
		}
	})
}

// handsToThread gives the method that a call hands to another thread, and the class of its object.
func (e *Eval) handsToThread(file FileID, call *CallInfo) (method, class Func, ok bool) {
	if call.Entry == nil || call.Entry.Offload == nil || call.Entry.Offload.To != "thread" || e.p.IsTest(file) {
		return Func{}, Func{}, false
	}
	if call.Entry.Spawn == nil || call.Entry.Async {
		return Func{}, Func{}, false // to_thread and run_in_executor: the caller waits, so only one of the two runs at a time
	}
	facts := e.p.Files[file]
	value, _ := facts.Argument(call.Expr, call.Entry.Offload.Keyword, call.Entry.Offload.Argument)
	if value == 0 {
		return Func{}, Func{}, false
	}
	v := e.One(ExprRef{file, value})
	if v.Kind != Method || v.Path != "" || v.Recv == nil || v.Recv.Kind != Instance || v.Recv.Path != "" {
		return Func{}, Func{}, false
	}
	return v.Def, v.Recv.Def, true
}

// mutableDefaults finds the parameters whose default is one list, dict or set for all calls and which the function
// changes, and the class attributes of that kind which methods change through self.
func (e *Eval) mutableDefaults(file FileID) []Site {
	facts := e.p.Files[file]
	var sites []Site
	for s := range facts.Scopes {
		scope := &facts.Scopes[s]
		switch scope.Kind {
		case fact.FunctionScope:
			if facts.Scopes[scope.Parent].Kind == fact.FunctionScope {
				continue // it is made anew with the function, at each call of the one around it
			}
			for _, param := range facts.ParamsOf(fact.Scope(s)) {
				if param.Default != 0 && isEmptyContainer(facts, param.Default) && !namesCache(facts.Text(param.Name)) && e.changes(file, param.Symbol) {
					sites = append(sites, e.stateSite(file, fact.Scope(s), param.Default, facts.Text(param.Name), "default of "))
				}
			}
		case fact.ClassScope:
			sites = e.classState(sites, file, fact.Scope(s))
		}
	}
	return sites
}

func (e *Eval) stateSite(file FileID, fn fact.Scope, at fact.Expr, name, what string) Site {
	facts := e.p.Files[file]
	return Site{
		Effect: Share, Func: Func{file, fn}, At: Place{file, facts.Exprs[at].Span}, Expr: at, Stmt: facts.Exprs[at].Stmt,
		What: name, Text: what + name, Detail: what + name, Fault: sharedMutableState, Strict: e.p.IsTest(file),
	}
}

// namesCache says whether a name tells that what it holds is meant to outlive the call.
func namesCache(name string) bool {
	return strings.HasPrefix(name, "_") || strings.Contains(name, "cache") || strings.Contains(name, "memo") || strings.Contains(name, "registry") || strings.Contains(name, "instances")
}

// isEmptyContainer says whether an expression makes an empty list, dict or set. One that is filled from the start is a
// table or a cell, written by somebody who knows that there is one.
func isEmptyContainer(facts *fact.File, e fact.Expr) bool {
	x := &facts.Exprs[e]
	switch x.Kind {
	case fact.ListDisplay, fact.DictDisplay, fact.SetDisplay:
		return x.Ops.Count == 0
	case fact.Call:
		if callee := &facts.Exprs[x.A]; callee.Kind == fact.Name && callee.Sym == 0 && x.Ops.Count == 0 {
			switch facts.Text(callee.Text) {
			case "list", "dict", "set":
				return true
			}
		}
	}
	return false
}

// changes says whether the function changes in place what its parameter holds, without having replaced it before.
func (e *Eval) changes(file FileID, sym fact.Sym) bool {
	facts := e.p.Files[file]
	if facts.Symbols[sym].DefCount > 1 {
		return false
	}
	for i := range facts.Exprs {
		if x := &facts.Exprs[i]; x.Kind == fact.Name && x.Sym == sym && !x.Flag && e.isWrite(file, fact.Expr(i)) {
			return true
		}
	}
	return false
}

// classState adds the attributes of a class that hold one container for all its objects and that a method changes
// through self, where no method gives the object its own.
func (e *Eval) classState(sites []Site, file FileID, class fact.Scope) []Site {
	facts := e.p.Files[file]
	for _, info := range facts.SymbolsOf(class) {
		if info.DefCount != 1 {
			continue
		}
		def := facts.Defs[info.FirstDef]
		if def.Kind != fact.DefAssign || !isEmptyContainer(facts, def.Value) || def.Annotation != 0 && !plainField(facts, class, def.Annotation) {
			continue
		}
		name := facts.Text(info.Name)
		if namesCache(name) {
			continue
		}
		if e.changedThroughSelf(file, class, name) && len(e.p.Bases(Func{file, class})) == 0 {
			sites = append(sites, e.stateSite(file, class, def.Value, name, "class attribute "))
		}
	}
	return sites
}

// plainField says whether an annotated attribute of a class is an ordinary one: no decorator makes a field of it, and it
// is not declared to be one for all.
func plainField(facts *fact.File, class fact.Scope, annotation fact.Expr) bool {
	return facts.Scopes[class].Decorators.Count == 0 && !mentions(facts, annotation, "ClassVar", 0)
}

func (e *Eval) changedThroughSelf(file FileID, class fact.Scope, name string) bool {
	facts := e.p.Files[file]
	changed := false
	for i := range facts.Exprs {
		x := &facts.Exprs[i]
		if x.Kind != fact.Attr || facts.Text(x.Text) != name {
			continue
		}
		if object := &facts.Exprs[x.A]; object.Kind == fact.Name && facts.Text(object.Text) == facts.Text(facts.Scopes[class].Name) {
			return false // used through the class: it is meant to be one for all
		}
		if selfClass(facts, x.A) != class {
			continue
		}
		method := callerScope(facts, x.Scope)
		if x.Flag || facts.Scopes[method].Flags&fact.IsClass != 0 {
			return false
		}
		changed = changed || e.isWrite(file, fact.Expr(i))
	}
	return changed
}
