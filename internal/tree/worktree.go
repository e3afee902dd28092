package tree

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// WorkTree is the working tree of a repository: a Folder whose unchanged files carry the ID of their blob, as the index
// remembers size and times of each file. So a comparison with a revision reads changed files only. It implements Tree.
type WorkTree struct {
	*Folder
	repository *Repository
}

var _ Tree = (*WorkTree)(nil)

// WorkTree returns the working tree; an error where the repository has none.
func (r *Repository) WorkTree(options FolderOptions) (*WorkTree, error) {
	if r.top == "" {
		return nil, errors.New("a bare repository has no working tree: name both revisions, as in `tiebeam diff BASE HEAD`")
	}
	folder, err := OpenFolder(r.top, options)
	if err != nil {
		return nil, err
	}
	return &WorkTree{Folder: folder, repository: r}, nil
}

// Name says whose working tree it is.
func (w *WorkTree) Name() string { return "working tree " + w.root }

// List returns the files of the folder with the IDs that the index vouches for. Where git cannot tell, entries have
// none and are compared by their bytes.
func (w *WorkTree) List(ctx context.Context, want func(path string) bool) (*Listing, error) {
	var known map[string]indexStat
	var failed error
	var group sync.WaitGroup
	group.Go(func() { known, failed = w.repository.stats(ctx) })
	listing, err := w.Folder.List(ctx, want)
	if group.Wait(); err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	for i := range listing.Entries {
		entry := &listing.Entries[i]
		if stat, ok := known[entry.Path]; ok && stat.holds(w.disk(entry.Path)) {
			entry.ID = "git:" + stat.oid
		}
	}
	return listing, nil
}

// indexStat is what the index remembers of a file.
type indexStat struct {
	oid     string
	size    int64
	changed time.Time
}

// holds reports whether a file still is what was added to the index: same size and same time of change.
func (s *indexStat) holds(disk string) bool {
	info, err := os.Lstat(disk)
	return err == nil && info.Mode().IsRegular() && info.Size() == s.size && info.ModTime().Equal(s.changed)
}

// stats reads the index. Entries as young as the index itself are left out: a file changed in the same instant, after
// it was added, looks unchanged (https://git-scm.com/docs/racy-git).
func (r *Repository) stats(ctx context.Context) (map[string]indexStat, error) {
	out, err := run(ctx, r.place, nil, "ls-files", "-z", "--stage", "--debug")
	if err != nil {
		return nil, err
	}
	written := r.indexTime()
	known := make(map[string]indexStat, bytes.Count(out, []byte{0}))
	for rest := string(out); rest != ""; {
		head, after, ok := strings.Cut(rest, "\x00")
		if !ok {
			return nil, errors.New("git ls-files: unexpected end of its listing")
		}
		fields, path, _ := strings.Cut(head, "\t")
		stat, next, err := parseStat(after)
		if err != nil {
			return nil, err
		}
		rest = next
		if parts := strings.Fields(fields); len(parts) == 3 && parts[2] == "0" && stat.changed.Before(written) {
			stat.oid = parts[1]
			known[path] = stat
		}
	}
	return known, nil
}

// indexTime returns when the index was written, the zero time where that is not known, which trusts no entry.
func (r *Repository) indexTime() time.Time {
	name := os.Getenv("GIT_INDEX_FILE")
	switch {
	case name == "":
		name = filepath.Join(r.dir, "index")
	case !filepath.IsAbs(name):
		name = filepath.Join(r.top, name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// parseStat reads the five lines that --debug prints after a path:
//
//	ctime: 1700000000:123456789
//	mtime: 1700000000:123456789
//	dev: 2049	ino: 1234567
//	uid: 1000	gid: 1000
//	size: 12	flags: 0
func parseStat(text string) (stat indexStat, rest string, err error) {
	for range 5 {
		line, after, ok := strings.Cut(text, "\n")
		if !ok {
			return stat, "", errors.New("git ls-files: unexpected end of its listing")
		}
		text = after
		line = strings.TrimSpace(line)
		if value, ok := strings.CutPrefix(line, "mtime: "); ok {
			seconds, nanos, _ := strings.Cut(value, ":")
			s, err1 := strconv.ParseInt(seconds, 10, 64)
			n, err2 := strconv.ParseInt(nanos, 10, 64)
			if err := errors.Join(err1, err2); err != nil {
				return stat, "", fmt.Errorf("git ls-files: %w", err)
			}
			stat.changed = time.Unix(s, n)
		}
		if value, ok := strings.CutPrefix(line, "size: "); ok {
			size, _, _ := strings.Cut(value, "\t")
			if stat.size, err = strconv.ParseInt(size, 10, 64); err != nil {
				return stat, "", fmt.Errorf("git ls-files: %w", err)
			}
		}
	}
	return stat, text, nil
}
