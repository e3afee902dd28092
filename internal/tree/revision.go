package tree

import (
	"bytes"
	"context"
	"fmt"
	"strings"
)

// Revision is one commit, or the index, read from the object store without a checkout. It implements Tree.
type Revision struct {
	repository *Repository
	name       string
	// commit is the object name, empty for the index.
	commit  string
	exclude *Patterns
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

// Modes of git's trees.
const (
	modeFile       = "100644"
	modeExecutable = "100755"
	modeGroup      = "100664"
	modeLink       = "120000"
	modeSubmodule  = "160000"
)

// List asks git once for all paths.
func (v *Revision) List(ctx context.Context, want func(path string) bool) (*Listing, error) {
	objects, err := v.objects(ctx)
	if err != nil {
		return nil, err
	}
	listing := &Listing{}
	chosen := newSelection(func(yield func(string)) {
		for i := range objects {
			yield(objects[i].path)
		}
	}, v.exclude, listing)
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
		case object.mode == modeFile || object.mode == modeExecutable || object.mode == modeGroup:
			listing.Entries = append(listing.Entries, Entry{Path: object.path, ID: "git:" + object.oid})
		default:
			listing.problem(object.path, fmt.Sprintf("has the unknown mode %q in git", object.mode))
		}
	}
	listing.sort()
	return listing, nil
}

// objects parses "MODE TYPE OID\tPATH\0" of ls-tree or "MODE OID STAGE\tPATH\0" of ls-files.
func (v *Revision) objects(ctx context.Context) ([]object, error) {
	args := []string{"ls-tree", "-r", "-z", "--full-tree", v.commit}
	if v.commit == "" {
		args = []string{"ls-files", "-z", "--stage", "--full-name"}
	}
	out, err := run(ctx, v.repository.place, nil, args...)
	if err != nil {
		return nil, err
	}
	objects := make([]object, 0, bytes.Count(out, []byte{0}))
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if line == "" {
			continue
		}
		head, path, ok := strings.Cut(line, "\t")
		fields := strings.Fields(head)
		if !ok || len(fields) != 3 {
			return nil, fmt.Errorf("git %s: unexpected line %q", args[0], line)
		}
		o := object{mode: fields[0], oid: fields[2], path: path}
		if v.commit == "" {
			o.oid, o.conflict = fields[1], fields[2] != "0"
		}
		if !safe(path) {
			return nil, fmt.Errorf("git %s: the path %q leads out of the tree", args[0], path)
		}
		objects = append(objects, o)
	}
	return objects, nil
}

// safe reports whether a path of a git tree, which is only bytes there, stays below the root.
func safe(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part == "." || part == ".." {
			return false
		}
	}
	return true
}

// Read returns the blob of a listed entry.
func (v *Revision) Read(ctx context.Context, entry Entry, maxBytes int) ([]byte, error) {
	oid, ok := strings.CutPrefix(entry.ID, "git:")
	if !ok {
		return nil, fmt.Errorf("not listed in %s", v.name)
	}
	return v.repository.blobs.read(ctx, oid, maxBytes)
}
