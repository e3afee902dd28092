package tree

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
)

// Revision is one commit, or the index, read from the object store without a checkout. It implements Tree.
type Revision struct {
	repository *Repository
	name       string
	// commit is the object name, empty for the index.
	commit  string
	exclude *Patterns

	near atomic.Bool // it is as good as checked out

	mutex sync.Mutex
	held  *holding // nil until git was asked
}

// holding is what git says a revision holds. It is asked for once: every later listing is of the same moment.
type holding struct {
	objects []object
	marks   map[string]marks
}

var _ Tree = (*Revision)(nil)

// Revision returns the tree of a commit.
func (r *Repository) Revision(ctx context.Context, revision string) (*Revision, error) {
	commit, err := r.Resolve(ctx, revision)
	if err != nil {
		return nil, err
	}
	return &Revision{repository: r, name: "revision " + revision, commit: commit}, nil
}

// Staged returns the tree that the next commit will have.
func (r *Repository) Staged() *Revision { return &Revision{repository: r, name: "the index"} }

// Name says which revision it is.
func (v *Revision) Name() string { return v.name }

// Commit returns the object name of the commit, empty for the index.
func (v *Revision) Commit() string { return v.commit }

// Exclude sets the patterns of the configuration, in the syntax of .gitignore. It must not be called during List.
func (v *Revision) Exclude(patterns []string) {
	v.exclude = ParsePatterns("", strings.Join(patterns, "\n"))
}

// Close does nothing: the repository stays open for other revisions.
func (v *Revision) Close() error { return nil }

// object is one line of git's listing.
type object struct {
	mode, oid, path string
	// conflict marks an entry of the index that is not merged.
	conflict bool
}

// isFile says whether the object is a regular file.
func (o *object) isFile() bool {
	return o.mode == modeFile || o.mode == modeExecutable || o.mode == modeGroup
}

func (o *object) entry() Entry { return Entry{Path: o.path, ID: "git:" + o.oid} }

// Modes of git's trees.
const (
	modeFile       = "100644"
	modeExecutable = "100755"
	modeGroup      = "100664"
	modeLink       = "120000"
	modeSubmodule  = "160000"
)

// List asks git for all paths at the first call.
func (v *Revision) List(ctx context.Context, want func(path string) bool) (*Listing, error) {
	held, err := v.hold(ctx)
	if err != nil {
		return nil, err
	}
	listing := &Listing{}
	objects, chosen := held.objects, selectionOf(held.marks, v.exclude, listing)
	for i := range objects {
		object := &objects[i]
		if object.mode == modeSubmodule {
			if chosen.dir(parent(object.path)) {
				listing.skip(reasonSubmodule, object.path, true)
			}
			continue
		}
		if !want(object.path) || !chosen.file(object.path) {
			continue
		}
		switch {
		case object.conflict:
			listing.problem(object.path, "has an unresolved merge conflict")
		case object.mode == modeLink:
			listing.skip(reasonLink, object.path, false)
		case object.isFile():
			listing.Entries = append(listing.Entries, object.entry())
		default:
			listing.problem(object.path, fmt.Sprintf("has the unknown mode %q in git", object.mode))
		}
	}
	listing.sort()
	return listing, nil
}

// hold asks git what the revision holds, unless it has said so before. A failure is not remembered.
func (v *Revision) hold(ctx context.Context) (*holding, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if v.held != nil {
		return v.held, nil
	}
	objects, err := v.ask(ctx)
	if err != nil {
		return nil, err
	}
	v.held = &holding{objects, marksOf(func(yield func(string)) {
		for i := range objects {
			yield(objects[i].path)
		}
	})}
	return v.held, nil
}

// ask asks git for the objects at some paths, none meaning at all.
func (v *Revision) ask(ctx context.Context, paths ...string) ([]object, error) {
	args := append([]string{"ls-tree", "-r", "-z", "--full-tree", v.commit}, paths...)
	if v.commit == "" {
		args = []string{"ls-files", "-z", "--stage", "--full-name"}
	}
	out, err := run(ctx, v.repository.place, nil, args...)
	if err != nil {
		return nil, err
	}
	objects := make([]object, 0, bytes.Count(out, []byte{0}))
	for rest := string(out); rest != ""; {
		line, after, _ := strings.Cut(rest, "\x00")
		rest = after
		o, ok := parseObject(line, v.commit == "")
		if !ok {
			return nil, fmt.Errorf("git %s: unexpected line %q", args[0], line)
		}
		if !safe(o.path) {
			return nil, fmt.Errorf("git %s: the path %q leads out of the tree", args[0], o.path)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// parseObject parses "MODE TYPE OID\tPATH" of ls-tree or "MODE OID STAGE\tPATH" of ls-files.
func parseObject(line string, staged bool) (o object, ok bool) {
	head, path, ok := strings.Cut(line, "\t")
	mode, rest, more := strings.Cut(head, " ")
	second, third, last := strings.Cut(rest, " ")
	if !ok || !more || !last || strings.Contains(third, " ") {
		return object{}, false
	}
	o = object{mode: mode, oid: third, path: path}
	if staged {
		o.oid, o.conflict = second, third != "0"
	}
	return o, true
}

// safe reports whether a path of a git tree, which is only bytes there, stays below the root.
func safe(name string) bool {
	for {
		part, rest, more := strings.Cut(name, "/")
		if part == "" || part == "." || part == ".." {
			return false
		}
		if !more {
			return true
		}
		name = rest
	}
}

// Read returns the blob of a listed entry.
func (v *Revision) Read(ctx context.Context, entry Entry, maxBytes int) ([]byte, error) {
	oid, ok := strings.CutPrefix(entry.ID, "git:")
	if !ok {
		return nil, fmt.Errorf("not listed in %s", v.name)
	}
	if v.near.Load() {
		if raw, ok := v.repository.checkedOut(&entry, maxBytes); ok {
			return raw, nil
		}
	}
	return v.repository.blobs.read(ctx, oid, maxBytes)
}

// Ahead tells which entries will be read soon, about in this order, each at most once and with the same limit.
func (v *Revision) Ahead(entries []Entry, maxBytes int) {
	if v.isCheckedOut(entries, maxBytes) {
		v.near.Store(true)
		return
	}
	oids := make([]string, 0, len(entries))
	for i := range entries {
		if oid, ok := strings.CutPrefix(entries[i].ID, "git:"); ok {
			oids = append(oids, oid)
		}
	}
	go v.repository.blobs.ahead(oids, maxBytes)
}
