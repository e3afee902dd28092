package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sections are the tables of Render in their order.
var sections = []section{
	{"Waits: for what, bounded by, and what holds when nothing is said", describeWait},
	{"Deadlines carried by an object, a scope or the process", describeCarrier},
	{"Blocks the thread that calls it", describeBlock},
	{"Must be released", describeResource},
	{"Releases, or takes over the release", describeRelease},
	{"Repeats", describeRetry},
	{"Changes something outside the process", describeWrite},
	{"Starts something concurrent, or hands work to another thread", describeSpawn},
	{"Limits how many", describeBound},
	{"Stops calling what fails", describeBreaker},
	{"Remembers answers", describeRemember},
	{"Entry points", describeEndpoint},
	{"Validates", describeSchema},
	{"Is known as", describeRole},
}

func describeWait(e *Entry) []string {
	if e.Wait == nil {
		return nil
	}
	what := e.Wait.For
	if len(e.Wait.Unless) > 0 {
		what += " unless " + strings.Join(e.Wait.Unless, " or ")
	}
	if e.Deadline == nil {
		return []string{what, "no parameter", "no bound"}
	}
	return []string{what, describeParameters(e.Deadline), describeDefault(e.Deadline)}
}

func describeCarrier(e *Entry) []string {
	switch {
	case e.Duration != nil:
		return []string{"a duration from " + parameterNames(e.Duration.Parameters), describeSeconds(e.Duration.Default)}
	case e.Deadline == nil || e.Wait != nil && e.Deadline.Wraps == nil:
		return nil
	case e.Deadline.Scope:
		return []string{"bounds what it encloses, by " + describeParameters(e.Deadline), ""}
	case e.Deadline.Wraps != nil:
		return []string{fmt.Sprintf("bounds its argument %d, by %s", *e.Deadline.Wraps+1, describeParameters(e.Deadline)), ""}
	case e.Deadline.Process:
		return []string{"bounds every wait of the process, by " + describeParameters(e.Deadline), ""}
	}
	return []string{describeParameters(e.Deadline), describeDefault(e.Deadline)}
}

func describeBlock(e *Entry) []string {
	if e.Block == nil {
		return nil
	}
	what := e.Block.By
	if len(e.Block.Unless) > 0 {
		what += " unless " + strings.Join(e.Block.Unless, " or ")
	}
	return []string{what, strictly(e.Block.Strict)}
}

func describeResource(e *Entry) []string {
	if e.Resource == nil {
		return nil
	}
	var how []string
	if e.Resource.With == "" || e.Resource.With == "releases" {
		how = append(how, "with")
	}
	how = append(how, e.Resource.Release...)
	released := "by " + strings.Join(how, ", ")
	if e.Resource.With == "does-not-release" {
		released += "; its with block does not release"
	}
	return []string{e.Resource.Kind, released, strictly(e.Resource.Strict)}
}

func describeRelease(e *Entry) []string {
	var said []string
	if e.Release != nil {
		what := "its receiver"
		if e.Release.Argument != nil {
			what = fmt.Sprintf("its argument %d", *e.Release.Argument+1)
		}
		said = append(said, "releases "+what)
	}
	if e.Owns != nil {
		verb := "takes over "
		if e.Owns.Not {
			verb = "does not take over "
		}
		said = append(said, verb+parameterNames(e.Owns.Parameters))
	}
	return one(said)
}

func describeRetry(e *Entry) []string {
	r := e.Retry
	if r == nil {
		return nil
	}
	var said []string
	if names := append(slices.Clone(r.Attempts), r.Total...); len(names) > 0 || len(r.Stop) > 0 {
		said = append(said, "bounded by "+strings.Join(append(splitNames(names), r.Stop...), ", "))
	}
	if r.Stops != "" {
		said = append(said, "stops after "+r.Stops)
	}
	if r.Waits != "" {
		said = append(said, "pauses "+r.Waits)
	}
	if len(r.Exceptions) > 0 {
		said = append(said, "on "+strings.Join(r.Exceptions, ", "))
	}
	if r.As == "value" {
		return one(append([]string{"policy"}, said...))
	}
	attempts := "for ever"
	if r.DefaultAttempts > 0 {
		attempts = fmt.Sprintf("%d attempts", r.DefaultAttempts)
	}
	pause := "no pause"
	if r.DefaultBackoff {
		pause = "a pause"
	}
	if r.DefaultJitter {
		pause += " with jitter"
	}
	return one(append([]string{r.As}, append(said, "default: "+attempts+", "+pause)...))
}

func describeWrite(e *Entry) []string {
	w := e.Write
	if w == nil {
		return nil
	}
	said := []string{w.To}
	switch {
	case w.SQL != nil:
		said = append(said, "as its statement says")
	case w.Method != "":
		said = append(said, "as "+w.Method+" says")
	case w.Idempotent:
		said = append(said, "harmless to repeat")
	default:
		said = append(said, "not harmless to repeat")
	}
	if len(w.Key) > 0 {
		said = append(said, "unless with "+strings.Join(w.Key, ", "))
	}
	return one(said)
}

