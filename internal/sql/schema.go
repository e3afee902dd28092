package sql

import "slices"

// create reads CREATE TABLE and CREATE UNIQUE INDEX behind the verb.
func (r *reader) create() {
	r.gotAny("or", "replace", "temp", "temporary", "global", "local", "unlogged")
	switch {
	case r.got("table"):
		r.gotAny("if", "not", "exists")
		r.createTable()
	case r.got("unique", "index"), r.got("unique", "clustered", "index"), r.got("unique", "nonclustered", "index"):
		r.uniqueIndex()
	default:
		r.found = append(r.found, Statement{})
	}
}

func (r *reader) createTable() {
	s := Statement{Verb: CreateTable, Table: r.table()}
	for body := (reader{tokens: r.group()}); !body.done(); body.at++ {
		end := body.end(",")
		item := reader{tokens: body.tokens[body.at:end]}
		item.definition(&s)
		body.at = end
	}
	r.found = append(r.found, s)
}

// definition reads one column or constraint of a table.
func (r *reader) definition(s *Statement) {
	name := ""
	if r.got("constraint") {
		name = r.identifier()
	}
	if c, ok := r.constraint(); ok {
		c.Name = name
		s.Unique = append(s.Unique, c)
		return
	}
	column := r.peek().name()
	for i := r.at + 1; i < len(r.tokens); i++ {
		primary := r.tokens[i].is("primary")
		if column != "" && (primary || r.tokens[i].is("unique")) {
			s.Unique = append(s.Unique, Constraint{Columns: []string{column}, Primary: primary})
		}
	}
}

// constraint reads "UNIQUE (a, b)", "PRIMARY KEY (a)" and "UNIQUE KEY name (a)".
func (r *reader) constraint() (Constraint, bool) {
	var c Constraint
	switch {
	case r.got("primary", "key"):
		c.Primary = true
	case r.got("unique"):
		r.gotAny("index", "key", "nulls", "not", "distinct")
	default:
		return c, false
	}
	if !r.peek().is("(") {
		c.Name = r.identifier()
	}
	names, known := columns(r.group())
	c.Columns = names
	return c, known && len(names) > 0
}

func (r *reader) uniqueIndex() {
	s := Statement{Verb: CreateIndex}
	r.gotAny("concurrently", "if", "not", "exists")
	c := Constraint{}
	if !r.peek().is("on") {
		c.Name = r.table()
	}
	if r.got("on") {
		r.gotAny("only")
		s.Table = r.table()
		if r.got("using") {
			r.identifier()
		}
		names, known := columns(r.group())
		// An index with a WHERE clause is unique among some of the rows only.
		partial := slices.ContainsFunc(r.tokens[r.at:], func(t token) bool { return t.is("where") })
		if c.Columns = names; known && !partial {
			s.Unique = append(s.Unique, c)
		}
	}
	r.found = append(r.found, s)
}

// alter reads ALTER TABLE behind the verb.
func (r *reader) alter() {
	r.gotAny("if", "exists", "only")
	s := Statement{Verb: AlterTable, Table: r.table()}
	for !r.done() {
		end := r.end(",")
		item := reader{tokens: r.tokens[r.at:end]}
		switch {
		case item.got("add"):
			item.gotAny("column", "if", "not", "exists")
			item.definition(&s)
		case item.got("drop", "constraint"), item.got("drop", "index"), item.got("drop", "key"):
			item.gotAny("if", "exists")
			s.Dropped = append(s.Dropped, item.identifier())
		}
		r.at = end + 1
	}
	r.found = append(r.found, s)
}
