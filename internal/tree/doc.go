// Package tree is where files come from: a folder, a revision in a git object store, the index, an editor's unsaved
// buffers over one of those, or a map in a test. All look alike to the rest of the program.
//
//	Folder ──┐
//	Revision ├── List (what is there, what was skipped, what could not be read) ── Read (bytes)
//	Staged   │
//	Memory ──┘        Overlay wraps any of them
//
// It imports source for the size limit. It is the only room that runs git, and with the cache, the report sinks and cli
// the only one that touches the file system.
//
// Invariant: nothing in a tree is executed and nothing outside its root is read: no hook, filter, textconv, fsmonitor
// or remote of a repository runs, no symbolic link is followed below the root, and only regular files are opened. A
// listing is sorted by path and does not depend on the order of the file system.
//
// Entry points: OpenFolder, OpenRepository (and from it Revision, Staged and WorkTree), Memory, Overlay.
package tree
