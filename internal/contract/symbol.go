package contract

import (
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/program"
)

// remainders gives what is left of a pattern once its beginning has matched a module's name, for each way to do that.
func remainders(pattern []string, name string) [][]string {
	var all [][]string
	parts := strings.Split(name, ".")
	for cut := 1; cut < len(pattern); cut++ {
		if matchParts(pattern[:cut], parts) {
			all = append(all, pattern[cut:])
		}
	}
	return all
}

// symbolsOf finds the scopes of a file, and the names that modules and classes bind, whose qualified names match.
func symbolsOf(p *program.Program, file program.FileID, patterns [][]string) []symbol {
	facts := p.Files[file]
	match := func(name string) bool {
		parts := strings.Split(name, ".")
		return slices.ContainsFunc(patterns, func(pattern []string) bool { return matchParts(pattern, parts) })
	}
	var found []symbol
	for i := range facts.Scopes {
		scope := &facts.Scopes[i]
		switch scope.Kind {
		case fact.FunctionScope, fact.ClassScope:
			if name := facts.Text(scope.Qualified); match(name) {
				found = append(found, symbol{fn: program.Func{File: file, Scope: fact.Scope(i)}, name: name})
			}
		}
		if scope.Kind == fact.ModuleScope || scope.Kind == fact.ClassScope {
			found = append(found, namesIn(facts, file, fact.Scope(i), match)...)
		}
	}
	return found
}

// namesIn finds the assigned names of a module or class.
func namesIn(facts *fact.File, file program.FileID, scope fact.Scope, match func(string) bool) []symbol {
	before := facts.Text(facts.Scopes[scope].Qualified)
	if before != "" {
		before += "."
	}
	var found []symbol
	symbols := facts.SymbolsOf(scope)
	for i := range symbols {
		name := before + facts.Text(symbols[i].Name)
		if !match(name) {
			continue
		}
		for d := symbols[i].FirstDef; d < symbols[i].FirstDef+symbols[i].DefCount; d++ {
			if def := &facts.Defs[d]; def.Kind == fact.DefAssign {
				found = append(found, symbol{fn: program.Func{File: file, Scope: scope}, def: def, name: name})
			}
		}
	}
	return found
}

// span is where the symbol is named.
func (s *symbol) place(p *program.Program) program.Place {
	if s.def != nil {
		return program.Place{File: s.fn.File, Span: s.def.Span}
	}
	return program.Place{File: s.fn.File, Span: p.Files[s.fn.File].Scopes[s.fn.Scope].NameSpan}
}
