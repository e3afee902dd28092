package boundary_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// styled is a project whose tests are written in some way, in which a test at the limit is missing.
type styled struct {
	archive string
	path    string   // where the test that was missing is written
	want    []string // what stands in it
	runner  []string // how such a project runs its tests; pytest where it is empty
}

const (
	limits = "def fits(taken, quota=10):\n    return not taken > quota\n"
	waits  = "class Full(Exception):\n    pass\n\n\nasync def book(taken, quota=10):\n    if taken > quota:\n        raise Full(taken)\n    return quota - taken\n"
)

var styledProjects = map[string]styled{
	"src layout": {
		archive: "-- pyproject.toml --\n[tool.pytest.ini_options]\npythonpath = [\"src\"]\n-- src/shop/__init__.py --\n-- src/shop/limits.py --\n" + limits +
			"-- tests/test_limits.py --\nfrom shop.limits import fits\n\n\ndef test_fits():\n    assert fits(3)\n    assert not fits(30)\n",
		path: "tests/test_limits_boundary.py",
		want: []string{"\nfrom shop.limits import fits\n", "assert fits(taken, 10) is expected"},
	},
	"relative imports": {
		archive: "-- shop/__init__.py --\n-- shop/limits.py --\n" + limits +
			"-- shop/tests/__init__.py --\n-- shop/tests/test_limits.py --\nfrom ..limits import fits\n\n\ndef test_fits():\n    assert fits(3)\n    assert not fits(30)\n",
		path: "shop/tests/test_limits_boundary.py",
		want: []string{"\nfrom ..limits import fits\n"},
	},
	"path set by conftest": {
		archive: "-- lib/limits.py --\n" + limits +
			"-- tests/conftest.py --\nimport pathlib\nimport sys\n\nsys.path.insert(0, str(pathlib.Path(__file__).parent.parent / \"lib\"))\n" +
			"-- tests/test_limits.py --\nfrom limits import fits\n\n\ndef test_fits():\n    assert fits(3)\n    assert not fits(30)\n",
		path: "tests/test_limits_boundary.py",
		want: []string{"\nfrom limits import fits\n"},
	},
	"module of a package": {
		archive: "-- conftest.py --\n-- shop/__init__.py --\n-- shop/limits.py --\n" + limits +
			"-- tests/test_limits.py --\nfrom shop import limits\n\n\ndef test_fits():\n    assert limits.fits(3)\n    assert not limits.fits(30)\n",
		path: "tests/test_limits_boundary.py",
		want: []string{"\nfrom shop import limits\n", "assert limits.fits(taken, 10) is expected"},
	},
	"unittest and a whole module": {
		archive: "-- limits.py --\n" + limits +
			"-- test_limits.py --\nimport unittest\n\nimport limits as lim\n\n\nclass LimitsTestCase(unittest.TestCase):\n    def test_fits(self):\n" +
			"        self.assertTrue(lim.fits(3))\n        self.assertFalse(lim.fits(30))\n",
		path:   "test_limits_boundary.py",
		want:   []string{"\nimport limits as lim\n", "class LimitsTestCase(unittest.TestCase):\n", "self.assertIs(lim.fits(taken, 10), expected)"},
		runner: []string{"-m", "unittest", "-q", "test_limits_boundary"},
	},
	"coroutines of unittest": {
		archive: "-- hall.py --\n" + waits +
			"-- test_hall.py --\nimport unittest\n\nfrom hall import Full, book\n\n\nclass HallTest(unittest.IsolatedAsyncioTestCase):\n" +
			"    async def test_book(self):\n        self.assertEqual(await book(3), 7)\n\n    async def test_full(self):\n        with self.assertRaises(Full):\n            await book(30)\n",
		path: "test_hall_boundary.py",
		want: []string{"class LimitsTest(unittest.IsolatedAsyncioTestCase):\n", "    async def test_book_around_10(self):\n", "self.assertEqual(await book(taken, 10), expected)",
			"            await book(11, 10)\n"},
		runner: []string{"-m", "unittest", "-q", "test_hall_boundary"},
	},
	"coroutines that are marked": {
		// What a plugin for coroutines does, so that none has to be there.
		archive: "-- conftest.py --\nimport asyncio\nimport inspect\n\nimport pytest\n\n\ndef pytest_configure(config):\n    config.addinivalue_line(\"markers\", \"asyncio: a coroutine\")\n\n\n" +
			"@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    if pyfuncitem.get_closest_marker(\"asyncio\"):\n" +
			"        names = inspect.signature(pyfuncitem.obj).parameters\n        made = pyfuncitem.obj(**{n: pyfuncitem.funcargs[n] for n in names})\n        if inspect.iscoroutine(made):\n            asyncio.run(made)\n        return True\n" +
			"-- hall.py --\n" + waits +
			"-- tests/test_hall.py --\nimport pytest\n\nfrom hall import Full, book\n\npytestmark = pytest.mark.asyncio\n\n\nasync def test_book():\n    assert await book(3) == 7\n\n\n" +
			"async def test_full():\n    with pytest.raises(Full):\n        await book(30)\n",
		path: "tests/test_hall_boundary.py",
		want: []string{"@pytest.mark.asyncio\nasync def test_book_around_10(taken, expected):\n    assert await book(taken, 10) == expected\n"},
	},
}

// TestWriteInStyle writes the missing test as those beside it are written. Each was run with the mutants and notices them, and
// runs as the project's own tests do.
func TestWriteInStyle(t *testing.T) {
	interpreter := python(t)
	for name, project := range styledProjects {
		t.Run(name, func(t *testing.T) {
			root := unpacked(t, project.archive)
			outcome, written := missing(t, root, interpreter)
			if len(written) != 1 || written[0].Path != project.path {
				t.Fatalf("written: %v, want %s; notes: %q", written, project.path, outcome.Notes)
			}
			contain(t, written[0].Text, project.want)
			if len(written[0].Kills) != 2 {
				t.Errorf("notices %q, want both mutants that nothing noticed", written[0].Kills)
			}
			write(t, filepath.Join(root, filepath.FromSlash(written[0].Path)), written[0].Text)
			runner := project.runner
			if runner == nil {
				runner = []string{"-m", "pytest", "-q", "-p", "no:cacheprovider", project.path}
			}
			command := exec.Command(interpreter, runner...)
			command.Dir, command.Env = root, append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", strings.Join(runner, " "), err, out)
			}
		})
	}
}
