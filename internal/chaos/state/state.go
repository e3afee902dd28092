package state

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Table is what a table holds.
type Table struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	// Columns are sums of hashes by column.
	Columns map[string]string `json:"columns,omitempty"`
}

// Snapshot is what a database holds. Tables are sorted by name.
type Snapshot []Table

// Limits of a snapshot.
const (
	timeLimit = 5 * time.Second
	maxTables = 500
	// maxRows is the size up to which columns are hashed; a larger table is counted only.
	maxRows = 200_000
)

// tables lists the tables of a program with their columns, but for serial numbers, which a row that was taken away and put
// back has anew.
const tables = `select n.nspname, c.relname, array_remove(array_agg(a.attname::text order by a.attnum), null)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
  and not exists (select from pg_attrdef d where d.adrelid = c.oid and d.adnum = a.attnum and pg_get_expr(d.adbin, d.adrelid) like 'nextval(%')
where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\_toast%'
group by 1, 2 order by 1, 2 limit $1`

// Take looks at a database over a connection of its own.
func Take(ctx context.Context, url string) (Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("look at the database: its URL cannot be used")
	}
	config.RuntimeParams["application_name"] = "tiebeam chaos"
	config.RuntimeParams["lock_timeout"] = "500"
	config.RuntimeParams["default_transaction_read_only"] = "on"
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	rows, err := conn.Query(ctx, tables, maxTables)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	type listed struct {
		schema, name string
		columns      []string
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l listed, err error) {
		err = row.Scan(&l.schema, &l.name, &l.columns)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	var out Snapshot
	for _, l := range all {
		t := Table{Name: l.name}
		if l.schema != "public" {
			t.Name = l.schema + "." + l.name
		}
		if err := fill(ctx, conn, &t, pgx.Identifier{l.schema, l.name}.Sanitize(), l.columns); err != nil {
			return nil, fmt.Errorf("look at %s: %w", t.Name, err)
		}
		out = append(out, t)
	}
	return out, nil
}

// fill counts a table and sums its columns.
func fill(ctx context.Context, conn *pgx.Conn, t *Table, name string, columns []string) error {
	if err := conn.QueryRow(ctx, "select count(*) from "+name).Scan(&t.Rows); err != nil || t.Rows > maxRows || t.Rows == 0 {
		return err
	}
	var sums []string
	for _, c := range columns {
		if c != "" {
			sums = append(sums, "coalesce(sum(hashtextextended("+pgx.Identifier{c}.Sanitize()+"::text, 0)::numeric), 0)::text")
		}
	}
	if len(sums) == 0 {
		return nil
	}
	values := make([]string, len(sums))
	into := make([]any, len(sums))
	for i := range values {
		into[i] = &values[i]
	}
	if err := conn.QueryRow(ctx, "select "+strings.Join(sums, ", ")+" from "+name).Scan(into...); err != nil {
		return err
	}
	t.Columns = map[string]string{}
	for i, c := range columns {
		t.Columns[c] = values[i]
	}
	return nil
}

// Difference is what a table holds otherwise than it should.
type Difference struct {
	Table string `json:"table"`
	// Was and Is are numbers of rows.
	Was int64 `json:"was"`
	Is  int64 `json:"is"`
	// Columns have other values, where the number of rows is the same.
	Columns []string `json:"columns,omitempty"`
}

// Compare says where a snapshot differs from two that should be alike, what differs between those left out. comparable
// is false where the two do not even have the same rows.
func Compare(first, second, now Snapshot) (differences []Difference, comparable bool) {
	if len(first) != len(second) {
		return nil, false
	}
	for i, t := range first {
		if second[i].Name != t.Name || second[i].Rows != t.Rows {
			return nil, false
		}
		at := slices.IndexFunc(now, func(n Table) bool { return n.Name == t.Name })
		d := Difference{Table: t.Name, Was: t.Rows}
		if at >= 0 {
			d.Is = now[at].Rows
			for column, sum := range t.Columns {
				if second[i].Columns[column] == sum && now[at].Columns[column] != sum && d.Is == d.Was {
					d.Columns = append(d.Columns, column)
				}
			}
		}
		slices.Sort(d.Columns)
		if d.Is != d.Was || len(d.Columns) > 0 {
			differences = append(differences, d)
		}
	}
	return differences, true
}

// Volatile lists the columns that differ between two runs that should be alike, as table.column.
func Volatile(first, second Snapshot) []string {
	var out []string
	for i, t := range first {
		if i >= len(second) || second[i].Name != t.Name || second[i].Rows != t.Rows {
			continue
		}
		for column, sum := range t.Columns {
			if second[i].Columns[column] != sum {
				out = append(out, t.Name+"."+column)
			}
		}
	}
	slices.Sort(out)
	return out
}
