package parse

import (
	"strings"
	"testing"

	"github.com/tiebeam/tiebeam/internal/python/ast"
)

// TestErrors has one error a source; the message must be the only one.
func TestErrors(t *testing.T) {
	tree := ast.NewTree(nil)
	for source, want := range map[string]string{
		// Targets.
		"1 = x":             "1:1 cannot assign to a literal",
		"None = x":          "1:1 cannot assign to None",
		"f() = x":           "1:1 cannot assign to a function call",
		"a + b = x":         "1:1 cannot assign to an expression with operators",
		"(a, 1) = x":        "1:5 cannot assign to a literal",
		"a = 1 = x":         "1:5 cannot assign to a literal",
		"x = yield = 1":     "1:5 cannot assign to a yield expression",
		"del f()":           "1:5 cannot delete a function call",
		"del *a":            "1:5 cannot delete a starred expression",
		"for 1 in x: pass":  "1:5 cannot assign to a literal",
		"with a as 1: pass": "1:11 cannot assign to a literal",
		"(1 := x)":          "1:2 cannot use an assignment expression with a literal",
		"(a.b := x)":        "1:2 cannot use an assignment expression with an attribute",
		"a, b += 1":         "1:1 cannot use augmented assignment with a tuple",
		"(a, b): int":       "1:1 cannot annotate a tuple",
		"[a]: int":          "1:1 cannot annotate a list",
		"f'{x}' = 1":        "1:1 cannot assign to an f-string",
		// Calls.
		"f(a=1, b)":          "1:8 positional argument follows keyword argument",
		"f(**a, b)":          "1:8 positional argument follows keyword unpacking",
		"f(**a, *b)":         "1:8 iterable unpacking follows keyword unpacking",
		"f(a for a in b, c)": "1:3 generator must be in parentheses unless it is the only argument",
		"f(c, a for a in b)": "1:6 generator must be in parentheses unless it is the only argument",
		"f(a.b=1)":           "1:3 argument name must be a plain name; use '==' to compare",
		"f(True=1)":          "1:3 cannot assign to True",
		// Parameters.
		"def f(a=1, b): pass":    "1:12 parameter without a default follows parameter with a default",
		"def f(*): pass":         "1:7 expected a parameter after '*'",
		"def f(*, **k): pass":    "1:7 expected a parameter between '*' and '**'",
		"def f(*a, *b): pass":    "1:11 '*' may appear only once in a parameter list",
		"def f(**k, a): pass":    "1:12 no parameter may follow '**' parameters",
		"def f(/, a): pass":      "1:7 expected a parameter before '/'",
		"def f(a, /, b, /): 0":   "1:16 '/' may appear only once in a parameter list",
		"def f(*a, /): pass":     "1:11 '/' must come before '*'",
		"def f(*a=1): pass":      "1:9 '*' parameter cannot have a default",
		"lambda *: 0":            "1:8 expected a parameter after '*'",
		"def f(None): pass":      "1:7 expected a name of a parameter",
		"class C[*T: int]: pass": "1:11 only a plain type parameter can have a bound",
		"type X[] = int":         "1:7 type parameter list cannot be empty",
		// Displays and comprehensions.
		"(*a)":             "1:2 cannot use a starred expression here",
		"[*a for a in b]":  "1:2 iterable unpacking cannot be used in a comprehension",
		"{**a for a in b}": "1:6 dict unpacking cannot be used in a dict comprehension",
		"{a: *b}":          "1:5 cannot use a starred expression as the value of a dict",
		"[a, b":            "1:1 '[' was never closed",
		"a)":               "1:2 unmatched ')'",
		"(a]":              "1:3 closing ']' does not match opening '('",
		"a if b":           "1:7 expected 'else' after the condition of a conditional expression",
		"a + not b":        "1:5 unexpected 'not'",
		"a = ":             "1:5 unexpected end of line",
		"a b":              "1:3 unexpected name after the statement",
		"a.":               "1:3 expected a name after '.'",
		"x = $":            "1:5 invalid character '$' (U+0024)",
		"x = “a”":          "1:5 invalid character '“' (U+201C)",
		"x = a\u00a0+ b":   "1:6 invalid non-printable character U+00A0",
		"a ? b":            "1:3 invalid character '?' (U+003F)",
		"a <> b":           "1:4 unexpected '>'",
		"a \\ b":           "1:3 unexpected character after '\\'",
		"a \\":             "1:3 unexpected end of file after '\\'",
		"await await a":    "1:7 unexpected 'await'",
		// Numbers.
		"0777":     "1:1 leading zeros in decimal integer literals are not permitted; use 0o for octal",
		"1_000_":   "1:1 invalid decimal literal",
		"1__0":     "1:1 invalid decimal literal",
		"0b12":     "1:1 invalid digit '2' in binary literal",
		"0o8":      "1:1 invalid digit '8' in octal literal",
		"0xg":      "1:1 invalid hexadecimal literal",
		"1e+":      "1:1 invalid decimal literal",
		"1abc":     "1:1 invalid decimal literal",
		"1.real":   "1:1 invalid decimal literal",
		"x = 0x_":  "1:5 invalid hexadecimal literal",
		"1_000j_0": "1:1 invalid decimal literal",
		// Strings.
		"'abc":            "1:1 string literal is not closed",
		"'''abc":          "1:1 triple-quoted string literal is not closed",
		`'\x4'`:           `1:2 '\x' must be followed by two hexadecimal digits`,
		`'a\u12'`:         `1:3 '\u' must be followed by four hexadecimal digits`,
		`'\U00110000'`:    `1:2 '\U' escape is above U+10FFFF`,
		`'\N{NO SUCH}'`:   `1:2 unknown character name in '\N{...}'`,
		`'\N'`:            `1:2 '\N' must be followed by a character name in braces`,
		`b'é'`:            "1:3 bytes literal can only contain ASCII characters",
		`'a' b'b'`:        "1:5 cannot join a bytes literal with a string literal",
		`t'a' 'b'`:        "1:6 cannot join a t-string with a literal of another kind",
		`f'{a'`:           "1:5 expected '}' at the end of the replacement field",
		`f'{a'b'}'`:       "1:5 expected '}' at the end of the replacement field",
		`f'a}'`:           "1:4 single '}' is not allowed in an f-string",
		`f'{}'`:           "1:4 expected an expression in the replacement field before '}'",
		`f'{a!x}'`:        "1:6 expected the conversion 's', 'r' or 'a' after '!'",
		`f'{a b}'`:        "1:6 expected '}' at the end of the replacement field",
		`f'{lambda x:1}'`: "1:4 lambda in an f-string must be in parentheses",
		`f'abc`:           "1:1 f-string is not closed",
		`f'\x4'`:          `1:3 '\x' must be followed by two hexadecimal digits`,
		// Statements.
		"print a":                           "1:1 'print' is a function in Python 3: expected '(' after it",
		"exec 'a'":                          "1:1 'exec' is a function in Python 3: expected '(' after it",
		"import a.b as c.d":                 "1:16 unexpected '.' after the statement",
		"from a import b,":                  "1:16 trailing comma needs parentheses around the imported names",
		"from a import ()":                  "1:16 expected a name to import",
		"from . import *, a":                "1:16 unexpected ',' after the statement",
		"import def":                        "1:8 expected a name after 'import'",
		"global 1":                          "1:8 expected a name after 'global'",
		"raise a, b":                        "1:8 unexpected ',' after the statement",
		"class = 1":                         "1:7 expected a name after 'class'",
		"def f: pass":                       "1:6 expected '(' after the name of the function",
		"if a = b: pass":                    "1:6 expected ':' after the condition",
		"if a\n  b":                         "1:5 expected ':' after the condition",
		"if a:\nb":                          "2:1 expected an indented block after the condition",
		"else: pass":                        "1:1 unexpected 'else'",
		"try: a\nb":                         "1:1 expected 'except' or 'finally' after the 'try' block",
		"try: a\nexcept b, c as d: e":       "2:8 several exceptions must be in parentheses before 'as'",
		"try: a\nexcept* b: c\nexcept d: e": "3:1 cannot mix 'except' and 'except*' in one 'try'",
		"async a":                           "1:7 expected 'def' after 'async'",
		"@a\nb":                             "1:1 expected a function or class after the decorator",
		"for a b: pass":                     "1:7 expected 'in' after the target of 'for'",
		"while True print()":                "1:12 expected ':' after the condition",
		"match a:\n case {**_}: pass":       "2:10 '**_' is not allowed in a mapping pattern",
		"match a:\n case b as _: pass":      "2:12 cannot use '_' as the name of a pattern",
		"match a:\n case B(c=d, e): pass":   "2:14 positional pattern follows keyword pattern",
		"match a:\n case *b: pass":          "2:7 starred pattern must be in a sequence",
		"match a:\n case 1 + 2: pass":       "2:11 expected an imaginary number in a pattern",
		"match a:\n case {b: c}: pass":      "2:8 key of a mapping pattern must be a literal or a name with a dot",
		"match a:\n b":                      "2:2 expected 'case'",
		"match a:\ncase b: pass":            "2:1 expected an indented block after the match subject",
		// Layout.
		"  a":                          "1:3 unexpected indent",
		"if a:\n    b\n  c":            "3:3 unindent does not match any outer indentation level",
		"if a:\n\tb\n        c":        "3:9 inconsistent use of tabs and spaces in indentation",
		"if a:\n        b\n\tc":        "3:2 inconsistent use of tabs and spaces in indentation",
		"a\n    b":                     "2:5 unexpected indent",
		"if a:\n  if b:\n    c\n   d":  "4:4 unindent does not match any outer indentation level",
		"x = 1\x00":                    "1:6 source contains a null byte",
		"if a: if b: c":                "1:7 unexpected 'if'",
		"x = (a\ndef f(): pass":        "1:5 '(' was never closed",
		"x = (a\ny = 2\n":              "1:5 '(' was never closed",
		"def f(\n  a\nx = 1\ny = 2":    "1:6 '(' was never closed",
		"x = {'a': [1, 2}\ny = 1":      "1:16 closing '}' does not match opening '['",
		"with (a as b, c as d:\n  e\n": "1:6 '(' was never closed",
	} {
		t.Run(source, func(t *testing.T) {
			File(tree, source, Options{})
			if got := diagnostics(tree); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			check(t, tree)
		})
	}
}

