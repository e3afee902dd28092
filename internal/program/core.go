package program

import (
	"github.com/tiebeam/tiebeam/internal/fact"
	"github.com/tiebeam/tiebeam/internal/sql"
)

// maxLinks bounds the calls of a chain that are followed.
const maxLinks = 24

// builtStatement reads a statement that is built by calls, as SQLAlchemy does:
// insert(Payment).values(order_id=1).on_conflict_do_nothing(). Nil where the expression is none.
func (e *Eval) builtStatement(ref ExprRef) *sql.Statement {
	ref = e.Origin(ref)
	facts := e.p.Files[ref.File]
	var s sql.Statement
	for range maxLinks {
		x := &facts.Exprs[ref.Expr]
		if x.Kind != fact.Call {
			return nil
		}
		callee := &facts.Exprs[x.A]
		name := calleeName(facts, ref.Expr)
		switch name {
		case "insert", "update", "delete":
			return e.builtRoot(ref, name, &s)
		case "values":
			e.builtValues(ref, &s)
		case "where", "filter", "filter_by":
			s.Where = true
		case "on_conflict_do_nothing":
			s.Conflict = sql.Ignores
		case "on_conflict_do_update", "on_duplicate_key_update":
			s.Conflict = sql.Replaces
		case "prefix_with":
			if args := facts.OperandsOf(ref.Expr); len(args) > 0 && hasAny(facts.Text(facts.Exprs[args[0]].Text), []string{"IGNORE", "REPLACE"}) {
				s.Conflict = sql.Ignores
			}
		}
		if callee.Kind != fact.Attr {
			return nil
		}
		ref = e.Origin(ExprRef{ref.File, callee.A})
		facts = e.p.Files[ref.File]
	}
	return nil
}

// builtRoot completes the statement at the call that starts it: insert(Table) or table.insert().
func (e *Eval) builtRoot(ref ExprRef, name string, s *sql.Statement) *sql.Statement {
	facts := e.p.Files[ref.File]
	s.Verb = map[string]sql.Verb{"insert": sql.Insert, "update": sql.Update, "delete": sql.Delete}[name]
	table := ExprRef{}
	if args := facts.OperandsOf(ref.Expr); len(args) > 0 {
		table = ExprRef{ref.File, args[0]}
	} else if callee := &facts.Exprs[facts.Exprs[ref.Expr].A]; callee.Kind == fact.Attr {
		table = ExprRef{ref.File, callee.A}
	}
	s.Table = e.builtTable(table)
	if s.Table == "" {
		return nil
	}
	return s
}

// builtTable names the table of a model, or of a Table object.
func (e *Eval) builtTable(ref ExprRef) string {
	if ref.Expr == 0 {
		return ""
	}
	if v := e.One(ref); v.Kind == Class {
		return e.p.tables().named[v.Def]
	}
	ref = e.Origin(ref)
	facts := e.p.Files[ref.File]
	if args := facts.OperandsOf(ref.Expr); facts.Exprs[ref.Expr].Kind == fact.Call && calleeName(facts, ref.Expr) == "Table" && len(args) > 0 {
		text, _ := e.sqlText(ExprRef{ref.File, args[0]}, 0)
		return text
	}
	return ""
}

// builtValues reads values(a=1, n=Table.n + 1) and values({"a": 1}).
func (e *Eval) builtValues(ref ExprRef, s *sql.Statement) {
	facts := e.p.Files[ref.File]
	set := func(name string, value fact.Expr) {
		s.Columns = append(s.Columns, name)
		facts.Walk(value, func(child fact.Expr) bool {
			x := &facts.Exprs[child]
			s.Relative = s.Relative || x.Kind == fact.Attr && facts.Text(x.Text) == name && facts.Exprs[value].Kind == fact.Binary
			return true
		})
	}
	for _, arg := range facts.OperandsOf(ref.Expr) {
		x := &facts.Exprs[arg]
		switch {
		case x.Kind == fact.Keyword && x.Text != 0:
			set(facts.Text(x.Text), x.A)
		case x.Kind == fact.DictDisplay:
			items := facts.List(x.Ops)
			for i := 0; i+1 < len(items); i += 2 {
				if k := &facts.Exprs[items[i]]; items[i] != 0 && k.Kind == fact.StrConst {
					set(facts.Text(k.Text), items[i+1])
				}
			}
		}
	}
}
