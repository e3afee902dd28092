package live

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// example gives the options of a sweep of the payment service.
func example(t *testing.T, variant string, kinds ...fault.Kind) *sweep.Options {
	t.Helper()
	interpreter := needs.Python(t, "psycopg", "httpx", "pytest")
	o := options(t, []string{"DATABASE_URL=" + postgres(t).url(t, "")}, interpreter, "-m", "pytest", "-q", "-p", "no:cacheprovider")
	folder, err := filepath.Abs(filepath.Join("..", "..", "..", "examples", "payment", variant))
	if err != nil {
		t.Fatal(err)
	}
	o.Dir, o.Kinds, o.Patience = folder, kinds, 7*time.Second
	return o
}

// TestExamples: each kind of fault shows what is wrong with the broken payment service, and none anything of the repaired
// one.
func TestExamples(t *testing.T) {
	t.Parallel()
	shows := map[fault.Kind]string{}
	for _, kind := range fault.Kinds() {
		shows[kind] = chaos.RepeatsEffect
	}
	shows[fault.Hang], shows[fault.HalfOpen] = chaos.UnboundedWait, chaos.UnboundedWait
	for _, c := range []struct {
		variant, point string
		kinds          []fault.Kind
	}{
		{"broken", "COMMIT", slices.DeleteFunc(fault.Kinds(), func(k fault.Kind) bool { return k == fault.Latency })},
		{"broken", "POST", []fault.Kind{fault.Latency}}, // httpx gives up after two seconds, and charges again
		{"repaired", "COMMIT", fault.Kinds()},
		{"repaired", "POST", fault.Kinds()},
	} {
		t.Run(c.variant+" "+c.point, func(t *testing.T) {
			t.Parallel()
			o := example(t, c.variant, c.kinds...)
			o.Only, o.AllPoints, o.Delay = []string{c.point}, true, 3*time.Second
			r := swept(t, o)
			made := chaos.Make(o.Dir, r)
			if len(r.Judgements) != len(c.kinds) || len(made.Incomplete) > 0 {
				t.Errorf("%d judgements, want %d; not judged: %+v", len(r.Judgements), len(c.kinds), made.Incomplete)
			}
			for _, j := range r.Judgements {
				found := ""
				switch {
				case j.Endless:
					found = chaos.UnboundedWait
				case len(j.Duplicates) > 0:
					found = chaos.RepeatsEffect
				}
				want := shows[j.Kind]
				if c.variant == "repaired" {
					want = ""
				}
				if found != want {
					t.Errorf("%s: found %q, want %q", j.Kind, found, want)
				}
			}
			if c.variant == "repaired" && len(made.Findings) > 0 {
				t.Errorf("the repaired service is found: %+v", made.Findings)
			}
		})
	}
}
