package watch

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/tiebeam/tiebeam/internal/finding"
	"github.com/tiebeam/tiebeam/internal/program"
	"github.com/tiebeam/tiebeam/internal/watch/cause"
	"github.com/tiebeam/tiebeam/internal/watch/join"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
	"github.com/tiebeam/tiebeam/internal/watch/proc"
)

// place puts a finding on a line of the source and joins it with what the analysis knows there.
func (f *finder) place(out *finding.Finding, at probe.Site, effect program.Effect) {
	if at.Line == 0 {
		return
	}
	if f.static == nil {
		out.Message += fmt.Sprintf(", at %s:%d in %s", at.File, at.Line, at.Func)
		return
	}
	name, span, ok := f.static.Locate(at)
	if !ok {
		out.Message += fmt.Sprintf(", at %s:%d in %s, which is not part of the source that was read", at.File, at.Line, at.Func)
		return
	}
	out.Path, out.Span, out.Symbol = name, span, symbol(at.Func)
	match, ok := f.static.At(effect, at)
	if !ok {
		f.unknown(out, effect)
		return
	}
	if match.Path == name && match.Span.Start <= span.End && span.Start <= match.Span.End {
		out.Span, out.Symbol = match.Span, match.Symbol
	}
	f.join(out, &match)
}

// symbol is a function's qualified name as the analysis writes it, without "<locals>".
func symbol(name string) string {
	if name == "<module>" {
		return ""
	}
	return strings.ReplaceAll(name, ".<locals>", "")
}

func (f *finder) join(out *finding.Finding, m *join.Match) {
	out.Related = append(out.Related, finding.Related{
		Place: finding.Place{Path: m.Path, Span: m.Span}, Message: "read in the source: " + m.Describe(),
	})
}

// sort names what is missing from the catalogue, by effect.
var sorts = map[program.Effect]string{
	program.Acquire: `resource = { release = ["close"] }`, program.Block: `block = { by = "network" }`, program.Spawn: `spawn = { what = "task" }`,
}

// unknown says that the analysis has nothing there, and what would make it know.
func (f *finder) unknown(out *finding.Finding, effect program.Effect) {
	out.Related = append(out.Related, finding.Related{
		Place: finding.Place{Path: out.Path, Span: out.Span}, Message: "read in the source: nothing that the catalogue knows is called here",
	})
	out.Remedy = fmt.Sprintf("Give the function that is called here a row in the catalogue, [[catalog]] with path and %s, so that check and diff find it before it runs (docs/catalog.md).", sorts[effect])
}

// guess names sites of the source that may be behind a leak whose line nobody told.
func (f *finder) guess(out *finding.Finding, l *cause.Leak, effect program.Effect) {
	if f.static == nil {
		return
	}
	accept := suspects(l)
	if accept == nil {
		return
	}
	found := f.static.Candidates(effect, accept)
	blamed := slices.DeleteFunc(slices.Clone(found), func(m join.Match) bool { return m.Rule == "" })
	if len(blamed) == 1 {
		m := blamed[0]
		out.Path, out.Span, out.Symbol = m.Path, m.Span, m.Symbol
		f.join(out, &m)
		return
	}
	for i := range found {
		f.join(out, &found[i])
	}
	if len(found) == 0 {
		out.Remedy = fmt.Sprintf("No call in the source is known to open such a thing. Run the service under the agent to learn the line, or give the function that opens it a row in the catalogue, [[catalog]] with path and %s.", sorts[effect])
	}
}

// servers are the libraries whose connections go to a port.
var servers = map[uint16][]string{
	5432: {"psycopg", "psycopg2", "psycopg_pool", "asyncpg", "sqlalchemy", "aiopg"},
	6432: {"psycopg", "psycopg2", "psycopg_pool", "asyncpg", "sqlalchemy", "aiopg"},
	6379: {"redis", "aioredis"},
	3306: {"pymysql", "MySQLdb", "mysql", "aiomysql", "sqlalchemy"},
	5672: {"pika", "aio_pika", "kombu"}, 27017: {"pymongo", "motor"}, 9092: {"kafka", "aiokafka", "confluent_kafka"},
	11211: {"pymemcache", "aiomcache"},
}

// web are the libraries that connect to any other port.
var web = []string{"requests", "httpx", "aiohttp", "urllib", "urllib3", "http", "socket", "asyncio", "websockets"}

// suspects says which calls can be behind a leak, nil where nothing can be said.
func suspects(l *cause.Leak) func(what string) bool {
	switch g := l.Subject.Group; {
	case l.Subject.What == cause.Threads:
		return oneOf("threading", "concurrent")
	case l.Subject.What == cause.Children || g.Kind == proc.Pipe:
		return oneOf("subprocess", "asyncio", "os", "multiprocessing")
	case l.Subject.What != cause.Descriptors || l.Subject.Inbound():
		return nil
	case g.Kind == proc.File:
		return oneOf("builtins", "io", "pathlib", "os", "codecs", "gzip", "bz2", "lzma", "zipfile", "tarfile", "sqlite3", "tempfile", "logging", "mmap", "shelve")
	case g.Kind == proc.Deleted:
		return oneOf("tempfile", "builtins", "os")
	case g.Kind == proc.Epoll:
		return oneOf("asyncio", "selectors", "select")
	case g.Kind == proc.Socket:
		return oneOf(libraries(g.Where)...)
	}
	return nil
}

func libraries(where string) []string {
	peer, err := netip.ParseAddrPort(where)
	if err != nil {
		return append([]string{}, web...)
	}
	if known, ok := servers[peer.Port()]; ok {
		return known
	}
	return web
}

func oneOf(packages ...string) func(what string) bool {
	return func(what string) bool {
		first, _, _ := strings.Cut(what, ".")
		return slices.Contains(packages, first)
	}
}
