package sql

import "slices"

// insert reads INSERT and REPLACE behind the verb; REPLACE itself is still ahead.
func (r *reader) insert() {
	s := Statement{Verb: Insert}
	if r.got("replace") {
		s.Conflict = Replaces
	}
	for !r.done() && !r.peek().is("into") {
		switch {
		case r.got("ignore"), r.got("or", "ignore"):
			s.Conflict = Ignores
		case r.got("or", "replace"):
			s.Conflict = Replaces
		case r.got("or"), r.got("low_priority"), r.got("delayed"), r.got("high_priority"), r.got("overwrite"):
		case r.got("abort"), r.got("fail"), r.got("rollback"):
		default:
			r.insertInto(&s)
			return
		}
	}
	r.got("into")
	r.insertInto(&s)
}

func (r *reader) insertInto(s *Statement) {
	s.Table = r.table()
	if r.got("as") {
		r.identifier()
	}
	if !r.peek().is("(") || r.at+1 < len(r.tokens) && !r.tokens[r.at+1].is("select") {
		s.Columns, _ = columns(r.group())
	}
	if r.got("set") {
		r.assignments(s)
	}
	if r.notExists() && s.Conflict == Fails {
		s.Conflict = Ignores
	}
	for !r.done() {
		r.at = r.end("on")
		switch {
		case r.got("on", "conflict"):
			r.conflict(s)
		case r.got("on", "duplicate", "key", "update"):
			s.Conflict = Replaces
			r.assignments(s)
		case !r.done():
			r.at++
		}
	}
	r.found = append(r.found, *s)
}

// notExists says whether the rest asks that something is not there yet.
func (r *reader) notExists() bool {
	for i := r.at; i+1 < len(r.tokens); i++ {
		if r.tokens[i].is("not") && r.tokens[i+1].is("exists") {
			return true
		}
	}
	return false
}

func (r *reader) conflict(s *Statement) {
	s.ConflictColumns, _ = columns(r.group())
	r.at = r.end("do")
	if r.got("do", "nothing") {
		s.Conflict = Ignores
		return
	}
	if r.got("do", "update", "set") {
		s.Conflict = Replaces
		columns := s.Columns
		r.assignments(s)
		s.Columns = columns
	}
}

// update reads UPDATE behind the verb.
func (r *reader) update() {
	s := Statement{Verb: Update}
	if r.got("or") {
		r.identifier()
	}
	r.gotAny("only", "ignore", "low_priority")
	s.Table = r.table()
	r.at = r.end("set")
	if r.got("set") {
		r.assignments(&s)
	}
	r.where(&s)
	r.found = append(r.found, s)
}

// clauses are the words that end the list of assignments.
var clauses = []string{"where", "from", "returning", "order", "limit", "output", "on"}

// assignments reads "a = x, b = y" and notes the columns, and whether a value is computed from what is there.
func (r *reader) assignments(s *Statement) {
	end := r.end(clauses...)
	for r.at < end {
		stop := min(r.end(append([]string{","}, clauses...)...), end)
		item := r.tokens[r.at:stop]
		equal := slices.IndexFunc(item, func(t token) bool { return t.is("=") })
		if equal > 0 && item[0].name() != "" {
			column := item[equal-1].name()
			s.Columns = append(s.Columns, column)
			s.Relative = s.Relative || computed(item[equal+1:], column)
		}
		r.at = min(stop+1, end)
	}
	r.at = end
}

// computed says whether a value is arithmetic on the column itself.
func computed(value []token, column string) bool {
	reads, arithmetic := false, false
	for _, t := range value {
		switch {
		case t.name() == column:
			reads = true
		case t.is("+"), t.is("-"), t.is("*"), t.is("/"), t.is("||"), t.is("array_append"), t.is("concat"):
			arithmetic = true
		}
	}
	return reads && arithmetic
}

// delete reads DELETE behind FROM and TRUNCATE behind the verb.
func (r *reader) delete() {
	s := Statement{Verb: Delete}
	r.gotAny("table", "only")
	s.Table = r.table()
	r.where(&s)
	r.found = append(r.found, s)
}

// query reads SELECT behind the verb.
func (r *reader) query() {
	s := Statement{Verb: Select}
	r.at = r.end("from")
	if r.got("from") {
		s.Table = r.table()
	}
	r.where(&s)
	for i := r.at; i+1 < len(r.tokens); i++ {
		s.Locks = s.Locks || r.tokens[i].is("for") && (r.tokens[i+1].is("update") || r.tokens[i+1].is("no"))
	}
	r.found = append(r.found, s)
}

// where notes the columns that the WHERE clause ahead compares.
func (r *reader) where(s *Statement) {
	r.at = r.end("where")
	if !r.got("where") {
		return
	}
	s.Where = true
	for i := r.at; i < len(r.tokens); i++ {
		if t := r.tokens[i]; !t.is("=") && !t.is("in") && !t.is("is") {
			continue
		}
		if name := r.tokens[i-1].name(); name != "" && !r.tokens[i-1].is("where") && !r.tokens[i-1].is("not") {
			s.Keys = append(s.Keys, name)
		} else if i+1 < len(r.tokens) && r.tokens[i+1].name() != "" {
			s.Keys = append(s.Keys, r.tokens[i+1].name())
		}
	}
}
