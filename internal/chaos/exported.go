package chaos

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/chaos/export"
	"github.com/tiebeam/tiebeam/internal/chaos/fault"
	"github.com/tiebeam/tiebeam/internal/chaos/http1"
	"github.com/tiebeam/tiebeam/internal/chaos/ledger"
	"github.com/tiebeam/tiebeam/internal/chaos/redirect"
	"github.com/tiebeam/tiebeam/internal/chaos/sweep"
	"github.com/tiebeam/tiebeam/internal/chaos/verdict"
	"github.com/tiebeam/tiebeam/internal/chaos/wire"
	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/text"
)

// Export makes regression tests of the findings, for a file in a folder. left says which findings no test can be written
// for, and why.
func (r *Report) Export(folder string, o *sweep.Options) (f *export.File, left []string) {
	f = &export.File{Root: r.relativeTo(folder), Keys: http1.KeyFields(), Deadline: o.Patience, Delay: o.Delay}
	for _, field := range o.KeyFields {
		f.Keys = append(f.Keys, strings.ToLower(field))
	}
	for _, forward := range o.Forwards {
		f.Forwards = append(f.Forwards, export.Forward{Protocol: forward.Protocol, Listen: forward.Listen, Upstream: forward.Upstream})
	}
	for _, n := range o.Redirect {
		f.Named = append(f.Named, export.Named{Name: n.Name, Port: n.Port, Protocol: protocolOf(n, o.Environment), Upstream: n.Upstream})
	}
	for i := range r.Findings {
		c, why := r.exported(&r.Findings[i], o)
		if why != "" {
			left = append(left, fmt.Sprintf("no test for %s at %s:%d: %s", r.Findings[i].Rule, r.Findings[i].Path, r.Findings[i].Line, why))
			continue
		}
		for n := 2; slices.ContainsFunc(f.Cases, func(other export.Case) bool { return other.Name == c.Name }); n++ {
			c.Name = strings.TrimRight(c.Name, "0123456789_") + fmt.Sprintf("_%d", n)
		}
		f.Cases = append(f.Cases, *c)
	}
	return f, left
}

// relativeTo leads from a folder to the root.
func (r *Report) relativeTo(folder string) string {
	relative, err := filepath.Rel(folder, r.root)
	if err != nil {
		return filepath.ToSlash(r.root)
	}
	return filepath.ToSlash(relative)
}

// protocolOf is what is spoken at a named variable.
func protocolOf(n redirect.Named, environment []string) wire.Protocol {
	routes, err := redirect.Plan(environment, []redirect.Named{n})
	if n.Protocol != "" || err != nil {
		return n.Protocol
	}
	return routes.Of(n.Name)
}

// exportable are the faults that a test can make, the simplest first.
var exportable = []struct {
	kind fault.Kind
	as   export.Kind
}{
	{fault.ResponseLost, export.Lost}, {fault.ResetAfter, export.Lost}, {fault.SlowClose, export.Lost}, {fault.Truncate, export.Lost},
	{fault.Hang, export.Silent}, {fault.HalfOpen, export.Silent}, {fault.Latency, export.Late},
}

// exported makes the test of one finding.
func (r *Report) exported(f *finding.Finding, o *sweep.Options) (c *export.Case, why string) {
	g := r.evidence(f)
	switch {
	case g == nil:
		return nil, "what showed it is not known"
	case f.Rule != RepeatsEffect && f.Rule != UnboundedWait:
		return nil, "it is not seen from outside of the program"
	case g.duplicate != nil && g.duplicate.Difference != nil:
		return nil, "it shows in what the database holds at the end, which a test has to ask for in the program's own words"
	}
	j, kind := simplest(g.judgements)
	if j == nil {
		return nil, fmt.Sprintf("no test can make the fault %s", g.judgements[0].Kind)
	}
	at := j.Faulted
	if why := unled(at); why != "" {
		return nil, why
	}
	operation := pattern(at)
	c = &export.Case{
		Kind: kind, Protocol: at.Protocol, TLS: at.Way.TLS, Operation: operation, Command: r.command(j.Point.Test, o.Command),
		Says: docstring(fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Message)),
	}
	for _, record := range j.Timeline {
		if record.Seq <= at.Seq && record.Protocol == at.Protocol && pattern(record) == operation {
			c.Occurrence++
		}
	}
	name, end := at, "ends"
	if g.duplicate != nil {
		name, end = g.duplicate.Again, "once"
		c.Effect, c.EffectProtocol, c.TLS = pattern(name), name.Protocol, c.TLS || name.Way.TLS
		if why := unled(name); why != "" {
			return nil, why
		}
	}
	c.Name = "test_" + slug(f.Symbol+" "+head(name)) + "_" + end
	return c, ""
}

// unled says why a test cannot lead an operation through its proxy, empty where it can.
func unled(r *ledger.Record) string {
	aiohttp := slices.ContainsFunc(r.Stack, func(f ledger.Frame) bool { return f.Library == "aiohttp" })
	if r.Way.Proxy && aiohttp {
		return "aiohttp asks no proxy unless its session is made with trust_env=True: name the variable that holds the service's URL (--redirect NAME)"
	}
	return ""
}

// simplest chooses the run whose fault a test makes most easily.
func simplest(judgements []*verdict.Judgement) (*verdict.Judgement, export.Kind) {
	for _, known := range exportable {
		for _, j := range judgements {
			if j.Kind == known.kind && j.Faulted != nil && j.Faulted.Protocol != wire.Opaque {
				return j, known.as
			}
		}
	}
	return nil, ""
}

// head is the part of an operation that a repair leaves as it is: verb and table, method and path, command and key.
func head(r *ledger.Record) string {
	shape := r.Shape
	switch r.Protocol {
	case wire.Postgres:
		if i := strings.Index(shape, r.Target); r.Target != "" && i >= 0 {
			shape = shape[:i+len(r.Target)]
		}
	case wire.HTTP:
		method, rest, _ := strings.Cut(shape, " ")
		if i := strings.IndexByte(rest, '/'); i >= 0 {
			rest = rest[i:]
		}
		rest, _, _ = strings.Cut(rest, "?")
		shape = method + " " + rest
	}
	return shape
}

// pattern is the head of an operation as a regular expression.
func pattern(r *ledger.Record) string {
	if r.Protocol == wire.Postgres {
		return export.Pattern(head(r), '?') + `(\W|$)`
	}
	return export.Pattern(head(r), '*') + `(\s|$)`
}

// command runs one test, or all of a command that is no test run.
func (r *Report) command(test string, all []string) []string {
	if test == "" {
		words := slices.Clone(all)
		if strings.HasPrefix(path.Base(filepath.ToSlash(words[0])), "python") {
			words[0] = export.Python
		}
		return words
	}
	if t := r.tests[test]; t != nil && t.File != "" {
		_, rest, _ := strings.Cut(test, "::")
		test = r.relative(t.File) + "::" + rest
	}
	return []string{export.Python, "-m", "pytest", "-q", "-p", "no:cacheprovider", test}
}

// slug makes part of a name.
func slug(words string) string {
	fields := strings.FieldsFunc(strings.ToLower(words), func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') })
	return strings.Join(fields[:min(len(fields), 8)], "_")
}

// docstring makes a message one that can stand in a docstring.
func docstring(message string) string {
	return strings.NewReplacer(`\`, `\\`, `"""`, `'''`).Replace(strings.TrimRight(text.Visible(message), `"`))
}
