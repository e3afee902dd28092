package fact

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Print writes the facts in a form for people: scopes with their symbols and definitions, statements in order,
// comments and problems. A name stands with the number of its symbol behind "#", or bare when it has none; a lambda
// or comprehension with the number of its scope behind "@".
func Print(w io.Writer, f *File) error {
	p := printer{f: f, w: bufio.NewWriter(w)}
	for i := range f.Scopes {
		p.scope(Scope(i))
	}
	depth := make([]int, len(f.Stmts))
	for s := Stmt(1); int(s) < len(f.Stmts); s++ {
		depth[s] = p.depthOf(s, depth)
		p.printf("%s%d %s\n", strings.Repeat("  ", depth[s]), s, p.stmt(s))
	}
	for _, c := range f.Comments {
		alone := ""
		if c.Alone {
			alone = " alone"
		}
		p.printf("comment%s %s\n", alone, f.Strings[c.Text])
	}
	for _, x := range f.Problems {
		p.printf("problem %d..%d %s\n", x.Start, x.End, f.Strings[x.Message])
	}
	return p.w.Flush()
}

// Format gives one expression in the form that Print uses.
func Format(f *File, e Expr) string {
	p := printer{f: f}
	p.expr(e)
	return p.b.String()
}

type printer struct {
	f *File
	w *bufio.Writer
	b strings.Builder
}

// printf writes to the buffer, which keeps the first error for Flush.
func (p *printer) printf(format string, args ...any) { _, _ = fmt.Fprintf(p.w, format, args...) }

// text renders an expression and gives the result.
func (p *printer) text(e Expr) string { return Format(p.f, e) }

func (p *printer) depthOf(s Stmt, depth []int) int {
	info := &p.f.Stmts[s]
	if info.Parent != 0 {
		return depth[info.Parent] + 1
	}
	if def := p.f.Scopes[info.Scope].Stmt; def != 0 {
		return depth[def] + 1
	}
	return 0
}

var scopeFlagNames = []string{"async", "generator", "star", "locals", "property", "static", "classmethod"}

var symbolFlagNames = []string{"param", "import", "global", "nonlocal", "captured", "written-inside", "exported"}

// flagNames names the bits that are set, each after a space.
func flagNames(bits uint, names []string) string {
	out := ""
	for i, name := range names {
		if bits>>i&1 != 0 {
			out += " " + name
		}
	}
	return out
}

func (p *printer) scope(s Scope) {
	f := p.f
	info := &f.Scopes[s]
	p.printf("scope %d %s", s, info.Kind)
	switch info.Kind {
	case ClassScope, FunctionScope:
		p.printf(" %s", f.Strings[info.Qualified])
	}
	p.printf("%s", flagNames(uint(info.Flags), scopeFlagNames))
	if info.Kind != ModuleScope && info.Parent != 0 {
		p.printf(" in %d", info.Parent)
	}
	for _, d := range f.List(info.Decorators) {
		p.printf(" @%s", p.text(d))
	}
	if info.Kind == FunctionScope || info.Kind == LambdaScope || info.Arguments.Count > 0 {
		p.printf(" (%s)", p.parameters(s))
	}
	if info.Returns != 0 {
		p.printf(" -> %s", p.text(info.Returns))
	}
	if info.Value != 0 {
		p.printf(" = %s", p.text(info.Value))
	}
	p.printf("\n")
	for i := range info.SymCount {
		p.symbol(info.FirstSym + Sym(i))
	}
}

var paramPrefixes = [...]string{VarPositional: "*", VarKeyword: "**"}

