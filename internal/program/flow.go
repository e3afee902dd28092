package program

import "github.com/tiebeam/tiebeam/internal/fact"

// mark is a set of states in which control may be: the obligation is still open, or it is met.
type mark uint8

const (
	open mark = 1 << iota // not yet released, awaited, handed on...
	met
)

// outcome says in which states control leaves a statement by each way out.
type outcome struct {
	fall, leave, raise, brk, cont mark // leave: return
}

func (o *outcome) or(p outcome) {
	o.fall |= p.fall
	o.leave |= p.leave
	o.raise |= p.raise
	o.brk |= p.brk
	o.cont |= p.cont
}

// obligation is something that a function has to meet on every path: a resource to be released, a task to be
// awaited. The flow asks it what each simple step does.
type obligation interface {
	// step says whether the expressions of one statement meet the obligation, and whether they may raise before.
	step(exprs ...fact.Expr) (meets, raises bool)
	// entered says whether the context expression of a with item meets it when the block is left.
	entered(item fact.Expr) bool
	// refines says what a condition tells about the obligation: in which branch it cannot be open.
	refines(test fact.Expr) (thenMet, elseMet bool)
	// inner says whether a nested function or class takes it over.
	inner(s fact.Scope) bool
}

// flow follows one obligation through the statements of a function.
type flow struct {
	facts *fact.File
	duty  obligation
	// final counts the finally blocks around the statement being run. What raises there is not followed, and a
	// release under a condition counts: "if opened_here: handle.close()" is written by somebody who thought of it.
	final int
}

// after gives how control leaves the function when the obligation arises in statement s, which has just completed.
func (f *flow) after(s fact.Stmt) outcome {
	return f.resume(s, outcome{fall: open})
}

// resume carries the outcome of child outwards: the rest of its block, then the compound statement around it.
func (f *flow) resume(child fact.Stmt, o outcome) outcome {
	for {
		parent := f.facts.Stmts[child].Parent
		end := f.end(child, parent)
		rest := f.run(f.facts.Stmts[child].Next, end, o.fall)
		o.fall = 0
		o.or(rest)
		if parent == 0 {
			return o
		}
		// parent is a block (Body, Arm, Handler...), whose own parent is the compound statement.
		child, o = f.leaveBlock(parent, o)
	}
}

// end is where the block that holds child stops.
func (f *flow) end(child, parent fact.Stmt) fact.Stmt {
	if parent != 0 {
		return f.facts.Stmts[parent].Next
	}
	return f.facts.Scopes[f.facts.Stmts[child].Scope].BodyEnd
}

// leaveBlock gives the compound statement that block belongs to, and how control leaves that when o is how it leaves
// the block.
func (f *flow) leaveBlock(block fact.Stmt, o outcome) (fact.Stmt, outcome) {
	compound := f.facts.Stmts[block].Parent
	if compound == 0 {
		return block, o
	}
	switch f.facts.Stmts[compound].Kind {
	case fact.Try:
		return compound, f.leaveTry(compound, block, o)
	case fact.For, fact.While:
		return compound, f.leaveLoop(compound, block, o)
	case fact.With:
		return compound, f.leaveWith(compound, o)
	}
	return compound, o
}

func (f *flow) leaveLoop(loop, block fact.Stmt, o outcome) outcome {
	if f.facts.Stmts[block].Kind == fact.Body {
		o.fall |= o.brk | o.cont
		o.brk, o.cont = 0, 0
	}
	return o
}

func (f *flow) leaveWith(with fact.Stmt, o outcome) outcome {
	for item := range f.facts.Block(with) {
		if f.facts.Stmts[item].Kind == fact.Item && f.duty.entered(f.facts.Stmts[item].A) {
			return o.allMet()
		}
	}
	return o
}

func (o outcome) allMet() outcome {
	for _, m := range []*mark{&o.fall, &o.leave, &o.raise, &o.brk, &o.cont} {
		if *m != 0 {
			*m = met
		}
	}
	return o
}

// leaveTry applies the clauses of a try statement that come after block.
func (f *flow) leaveTry(try, block fact.Stmt, o outcome) outcome {
	if f.facts.Stmts[block].Kind == fact.Body {
		o = f.handlers(try, o)
	}
	if f.facts.Stmts[block].Kind != fact.Finally {
		for clause := range f.facts.Block(try) {
			if f.facts.Stmts[clause].Kind == fact.Finally {
				o = f.finally(clause, o)
			}
		}
	}
	return o
}

// handlers applies the except and else clauses to the way in which control leaves the body of a try statement.
func (f *flow) handlers(try fact.Stmt, o outcome) outcome {
	caught, fell := o.raise, o.fall
	var handled outcome
	for clause := range f.facts.Block(try) {
		switch st := &f.facts.Stmts[clause]; {
		case st.Kind == fact.Handler && caught != 0:
			handled.or(f.block(clause, caught))
			if catchesAll(f.facts, st.A) {
				o.raise = 0
			}
		case st.Kind == fact.Else && fell != 0:
			o.fall = 0
			handled.or(f.block(clause, fell))
		}
	}
	o.or(handled)
	return o
}

// finally runs the finally block on every way out of what it protects.
func (f *flow) finally(clause fact.Stmt, o outcome) outcome {
	var result outcome
	through := func(in mark, out func(mark)) {
		if in == 0 {
			return
		}
		f.final++
		r := f.block(clause, in)
		f.final--
		out(r.fall)
		r.fall = 0
		result.or(r)
	}
	through(o.fall, func(m mark) { result.fall |= m })
	through(o.leave, func(m mark) { result.leave |= m })
	through(o.raise, func(m mark) { result.raise |= m })
	through(o.brk, func(m mark) { result.brk |= m })
	through(o.cont, func(m mark) { result.cont |= m })
	return result
}

