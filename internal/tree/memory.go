package tree

import (
	"context"
	"io/fs"
	"maps"
	"slices"

	"github.com/tiebeam/tiebeam/internal/source"
)

// Memory is a tree held in a map from path to content, for tests and for what an editor sends. It implements Tree.
type Memory map[string]string

var _ Tree = Memory(nil)

// Name says that it is in memory.
func (m Memory) Name() string { return "files in memory" }

// Close does nothing.
func (m Memory) Close() error { return nil }

// List returns the files by the same rules of discovery as every other tree.
func (m Memory) List(_ context.Context, want func(path string) bool) (*Listing, error) {
	listing := &Listing{}
	chosen := newSelection(func(yield func(string)) {
		for name := range m {
			yield(name)
		}
	}, nil, listing)
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if want(name) && chosen.file(name) {
			listing.Entries = append(listing.Entries, Entry{Path: name})
		}
	}
	listing.sort()
	return listing, nil
}

// Read returns a copy of the content.
func (m Memory) Read(_ context.Context, entry Entry, maxBytes int) ([]byte, error) {
	content, ok := m[entry.Path]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: entry.Path, Err: fs.ErrNotExist}
	}
	if len(content) > maxBytes {
		return nil, source.TooLarge(entry.Path, int64(len(content)), maxBytes)
	}
	return []byte(content), nil
}

// Overlay lays unsaved files over a tree. It implements Tree; Close closes the tree below.
type Overlay struct {
	Tree
	// Unsaved maps paths to content.
	Unsaved Memory
}

var _ Tree = Overlay{}

// Name is that of the tree below, with a word about the files over it.
func (o Overlay) Name() string { return o.Tree.Name() + " with unsaved files" }

// List returns the files of the tree below and those that exist in the editor only, whose contents have no ID.
func (o Overlay) List(ctx context.Context, want func(path string) bool) (*Listing, error) {
	listing, err := o.Tree.List(ctx, want)
	if err != nil {
		return nil, err
	}
	for i := range listing.Entries {
		if _, ok := o.Unsaved[listing.Entries[i].Path]; ok {
			listing.Entries[i].ID = ""
		}
	}
	listing.Problems = slices.DeleteFunc(listing.Problems, func(p Problem) bool {
		_, ok := o.Unsaved[p.Path]
		return ok
	})
	for name := range o.Unsaved {
		if want(name) {
			listing.Entries = append(listing.Entries, Entry{Path: name})
		}
	}
	listing.sort()
	return listing, nil
}

// Read returns the unsaved content where there is one.
func (o Overlay) Read(ctx context.Context, entry Entry, maxBytes int) ([]byte, error) {
	if _, ok := o.Unsaved[entry.Path]; ok {
		return o.Unsaved.Read(ctx, entry, maxBytes)
	}
	return o.Tree.Read(ctx, entry, maxBytes)
}
