package boundary

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/program"
)

// drafter writes the tests of one comparison.
type drafter struct {
	w          *witness
	style      style
	used       map[string]bool
	target     *Target
	open       []string
	hypothesis bool
}

// parts gives the three values and, where there is one, the property: over values on both sides, and, in case another
// limit lies there, over those above.
func (d *drafter) parts() []part {
	parts := []part{d.values()}
	if d.hypothesis && len(d.w.Rows) == 3 {
		own := *d // Hypothesis calls a test itself and awaits nothing
		own.style.awaits = false
		for _, low := range []int{around, 1} {
			if p, ok := own.property(low); ok {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// variable is the name of what is turned.
func (d *drafter) variable() string {
	name := d.w.Knob[1]
	switch d.w.Knob[0] {
	case "attribute":
		name = d.w.Knob[2]
	case "length":
		name = "length"
	}
	name = strings.Trim(name, "_")
	if name == "" || name == d.w.Name || name == "expected" || name == d.subject() {
		return name + "_value"
	}
	return name
}

// subject is the name of the object that a method is called on.
func (d *drafter) subject() string {
	words := program.Words(d.w.Owner[strings.LastIndexByte(d.w.Owner, '.')+1:])
	if len(words) == 0 {
		return "subject"
	}
	return words[len(words)-1]
}

// unique makes a test's name that no other test has.
func (d *drafter) unique(name string) string {
	for n := 1; ; n++ {
		candidate := name
		if n > 1 {
			candidate = fmt.Sprintf("%s_%d", name, n)
		}
		if !d.used[candidate] {
			d.used[candidate] = true
			return candidate
		}
	}
}

// about is the middle of the names of tests: the class and the function.
func (d *drafter) about() string {
	words := append(program.Words(d.w.Owner), program.Words(strings.Trim(d.w.Name, "_"))...)
	return strings.ReplaceAll(strings.Join(words, "_"), ".", "_")
}

// limit is the limit in a test's name.
func (d *drafter) limit() string {
	if text := d.at().Value; len(text) < 12 && strings.Trim(text, "0123456789") == "" {
		return text
	}
	return "its_limit"
}

// at is the row on the limit.
func (d *drafter) at() *row {
	for i := range d.w.Rows {
		if d.w.Rows[i].At {
			return &d.w.Rows[i]
		}
	}
	return &d.w.Rows[0]
}

// state is the attribute that tells the mutants apart where what is returned does not; empty where that does.
func (d *drafter) state() string {
	for _, m := range d.open {
		for _, c := range d.w.Apart[m] {
			o := &d.w.Rows[c.Row].Outcome
			if o.Kind != c.Result.Kind || o.Type != c.Result.Type || o.Text != c.Result.Text || o.Repr != c.Result.Repr {
				return ""
			}
		}
	}
	for _, m := range d.open {
		for _, c := range d.w.Apart[m] {
			o := &d.w.Rows[c.Row].Outcome
			for _, name := range sortedKeys(o.State) {
				if c.Result.State[name] != o.State[name] {
					return name
				}
			}
		}
	}
	return ""
}

// called is the code that calls the function, before the lines that have to stand before it.
type called struct {
	before []string
	call   string
	after  string // what is compared afterwards: the call itself, or an attribute
	clock  []string
}

// calling writes the call of a row with the value under the variable's name.
func (d *drafter) calling(r *row, variable string) called {
	value := variable
	if d.w.Knob[0] == "length" {
		value = r.Filler + " * " + variable
	}
	fill := func(text string) string { return strings.ReplaceAll(text, mark, value) }
	var c called
	var args []string
	for _, a := range r.Arguments {
		text := fill(a[1])
		if len(r.Arguments) > 2 || slices.Contains(d.w.Keyword, a[0]) {
			text = a[0] + "=" + text
		}
		args = append(args, text)
	}
	object := fill(r.Instance)
	if object == "" {
		object = d.w.Owner
	}
	if len(r.Attributes) > 0 || d.state() != "" {
		c.before = append(c.before, d.subject()+" = "+object)
		object = d.subject()
		for _, a := range r.Attributes {
			c.before = append(c.before, object+"."+a[0]+" = "+fill(a[1]))
		}
	}
	c.call = d.w.Name
	if object != "" {
		c.call = object + "." + d.w.Name
	}
	if d.w.Kind != "property" {
		c.call += "(" + strings.Join(args, ", ") + ")"
	}
	switch {
	case d.w.Async && d.style.awaits:
		c.call = "await " + c.call
	case d.w.Async:
		c.call = "asyncio.run(" + c.call + ")"
	case d.w.Generator:
		c.call = "list(" + c.call + ")"
	}
	c.after = c.call
	if state := d.state(); state != "" {
		c.after = d.subject() + "." + state
	}
	for _, clock := range d.w.Clock {
		c.clock = append(c.clock, fmt.Sprintf("with mock.patch(%q, return_value=%s):", clock[0], clock[1]))
	}
	return c
}

// body puts the lines of a test together; use says what is done with the call.
func (c *called) body(use func(c *called) []string) string {
	lines := use(c)
	for _, clock := range slices.Backward(c.clock) {
		for i := range lines {
			lines[i] = "    " + lines[i]
		}
		lines = slices.Insert(lines, 0, clock)
	}
	lines = append(slices.Clone(c.before), lines...)
	return "    " + strings.Join(lines, "\n    ") + "\n"
}

// imports are what the code of the rows needs.
func (d *drafter) imports() [][2]string {
	var all [][2]string
	name := d.w.Name
	if d.w.Owner != "" {
		name, _, _ = strings.Cut(d.w.Owner, ".")
	}
	all = append(all, [2]string{d.w.Module, name})
	for i := range d.w.Rows {
		r := &d.w.Rows[i]
		all = append(append(all, r.Imports...), r.Outcome.Imports...)
		if r.Outcome.Kind == "raise" {
			first, _, _ := strings.Cut(r.Outcome.Type, ".")
			all = append(all, [2]string{r.Outcome.Module, first})
		}
	}
	if d.w.Async {
		all = append(all, [2]string{"asyncio", ""})
	}
	if len(d.w.Clock) > 0 {
		all = append(all, [2]string{"unittest", "mock"})
	}
	return append(all, [2]string{"pytest", ""}, [2]string{"unittest", ""})
}

// expected is what a test expects of a row, empty where it only has to return.
func (d *drafter) expected(r *row) string {
	if state := d.state(); state != "" {
		return r.Outcome.State[state]
	}
	return r.Outcome.Text
}

// values writes the test at the limit and beside it: what is returned in one table, what is raised in another.
func (d *drafter) values() part {
	p := part{imports: d.imports()}
	var returned, raised []*row
	for i := range d.w.Rows {
		if r := &d.w.Rows[i]; r.Outcome.Kind == "raise" {
			raised = append(raised, r)
		} else {
			returned = append(returned, r)
		}
	}
	stem := "test_" + d.about()
	var text strings.Builder
	if len(returned) > 0 {
		name := d.unique(stem + "_around_" + d.limit())
		p.names = append(p.names, name)
		text.WriteString(d.returning(name, returned))
	}
	for _, group := range byType(raised) {
		name := d.unique(stem + "_refuses_" + d.refusedAt(group))
		p.names = append(p.names, name)
		if text.Len() > 0 {
			text.WriteString("\n\n")
		}
		text.WriteString(d.raising(name, group))
	}
	p.text = text.String()
	return p
}

// byType groups rows by what they raise, in order.
func byType(rows []*row) [][]*row {
	var groups [][]*row
	for _, r := range rows {
		if n := len(groups); n > 0 && groups[n-1][0].Outcome.Type == r.Outcome.Type {
			groups[n-1] = append(groups[n-1], r)
			continue
		}
		groups = append(groups, []*row{r})
	}
	return groups
}

// refusedAt words where the refusals lie: at the limit, beyond it or below it.
func (d *drafter) refusedAt(group []*row) string {
	limit := d.limit()
	for _, r := range group {
		if r.At {
			return "at_" + limit
		}
	}
	if group[0] == &d.w.Rows[0] {
		return "below_" + limit
	}
	return "above_" + limit
}

func (d *drafter) returning(name string, rows []*row) string {
	if len(rows) == 1 {
		return d.plain(name, rows[0])
	}
	variable := d.variable()
	table := slices.ContainsFunc(rows, func(r *row) bool { return d.expected(r) != "" })
	code := d.calling(rows[0], variable)
	body := code.body(func(c *called) []string {
		var lines []string
		if c.after != c.call {
			lines = append(lines, c.call)
		}
		switch {
		case !table:
			return []string{c.call}
		case singletons(rows, d):
			return append(lines, d.style.same(c.after, "expected"))
		}
		return append(lines, d.style.equal(c.after, "expected"))
	})
	entries, names := d.entries(rows, table), variable
	if table {
		names += ", expected"
	}
	if d.style.testCase != "" {
		return d.looping(name, names, variable, "[\n"+indented(indented(entries))+"    ]", body)
	}
	var text strings.Builder
	if table {
		fmt.Fprintf(&text, "@pytest.mark.parametrize(\n    (%q, \"expected\"),\n    [\n", variable)
	} else {
		fmt.Fprintf(&text, "@pytest.mark.parametrize(\n    %q,\n    [\n", variable)
	}
	text.WriteString(indented(indented(entries)))
	text.WriteString("    ],\n)\n")
	parameters := d.typed(variable, d.valueType())
	if table {
		parameters += ", " + d.typed("expected", d.expectedType(rows))
	}
	text.WriteString(d.define(name, parameters) + body)
	return text.String()
}

// define is the head of a test, which awaits where those beside it do and there is something to await.
func (d *drafter) define(name, parameters string) string {
	head := fmt.Sprintf("def %s(%s)%s:\n", name, parameters, d.style.returns())
	if !d.w.Async || !d.style.awaits {
		return head
	}
	if d.style.marker != "" {
		return d.style.marker + "\nasync " + head
	}
	return "async " + head
}

// entries writes the rows of a table, one a line.
func (d *drafter) entries(rows []*row, table bool) string {
	var text strings.Builder
	for _, r := range rows {
		entry := r.Value
		if table {
			entry = "(" + r.Value + ", " + d.expected(r) + ")"
		}
		text.WriteString(entry + "," + note(r) + "\n")
	}
	return text.String()
}

// looping writes a method of unittest that goes through values, which has no parameters to go through.
func (d *drafter) looping(name, names, variable, values, body string) string {
	return d.define(name, "") + fmt.Sprintf("    for %s in %s:\n        with self.subTest(%s=%s):\n%s", names, values, variable, variable,
		indented(indented(body)))
}

// plain writes a test of one value.
func (d *drafter) plain(name string, r *row) string {
	code := d.calling(r, r.Value)
	body := code.body(func(c *called) []string {
		expected := d.expected(r)
		if expected == "" {
			return []string{c.call}
		}
		var lines []string
		if c.after != c.call {
			lines = append(lines, c.call)
		}
		if singletons([]*row{r}, d) {
			return append(lines, d.style.same(c.after, expected))
		}
		return append(lines, d.style.equal(c.after, expected))
	})
	return d.define(name, "") + body
}

// singletons reports whether all that is expected is True, False or None, which a person compares by identity.
func singletons(rows []*row, d *drafter) bool {
	return !slices.ContainsFunc(rows, func(r *row) bool {
		e := d.expected(r)
		return e != "True" && e != "False" && e != "None"
	})
}

func note(r *row) string {
	if r.At {
		return "  # the limit"
	}
	return ""
}

func (d *drafter) raising(name string, rows []*row) string {
	variable := d.variable()
	if len(rows) == 1 {
		variable = rows[0].Value
	}
	code := d.calling(rows[0], variable)
	body := code.body(func(c *called) []string {
		return []string{d.style.raises(rows[0].Outcome.Type), "    " + c.call}
	})
	if len(rows) == 1 {
		return d.define(name, "") + body
	}
	var values []string
	for _, r := range rows {
		values = append(values, r.Value)
	}
	if d.style.testCase != "" {
		return d.looping(name, variable, variable, "["+strings.Join(values, ", ")+"]", body)
	}
	return fmt.Sprintf("@pytest.mark.parametrize(%q, [%s])\n", variable, strings.Join(values, ", ")) +
		d.define(name, d.typed(variable, d.valueType())) + body
}

func (d *drafter) valueType() string {
	if d.w.Knob[0] == "length" {
		return "int"
	}
	return d.w.Type
}

func (d *drafter) expectedType(rows []*row) string {
	kind := rows[0].Outcome.Type
	for _, r := range rows {
		if r.Outcome.Type != kind || d.state() != "" {
			return "object"
		}
	}
	switch kind {
	case "int", "float", "str", "bool", "bytes":
		return kind
	}
	return "object"
}

// typed writes a parameter in the style.
func (d *drafter) typed(name, kind string) string {
	if d.style.typed {
		return name + ": " + kind
	}
	return name
}

// question asks the author where the name of the limit and what happens at the limit may not agree.
func (d *drafter) question() string {
	at := &d.at().Outcome
	refused := at.Kind == "raise" || at.Text == "False" || at.Text == "None"
	last, expiry := "", ""
	for _, name := range strings.FieldsFunc(d.target.Text, func(r rune) bool { return !nameRune(r) }) {
		for _, word := range program.Words(name) {
			switch word {
			case "max", "maximum", "limit", "most", "allowed", "allowance", "quota", "capacity", "budget":
				last = name
			case "expires", "expiry", "expiration", "deadline":
				expiry = name
			}
		}
	}
	where := d.variable() + " = " + d.at().Value
	switch {
	case refused && last != "":
		return fmt.Sprintf("`%s` refuses already at %s itself (%s). Is %s the last value that may pass, or the first that may not?", d.target.Text, last, where, last)
	case !refused && expiry != "":
		return fmt.Sprintf("`%s` still accepts at %s itself (%s). Does it end before that moment or with it?", d.target.Text, expiry, where)
	}
	return ""
}

func nameRune(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
