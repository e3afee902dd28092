package extract

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
	"github.com/tiebeam/tiebeam/internal/python/scope"
)

// Extractor turns source text into facts. It is reused for many files and not safe for concurrent use; the files it
// returns own their memory. Make one with New.
type Extractor struct {
	names  *ast.Names
	parsed *ast.Tree // of the file
	quoted *ast.Tree // of the annotation in a string that is being read

	// The tree being lowered and what is added to its offsets: those of an annotation in a string start behind the
	// quote.
	tree *ast.Tree
	base uint32

	bindings scope.Analysis
	strings  stringTable
	buffers
	slabs slabs

	// Where the walk is.
	scope         fact.Scope // whose code is lowered
	stmt          fact.Stmt  // that evaluates the expressions
	parent        fact.Stmt  // that encloses the next statement in the same function
	depth         int
	annotation    bool // string constants are annotations
	typeChecking  bool
	guardedImport bool
}

// buffers are the slices of the file under construction; finish copies them.
type buffers struct {
	scopes   []fact.ScopeInfo
	symbols  []fact.SymbolInfo
	defs     []fact.Def
	params   []fact.Param
	stmts    []fact.StmtInfo
	exprs    []fact.ExprInfo
	operands []fact.Expr
	imports  []fact.Import
	problems []fact.Problem

	pending       []fact.Expr  // operands of expressions that are not complete yet
	pendingParams []fact.Param // parameters of functions that are not complete yet
	sorted        []fact.Def
	counts        []uint32
}

// New gives an extractor with empty buffers.
func New() *Extractor {
	names := ast.NewNames()
	return &Extractor{names: names, parsed: ast.NewTree(names), quoted: ast.NewTree(names)}
}

// Extract gives the facts of the module with this text, which must be decoded UTF-8. It never fails: what cannot be
// read is among the facts' problems.
func (x *Extractor) Extract(path, text string) *fact.File {
	x.names.ResetIfLarge()
	parse.File(x.parsed, text, parse.Options{})
	return x.Lower(path, x.parsed)
}

// Lower gives the facts of a parsed module. The tree is only read, except that names may be added to its table; it
// may be reused as soon as Lower returns.
func (x *Extractor) Lower(path string, t *ast.Tree) *fact.File {
	x.start(t)
	x.bindings.Run(t)
	x.module()
	x.diagnostics()
	return x.finish(path)
}

// start empties the buffers and puts the absent elements at their zero.
func (x *Extractor) start(t *ast.Tree) {
	x.tree, x.base = t, 0
	if x.quoted.Names() != t.Names() { // identifiers of both trees must mean the same
		x.quoted = ast.NewTree(t.Names())
	}
	x.strings.reset(t.Names())
	b := &x.buffers
	b.scopes = b.scopes[:0]
	b.symbols = b.symbols[:0]
	b.defs = append(b.defs[:0], fact.Def{})
	b.params = b.params[:0]
	b.stmts = append(b.stmts[:0], fact.StmtInfo{})
	b.exprs = append(b.exprs[:0], fact.ExprInfo{})
	b.operands = b.operands[:0]
	b.imports = b.imports[:0]
	b.problems = b.problems[:0]
	b.pending = b.pending[:0]
	b.pendingParams = b.pendingParams[:0]
	x.scope, x.stmt, x.parent, x.depth = 0, 0, 0, 0
	x.annotation, x.typeChecking, x.guardedImport = false, false, false
}

// module lowers the whole tree.
func (x *Extractor) module() {
	x.declareScopes()
	x.block(x.tree.Body(x.tree.Root()))
	module := &x.scopes[0]
	module.Span = fact.Span{End: uint32(len(x.tree.Source()))}
	module.BodyFirst, module.BodyEnd = 1, fact.Stmt(len(x.stmts))
}

// diagnostics copies the syntax errors, which may be more than those found while lowering.
func (x *Extractor) diagnostics() {
	for _, d := range x.tree.Diagnostics() {
		x.problems = append(x.problems, fact.Problem{
			Span: fact.Span{Start: d.Pos, End: d.End}, Message: x.strings.text(d.Message),
		})
	}
}

// tooDeep reports whether n would be deeper than facts may be; then it becomes Unreadable, with a problem. The parser
// has a lower limit of its own, but facts can be a little deeper than the tree: a chain of comparisons is two levels.
func (x *Extractor) tooDeep(n ast.Node) bool {
	if x.depth < fact.MaxDepth-2 {
		return false
	}
	x.problems = append(x.problems, fact.Problem{Span: x.span(n), Message: x.strings.text("nested too deeply")})
	return true
}
