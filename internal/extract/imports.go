package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// importStatement lowers one import of either form.
func (x *Extractor) importStatement(n ast.Node, s fact.Stmt) {
	t := x.tree
	first := uint32(len(x.imports))
	if t.Kind(n) == ast.KindImport {
		for alias := range t.Import(n).All() {
			a := t.Alias(alias)
			x.imported(alias, scope.ImportedName(t, alias), fact.Import{Module: x.strings.ident(a.Name)})
		}
	} else {
		from := t.ImportFrom(n)
		for alias := range from.Names.All() {
			a := t.Alias(alias)
			bound := a.Name
			if a.Asname != 0 {
				bound = a.Asname
			}
			if a.Name == ast.IdentStar {
				bound = 0
			}
			x.imported(alias, bound, fact.Import{
				Module: x.strings.ident(from.Module), Name: x.strings.ident(a.Name), Level: uint8(min(from.Level, 255)),
			})
		}
	}
	info := &x.stmts[s]
	info.FirstImport, info.ImportCount = first, uint32(len(x.imports))-first
}

// imported adds one imported name, bound in the current scope; 0 for the star.
func (x *Extractor) imported(alias ast.Node, bound ast.Ident, i fact.Import) {
	t := x.tree
	i.Span = x.span(alias)
	i.As = x.strings.ident(bound)
	i.HasAs = t.Alias(alias).Asname != 0
	i.TypeChecking, i.Guarded = x.typeChecking, x.guardedImport
	i.Scope, i.Stmt = x.scope, x.stmt
	if bound != 0 {
		i.Symbol = fact.Sym(x.bindings.Resolve(scope.ID(x.scope), bound))
		place := x.nameAt(i.Start)
		if i.HasAs {
			place = x.nameBefore(i.End)
		}
		x.define(bound, place, fact.Def{Kind: fact.DefImport, Index: int32(len(x.imports))})
	}
	x.imports = append(x.imports, i)
}

// mode says when the body of an if runs, as far as it matters to imports.
type mode uint8

const (
	always       mode = iota
	whenChecking      // never, but type checkers read it
	whenRunning       // the other side of such a test
	onPlatform        // depends on the version of Python or the platform
)

// modeOf reads the test of an if.
func (x *Extractor) modeOf(test fact.Expr) mode {
	e := &x.exprs[test]
	switch e.Kind {
	case fact.Name, fact.Attr:
		if x.strings.list[e.Text] == "TYPE_CHECKING" {
			return whenChecking
		}
	case fact.Unary:
		if e.Op == fact.OpNot && x.modeOf(e.A) == whenChecking {
			return whenRunning
		}
	case fact.Bool:
		if e.Op == fact.OpAnd {
			for _, part := range x.operands[e.Ops.First : e.Ops.First+e.Ops.Count] {
				if x.modeOf(part) == whenChecking {
					return whenChecking
				}
			}
		}
	}
	if x.asksPlatform(test) {
		return onPlatform
	}
	return always
}

// asksPlatform says whether a test looks at the version of Python or the platform. All expressions below it stand
// directly before it.
func (x *Extractor) asksPlatform(test fact.Expr) bool {
	start := x.exprs[test].Start
	for e := test; e > 0 && x.exprs[e].Start >= start && x.exprs[e].Stmt == x.exprs[test].Stmt; e-- {
		info := &x.exprs[e]
		switch info.Kind {
		case fact.Name:
			switch x.strings.list[info.Text] {
			case "PY2", "PY3", "version_info", "python_implementation":
				return true
			}
		case fact.Attr:
			switch x.strings.list[info.Text] {
			case "version_info", "hexversion", "platform", "PY2", "PY3", "python_implementation", "implementation":
				return true
			case "name":
				if x.strings.list[x.exprs[info.A].Text] == "os" {
					return true
				}
			}
		}
	}
	return false
}

// survivesImportError says whether one of the handlers catches a failed import and does not raise at its end.
func (x *Extractor) survivesImportError(handlers ast.Nodes) bool {
	t := x.tree
	for n := range handlers.All() {
		h := t.ExceptHandler(n)
		if x.catchesImportError(h.Type) && t.Kind(h.Body.Last()) != ast.KindRaise {
			return true
		}
	}
	return false
}

func (x *Extractor) catchesImportError(n ast.Node) bool {
	t := x.tree
	if t.Kind(n) == ast.KindTuple {
		for elt := range t.Elts(n).All() {
			if x.catchesImportError(elt) {
				return true
			}
		}
		return false
	}
	if n == 0 {
		return true
	}
	switch x.lastName(n) {
	case "ImportError", "ModuleNotFoundError", "Exception", "BaseException":
		return true
	}
	return false
}
