package extract

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// declareScopes copies the scopes and symbols of the analysis; both keep their numbers.
func (x *Extractor) declareScopes() {
	a := &x.bindings
	for i := range a.Scopes {
		s := &a.Scopes[i]
		x.scopes = append(x.scopes, fact.ScopeInfo{
			Kind: scopeKinds[s.Kind], Flags: scopeFlags(s.Traits), Parent: fact.Scope(s.Parent),
			FirstSym: fact.Sym(s.FirstSym), SymCount: s.SymCount,
		})
	}
	x.symbols = append(x.symbols, fact.SymbolInfo{})
	for _, s := range a.Symbols[1:] {
		x.symbols = append(x.symbols, fact.SymbolInfo{
			Name: x.strings.ident(s.Name), Scope: fact.Scope(s.Scope), Flags: symbolFlags(s.Flags),
		})
	}
}

var scopeKinds = [...]fact.ScopeKind{
	scope.Module: fact.ModuleScope, scope.Class: fact.ClassScope, scope.Function: fact.FunctionScope,
	scope.Lambda: fact.LambdaScope, scope.Comprehension: fact.ComprehensionScope, scope.Types: fact.TypeScope,
}

func scopeFlags(t scope.Traits) (flags fact.ScopeFlags) {
	if t&scope.Async != 0 {
		flags |= fact.Async
	}
	if t&scope.Generator != 0 {
		flags |= fact.Generator
	}
	if t&scope.HasStar != 0 {
		flags |= fact.HasStar
	}
	if t&scope.UsesLocals != 0 {
		flags |= fact.UsesLocals
	}
	return flags
}

func symbolFlags(f scope.Flags) (flags fact.SymbolFlags) {
	if f&scope.Param != 0 {
		flags |= fact.BoundParam
	}
	if f&scope.Imported != 0 {
		flags |= fact.BoundImport
	}
	if f&scope.Global != 0 {
		flags |= fact.DeclGlobal
	}
	if f&scope.Nonlocal != 0 {
		flags |= fact.DeclNonlocal
	}
	if f&scope.Captured != 0 {
		flags |= fact.Captured
	}
	if f&scope.WrittenInside != 0 {
		flags |= fact.WrittenInside
	}
	return flags
}

// slabs hold the slices of finished files.
type slabs struct {
	scopes   slab[fact.ScopeInfo]
	symbols  slab[fact.SymbolInfo]
	defs     slab[fact.Def]
	params   slab[fact.Param]
	stmts    slab[fact.StmtInfo]
	exprs    slab[fact.ExprInfo]
	operands slab[fact.Expr]
	imports  slab[fact.Import]
	problems slab[fact.Problem]
	strings  slab[string]
}

// finish gathers the file.
func (x *Extractor) finish(path string) *fact.File {
	x.groupDefs()
	comments := x.comments()
	return &fact.File{
		Path:     path,
		Size:     uint32(len(x.tree.Source())),
		Scopes:   x.slabs.scopes.keep(x.scopes),
		Symbols:  x.slabs.symbols.keep(x.symbols),
		Defs:     x.slabs.defs.keep(x.sorted),
		Params:   x.slabs.params.keep(x.params),
		Stmts:    x.slabs.stmts.keep(x.stmts),
		Exprs:    x.slabs.exprs.keep(x.exprs),
		Operands: x.slabs.operands.keep(x.operands),
		Imports:  x.slabs.imports.keep(x.imports),
		Comments: comments,
		Problems: x.slabs.problems.keep(x.problems),
		Strings:  x.slabs.strings.keep(x.strings.list),
	}
}

// groupDefs orders the definitions by symbol, and those of one symbol by their place in the source.
func (x *Extractor) groupDefs() {
	x.counts = slices.Grow(x.counts[:0], len(x.symbols)+1)[:len(x.symbols)+1]
	clear(x.counts)
	for i := range x.defs {
		x.counts[x.defs[i].Symbol+1]++
	}
	for i := 1; i < len(x.counts); i++ {
		x.counts[i] += x.counts[i-1]
	}
	x.sorted = slices.Grow(x.sorted[:0], len(x.defs))[:len(x.defs)]
	for i := range x.symbols {
		x.symbols[i].FirstDef = x.counts[i]
		x.symbols[i].DefCount = x.counts[i+1] - x.counts[i]
	}
	for i := range x.defs {
		at := &x.counts[x.defs[i].Symbol]
		x.sorted[*at] = x.defs[i]
		*at++
	}
	x.symbols[0] = fact.SymbolInfo{}
	for _, s := range x.symbols[1:] {
		sortDefs(x.sorted[s.FirstDef : s.FirstDef+s.DefCount])
	}
}

// sortDefs puts the definitions of one symbol in source order. They nearly are: only a value is lowered before its
// target.
func sortDefs(defs []fact.Def) {
	for i := 1; i < len(defs); i++ {
		for j := i; j > 0 && defs[j].Start < defs[j-1].Start; j-- {
			defs[j], defs[j-1] = defs[j-1], defs[j]
		}
	}
}

// comments copies the comments of the file.
func (x *Extractor) comments() []fact.Comment {
	list := x.tree.Comments()
	if len(list) == 0 {
		return nil
	}
	src := x.tree.Source()
	out := make([]fact.Comment, len(list))
	for i, c := range list {
		out[i] = fact.Comment{
			Span: fact.Span{Start: c.Pos, End: c.End}, Text: x.strings.add(src[c.Pos:c.End]),
			Alone: startsLine(src, c.Pos),
		}
	}
	return out
}

// startsLine says whether only white space stands before pos on its line.
func startsLine(src string, pos uint32) bool {
	for i := int(pos) - 1; i >= 0; i-- {
		switch src[i] {
		case ' ', '\t', '\f':
		case '\n', '\r':
			return true
		default:
			return src[:i+1] == "\ufeff"
		}
	}
	return true
}
