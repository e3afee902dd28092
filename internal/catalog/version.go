package catalog

import (
	"strings"

	pep440 "github.com/aquasecurity/go-pep440-version"
)

// selection is a version by which rows are chosen. The zero selection is the newest version.
type selection struct {
	known  bool
	number pep440.Version
}

// selector reads a version or an upper bound: "<8" selects as the last version before 8 would.
func selector(version string) selection {
	number, below := strings.CutPrefix(version, "<")
	if inclusive, ok := strings.CutPrefix(number, "="); ok {
		number, below = inclusive, false
	}
	parsed, err := parseVersion(strings.TrimSpace(number))
	if err != nil {
		return selection{}
	}
	if below {
		// A development release sorts before everything else of its version.
		if before, err := parseVersion(parsed.BaseVersion() + ".dev0"); err == nil {
			parsed = before
		}
	}
	return selection{known: true, number: parsed}
}

// within says whether since <= version < until; an empty bound is none. Bounds of the catalogue are read by a test,
// so an unreadable one counts as none.
func (s selection) within(since, until string) bool {
	if !s.known {
		return until == ""
	}
	if since != "" {
		if low, err := parseVersion(since); err == nil && s.number.LessThan(low) {
			return false
		}
	}
	if until != "" {
		if high, err := parseVersion(until); err == nil && s.number.GreaterThanOrEqual(high) {
			return false
		}
	}
	return true
}

func parseVersion(text string) (pep440.Version, error) { return pep440.Parse(text) }

// NormalName gives the normalised name of a distribution (PEP 503): lower case, runs of "-", "_" and "." as one "-".
func NormalName(name string) string {
	var b strings.Builder
	separated := false
	for _, r := range strings.ToLower(strings.TrimSpace(name)) {
		if r == '-' || r == '_' || r == '.' {
			separated = b.Len() > 0
			continue
		}
		if separated {
			b.WriteByte('-')
			separated = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