// parameters gives the parameters of a function or the arguments of a class.
func (p *printer) parameters(s Scope) string {
	var parts []string
	for _, e := range p.f.List(p.f.Scopes[s].Arguments) {
		parts = append(parts, p.text(e))
	}
	last := Positional
	for _, param := range p.f.ParamsOf(s) {
		if last == PositionalOnly && param.Kind != PositionalOnly {
			parts = append(parts, "/")
		}
		if param.Kind == KeywordOnly && last != KeywordOnly && last != VarPositional {
			parts = append(parts, "*")
		}
		last = param.Kind
		text := paramPrefixes[param.Kind] + p.f.Strings[param.Name]
		if param.Annotation != 0 {
			text += ": " + p.text(param.Annotation)
		}
		if param.Default != 0 {
			text += " = " + p.text(param.Default)
		}
		parts = append(parts, text)
	}
	if last == PositionalOnly {
		parts = append(parts, "/")
	}
	return strings.Join(parts, ", ")
}

func (p *printer) symbol(sym Sym) {
	info := &p.f.Symbols[sym]
	p.printf("  #%d %s%s", sym, p.f.Strings[info.Name], flagNames(uint(info.Flags), symbolFlagNames))
	for i, d := range p.f.DefsOf(sym) {
		separator := ","
		if i == 0 {
			separator = ":"
		}
		p.printf("%s %s", separator, p.def(&d))
	}
	p.printf("\n")
}

func (p *printer) def(d *Def) string {
	text := d.Kind.String()
	if d.Unpacked {
		text += "[" + strconv.Itoa(int(d.Index)) + "]"
	}
	if d.Inner != 0 {
		text += " scope " + strconv.Itoa(int(d.Inner))
	}
	if d.Annotation != 0 {
		text += " : " + p.text(d.Annotation)
	}
	if d.Value != 0 {
		text += " = " + p.text(d.Value)
	}
	if d.Scope != p.f.Symbols[d.Symbol].Scope {
		text += " by scope " + strconv.Itoa(int(d.Scope))
	}
	return text
}

// stmt gives the line of one statement, without what it contains.
func (p *printer) stmt(s Stmt) string {
	f := p.f
	info := &f.Stmts[s]
	text := info.Kind.String()
	if info.Flag {
		text += map[StmtKind]string{Try: "*"}[info.Kind]
		if info.Kind != Try {
			text = "async " + text
		}
	}
	switch info.Kind {
	case FunctionDef, ClassDef:
		return text + " " + f.Strings[f.Scopes[info.Inner].Name] + " scope " + strconv.Itoa(int(info.Inner))
	case ImportStmt:
		return text + " " + p.imports(info)
	case Assign, Delete, Global, Nonlocal:
		var parts []string
		for _, target := range f.List(info.Targets) {
			parts = append(parts, p.text(target))
		}
		text += " " + strings.Join(parts, ", ")
	case For:
		return text + " " + p.text(info.B) + " in " + p.text(info.A)
	case AnnAssign, AugAssign, TypeAlias:
		text += " " + p.text(info.B)
		if info.C != 0 {
			text += ": " + p.text(info.C)
		}
		if info.A != 0 {
			text += " " + info.Op.String() + "= " + p.text(info.A)
		}
		return text
	}
	if info.Kind == Assign {
		return text + " = " + p.text(info.A)
	}
	if info.A != 0 {
		text += " " + p.text(info.A)
	}
	if info.B != 0 {
		text += " " + stmtSeconds[info.Kind] + p.text(info.B)
	}
	if info.Text != 0 {
		text += " as " + f.Strings[info.Text]
	}
	return text
}

// stmtSeconds stands before the second expression of a statement.
var stmtSeconds = map[StmtKind]string{Raise: "from ", Assert: "else ", Case: "if ", Item: "as "}

func (p *printer) imports(info *StmtInfo) string {
	var parts []string
	for _, i := range p.f.Imports[info.FirstImport : info.FirstImport+info.ImportCount] {
		text := strings.Repeat(".", int(i.Level)) + p.f.Strings[i.Module]
		if i.Name != 0 {
			text += ":" + p.f.Strings[i.Name]
		}
		if i.HasAs {
			text += " as " + p.f.Strings[i.As]
		}
		if i.Symbol != 0 {
			text += "#" + strconv.Itoa(int(i.Symbol))
		}
		if i.TypeChecking {
			text += " checking"
		}
		if i.Guarded {
			text += " guarded"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
