package program

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/sql"
)

// schema is what the program declares of its database: the sets of columns that are unique in each table.
type schema struct {
	once sync.Once
	// tables are by name in lower case, without a database's schema.
	tables map[string][]unique
	// named gives the table of a class that is mapped to one.
	named map[Func]string
	// dropped are the names of constraints and indexes that a migration drops.
	dropped map[string]bool
}

// unique is one set of columns that no two rows share.
type unique struct {
	sql.Constraint
	where Place
	// class is the model that declares it; the zero Func for a table of its own.
	class Func
}

// tables gives the program's schema, read once from its models, migrations and statements.
func (p *Program) tables() *schema {
	p.schema.once.Do(p.readSchema)
	return &p.schema
}

func (p *Program) readSchema() {
	s := &p.schema
	s.tables, s.named, s.dropped = map[string][]unique{}, map[Func]string{}, map[string]bool{}
	django := p.imports("django")
	for file := range p.Files {
		p.readSchemaOf(FileID(file), s, django)
	}
	for _, script := range p.options.Scripts {
		if name := strings.ToLower(script.Path); !hasAny(name, []string{"down", "rollback", "revert"}) {
			s.statements(sql.Parse(script.Text), Place{})
		}
	}
	for table, list := range s.tables {
		s.tables[table] = slices.DeleteFunc(list, func(u unique) bool { return u.Name != "" && s.dropped[u.Name] })
	}
}

// readSchemaOf reads what one file declares.
func (p *Program) readSchemaOf(file FileID, s *schema, django bool) {
	reader := schemaReader{e: p.Eval(file), facts: p.Files[file], file: file, schema: s, django: django}
	reader.classes()
	reader.calls()
	reader.texts()
}

// uniqueIn gives the first unique set of columns of the table that are all among those written.
func (p *Program) uniqueIn(table string, columns []string) ([]string, Place, bool) {
	for _, u := range p.tables().tables[table] {
		all := len(u.Columns) > 0
		for _, c := range u.Columns {
			all = all && slices.Contains(columns, c)
		}
		if all {
			return u.Columns, u.where, true
		}
	}
	return nil, Place{}, false
}

// tableSites gives the classes of a file that are tables, with what is unique in them. A single primary key is no
// guard: most are numbered by the database.
func (p *Program) tableSites(file FileID) []Site {
	facts := p.Files[file]
	var sites []Site
	for s := range facts.Scopes {
		class := Func{file, fact.Scope(s)}
		if facts.Scopes[s].Kind != fact.ClassScope {
			continue
		}
		table, ok := p.tables().named[class]
		if !ok {
			continue
		}
		site := Site{
			Effect: Write, Func: class, At: Place{file, facts.Scopes[s].NameSpan}, Stmt: facts.Scopes[s].Stmt,
			What: "table " + table, Text: "table " + table, Detail: "schema", Strict: p.IsTest(file),
		}
		for _, u := range p.tables().tables[table] {
			if u.class == class && (!u.Primary || len(u.Columns) > 1) {
				site.Guards = append(site.Guards, Guard{
					Kind: Idempotency, From: "schema", Text: "unique(" + strings.Join(u.Columns, ",") + ")", Where: u.where,
				})
			}
		}
		sites = append(sites, site)
	}
	return sites
}

// schemaReader reads the declarations of one file.
type schemaReader struct {
	e      *Eval
	facts  *fact.File
	file   FileID
	schema *schema
	django bool // the program imports it, so that bases are worth looking at
}

// imports says whether a file of the program imports from the top-level module.
func (p *Program) imports(root string) bool {
	return slices.ContainsFunc(p.Files, func(facts *fact.File) bool { return importsRoot(facts, root) })
}

func importsRoot(facts *fact.File, root string) bool {
	return slices.ContainsFunc(facts.Imports, func(i fact.Import) bool {
		first, _, _ := strings.Cut(facts.Text(i.Module), ".")
		return first == root
	})
}

