package pg

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/sql"
)

// statement is what is known of a statement's text.
type statement struct {
	op wire.Op
	// savepoint and back are the names in SAVEPOINT and ROLLBACK TO.
	savepoint, back string
}

// control are the first words of statements that change nothing that lasts.
var control = words("begin start commit end rollback abort savepoint release set reset discard listen unlisten deallocate prepare close declare move lock vacuum analyze checkpoint load")

// reads are the first words of statements that change nothing.
var reads = words("select values table show explain fetch")

// definitions fail or change nothing when they are done again.
var definitions = words("create alter drop truncate comment grant revoke refresh reindex cluster security import reassign")

func words(list string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(list) {
		set[w] = true
	}
	return set
}

// understand reads the text of a statement, or of several.
func understand(text string, options wire.Options) *statement {
	out, values := shape(text)
	hash := wire.NewHash(options.Salt)
	for _, v := range values {
		hash = hash.AddString(v)
	}
	s := &statement{op: wire.Op{Protocol: wire.Postgres, Shape: out, Values: hash.Sum()}}
	if options.Show && len(values) > 0 {
		s.op.Shown = wire.Cut(strings.Join(values, ", "), maxShown)
	}
	for i, parsed := range sql.Parse(out) {
		class := classify(&parsed)
		if parsed.Verb == sql.Other && i == 0 || class == wire.Read {
			class = byWord(out)
		}
		if class > s.op.Class {
			s.op.Class = class
		}
		if parsed.Writes() && s.op.Target == "" {
			s.op.Target = parsed.Table
		}
	}
	fields := strings.Fields(strings.ToLower(out))
	s.op.Calls = (s.op.Class == wire.Read || s.op.Class == wire.Unknown) && callsOwn(out)
	s.savepoint, s.back = savepoints(fields)
	return s
}

// classify says what it means to do a statement twice.
func classify(s *sql.Statement) wire.Class {
	switch s.Verb {
	case sql.Select:
		return wire.Read
	case sql.Insert:
		// What ignores a conflict counts rows only where it put some in, so it is an effect that the tag judges.
		if s.Conflict == sql.Replaces && !s.Relative {
			return wire.Idempotent
		}
		return wire.Effect
	case sql.Update:
		if s.Relative {
			return wire.Effect
		}
		return wire.Idempotent
	case sql.Delete, sql.CreateTable, sql.CreateIndex, sql.AlterTable, sql.DropIndex:
		return wire.Idempotent
	case sql.Merge:
		return wire.Unknown
	}
	return wire.Control
}

// byWord classifies a statement of which only the first word is known.
func byWord(shape string) wire.Class {
	first := shape
	if i := strings.IndexFunc(shape, func(r rune) bool { return r > 0x7f || !isWord(byte(r)) }); i >= 0 {
		first = shape[:i]
	}
	lower := strings.ToLower(first)
	switch {
	case lower == "" && !strings.HasPrefix(shape, "("), control[lower]:
		return wire.Control
	case lower == "" || reads[lower] || lower == "with":
		if changes(shape) {
			return wire.Unknown
		}
		return wire.Read
	case definitions[lower]:
		return wire.Idempotent
	case lower == "copy":
		if strings.Contains(strings.ToLower(shape), " from ") {
			return wire.Effect
		}
		return wire.Read
	case lower == "notify":
		return wire.Effect
	}
	return wire.Unknown
}

// changing are functions of PostgreSQL itself that change what lasts.
var changing = []string{"pg_notify", "lo_", "dblink", "pg_logical_emit_message", "pg_terminate_backend"}

func changes(shape string) bool {
	lower := strings.ToLower(shape)
	for _, name := range changing {
		if strings.Contains(lower, name) {
			return true
		}
	}
	return false
}

// pure are functions of PostgreSQL that statements call everywhere and that change nothing, and words that stand before
// a parenthesis without being functions.
var pure = words(`count sum min max avg coalesce nullif greatest least lower upper trim ltrim rtrim btrim length char_length
	substring substr replace split_part concat concat_ws format position strpos left right lpad rpad reverse md5 round ceil
	ceiling floor abs mod power sqrt random now clock_timestamp statement_timestamp date_trunc date_part extract age
	to_char to_date to_timestamp to_json to_jsonb row_to_json json_agg jsonb_agg array_agg string_agg bool_and bool_or
	every unnest generate_series array_length cardinality array_position row_number rank dense_rank lag lead first_value
	last_value ntile cast regexp_replace regexp_match regexp_matches encode decode gen_random_uuid uuid_generate_v4 hashtext
	version current_schema current_database current_setting current_schemas set_config has_table_privilege
	in values and or not exists any all some select as over filter on from where using with within group by having
	union except intersect when then else case end array row lateral interval char varchar numeric decimal timestamp bit
	is like ilike between distinct partition order returning set join limit offset`)

// callsOwn says whether a statement calls a function that may be the program's own, and so may write.
func callsOwn(shape string) bool {
	for i := 1; i < len(shape); i++ {
		if shape[i] != '(' {
			continue
		}
		start := i
		for start > 0 && (isWord(shape[start-1]) || shape[start-1] == '.') {
			start--
		}
		name := strings.ToLower(shape[start:i])
		if dot := strings.LastIndexByte(name, '.'); dot >= 0 && name[:dot] == "pg_catalog" || strings.HasPrefix(name, "pg_") ||
			strings.HasPrefix(name, "json") || strings.HasPrefix(name, "array_") {
			continue
		}
		if name != "" && !pure[name[strings.LastIndexByte(name, '.')+1:]] {
			return true
		}
	}
	return false
}

// savepoints reads "SAVEPOINT a" and "ROLLBACK [WORK|TRANSACTION] TO [SAVEPOINT] a".
func savepoints(fields []string) (set, back string) {
	if len(fields) < 2 {
		return "", ""
	}
	last := strings.Trim(fields[len(fields)-1], `";`)
	switch {
	case fields[0] == "savepoint":
		return last, ""
	case fields[0] == "rollback" || fields[0] == "abort":
		for _, f := range fields[1:] {
			if f == "to" {
				return "", last
			}
		}
	}
	return "", ""
}
