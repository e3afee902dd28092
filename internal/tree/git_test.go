//go:build unix

package tree

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// git runs git for a test, with an author and without the user's configuration.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir, "-c", "init.defaultBranch=main", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// history makes a repository with two commits on main.
func history(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	git(t, root, "init", "-q")
	write(t, root, "app.py", "first\n")
	write(t, root, "same.py", "same\n")
	write(t, root, "dir/ünï \"q\"\nx.py", "odd\n")
	write(t, root, "vendor/v.py", "v\n")
	git(t, root, "add", ".")
	git(t, root, "commit", "-qm", "one")
	git(t, root, "tag", "v1")
	write(t, root, "app.py", "second\n")
	git(t, root, "commit", "-qam", "two")
	return root
}

func repository(t *testing.T, dir, gitDir string) *Repository {
	t.Helper()
	r, err := OpenRepository(t.Context(), dir, gitDir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func content(t *testing.T, tree Tree, path string) string {
	t.Helper()
	entry, ok := list(t, tree).Find(path)
	if !ok {
		t.Fatalf("%s is not in %s", path, tree.Name())
	}
	raw, err := tree.Read(t.Context(), entry, 1000)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestRevisionsAreReadFromTheObjectStore(t *testing.T) {
	root := history(t)
	bare := filepath.Join(t.TempDir(), "bare.git")
	git(t, root, "clone", "-q", "--bare", root, bare)
	linked := filepath.Join(t.TempDir(), "linked")
	git(t, root, "worktree", "add", "-q", linked, "v1")
	for name, r := range map[string]*Repository{
		"working tree": repository(t, root, ""), "below it": repository(t, filepath.Join(root, "dir"), ""),
		"bare": repository(t, "", bare), "linked": repository(t, linked, ""), "git directory": repository(t, "", filepath.Join(root, ".git")),
	} {
		t.Run(name, func(t *testing.T) {
			for revision, want := range map[string]string{"v1": "first\n", "main": "second\n", "main~1": "first\n", "refs/tags/v1": "first\n"} {
				tree, err := r.Revision(t.Context(), revision)
				if err != nil {
					t.Fatal(err)
				}
				if got := content(t, tree, "app.py"); got != want {
					t.Errorf("app.py in %s is %q, want %q", revision, got, want)
				}
				if got := content(t, tree, "dir/ünï \"q\"\nx.py"); got != "odd\n" {
					t.Errorf("a path with odd characters reads %q", got)
				}
				if got := skips(list(t, tree))[reasonVendored]; got != "vendor/" {
					t.Errorf("skipped %q", got)
				}
			}
		})
	}
}

func TestRefsCannotBecomeOptions(t *testing.T) {
	r := repository(t, history(t), "")
	for _, revision := range []string{"", "--output=x", "--upload-pack=touch pwned", "-x", "a\nb", "v1\x00", "gone", "main:app.py", strings.Repeat("a", 5000), "@{u}"} {
		if tree, err := r.Revision(t.Context(), revision); err == nil {
			t.Errorf("%q became %s", revision, tree.Name())
		}
	}
	if _, err := r.MergeBase(t.Context(), "--all", "main"); err == nil {
		t.Error("an option is taken for a commit")
	}
}

func TestStaged(t *testing.T) {
	root := history(t)
	write(t, root, "app.py", "staged\n")
	git(t, root, "add", "app.py")
	write(t, root, "app.py", "unstaged\n")
	if got := content(t, repository(t, root, "").Staged(), "app.py"); got != "staged\n" {
		t.Errorf("the index holds %q", got)
	}
}

func TestWorkTreeKnowsUnchangedFiles(t *testing.T) {
	root := history(t)
	git(t, root, "update-index", "--refresh")
	r := repository(t, root, "")
	index := filepath.Join(root, ".git", "index")
	// Files as young as the index are not trusted; make it younger than them.
	info, err := os.Stat(filepath.Join(root, "app.py"))
	if err != nil {
		t.Fatal(err)
	}
	later := info.ModTime().Add(5e9)
	if err := os.Chtimes(index, later, later); err != nil {
		t.Fatal(err)
	}
	write(t, root, "app.py", "changed, longer\n")
	write(t, root, "new.py", "new\n")
	tree, err := r.WorkTree(FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	head, err := r.Revision(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	here, there := list(t, tree), list(t, head)
	same, _ := here.Find("same.py")
	if before, _ := there.Find("same.py"); same.ID == "" || same.ID != before.ID {
		t.Errorf("unchanged file has ID %q, in HEAD %q", same.ID, before.ID)
	}
	for _, name := range []string{"app.py", "new.py"} {
		if entry, ok := here.Find(name); !ok || entry.ID != "" {
			t.Errorf("%s: %+v, %v", name, entry, ok)
		}
	}
	if got := content(t, tree, "app.py"); got != "changed, longer\n" {
		t.Errorf("the working tree holds %q", got)
	}
}

func TestWorkTreeDoesNotTrustAYoungIndex(t *testing.T) {
	root := history(t)
	r := repository(t, root, "")
	info, err := os.Stat(filepath.Join(root, "same.py"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(root, ".git", "index"), info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	tree, err := r.WorkTree(FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if entry, _ := list(t, tree).Find("same.py"); entry.ID != "" {
		t.Errorf("a file as young as the index has the ID %s", entry.ID)
	}
}

func TestDefaultBase(t *testing.T) {
	root := history(t)
	git(t, root, "checkout", "-q", "-b", "feature", "v1")
	write(t, root, "new.py", "")
	git(t, root, "add", ".")
	git(t, root, "commit", "-qm", "three")
	r := repository(t, root, "")
	head, err := r.Resolve(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	base, err := r.DefaultBase(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	if want := git(t, root, "rev-parse", "v1"); base != want {
		t.Errorf("base is %s, want %s", base, want)
	}
}

func TestRepositoriesThatCannotAnswer(t *testing.T) {
	if _, err := OpenRepository(t.Context(), t.TempDir(), ""); !errors.Is(err, ErrNoRepository) {
		t.Errorf("no repository: %v", err)
	}
	unborn := t.TempDir()
	git(t, unborn, "init", "-q")
	if _, err := repository(t, unborn, "").Resolve(t.Context(), "HEAD"); err == nil || !strings.Contains(err.Error(), "no commit yet") {
		t.Errorf("unborn: %v", err)
	}
	root := history(t)
	shallow := filepath.Join(t.TempDir(), "shallow")
	git(t, root, "clone", "-q", "--depth=1", "file://"+root, shallow)
	r := repository(t, shallow, "")
	if _, err := r.Resolve(t.Context(), "v1"); err == nil || !strings.Contains(err.Error(), "git fetch --unshallow") {
		t.Errorf("shallow: %v", err)
	}
	bare := filepath.Join(t.TempDir(), "bare.git")
	git(t, root, "clone", "-q", "--bare", root, bare)
	if _, err := repository(t, "", bare).WorkTree(FolderOptions{}); err == nil || !strings.Contains(err.Error(), "bare repository") {
		t.Errorf("bare: %v", err)
	}
}

// TestHostileConfigurationRunsNothing gives a repository every setting by which git starts a program, and a worktree
// that lies elsewhere.
func TestHostileConfigurationRunsNothing(t *testing.T) {
	root := history(t)
	trap := filepath.Join(t.TempDir(), "trap")
	mark := trap + ".sprung"
	if err := os.WriteFile(trap, []byte("#!/bin/sh\ntouch "+mark+"\ncat\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, root, ".gitattributes", "*.py filter=trap diff=trap\n")
	for _, key := range []string{"core.fsmonitor", "filter.trap.clean", "filter.trap.smudge", "filter.trap.process", "diff.trap.textconv", "diff.trap.command", "diff.external", "core.sshCommand", "core.pager", "core.editor", "uploadpack.packObjectsHook", "core.alternateRefsCommand", "credential.helper"} {
		git(t, root, "config", key, trap)
	}
	for _, hook := range []string{"post-index-change", "post-checkout", "fsmonitor-watchman", "reference-transaction"} {
		if err := os.WriteFile(filepath.Join(root, ".git", "hooks", hook), []byte("#!/bin/sh\ntouch "+mark+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	write(t, root, "app.py", "third\n")
	r := repository(t, root, "")
	tree, err := r.Revision(t.Context(), "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	content(t, tree, "app.py")
	content(t, r.Staged(), "app.py")
	work, err := r.WorkTree(FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	content(t, work, "app.py")
	list(t, open(t, root, FolderOptions{}))
	if _, err := os.Stat(mark); err == nil {
		t.Error("a program of the repository's configuration was run")
	}
	git(t, root, "config", "core.worktree", os.TempDir())
	if _, err := OpenRepository(t.Context(), root, ""); err == nil || !strings.Contains(err.Error(), "core.worktree") {
		t.Errorf("a foreign working tree: %v", err)
	}
}

// TestACheckoutIsBelievedByItsHash: a revision that is nearly checked out is read from the working tree, but for files that
// differ there, in content, in their ends of line, or in being files at all.
func TestACheckoutIsBelievedByItsHash(t *testing.T) {
	for _, format := range []string{"sha1", "sha256"} {
		root := t.TempDir()
		git(t, root, "init", "-q", "--object-format="+format)
		for i := range 40 {
			write(t, root, fmt.Sprintf("m%d.py", i), fmt.Sprintf("x = %d\n", i))
		}
		git(t, root, "add", ".")
		git(t, root, "commit", "-qm", "one")
		write(t, root, "m1.py", "changed\n")
		write(t, root, "m2.py", "x = 2\r\n")
		if err := os.Remove(filepath.Join(root, "m3.py")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(root, "m4.py"), filepath.Join(root, "other")); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("other", filepath.Join(root, "m4.py")); err != nil {
			t.Fatal(err)
		}
		r := repository(t, root, "")
		v, err := r.Revision(t.Context(), "HEAD")
		if err != nil {
			t.Fatal(err)
		}
		listing := list(t, v)
		v.Ahead(listing.Entries, 1<<20)
		if !v.near.Load() {
			t.Errorf("%s: the revision is not found to be checked out", format)
		}
		for i := range 40 {
			if got, want := content(t, v, fmt.Sprintf("m%d.py", i)), fmt.Sprintf("x = %d\n", i); got != want {
				t.Errorf("%s: m%d.py is %q, want %q", format, i, got, want)
			}
		}
		entry, _ := listing.Find("m5.py")
		if raw, ok := r.checkedOut(&entry, 1<<20); !ok || string(raw) != "x = 5\n" {
			t.Errorf("%s: %q, %v from the working tree", format, raw, ok)
		}
	}
}

func TestBlobsAreReadConcurrently(t *testing.T) {
	root := t.TempDir()
	git(t, root, "init", "-q")
	want := map[string]string{}
	for i := range 300 {
		name := "m" + strings.Repeat("x", i) + ".py"
		if i > 200 {
			name = strings.Repeat("d/", i-200) + "m.py"
		}
		want[name] = strings.Repeat(name, i)
		write(t, root, name, want[name])
	}
	git(t, root, "add", ".")
	r := repository(t, root, "")
	tree := r.Staged()
	var group sync.WaitGroup
	for _, entry := range list(t, tree).Entries {
		group.Go(func() {
			if raw, err := tree.Read(t.Context(), entry, 1<<20); err != nil || string(raw) != want[entry.Path] {
				t.Errorf("%.40s: %d bytes of %d, %v", entry.Path, len(raw), len(want[entry.Path]), err)
			}
		})
	}
	group.Wait()
	entry, _ := list(t, tree).Find("mxxx.py")
	if _, err := tree.Read(t.Context(), entry, 5); err == nil || !strings.Contains(err.Error(), "limit of 5") {
		t.Errorf("the limit does not hold: %v", err)
	}
	if _, err := tree.Read(t.Context(), Entry{Path: "x", ID: "git:" + strings.Repeat("0", 40)}, 5); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("a missing object: %v", err)
	}
	if raw, err := tree.Read(t.Context(), entry, 1000); err != nil || string(raw) != want["mxxx.py"] {
		t.Errorf("after two errors: %q, %v", raw, err)
	}
}
