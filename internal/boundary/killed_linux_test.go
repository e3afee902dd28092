package boundary_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/boundary"
	"github.com/tiebeam/tiebeam/internal/boundary/evidence"
)

// endless has mutants that are judged at once, and behind them some that run until their time is over.
const endless = `
-- conftest.py --
-- a_fits.py --
def fits(size, limit=10):
    return size <= limit
-- b_drain.py --
def first(n):
    while n > 0:
        n -= bool(n)
    return n


def second(n):
    while n > 0:
        n -= bool(n)
    return n


def third(n):
    while n > 0:
        n -= bool(n)
    return n
-- test_app.py --
import b_drain
import pytest
from a_fits import fits


def test_fits():
    assert fits(10)
    assert not fits(11)


@pytest.mark.parametrize("name", ["first", "second", "third"])
def test_drain(name):
    assert getattr(b_drain, name)(3) == 0
`

// TestKilledRun kills a run with SIGKILL while mutants are running. Nothing of it goes on, nothing is left of it, the project
// is as it was, and the next run takes up what was kept.
func TestKilledRun(t *testing.T) {
	if root := os.Getenv("TIEBEAM_RUN_ROOT"); root != "" {
		runToBeKilled(t, root)
		return
	}
	interpreter := python(t)
	root := unpacked(t, endless)
	before := contents(t, root)
	temporary, kept := t.TempDir(), filepath.Join(t.TempDir(), "kept.json")
	command := exec.Command(os.Args[0], "-test.run=^TestKilledRun$")
	command.Env = append(os.Environ(), "TMPDIR="+temporary, "TIEBEAM_RUN_ROOT="+root, "TIEBEAM_RUN_PYTHON="+interpreter, "TIEBEAM_RUN_KEPT="+kept)
	command.Stderr = os.Stderr
	said, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	judged := false
	for lines := bufio.NewScanner(said); !judged && lines.Scan(); {
		judged = lines.Text() == "kept"
	}
	if !judged {
		t.Fatalf("the run ended before anything was kept: %v", command.Wait())
	}
	if len(started(t, temporary)) == 0 {
		t.Error("nothing was running when the run was killed")
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Fatal("the run was not killed")
	}
	eventually(t, "processes go on", func() []string { return started(t, temporary) })
	eventually(t, "files are left", func() []string {
		left, err := filepath.Glob(filepath.Join(temporary, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return left
	})
	if after := contents(t, root); after != before {
		t.Errorf("the project was changed:\n%s\nwas\n%s", after, before)
	}

	raw, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	known, err := evidence.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	targets, o := endlessRun(t, root, interpreter)
	o.Known = known
	outcome, err := boundary.Run(t.Context(), targets, o)
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Reused == 0 || outcome.Ran == 0 {
		t.Errorf("%d verdicts were taken over and %d found, want some of both", outcome.Reused, outcome.Ran)
	}
	for _, c := range outcome.Evidence.Comparisons {
		for _, m := range c.Mutants {
			if m.Verdict == "" {
				t.Errorf("%s was not judged", m.Text)
			}
		}
	}
}

func endlessRun(t *testing.T, root, interpreter string) ([]boundary.Target, boundary.Options) {
	snapshot := load(t, root)
	return boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{All: true}), options(root, interpreter, snapshot)
}

// runToBeKilled is the run that TestKilledRun kills, in a process of its own.
func runToBeKilled(t *testing.T, root string) {
	targets, o := endlessRun(t, root, os.Getenv("TIEBEAM_RUN_PYTHON"))
	o.Keep = func(f *evidence.File) {
		raw, err := evidence.Format(f)
		if err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(os.Getenv("TIEBEAM_RUN_KEPT"), raw, 0o600); err != nil {
			t.Error(err)
		}
		fmt.Println("kept")
	}
	if _, err := boundary.Run(t.Context(), targets, o); err != nil {
		t.Error(err)
	}
}

// started lists the processes that were told of a file below a folder, without those that are ending.
func started(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, name := range names {
		if raw, err := os.ReadFile(name); err == nil && bytes.Contains(raw, []byte(folder)) {
			found = append(found, strings.Split(name, "/")[2])
		}
	}
	return found
}

// eventually waits until a list is empty.
func eventually(t *testing.T, complaint string, list func() []string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for left := list(); len(left) > 0; left = list() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Errorf("%s: %s", complaint, strings.Join(left, " "))
			return
		}
	}
}