func (r *schemaReader) add(table string, class Func, where fact.Span, c sql.Constraint) {
	if len(c.Columns) > 0 {
		slices.Sort(c.Columns)
		r.schema.tables[table] = append(r.schema.tables[table], unique{Constraint: c, where: Place{r.file, where}, class: class})
	}
}

// classes reads models: classes with __tablename__, SQLModel classes with table=True, and those of Django.
func (r *schemaReader) classes() {
	for s := range r.facts.Scopes {
		scope := &r.facts.Scopes[s]
		if scope.Kind != fact.ClassScope {
			continue
		}
		class := Func{r.file, fact.Scope(s)}
		table := r.tableOf(class)
		if table == "" {
			continue
		}
		r.schema.named[class] = table
		for stmt := range r.facts.BodyOf(class.Scope) {
			r.classStatement(table, class, stmt)
		}
	}
}

// tableOf is the table of a class, "" where it is no model.
func (r *schemaReader) tableOf(class Func) string {
	scope := &r.facts.Scopes[class.Scope]
	if name := r.classText(class.Scope, "__tablename__"); name != "" {
		return strings.ToLower(name)
	}
	name := strings.ToLower(r.facts.Text(scope.Name))
	for _, arg := range r.facts.List(scope.Arguments) {
		if x := &r.facts.Exprs[arg]; x.Kind == fact.Keyword && r.facts.Text(x.Text) == "table" && r.facts.Exprs[x.A].Kind == fact.TrueConst {
			return name
		}
	}
	if scope.Arguments.Count == 0 || !r.django || !r.e.p.Inherits(class, "django.db.models.Model") {
		return ""
	}
	if meta := r.meta(class.Scope); meta != 0 {
		if table := r.classText(meta, "db_table"); table != "" {
			return strings.ToLower(table)
		}
	}
	return name
}

// meta is the class Meta inside a model, 0 where there is none.
func (r *schemaReader) meta(class fact.Scope) fact.Scope {
	sym := r.facts.Lookup(class, "Meta")
	if sym == 0 {
		return 0
	}
	for _, def := range r.facts.DefsOf(sym) {
		if def.Kind == fact.DefClass {
			return def.Inner
		}
	}
	return 0
}

// classText is the string that a class assigns to a name.
func (r *schemaReader) classText(class fact.Scope, name string) string {
	sym := r.facts.Lookup(class, name)
	if sym == 0 {
		return ""
	}
	for _, def := range r.facts.DefsOf(sym) {
		if x := &r.facts.Exprs[def.Value]; def.Kind == fact.DefAssign && x.Kind == fact.StrConst {
			return r.facts.Text(x.Text)
		}
	}
	return ""
}

// classStatement reads one assignment of a model, or the class Meta in it.
func (r *schemaReader) classStatement(table string, class Func, stmt fact.Stmt) {
	st := &r.facts.Stmts[stmt]
	var target fact.Expr
	switch {
	case st.Kind == fact.Assign && st.Targets.Count == 1:
		target = r.facts.List(st.Targets)[0]
	case st.Kind == fact.AnnAssign:
		target = st.B
	case st.Kind == fact.ClassDef && r.facts.Text(r.facts.Scopes[st.Inner].Name) == "Meta":
		for inner := range r.facts.BodyOf(st.Inner) {
			r.classStatement(table, class, inner)
		}
		return
	default:
		return
	}
	name := r.facts.Text(r.facts.Exprs[target].Text)
	switch name {
	case "__table_args__", "constraints", "indexes":
		r.constraints(table, class, st.A)
	case "unique_together":
		r.together(table, class, st.A)
	default:
		r.column(table, class, name, st.A)
	}
}

