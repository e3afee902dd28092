package main

import (
	"strings"
	"testing"
)

// TestTally: counts, reasons of skips, and the output of what failed and of nothing else.
func TestTally(t *testing.T) {
	const events = `
{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestA/one","Elapsed":0}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:3: no interpreter\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB","Elapsed":0}
{"Action":"pass","Package":"p","Elapsed":0.25}
{"Action":"output","Package":"q","Test":"TestC","Output":"    c_test.go:9: want 1, got 2\n"}
{"Action":"fail","Package":"q","Test":"TestC","Elapsed":0}
{"Action":"fail","Package":"q","Elapsed":1}
{"Action":"build-output","ImportPath":"r","Output":"r.go:1:1: broken\n"}
{"Action":"fail","Package":"r","Elapsed":0}
`
	var out strings.Builder
	counted := newTally(&out)
	if err := counted.read(strings.NewReader(events)); err != nil {
		t.Fatal(err)
	}
	counted.close()
	said := out.String()
	for _, want := range []string{
		"ok    p  0.2s\n", "c_test.go:9: want 1, got 2", "FAIL  q  1.0s\n", "r.go:1:1: broken", "failed: r\n",
		"skipped: p TestB: b_test.go:3: no interpreter\n",
		"2 tests passed, 1 failed, 1 skipped, in 3 packages, 2 of which failed\n",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is missing in:\n%s", want, said)
		}
	}
	if strings.Contains(said, "quiet") {
		t.Errorf("the output of a test that passed was printed:\n%s", said)
	}
}

// TestTallyBrokenEvents: what is not JSON is an error and not a success.
func TestTallyBrokenEvents(t *testing.T) {
	var out strings.Builder
	if err := newTally(&out).read(strings.NewReader("go: cannot find main module\n")); err == nil {
		t.Error("no error")
	}
}