func describeSpawn(e *Entry) []string {
	var said []string
	if s := e.Spawn; s != nil {
		owner := "owned by the caller"
		if s.Owned {
			owner = "owned by what starts it"
		}
		said = append(said, "a "+s.What+", "+owner)
	}
	if o := e.Offload; o != nil {
		said = append(said, fmt.Sprintf("runs its argument %d (%s) in a %s", o.Argument+1, o.Keyword, o.To))
	}
	return one(said)
}

func describeBound(e *Entry) []string {
	if e.Bound == nil {
		return nil
	}
	usual := ""
	for _, d := range e.Bound.Defaults {
		usual = "default " + strconv.Itoa(d.Count)
		if d.Count < 0 {
			usual = "no limit by default"
		}
	}
	return []string{e.Bound.Of, e.Bound.Parameter.Name, usual}
}

func describeBreaker(e *Entry) []string {
	b := e.Breaker
	if b == nil {
		return nil
	}
	return []string{
		fmt.Sprintf("after %s (%d) failures in a row", b.Failures.Name, b.DefaultFailures),
		fmt.Sprintf("for %s (%v s)", b.Open.Name, b.DefaultOpenSeconds),
	}
}

func describeRemember(e *Entry) []string {
	r := e.Remember
	if r == nil {
		return nil
	}
	var said []string
	switch {
	case r.In.Name != "":
		said = append(said, "as long as the cache in "+r.In.Name)
	case r.DefaultSeconds < 0:
		said = append(said, "for ever by default")
	case r.DefaultSeconds > 0:
		said = append(said, fmt.Sprintf("%v s by default", r.DefaultSeconds))
	}
	if r.Lifetime.Name != "" {
		said = append(said, r.Lifetime.Name)
	}
	if r.Coalesces {
		said = append(said, "one caller fetches for all")
	}
	return said
}

func describeEndpoint(e *Entry) []string {
	p := e.Endpoint
	if p == nil {
		return nil
	}
	said := []string{p.Kind}
	if p.SyncIn != "" {
		said = append(said, "a plain def runs in the "+p.SyncIn)
	}
	if p.Validates {
		said = append(said, "annotated parameters are validated")
	}
	if len(p.Redelivers) > 0 {
		said = append(said, "with "+strings.Join(p.Redelivers, " or ")+" it is called again for the same message")
	}
	if len(p.Methods) > 0 {
		said = append(said, "methods "+strings.Join(p.Methods, ", "))
	}
	return one(said)
}

func describeSchema(e *Entry) []string {
	if e.Schema == nil {
		return nil
	}
	said := []string{e.Schema.As}
	if len(e.Schema.Bounds) > 0 {
		names := make([]string, 0, len(e.Schema.Bounds))
		for name := range e.Schema.Bounds {
			names = append(names, name)
		}
		slices.Sort(names)
		said = append(said, strings.Join(names, ", "))
	}
	if len(e.Schema.Implies) > 0 {
		said = append(said, "implies "+strings.Join(e.Schema.Implies, ", "))
	}
	if len(e.Schema.Requires) > 0 {
		said = append(said, "only with "+strings.Join(e.Schema.Requires, " or "))
	}
	return one(said)
}

func describeRole(e *Entry) []string {
	if len(e.Role) == 0 {
		return nil
	}
	return []string{strings.Join(e.Role, ", ")}
}

// describeParameters names what carries the deadline.
func describeParameters(d *Deadline) string {
	said := splitNames(d.Parameters)
	if d.Receiver {
		said = append(said, "its object")
	}
	if d.Setter != "" {
		said = append(said, d.Setter+"()")
	}
	if d.Attribute != "" {
		said = append(said, "."+d.Attribute)
	}
	if d.Setting != "" {
		said = append(said, d.Setting)
	}
	if d.Global {
		said = append(said, "socket.setdefaulttimeout")
	}
	if len(said) == 0 {
		return "no parameter"
	}
	return strings.Join(said, ", ")
}

func describeDefault(d *Deadline) string {
	var said []string
	for _, row := range d.Defaults {
		text := describeSeconds(row.Seconds)
		said = append(said, text+phases[row.Covers])
	}
	return strings.Join(said, ", ")
}

// phases says in words what a bound covers.
var phases = map[string]string{
	"": "", "total": "", "connect": " to connect", "read": " to read", "write": " to write",
	"pool": " for a connection of the pool", "statement": " for a statement",
}

func describeSeconds(seconds float64) string {
	switch {
	case seconds < 0:
		return "no bound"
	case seconds == 0:
		return "does not wait"
	}
	return strconv.FormatFloat(seconds, 'g', -1, 64) + " s"
}

func parameterNames(parameters []Parameter) string { return strings.Join(splitNames(parameters), ", ") }

// splitNames gives the names of parameters with their unit where it is not the second.
func splitNames(parameters []Parameter) []string {
	var names []string
	for _, p := range parameters {
		name := p.Name
		if name == "" && p.Position != nil {
			name = fmt.Sprintf("argument %d", *p.Position+1)
		}
		if p.Unit != "" && p.Unit != "s" && p.Unit != "count" {
			name += " (" + p.Unit + ")"
		}
		names = append(names, name)
	}
	return names
}

func strictly(strict bool) string {
	if strict {
		return "(strict)"
	}
	return ""
}

// one joins what is said into a single cell; nil where nothing is.
func one(said []string) []string {
	if len(said) == 0 {
		return nil
	}
	return []string{strings.Join(said, "; ")}
}
