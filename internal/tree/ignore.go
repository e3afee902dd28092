package tree

import (
	"context"
	"os"
	"path/filepath"
	"strings"
)

// maxIgnoreBytes bounds a .gitignore file; what is longer is cut.
const maxIgnoreBytes = 1 << 20

// ignored asks the files from the deepest up: the first that has a matching pattern decides, as in git.
func ignored(rules []*Patterns, name string, dir bool) bool {
	for i := len(rules) - 1; i >= 0; i-- {
		if result, matched := rules[i].Decide(name, dir); matched {
			return result
		}
	}
	return false
}

// rulesIn reads the .gitignore of a directory, nil where there is none that holds a pattern.
func (f *Folder) rulesIn(dir string) *Patterns {
	return readRules(f.disk(dir), dir)
}

func readRules(disk, dir string) *Patterns {
	file := filepath.Join(disk, ".gitignore")
	raw, err := readRegular(file, file, maxIgnoreBytes, false)
	if err != nil {
		return nil
	}
	rules := ParsePatterns(dir, string(raw))
	if len(rules.lines) == 0 {
		return nil
	}
	return rules
}

// rulesAbove collects the .gitignore files above a directory that the user named: those between the root and it, and
// those above the root up to the top of its repository. Where they ignore the root itself they do not count, as the
// user asked for it.
func (f *Folder) rulesAbove(name string) []*Patterns {
	var rules []*Patterns
	if top := gitTop(f.root); top != "" && top != f.root {
		rules = f.rulesOverRoot(top)
	}
	for at := 0; name != ""; {
		dir := name[:at]
		if own := f.rulesIn(strings.TrimSuffix(dir, "/")); own != nil {
			rules = append(rules, own)
		}
		next := strings.IndexByte(name[at:], '/')
		if next < 0 {
			break
		}
		at += next + 1
	}
	for at := 0; at < len(name); at++ {
		if name[at] == '/' && ignored(rules, name[:at], true) {
			return nil
		}
	}
	if name != "" && ignored(rules, name, true) {
		return nil
	}
	return rules
}

// rulesOverRoot reads the .gitignore files from the top of the repository down to the root's parent, rewritten so that
// they match paths relative to the root.
func (f *Folder) rulesOverRoot(top string) []*Patterns {
	relative, err := filepath.Rel(top, f.root)
	if err != nil {
		return nil
	}
	below := filepath.ToSlash(relative)
	var rules []*Patterns
	for at := 0; ; {
		dir := strings.TrimSuffix(below[:at], "/")
		if own := readRules(filepath.Join(top, filepath.FromSlash(dir)), dir); own != nil {
			rules = append(rules, own)
		}
		next := strings.IndexByte(below[at:], '/')
		if next < 0 {
			break
		}
		at += next + 1
		if ignored(rules, below[:at-1], true) {
			return nil
		}
	}
	if ignored(rules, below, true) {
		return nil
	}
	for _, rule := range rules {
		rule.below = below + "/"
	}
	return rules
}

// gitTop returns the nearest directory at or above dir that holds ".git", "" where there is none.
func gitTop(dir string) string {
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// trackedSet holds the files that git tracks below a root, and the directories above them.
type trackedSet struct {
	files, dirs map[string]bool
}

func (f *Folder) isTracked(ctx context.Context, name string, dir bool) bool {
	if f.tracked == nil {
		return false
	}
	f.once.Do(func() {
		// Without git, or in a repository that git refuses, nothing is known to be tracked and .gitignore decides alone.
		f.set, _ = f.tracked(ctx)
	})
	if f.set == nil {
		return false
	}
	if dir {
		return f.set.dirs[name]
	}
	return f.set.files[name]
}
