package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// An Interpreter is one CPython that can be asked.
type Interpreter struct {
	// Path is the executable.
	Path string `json:"-"`
	// Full is the version with its patch level, "3.11.7".
	Full string `json:"full"`
	// Major and Minor are the version of the language.
	Major int `json:"major"`
	Minor int `json:"minor"`
	// Lib is the folder of the standard library.
	Lib string `json:"lib"`
	// Implementation is "cpython" for the only implementation that is asked.
	Implementation string `json:"implementation"`
}

// Version returns the version of the language as users write it, "3.11".
func (i Interpreter) Version() string { return fmt.Sprintf("%d.%d", i.Major, i.Minor) }

// identify asks the executable at path what it is. A pyenv shim whose version is not active fails here, which is how
// it is told from an interpreter.
func identify(path string) (Interpreter, error) {
	const script = `import json, os, sys
print(json.dumps({"full": "%d.%d.%d" % sys.version_info[:3], "major": sys.version_info[0], "minor": sys.version_info[1],
    "lib": os.path.dirname(os.__file__), "implementation": sys.implementation.name}))`
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-I", "-S", "-c", script).Output()
	if err != nil {
		return Interpreter{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	i := Interpreter{Path: path}
	if err := json.Unmarshal(out, &i); err != nil {
		return Interpreter{}, fmt.Errorf("read the version of %s: %w", path, err)
	}
	return i, nil
}

// findInterpreters returns the CPythons from minMinor to maxMinor, oldest first, one for each exact version. Each word
// of wanted is an executable's path or a version ("3.12" or "3.12.1"); no words mean all that can be found. The notes
// say what was wanted and not found.
func findInterpreters(wanted []string) (found []Interpreter, notes []string) {
	var paths []string
	var versions []string
	for _, w := range wanted {
		if strings.ContainsRune(w, filepath.Separator) {
			paths = append(paths, w)
		} else {
			versions = append(versions, w)
		}
	}
	if len(paths) == 0 {
		paths = candidates()
	}
	seen := map[string]bool{}
	for _, path := range paths {
		i, err := identify(path)
		if err != nil || i.Implementation != "cpython" || i.Major != 3 || i.Minor < minMinor || i.Minor > maxMinor {
			continue
		}
		if seen[i.Full] || !matches(i, versions) {
			continue
		}
		seen[i.Full] = true
		found = append(found, i)
	}
	sort.Slice(found, func(a, b int) bool {
		if found[a].Minor != found[b].Minor {
			return found[a].Minor < found[b].Minor
		}
		return found[a].Full < found[b].Full
	})
	for _, v := range versions {
		missing := true
		for _, i := range found {
			missing = missing && !matches(i, []string{v})
		}
		if missing {
			notes = append(notes, fmt.Sprintf("no interpreter of version %s was found", v))
		}
	}
	return found, notes
}

// The versions of the language that have an interpreter to compare with.
const (
	minMinor = 8
	maxMinor = 14
)

// matches reports whether i is one of the versions; no versions match everything.
func matches(i Interpreter, versions []string) bool {
	for _, v := range versions {
		if v == i.Full || v == i.Version() {
			return true
		}
	}
	return len(versions) == 0
}

// candidates lists the executables that may be interpreters: those of pyenv first, because a shim on PATH only works
// for the versions that are active, then python3.8 and its successors on PATH.
func candidates() []string {
	var out []string
	root := os.Getenv("PYENV_ROOT")
	if root == "" {
		if home, err := os.UserHomeDir(); err == nil {
			root = filepath.Join(home, ".pyenv")
		}
	}
	if root != "" {
		// The pattern has no syntax error, which is the only error Glob has.
		installed, _ := filepath.Glob(filepath.Join(root, "versions", "3.*", "bin", "python3"))
		out = append(out, installed...)
	}
	for minor := minMinor; minor <= maxMinor; minor++ {
		if path, err := exec.LookPath(fmt.Sprintf("python3.%d", minor)); err == nil {
			out = append(out, path)
		}
	}
	if path, err := exec.LookPath("python3"); err == nil {
		out = append(out, path)
	}
	return out
}
