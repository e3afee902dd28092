package contract

import (
	"strings"
	"time"
)

// Exemption is a place that need not comply with a contract, for a while.
type Exemption struct {
	// In are modules with everything below them, or symbols. It is nil for an exemption of imports.
	In []Pattern
	// Importer and Imported are the ends of the imports that are allowed; their Text is empty where In is given.
	Importer, Imported Pattern
	Reason, Owner      string
	// Until is the last day on which it holds.
	Until time.Time
	// Line is the 1-based line of the record.
	Line int
}

// day is how dates are written.
const day = "2006-01-02"

// Expired says whether the exemption no longer holds on a day; the zero day is none on which anything expires.
func (e *Exemption) Expired(today time.Time) bool {
	return !today.IsZero() && today.Format(day) > e.Until.Format(day)
}

// Subject names what is exempt.
func (e *Exemption) Subject() string {
	if e.In != nil {
		return list(e.In)
	}
	return e.Importer.Text + " -> " + e.Imported.Text
}

// readExemptions reads the field except of a contract.
func readExemptions(f *fields, c *Clause) []*Exemption {
	var all []*Exemption
	for _, one := range f.items("except") {
		before := len(f.y.faults)
		where := "in"
		if c.Kind == Importing {
			where = "import"
		}
		one.known(where, "reason", "owner", "until")
		e := &Exemption{Line: one.line, Reason: one.text("reason"), Owner: one.text("owner")}
		for _, key := range []string{where, "reason", "owner", "until"} {
			if !one.has(key) {
				f.y.fault(one.line, key, "is missing: an exemption names what it covers (%s), a reason, an owner and the day until which it holds", where)
			}
		}
		if where == "in" {
			e.In = one.patterns("in")
		} else {
			e.Importer, e.Imported = one.arrow("import")
		}
		e.Until = one.date("until")
		if len(f.y.faults) == before {
			all = append(all, e)
		}
	}
	return all
}

// arrow reads "importer -> imported".
func (f *fields) arrow(key string) (from, to Pattern) {
	s := f.text(key)
	if s == "" {
		return from, to
	}
	left, right, ok := strings.Cut(s, "->")
	if !ok {
		f.fault(key, "must have the form `shop.a -> shop.b`")
		return from, to
	}
	var wrong string
	for _, end := range []struct {
		text string
		to   *Pattern
	}{{left, &from}, {right, &to}} {
		if *end.to, wrong = parsePattern(strings.TrimSpace(end.text)); wrong != "" {
			f.fault(key, "%q %s", strings.TrimSpace(end.text), wrong)
		}
	}
	return from, to
}

// date reads a day.
func (f *fields) date(key string) time.Time {
	s := f.text(key)
	if s == "" {
		return time.Time{}
	}
	at, err := time.Parse(day, s)
	if err != nil {
		f.fault(key, "%q is no date such as 2027-01-31", s)
	}
	return at
}
