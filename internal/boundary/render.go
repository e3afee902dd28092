package boundary

import (
	"fmt"
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
		if slices.ContainsFunc(parts, func(p part) bool { return strings.Contains(p.text, "async def ") }) {
			class = "class " + f.style.testCase + "(unittest.IsolatedAsyncioTestCase):\n"
		}
	}
	parts = slices.Clone(parts)
	for i := range parts {
		parts[i] = f.style.imports.qualified(parts[i])
	}
	out.WriteString(f.style.imports.lines(append(slices.Clone(parts), part{text: class})))
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
var method = regexp.MustCompile(`(?m)^(?:async )?def test_\w+\(\)?`)
