package sweep

import (
	"net/url"
	"slices"
	"strings"
)

// shortest is the length from which a password is looked for in what a command says: a shorter one would take out
// parts of ordinary words.
const shortest = 4

// secrets takes the passwords that an environment holds out of a text: a command that fails may say how it connects.
func secrets(environment []string) *strings.Replacer {
	var found []string
	for _, entry := range environment {
		name, value, _ := strings.Cut(entry, "=")
		upper := strings.ToUpper(name)
		if strings.Contains(upper, "PASSWORD") || strings.Contains(upper, "SECRET") || strings.Contains(upper, "TOKEN") {
			found = append(found, value)
		}
		for word := range strings.FieldsSeq(value) {
			if password, is := strings.CutPrefix(word, "password="); is {
				found = append(found, password)
			}
		}
		u, err := url.Parse(value)
		if err != nil || u.User == nil {
			continue
		}
		password, _ := u.User.Password()
		_, encoded, _ := strings.Cut(u.User.String(), ":")
		found = append(found, password, encoded)
	}
	// The longest first, so that one that begins another does not leave its end.
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range slices.Compact(found) {
		if len(secret) >= shortest {
			pairs = append(pairs, secret, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}
