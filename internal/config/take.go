package config

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// fault is an option with a value that it may not have.
type fault struct {
	key, reason string
}

// take lays the given options over the defaults.
func (c *Config) take(given *options, rules []string) *fault {
	set(&c.Strict, given.Strict)
	set(&c.Exclude, given.Exclude)
	set(&c.Tests, given.Tests)
	set(&c.Ignore, given.Ignore)
	set(&c.Requirements, given.Requirements)
	set(&c.Baseline, given.Baseline)
	set(&c.Decisions, given.Decisions)
	set(&c.MaxFileBytes, given.MaxFileBytes)
	if c.MaxFileBytes < 1 || c.MaxFileBytes > maxFileBytes {
		return &fault{"max-file-bytes", fmt.Sprintf("option \"max-file-bytes\" must lie between 1 and %d", maxFileBytes)}
	}
	if given.FailOn != nil {
		severity, err := finding.ParseSeverity(*given.FailOn)
		if err != nil {
			return &fault{"fail-on", "option \"fail-on\": " + err.Error()}
		}
		c.FailOn = severity
	}
	for _, name := range c.Ignore {
		if reason := unknownRule(name, rules); reason != "" {
			return &fault{name, "option \"ignore\": " + reason}
		}
	}
	c.Severity = map[string]finding.Severity{}
	for _, name := range slices.Sorted(maps.Keys(given.Severity)) {
		severity, err := finding.ParseSeverity(given.Severity[name])
		if reason := unknownRule(name, rules); reason != "" {
			return &fault{name, "option \"severity\": " + reason}
		}
		if err != nil {
			return &fault{name, fmt.Sprintf("severity of %s: %v", name, err)}
		}
		c.Severity[name] = severity
	}
	c.Catalog = given.Catalog
	return c.redirects(given.Chaos)
}

// maxFileBytes keeps byte offsets inside 32 bits.
const maxFileBytes = 1 << 30

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func unknownRule(name string, rules []string) string {
	if rules == nil || slices.Contains(rules, name) {
		return ""
	}
	return fmt.Sprintf("unknown rule %q%s", name, text.Suggest(name, rules))
}

// lineOf finds the line that speaks of a key or a value, 0 where none does.
func lineOf(raw []byte, word string) int {
	line := 0
	for part := range bytes.Lines(raw) {
		line++
		code, _, _ := strings.Cut(string(part), "#")
		if strings.Contains(code, word) {
			return line
		}
	}
	return 0
}
