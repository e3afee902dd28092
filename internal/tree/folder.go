package tree

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// FolderOptions say what of a folder is meant. The zero value means all of it.
type FolderOptions struct {
	// Paths are files and directories relative to the root, with forward slashes, to which the listing is limited.
	// They are taken even where a pattern or a rule of discovery would leave them out. None means the root.
	Paths []string
	// Exclude holds further patterns in the syntax of .gitignore. They hold for paths relative to the directory that
	// Below leads down from to the root: "" where the patterns stand at the root, "services/api" where two above it.
	Exclude []string
	Below   string
}

// Folder is a directory of the file system. It implements Tree.
type Folder struct {
	root    string
	paths   []string
	exclude *Patterns
	// tracked tells which ignored files git tracks all the same; nil outside a repository.
	tracked func(ctx context.Context) (*trackedSet, error)
	once    sync.Once
	set     *trackedSet
	// named are paths of the options that are files: links there are followed, as the user asked for them.
	named map[string]bool
}

var _ Tree = (*Folder)(nil)

// OpenFolder opens a directory. It is an error where root is none, or a path of the options does not exist.
func OpenFolder(root string, options FolderOptions) (*Folder, error) {
	absolute, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(absolute)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a directory", root)
	}
	f := &Folder{root: absolute, exclude: excludes(options), named: map[string]bool{}}
	for _, name := range options.Paths {
		if _, err := os.Lstat(f.disk(name)); err != nil {
			return nil, err
		}
		f.paths = append(f.paths, clean(name))
	}
	if len(f.paths) == 0 {
		f.paths = []string{""}
	}
	slices.Sort(f.paths)
	f.paths = slices.Compact(f.paths)
	if top := gitTop(absolute); top != "" {
		f.tracked = func(ctx context.Context) (*trackedSet, error) { return listTracked(ctx, absolute) }
	}
	return f, nil
}

func excludes(options FolderOptions) *Patterns {
	patterns := ParsePatterns("", strings.Join(options.Exclude, "\n"))
	if options.Below != "" {
		patterns.below = options.Below + "/"
	}
	return patterns
}

// Exclude sets the patterns of the configuration, which is found in the folder only once it is open. It must not be
// called while the folder is listed.
func (f *Folder) Exclude(patterns []string) {
	f.exclude = excludes(FolderOptions{Exclude: patterns})
}

// Root returns the absolute path of the folder.
func (f *Folder) Root() string { return f.root }

// Name says which folder it is.
func (f *Folder) Name() string { return "folder " + f.root }

// Close does nothing.
func (f *Folder) Close() error { return nil }

func (f *Folder) lookup(_ context.Context, names []string) (*Listing, error) {
	listing := &Listing{}
	for _, name := range names {
		if info, err := os.Lstat(f.disk(name)); err == nil && info.Mode().IsRegular() {
			listing.Entries = append(listing.Entries, Entry{Path: name})
		}
	}
	listing.sort()
	return listing, nil
}

func (f *Folder) disk(name string) string {
	if name == "" {
		return f.root
	}
	return f.root + string(filepath.Separator) + filepath.FromSlash(name)
}

// clean makes "a/./b/" of a user's path "a/b", and "" of ".".
func clean(name string) string {
	name = filepath.ToSlash(filepath.Clean(filepath.FromSlash(name)))
	if name == "." {
		return ""
	}
	return name
}

// directory is one that is still to be read.
type directory struct {
	path string
	// rules are the .gitignore files from the repository's top down to this directory's parent.
	rules []*Patterns
	// ignored says that .gitignore ignores the directory, which is read for the files in it that git tracks all the same.
	ignored bool
}

// List walks the folder with a list of open directories instead of recursion, so depth costs no stack. Each directory is
// read once: links to directories are not followed, so there are no loops.
func (f *Folder) List(ctx context.Context, want func(path string) bool) (*Listing, error) {
	listing := &Listing{}
	for _, name := range f.paths {
		if info, err := os.Stat(f.disk(name)); err != nil {
			listing.problem(name, reason(err))
			continue
		} else if !info.IsDir() {
			f.listNamed(listing, name, info)
			continue
		}
		open := []directory{{path: name, rules: f.rulesAbove(name)}}
		for len(open) > 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			next := open[len(open)-1]
			open = f.read(ctx, listing, next, open[:len(open)-1], want)
		}
	}
	listing.sort()
	return listing, nil
}

