package tree

import (
	"path"
	"strings"
)

// silent are directories that never hold a project's source. They are left out without a word: naming the version
// control directory in every run would teach people to skip the list.
var silent = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".bzr": true, ".jj": true, "CVS": true,
	"__pycache__": true, ".mypy_cache": true, ".pytest_cache": true, ".ruff_cache": true, ".pytype": true,
	".hypothesis": true, ".ipynb_checkpoints": true, ".tiebeam": true,
}

// named are directories left out for their name alone, with the reason.
var named = map[string]string{
	"site-packages": reasonInstalled, "dist-packages": reasonInstalled, "__pypackages__": reasonInstalled, "node_modules": reasonInstalled,
	".venv": reasonVenv, ".tox": reasonVenv, ".nox": reasonVenv, ".direnv": reasonVenv,
	"_vendor": reasonVendored, "_vendored": reasonVendored, "vendor": reasonVendored, "vendored": reasonVendored,
	"third_party": reasonVendored, "third-party": reasonVendored, "thirdparty": reasonVendored,
	".eggs": reasonBuild, "bower_components": reasonInstalled,
}

// outputs are names that build tools use and that are also names of real packages, which hold an __init__.py.
var outputs = map[string]bool{"build": true, "dist": true, "_build": true}

// excludeDir says why a directory is left out: a reason, or hidden where not even that is told. holds reports whether
// the directory has an entry of that name.
func excludeDir(dir string, holds func(name string) bool) (reason string, hidden bool) {
	base := path.Base(dir)
	if silent[base] {
		return "", true
	}
	if reason := named[base]; reason != "" {
		return reason, false
	}
	if strings.HasSuffix(base, ".egg-info") || strings.HasSuffix(base, ".dist-info") {
		return reasonBuild, false
	}
	if holds("pyvenv.cfg") || holds("conda-meta") {
		return reasonVenv, false
	}
	if outputs[base] && !holds("__init__.py") {
		return reasonBuild, false
	}
	return "", false
}

// selection applies excludeDir and the configuration's patterns to trees that come as a list of paths.
type selection struct {
	exclude *Patterns
	holds   map[string]marks
	decided map[string]verdict
	listing *Listing
}

// marks are what a directory holds that decides about it.
type marks struct {
	venv, conda, init bool
}

func (m marks) hold(name string) bool {
	return name == "pyvenv.cfg" && m.venv || name == "conda-meta" && m.conda || name == "__init__.py" && m.init
}

type verdict uint8

const (
	undecided verdict = iota
	inside
	outside
)

// newSelection takes all paths of the tree, as what a directory holds decides about it.
func newSelection(paths func(yield func(string)), exclude *Patterns, listing *Listing) *selection {
	return selectionOf(marksOf(paths), exclude, listing)
}

// selectionOf is newSelection for who has the marks of all directories.
func selectionOf(holds map[string]marks, exclude *Patterns, listing *Listing) *selection {
	return &selection{exclude: exclude, holds: holds, decided: map[string]verdict{"": inside}, listing: listing}
}

// marksOf finds the marks of all directories.
func marksOf(paths func(yield func(string))) map[string]marks {
	holds := map[string]marks{}
	paths(func(p string) {
		dir, base := parent(p), p[strings.LastIndexByte(p, '/')+1:]
		conda := strings.HasSuffix(dir, "conda-meta") && path.Base(dir) == "conda-meta"
		if conda {
			dir = parent(dir)
		}
		if !conda && base != "pyvenv.cfg" && base != "__init__.py" {
			return
		}
		held := holds[dir]
		held.conda = held.conda || conda
		held.venv = held.venv || base == "pyvenv.cfg"
		held.init = held.init || base == "__init__.py" && !conda
		holds[dir] = held
	})
	return holds
}

// dir reports whether the files of a directory are to be looked at. It walks up to the first decided parent and then
// down again, so that deep trees need no recursion.
func (s *selection) dir(dir string) bool {
	if dir == "." {
		dir = ""
	}
	var open []string
	for s.decided[dir] == undecided {
		open = append(open, dir)
		dir = parent(dir)
	}
	for i := len(open) - 1; i >= 0; i-- {
		dir := open[i]
		s.decided[dir] = s.decide(dir)
	}
	if len(open) > 0 {
		dir = open[0]
	}
	return s.decided[dir] == inside
}

func (s *selection) decide(dir string) verdict {
	if s.decided[parent(dir)] == outside {
		return outside
	}
	reason, hidden := excludeDir(dir, s.holds[dir].hold)
	if reason == "" && !hidden && s.exclude.Match(dir, true) {
		reason = reasonExcluded
	}
	if reason != "" {
		s.listing.skip(reason, dir, true)
	}
	if reason != "" || hidden {
		return outside
	}
	return inside
}

// file reports whether a file is to be analysed.
func (s *selection) file(name string) bool {
	if !s.dir(parent(name)) {
		return false
	}
	if s.exclude.Match(name, false) {
		s.listing.skip(reasonExcluded, name, false)
		return false
	}
	return true
}

// parent returns the directory of a path, "" for the root.
func parent(name string) string {
	if at := strings.LastIndexByte(name, '/'); at > 0 {
		return name[:at]
	}
	return ""
}
