package program

import "github.com/tiebeam/tiebeam/internal/fact"

// argument finds an argument of a call by name, and by position where that is not negative, also in a dictionary that is
// spread into the call and known: get(url, **DEFAULTS). Expr is 0 where the call does not give it; known is false where a
// * or ** argument hides the answer.
func (e *Eval) argument(call ExprRef, name string, position int) (value ExprRef, known bool) {
	facts := e.p.Files[call.File]
	given, known := facts.Argument(call.Expr, name, position)
	if given != 0 || known {
		return ExprRef{call.File, given}, known
	}
	known = true
	for _, arg := range facts.OperandsOf(call.Expr) {
		x := &facts.Exprs[arg]
		switch {
		case x.Kind == fact.Starred:
			known = false
		case x.Kind == fact.Keyword && x.Text == 0:
			dict, ok := e.spread(ExprRef{call.File, x.A})
			if !ok {
				known = false
			} else if given := dictValue(e.p.Files[dict.File], dict.Expr, name); given != 0 {
				value = ExprRef{dict.File, given}
			}
		}
	}
	return value, known || value.Expr != 0
}

// spread gives the dictionary display behind ** where all its keys are known: the display itself, or the only value of a
// name that its file uses for nothing but spreading.
func (e *Eval) spread(ref ExprRef) (ExprRef, bool) {
	dict := e.Origin(ref)
	facts := e.p.Files[dict.File]
	x := &facts.Exprs[dict.Expr]
	if x.Kind != fact.DictDisplay {
		return ExprRef{}, false
	}
	items := facts.List(x.Ops)
	for i := 0; i < len(items); i += 2 {
		if items[i] == 0 || facts.Exprs[items[i]].Kind != fact.StrConst {
			return ExprRef{}, false
		}
	}
	if dict == ref {
		return dict, true
	}
	return dict, e.onlySpread(ref) && (ref.File == dict.File || e.onlySpread(dict))
}

// onlySpread says whether the file of ref uses the name at ref, or the one that is assigned the display at ref, for
// nothing but spreading it into calls, so that nothing changes what it holds.
func (e *Eval) onlySpread(ref ExprRef) bool {
	facts := e.p.Files[ref.File]
	sym := facts.Exprs[ref.Expr].Sym
	if facts.Exprs[ref.Expr].Kind == fact.DictDisplay {
		sym = 0
		if st := &facts.Stmts[facts.Exprs[ref.Expr].Stmt]; st.Kind == fact.Assign {
			if targets := facts.List(st.Targets); len(targets) == 1 {
				sym = facts.Exprs[targets[0]].Sym
			}
		}
	}
	if sym == 0 {
		return facts.Exprs[ref.Expr].Kind == fact.Attr
	}
	return !e.p.usedOtherwise(ref.File)[sym]
}

// usedOtherwise says of each symbol of a file whether its value is used for anything but being spread into a call. It is found
// once for a file, as many calls may spread one dictionary.
func (p *Program) usedOtherwise(file FileID) []bool {
	known := p.spreads.get(uint32(file), file)
	if known == nil {
		facts := p.Files[file]
		used := make([]bool, len(facts.Symbols))
		for i := range facts.Exprs {
			if x := &facts.Exprs[i]; x.Kind == fact.Name && !x.Flag {
				up := &facts.Exprs[x.Parent]
				used[x.Sym] = used[x.Sym] || x.Parent == 0 || up.Kind != fact.Keyword || up.Text != 0
			}
		}
		known = p.spreads.put(uint32(file), file, used)
	}
	return *known
}
