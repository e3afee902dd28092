package boundary

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/source"
)

// Touched tells which comparisons of head a change since base touches: those in a function whose text has changed, and
// those that name a constant of their module that has. Layout alone is no change.
func Touched(base, head *program.Program, baseText, headText func(program.FileID) *source.File) func(path, symbol string, span fact.Span) bool {
	before := symbolTexts(base, baseText)
	after := symbolTexts(head, headText)
	names := map[string][]use{}
	for _, file := range head.Files {
		names[file.Path] = usesOf(file)
	}
	return func(path, symbol string, span fact.Span) bool {
		old, had := before[path]
		if !had || old[symbol] != after[path][symbol] {
			return true
		}
		for _, u := range names[path] {
			if u.span.Start >= span.Start && u.span.End <= span.End && old["="+u.name] != after[path]["="+u.name] {
				return true
			}
		}
		return false
	}
}

// use is one place that reads a name of the module.
type use struct {
	name string
	span fact.Span
}

func usesOf(file *fact.File) []use {
	var all []use
	for i := range file.Exprs {
		x := &file.Exprs[i]
		if x.Kind == fact.Name && x.Sym != 0 && file.Symbols[x.Sym].Scope == 0 && !x.Flag {
			all = append(all, use{file.Text(x.Text), x.Span})
		}
	}
	return all
}

// symbolTexts gives the normalised text of each function by its qualified name, and under "=NAME" that of the statements
// that give a name of the module its value. The code of the module itself is under "".
func symbolTexts(p *program.Program, text func(program.FileID) *source.File) map[string]map[string]string {
	all := map[string]map[string]string{}
	for id, file := range p.Files {
		src := text(program.FileID(id))
		texts := map[string]string{}
		for s := range file.Scopes {
			if scope := &file.Scopes[s]; scope.Kind == fact.FunctionScope || scope.Kind == fact.ClassScope {
				texts[file.Text(scope.Qualified)] += finding.Normalise(src.Slice(scope.Start, scope.End))
			}
		}
		for s := range file.BodyOf(0) {
			st := &file.Stmts[s]
			if st.Kind == fact.FunctionDef || st.Kind == fact.ClassDef {
				continue
			}
			texts[""] += finding.Normalise(src.Slice(st.Start, st.End)) + "\n"
		}
		for _, sym := range file.SymbolsOf(0) {
			texts["="+file.Text(sym.Name)] = definitionText(file, src, &sym)
		}
		all[file.Path] = texts
	}
	return all
}

func definitionText(file *fact.File, src *source.File, sym *fact.SymbolInfo) string {
	text := ""
	for i := range sym.DefCount {
		if def := &file.Defs[sym.FirstDef+i]; def.Stmt != 0 {
			st := &file.Stmts[def.Stmt]
			text += finding.Normalise(src.Slice(st.Start, st.End)) + "\n"
		}
	}
	return text
}
