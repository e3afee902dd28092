package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestAgainstCPython compares the files of testdata, and the printed form of every character, with every interpreter of
// this machine. Where none is found it is skipped.
func TestAgainstCPython(t *testing.T) {
	if testing.Short() {
		t.Skip("asks interpreters, which takes some seconds")
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "characters.py"), allCharacters(), 0o644); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr strings.Builder
	code := run([]string{"-cache", t.TempDir(), "testdata", folder}, &stdout, &stderr)
	if strings.Contains(stdout.String(), "no CPython 3.8 to 3.14 was found") {
		t.Skip(strings.TrimSpace(stdout.String()))
	}
	if code != 0 {
		t.Errorf("exit %d\n%s%s", code, stdout.String(), stderr.String())
	}
}

// allCharacters returns a source with a literal that holds every character that needs no escape.
func allCharacters() []byte {
	out := []byte("x = '")
	for r := rune(0x80); r <= utf8.MaxRune; r++ {
		if utf8.ValidRune(r) {
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, "'\n"...)
}

func TestParsePackages(t *testing.T) {
	got, err := parsePackages("# comment\n\nDjango 5.2.19 885 # more\n")
	if err != nil {
		t.Fatal(err)
	}
	if want := (Package{Name: "Django", Version: "5.2.19", Files: 885}); len(got) != 1 || got[0] != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := parsePackages("Django 5.2.19\n"); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line without a count: got %v, want an error that names line 1", err)
	}
	if packages, err := parsePackages(corpusList); err != nil || len(packages) < 5 {
		t.Errorf("corpus.txt: %d packages, %v", len(packages), err)
	}
}

func TestJudge(t *testing.T) {
	syntax := &Refusal{Class: "SyntaxError", Message: "invalid syntax"}
	for _, c := range []struct {
		name          string
		theirs        Verdict
		ours, refusal string
		want          Outcome
		failed        bool
	}{
		{"same", Verdict{Digest: "a"}, "a", "", Identical, false},
		{"other", Verdict{Digest: "a"}, "b", "", Differs, true},
		{"both", Verdict{Refusal: syntax}, "", "no", BothRefuse, false},
		{"they", Verdict{Refusal: syntax}, "a", "", OnlyTheyRefuse, true},
		{"we", Verdict{Digest: "a"}, "", "no", OnlyWeRefuse, true},
		{"stack", Verdict{Refusal: &Refusal{Class: "RecursionError"}}, "a", "", NotJudged, false},
	} {
		if got := judge(0, c.theirs, c.ours, c.refusal).Outcome; got != c.want || got.Failed() != c.failed {
			t.Errorf("%s: got %v, failed %v; want %v, %v", c.name, got, got.Failed(), c.want, c.failed)
		}
	}
}

func TestCache(t *testing.T) {
	folder := t.TempDir()
	i := Interpreter{Full: "3.11.7"}
	open := func() *Cache {
		c, err := openCache(folder, i)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := open()
	want := Refusal{Class: "SyntaxError", Message: "tab\tand\nline", Line: 3, Column: 4}
	for source, v := range map[string]Verdict{"s1": {Digest: "d1"}, "s2": {Refusal: &want}} {
		if err := c.Put(source, v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.file.WriteString("s3\tR\t{\"class\": \"Synt"); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c = open()
	defer c.Close()
	if v, ok := c.Get("s1"); !ok || v.Digest != "d1" || v.Refusal != nil {
		t.Errorf("accepted: got %v, %v", v, ok)
	}
	if v, ok := c.Get("s2"); !ok || v.Refusal == nil || *v.Refusal != want {
		t.Errorf("refused: got %v, %v", v, ok)
	}
	if _, ok := c.Get("s3"); ok {
		t.Error("a line that was cut short was taken for a verdict")
	}
}

func TestPart(t *testing.T) {
	source := func(digest, set, name string) Source {
		return Source{Digest: digest, Files: []File{{Set: set, Name: name}}}
	}
	got := part([]Source{
		source("0000000d", "pandas 3.1.1", "a.py"), // 13 leaves 3
		source("0000000e", "pandas 3.1.1", "b.py"),
		source("0000000e", "SQLAlchemy 2.1.9", "c.py"),
		source("0000000e", "Lib 3.11.7", "test/test_fstring.py"),
	})
	var names []string
	for _, s := range got {
		names = append(names, s.Files[0].Name)
	}
	if want := "a.py c.py test/test_fstring.py"; strings.Join(names, " ") != want {
		t.Errorf("got %v, want %s", names, want)
	}
}

func TestFirstDifference(t *testing.T) {
	offset, a, b := firstDifference("Name(id='a')", "Name(id='b')")
	if offset != 9 || a != "Name(id='⇒a')" || b != "Name(id='⇒b')" {
		t.Errorf("got %d %q %q", offset, a, b)
	}
}

func TestMutantsAreReproducible(t *testing.T) {
	files, err := listFiles([]set{{root: "testdata"}})
	if err != nil {
		t.Fatal(err)
	}
	sources, err := distinct(files)
	if err != nil {
		t.Fatal(err)
	}
	var digests [2]string
	for i := range digests {
		folder := t.TempDir()
		if err := writeMutants(folder, sources, 20, 7); err != nil {
			t.Fatal(err)
		}
		written, err := listFiles([]set{{root: folder}})
		if err != nil {
			t.Fatal(err)
		}
		if len(written) != 20 {
			t.Fatalf("got %d mutants, want 20", len(written))
		}
		for _, f := range written {
			content, err := os.ReadFile(f.Path)
			if err != nil {
				t.Fatal(err)
			}
			digests[i] += digest(content)
		}
	}
	if digests[0] != digests[1] {
		t.Error("the same seed gave other mutants")
	}
}

func TestOptions(t *testing.T) {
	var stdout, stderr strings.Builder
	if code := run([]string{"-jobs", "0"}, &stdout, &stderr); code != 2 || !strings.Contains(stderr.String(), "-jobs is 0") {
		t.Errorf("exit %d, %q", code, stderr.String())
	}
	stdout.Reset()
	missing := filepath.Join(t.TempDir(), "python")
	if code := run([]string{"-python", missing, "testdata"}, &stdout, &stderr); code != 2 {
		t.Errorf("no interpreter: exit %d, want 2", code)
	}
	if code := run([]string{"-allow-none", "-python", missing, "testdata"}, &stdout, &stderr); code != 0 {
		t.Errorf("no interpreter, allowed: exit %d, want 0", code)
	}
}