// constraints reads every constraint in an expression.
func (r *schemaReader) constraints(table string, class Func, expr fact.Expr) {
	r.facts.Walk(expr, func(child fact.Expr) bool {
		if r.facts.Exprs[child].Kind == fact.Call {
			if c, ok := r.constraint(child); ok {
				r.add(table, class, r.facts.Exprs[child].Span, c)
			}
			return false
		}
		return true
	})
}

// constraint reads UniqueConstraint("a", "b", name="c"), UniqueConstraint(fields=["a"]), PrimaryKeyConstraint("a") and
// Index("name", "a", unique=True).
func (r *schemaReader) constraint(call fact.Expr) (sql.Constraint, bool) {
	var c sql.Constraint
	callee := calleeName(r.facts, call)
	switch callee {
	case "UniqueConstraint":
	case "PrimaryKeyConstraint":
		c.Primary = true
	case "Index":
		if !r.isTrue(call, "unique") {
			return c, false
		}
	default:
		return c, false
	}
	if value, _ := r.facts.Argument(call, "condition", -1); value != 0 {
		return c, false // unique among some of the rows only
	}
	if value, _ := r.facts.Argument(call, "name", -1); value != 0 {
		c.Name = r.text(value)
	}
	if value, _ := r.facts.Argument(call, "fields", -1); value != 0 {
		c.Columns = r.list(value)
		return c, true
	}
	for i, arg := range r.facts.OperandsOf(call) {
		switch text := r.text(arg); {
		case r.facts.Exprs[arg].Kind == fact.Keyword || text == "":
		case callee == "Index" && i == 0:
			c.Name = text
		default:
			c.Columns = append(c.Columns, text)
		}
	}
	return c, true
}

func (r *schemaReader) isTrue(call fact.Expr, name string) bool {
	value, _ := r.facts.Argument(call, name, -1)
	return value != 0 && r.facts.Exprs[value].Kind == fact.TrueConst
}

// text is the string that an expression is, or the name of the attribute or variable for a column given as an object.
func (r *schemaReader) text(expr fact.Expr) string {
	switch x := &r.facts.Exprs[expr]; x.Kind {
	case fact.StrConst, fact.Name, fact.Attr:
		return strings.ToLower(r.facts.Text(x.Text))
	}
	return ""
}

// list gives the strings of a list or tuple.
func (r *schemaReader) list(expr fact.Expr) []string {
	x := &r.facts.Exprs[expr]
	if x.Kind != fact.ListDisplay && x.Kind != fact.Tuple {
		return nil
	}
	var names []string
	for _, item := range r.facts.List(x.Ops) {
		names = append(names, r.text(item))
	}
	return names
}

// together reads Django's unique_together: one set, or several.
func (r *schemaReader) together(table string, class Func, expr fact.Expr) {
	x := &r.facts.Exprs[expr]
	nested := false
	if x.Kind == fact.Tuple || x.Kind == fact.ListDisplay || x.Kind == fact.SetDisplay {
		for _, item := range r.facts.List(x.Ops) {
			if names := r.list(item); names != nil {
				nested = true
				r.add(table, class, r.facts.Exprs[item].Span, sql.Constraint{Columns: names})
			}
		}
	}
	if !nested {
		r.add(table, class, x.Span, sql.Constraint{Columns: r.list(expr)})
	}
}

// column reads "name = Column(..., unique=True)" and its like.
func (r *schemaReader) column(table string, class Func, name string, value fact.Expr) {
	x := &r.facts.Exprs[value]
	if x.Kind != fact.Call {
		return
	}
	callee := calleeName(r.facts, value)
	c := sql.Constraint{Columns: []string{strings.ToLower(name)}}
	switch {
	case r.isTrue(value, "unique") || callee == "OneToOneField":
	case r.isTrue(value, "primary_key"):
		c.Primary = true
	default:
		return
	}
	if args := r.facts.OperandsOf(value); callee == "Column" || callee == "mapped_column" {
		if len(args) > 0 && r.facts.Exprs[args[0]].Kind == fact.StrConst {
			c.Columns[0] = r.text(args[0])
		}
	}
	r.add(table, class, x.Span, c)
}

