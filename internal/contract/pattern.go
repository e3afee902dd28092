package contract

import (
	"strings"

	"github.com/tiebeam/tiebeam/internal/text"
)

// Pattern names modules or symbols by a dotted path in which "*" stands for one name and "**" for one or more.
type Pattern struct {
	// Text is the pattern as it is written.
	Text  string
	parts []string
	// plain is the dotted name where there is no wildcard.
	plain string
}

// Wild says whether the pattern has wildcards.
func (p Pattern) Wild() bool { return strings.Contains(p.Text, "*") }

// Matches says whether the pattern is this dotted name.
func (p Pattern) Matches(name string) bool {
	if p.plain != "" {
		return p.plain == name
	}
	return matchParts(p.parts, strings.Split(name, "."))
}

// Covers says whether the pattern is this dotted name, or one that it lies below.
func (p Pattern) Covers(name string) bool {
	if p.plain != "" {
		return strings.HasPrefix(name, p.plain) && (len(name) == len(p.plain) || name[len(p.plain)] == '.')
	}
	parts := strings.Split(name, ".")
	for end := len(parts); end > 0; end-- {
		if matchParts(p.parts, parts[:end]) {
			return true
		}
	}
	return false
}

func matchParts(pattern, name []string) bool {
	if len(pattern) == 0 {
		return len(name) == 0
	}
	if len(name) == 0 {
		return false
	}
	if pattern[0] == "**" {
		for end := 1; end <= len(name); end++ {
			if matchParts(pattern[1:], name[end:]) {
				return true
			}
		}
		return false
	}
	return (pattern[0] == "*" || pattern[0] == name[0]) && matchParts(pattern[1:], name[1:])
}

// maxParts bounds a pattern, and with it what its wildcards may try.
const maxParts = 32

// parsePattern reads a dotted path; a colon before the symbol is a dot. wrong says what is the matter with it.
func parsePattern(s string) (p Pattern, wrong string) {
	name := strings.ReplaceAll(s, ":", ".")
	p = Pattern{Text: s, parts: strings.Split(name, ".")}
	if !p.Wild() {
		p.plain = name
	}
	if len(p.parts) > maxParts {
		return p, "has too many parts"
	}
	wild := 0
	for i, part := range p.parts {
		switch {
		case part == "":
			return p, "has an empty part"
		case part == "**" && i > 0 && strings.HasPrefix(p.parts[i-1], "*"), part == "*" && i > 0 && p.parts[i-1] == "**":
			return p, "has a wildcard behind a recursive one"
		case part == "**":
			wild++
		case part != "*" && strings.Contains(part, "*"):
			return p, "has a wildcard for a part of a name: it stands for a whole one"
		case strings.ContainsAny(part, " \t/\\-<>"):
			return p, "is no dotted path"
		}
	}
	if wild > 3 {
		return p, "has more than three recursive wildcards"
	}
	return p, ""
}

// patterns reads a field of dotted paths.
func (f *fields) patterns(key string) []Pattern {
	var all []Pattern
	for _, s := range f.list(key) {
		p, wrong := parsePattern(s)
		if wrong != "" {
			f.fault(key, "%q %s", text.Visible(s), wrong)
			continue
		}
		all = append(all, p)
	}
	return all
}

// list puts patterns behind each other.
func list(patterns []Pattern) string {
	words := make([]string, 0, len(patterns))
	for _, p := range patterns {
		words = append(words, p.Text)
	}
	return strings.Join(words, ", ")
}

// covers says whether one of the patterns covers one of the names.
func covers(patterns []Pattern, names []string) bool {
	for _, p := range patterns {
		for _, name := range names {
			if p.Covers(name) {
				return true
			}
		}
	}
	return false
}

// moduleNames are the dotted names that a module may be imported by: below its import root first, then below each folder
// around that, as a folder without __init__.py is a package as well. Path is that of the module without suffix; home is its
// import root, empty for the root of the tree.
func moduleNames(path, home string) []string {
	rest := strings.TrimPrefix(strings.TrimPrefix(path, home), "/")
	if rest == "" {
		rest = home[strings.LastIndexByte(home, '/')+1:]
	}
	names := []string{dotted(rest)}
	for home != "" {
		cut := strings.LastIndexByte(home, '/')
		rest = home[cut+1:] + "/" + rest
		home = home[:max(cut, 0)]
		names = append(names, dotted(rest))
	}
	return names
}

// possibleNames are the names of a module whose import root is not known: every end of its path.
func possibleNames(path string) []string {
	path = strings.TrimSuffix(strings.TrimSuffix(path, ".py"), "/__init__")
	var names []string
	for rest := path; ; {
		names = append(names, dotted(rest))
		cut := strings.IndexByte(rest, '/')
		if cut < 0 {
			return names
		}
		rest = rest[cut+1:]
	}
}

func dotted(path string) string { return strings.ReplaceAll(path, "/", ".") }