// catchesAll says whether a handler for type t catches every ordinary exception.
func catchesAll(facts *fact.File, t fact.Expr) bool {
	if t == 0 {
		return true
	}
	x := &facts.Exprs[t]
	switch x.Kind {
	case fact.Name, fact.Attr:
		name := facts.Text(x.Text)
		return name == "Exception" || name == "BaseException"
	case fact.Tuple:
		for _, part := range facts.List(x.Ops) {
			if catchesAll(facts, part) {
				return true
			}
		}
	}
	return false
}

// block runs the statements of a block.
func (f *flow) block(b fact.Stmt, in mark) outcome {
	return f.run(b+1, f.facts.Stmts[b].Next, in)
}

// run executes the statements [first, end) in order.
func (f *flow) run(first, end fact.Stmt, in mark) outcome {
	o := outcome{fall: in}
	for s := first; s < end && o.fall != 0; s = f.facts.Stmts[s].Next {
		r := f.statement(s, o.fall)
		o.fall = 0
		o.or(r)
	}
	return o
}

// statement says how control leaves one statement that it enters in the states in.
func (f *flow) statement(s fact.Stmt, in mark) outcome {
	if in&open == 0 {
		return f.settled(s, in)
	}
	st := &f.facts.Stmts[s]
	switch st.Kind {
	case fact.If:
		return f.branches(s, in)
	case fact.For, fact.While:
		return f.loop(s, in)
	case fact.Try:
		return f.try(s, in)
	case fact.With:
		return f.with(s, in)
	case fact.Match:
		return f.match(s, in)
	case fact.FunctionDef, fact.ClassDef:
		if f.duty.inner(st.Inner) {
			return outcome{fall: met}
		}
		return outcome{fall: in}
	case fact.Break:
		return outcome{brk: in}
	case fact.Continue:
		return outcome{cont: in}
	}
	return f.simple(s, in)
}

// settled leaves a statement that is entered with the obligation met: only the ways out matter.
func (f *flow) settled(s fact.Stmt, in mark) outcome {
	switch f.facts.Stmts[s].Kind {
	case fact.Return:
		return outcome{leave: in}
	case fact.Raise:
		return outcome{raise: in}
	case fact.Break:
		return outcome{brk: in}
	case fact.Continue:
		return outcome{cont: in}
	}
	return outcome{fall: in, leave: in, raise: in}
}

func (f *flow) simple(s fact.Stmt, in mark) outcome {
	st := &f.facts.Stmts[s]
	exprs := append([]fact.Expr{st.A, st.B}, f.facts.List(st.Targets)...)
	meets, raises := f.duty.step(exprs...)
	out := in
	if meets {
		out = met
	}
	var o outcome
	if raises && f.final == 0 {
		o.raise = in
	}
	switch st.Kind {
	case fact.Return:
		o.leave = out
	case fact.Raise:
		o.raise |= out
	default:
		o.fall = out
	}
	return o
}

// test applies the condition of a branch, loop or case.
func (f *flow) test(test fact.Expr, in mark) (out mark, o outcome) {
	if test == 0 {
		return in, o
	}
	meets, raises := f.duty.step(test)
	if raises && f.final == 0 {
		o.raise = in
	}
	if meets {
		return met, o
	}
	return in, o
}

func (f *flow) branches(s fact.Stmt, in mark) outcome {
	var o outcome
	hasElse, released := false, false
	for arm := range f.facts.Block(s) {
		st := &f.facts.Stmts[arm]
		if st.Kind == fact.Else {
			hasElse = true
			r := f.block(arm, in)
			released = released || r.fall == met
			o.or(r)
			continue
		}
		thenMet, elseMet := f.duty.refines(st.A)
		out, tested := f.test(st.A, in)
		o.or(tested)
		then := out
		if thenMet {
			then = met
		}
		r := f.block(arm, then)
		released = released || r.fall == met && then != met
		o.or(r)
		in = out
		if elseMet {
			in = met
		}
	}
	if !hasElse {
		o.fall |= in
	}
	if released && f.final > 0 {
		o.fall = met
	}
	return o
}

func (f *flow) loop(s fact.Stmt, in mark) outcome {
	st := &f.facts.Stmts[s]
	out, o := f.test(st.A, in)
	endless := st.Kind == fact.While && f.facts.Exprs[st.A].Kind == fact.TrueConst
	if !endless {
		o.fall |= out
	}
	for part := range f.facts.Block(s) {
		r := f.block(part, out)
		if f.facts.Stmts[part].Kind == fact.Body {
			r.fall |= r.cont
			if endless {
				r.fall = 0
			}
			r.fall |= r.brk
			r.brk, r.cont = 0, 0
		}
		o.or(r)
	}
	return o
}

func (f *flow) try(s fact.Stmt, in mark) outcome {
	body := s + 1
	return f.leaveTry(s, body, f.block(body, in))
}

func (f *flow) with(s fact.Stmt, in mark) outcome {
	var o outcome
	for part := range f.facts.Block(s) {
		st := &f.facts.Stmts[part]
		if st.Kind != fact.Item {
			r := f.block(part, in)
			o.or(r)
			continue
		}
		if f.duty.entered(st.A) {
			return outcome{fall: met}
		}
		out, tested := f.test(st.A, in)
		o.or(tested)
		in = out
	}
	return o
}

func (f *flow) match(s fact.Stmt, in mark) outcome {
	out, o := f.test(f.facts.Stmts[s].A, in)
	for clause := range f.facts.Block(s) {
		o.or(f.block(clause, out))
	}
	o.fall |= out
	return o
}