// listNamed takes a file that the user named, whatever its name.
func (f *Folder) listNamed(listing *Listing, name string, info fs.FileInfo) {
	if !info.Mode().IsRegular() {
		listing.problem(name, notRegular(info.Mode()))
		return
	}
	f.named[name] = true
	listing.Entries = append(listing.Entries, Entry{Path: name})
}

// read lists one directory and adds those below it to open.
func (f *Folder) read(ctx context.Context, listing *Listing, dir directory, open []directory, want func(string) bool) []directory {
	entries, err := os.ReadDir(f.disk(dir.path))
	if err != nil {
		listing.problem(dir.path+"/", reason(err))
	}
	prefix := ""
	if dir.path != "" {
		prefix = dir.path + "/"
	}
	rules := dir.rules
	if _, ok := search(entries, ".gitignore"); ok {
		if own := f.rulesIn(dir.path); own != nil {
			rules = append(slices.Clip(rules), own)
		}
	}
	for _, entry := range entries {
		name := prefix + entry.Name()
		switch mode := entry.Type(); {
		case mode.IsDir():
			inner := directory{path: name, rules: rules, ignored: dir.ignored}
			if f.enter(ctx, listing, &inner) {
				open = append(open, inner)
			}
		case mode&fs.ModeSymlink != 0:
			f.link(listing, name, want)
		case !want(name):
		case f.exclude.Match(name, false):
			listing.skip(reasonExcluded, name, false)
		case (dir.ignored || ignored(rules, name, false)) && !f.isTracked(ctx, name, false):
			listing.skip(reasonIgnored, name, false)
		case !mode.IsRegular():
			listing.problem(name, notRegular(mode))
		default:
			listing.Entries = append(listing.Entries, Entry{Path: name})
		}
	}
	return open
}

// enter decides about a directory below the root.
func (f *Folder) enter(ctx context.Context, listing *Listing, dir *directory) bool {
	reason, hidden := excludeDir(dir.path, func(inner string) bool {
		_, err := os.Lstat(f.disk(dir.path + "/" + inner))
		return err == nil
	})
	if hidden {
		return false
	}
	if reason == "" && f.exclude.Match(dir.path, true) {
		reason = reasonExcluded
	}
	if reason == "" && (dir.ignored || ignored(dir.rules, dir.path, true)) {
		dir.ignored = true
		if !f.isTracked(ctx, dir.path, true) {
			reason = reasonIgnored
		}
	}
	if reason != "" {
		listing.skip(reason, dir.path, true)
	}
	return reason == ""
}

// link handles a symbolic link below the root. What it leads to inside the root is analysed under its own name; what
// lies outside is nobody's business here, as the report would print lines of it.
func (f *Folder) link(listing *Listing, name string, want func(string) bool) {
	target, err := filepath.EvalSymlinks(f.disk(name))
	if err != nil {
		if want(name) {
			listing.problem(name, "symbolic link that leads nowhere or to itself")
		}
		return
	}
	info, err := os.Stat(target)
	if err == nil && info.IsDir() {
		listing.skip(reasonLink, name, true)
		return
	}
	if !want(name) {
		return
	}
	root, err := filepath.EvalSymlinks(f.root)
	if err != nil || !within(root, target) {
		listing.problem(name, "symbolic link out of the root, not followed")
		return
	}
	listing.skip(reasonLink, name, false)
}

// within reports whether a cleaned absolute path lies at or below another.
func within(root, name string) bool {
	return name == root || strings.HasPrefix(name, strings.TrimSuffix(root, string(filepath.Separator))+string(filepath.Separator))
}

// Read opens the file without following a link at its end and without waiting for a writer, and refuses all but regular
// files: a name may have come to mean something else since the listing.
func (f *Folder) Read(_ context.Context, entry Entry, maxBytes int) ([]byte, error) {
	return readRegular(f.disk(entry.Path), entry.Path, maxBytes, f.named[entry.Path])
}

func search(entries []fs.DirEntry, name string) (int, bool) {
	return slices.BinarySearchFunc(entries, name, func(e fs.DirEntry, name string) int { return strings.Compare(e.Name(), name) })
}

// notRegular describes what is never opened.
func notRegular(mode fs.FileMode) string {
	kind := "irregular file"
	switch {
	case mode&fs.ModeNamedPipe != 0:
		kind = "named pipe"
	case mode&fs.ModeSocket != 0:
		kind = "socket"
	case mode&fs.ModeDevice != 0:
		kind = "device"
	case mode.IsDir():
		kind = "directory"
	case mode&fs.ModeSymlink != 0:
		kind = "symbolic link"
	}
	return kind + ", not a regular file: not opened"
}
