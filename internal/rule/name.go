package rule

import (
	"fmt"
	"regexp"
	"strings"
)

// namePattern is what a rule's name is made of: two words or more, lower-case, with hyphens between them.
var namePattern = regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)

// orders are first words that make a name say what to do or what is forbidden. A name says the fault and reads after
// "allow": "allow unbounded-wait because …".
var orders = []string{"no", "require", "use", "ban", "banned", "forbid", "avoid", "check", "must"}

// CheckName says what is wrong with a name for a rule.
func CheckName(name string) error {
	if !namePattern.MatchString(name) {
		return fmt.Errorf("rule name %q: expected lower-case words with hyphens, such as unbounded-wait", name)
	}
	first, _, _ := strings.Cut(name, "-")
	for _, order := range orders {
		if first == order {
			return fmt.Errorf("rule name %q: a name says the fault and reads after \"allow\", so it cannot start with %q", name, order+"-")
		}
	}
	return nil
}

// FolderName is the name of a rule's folder and package: its name without hyphens.
func FolderName(name string) string { return strings.ReplaceAll(name, "-", "") }
