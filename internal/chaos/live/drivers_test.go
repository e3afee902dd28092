package live

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/redirect"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// paid sweeps the payment service with a driver, and returns the result with what really happened in each run with a
// fault: charges and rows.
func paid(t *testing.T, client, variant string, kinds ...fault.Kind) (*sweep.Result, [][2]int) {
	t.Helper()
	interpreter := needs.Python(t, "psycopg", "psycopg2", "asyncpg", "sqlalchemy")
	url := postgres(t).url(t, "")
	pay := newProvider(t, false)
	truth := filepath.Join(t.TempDir(), "truth")
	o := options(t, []string{"DATABASE_URL=" + url, "TRUE_DSN=" + libpq(url), "PAY_URL=" + pay.URL, "TRUE_PAY=" + pay.URL, "TRUTH=" + truth},
		interpreter, "pay.py", client, variant)
	o.Redirect, o.NoProxy, o.AllPoints, o.Kinds = []redirect.Named{{Name: "PAY_URL"}}, true, true, kinds
	r := swept(t, o)
	raw, err := os.ReadFile(truth)
	if err != nil {
		t.Fatal(err)
	}
	var happened [][2]int
	for line := range strings.Lines(string(raw)) {
		var charges, rows int
		if _, err := fmt.Sscan(line, &charges, &rows); err != nil {
			t.Fatal(err)
		}
		happened = append(happened, [2]int{charges, rows})
	}
	if len(happened) < 2 || happened[0] != [2]int{1, 1} || happened[1] != [2]int{1, 1} {
		t.Fatalf("without a fault there is one charge and one row, got %v", happened)
	}
	return r, happened[2:]
}

// TestDrivers: the table of drivers. Each operation before or with an effect is a point, at each of them the verdict on
// the wire is what really happened, and the repaired service is found to be right.
func TestDrivers(t *testing.T) {
	for _, row := range []struct {
		client, variant string
		kind            fault.Kind
		points, twice   int
	}{
		{"psycopg3", "broken", fault.ResponseLost, 4, 4},
		{"psycopg2", "broken", fault.ResponseLost, 4, 4},
		{"pipeline", "broken", fault.ResponseLost, 6, 6},
		{"sqlalchemy", "broken", fault.ResponseLost, 13, 13},
		{"asyncpg", "broken", fault.ResponseLost, 2, 2},
		{"psycopg3", "fixed", fault.ResponseLost, 4, 0},
		{"psycopg3", "newkey", fault.ResponseLost, 4, 4},
		{"psycopg3", "broken", fault.Hang, 4, 4},
		{"asyncpg", "broken", fault.Hang, 2, 2},
		{"psycopg3", "broken", fault.HalfOpen, 4, 4},
		{"asyncpg", "broken", fault.HalfOpen, 2, 2},
	} {
		t.Run(fmt.Sprintf("%s %s %s", row.client, row.variant, row.kind), func(t *testing.T) {
			t.Parallel()
			r, happened := paid(t, row.client, row.variant, row.kind)
			if len(r.Judgements) != row.points || len(happened) != row.points {
				var points []string
				for _, j := range r.Judgements {
					points = append(points, j.Point.String())
				}
				t.Fatalf("points %q and %d runs, want %d", points, len(happened), row.points)
			}
			twice := 0
			for i, j := range r.Judgements {
				was := happened[i]
				if !j.Reached || len(j.Withheld) > 0 {
					t.Errorf("%s: reached %t, withheld %q", j.Point, j.Reached, j.Withheld)
				}
				charges, rows := found(j)
				if charges != (was[0] > 1) || rows != (was[1] > 1) {
					t.Errorf("%s: told %t charges and %t rows as twice; really %d charges and %d rows", j.Point, charges, rows, was[0], was[1])
				}
				if charges || rows {
					twice++
				}
				for _, d := range j.Duplicates {
					if charged := strings.HasPrefix(d.Again.Shape, "POST"); d.Renewed != (row.variant == "newkey" && charged) {
						t.Errorf("%s: key renewed: %t", d.Again.Shape, d.Renewed)
					}
				}
			}
			if twice != row.twice {
				t.Errorf("twice at %d points, want %d", twice, row.twice)
			}
		})
	}
}

// found says what a judgement holds to have happened twice.
func found(j *verdict.Judgement) (charges, rows bool) {
	for _, d := range j.Duplicates {
		charges = charges || strings.HasPrefix(d.Again.Shape, "POST /charge")
		rows = rows || strings.HasPrefix(d.Again.Shape, "INSERT INTO payment")
	}
	return charges, rows
}