// calls reads tables that are built by calls, and migrations: Table(...), op.create_table(...),
// op.create_unique_constraint(...), op.create_index(..., unique=True), op.drop_constraint(...). What a migration does on
// the way back is left out.
func (r *schemaReader) calls() {
	for _, i := range r.e.p.marked[r.file] {
		call := &r.e.p.calls[r.file][i]
		if r.facts.Exprs[r.facts.Exprs[call.Expr].A].Kind == fact.Name && calleeName(r.facts, call.Expr) != "Table" {
			continue
		}
		args := r.facts.OperandsOf(call.Expr)
		if len(args) == 0 || strings.HasPrefix(r.facts.Symbol(call.Func), "downgrade") {
			continue
		}
		switch calleeName(r.facts, call.Expr) {
		case "Table", "create_table":
			r.builtTable(r.text(args[0]), args[1:])
		case "create_unique_constraint", "create_primary_key":
			if len(args) > 2 {
				c := sql.Constraint{Name: r.text(args[0]), Columns: r.list(args[2])}
				r.add(r.text(args[1]), Func{}, r.facts.Exprs[call.Expr].Span, c)
			}
		case "create_index":
			if len(args) > 2 && r.isTrue(call.Expr, "unique") {
				c := sql.Constraint{Name: r.text(args[0]), Columns: r.list(args[2])}
				r.add(r.text(args[1]), Func{}, r.facts.Exprs[call.Expr].Span, c)
			}
		case "drop_constraint", "drop_index":
			r.schema.dropped[r.text(args[0])] = true
		}
	}
}

// schemaCalls are the names that calls knows.
var schemaCalls = set(`Table create_table create_unique_constraint create_primary_key create_index drop_constraint drop_index`)

func (r *schemaReader) builtTable(table string, items []fact.Expr) {
	if table == "" {
		return
	}
	for _, item := range items {
		x := &r.facts.Exprs[item]
		if x.Kind != fact.Call {
			continue
		}
		if c, ok := r.constraint(item); ok {
			r.add(table, Func{}, x.Span, c)
			continue
		}
		if args := r.facts.OperandsOf(item); calleeName(r.facts, item) == "Column" && len(args) > 0 {
			r.column(table, Func{}, r.text(args[0]), item)
		}
	}
}

// texts reads the statements in strings that declare tables and indexes.
func (r *schemaReader) texts() {
	for _, i := range r.e.p.index[r.file].spots.schema {
		where := fact.Span{}
		for e := range r.facts.Exprs {
			if x := &r.facts.Exprs[e]; x.Kind == fact.StrConst && x.Text == i {
				where = x.Span
				break
			}
		}
		r.schema.statements(sql.Parse(r.facts.Text(i)), Place{r.file, where})
	}
}

// statements notes what statements declare unique and what they drop.
func (s *schema) statements(list []sql.Statement, where Place) {
	for _, statement := range list {
		for _, c := range statement.Unique {
			if statement.Table != "" {
				slices.Sort(c.Columns)
				s.tables[statement.Table] = append(s.tables[statement.Table], unique{Constraint: c, where: where})
			}
		}
		for _, name := range statement.Dropped {
			s.dropped[name] = true
		}
	}
}

func declares(text string) bool {
	if text == "" || text[0] > ' ' && text[0] < utf8.RuneSelf && !strings.ContainsRune("cadCAD", rune(text[0])) {
		return false // most are told by their first letter
	}
	text = strings.TrimSpace(text[:min(len(text), 200)])
	if text == "" || !strings.ContainsRune("cadCAD", rune(text[0])) {
		return false
	}
	start := strings.ToLower(text)
	return strings.HasPrefix(start, "create ") || strings.HasPrefix(start, "alter table") || strings.HasPrefix(start, "drop index")
}
