package program

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/sql"
)

// statementMethods are the names of methods that take a statement first, for objects of which nothing is known.
var statementMethods = set(`
execute executemany exec_driver_sql executescript fetch fetchval fetchrow fetchone fetchall fetch_one fetch_all
fetch_val query scalar scalars exec run_sql execute_sql run_query execute_query
`)

// statements gives the SQL statements of a call that takes them as its argument at position; nil where they cannot be
// shown.
func (e *Eval) statements(file FileID, call fact.Expr, position int) []sql.Statement {
	args := e.p.Files[file].OperandsOf(call)
	if position >= len(args) {
		return nil
	}
	arg := args[position]
	if x := &e.p.Files[file].Exprs[arg]; x.Kind == fact.Keyword {
		arg = x.A
	}
	text, ok := e.sqlText(ExprRef{file, arg}, 0)
	if !ok {
		return nil
	}
	return sql.Parse(text)
}

// maxTextParts bounds how deep a text is put together from parts.
const maxTextParts = 12

// sqlText puts the text of a statement together; what is not constant in it is a hole. ok is false where even its
// beginning is not known.
func (e *Eval) sqlText(ref ExprRef, depth int) (text string, ok bool) {
	facts := e.p.Files[ref.File]
	x := &facts.Exprs[ref.Expr]
	if depth > maxTextParts || ref.Expr == 0 {
		return "", false
	}
	part := func(child fact.Expr) (string, bool) { return e.sqlText(ExprRef{ref.File, child}, depth+1) }
	switch x.Kind {
	case fact.StrConst:
		return facts.Text(x.Text), true
	case fact.FString:
		return e.fstringText(ref, depth)
	case fact.Binary:
		left, ok := part(x.A)
		if x.Op == fact.OpMod || !ok {
			return left, ok && x.Op == fact.OpMod
		}
		if right, known := part(x.B); known {
			return left + right, x.Op == fact.OpAdd
		}
		return left + " " + sql.Hole + " ", x.Op == fact.OpAdd
	case fact.Call:
		return e.textCall(ref, x, depth)
	case fact.Name, fact.Attr:
		if origin := e.Origin(ref); origin != ref {
			return e.sqlText(origin, depth+1)
		}
		if v := e.One(ref); (v.Kind == Constant || v.Kind == Instance && v.Path == "builtins.str") && v.Origin.Expr != 0 && v.Origin != ref {
			return e.sqlText(v.Origin, depth+1)
		}
	}
	return "", false
}

func (e *Eval) fstringText(ref ExprRef, depth int) (string, bool) {
	facts := e.p.Files[ref.File]
	var b strings.Builder
	for _, operand := range facts.OperandsOf(ref.Expr) {
		x := &facts.Exprs[operand]
		switch x.Kind {
		case fact.StrConst:
			b.WriteString(facts.Text(x.Text))
		case fact.Formatted:
			if text, ok := e.sqlText(ExprRef{ref.File, x.A}, depth+1); ok {
				b.WriteString(text)
			} else {
				b.WriteString(sql.Hole)
			}
		}
	}
	return b.String(), true
}

// textCall is text("..."), sql.SQL("..."), "...".format(...), textwrap.dedent("...").
func (e *Eval) textCall(ref ExprRef, x *fact.ExprInfo, depth int) (string, bool) {
	facts := e.p.Files[ref.File]
	args := facts.OperandsOf(ref.Expr)
	switch calleeName(facts, ref.Expr) {
	case "text", "SQL", "dedent", "cleandoc", "TextClause", "RawSQL":
		if len(args) > 0 {
			return e.sqlText(ExprRef{ref.File, args[0]}, depth+1)
		}
	case "format", "strip", "bindparams", "execution_options", "columns":
		if callee := &facts.Exprs[x.A]; callee.Kind == fact.Attr {
			return e.sqlText(ExprRef{ref.File, callee.A}, depth+1)
		}
	}
	return "", false
}

// writing picks, of the statements of one call, the one that does most harm when it is repeated; nil where none writes.
func writing(statements []sql.Statement) *sql.Statement {
	var worst *sql.Statement
	for i := range statements {
		if s := &statements[i]; s.Writes() && (s.Table != "" || len(s.Columns) > 0) {
			if worst == nil || idempotentStatement(worst) != "" && idempotentStatement(s) == "" {
				worst = s
			}
		}
	}
	return worst
}

// idempotentStatement says by what repeating the statement has no further effect; "" where it has one.
func idempotentStatement(s *sql.Statement) string {
	switch s.Verb {
	case sql.Delete:
		return "idempotent"
	case sql.Merge:
		return "upsert"
	case sql.Update:
		if !s.Relative || versioned(s) {
			return "idempotent"
		}
	case sql.Insert:
		if s.Conflict == sql.Ignores || s.Conflict == sql.Replaces && !s.Relative {
			return "upsert"
		}
	}
	return ""
}

// versioned says whether an UPDATE that counts asks for the count it starts from: SET version = version + 1 ...
// WHERE version = $2.
func versioned(s *sql.Statement) bool {
	for _, column := range s.Columns {
		for _, key := range s.Keys {
			if key == column {
				return true
			}
		}
	}
	return false
}