// TestVersions has for each piece of syntax the version that brought it, which
// the one before must refuse by name and the next accept.
func TestVersions(t *testing.T) {
	tree := ast.NewTree(nil)
	for _, test := range []struct {
		source string
		since  Version
		want   string
	}{
		{"@a[b]\ndef f(): pass", 9, "1:2 decorator other than a dotted name or its call needs Python 3.9"},
		{"with (a as b): pass", 9, "1:6 'with' items in parentheses needs Python 3.9"},
		{"for a in *b, c: pass", 9, "1:10 starred expression in 'for' needs Python 3.9"},
		{"{a := 1}", 9, "1:2 assignment expression without parentheses in a set needs Python 3.9"},
		{"a[b := 1]", 10, "1:5 assignment expression without parentheses in a subscript needs Python 3.10"},
		{"match a:\n case b: pass", 10, "1:1 match statement needs Python 3.10"},
		{"try: a\nexcept* b: c", 11, "2:1 'except*' needs Python 3.11"},
		{"a[*b]", 11, "1:3 starred expression in a subscript needs Python 3.11"},
		{"def f(*a: *b): pass", 11, "1:11 starred annotation needs Python 3.11"},
		{"def f[T](): pass", 12, "1:6 type parameter list needs Python 3.12"},
		{"class C[T]: pass", 12, "1:8 type parameter list needs Python 3.12"},
		{"type X = int", 12, "1:1 type statement needs Python 3.12"},
		{`f"{a["b"]}"`, 12, "1:6 f-string expression must not use the quotes of the f-string before Python 3.12"},
		{`f"{'\n'}"`, 12, "1:5 f-string expression must not contain a backslash before Python 3.12"},
		{"f'''{a # b\n}'''", 12, "1:8 f-string expression must not contain a comment before Python 3.12"},
		{"f'{a\n}'", 12, "1:1 f-string is not closed on its line, which it must be before Python 3.12"},
		{"class C[T = int]: pass", 13, "1:11 default of a type parameter needs Python 3.13"},
		{"t'a'", 14, "1:1 t-string needs Python 3.14"},
		{"try: a\nexcept b, c: d", 14, "2:9 several exceptions without parentheses needs Python 3.14"},
	} {
		t.Run(test.source, func(t *testing.T) {
			File(tree, test.source, Options{Version: test.since - 1})
			if got := diagnostics(tree); got != test.want {
				t.Errorf("before: got %q, want %q", got, test.want)
			}
			check(t, tree)
			File(tree, test.source, Options{Version: test.since})
			if got := diagnostics(tree); got != "" {
				t.Errorf("since: got %q", got)
			}
		})
	}
}

