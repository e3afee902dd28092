package boundary

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// importStyle is how a file of tests names the module under test.
type importStyle struct {
	// module is its name. line imports the module itself, under the name prefix; both are empty where its names are imported.
	module, line, prefix string
	// inside is the package that the tests stand in, where they import by its relation to others; empty where by whole names.
	inside string
}

// relatively finds imports such as `from ..limits import fits`.
var relatively = regexp.MustCompile(`(?m)^from \.`)

// importStyleOf reads how the tests of a folder import a module. A folder is a path below the root.
func importStyleOf(text, folder, module string) importStyle {
	s := importStyle{module: module}
	if relatively.MatchString(text) {
		s.inside = strings.ReplaceAll(strings.Trim(strings.TrimPrefix(folder+"/", "src/"), "/."), "/", ".")
	}
	whole := regexp.MustCompile(`(?m)^import ` + regexp.QuoteMeta(module) + `(?: as (\w+))?[ \t]*$`)
	if found := whole.FindStringSubmatch(text); found != nil {
		s.line, s.prefix = strings.TrimSpace(found[0]), module
		if found[1] != "" {
			s.prefix = found[1]
		}
		return s
	}
	parent, last, nested := cutLast(module, ".")
	if !nested {
		return s
	}
	part := regexp.MustCompile(`(?m)^from (?:` + regexp.QuoteMeta(parent) + `|` + regexp.QuoteMeta(s.from(parent)) + `) import [^\n]*\b` + last + `\b(?: as (\w+))?`)
	if found := part.FindStringSubmatch(text); found != nil {
		s.line, s.prefix = "from "+s.from(parent)+" import "+last, last
		if found[1] != "" {
			s.line, s.prefix = s.line+" as "+found[1], found[1]
		}
	}
	return s
}

// from is what stands behind `from` for a module.
func (s importStyle) from(module string) string {
	here, there := strings.Split(s.inside, "."), strings.Split(module, ".")
	shared := 0
	for shared < len(here) && shared < len(there) && here[shared] == there[shared] {
		shared++
	}
	if shared == 0 || s.inside == "" {
		return module
	}
	return strings.Repeat(".", len(here)-shared+1) + strings.Join(there[shared:], ".")
}

// qualified puts the name of the module before what a part uses of it, where the tests beside it do so.
func (s importStyle) qualified(p part) part {
	if s.line == "" {
		return p
	}
	p.imports = slices.Clone(p.imports)
	p.imports = slices.DeleteFunc(p.imports, func(wanted [2]string) bool {
		name := wanted[1]
		if wanted[0] != s.module || name == "" || strings.Contains(name, " ") {
			return false
		}
		used := regexp.MustCompile(`(^|[^\w."'` + "`" + `])` + regexp.QuoteMeta(name) + `\b`)
		p.text = used.ReplaceAllString(p.text, "${1}"+s.prefix+"."+name)
		p.line = s.line
		return true
	})
	return p
}

// The groups of imports, in the order in which they stand.
const (
	standard = iota
	others
	own
)

// standardModules are those of the standard library that generated tests use.
var standardModules = map[string]bool{"asyncio": true, "datetime": true, "decimal": true, "fractions": true, "unittest": true}

// lines writes the imports of all parts, sorted and in groups.
func (s importStyle) lines(parts []part) string {
	names := map[string]map[string]bool{}
	for _, p := range parts {
		for _, wanted := range p.imports {
			if wanted[0] == "builtins" {
				continue
			}
			if names[wanted[0]] == nil {
				names[wanted[0]] = map[string]bool{}
			}
			names[wanted[0]][wanted[1]] = true
		}
	}
	used := func(name string) bool {
		word := regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`)
		return slices.ContainsFunc(parts, func(p part) bool { return word.MatchString(p.text) })
	}
	groups := make([][]string, own+1)
	for _, p := range parts {
		if p.line != "" && !slices.Contains(groups[own], p.line) {
			groups[own] = append(groups[own], p.line)
		}
	}
	for _, from := range slices.Sorted(maps.Keys(names)) {
		group := own
		switch {
		case standardModules[from]:
			group = standard
		case from == "pytest" || from == "hypothesis":
			group = others
		}
		var plain []string
		for _, name := range slices.Sorted(maps.Keys(names[from])) {
			switch {
			case name == "" && used(from):
				groups[group] = append(groups[group], "import "+from)
			case strings.Contains(name, " as "):
				groups[group] = append(groups[group], "from "+s.from(from)+" import "+name)
			case name != "" && used(name):
				plain = append(plain, name)
			}
		}
		if len(plain) > 0 {
			groups[group] = append(groups[group], "from "+s.from(from)+" import "+strings.Join(plain, ", "))
		}
	}
	var blocks []string
	for _, lines := range groups {
		if len(lines) > 0 {
			slices.SortStableFunc(lines, func(a, b string) int { return strings.Compare(sortKey(a), sortKey(b)) })
			blocks = append(blocks, strings.Join(lines, "\n"))
		}
	}
	return strings.Join(blocks, "\n\n") + "\n"
}

// sortKey puts plain imports before the others, as isort does.
func sortKey(line string) string {
	if strings.HasPrefix(line, "import ") {
		return "0" + line
	}
	return "1" + line
}
