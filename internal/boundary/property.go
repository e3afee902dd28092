package boundary

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// side is what all values on one side of the limit have in common.
type side struct {
	raises string // the type, empty where it returns
	value  string // what is returned, empty where that varies
}

// property writes a test over many values that changes at the limit only, from low units below it on; ok is false where
// the three rows have nothing in common to state.
func (d *drafter) property(low int) (p part, ok bool) {
	strategy, imports := d.strategy(low)
	condition, below, above := d.sides()
	if strategy == "" || condition == "" {
		return part{}, false
	}
	name := "test_" + d.about() + "_changes_only_at_" + d.limit()
	if low < around {
		name += "_going_up"
	}
	name = d.unique(name)
	variable := d.variable()
	code := d.calling(d.at(), variable)
	body := code.body(func(c *called) []string { return d.asserting(c, condition, below, above) })
	var text strings.Builder
	text.WriteString(given(variable, strategy))
	for i := range d.w.Rows {
		fmt.Fprintf(&text, "@example(%s=%s)\n", variable, d.w.Rows[i].Value)
	}
	fmt.Fprintf(&text, "def %s(%s)%s:\n%s", name, d.typed(variable, d.valueType()), d.style.returns(), body)
	all := append(d.imports(), imports...)
	all = append(all, [2]string{"hypothesis", "example"}, [2]string{"hypothesis", "given"}, [2]string{"hypothesis", "strategies as st"})
	return part{names: []string{name}, text: text.String(), imports: all, property: true}, true
}

// given writes the decorator on one line, or, where that is too long, on one for each end.
func given(variable, strategy string) string {
	if line := "@given(" + variable + "=" + strategy + ")\n"; len(line) <= maxColumns {
		return line
	}
	open := strings.IndexByte(strategy, '(') + 1
	return "@given(\n    " + variable + "=" + strategy[:open] + "\n        " +
		strings.Join(argumentsOf(strategy[open:len(strategy)-1]), ",\n        ") + ",\n    )\n)\n"
}

// argumentsOf splits what stands between the brackets of a call.
func argumentsOf(inner string) []string {
	var all []string
	depth, start := 0, 0
	for i := range len(inner) {
		switch inner[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				all = append(all, strings.TrimSpace(inner[start:i]))
				start = i + 1
			}
		}
	}
	return append(all, strings.TrimSpace(inner[start:]))
}

// sides finds the condition on which the lower side holds, with what both sides do.
func (d *drafter) sides() (condition string, below, above side) {
	rows := d.w.Rows
	variable, limit := d.variable(), rows[1].Value
	for _, exact := range []bool{true, false} {
		of := func(r *row) side { return d.side(r, exact) }
		low, at, high := of(&rows[0]), of(&rows[1]), of(&rows[2])
		switch {
		case low == at && at != high:
			return variable + " <= " + limit, low, high
		case low != at && at == high:
			return variable + " < " + limit, low, high
		}
	}
	return "", side{}, side{}
}

func (d *drafter) side(r *row, exact bool) side {
	if r.Outcome.Kind == "raise" {
		return side{raises: r.Outcome.Type}
	}
	if exact {
		return side{value: d.expected(r)}
	}
	return side{}
}

// asserting states what both sides do.
func (d *drafter) asserting(c *called, condition string, below, above side) []string {
	var lines []string
	if c.after != c.call && below.raises == "" && above.raises == "" {
		lines = append(lines, c.call)
	}
	switch {
	case below.raises == "" && above.raises == "" && below.value == "True" && above.value == "False":
		return append(lines, d.style.same(c.after, d.style.grouped(condition)))
	case below.raises == "" && above.raises == "" && below.value == "False" && above.value == "True":
		return append(lines, d.style.same(c.after, d.style.grouped(opposite(condition))))
	case below.raises == "" && above.raises == "":
		return append(lines, d.style.equal(c.after, d.style.grouped(below.value+" if "+condition+" else "+above.value)))
	case below.raises != "" && above.raises != "":
		return []string{d.style.raises(below.raises + " if " + condition + " else " + above.raises), "    " + c.call}
	}
	lines = append([]string{"if " + condition + ":"}, d.one(c, below)...)
	return append(append(lines, "else:"), d.one(c, above)...)
}

func (d *drafter) one(c *called, s side) []string {
	if s.raises == "" {
		return []string{"    " + c.call}
	}
	return []string{"    " + d.style.raises(s.raises), "        " + c.call}
}

func opposite(condition string) string {
	if strings.Contains(condition, " <= ") {
		return strings.Replace(condition, " <= ", " > ", 1)
	}
	return strings.Replace(condition, " < ", " >= ", 1)
}

// around is how many units around the limit a property looks.
const around = 100

// strategy is where the values of a property come from, empty where none is known for the type.
func (d *drafter) strategy(low int) (text string, imports [][2]string) {
	limit := d.w.Rows[1].Value
	zoned := strings.Contains(limit, ", tzinfo=timezone.utc")
	plain := strings.Replace(limit, ", tzinfo=timezone.utc", "", 1)
	delta := [][2]string{{"datetime", "timedelta"}}
	switch d.valueType() {
	case "int":
		n, err := strconv.ParseInt(limit, 10, 64)
		if err != nil {
			return "", nil
		}
		least := n - int64(low)
		if n >= 0 {
			least = max(0, least)
		}
		return fmt.Sprintf("st.integers(min_value=%d, max_value=%d)", least, n+around), nil
	case "float":
		if _, err := strconv.ParseFloat(limit, 64); err != nil {
			return "", nil
		}
		return fmt.Sprintf("st.floats(min_value=%s - %d, max_value=%s + %d)", limit, low, limit, around), nil
	case "Decimal":
		return fmt.Sprintf("st.decimals(%s - %d, %s + %d, places=2)", limit, low, limit, around), nil
	case "date":
		return fmt.Sprintf("st.dates(%s - timedelta(days=%d), %s + timedelta(days=%d))", limit, low, limit, around), delta
	case "datetime":
		zone := ""
		if zoned {
			zone = ", timezones=st.just(timezone.utc)"
		}
		return fmt.Sprintf("st.datetimes(%s - timedelta(seconds=%d), %s + timedelta(seconds=%d)%s)", plain, low, plain, around, zone), delta
	case "timedelta":
		return fmt.Sprintf("st.timedeltas(%s - timedelta(seconds=%d), %s + timedelta(seconds=%d))", limit, low, limit, around), delta
	}
	return "", nil
}