// TestRecovery checks what is still in the tree beside an error: the functions,
// with their statements counted.
func TestRecovery(t *testing.T) {
	tree := ast.NewTree(nil)
	for _, test := range []struct{ name, source, want, diagnostics string }{
		{"statement", `
			def f():
			    x = = 1
			    y
			def g(): pass`,
			"f2 g1", "3:9 unexpected '='"},
		{"header", `
			def f(a, 1):
			    x
			    y
			def g(): pass`,
			"f2 g1", "2:10 expected a name of a parameter"},
		{"header bracket", `
			def f(a:
			    x
			    y
			def g(): pass`,
			"f2 g1", "2:6 '(' was never closed"},
		{"missing colon", `
			class C
			    def f(self):
			        pass
			    def g(self):
			        pass`,
			"C2 f1 g1", "2:8 expected ':' after the class header"},
		{"bracket before def", `
			def f():
			    x = [1, 2
			    return x
			def g(): pass`,
			"f2 g1", "3:9 '[' was never closed"},
		{"bracket before assignment", `
			x = foo(1, 2
			y = 3
			z = 4
			def f(): pass`,
			"f1", "2:8 '(' was never closed"},
		{"bracket before decorator", `
			x = foo(1, 2
			@decorated
			def f(): pass`,
			"f1", "2:8 '(' was never closed"},
		{"bracket inside a function", `
			def f():
			    call(a, b
			    c = 1
			    d = 2
			    return c
			def g(): pass`,
			"f4 g1", "3:9 '(' was never closed"},
		{"closed later", `
			def f():
			    call(a b,
			c, d)
			    return c
			def g(): pass`,
			"f2 g1", "3:12 expected ',' or ')' in the arguments"},
		{"string", `
			def f():
			    x = 'abc
			    y = 1
			def g(): pass`,
			"f2 g1", "3:9 string literal is not closed"},
		{"f-string", `
			def f():
			    x = f'{a b}' + g
			    y = 1
			def g(): pass`,
			"f2 g1", "3:14 expected '}' at the end of the replacement field"},
		{"triple-quoted f-string", `
			def f():
			    x = f'''{a b}
			def no(): pass
			'''
			    y = 1
			def g(): pass`,
			"f2 g1", "3:16 expected '}' at the end of the replacement field"},
		{"indent", `
			def f():
			    x
			      y
			    z
			def g(): pass`,
			"f3 g1", "4:7 unexpected indent"},
		{"dedent", `
			def f():
			        x
			    y
			def g(): pass`,
			"f1 g1", "4:5 unindent does not match any outer indentation level"},
		{"Python 2", `
			def f():
			    print "a", b
			    exec code
			def g(): pass`,
			"f2 g1", "3:5 'print' is a function in Python 3: expected '(' after it\n4:5 'exec' is a function in Python 3: expected '(' after it"},
		{"Python 2 handler", `
			def f():
			    try:
			        x
			    except A, e:
			        y
			def g(): pass`,
			"f1 g1", ""},
		{"case", `
			match x:
			    case 1 +:
			        def f(): pass
			    case y:
			        def g(): pass`,
			"f1 g1", "3:13 expected an imaginary number in a pattern"},
		{"unmatched", `
			def f():
			    x = 1)
			    y
			def g(): pass`,
			"f2 g1", "3:10 unmatched ')'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			File(tree, strings.ReplaceAll(test.source, "\t\t\t", ""), Options{})
			if got := diagnostics(tree); got != test.diagnostics {
				t.Errorf("got  %s\nwant %s", got, test.diagnostics)
			}
			if got := functions(tree); got != test.want {
				t.Errorf("functions: got %q, want %q", got, test.want)
			}
			check(t, tree)
		})
	}
}

// functions lists the functions and classes of a tree with the number of
// statements in each.
func functions(t *ast.Tree) string {
	var names []string
	for n := range t.Preorder(t.Root()) {
		count := string(rune('0' + t.Body(n).Len()))
		switch t.Kind(n) {
		case ast.KindFunctionDef, ast.KindAsyncFunctionDef:
			names = append(names, t.Text(t.Function(n).Name)+count)
		case ast.KindClassDef:
			names = append(names, t.Text(t.Class(n).Name)+count)
		}
	}
	return strings.Join(names, " ")
}
