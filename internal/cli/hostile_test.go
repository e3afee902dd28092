//go:build unix

package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A run that takes longer hangs; the slowest of the inputs takes some seconds on a busy machine. Memory is bounded by
// what a large project may take.
const (
	hostileDeadline = 2 * time.Minute
	hostileMemory   = 1 << 30
)

// hostile is one input made to exhaust, mislead or stop a reader of sources.
type hostile struct {
	name string
	// source is the text of x.py; make writes something else below the folder.
	source string
	make   func(t *testing.T, dir string)
	// reason is a part of why the one file cannot be judged, empty where all can. The file is x.py unless path says
	// otherwise.
	reason, path string
}

// TestHostile checks folders that hold one hostile input, alone and beside a file with a known finding: whatever the
// input is, it gets one diagnostic at most, that names it, and the finding is there.
func TestHostile(t *testing.T) {
	all := slices.Concat(hostileSources(), hostileProjects(), hostileFiles(), hostileNames())
	for _, input := range all {
		t.Run(input.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			input.write(t, dir)
			input.expect(t, check(t, "tiebeam", dir, nil), 0)
			plant(t, dir, "ok.py", "import requests\n\nrequests.get('https://x.internal')\n")
			input.expect(t, check(t, "tiebeam", dir, nil), 1)
		})
	}
}

func (h hostile) write(t *testing.T, dir string) {
	t.Helper()
	if h.make != nil {
		h.make(t, dir)
		return
	}
	plant(t, dir, "x.py", h.source)
}

// expect looks at a report that should have this many findings, in ok.py.
func (h hostile) expect(t *testing.T, got checked, findings int) {
	t.Helper()
	code := 0
	switch {
	case findings > 0:
		code = 1
	case h.reason != "":
		code = 3
	}
	if got.code != code {
		t.Errorf("exit code %d, want %d\n%s", got.code, code, got.stderr)
	}
	if len(got.Findings) != findings {
		t.Errorf("%d findings, want %d: %.500v", len(got.Findings), findings, got.Findings)
	}
	for _, f := range got.Findings {
		if f.Path != "ok.py" || f.Line != 3 || f.Rule != "unbounded-wait" {
			t.Errorf("finding %v, want unbounded-wait at ok.py:3", f)
		}
	}
	path := h.path
	if path == "" {
		path = "x.py"
	}
	switch {
	case h.reason == "" && len(got.Incomplete) > 0:
		t.Errorf("not judged: %.500v, want nothing", got.Incomplete)
	case h.reason == "":
	case len(got.Incomplete) != 1:
		t.Errorf("%d places not judged, want one: %.500v", len(got.Incomplete), got.Incomplete)
	case got.Incomplete[0].Path != path || !strings.Contains(got.Incomplete[0].Reason, h.reason):
		t.Errorf("not judged: %.500v, want %s: %s", got.Incomplete[0], path, h.reason)
	}
}

// checked is what a run said.
type checked struct {
	Findings []struct {
		Rule, Path string
		Line       int
	}
	Incomplete []struct{ Path, Reason string }

	code   int
	stderr string
}

// check runs the program on a folder in a process of its own, as somebody else where change says so.
func check(t *testing.T, program, dir string, change func(*exec.Cmd)) (got checked) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), hostileDeadline)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "check", "--no-cache", "--format", "json", dir)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if change != nil {
		change(cmd)
	}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatal("hangs")
	}
	got.code, got.stderr = cmd.ProcessState.ExitCode(), stderr.String()
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
		t.Fatalf("exit code %d, and the report is no JSON: %v\n%.2000s", got.code, err, got.stderr)
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && runtime.GOOS == "linux" && usage.Maxrss<<10 > hostileMemory {
		t.Errorf("took %d MiB", usage.Maxrss>>10)
	}
	return got
}

