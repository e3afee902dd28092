package all

import (
	"slices"

	"github.com/tiebeam/tiebeam/internal/rule"
)

// Rules gives every rule in the order of the names. The slice is the caller's; the rules are shared and never change.
func Rules() []*rule.Rule { return slices.Clone(rules) }

// Named gives the rule of that name, nil where there is none.
func Named(name string) *rule.Rule {
	for _, r := range rules {
		if r.Name == name {
			return r
		}
	}
	return nil
}
