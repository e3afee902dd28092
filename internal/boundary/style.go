package boundary

import (
	"regexp"
	"strings"
)

// style is how the existing tests are written.
type style struct {
	// single quotes, types on every function, classes around methods.
	single, typed, classes bool
	// testCase is the name of a class of unittest around the tests, empty where they are pytest's.
	testCase string
	// awaits says that tests are coroutines, marker the decorator that they need for it; empty where they need none.
	awaits  bool
	marker  string
	imports importStyle
}

// coroutine finds tests that are coroutines, marked what runs them where that is asked for by name.
var (
	coroutine = regexp.MustCompile(`(?m)^[ \t]*async def test`)
	marked    = regexp.MustCompile(`\bpytest\.mark\.(?:asyncio|anyio|trio)\b`)
)

// testCases are the classes of unittest in a file.
var testCases = regexp.MustCompile(`(?m)^class (\w+)\([^)]*TestCase\b`)

// styleOf reads the style of a file of tests.
func styleOf(text string) style {
	var s style
	functions, typed, methods := 0, 0, 0
	for line := range strings.SplitSeq(text, "\n") {
		trimmed := strings.TrimLeft(line, " \t")
		if !strings.HasPrefix(trimmed, "def test") && !strings.HasPrefix(trimmed, "async def test") {
			continue
		}
		functions++
		if strings.Contains(line, "->") {
			typed++
		}
		if trimmed != line {
			methods++
		}
	}
	s.awaits = coroutine.MatchString(text)
	if s.awaits && marked.MatchString(text) {
		s.marker = "@" + marked.FindString(text)
	}
	s.single = strings.Count(text, "'") > 2*strings.Count(text, `"`)
	s.typed = functions > 0 && 2*typed > functions
	s.classes = functions > 0 && 2*methods > functions
	if found := testCases.FindStringSubmatch(text); found != nil {
		switch name := found[1]; {
		case strings.HasPrefix(name, "Test"):
			s.testCase = "TestLimits"
		case strings.HasSuffix(name, "TestCase"):
			s.testCase = "LimitsTestCase"
		default:
			s.testCase = "LimitsTest"
		}
		s.classes = true
	}
	return s
}

// equal asserts that two expressions are equal, same that one is True, False or None.
func (s style) equal(got, want string) string {
	if s.testCase != "" {
		return "self.assertEqual(" + got + ", " + want + ")"
	}
	return "assert " + got + " == " + want
}

func (s style) same(got, want string) string {
	if s.testCase != "" {
		return "self.assertIs(" + got + ", " + want + ")"
	}
	return "assert " + got + " is " + want
}

// grouped puts an expression into the brackets that it needs behind an operator, and not as an argument.
func (s style) grouped(expression string) string {
	if s.testCase != "" {
		return expression
	}
	return "(" + expression + ")"
}

// raises begins a block in which something has to be raised.
func (s style) raises(kind string) string {
	if s.testCase != "" {
		return "with self.assertRaises(" + kind + "):"
	}
	return "with pytest.raises(" + kind + "):"
}

// quote puts a short text between the quotes of the style.
func (s style) quote(text string) string {
	if s.single {
		return "'" + text + "'"
	}
	return `"` + text + `"`
}

// quotes turns the quotes of generated code into those of the style. Texts that hold the other quote stay as they are.
func (s style) quotes(code string) string {
	if !s.single {
		return code
	}
	var out strings.Builder
	for line := range strings.Lines(code) {
		if strings.Contains(line, `'`) || strings.Contains(line, `"""`) || strings.Contains(line, `\`) {
			out.WriteString(line)
			continue
		}
		out.WriteString(strings.ReplaceAll(line, `"`, `'`))
	}
	return out.String()
}

// returns is what stands behind the parameters of a test.
func (s style) returns() string {
	if s.typed {
		return " -> None"
	}
	return ""
}

// maxColumns is how wide a comment may be.
const maxColumns = 88

// comment breaks a text into lines of comment.
func comment(text string) string {
	var out strings.Builder
	line := "#"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > maxColumns {
			out.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	return out.String() + line + "\n"
}

// indented moves code to the right by one level.
func indented(code string) string {
	var out strings.Builder
	for line := range strings.Lines(code) {
		if strings.TrimSpace(line) != "" {
			out.WriteString("    ")
		}
		out.WriteString(line)
	}
	return out.String()
}
