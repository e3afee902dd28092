package sql

import "slices"

// Verb is what a statement does.
type Verb uint8

// The verbs.
const (
	Other Verb = iota
	Select
	Insert
	Update
	Delete
	Merge
	CreateTable
	CreateIndex
	AlterTable
	DropIndex
	Begin
	Commit
	Rollback
)

// Conflict says what an INSERT does where the row is there already.
type Conflict uint8

// The ways to meet a conflict.
const (
	Fails    Conflict = iota // the default: an error where a constraint sees it, else a second row
	Ignores                  // ON CONFLICT DO NOTHING, INSERT IGNORE, INSERT OR IGNORE, WHERE NOT EXISTS
	Replaces                 // ON CONFLICT DO UPDATE, ON DUPLICATE KEY UPDATE, REPLACE, MERGE
)

// Statement is what is known of one statement. Names are in lower case, without quotes and schema.
type Statement struct {
	Verb Verb
	// Table is the table written or created, for Select the first one read; "" where it is not known.
	Table string
	// Columns are those that are inserted or set.
	Columns []string
	// Conflict is what happens where the row is there; ConflictColumns are the columns that tell.
	Conflict        Conflict
	ConflictColumns []string
	// Relative is true where a value that is set is computed from the one that is there (n = n + 1), so that
	// doing it twice is not doing it once.
	Relative bool
	// Where is true where there is a WHERE clause; Keys are the columns it compares.
	Where bool
	Keys  []string
	// Unique are the sets of columns that the statement declares unique, primary keys included.
	Unique []Constraint
	// Dropped are the names of constraints and indexes that the statement drops.
	Dropped []string
	// Locks is true for SELECT ... FOR UPDATE.
	Locks bool
}

// Constraint is a set of columns of which no two rows have the same values.
type Constraint struct {
	Name    string // "" where it has none
	Columns []string
	Primary bool
}

// Writes says whether the statement changes rows.
func (s *Statement) Writes() bool {
	switch s.Verb {
	case Insert, Update, Delete, Merge:
		return true
	}
	return false
}

// Parse reads the statements of a text, those that write inside WITH clauses before the one they belong to.
func Parse(s string) []Statement {
	r := reader{tokens: scan(s)}
	for !r.done() {
		if r.got(";") {
			continue
		}
		start := r.at
		end := r.end(";")
		if end == start { // a parenthesis that closes nothing
			r.at++
			continue
		}
		inner := reader{tokens: r.tokens[start:end]}
		inner.statement()
		r.found = append(r.found, inner.found...)
		r.at = end
	}
	return r.found
}

// maxDepth bounds how deep statements inside statements are looked for.
const maxDepth = 8

// reader goes through the tokens of one statement.
type reader struct {
	tokens []token
	at     int
	depth  int
	found  []Statement
}

func (r *reader) done() bool { return r.at >= len(r.tokens) }

func (r *reader) peek() token {
	if r.done() {
		return token{kind: mark}
	}
	return r.tokens[r.at]
}

// got consumes the next words where they are these.
func (r *reader) got(words ...string) bool {
	for i, w := range words {
		if r.at+i >= len(r.tokens) || !r.tokens[r.at+i].is(w) {
			return false
		}
	}
	r.at += len(words)
	return true
}

// gotAny consumes every leading word that is one of these.
func (r *reader) gotAny(words ...string) {
	for !r.done() && r.peek().kind == word && slices.Contains(words, r.peek().text) {
		r.at++
	}
}

// end gives the position of the first of the words outside parentheses from here on, or the end of the tokens.
func (r *reader) end(words ...string) int {
	depth := 0
	for i := r.at; i < len(r.tokens); i++ {
		t := r.tokens[i]
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
			if depth < 0 {
				return i
			}
		case depth == 0 && (t.kind == word || t.kind == mark) && slices.Contains(words, t.text):
			return i
		}
	}
	return len(r.tokens)
}

// group gives the tokens inside the parentheses that start here, and stands behind them; nil where there are none.
func (r *reader) group() []token {
	if !r.got("(") {
		return nil
	}
	start := r.at
	end := r.end()
	r.at = min(end+1, len(r.tokens))
	return r.tokens[start:end]
}

// table reads a name with an optional schema; "" where a hole or something else stands there.
func (r *reader) table() string {
	name := r.identifier()
	for r.got(".") {
		name = r.identifier()
	}
	return name
}

func (r *reader) identifier() string {
	if r.done() {
		return ""
	}
	t := r.peek()
	if t.kind == param || t.kind == quoted || t.name() != "" {
		r.at++
	}
	return t.name()
}

// columns reads "(a, b)"; an expression in the list has no name and makes known false.
func columns(list []token) (names []string, known bool) {
	known = true
	for len(list) > 0 {
		size := len(list)
		r := reader{tokens: list}
		if i := r.end(","); i < size {
			size = i
		}
		item := list[:size]
		if len(item) > 0 && item[0].name() != "" && !slices.ContainsFunc(item, func(t token) bool { return t.is("(") }) {
			names = append(names, item[0].name())
		} else {
			known = false
		}
		list = list[min(size+1, len(list)):]
	}
	return names, known
}

// statement reads one statement and what is written inside its WITH clause.
func (r *reader) statement() {
	if r.got("with") {
		r.with()
	}
	switch {
	case r.got("insert"), r.peek().is("replace") && r.at+1 < len(r.tokens) && !r.tokens[r.at+1].is("("):
		r.insert()
	case r.got("update"):
		r.update()
	case r.got("delete", "from"), r.got("truncate"):
		r.delete()
	case r.got("merge"):
		r.gotAny("into")
		r.found = append(r.found, Statement{Verb: Merge, Table: r.table(), Conflict: Replaces})
	case r.got("select"):
		r.query()
	case r.got("create"):
		r.create()
	case r.got("alter", "table"):
		r.alter()
	case r.got("drop", "index"):
		r.gotAny("concurrently", "if", "exists")
		r.found = append(r.found, Statement{Verb: DropIndex, Dropped: []string{r.table()}})
	default:
		r.found = append(r.found, Statement{Verb: control(r.peek())})
	}
}

// control gives the verb of a statement that steers a transaction.
func control(t token) Verb {
	switch {
	case t.is("begin"), t.is("start"):
		return Begin
	case t.is("commit"), t.is("end"):
		return Commit
	case t.is("rollback"), t.is("abort"):
		return Rollback
	}
	return Other
}

// with reads the parts of a WITH clause; those that write are statements of their own.
func (r *reader) with() {
	r.gotAny("recursive")
	for {
		r.identifier()
		r.group()
		r.gotAny("as", "not", "materialized")
		r.nested(r.group())
		if !r.got(",") {
			return
		}
	}
}

// nested reads a statement in parentheses and keeps it where it writes.
func (r *reader) nested(tokens []token) {
	if r.depth >= maxDepth || len(tokens) == 0 {
		return
	}
	inner := reader{tokens: tokens, depth: r.depth + 1}
	inner.statement()
	for _, s := range inner.found {
		if s.Writes() {
			r.found = append(r.found, s)
		}
	}
}
