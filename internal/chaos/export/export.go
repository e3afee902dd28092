package export

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tiebeam/tiebeam/internal/chaos/wire"
)

//go:embed python
var parts embed.FS

// Mark is how a file of ours begins.
const Mark = `"""Regression tests that tiebeam chaos has written.`

// Kind is what goes wrong in a test.
type Kind string

// The kinds.
const (
	// Lost: the operation is executed, and the connection ends without an answer.
	Lost Kind = "lost"
	// Silent: executed, and no answer comes.
	Silent Kind = "silent"
	// Late: executed, and the answer comes late.
	Late Kind = "late"
)

// Case is one test.
type Case struct {
	// Name is that of the function, Says its documentation.
	Name, Says string
	// Command is what runs the code, in Go's form; Python stands for the interpreter of the test.
	Command []string
	// Kind is the fault, at the Occurrence of the operation that the regular expression Operation matches from its beginning.
	Kind       Kind
	Protocol   wire.Protocol
	Operation  string
	Occurrence int
	// TLS is true where the operation or the effect was encrypted.
	TLS bool
	// Effect is what must not happen more often than without the fault, a regular expression; empty where the test is
	// about a wait that has to end.
	Effect         string
	EffectProtocol wire.Protocol
}

// Python is the word in a command that stands for the interpreter.
const Python = "\x00python"

// Forward is a port that a program knows and a proxy listens at.
type Forward struct {
	Protocol         wire.Protocol
	Listen, Upstream string
}

// Named is a variable that leads to a service and is not found by its URL.
type Named struct {
	Name, Port string
	Protocol   wire.Protocol
	Upstream   string
}

// File is all tests of a file.
type File struct {
	// Root leads from the folder of the file to that of the command, with forward slashes.
	Root     string
	Cases    []Case
	Forwards []Forward
	Named    []Named
	// Keys are header fields that hold idempotency keys.
	Keys []string
	// Deadline is how long a call may wait, Delay how late a late answer is.
	Deadline, Delay time.Duration
}

