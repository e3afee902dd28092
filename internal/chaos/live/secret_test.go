package live

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/chaos/export"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/page"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/needs"
)

// TestSecretsNowhere: passwords, parameters and literals are in no report, page, kept file or exported test, and
// parameters are where they were asked for.
func TestSecretsNowhere(t *testing.T) {
	t.Parallel()
	for _, shown := range []bool{false, true} {
		var o *sweep.Options
		kept := filepath.Join(t.TempDir(), "kept.json")
		r, made := effect(t, "secret", false, func(given *sweep.Options) {
			o, given.Only, given.Resume, given.ShowValues = given, []string{"COMMIT"}, kept, shown
			given.Kinds = []fault.Kind{fault.ResponseLost, fault.ErrorStatus}
		})
		if len(made.Findings) != 1 {
			t.Fatalf("%+v, want one finding; problems %q", made.Findings, r.Problems)
		}
		var all bytes.Buffer
		all.WriteString(files(t, kept))
		if err := json.NewEncoder(&all).Encode([]any{made.Findings, made.Incomplete, made.Notes, r.Judgements}); err != nil {
			t.Fatal(err)
		}
		if err := page.Write(&all, made.Page("tiebeam", o.Command)); err != nil {
			t.Fatal(err)
		}
		file, left := made.Export(t.TempDir(), o)
		if err := export.Write(&all, file); err != nil || len(left) > 0 || len(file.Cases) != 1 {
			t.Fatalf("%d cases, %q, %v; want one test", len(file.Cases), left, err)
		}
		if strings.Contains(all.String(), "tester:") || strings.Contains(all.String(), "password") {
			t.Error("the report tells how the program connects")
		}
		if said := strings.Contains(all.String(), "hunter2"); said != shown {
			t.Errorf("parameters are told: %t, asked for: %t", said, shown)
		}
	}
}

// TestLastWords: a command that fails and says how it connects is quoted without the password.
func TestLastWords(t *testing.T) {
	t.Parallel()
	interpreter := needs.Python(t, "sys")
	code := "import os, sys\nprint(os.environ['DATABASE_URL'], os.environ['PGPASSWORD'])\nsys.exit(1)"
	r := swept(t, options(t, []string{"DATABASE_URL=postgresql://shop:hunter2%20x@127.0.0.1:1/shop", "PGPASSWORD=hunter3"}, interpreter, "-c", code))
	if len(r.Problems) != 1 || strings.Contains(r.Problems[0], "hunter") || !strings.Contains(r.Problems[0], "shop:***@") {
		t.Errorf("%q, want the last words without passwords", r.Problems)
	}
}

// files is what a file holds, empty where it is not there.
func files(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
