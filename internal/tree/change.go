package tree

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Lookup lists single files of a tree by their paths, without listing all where the tree can do that. What is no regular
// file is left out. Lookup asks nothing of discovery: a file that is ignored is found, and so the names must be ours and not those of
// somebody whose tree it is.
func Lookup(ctx context.Context, t Tree, names ...string) (*Listing, error) {
	if own, ok := t.(interface {
		lookup(ctx context.Context, names []string) (*Listing, error)
	}); ok {
		return own.lookup(ctx, names)
	}
	return t.List(ctx, func(path string) bool { return slices.Contains(names, path) })
}

func (v *Revision) lookup(ctx context.Context, names []string) (*Listing, error) {
	if v.commit == "" {
		return v.List(ctx, func(path string) bool { return slices.Contains(names, path) })
	}
	objects, err := v.ask(ctx, append([]string{"--"}, names...)...)
	if err != nil {
		return nil, err
	}
	listing := &Listing{}
	for i := range objects {
		if objects[i].isFile() && slices.Contains(names, objects[i].path) { // git takes a directory for all below it
			listing.Entries = append(listing.Entries, objects[i].entry())
		}
	}
	listing.sort()
	return listing, nil
}

// change is what became of one path between two commits.
type change struct {
	path        string
	before, now object // the zero object where there is none
}

// ListFrom is List for who has the listing of another commit of the same repository, made with the same patterns and the
// same want: git is asked for the difference only. ok is false where that does not tell what to list.
func (v *Revision) ListFrom(ctx context.Context, base *Revision, known *Listing, want func(path string) bool) (listing *Listing, ok bool, err error) {
	if v.commit == "" || base.commit == "" || v.repository != base.repository {
		return nil, false, nil
	}
	changes, err := v.repository.changes(ctx, base.commit, v.commit)
	if err != nil {
		return nil, false, err
	}
	listing = &Listing{Entries: slices.Clone(known.Entries), Problems: slices.Clone(known.Problems), Skipped: slices.Clone(known.Skipped)}
	for i := range changes {
		if changes[i].decides() {
			return nil, false, nil
		}
		if want(changes[i].path) && !v.apply(listing, known, &changes[i]) {
			return nil, false, nil
		}
	}
	return listing, true, nil
}

// decides says whether a change may decide about other files than its own, or is of something else than a file.
func (c *change) decides() bool {
	for _, side := range []*object{&c.before, &c.now} {
		if side.mode != "" && !side.isFile() {
			return true
		}
	}
	if c.before.mode != "" && c.now.mode != "" {
		return false
	}
	dir, base := parent(c.path), c.path[strings.LastIndexByte(c.path, '/')+1:]
	return base == "pyvenv.cfg" || strings.Contains("/"+dir+"/", "/conda-meta/") ||
		base == "__init__.py" && outputs[dir[strings.LastIndexByte(dir, '/')+1:]]
}

// apply changes one file of a listing. It is false where what is known does not say whether the file is to be listed.
func (v *Revision) apply(listing, known *Listing, c *change) bool {
	if slices.ContainsFunc(known.Problems, func(p Problem) bool { return p.Path == c.path }) {
		return false
	}
	at, listed := slices.BinarySearchFunc(listing.Entries, c.path, func(e Entry, path string) int { return strings.Compare(e.Path, path) })
	switch {
	case c.now.mode == "" && listed:
		listing.Entries = slices.Delete(listing.Entries, at, at+1)
	case c.now.mode == "":
		return false // it was excluded, and counted
	case listed:
		listing.Entries[at].ID = c.now.entry().ID
	case c.before.mode != "":
		// It was excluded and is still.
	case v.exclude.Match(c.path, false) || !known.holdsDir(parent(c.path)):
		return false
	default:
		listing.Entries = slices.Insert(listing.Entries, at, c.now.entry())
	}
	return true
}

// holdsDir says whether a file that lies directly in a directory is listed.
func (l *Listing) holdsDir(dir string) bool {
	return slices.ContainsFunc(l.Entries, func(e Entry) bool { return parent(e.Path) == dir })
}

// changes asks git what differs between two commits, given by their object names.
func (r *Repository) changes(ctx context.Context, a, b string) ([]change, error) {
	out, err := run(ctx, r.place, nil, "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv", a, b)
	if err != nil {
		return nil, err
	}
	var changes []change
	for rest := string(out); rest != ""; {
		head, after, ok := strings.Cut(rest, "\x00")
		path, next, more := strings.Cut(after, "\x00")
		fields := strings.Fields(strings.TrimPrefix(head, ":"))
		if !ok || !more || len(fields) != 5 {
			return nil, fmt.Errorf("git diff-tree: unexpected line %q", head)
		}
		if !safe(path) {
			return nil, errors.New("git diff-tree: the path " + fmt.Sprintf("%q", path) + " leads out of the tree")
		}
		changes = append(changes, change{path, objectOf(fields[0], fields[2], path), objectOf(fields[1], fields[3], path)})
		rest = next
	}
	return changes, nil
}

// objectOf is the side of a change, the zero object where the mode says that there is none.
func objectOf(mode, oid, path string) object {
	if mode == "000000" {
		return object{}
	}
	return object{mode: mode, oid: oid, path: path}
}
