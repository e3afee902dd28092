package law_test

import (
	"slices"
	"strings"
	"testing"
)

// graph gives the packages of the module that each package folder imports, tests left out.
func graph(t *testing.T) map[string][]string {
	t.Helper()
	edges := map[string][]string{}
	for _, f := range code(t) {
		for _, name := range f.imports() {
			if within(name, "internal", "cmd", "tools") && !slices.Contains(edges[f.folder()], name) {
				edges[f.folder()] = append(edges[f.folder()], name)
			}
		}
	}
	for _, to := range edges {
		slices.Sort(to)
	}
	return edges
}

// folders are the keys of a graph in order.
func folders(edges map[string][]string) []string {
	names := make([]string, 0, len(edges))
	for name := range edges {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// way finds a shortest chain of imports from a package to one inside room, nil where there is none.
func way(edges map[string][]string, from, room string) []string {
	chains := [][]string{{from}}
	seen := map[string]bool{from: true}
	for len(chains) > 0 {
		chain := chains[0]
		chains = chains[1:]
		for _, to := range edges[chain[len(chain)-1]] {
			if seen[to] {
				continue
			}
			seen[to] = true
			longer := append(slices.Clone(chain), to)
			if within(to, room) {
				return longer
			}
			chains = append(chains, longer)
		}
	}
	return nil
}

// TestJudgesSeeFactsOnly: whoever judges sees facts and sites, never syntax.
func TestJudgesSeeFactsOnly(t *testing.T) {
	const reason = "a rule that needs more of Python adds a fact, so that every rule, the cache and `tiebeam facts` have it too"
	edges := graph(t)
	for _, from := range folders(edges) {
		if within(from, "internal/rule", "internal/rules", "internal/regress", "internal/contract", "internal/learn", "internal/review") {
			if chain := way(edges, from, "internal/python"); chain != nil {
				t.Errorf("%s reaches internal/python (%s): %s", from, strings.Join(chain, " → "), reason)
			}
		}
		if within(from, "internal/lsp", "internal/mcp") && slices.ContainsFunc(edges[from], func(to string) bool { return within(to, "internal/python") }) {
			t.Errorf("%s imports internal/python: %s", from, reason)
		}
	}
}

// rooms says which packages of the module a room may import, and why no others.
var rooms = []struct {
	room   string
	may    []string
	reason string
}{
	{"internal/finding", nil, "every room speaks of findings, so findings may know of none"},
	{"internal/fact", nil, "facts are plain values that the cache can store; they know nothing of where they come from"},
	{"internal/catalog", []string{"internal/text"}, "what is known of libraries is independent of the program that uses them"},
	{"internal/source", []string{"internal/finding"}, "a source is one file and what its bytes say, whatever it is read for"},
	{"internal/python", []string{"internal/python", "internal/source"}, "the language and nothing else, so that it can be compared with CPython alone"},
	{"internal/extract", []string{"internal/python", "internal/fact", "internal/source"}, "the facts of a file depend on its bytes and nothing else, or the cache would be wrong"},
	{"internal/sql", nil, "a statement means the same whatever program it stands in"},
	{"internal/program", []string{"internal/fact", "internal/catalog", "internal/source", "internal/sql"}, "no syntax tree is in sight once the facts are there, and no rule yet"},
	{"internal/contract", []string{"internal/contract", "internal/fact", "internal/program", "internal/finding", "internal/source", "internal/tree", "internal/text"}, "what was decided is read from a tree and held against a program, whoever asks; the rules' pages and the engine's order are not its concern"},
	{"internal/fixture", []string{"internal/finding"}, "cases are data; the engine is handed in"},
	{"internal/rule", []string{"internal/finding", "internal/fact", "internal/catalog", "internal/program", "internal/fixture"}, "a rule is a function of one snapshot"},
	{"internal/learn", []string{"internal/program", "internal/fact", "internal/catalog", "internal/text"}, "what is learnt is a function of one snapshot"},
	{"internal/chaos", []string{"internal/chaos", "internal/finding", "internal/source", "internal/sql", "internal/text"}, "what is seen at run time stands on its own, and is evidence for whoever judges"},
	{"internal/simulate", []string{"internal/simulate", "internal/program", "internal/text"}, "services are played from a file; what their code says is asked of a program, by one package below"},
	{"internal/review", []string{"internal/program", "internal/regress", "internal/contract", "internal/finding", "internal/fact", "internal/source", "internal/text"}, "a question is a function of the change, whoever asks it"},
	{"internal/rules", []string{"internal/rules", "internal/rule", "internal/finding", "internal/fact", "internal/catalog", "internal/program", "internal/learn"}, "a rule is a function of one snapshot"},
}

// TestRooms: each room imports only what lies below it.
func TestRooms(t *testing.T) {
	edges := graph(t)
	for _, from := range folders(edges) {
		for _, r := range rooms {
			if !within(from, r.room) {
				continue
			}
			for _, to := range edges[from] {
				if !within(to, r.may...) {
					t.Errorf("%s imports %s, and %s may import only %q: %s", from, to, r.room, r.may, r.reason)
				}
			}
		}
	}
}

// TestRulesAreApart: a rule knows no other rule.
func TestRulesAreApart(t *testing.T) {
	edges := graph(t)
	for _, from := range folders(edges) {
		if !within(from, "internal/rules") || from == "internal/rules/all" {
			continue
		}
		for _, to := range edges[from] {
			if within(to, "internal/rules") {
				t.Errorf("%s imports %s: a rule is one folder, which can go without another noticing; what two rules share belongs to program", from, to)
			}
		}
	}
}

// outside says which rooms may use what reaches outside of the process. cmd and tools are free.
var outside = []struct {
	imports []string
	may     []string
	reason  string
}{
	{
		[]string{"os", "io/ioutil", "syscall", "golang.org/x/sys/unix"},
		append([]string{"internal/tree", "internal/cache", "internal/report", "internal/cli"}, running...),
		"only tree, the cache, the report sinks and cli touch the file system, so that a folder, a revision and an editor's overlay are analysed alike",
	},
	{
		[]string{"os/exec", "github.com/go-git/go-git/v5"},
		append([]string{"internal/tree"}, running...),
		"only tree runs git, with everything an untrusted repository could make it run switched off in one place",
	},
	{
		[]string{"net", "net/http", "net/rpc", "crypto/tls"},
		running,
		"nothing is sent anywhere; only what runs next to the user's own code opens a socket, and on this machine",
	},
	{
		[]string{"math/rand", "math/rand/v2", "crypto/rand"},
		running,
		"the same input gives the same output",
	},
}

// running are the rooms that gather evidence from running code: they start programs, listen and measure; and the one that
// finds the Python of their tests.
var running = []string{"internal/boundary", "internal/chaos", "internal/watch", "internal/simulate", "internal/needs"}

// TestOutside: files, programs, sockets and chance enter through few doors.
func TestOutside(t *testing.T) {
	for _, f := range code(t) {
		if !within(f.folder(), "internal") {
			continue
		}
		for _, law := range outside {
			if within(f.folder(), law.may...) {
				continue
			}
			for _, name := range f.imports() {
				if slices.Contains(law.imports, name) {
					t.Errorf("%s imports %s: %s (allowed in %s)", f.path, name, law.reason, strings.Join(law.may, ", "))
				}
			}
		}
	}
}

// mostDependencies is how many modules of others the analysis may stand on; what runs next to the user's code, and
// the three doors, take what their field uses.
const mostDependencies = 8

// TestDependencies: the analysis stands on little that others keep.
func TestDependencies(t *testing.T) {
	doors := append([]string{"internal/cli", "internal/lsp", "internal/mcp"}, running...)
	var used []string
	for _, f := range code(t) {
		if !within(f.folder(), "internal") || within(f.folder(), doors...) {
			continue
		}
		for _, name := range f.imports() {
			// A module of others is its host and two words: github.com/owner/name, golang.org/x/name.
			words := strings.SplitN(name, "/", 4)
			from := strings.Join(words[:min(3, len(words))], "/")
			if strings.Contains(words[0], ".") && !slices.Contains(used, from) {
				used = append(used, from)
			}
		}
	}
	if slices.Sort(used); len(used) > mostDependencies {
		t.Errorf("the analysis imports %d modules of others, the most is %d: each is code that has to be read and kept up with: %q", len(used), mostDependencies, used)
	}
}
