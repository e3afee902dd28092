package boundary

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// render puts the parts of a file of tests together.
func (f *testFile) render(parts []part) string {
	var out strings.Builder
	fmt.Fprintf(&out, "\"\"\"The limits of %s: at each, one below and one above.\"\"\"\n\n", f.module)
	class := "class TestLimits:\n"
	if f.style.testCase != "" {
		class = "class " + f.style.testCase + "(unittest.TestCase):\n"
	}
	out.WriteString(importLines(append(slices.Clone(parts), part{text: class})))
	if f.style.classes {
		var body strings.Builder
		for i, p := range parts {
			if i > 0 {
				body.WriteString("\n")
			}
			body.WriteString(strings.ReplaceAll(p.text, "\n\n\n", "\n\n"))
		}
		code := method.ReplaceAllStringFunc(body.String(), func(found string) string {
			if strings.HasSuffix(found, "()") {
				return found[:len(found)-1] + "self)"
			}
			return found[:strings.IndexByte(found, '(')+1] + "self, " + found[strings.IndexByte(found, '(')+1:]
		})
		out.WriteString("\n\n" + class + indented(code))
		return f.style.quotes(out.String())
	}
	for _, p := range parts {
		out.WriteString("\n\n" + p.text)
	}
	return f.style.quotes(out.String())
}

// method is the head of a test function.
var method = regexp.MustCompile(`(?m)^def test_\w+\(\)?`)

// The groups of imports, in the order in which they stand.
const (
	standard = iota
	others
	own
)

// standardModules are those of the standard library that generated tests use.
var standardModules = map[string]bool{"asyncio": true, "datetime": true, "decimal": true, "fractions": true, "unittest": true}

// importLines writes the imports of all parts, sorted and in groups.
func importLines(parts []part) string {
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
				groups[group] = append(groups[group], "from "+from+" import "+name)
			case name != "" && used(name):
				plain = append(plain, name)
			}
		}
		if len(plain) > 0 {
			groups[group] = append(groups[group], "from "+from+" import "+strings.Join(plain, ", "))
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