// Write writes the file.
func Write(w io.Writer, f *File) error {
	used := f.protocols()
	var b strings.Builder
	f.head(&b, used)
	for _, name := range f.parts(used) {
		if err := f.part(&b, name); err != nil {
			return err
		}
	}
	f.redirect(&b, used)
	for i := range f.Cases {
		f.Cases[i].write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// protocols are those that the cases speak of.
func (f *File) protocols() []wire.Protocol {
	var used []wire.Protocol
	for i := range f.Cases {
		used = append(used, f.Cases[i].Protocol)
		if f.Cases[i].Effect != "" {
			used = append(used, f.Cases[i].EffectProtocol)
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// encrypted says whether the file takes TLS apart.
func (f *File) encrypted() bool {
	return slices.ContainsFunc(f.Cases, func(c Case) bool { return c.TLS })
}

// parts are the pieces of Python that a file consists of.
func (f *File) parts(used []wire.Protocol) []string {
	all := []string{"common"}
	if f.encrypted() {
		all = append(all, "tls")
	}
	for _, protocol := range used {
		all = append(all, string(protocol))
		switch {
		case f.encrypted() && protocol == wire.HTTP:
			all = append(all, "https")
		case f.encrypted() && protocol == wire.Postgres:
			all = append(all, "postgrestls")
		}
	}
	return all
}

// head writes what comes first: imports and what is run.
func (f *File) head(b *strings.Builder, used []wire.Protocol) {
	imports := []string{"contextlib", "os", "pathlib", "re", "socket", "subprocess", "sys", "threading", "urllib.parse"}
	if slices.Contains(used, wire.Postgres) {
		imports = append(imports, "collections", "struct")
	}
	if slices.Contains(used, wire.Redis) {
		imports = append(imports, "collections")
	}
	if f.encrypted() {
		imports = append(imports, "select", "shutil", "ssl", "tempfile")
		if slices.Contains(used, wire.HTTP) {
			imports = append(imports, "functools")
		}
	}
	slices.Sort(imports)
	b.WriteString(Mark + "\n\nEach runs a test again behind a small proxy that loses one answer. They stand on their own: change and keep them.\n\"\"\"\n")
	for _, name := range slices.Compact(imports) {
		b.WriteString("import " + name + "\n")
	}
	if slices.Contains(used, wire.HTTP) {
		b.WriteString("from http import client, server\n")
	}
	root := "pathlib.Path(__file__).resolve().parent"
	if f.Root != "." && f.Root != "" {
		root = "(" + root + " / " + quoted(f.Root) + ").resolve()"
	}
	b.WriteString("\nROOT = " + root + "\n")
}

// part copies a piece of Python with the file's figures in it.
func (f *File) part(b *strings.Builder, name string) error {
	raw, err := parts.ReadFile("python/" + name + ".py")
	if err != nil {
		return fmt.Errorf("no test can be written for %s: %w", name, err)
	}
	seconds := func(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', -1, 64) }
	b.WriteString(strings.NewReplacer("{{deadline}}", seconds(f.Deadline), "{{delay}}", seconds(f.Delay), "{{keys}}", list(f.Keys)).Replace(string(raw)))
	return nil
}

// redirect writes the function that leads a process through proxies.
func (f *File) redirect(b *strings.Builder, used []wire.Protocol) {
	b.WriteString("\n\ndef redirect(watch, environment, stack):\n    \"\"\"Lead what the environment names through proxies, which end with the stack.\"\"\"\n\n")
	b.WriteString("    def proxy(serve, at=(\"127.0.0.1\", 0)):\n        server, port = listen(serve, at)\n        stack.enter_context(server)\n        return port\n\n")
	if f.encrypted() {
		b.WriteString("    authority = Authority(stack.enter_context(tempfile.TemporaryDirectory()))\n    authority.trusted(environment)\n")
	}
	var named []string
	for _, n := range f.Named {
		if slices.Contains(used, n.Protocol) {
			named = append(named, n.Name)
			f.named(b, &n)
		}
	}
	for _, forward := range f.Forwards {
		if slices.Contains(used, forward.Protocol) {
			fmt.Fprintf(b, "    proxy(%s, %s)\n", f.service(forward.Protocol, pair(forward.Upstream), ""), pair(forward.Listen))
		}
	}
	for _, protocol := range used {
		f.everywhere(b, protocol, named)
	}
}

// everywhere leads through proxies what is known without a name.
func (f *File) everywhere(b *strings.Builder, protocol wire.Protocol, named []string) {
	found := "    for name, value in list(environment.items()):\n        if re.match(r\"%s(\\+\\w+)?://\", value) and name not in %s:\n            environment[name] = through(value, proxy(%s))\n"
	switch protocol {
	case wire.HTTP:
		b.WriteString("    environment[\"HTTP_PROXY\"] = environment[\"http_proxy\"] = f\"http://127.0.0.1:{proxy(http(watch))}\"\n")
		if f.encrypted() {
			b.WriteString("    environment[\"HTTPS_PROXY\"] = environment[\"https_proxy\"] = f\"http://127.0.0.1:{proxy(https(watch, authority))}\"\n")
		}
		b.WriteString("    environment[\"NO_PROXY\"] = environment[\"no_proxy\"] = \"\"\n")
	case wire.Redis:
		fmt.Fprintf(b, found, "redis", tuple(named), f.service(protocol, "address(value, 6379)", ""))
	case wire.Postgres:
		fmt.Fprintf(b, found, "postgres(ql)?", tuple(named), f.service(protocol, "database(value)", "value"))
		fmt.Fprintf(b, "    if \"PGHOST\" in environment or \"PGPORT\" in environment:\n        upstream = environment.get(\"PGHOST\", \"127.0.0.1\"), int(environment.get(\"PGPORT\", 5432))\n"+
			"        environment.update(PGHOST=\"127.0.0.1\", PGPORT=str(proxy(%s)))\n", f.service(protocol, "upstream", ""))
		binding := ""
		if f.encrypted() {
			binding = ", PGCHANNELBINDING=\"disable\""
		}
		fmt.Fprintf(b, "    environment.update(PGSSLMODE=\"disable\", PGGSSENCMODE=\"disable\"%s)\n", binding)
	}
}

// service writes what serves a protocol for an upstream; url is an expression for the URL that led to it, if any.
func (f *File) service(protocol wire.Protocol, upstream, url string) string {
	if protocol == wire.Postgres && f.encrypted() {
		return fmt.Sprintf("postgres(watch, %s, Hops(authority, encrypted(%s)))", upstream, strings.TrimSuffix("environment, "+url, ", "))
	}
	return fmt.Sprintf("%s(watch, %s)", protocol, upstream)
}

// named writes what leads one variable through a proxy.
func (f *File) named(b *strings.Builder, n *Named) {
	name := "environment[" + quoted(n.Name) + "]"
	upstream := pair(n.Upstream)
	switch {
	case n.Port != "":
		if n.Upstream == "" {
			upstream = fmt.Sprintf("(%s, int(environment[%s]))", name, quoted(n.Port))
		}
		fmt.Fprintf(b, "    port = proxy(%s)\n    %s, environment[%s] = \"127.0.0.1\", str(port)\n", f.service(n.Protocol, upstream, ""), name, quoted(n.Port))
	default:
		value := "environment.get(" + quoted(n.Name) + ", \"\")"
		if n.Upstream == "" {
			upstream = fmt.Sprintf("address(value if \"//\" in value else \"//\" + value, %d)", ports[n.Protocol])
		}
		fmt.Fprintf(b, "    value = %s\n    port = proxy(%s)\n    %s = through(value, port) if \"//\" in value else f\"127.0.0.1:{port}\"\n", value, f.service(n.Protocol, upstream, "value"), name)
	}
}

// ports are those of services whose address has none.
var ports = map[wire.Protocol]int{wire.Postgres: 5432, wire.Redis: 6379, wire.HTTP: 80}

// write writes the test.
func (c *Case) write(b *strings.Builder) {
	var command []string
	for _, word := range c.Command {
		if word == Python {
			command = append(command, "sys.executable")
		} else {
			command = append(command, quoted(word))
		}
	}
	fmt.Fprintf(b, "\n\ndef %s():\n    \"\"\"%s\"\"\"\n    command = [%s]\n", c.Name, c.Says, strings.Join(command, ", "))
	fmt.Fprintf(b, "    fault = Fault(%s, %s, r%s, %d)\n", quoted(string(c.Kind)), quoted(string(c.Protocol)), raw(c.Operation), c.Occurrence)
	if c.Effect == "" {
		b.WriteString("    watch = run(command, Watch(\"\", \"\", fault))\n    assert watch.gave_up, f\"still waiting after {DEADLINE} s\"\n")
		return
	}
	fmt.Fprintf(b, "    once = run(command, Watch(%s, r%s))\n    again = run(command, Watch(%s, r%s, fault))\n", quoted(string(c.EffectProtocol)), raw(c.Effect), quoted(string(c.EffectProtocol)), raw(c.Effect))
	b.WriteString("    assert again.times <= once.times, f\"happened {again.times} times instead of {once.times}\"\n")
}

// quoted writes a string of Python: escapes of Go in ASCII are escapes of Python.
func quoted(s string) string { return strconv.QuoteToASCII(s) }

// raw writes a regular expression for a raw string. It has no quotation marks, as Pattern writes them as escapes.
func raw(s string) string { return `"` + s + `"` }

// list and tuple write strings of Python.
func list(all []string) string {
	var out []string
	for _, s := range all {
		out = append(out, quoted(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func tuple(all []string) string {
	if len(all) == 0 {
		return "()"
	}
	return "(" + strings.Trim(list(all), "[]") + ",)"
}

// pair writes host and port.
func pair(address string) string {
	i := strings.LastIndexByte(address, ':')
	if i < 0 {
		return `("", 0)`
	}
	return fmt.Sprintf("(%s, %s)", quoted(strings.Trim(address[:i], "[]")), address[i+1:])
}

// Pattern makes a regular expression of Python that matches texts which begin as one does; what is free in it, a
// placeholder or an asterisk of a shape, matches anything.
func Pattern(text string, free byte) string {
	var b strings.Builder
	space := false
	for _, c := range text {
		switch {
		case c == ' ' || c == '\n' || c == '\t' || c == '\r':
			space = true
			continue
		case space && b.Len() > 0:
			b.WriteString(`\s+`)
		}
		space = false
		switch {
		case c == rune(free):
			b.WriteString(`.+?`)
		case c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '/' || c == ':' || c == ',' || c == '=':
			b.WriteRune(c)
		case c < 0x80 && c > ' ' && c != '"' && c != '\'':
			b.WriteString(`\` + string(c))
		case c < 0x80:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
