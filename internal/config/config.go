package config

import (
	_ "embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

//go:embed defaults.toml
var defaults string

// Names of the files that hold options, the first of which wins.
const (
	OwnFile     = "tiebeam.toml"
	ProjectFile = "pyproject.toml"
)

// maxBytes bounds a configuration file and maxDepth its nesting: the decoder recurses, and a hostile file must not
// decide how deep.
const (
	maxBytes = 1 << 20
	maxDepth = 200
)

// Config holds the options of a project. It is immutable after Parse. The fields are documented in defaults.toml.
type Config struct {
	// File is where the options come from, empty for the defaults.
	File string

	Strict       bool
	Exclude      []string
	Tests        []string
	Ignore       []string
	FailOn       finding.Severity
	Requirements string
	Baseline     string
	MaxFileBytes int
	Severity     map[string]finding.Severity
	Catalog      []map[string]any
	Decisions    []string
	Redirects    []Redirect
}

// options is the shape of the file.
type options struct {
	Strict       *bool             `toml:"strict"`
	Exclude      *[]string         `toml:"exclude"`
	Tests        *[]string         `toml:"tests"`
	Ignore       *[]string         `toml:"ignore"`
	FailOn       *string           `toml:"fail-on"`
	Requirements *string           `toml:"requirements"`
	Baseline     *string           `toml:"baseline"`
	MaxFileBytes *int              `toml:"max-file-bytes"`
	Severity     map[string]string `toml:"severity"`
	Catalog      []map[string]any  `toml:"catalog"`
	Decisions    *[]string         `toml:"decisions"`
	Chaos        *chaos            `toml:"chaos"`
}

// keys are the options in the order of defaults.toml.
var keys = []string{"strict", "exclude", "tests", "ignore", "fail-on", "requirements", "baseline", "decisions", "max-file-bytes", "severity", "catalog", "chaos"}

// nested are the options inside of an option that is a table.
var nested = map[string][]string{"chaos": {"redirect"}, "chaos.redirect": {"name", "port", "protocol", "upstream"}}

// Error is a fault of a configuration file.
type Error struct {
	// File is the name of the file, Line its 1-based line, 0 where there is none.
	File string
	Line int
	// Reason is lower-case, without the place.
	Reason string
}

// Error gives place and reason.
func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return e.File + ": " + e.Reason
}

// Default returns the options of a project that says nothing.
func Default() *Config {
	config, err := parse(Config{}, OwnFile, []byte(defaults), nil)
	if err != nil {
		// The file is part of the program, and a test reads it.
		panic(err)
	}
	config.File = ""
	return config
}

// DefaultText returns the file with every option and its default.
func DefaultText() string { return defaults }

// Parse reads a configuration file; a name that ends with pyproject.toml is one whose options stand under
// [tool.tiebeam], and nil is returned where it has no such table. Options that it does not have keep their default.
// rules are the names that rules may have; nil accepts every name. The error is an *Error.
func Parse(file string, raw []byte, rules []string) (*Config, error) {
	return parse(*Default(), file, raw, rules)
}

// parse lays the file over a base.
func parse(base Config, file string, raw []byte, rules []string) (*Config, error) {
	if len(raw) > maxBytes {
		return nil, &Error{File: file, Reason: fmt.Sprintf("has %d bytes, more than the limit of %d", len(raw), maxBytes)}
	}
	if line := tooDeep(raw); line > 0 {
		return nil, &Error{File: file, Line: line, Reason: fmt.Sprintf("is nested deeper than %d levels", maxDepth)}
	}
	given, err := read(file, raw)
	if given == nil || err != nil {
		return nil, err
	}
	base.File = file
	if err := base.take(given, rules); err != nil {
		return nil, &Error{File: file, Line: lineOf(raw, err.key), Reason: err.reason}
	}
	return &base, nil
}

// read decodes the file and refuses what is not an option of ours.
func read(file string, raw []byte) (*options, error) {
	decoder := toml.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	var given *options
	var err error
	prefix := []string{"tool", "tiebeam"}
	if path.Base(file) == ProjectFile {
		var project struct {
			Tool struct {
				Tiebeam *options `toml:"tiebeam"`
			} `toml:"tool"`
		}
		err = decoder.Decode(&project)
		given = project.Tool.Tiebeam
	} else {
		given, prefix = &options{}, nil
		err = decoder.Decode(given)
	}
	var unknown *toml.StrictMissingError
	var bad *toml.DecodeError
	switch {
	case errors.As(err, &unknown):
		return given, unknownKey(file, unknown, prefix)
	case err != nil && prefix != nil && !strings.Contains(string(raw), "tiebeam"):
		return nil, nil // a project's file that others cannot read either, and that has nothing of ours
	case errors.As(err, &bad):
		line, _ := bad.Position()
		return nil, &Error{File: file, Line: line, Reason: reword(bad)}
	case err != nil:
		return nil, &Error{File: file, Reason: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	return given, nil
}

// unknownKey picks the first unknown key below prefix; others belong to other tools.
func unknownKey(file string, unknown *toml.StrictMissingError, prefix []string) error {
	for i := range unknown.Errors {
		key := []string(unknown.Errors[i].Key())
		if len(key) <= len(prefix) || !slices.Equal(key[:len(prefix)], prefix) {
			continue
		}
		line, _ := unknown.Errors[i].Position()
		key, known := key[len(prefix):], keys
		for at := 1; at < len(key) && nested[strings.Join(key[:at], ".")] != nil; at++ {
			known = nested[strings.Join(key[:at], ".")]
		}
		return &Error{File: file, Line: line, Reason: fmt.Sprintf("unknown option %q%s", strings.Join(key, "."), text.Suggest(key[len(key)-1], known))}
	}
	return nil
}

// reword turns the decoder's words into ours.
func reword(bad *toml.DecodeError) string {
	key := strings.TrimPrefix(strings.Join(bad.Key(), "."), "tool.tiebeam.")
	message := strings.TrimPrefix(bad.Error(), "toml: ")
	if want, ok := types[key]; ok && !strings.Contains(message, "already") {
		return fmt.Sprintf("option %q must be %s", key, want)
	}
	return message
}

var types = map[string]string{
	"strict": "true or false", "exclude": "a list of strings", "tests": "a list of strings", "ignore": "a list of rule names",
	"fail-on": `"note", "warning" or "error"`, "requirements": "a string", "baseline": "a string", "max-file-bytes": "a whole number",
	"decisions": "a list of strings",
	"severity":  `a table such as unbounded-wait = "error"`, "catalog": "an array of tables",
	"chaos": "a table", "chaos.redirect": `an array of tables such as [[chaos.redirect]] with name = "PAY_URL"`,
}

// tooDeep returns the line on which brackets are nested too deep, 0 where nowhere. Brackets in strings and comments
// count too: no real configuration opens hundreds there without closing them.
func tooDeep(raw []byte) int {
	depth, line := 0, 1
	for _, b := range raw {
		switch b {
		case '\n':
			line++
		case '[', '{':
			depth++
		case ']', '}':
			depth = max(depth-1, 0)
		}
		if depth > maxDepth {
			return line
		}
	}
	if dots := longestDots(raw); dots > maxDepth {
		return line
	}
	return 0
}

// longestDots returns the most dots in one line, as dotted keys nest too.
func longestDots(raw []byte) int {
	most, dots, value := 0, 0, false
	for _, b := range raw {
		switch b {
		case '\n':
			dots, value = 0, false
		case '=':
			value = true
		case '.':
			if !value {
				dots++
				most = max(most, dots)
			}
		}
	}
	return most
}
