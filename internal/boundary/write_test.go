package boundary_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/tiebeam/tiebeam/internal/boundary"
)

// unpacked writes an archive into a folder of its own.
func unpacked(t *testing.T, archive string) string {
	t.Helper()
	root := t.TempDir()
	for _, file := range txtar.Parse([]byte(archive)).Files {
		write(t, filepath.Join(root, filepath.FromSlash(file.Name)), string(file.Data))
	}
	return root
}

// styles has the same function three times, each with tests in another style.
const styles = `
-- conftest.py --
-- seats.py --
def fits(taken, quota=10):
    return not taken > quota


def book(taken, quota=10):
    if taken >= quota:
        raise ValueError("full")
    return quota - taken
-- rooms.py --
def fits(taken, quota=10):
    return not taken > quota
-- trips.py --
def fits(taken: int, quota: int = 10) -> bool:
    return not taken > quota
-- tests/test_seats.py --
import unittest

from seats import book, fits


class SeatsTest(unittest.TestCase):
    def test_fits(self):
        self.assertTrue(fits(3))
        self.assertFalse(fits(30))

    def test_book(self):
        self.assertEqual(book(1), 9)
        with self.assertRaises(ValueError):
            book(12)
-- tests/test_rooms.py --
from rooms import fits


class TestFits:
    def test_few(self):
        assert fits(3) is True

    def test_many(self):
        assert fits(30) is False
-- tests/unit/test_trips.py --
from trips import fits


def test_fits() -> None:
    name = 'x'
    other = 'y'
    assert name != other
    assert fits(3)
    assert not fits(30)
`

// wantUnittest is what a person would write beside SeatsTest; the property stands there only where Hypothesis is.
const wantUnittest = `"""The limits of seats: at each, one below and one above."""

import unittest

from seats import book, fits


class LimitsTest(unittest.TestCase):
    def test_fits_around_10(self):
        for taken, expected in [
            (9, True),
            (10, True),  # the limit
            (11, False),
        ]:
            with self.subTest(taken=taken):
                self.assertIs(fits(taken, 10), expected)

    # Question for the author: ` + "`taken >= quota`" + ` refuses already at quota itself (taken =
    # 10). Is quota the last value that may pass, or the first that may not?
    def test_book_around_10(self):
        self.assertEqual(book(9, 10), 1)

    def test_book_refuses_at_10(self):
        for taken in [10, 11]:
            with self.subTest(taken=taken):
                with self.assertRaises(ValueError):
                    book(taken, 10)
`

// TestWriteTests writes tests in the style of those that are there and beside them; each passes as the code is and fails
// with what it is for, and after all of them nothing is left that goes unnoticed.
func TestWriteTests(t *testing.T) {
	interpreter := python(t)
	root := unpacked(t, styles)
	outcome, written := missing(t, root, interpreter)
	texts := map[string]string{}
	for _, w := range written {
		texts[w.Path] = w.Text
		if len(w.Kills) < 2 {
			t.Errorf("%s notices %q, want both that went unnoticed", w.Path, w.Kills)
		}
		write(t, filepath.Join(root, w.Path), w.Text)
	}
	for path, want := range map[string][]string{
		"tests/test_seats_boundary.py":      {"class LimitsTest(unittest.TestCase):\n"},
		"tests/test_rooms_boundary.py":      {"class TestLimits:\n", "    def test_fits_around_10(self, taken, expected):\n", "assert fits(taken, 10) is expected"},
		"tests/unit/test_trips_boundary.py": {"def test_fits_around_10(taken: int, expected: bool) -> None:\n", "('taken', 'expected')"},
	} {
		for _, w := range want {
			if !strings.Contains(texts[path], w) {
				t.Errorf("%s has no %q:\n%s", path, w, texts[path])
			}
		}
	}
	if hasModule(interpreter, "hypothesis") {
		for path, text := range texts {
			if !strings.Contains(text, "@example(taken=10)") {
				t.Errorf("%s pins no limit:\n%s", path, text)
			}
		}
	} else if diff := cmp.Diff(wantUnittest, texts["tests/test_seats_boundary.py"]); diff != "" {
		t.Error(diff)
	}
	for _, runner := range [][]string{{"-m", "pytest", "-q", "-p", "no:cacheprovider"}, {"-m", "unittest", "discover", "-q", "-s", "tests", "-p", "test_seats*.py"}} {
		command := exec.Command(interpreter, runner...)
		command.Dir, command.Env = root, append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH="+root)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v: %v\n%s", runner, err, out)
		}
	}
	again := load(t, root)
	outcome, err := boundary.Run(t.Context(), boundary.Choose(again.Program, again.Source, boundary.Choice{}), options(root, interpreter, again))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range boundary.Findings(outcome) {
		t.Errorf("still reported: %s: %s", f.Path, f.Message)
	}
}

// missing judges a project and makes the tests that it lacks.
func missing(t *testing.T, root, interpreter string) (*boundary.Outcome, []boundary.Written) {
	t.Helper()
	snapshot := load(t, root)
	targets, o := boundary.Choose(snapshot.Program, snapshot.Source, boundary.Choice{}), options(root, interpreter, snapshot)
	outcome, err := boundary.Run(t.Context(), targets, o)
	if err != nil {
		t.Fatal(err)
	}
	written, err := boundary.WriteTests(t.Context(), targets, outcome, o)
	if err != nil {
		t.Fatal(err)
	}
	return outcome, written
}

func hasModule(python, name string) bool {
	return exec.Command(python, "-c", "import "+name).Run() == nil
}
