package finding

import "fmt"

// Severity says how much a finding matters. Unset, the zero value, means that the rule's own severity holds.
type Severity uint8

// Severities, from the least to the most serious.
const (
	Unset Severity = iota
	Note
	Warning
	Error
)

var severityNames = [...]string{Unset: "", Note: "note", Warning: "warning", Error: "error"}

// SeverityNames lists the names that ParseSeverity accepts, from the least to the most serious.
func SeverityNames() []string { return []string{"note", "warning", "error"} }

// String returns the name used in configuration and output, empty for Unset.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// ParseSeverity reads the name of a severity.
func ParseSeverity(name string) (Severity, error) {
	for s, n := range severityNames {
		if n == name && n != "" {
			return Severity(s), nil
		}
	}
	return Unset, fmt.Errorf("unknown severity %q: expected note, warning or error", name)
}
