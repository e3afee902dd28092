//go:build unix

package tree

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func list(t *testing.T, tree Tree) *Listing {
	t.Helper()
	listing, err := tree.List(t.Context(), Python)
	if err != nil {
		t.Fatal(err)
	}
	return listing
}

func open(t *testing.T, root string, options FolderOptions) *Folder {
	t.Helper()
	folder, err := OpenFolder(root, options)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

func paths(listing *Listing) string {
	var names []string
	for _, entry := range listing.Entries {
		names = append(names, entry.Path)
	}
	return strings.Join(names, " ")
}

func skips(listing *Listing) map[string]string {
	found := map[string]string{}
	for _, skip := range listing.Skipped {
		found[skip.Reason] = strings.Join(skip.Examples, " ")
	}
	return found
}

func problems(listing *Listing) map[string]string {
	found := map[string]string{}
	for _, problem := range listing.Problems {
		found[problem.Path] = problem.Reason
	}
	return found
}

// discovery is a project with everything that discovery decides about.
var discovery = []string{
	"app/main.py", "app/notes.txt", "app/build/__init__.py", "app/build/real.py", "build/lib/copy.py",
	"venv/pyvenv.cfg", "venv/lib/x.py", "env39/conda-meta/history", "env39/x.py", ".venv/y.py", ".git/hook.py",
	"app/_vendor/z.py", "vendor/z.py", "third_party/z.py", "node_modules/gyp/z.py", "lib/site-packages/z.py",
	"demo.egg-info/z.py", "app/__pycache__/z.py", "gen/made.py", "A.py", "a.py",
}

func TestDiscoveryIsTheSameForAllTrees(t *testing.T) {
	const want = "A.py a.py app/build/__init__.py app/build/real.py app/main.py"
	root := t.TempDir()
	memory := Memory{}
	for _, name := range discovery {
		write(t, root, name, "x = 1\n")
		memory[name] = "x = 1\n"
	}
	folder := list(t, open(t, root, FolderOptions{Exclude: []string{"/gen/"}}))
	if got := paths(folder); got != want {
		t.Errorf("folder lists %s, want %s", got, want)
	}
	delete(memory, "gen/made.py")
	held := list(t, memory)
	if got := paths(held); got != want {
		t.Errorf("memory lists %s, want %s", got, want)
	}
	wantSkips := map[string]string{
		reasonBuild: "build/ demo.egg-info/", reasonVenv: ".venv/ env39/ venv/", reasonInstalled: "lib/site-packages/ node_modules/",
		reasonVendored: "app/_vendor/ third_party/ vendor/", reasonExcluded: "gen/",
	}
	for reason, want := range wantSkips {
		if got := skips(folder)[reason]; got != want {
			t.Errorf("skipped as %s: %q, want %q", reason, got, want)
		}
		if got := skips(held)[reason]; got != want && reason != reasonExcluded {
			t.Errorf("memory skips as %s: %q, want %q", reason, got, want)
		}
	}
}

func TestGitignoreIsHonoured(t *testing.T) {
	root := t.TempDir()
	write(t, root, ".gitignore", "made/\n*_pb2.py\n")
	write(t, root, "sub/.gitignore", "!kept_pb2.py\n/local.py\n")
	for _, name := range []string{"made/x.py", "a_pb2.py", "sub/kept_pb2.py", "sub/local.py", "sub/deep/local.py", "x.py"} {
		write(t, root, name, "")
	}
	listing := list(t, open(t, root, FolderOptions{}))
	if got, want := paths(listing), "sub/deep/local.py sub/kept_pb2.py x.py"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := skips(listing)[reasonIgnored], "a_pb2.py made/ sub/local.py"; got != want {
		t.Errorf("skipped %q, want %q", got, want)
	}
}

func TestNamedPathsAreAlwaysTaken(t *testing.T) {
	root := t.TempDir()
	write(t, root, ".gitignore", "made/\nscript\n")
	for _, name := range []string{"made/x.py", "vendor/deep/y.py", "vendor/z.py", "script", "other.py"} {
		write(t, root, name, "")
	}
	got := paths(list(t, open(t, root, FolderOptions{Paths: []string{"script", "made", "./vendor/deep/"}})))
	if want := "made/x.py script vendor/deep/y.py"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := OpenFolder(root, FolderOptions{Paths: []string{"gone"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that does not exist: %v", err)
	}
	if _, err := OpenFolder(filepath.Join(root, "script"), FolderOptions{}); err == nil {
		t.Error("a file is opened as a folder")
	}
}

func TestGitignoreAboveTheRoot(t *testing.T) {
	top := t.TempDir()
	git(t, top, "init", "-q")
	write(t, top, ".gitignore", "/services/api/made.py\n*_local.py\nscratch/\n")
	for _, name := range []string{"services/api/made.py", "services/api/a_local.py", "services/api/x.py", "scratch/y.py"} {
		write(t, top, name, "")
	}
	if got, want := paths(list(t, open(t, filepath.Join(top, "services/api"), FolderOptions{}))), "x.py"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := paths(list(t, open(t, filepath.Join(top, "scratch"), FolderOptions{}))), "y.py"; got != want {
		t.Errorf("a root that is ignored itself: got %q, want %q", got, want)
	}
}

func TestTrackedFilesAreNotIgnored(t *testing.T) {
	root := t.TempDir()
	git(t, root, "init", "-q")
	write(t, root, "lib/code.py", "")
	write(t, root, "settings.py", "")
	git(t, root, "add", ".")
	write(t, root, ".gitignore", "lib/\nsettings.py\nother.py\n")
	write(t, root, "other.py", "")
	write(t, root, "lib/untracked.py", "")
	got := paths(list(t, open(t, root, FolderOptions{})))
	if want := "lib/code.py settings.py"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHostileFolders(t *testing.T) {
	outside := t.TempDir()
	write(t, outside, "secret.py", "password = 1\n")
	root := t.TempDir()
	write(t, root, "ok.py", "")
	write(t, root, "new\nline::error file=x::.py", "")
	write(t, root, "bad\xff.py", "")
	write(t, root, "-dash;$(x).py", "")
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.py"), 0o666); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Listen("unix", filepath.Join(root, "socket.py"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	for name, target := range map[string]string{
		"passwd.py": filepath.Join(outside, "secret.py"), "zero.py": "/dev/zero", "loop.py": "loop.py",
		"selfdir": ".", "away": outside, "alias.py": "ok.py",
	} {
		if err := os.Symlink(target, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	listing := list(t, open(t, root, FolderOptions{}))
	if got, want := paths(listing), "-dash;$(x).py bad\xff.py new\nline::error file=x::.py ok.py"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, want := range map[string]string{
		"pipe.py": "named pipe", "socket.py": "socket", "passwd.py": "out of the root", "zero.py": "out of the root", "loop.py": "to itself",
	} {
		if got := problems(listing)[name]; !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got, want := skips(listing)[reasonLink], "alias.py away/ selfdir/"; got != want {
		t.Errorf("skipped links %q, want %q", got, want)
	}
}

func TestUnreadableIsAProblem(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root reads everything")
	}
	root := t.TempDir()
	write(t, root, "closed/x.py", "")
	write(t, root, "secret.py", "")
	os.Chmod(filepath.Join(root, "closed"), 0)
	os.Chmod(filepath.Join(root, "secret.py"), 0)
	defer os.Chmod(filepath.Join(root, "closed"), 0o700)
	folder := open(t, root, FolderOptions{})
	listing := list(t, folder)
	if got := problems(listing)["closed/"]; got != "permission denied" {
		t.Errorf("directory: %q", got)
	}
	if _, err := folder.Read(t.Context(), Entry{Path: "secret.py"}, 100); err == nil || ProblemOf("", err).Reason != "permission denied" {
		t.Errorf("file: %v", err)
	}
}

func TestReadRefusesWhatAFileTurnedInto(t *testing.T) {
	root := t.TempDir()
	write(t, root, "large.py", strings.Repeat("#", 101))
	write(t, root, "exact.py", strings.Repeat("#", 100))
	write(t, root, "empty.py", "")
	os.Symlink("exact.py", filepath.Join(root, "link.py"))
	os.Mkdir(filepath.Join(root, "dir.py"), 0o777)
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.py"), 0o666); err != nil {
		t.Fatal(err)
	}
	folder := open(t, root, FolderOptions{})
	for name, want := range map[string]string{
		"large.py": "more than the limit of 100", "link.py": "symbolic link", "dir.py": "directory", "pipe.py": "named pipe",
		"gone.py": "no such file",
	} {
		_, err := folder.Read(t.Context(), Entry{Path: name}, 100)
		if err == nil || !strings.Contains(ProblemOf(name, err).Reason, want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	for name, size := range map[string]int{"exact.py": 100, "empty.py": 0} {
		if raw, err := folder.Read(t.Context(), Entry{Path: name}, 100); err != nil || len(raw) != size {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
	}
}

func TestDeepFolders(t *testing.T) {
	root := t.TempDir()
	deep := strings.Repeat("d/", 900)
	write(t, root, deep+"x.py", "")
	if got := paths(list(t, open(t, root, FolderOptions{}))); got != deep+"x.py" {
		t.Errorf("got %d bytes of paths", len(got))
	}
	if got := paths(list(t, Memory{strings.Repeat("d/", 5_000) + "x.py": ""})); !strings.HasSuffix(got, "x.py") {
		t.Error("a deep tree in memory is lost")
	}
}

func TestOverlay(t *testing.T) {
	base := Memory{"a.py": "old", "b.py": "b"}
	over := Overlay{Tree: base, Unsaved: Memory{"a.py": "new", "c.py": "c"}}
	if got := paths(list(t, over)); got != "a.py b.py c.py" {
		t.Errorf("got %s", got)
	}
	for name, want := range map[string]string{"a.py": "new", "b.py": "b", "c.py": "c"} {
		if raw, err := over.Read(context.Background(), Entry{Path: name}, 10); err != nil || string(raw) != want {
			t.Errorf("%s: %q, %v", name, raw, err)
		}
	}
	if _, err := base.Read(context.Background(), Entry{Path: "a.py"}, 2); err == nil || !strings.Contains(ProblemOf("a.py", err).Reason, "limit of 2") {
		t.Errorf("the limit does not hold in memory: %v", err)
	}
}

func TestSkipKeepsTheFirstExamples(t *testing.T) {
	listing := &Listing{}
	for _, name := range []string{"9", "3", "7", "1", "5", "8", "2"} {
		listing.skip(reasonLink, name, false)
	}
	skip := listing.Skipped[0]
	if skip.Files != 7 || !slices.Equal(skip.Examples, []string{"1", "2", "3", "5", "7"}) {
		t.Errorf("got %+v", skip)
	}
}
