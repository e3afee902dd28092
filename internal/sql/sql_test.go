package sql

import (
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text string
		want []Statement
	}{
		{"INSERT INTO payment (order_id, cents) VALUES ($1, $2)", []Statement{{
			Verb: Insert, Table: "payment", Columns: []string{"order_id", "cents"},
		}}},
		{"insert into shop.payment(order_id) values (%s) on conflict (order_id) do nothing", []Statement{{
			Verb: Insert, Table: "payment", Columns: []string{"order_id"}, Conflict: Ignores, ConflictColumns: []string{"order_id"},
		}}},
		{`INSERT INTO "Payment" AS p ("order_id") VALUES (:id) ON CONFLICT ON CONSTRAINT once DO UPDATE SET n = p.n + 1 WHERE p.open`, []Statement{{
			Verb: Insert, Table: "payment", Columns: []string{"order_id"}, Conflict: Replaces, Relative: true,
		}}},
		{"INSERT INTO t (a, b) VALUES (?, ?) ON DUPLICATE KEY UPDATE b = VALUES(b)", []Statement{{
			Verb: Insert, Table: "t", Columns: []string{"a", "b", "b"}, Conflict: Replaces,
		}}},
		{"INSERT OR IGNORE INTO t VALUES (?)", []Statement{{Verb: Insert, Table: "t", Conflict: Ignores}}},
		{"INSERT IGNORE INTO `t` (`a`) VALUES (%(a)s)", []Statement{{Verb: Insert, Table: "t", Columns: []string{"a"}, Conflict: Ignores}}},
		{"REPLACE INTO t (a) VALUES (1)", []Statement{{Verb: Insert, Table: "t", Columns: []string{"a"}, Conflict: Replaces}}},
		{"INSERT INTO t (a) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = $1)", []Statement{{
			Verb: Insert, Table: "t", Columns: []string{"a"}, Conflict: Ignores,
		}}},
		{"INSERT INTO {} (a) VALUES ('it''s; -- no comment')", []Statement{{Verb: Insert, Columns: []string{"a"}}}},
		{`DELETE FROM "{}" WHERE a = 1`, []Statement{{Verb: Delete, Where: true, Keys: []string{"a"}}}},
		{"UPDATE account SET cents = cents - $2 WHERE id = $1", []Statement{{
			Verb: Update, Table: "account", Columns: []string{"cents"}, Relative: true, Where: true, Keys: []string{"id"},
		}}},
		{"UPDATE account SET state = 'paid', at = now() WHERE $1 = id AND version IN (1, 2)", []Statement{{
			Verb: Update, Table: "account", Columns: []string{"state", "at"}, Where: true, Keys: []string{"id", "version"},
		}}},
		{"DELETE FROM t WHERE a = 1; TRUNCATE TABLE u", []Statement{
			{Verb: Delete, Table: "t", Where: true, Keys: []string{"a"}}, {Verb: Delete, Table: "u"},
		}},
		{"SELECT 1 FROM handled WHERE event_id = $1 FOR UPDATE", []Statement{{
			Verb: Select, Table: "handled", Where: true, Keys: []string{"event_id"}, Locks: true,
		}}},
		{"WITH gone AS (DELETE FROM inbox WHERE id = $1 RETURNING *) INSERT INTO archive SELECT * FROM gone", []Statement{
			{Verb: Delete, Table: "inbox", Where: true, Keys: []string{"id"}}, {Verb: Insert, Table: "archive"},
		}},
		{"-- once\nCREATE TABLE IF NOT EXISTS payment (id serial PRIMARY KEY, order_id text NOT NULL UNIQUE, n numeric(10, 2), CONSTRAINT two UNIQUE (n, order_id))", []Statement{{
			Verb: CreateTable, Table: "payment", Unique: []Constraint{
				{Columns: []string{"id"}, Primary: true}, {Columns: []string{"order_id"}}, {Name: "two", Columns: []string{"n", "order_id"}},
			},
		}}},
		{"CREATE UNIQUE INDEX CONCURRENTLY once ON public.payment USING btree (order_id)", []Statement{{
			Verb: CreateIndex, Table: "payment", Unique: []Constraint{{Name: "once", Columns: []string{"order_id"}}},
		}}},
		{"CREATE UNIQUE INDEX once ON payment (order_id) WHERE open", []Statement{{Verb: CreateIndex, Table: "payment"}}},
		{"ALTER TABLE payment ADD CONSTRAINT once UNIQUE (order_id), DROP CONSTRAINT old", []Statement{{
			Verb: AlterTable, Table: "payment", Unique: []Constraint{{Name: "once", Columns: []string{"order_id"}}}, Dropped: []string{"old"},
		}}},
		{"BEGIN; COMMIT; ROLLBACK; PRAGMA x", []Statement{{Verb: Begin}, {Verb: Commit}, {Verb: Rollback}, {}}},
		{"MERGE INTO t USING s ON t.a = s.a WHEN MATCHED THEN UPDATE SET b = 1", []Statement{{Verb: Merge, Table: "t", Conflict: Replaces}}},
		{"", nil},
	} {
		if got := Parse(c.text); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s\n got %+v\nwant %+v", c.text, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"INSERT INTO t (a) VALUES ($1)", "WITH a AS (", "CREATE TABLE t (", "$a$ b", "'", "/*", "UPDATE"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		Parse(s)
	})
}

func TestDeepText(t *testing.T) {
	Parse(strings.Repeat("WITH a AS (", 100_000))
	Parse(strings.Repeat("(", 1_000_000))
}
