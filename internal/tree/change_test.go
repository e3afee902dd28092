//go:build unix

package tree

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestListFromIsList: the listing made from that of another commit is the one that git gives whole, wherever it is made.
func TestListFromIsList(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	write := func(files ...string) {
		t.Helper()
		for _, name := range files {
			full := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			old, _ := os.ReadFile(full)
			if err := os.WriteFile(full, append(old, "x = 1\n"...), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(names ...string) { git(t, dir, append([]string{"rm", "-q", "-r"}, names...)...) }
	steps := []func(){
		func() { write("app.py", "shop/__init__.py", "shop/pay.py", "vendor/x.py", "skip/me.py", "docs/a.md") },
		func() { write("shop/pay.py") },
		func() { write("shop/stock.py") },            // beside others
		func() { write("new/place.py") },             // in a new directory
		func() { remove("shop/pay.py") },             //
		func() { write("vendor/y.py", "docs/a.md") }, // excluded, and not wanted
		func() { write("shop/pyvenv.cfg") },          // decides about its directory
		func() { remove("shop/pyvenv.cfg") },
		func() { write("build/gen.py", "build/__init__.py") },
		func() { remove("build/__init__.py") },
		func() { write("skip/other.py") },
		func() {
			if err := os.Symlink("app.py", filepath.Join(dir, "link.py")); err != nil {
				t.Fatal(err)
			}
		},
		func() { remove("vendor/x.py") },
	}
	for i, step := range steps {
		step()
		git(t, dir, "add", "-A")
		git(t, dir, "commit", "-q", "--allow-empty", "-m", fmt.Sprint("step ", i))
		git(t, dir, "tag", fmt.Sprint("v", i))
	}
	r := repository(t, dir, "")
	want := func(path string) bool { return strings.HasSuffix(path, ".py") }
	of := func(i int) (*Revision, *Listing) {
		revision, err := r.Revision(t.Context(), fmt.Sprint("v", i))
		if err != nil {
			t.Fatal(err)
		}
		revision.Exclude([]string{"skip/"})
		listing, err := revision.List(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		return revision, listing
	}
	made := 0
	for i := range steps {
		base, known := of(i)
		before := fmt.Sprintf("%+v", *known)
		for j := range steps {
			head, whole := of(j)
			listing, ok, err := head.ListFrom(t.Context(), base, known, want)
			if err != nil {
				t.Fatal(err)
			}
			if !ok {
				continue
			}
			made++
			if got, want := fmt.Sprintf("%+v", *listing), fmt.Sprintf("%+v", *whole); got != want {
				t.Errorf("from %d to %d: %s, want %s", i, j, got, want)
			}
		}
		if after := fmt.Sprintf("%+v", *known); after != before {
			t.Errorf("the listing of %d was changed", i)
		}
	}
	if made < 2*len(steps) {
		t.Errorf("only %d listings were made from another", made)
	}
}

func TestLookupFindsFilesOnly(t *testing.T) {
	dir := history(t)
	r := repository(t, dir, "")
	revision, err := r.Revision(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	folder, err := OpenFolder(dir, FolderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range []Tree{revision, folder, r.Staged(), Memory{"app.py": ""}} {
		listing, err := Lookup(t.Context(), from, "app.py", "gone.py", ".")
		if err != nil {
			t.Fatal(err)
		}
		names := make([]string, 0, 1)
		for _, e := range listing.Entries {
			names = append(names, e.Path)
		}
		if !slices.Equal(names, []string{"app.py"}) {
			t.Errorf("%s: %q", from.Name(), names)
		}
	}
}
