package catalog

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Version is what a project's files say of the version of one distribution.
type Version struct {
	// Number is what With takes: "7.4.1", or "<8" or "<=8" where only an upper bound is known; "" where there is none.
	Number string
	// Exact is true where the version is pinned.
	Exact bool
	// Written is the version or the specifier as it stands in the file.
	Written string
	// File and Line say where; Line is 1-based, 0 where the format does not tell.
	File string
	Line int
}

// Numbers gives the versions in the form that With takes.
func Numbers(versions map[string]Version) map[string]string {
	numbers := make(map[string]string, len(versions))
	for name, version := range versions {
		numbers[name] = version.Number
	}
	return numbers
}

// reader reads one kind of file.
type reader func(name string, text []byte, found *collection)

// fileKind is one kind of file: how its name is told and how it is read.
type fileKind struct {
	matches func(file string) bool
	read    reader
}

// readers are the kinds of file in the order in which they are believed: what was installed before what was asked for.
var readers = []fileKind{
	{named("uv.lock", "poetry.lock", "pdm.lock"), readTOMLLock},
	{isPylock, readTOMLLock},
	{named("Pipfile.lock"), readPipfileLock},
	{named(".python-version"), readPythonVersion},
	{isRequirements, readRequirements},
	{named("pyproject.toml"), readPyproject},
	{named("setup.cfg"), readSetupCfg},
}

// IsVersionFile says whether a file of that name is one to look for in a project. The path may have folders.
func IsVersionFile(name string) bool { return kindOf(name) >= 0 }

func kindOf(name string) int {
	for i, kind := range readers {
		if kind.matches(name) {
			return i
		}
	}
	return -1
}

func named(names ...string) func(file string) bool {
	return func(file string) bool { return slices.Contains(names, path.Base(file)) }
}

// isRequirements knows requirements.txt, requirements-dev.txt, requirements/base.txt, constraints.txt and the like.
func isRequirements(file string) bool {
	if !strings.HasSuffix(file, ".txt") && !strings.HasSuffix(file, ".in") {
		return false
	}
	near := path.Join(path.Base(path.Dir(file)), path.Base(file))
	return strings.Contains(near, "require") || strings.Contains(near, "constraint")
}

func isPylock(file string) bool {
	if !strings.HasSuffix(file, ".toml") {
		return false
	}
	base := path.Base(file)
	return base == "pylock.toml" || strings.HasPrefix(base, "pylock.") && strings.HasSuffix(base, ".toml")
}

// kind gives the place in readers of a file that was given to be read: one of no known name is a requirements file.
func kind(name string) int {
	if k := kindOf(name); k >= 0 {
		return k
	}
	return slices.IndexFunc(readers, func(k fileKind) bool { return k.matches("requirements.txt") })
}

// Versions reads lock files, requirement files and project metadata, given by path, and says for each distribution,
// by its normalised name, which version they fix. Known are uv.lock, poetry.lock, pdm.lock, pylock.toml, Pipfile.lock,
// .python-version (for "python"), pyproject.toml and setup.cfg; every other file is read as a requirements file. A
// pinned version wins over a bound, a lock file over a wish, the shorter path over the longer, and within one file the
// newest. Each error names file and line; a file that cannot be read costs nothing but its own versions, a line that
// cannot be read only itself. Versions is pure: an included file (-r) counts if it is in files.
func Versions(files map[string][]byte) (map[string]Version, []error) {
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(kind(a), kind(b)),
			cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")),
			cmp.Compare(len(a), len(b)),
			cmp.Compare(a, b),
		)
	})
	found := &collection{files: files, versions: map[string]Version{}, ranks: map[string]int{}, read: map[string]bool{}}
	for rank, name := range names {
		found.rank = rank
		readers[kind(name)].read(name, files[name], found)
	}
	return found.versions, found.errs
}

// collection gathers versions; a better one takes the place of one that is there.
type collection struct {
	files    map[string][]byte
	versions map[string]Version
	ranks    map[string]int // of the file that gave the version
	rank     int            // of the file being read
	read     map[string]bool
	errs     []error
}

// fail records a fault of a file; line 0 means the whole file.
func (c *collection) fail(file string, line int, format string, args ...any) {
	where := file
	if line > 0 {
		where = fmt.Sprintf("%s:%d", file, line)
	}
	c.errs = append(c.errs, fmt.Errorf("%s: %w", where, fmt.Errorf(format, args...)))
}

// pinned records an exact version.
func (c *collection) pinned(name, version, file string, line int) {
	c.add(name, Version{Number: strings.TrimSpace(version), Exact: true, Written: version, File: file, Line: line})
}

func (c *collection) add(name string, version Version) {
	name = NormalName(name)
	if name == "" {
		return
	}
	old, known := c.versions[name]
	switch {
	case !known, version.Exact && !old.Exact:
	case old.Exact && !version.Exact, c.ranks[name] < c.rank && old.Number != "":
		return
	case c.ranks[name] == c.rank && !newer(version.Number, old.Number):
		return
	}
	c.versions[name], c.ranks[name] = version, c.rank
}

func newer(a, b string) bool {
	if b == "" || a == "" {
		return b == "" && a != ""
	}
	left, right := selector(a), selector(b)
	return left.known && (!right.known || left.number.GreaterThan(right.number))
}
