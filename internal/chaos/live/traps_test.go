package live

import (
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// twice gives the shapes of what a sweep found to be done twice, and of what it withheld a verdict on.
func twice(r *sweep.Result) (shapes map[string]bool, withheld []string) {
	shapes = map[string]bool{}
	for _, j := range r.Judgements {
		for _, d := range j.Duplicates {
			shapes[d.Again.Shape] = true
		}
		withheld = append(withheld, j.Withheld...)
	}
	return shapes, withheld
}

// TestTraps: what is done again without harm is no finding, and what the wire cannot decide the end state does.
func TestTraps(t *testing.T) {
	interpreter := needs.Python(t, "psycopg")
	for _, c := range []struct {
		name string
		// twice is the beginning of the statement that is found, empty for none.
		twice string
	}{
		{"absolute-update", ""},
		{"relative-update", "UPDATE account SET bal = bal"},
		{"upsert", ""},
		{"counting-upsert", "INSERT INTO account"},
		{"ignored-conflict", ""},
		{"keyed-delete", ""},
		{"delete-then-insert", ""},
		{"plain-insert", "INSERT INTO log"},
		{"read-modify-write", "UPDATE account SET bal = ?"},
		{"function", "SELECT pay"},
		{"harmless-function", ""},
		{"copy", "COPY log"},
		{"savepoint", ""},
		{"failed-insert", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url := postgres(t).url(t, "")
			o := options(t, []string{"DATABASE_URL=" + url, "TRUE_DSN=" + libpq(url)}, interpreter, "traps.py", c.name)
			o.NoProxy, o.Only = true, []string{"COMMIT"}
			r := swept(t, o)
			if len(r.Judgements) != 1 || !r.Judgements[0].Reached {
				t.Fatalf("%d judgements; want the one of COMMIT, reached", len(r.Judgements))
			}
			shapes, withheld := twice(r)
			if len(withheld) > 0 {
				t.Errorf("withheld: %q", withheld)
			}
			if c.twice == "" && len(shapes) > 0 {
				t.Errorf("found %v, want nothing", shapes)
			}
			hit := false
			for s := range shapes {
				hit = hit || strings.HasPrefix(s, c.twice)
			}
			if c.twice != "" && !hit {
				t.Errorf("found %v, want %s", shapes, c.twice)
			}
		})
	}
}

// TestRedis: commands that count are found, also inside MULTI and where the client library itself repeats them; those
// that set are not, and a script is withheld.
func TestRedis(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "redis")
	address := redisServer(t)
	for _, c := range []struct {
		name, twice, library string
		withheld             bool
	}{
		{name: "library", twice: "INCRBY balance", library: "redis"},
		{name: "library3", twice: "INCRBY balance", library: "redis"},
		{name: "set", twice: ""},
		{name: "set3", twice: ""},
		{name: "loop", twice: "LPUSH queue"},
		{name: "loop3", twice: "LPUSH queue"},
		{name: "multi", twice: "INCRBY a"},
		{name: "multi3", twice: "INCRBY b"},
		{name: "pipeline", twice: "INCRBY b"},
		{name: "script", withheld: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := options(t, []string{"REDIS_URL=redis://" + address + "/0", "TRUE_REDIS=at " + address}, interpreter, "cache.py", c.name)
			o.NoProxy = true
			r := swept(t, o)
			shapes, withheld := twice(r)
			if c.twice == "" && len(shapes) > 0 || c.twice != "" && !shapes[c.twice] {
				t.Errorf("found %v, want %q", shapes, c.twice)
			}
			if (len(withheld) > 0) != c.withheld {
				t.Errorf("withheld %q", withheld)
			}
			if c.library != "" {
				made := chaos.Make(o.Dir, r)
				if len(made.Findings) != 1 || !strings.Contains(made.Findings[0].Message, "sent again by redis itself") || made.Findings[0].Line != 19 {
					t.Errorf("findings %+v, want one at line 19 that names the library", made.Findings)
				}
			}
		})
	}
}