// hostileSources are single files of Python, or of what only looks like it.
func hostileSources() []hostile {
	const many = 20_000
	repeat := strings.Repeat
	numbered := func(format string, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	indents := ""
	for i := range 3000 {
		indents += repeat(" ", i) + "if x:\n"
	}
	return []hostile{
		{name: "nested parentheses", source: "x = " + repeat("(", many) + repeat(")", many), reason: "too many nested brackets"},
		{name: "powers", source: "x = 1" + repeat("**1", many), reason: "nested too deeply"},
		{name: "not", source: "x = " + repeat("not ", many) + "1", reason: "nested too deeply"},
		{name: "conditionals", source: "x = " + repeat("1 if a else ", many) + "2", reason: "nested too deeply"},
		{name: "sum", source: "x = 1" + repeat("+1", many)},
		{name: "comparison", source: "x = a" + repeat(" < a", many)},
		{name: "attributes", source: "x = a" + repeat(".b", many)},
		{name: "subscripts", source: "x = a" + repeat("[0]", many)},
		{name: "calls", source: "x = a" + repeat("()", many)},
		{name: "calls in a function", source: "import requests\n\ndef f(a):\n    x = requests.Session" + repeat("()", many) + "\n    return x\n"},
		{name: "calls of a parameter", source: "async def f(a):\n    return await a" + repeat("()", many) + "\n"},
		{name: "calls of attributes", source: "def f(a):\n    return a" + repeat(".b()", many/2)},
		{name: "more calls of attributes", source: "x = a" + repeat(".b()", many), reason: "nested too deeply"},
		{name: "lambdas", source: "x = " + repeat("lambda: ", 5_000) + "1", reason: "nested too deeply"},
		{name: "open brackets", source: "x = " + repeat("[", 100_000), reason: "too many nested brackets"},
		{name: "indentation", source: indents + repeat(" ", 3000) + "pass\n", reason: "too many levels of indentation"},
		{name: "elif", source: "if x:\n    pass\n" + numbered("elif x == %d:\n    pass\n", many)},
		{name: "decorators", source: repeat("@d\n", many) + "def f():\n    pass\n"},
		{name: "f-strings", source: "x = " + repeat(`f"{`, 150) + "1" + repeat(`}"`, 150)},
		{name: "imports", source: numbered("import m%d\n", 200_000)},
		{name: "20 MB on one line", source: `x = "` + repeat("a", 20_000_000) + "\"\n", reason: "more than the limit of 5242880"},
		{name: "4 MB on one line", source: `x = "` + repeat("a", 4_000_000) + "\"\n"},
		{name: "digits", source: "x = " + repeat("9", 100_000)},
		{name: "docstring without end", source: "x = \"\"\"\n" + repeat("a\n", 1_000_000), reason: "triple-quoted string literal is not closed"},
		{name: "NUL", source: "x = 1\n\x00y = 2\n", reason: "null bytes (first at byte 6)"},
		{name: "no UTF-8", source: "x = 1\ny = \"\xff\"\n", reason: "invalid UTF-8 at byte 11"},
		{name: "UTF-16", source: "\xff\xfex\x00 \x00=\x001\x00", reason: "UTF-16"},
		{name: "byte order mark", source: "\ufeffx = 1\n"},
		{name: "Latin-1", source: "# coding: latin-1\nx = \"\xe9\"\n"},
		{name: "unknown encoding", source: "# coding: martian\nx = 1\n", reason: "martian"},
		{name: "carriage returns", source: "x = 1\ry = 2\r"},
		{name: "bidirectional text", source: "x = 1  # \u202e\u2066 }\n"},
		{name: "equal under NFKC", source: "ﬁ = 1\nfi = 2\n"},
		{name: "Python 2", source: "print \"x\"\n", reason: "function in Python 3"},
		{name: "Python 3.14", source: "try:\n    x = t\"{y}\"\nexcept A, B:\n    pass\n"},
		{name: "Cython", source: "cdef int f(int x) nogil:\n    return x\n", reason: "expected"},
	}
}

// hostileProjects are many files that refer to one another in a way that must not be followed to its end.
func hostileProjects() []hostile {
	return []hostile{
		{name: "circle of modules", make: func(t *testing.T, dir string) {
			const size = 10_000
			for i := range size {
				plant(t, dir, fmt.Sprintf("m%d.py", i), fmt.Sprintf("import m%d\nfrom m%d import f\n\ndef f():\n    m%d.f()\n", (i+1)%size, (i+1)%size, (i+1)%size))
			}
		}},
		{name: "module that imports itself", make: func(t *testing.T, dir string) {
			plant(t, dir, "a.py", "import a\nfrom a import *\nfrom a import b as c, c as b\n\nb()\n")
		}},
		{name: "classes that inherit from themselves", make: func(t *testing.T, dir string) {
			plant(t, dir, "a.py", "class A(B):\n    pass\n\nclass B(A):\n    pass\n\nclass C(C):\n    def f(self):\n        self.f()\n        self.g.h()\n\nA().f()\n")
		}},
		{name: "million calls", make: func(t *testing.T, dir string) {
			const functions, calls = 1000, 1000
			var b strings.Builder
			for i := range functions {
				fmt.Fprintf(&b, "def f%d():\n", i)
				for j := range calls / 20 {
					fmt.Fprintf(&b, "    f%d()\n", (i*7+j)%functions)
				}
			}
			for i := range 20 {
				plant(t, dir, fmt.Sprintf("m%d.py", i), b.String())
			}
		}},
		{name: "names exported at run time", make: func(t *testing.T, dir string) {
			plant(t, dir, "a.py", "import sys\n__all__ = [n for n in dir(sys)] + sorted(vars())\n__all__ += __all__\n")
			plant(t, dir, "b.py", "from a import *\nx = exit_(1)\n")
		}},
		{name: "star imports that double", make: func(t *testing.T, dir string) {
			const levels = 40
			for i := range levels {
				plant(t, dir, fmt.Sprintf("l%d.py", i), fmt.Sprintf("from r%d import *\nfrom l%d import *\na%d = x%d\n", i+1, i+1, i, i+1))
				plant(t, dir, fmt.Sprintf("r%d.py", i), fmt.Sprintf("from l%d import *\nfrom r%d import *\nx%d = a%d\n", i+1, i+1, i, i+1))
			}
			plant(t, dir, "top.py", "from l0 import *\nfrom r0 import *\nunknown()\na0()\n")
		}},
		{name: "aliases that double", make: func(t *testing.T, dir string) {
			var b strings.Builder
			b.WriteString("x0 = (f, g)\n")
			for i := range 60 {
				fmt.Fprintf(&b, "x%d = (x%d or y%d) if c else x%d\ny%d = (x%d or y%d)\n", i+1, i, i, i, i+1, i, i)
			}
			plant(t, dir, "a.py", b.String()+"x60()\n")
		}},
	}
}

// hostileFiles are entries of a folder that are no plain files, or not to be read.
func hostileFiles() []hostile {
	link := func(target string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { must(t, os.Symlink(target, filepath.Join(dir, "x.py"))) }
	}
	return []hostile{
		{name: "named pipe", reason: "named pipe", make: func(t *testing.T, dir string) {
			must(t, syscall.Mkfifo(filepath.Join(dir, "x.py"), 0o666))
		}},
		{name: "socket", reason: "socket", make: func(t *testing.T, dir string) {
			// The name of a socket is short, that of the folder need not be.
			short, err := os.MkdirTemp("", "s")
			must(t, err)
			t.Cleanup(func() { os.RemoveAll(short) })
			listener, err := net.Listen("unix", filepath.Join(short, "x.py"))
			must(t, err)
			t.Cleanup(func() { listener.Close() })
			must(t, os.Rename(filepath.Join(short, "x.py"), filepath.Join(dir, "x.py")))
		}},
		{name: "link to an endless device", make: link("/dev/zero"), reason: "symbolic link out of the root"},
		{name: "link to a secret", make: link("/etc/passwd"), reason: "symbolic link out of the root"},
		{name: "link to itself", make: link("x.py"), reason: "symbolic link"},
		{name: "link to nothing", make: link("absent.py"), reason: "symbolic link"},
		{name: "folder that holds itself", make: func(t *testing.T, dir string) {
			must(t, os.Symlink(".", filepath.Join(dir, "self")))
			must(t, os.Symlink("..", filepath.Join(dir, "up")))
		}},
		{name: "folder that is named like a module", make: func(t *testing.T, dir string) {
			must(t, os.Mkdir(filepath.Join(dir, "x.py"), 0o755))
		}},
		{name: "ten gigabytes without content", reason: "more than the limit", make: func(t *testing.T, dir string) {
			plant(t, dir, "x.py", "")
			if err := os.Truncate(filepath.Join(dir, "x.py"), 10<<30); err != nil {
				t.Skip("the file system has no room for it: ", err)
			}
		}},
		{name: "names that differ in case only", make: func(t *testing.T, dir string) {
			plant(t, dir, "A.py", "x = 1\n")
			plant(t, dir, "a.py", "x = 2\n")
		}},
		{name: "hundreds of folders in one another", make: func(t *testing.T, dir string) {
			deep := filepath.Join(dir, strings.Repeat("d/", 800))
			must(t, os.MkdirAll(deep, 0o755))
			plant(t, deep, "x.py", "x = 1\n")
		}},
	}
}

// hostileNames are names that would do harm where they are printed as they are.
func hostileNames() []hostile {
	var all []hostile
	for _, name := range []string{
		"new\nline::error file=x::.py", "\x1b]0;pwn\x07.py", "bidi\u202eyp.py", "-rf;$(id) `id` '\"&.py", "%0A##vso[task].py",
	} {
		all = append(all, hostile{name: fmt.Sprintf("name %q", name), reason: "never closed", path: name, make: func(t *testing.T, dir string) {
			plant(t, dir, name, "def f(:\n")
		}})
	}
	return all
}

// TestSuppressionFlood: as many suppressions as a file can hold are told one by one, and hide nothing.
func TestSuppressionFlood(t *testing.T) {
	const many = 50_000
	dir := t.TempDir()
	plant(t, dir, "x.py", strings.Repeat("# tiebeam: allow unbounded-wait because x\nx = 1\n", many))
	plant(t, dir, "ok.py", "import requests\n\nrequests.get('https://x.internal')\n")
	got := check(t, "tiebeam", dir, nil)
	rules := map[string]int{}
	for _, f := range got.Findings {
		rules[f.Path+" "+f.Rule]++
	}
	if rules["x.py unused-suppression"] != many || rules["ok.py unbounded-wait"] != 1 || len(rules) != 2 || got.code != 1 {
		t.Errorf("exit code %d, found %v", got.code, rules)
	}
}

// TestBareSurroundings: without a home, an environment, or room for the report, the exit code is right.
func TestBareSurroundings(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "ok.py", "import requests\n\nrequests.get('https://x.internal')\n")
	ok := hostile{}
	ok.expect(t, check(t, "tiebeam", dir, func(cmd *exec.Cmd) { cmd.Env = []string{"LANG=C", "TERM=dumb"} }), 1)

	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no device that is always full: ", err)
	}
	defer full.Close()
	cmd := exec.Command("tiebeam", "check", "--no-cache", dir)
	cmd.Stdout = full
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 2 {
		t.Errorf("exit code %d where the report cannot be written, want 2", code)
	}
}

