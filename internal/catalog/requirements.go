package catalog

import (
	"path"
	"regexp"
	"strconv"
	"strings"
)

// requirementForm is the beginning of a requirement (PEP 508): name, extras, and what remains before a marker.
var requirementForm = regexp.MustCompile(`^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)$`)

// readRequirements reads a requirements file of pip, with continued lines, comments, hashes, markers and includes.
func readRequirements(file string, text []byte, found *collection) {
	if found.read[file] {
		return
	}
	found.read[file] = true
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		first, line := i+1, lines[i]
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + " " + lines[i]
		}
		line = withoutComment(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "-"):
			found.include(file, line)
		case strings.HasPrefix(line, ".") || strings.HasPrefix(line, "/") || strings.Contains(line, "://") && !strings.Contains(line, "@"):
			// a path or an address: the version is not said
		default:
			found.require(line, file, first)
		}
	}
}

// withoutComment drops a comment: "#" at the beginning or after a blank.
func withoutComment(line string) string {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			line = line[:i]
			break
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "\ufeff"))
}

// include follows "-r other.txt" and "-c constraints.txt" where the other file was given; other options say nothing.
func (c *collection) include(file, line string) {
	option, target, _ := strings.Cut(line, " ")
	if name, value, ok := strings.Cut(option, "="); ok {
		option, target = name, value
	}
	switch option {
	case "-r", "--requirement", "-c", "--constraint":
	default:
		return
	}
	other := path.Join(path.Dir(file), strings.TrimSpace(target))
	if text, ok := c.files[other]; ok {
		readRequirements(other, text, c)
	}
}

// require reads one requirement such as `redis[hiredis]>=5,<6 ; python_version > "3.8" --hash=...`.
func (c *collection) require(requirement, file string, line int) {
	requirement, _, _ = strings.Cut(requirement, " --")
	requirement, _, _ = strings.Cut(requirement, ";")
	match := requirementForm.FindStringSubmatch(strings.TrimSpace(requirement))
	if match == nil {
		c.fail(file, line, "is no requirement: %q", strings.TrimSpace(requirement))
		return
	}
	rest := strings.TrimSpace(match[2])
	if strings.HasPrefix(rest, "@") {
		return // an address: the version is not said
	}
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")")
	if rest != "" && !strings.ContainsAny(rest[:1], "=<>!~") {
		c.fail(file, line, "is no requirement: %q", strings.TrimSpace(requirement))
		return
	}
	c.wanted(match[1], rest, file, line)
}

// wanted records what a specifier says: an exact version, an upper bound, or nothing. It reads the forms of PEP 440
// and those of Poetry ("^1.2", "~1.2", "1.2.*", a bare "1.2").
func (c *collection) wanted(name, specifier, file string, line int) {
	result := Version{Written: specifier, File: file, Line: line}
	for _, clause := range strings.FieldsFunc(specifier, func(r rune) bool { return r == ',' }) {
		number, exact, ok := clauseBound(strings.TrimSpace(clause))
		switch {
		case !ok:
			c.fail(file, line, "%s: is no version: %q", name, strings.TrimSpace(clause))
		case exact:
			result.Number, result.Exact = number, true
		case number != "" && !result.Exact && (result.Number == "" || newer(result.Number, number)):
			result.Number = number
		}
	}
	c.add(name, result)
}

// clauseBound reads one clause: the version it pins, or the upper bound it sets ("<8"), or "" where it sets none.
func clauseBound(clause string) (number string, exact, ok bool) {
	operator := clause[:len(clause)-len(strings.TrimLeft(clause, "=<>!~^"))]
	version := strings.TrimSpace(clause[len(operator):])
	if version == "*" || clause == "" {
		return "", false, true
	}
	prefix, wild := strings.CutSuffix(version, ".*")
	if _, err := parseVersion(prefix); err != nil {
		return "", false, operator == "==="
	}
	switch operator {
	case "==", "===", "":
		if wild {
			return "<" + bumped(prefix, strings.Count(prefix, ".")), false, true
		}
		return version, true, true
	case "<", "<=":
		return operator + version, false, true
	case "~=":
		return "<" + bumped(prefix, max(strings.Count(prefix, ".")-1, 0)), false, true
	case "~":
		return "<" + bumped(prefix, min(strings.Count(prefix, "."), 1)), false, true
	case "^":
		return "<" + bumped(prefix, firstNonZero(prefix)), false, true
	case ">", ">=", "!=":
		return "", false, true
	}
	return "", false, false
}

// bumped raises the 0-based component at and drops those after it: ("7.4.1", 0) gives "8".
func bumped(version string, at int) string {
	parts := strings.Split(version, ".")
	at = min(at, len(parts)-1)
	digits := strings.TrimLeft(parts[at], "v")
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	value, err := strconv.Atoi(digits[:end])
	if err != nil {
		return version
	}
	parts[at] = strconv.Itoa(value + 1)
	return strings.Join(parts[:at+1], ".")
}

// firstNonZero gives the place of the first component that is not zero, the last place where all are.
func firstNonZero(version string) int {
	parts := strings.Split(version, ".")
	for i, part := range parts {
		if strings.Trim(part, "0") != "" {
			return i
		}
	}
	return len(parts) - 1
}
