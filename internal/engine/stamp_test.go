package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/cache"
	"github.com/tiebeam/tiebeam/internal/tree"
)

// counted is a folder that counts what is read of it.
type counted struct {
	*tree.Folder
	reads atomic.Int32
}

func (c *counted) Read(ctx context.Context, entry tree.Entry, maxBytes int) ([]byte, error) {
	if tree.Python(entry.Path) {
		c.reads.Add(1)
	}
	return c.Folder.Read(ctx, entry, maxBytes)
}

// TestStampsTellWhatChanged: a file whose stamp is known is not read again, and one that changed is, though its size and
// its time are what they were.
func TestStampsTellWhatChanged(t *testing.T) {
	root := t.TempDir()
	name := filepath.Join(root, "app.py")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const without, with = "import requests\nprint(requests.get('x'))           \n", "import requests\nprint(requests.get('x', timeout=5))\n"
	if len(without) != len(with) {
		t.Fatalf("the texts have %d and %d bytes", len(without), len(with))
	}
	write(without)
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	store, err := cache.Open(t.TempDir(), "test")
	if err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	run := func(now time.Time) (rule string, reads int32) {
		folder, err := tree.OpenFolder(root, tree.FolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		of := &counted{Folder: folder}
		q := request(of)
		q.Cache, q.Now = store, now
		return check(t, q).Findings[0].Rule, of.reads.Load()
	}
	stamp := func() string {
		folder, err := tree.OpenFolder(root, tree.FolderOptions{})
		if err != nil {
			t.Fatal(err)
		}
		stamp, _, ok := folder.Stamp(tree.Entry{Path: "app.py"})
		if !ok {
			t.Skip("the system knows of no time of a file that a program cannot set")
		}
		return stamp
	}
	stamp()
	for _, c := range []struct {
		name   string
		now    time.Time
		before func()
		rule   string
		reads  int32
	}{
		{"the first run reads", later, nil, "unbounded-wait", 1},
		{"the second does not", later, nil, "unbounded-wait", 0},
		{"without a time it reads", time.Time{}, nil, "unbounded-wait", 1},
		{"a change that hides", later, func() {
			for before := stamp(); stamp() == before; { // until the clock of the file system has ticked
				write(with)
				if err := os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
					t.Fatal(err)
				}
			}
		}, "unjustified-limit", 1},
		{"a young file is read", info.ModTime(), func() { write(without) }, "unbounded-wait", 1},
		{"and again", info.ModTime(), nil, "unbounded-wait", 1},
	} {
		if c.before != nil {
			c.before()
		}
		if rule, reads := run(c.now); rule != c.rule || reads != c.reads {
			t.Errorf("%s: %s by %d reads, want %s by %d", c.name, rule, reads, c.rule, c.reads)
		}
	}
}
