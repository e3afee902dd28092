package dump

import (
	"bytes"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/tiebeam/tiebeam/internal/python/ast"
	"github.com/tiebeam/tiebeam/internal/python/parse"
)

// TestWrite compares with the texts in testdata, one section a version. CPython printed them; the comparison over whole
// packages is tools/astcompare.
func TestWrite(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, path := range archives {
		t.Run(filepath.Base(path), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			source := string(archive.Files[0].Data)
			for _, file := range archive.Files[1:] {
				minor, err := strconv.Atoi(strings.TrimPrefix(file.Name, "3."))
				if err != nil {
					t.Fatalf("section %q is no version", file.Name)
				}
				want := strings.TrimSuffix(string(file.Data), "\n")
				if got := dumped(t, source, parse.Version(minor)); got != want {
					t.Errorf("3.%d\ngot  %s\nwant %s", minor, got, want)
				}
			}
		})
	}
}

func dumped(t *testing.T, source string, v parse.Version) string {
	t.Helper()
	tree := ast.NewTree(nil)
	parse.File(tree, source, parse.Options{Version: v})
	if d := tree.Diagnostics(); len(d) > 0 {
		t.Fatalf("3.%d: %s", v, d[0].Message)
	}
	var out bytes.Buffer
	if err := Write(&out, tree, v); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestWriteLines holds that line ends of all kinds give the same text where columns do not depend on them.
func TestWriteLines(t *testing.T) {
	const source = "if é:\n    x = '''a\nb'''\n    f'''{\ny}'''\n"
	want := dumped(t, source, 13)
	for _, end := range []string{"\r\n", "\r"} {
		if got := dumped(t, strings.ReplaceAll(source, "\n", end), 13); got != want {
			t.Errorf("line end %q\ngot  %s\nwant %s", end, got, want)
		}
	}
}

func TestWriteInvalid(t *testing.T) {
	tree := ast.NewTree(nil)
	parse.File(tree, "def f(:\n    pass\nx = 1\n", parse.Options{})
	var out bytes.Buffer
	if err := Write(&out, tree, 0); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Constant(value=1,") {
		t.Errorf("the statement after the error is missing: %s", out.String())
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriteError(t *testing.T) {
	tree := ast.NewTree(nil)
	parse.File(tree, "x = 1\n", parse.Options{})
	want := errors.New("disk full")
	if err := Write(failingWriter{want}, tree, 0); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestInt(t *testing.T) {
	for literal, want := range map[string]string{
		"0": "0", "00_0": "0", "1_000": "1000", "0xFF": "255", "0o17": "15", "0b1_1": "3",
		"123456789012345678901234567890": "123456789012345678901234567890",
		"0x1_0000_0000_0000_0000":        "18446744073709551616",
	} {
		if got := string(appendInt(nil, literal)); got != want {
			t.Errorf("%s: got %s, want %s", literal, got, want)
		}
	}
}

func TestFloat(t *testing.T) {
	for _, c := range []struct {
		value float64
		want  string
	}{
		{0, "0.0"}, {1, "1.0"}, {0.1, "0.1"}, {1e15, "1000000000000000.0"}, {1e16, "1e+16"}, {123456789012345680, "1.2345678901234568e+17"},
		{0.0001, "0.0001"}, {0.00001, "1e-05"}, {1.5e300, "1.5e+300"}, {5e-324, "5e-324"},
	} {
		if got := string(appendFloat(nil, c.value, ".0")); got != c.want {
			t.Errorf("%v: got %s, want %s", c.value, got, c.want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct {
		r    rune
		v    parse.Version
		want bool
	}{
		{' ', 8, true}, {0xA0, 13, false}, {0xAD, 13, false}, {'é', 8, true}, {0x2028, 13, false}, {0xE000, 13, false},
		{0x1FAE8, 11, false}, {0x1FAE8, 12, true}, {0x10FFFF, 14, false},
	} {
		if got := printable(c.r, c.v); got != c.want {
			t.Errorf("U+%04X in 3.%d: got %v, want %v", c.r, c.v, got, c.want)
		}
	}
}
