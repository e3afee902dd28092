package config

import (
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// lockRanks orders the files that name versions: what was resolved counts more than what was asked for.
var lockRanks = map[string]int{"uv.lock": 1, "poetry.lock": 2, "pdm.lock": 3, "Pipfile.lock": 4}

// LockRank says how much a file has to say about installed versions: 0 nothing, else the less the number, the more. The
// path is relative to the root; a file deeper down speaks of a part of the project only and is not asked.
func LockRank(name string) int {
	if strings.Contains(name, "/") {
		return 0
	}
	switch rank := lockRanks[name]; {
	case rank > 0:
		return rank
	case name == "requirements.txt":
		return 5
	case strings.HasPrefix(name, "requirements") && strings.HasSuffix(name, ".txt"):
		return 6
	case name == ProjectFile:
		return 7
	}
	return 0
}

// maxLockBytes bounds a lock file; the largest seen in public repositories have some megabytes.
const maxLockBytes = 64 << 20

// Versions reads which version of each library a lock file, a requirements file or a pyproject.toml names; the form is
// told by the file's name, and any other name is read as requirements. An upper bound that is known stands
// as "<8" or "<=8.1"; a library of which nothing is said is not in the map. The error is an *Error.
func Versions(file string, raw []byte) (map[string]string, error) {
	if len(raw) > maxLockBytes {
		return nil, &Error{File: file, Reason: fmt.Sprintf("has %d bytes, more than the limit of %d", len(raw), maxLockBytes)}
	}
	found := map[string]string{}
	switch base := path.Base(file); base {
	case "uv.lock", "poetry.lock", "pdm.lock":
		lockedPackages(found, string(raw))
	case "Pipfile.lock":
		if err := pipfile(found, raw); err != nil {
			return nil, &Error{File: file, Reason: err.Error()}
		}
	case ProjectFile:
		if err := project(found, file, raw); err != nil {
			return nil, err
		}
	default:
		for line := range strings.Lines(string(raw)) {
			pinned(found, line)
		}
	}
	return found, nil
}

// lockedPackages reads the [[package]] tables of the lock files of uv, Poetry and PDM. All three write one key a line,
// so the file need not be decoded, which for a large one would take longer than the analysis.
func lockedPackages(found map[string]string, text string) {
	name, inside := "", false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "[[package]]":
			name, inside = "", true
		case strings.HasPrefix(line, "["):
			inside = false
		case !inside:
		default:
			key, value, _ := strings.Cut(line, "=")
			value = strings.Trim(strings.TrimSpace(value), `"'`)
			switch strings.TrimSpace(key) {
			case "name":
				name = value
			case "version":
				if name != "" && value != "" {
					found[name] = value
				}
			}
		}
	}
}

func pipfile(found map[string]string, raw []byte) error {
	var lock struct {
		Default, Develop map[string]struct{ Version string }
	}
	if err := json.Unmarshal(raw, &lock); err != nil {
		return err
	}
	for _, group := range []map[string]struct{ Version string }{lock.Develop, lock.Default} {
		for name, entry := range group {
			if version, ok := strings.CutPrefix(entry.Version, "=="); ok {
				found[name] = version
			}
		}
	}
	return nil
}

// project reads the pins of a pyproject.toml: PEP 621, PEP 735 and Poetry.
func project(found map[string]string, file string, raw []byte) error {
	if line := tooDeep(raw); line > 0 {
		return &Error{File: file, Line: line, Reason: fmt.Sprintf("is nested deeper than %d levels", maxDepth)}
	}
	var p struct {
		Project struct {
			Dependencies []string            `toml:"dependencies"`
			Optional     map[string][]string `toml:"optional-dependencies"`
		} `toml:"project"`
		Groups map[string][]any `toml:"dependency-groups"`
		Tool   struct {
			Poetry struct {
				Dependencies map[string]any `toml:"dependencies"`
			} `toml:"poetry"`
		} `toml:"tool"`
	}
	if err := toml.Unmarshal(raw, &p); err != nil {
		return &Error{File: file, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	for _, group := range p.Groups {
		for _, requirement := range group {
			if line, ok := requirement.(string); ok {
				pinned(found, line)
			}
		}
	}
	for _, group := range p.Project.Optional {
		for _, line := range group {
			pinned(found, line)
		}
	}
	for name, want := range p.Tool.Poetry.Dependencies {
		if version, ok := want.(string); ok {
			if version := allowed(version); version != "" {
				found[name] = version
			}
		}
	}
	for _, line := range p.Project.Dependencies {
		pinned(found, line)
	}
	return nil
}

// requirement is a requirement by PEP 508, up to its marker: name, extras and specifiers.
var requirement = regexp.MustCompile(`^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*\(?([^;#@)\\]*)`)

// maxRequirement bounds a line that can be a requirement.
const maxRequirement = 4096

// pinned reads one requirement. What allows one version only gives that; what has an upper bound gives the bound.
func pinned(found map[string]string, line string) {
	if len(line) > maxRequirement {
		return
	}
	match := requirement.FindStringSubmatch(line)
	if match == nil {
		return
	}
	if version := allowed(match[2]); version != "" {
		found[match[1]] = version
	}
}

// allowed returns the version, or the bound as "<8", that a list of specifiers allows; empty where there is none. Besides
// the operators of PEP 440 it knows "^" of Poetry, and a bare number there means that version.
func allowed(specifiers string) string {
	bound := ""
	for part := range strings.SplitSeq(specifiers, ",") {
		operator, version := cutOperator(strings.TrimSpace(part))
		switch {
		case version == "" || strings.ContainsAny(version, " |"):
		case operator == "==" && strings.HasSuffix(version, ".*"):
			bound = "<" + next(strings.TrimSuffix(version, ".*"), 0)
		case operator == "==" || operator == "===" || operator == "":
			return version
		case operator == "<" || operator == "<=":
			bound = operator + version
		case operator == "~=":
			bound = "<" + next(version, 1)
		case operator == "^":
			major, _, _ := strings.Cut(version, ".")
			if major != "0" {
				bound = "<" + next(major, 0)
			}
		}
	}
	return bound
}

func cutOperator(specifier string) (operator, version string) {
	for _, operator := range []string{"===", "==", "~=", "!=", "<=", ">=", "<", ">", "^", "~"} {
		if version, ok := strings.CutPrefix(specifier, operator); ok {
			return operator, strings.TrimSpace(version)
		}
	}
	return "", specifier
}

// next drops some of the last parts of a release and counts the last of those left one up: next("7.4", 1) is "8".
func next(release string, drop int) string {
	parts := strings.Split(release, ".")
	parts = parts[:max(len(parts)-drop, 1)]
	last := len(parts) - 1
	number, err := strconv.Atoi(parts[last])
	if err != nil {
		return release
	}
	parts[last] = strconv.Itoa(number + 1)
	return strings.Join(parts, ".")
}
