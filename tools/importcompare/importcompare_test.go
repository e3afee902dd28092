package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestOurs: our verdicts are those that import-linter gave when the cases were written; `go run ./tools/importcompare` asks
// it again.
func TestOurs(t *testing.T) {
	all, err := cases()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			got, said, err := ours(c)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.verdict {
				t.Errorf("verdict %s, expected %s\n%s", got, c.verdict, said)
			}
		})
		kind, _, _ := strings.Cut(c.name, "-")
		seen[kind] = true
	}
	for _, kind := range []string{"layers", "independence", "forbidden", "protected", "acyclic"} {
		if !seen[kind] {
			t.Errorf("no case of %s", kind)
		}
	}
}

// TestTheirs compares with import-linter itself where it is installed or can be.
func TestTheirs(t *testing.T) {
	if testing.Short() {
		t.Skip("import-linter is asked without -short only")
	}
	var out, errors bytes.Buffer
	if code := run([]string{"-allow-none"}, &out, &errors); code != 0 {
		t.Errorf("exit code %d\n%s%s", code, out.String(), errors.String())
	}
	if reason, ok := strings.CutPrefix(out.String(), "skipped: "); ok {
		t.Skip(strings.TrimSpace(reason))
	}
}
