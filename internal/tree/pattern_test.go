//go:build unix

package tree

import (
	"math/rand"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		name, dir, text, path string
		isDir, ignored        bool
	}{
		{"base name at any depth", "", "foo", "a/b/foo", false, true},
		{"leading slash anchors", "", "/foo", "a/foo", false, false},
		{"inner slash anchors", "", "a/foo", "b/a/foo", false, false},
		{"directories only", "", "foo/", "foo", false, false},
		{"directories only, a directory", "", "foo/", "a/foo", true, true},
		{"comment", "", "#foo", "#foo", false, false},
		{"quoted comment", "", `\#foo`, "#foo", false, true},
		{"last line wins", "", "*.py\n!a.py", "a.py", false, false},
		{"quoted exclamation mark", "", `\!a`, "!a", false, true},
		{"trailing space", "", "foo  ", "foo", false, true},
		{"quoted trailing space", "", `foo\ `, "foo ", false, true},
		{"line ends of Windows", "", "foo\r\nbar\r\n", "foo", false, true},
		{"byte order mark", "", "\xef\xbb\xbffoo", "foo", false, true},
		{"star stops at a slash", "", "a/*.py", "a/b/c.py", false, false},
		{"double star in front", "", "**/b/c", "a/b/c", false, true},
		{"double star in front of nothing", "", "**/b", "b", false, true},
		{"double star inside", "", "a/**/d", "a/b/c/d", false, true},
		{"double star inside for nothing", "", "a/**/d", "a/d", false, true},
		{"double star at the end", "", "a/**", "a/b/c", false, true},
		{"double star at the end, not the directory", "", "a/**", "a", true, false},
		{"double star beside other characters", "", "/a**b", "axxb", false, true},
		{"question mark", "", "a?c", "abc", false, true},
		{"class", "", "[a-c]x", "bx", false, true},
		{"negated class", "", "[!a-c]x", "bx", false, false},
		{"posix class", "", "[[:digit:]_]x", "7x", false, true},
		{"bracket first in a class", "", "[]a]x", "]x", false, true},
		{"open class matches nothing", "", "[ab", "[ab", false, false},
		{"below the file's directory", "sub", "/foo", "sub/foo", false, true},
		{"not beside the file's directory", "sub", "foo", "other/foo", false, false},
		{"suffix", "", "*.py", "a/b.py", false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ParsePatterns(test.dir, test.text).Match(test.path, test.isDir); got != test.ignored {
				t.Errorf("%q on %q: got %v", test.text, test.path, got)
			}
		})
	}
}

func TestPatternsCoverWhatLiesBelow(t *testing.T) {
	patterns := ParsePatterns("", "gen/\n!gen/kept.py\n")
	if !patterns.Covers("a/gen/x/y.py") || !patterns.Covers("gen/kept.py") || patterns.Covers("a/y.py") || (*Patterns)(nil).Covers("a") {
		t.Error("a file below an ignored directory is not covered, or one outside is")
	}
}

// TestPatternsAgreeWithGit compares random patterns and paths with git's own answer.
func TestPatternsAgreeWithGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	random := rand.New(rand.NewSource(7))
	pick := func(parts []string, n int) string {
		var out strings.Builder
		for range 1 + random.Intn(n) {
			out.WriteString(parts[random.Intn(len(parts))])
		}
		return out.String()
	}
	atoms := []string{"a", "b", "a", "b", "*", "?", "**", "/", "/", "[ab]", "[!a]", "[a-", `\a`, `\*`, ".", "[[:alpha:]]", "[]a]", "[^b]"}
	names := []string{"a", "b", "ab", ".", "a.b", "aab", "]a"}
	compared := 0
	for range 40 {
		var lines []string
		for range 1 + random.Intn(4) {
			line := pick(atoms, 6)
			if random.Intn(4) == 0 {
				line = "!" + line
			}
			if random.Intn(4) == 0 {
				line += "/"
			}
			lines = append(lines, line)
		}
		var paths []string
		for range 60 {
			var parts []string
			for range 1 + random.Intn(4) {
				if part := pick(names, 2); strings.Trim(part, ".") != "" {
					parts = append(parts, part)
				}
			}
			if len(parts) > 0 {
				paths = append(paths, strings.Join(parts, "/"))
			}
		}
		rules := strings.Join(lines, "\n")
		git := checkIgnore(t, rules, paths)
		patterns := ParsePatterns("", rules)
		for _, path := range paths {
			compared++
			if got := patterns.Covers(path); got != git[path] {
				t.Errorf("patterns %q, path %q: got %v, git says %v", lines, path, got, git[path])
			}
		}
	}
	t.Logf("%d paths compared", compared)
}

// checkIgnore asks git which of the paths, none of which exists, its patterns ignore.
func checkIgnore(t *testing.T, rules string, paths []string) map[string]bool {
	dir := t.TempDir()
	write(t, dir, ".gitignore", rules)
	git(t, dir, "init", "-q")
	cmd := exec.Command("git", "-C", dir, "check-ignore", "-z", "--stdin", "--no-index")
	cmd.Stdin = strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	out, err := cmd.Output()
	if exit, ok := err.(*exec.ExitError); err != nil && (!ok || exit.ExitCode() != 1) {
		t.Fatal(err)
	}
	ignored := map[string]bool{}
	for path := range strings.SplitSeq(string(out), "\x00") {
		ignored[path] = true
	}
	return ignored
}

// TestPatternsAreNotExponential takes patterns on which a matcher that tries every star again would never end.
func TestPatternsAreNotExponential(t *testing.T) {
	done := make(chan bool, 1)
	go func() {
		stars := ParsePatterns("", strings.Repeat("a*", 200)+"b")
		segments := ParsePatterns("", strings.Repeat("**/a/", 200)+"b")
		done <- stars.Match(strings.Repeat("a", 5000), false) || segments.Match(strings.Repeat("a/", 5000)+"c", false)
	}()
	select {
	case matched := <-done:
		if matched {
			t.Error("the patterns match")
		}
	case <-time.After(time.Minute):
		t.Fatal("matching does not end")
	}
}