// TestUnreadable: what the user may not read is told, and is no reason to lose the rest.
func TestUnreadable(t *testing.T) {
	program, change := stranger(t)
	for _, input := range []hostile{
		{name: "file", reason: "permission denied", make: func(t *testing.T, dir string) {
			plant(t, dir, "x.py", "x = 1\n")
			must(t, os.Chmod(filepath.Join(dir, "x.py"), 0))
		}},
		{name: "folder", reason: "permission denied", path: "closed/", make: func(t *testing.T, dir string) {
			closed := filepath.Join(dir, "closed")
			must(t, os.Mkdir(closed, 0o755))
			plant(t, closed, "x.py", "x = 1\n")
			must(t, os.Chmod(closed, 0))
			t.Cleanup(func() { os.Chmod(closed, 0o755) })
		}},
	} {
		t.Run(input.name, func(t *testing.T) {
			dir := t.TempDir()
			must(t, os.Chmod(dir, 0o755))
			must(t, os.Chmod(filepath.Dir(dir), 0o755))
			input.write(t, dir)
			input.expect(t, check(t, program, dir, change), 0)
			plant(t, dir, "ok.py", "import requests\n\nrequests.get('https://x.internal')\n")
			input.expect(t, check(t, program, dir, change), 1)
		})
	}
}

// stranger gives the program and a change that runs it as somebody whom permissions bind: root, for whom they do not,
// becomes nobody, with a copy of the program where nobody may go.
func stranger(t *testing.T) (program string, change func(*exec.Cmd)) {
	t.Helper()
	if os.Getuid() != 0 {
		return "tiebeam", nil
	}
	const nobody = 65534
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	self, err := os.Executable()
	must(t, err)
	code, err := os.ReadFile(self)
	must(t, err)
	program = filepath.Join(dir, "tiebeam")
	must(t, os.WriteFile(program, code, 0o755))
	change = func(cmd *exec.Cmd) {
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	trial := exec.Command(program, "version")
	change(trial)
	if out, err := trial.CombinedOutput(); err != nil {
		t.Skipf("cannot run the program as somebody else: %v %s", err, out)
	}
	return program, change
}

// plant writes a file.
func plant(t *testing.T, dir, name, text string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
