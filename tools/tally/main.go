// Command tally runs the tests and says at the end how many passed, failed and were skipped, and why they were.
//
//	go run ./tools/tally ./...
//	go run ./tools/tally -short ./internal/settle
//
// Its arguments are those of `go test`, which it runs with -json: a line for each package, the output of what failed, the
// reason of each skip, and one closing line with the counts. A subtest counts like a test. Exit 0: everything passed or
// was skipped; 1: something failed; 2: go test could not be run.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(arguments []string, stdout, stderr io.Writer) int {
	command := exec.Command("go", append([]string{"test", "-json"}, arguments...)...)
	command.Stderr = stderr
	events, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		fmt.Fprintln(stderr, "tally: run go test:", err)
		return 2
	}
	t := newTally(stdout)
	readErr := t.read(events)
	err = command.Wait()
	t.close()
	var exited *exec.ExitError
	switch {
	case readErr != nil:
		fmt.Fprintln(stderr, "tally: read the events of go test:", readErr)
		return 2
	case err != nil && !errors.As(err, &exited):
		fmt.Fprintln(stderr, "tally: run go test:", err)
		return 2
	case err != nil || t.failed > 0:
		return 1
	}
	return 0
}

// event is one line of `go test -json`; see `go doc test2json`. Output of a build has ImportPath instead of Package.
type event struct {
	Action, Package, Test, ImportPath, Output string
	Elapsed                                   float64
}

// testName is a test of a package; the package itself has no Test.
type testName struct{ pkg, test string }

// tally counts events and prints what a reader needs of them.
type tally struct {
	out      io.Writer
	output   map[testName][]string
	skips    []string
	broken   []string
	packages int

	passed, failed, skipped int
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, output: map[testName][]string{}}
}

// read takes events until their end. A line that is none is printed as it is.
func (t *tally) read(events io.Reader) error {
	for decoder := json.NewDecoder(events); ; {
		var e event
		if err := decoder.Decode(&e); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		t.add(&e)
	}
}

func (t *tally) add(e *event) {
	name := testName{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "output":
		t.output[name] = append(t.output[name], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endPackage(e)
		} else {
			t.endTest(name, e.Action)
		}
		delete(t.output, name)
	}
}

// endTest counts a test.
func (t *tally) endTest(name testName, action string) {
	switch action {
	case "pass":
		t.passed++
	case "fail":
		t.failed++
		fmt.Fprint(t.out, strings.Join(t.output[name], ""))
	case "skip":
		t.skipped++
		t.skips = append(t.skips, fmt.Sprintf("%s %s: %s", name.pkg, name.test, reason(t.output[name])))
	}
}

// endPackage prints the line of a package that has tests, and all that it said outside of its tests when it failed: a panic, a data race,
// a build that broke.
func (t *tally) endPackage(e *event) {
	switch e.Action {
	case "fail":
		t.packages++
		t.broken = append(t.broken, e.Package)
		fmt.Fprint(t.out, strings.Join(t.output[testName{pkg: e.Package}], ""))
		fmt.Fprintf(t.out, "FAIL  %s  %.1fs\n", e.Package, e.Elapsed)
	case "pass":
		t.packages++
		fmt.Fprintf(t.out, "ok    %s  %.1fs\n", e.Package, e.Elapsed)
	}
}

// reason is what a test said when it skipped itself, without the lines of the framework.
func reason(output []string) string {
	var said []string
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			said = append(said, line)
		}
	}
	if len(said) == 0 {
		return "no reason given"
	}
	return strings.Join(said, " ")
}

// close prints the skips with their reasons and the counts.
func (t *tally) close() {
	for _, skip := range t.skips {
		fmt.Fprintln(t.out, "skipped:", skip)
	}
	for _, name := range t.broken {
		fmt.Fprintln(t.out, "failed:", name)
	}
	fmt.Fprintf(t.out, "%d tests passed, %d failed, %d skipped, in %d packages, %d of which failed\n",
		t.passed, t.failed, t.skipped, t.packages, len(t.broken))
}
