package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// lockedPackage is the part of a lock file's entry that we read.
type lockedPackage struct {
	Name    string `toml:"name"`
	Version string `toml:"version"`
}

// readTOMLLock reads uv.lock, poetry.lock and pdm.lock ("package") and pylock.toml (PEP 751, "packages"). A package
// without a version is a local one.
func readTOMLLock(file string, text []byte, found *collection) {
	var lock struct {
		Package  []lockedPackage `toml:"package"`
		Packages []lockedPackage `toml:"packages"`
		Python   string          `toml:"requires-python"`
	}
	if err := toml.Unmarshal(text, &lock); err != nil {
		line, message := tomlFault(err)
		found.fail(file, line, "is no valid lock file: %s", message)
		return
	}
	for _, one := range append(lock.Package, lock.Packages...) {
		if one.Version != "" {
			found.pinned(one.Name, one.Version, file, lineOfName(text, one.Name))
		}
	}
	if lock.Python != "" {
		found.wanted("python", lock.Python, file, 0)
	}
}

// lineOfName finds the line that says name = "...", as all writers of lock files put it; 0 where none does.
func lineOfName(text []byte, name string) int {
	at := bytes.Index(text, []byte("\nname = \""+name+"\""))
	if at < 0 {
		return 0
	}
	return bytes.Count(text[:at], []byte("\n")) + 2
}

// tomlFault gives the line and message of an error of the TOML decoder.
func tomlFault(err error) (int, string) {
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		line, _ := decode.Position()
		return line, strings.TrimPrefix(decode.Error(), "toml: ")
	}
	return 0, err.Error()
}

// readPipfileLock reads Pipfile.lock: sections of name → {"version": "==1.2"}.
func readPipfileLock(file string, text []byte, found *collection) {
	var sections map[string]json.RawMessage
	if err := json.Unmarshal(text, &sections); err != nil {
		found.failJSON(file, text, err)
		return
	}
	for _, section := range slices.Sorted(maps.Keys(sections)) {
		if section == "_meta" {
			continue
		}
		var packages map[string]struct {
			Version string `json:"version"`
		}
		if err := json.Unmarshal(sections[section], &packages); err != nil {
			found.fail(file, 0, "section %q is no table of packages: %w", section, err)
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(packages)) {
			if version := packages[name].Version; version != "" {
				found.wanted(name, version, file, lineOf(text, `"`+name+`":`))
			}
		}
	}
}

func (c *collection) failJSON(file string, text []byte, err error) {
	var syntax *json.SyntaxError
	line := 0
	if errors.As(err, &syntax) {
		line = bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n")) + 1
	}
	c.fail(file, line, "is no valid lock file: %w", err)
}

// lineOf gives the 1-based line of the first place where word stands; 0 where it does not.
func lineOf(text []byte, word string) int {
	at := bytes.Index(text, []byte(word))
	if at < 0 {
		return 0
	}
	return bytes.Count(text[:at], []byte("\n")) + 1
}

// readPythonVersion reads .python-version: the first line that is a version counts.
func readPythonVersion(file string, text []byte, found *collection) {
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimPrefix(strings.TrimSpace(line), "cpython-")
		if _, err := parseVersion(line); err == nil && line != "" {
			found.pinned("python", line, file, i+1)
			return
		}
	}
}
