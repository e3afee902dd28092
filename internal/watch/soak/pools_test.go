//go:build linux

package soak

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tiebeam/tiebeam/internal/needs"
	"github.com/tiebeam/tiebeam/internal/watch/probe"
)

// usedUp are services that use up a pool of three, with one caller that waits where the library lets it wait, and give
// all back once they are told to; the caller that waited keeps what it got, with SQLAlchemy and httpx it gives it back as well.
// SQLAlchemy closes what is more than its two.
var usedUp = []struct {
	name, module string
	needs        func(t *testing.T) (environment, modules []string)
	code         string
	kind         string
	line         int // of what makes the pool
	waiting      int
	size, free   int // in the end
}{
	{"psycopg_pool", "psycopg_pool", database("psycopg_pool"), `
pool = psycopg_pool.ConnectionPool(os.environ["DATABASE_URL"], min_size=2, max_size=3, name="orders")
held = [pool.getconn() for _ in range(3)]
wait(pool.getconn)
input()
for c in held: pool.putconn(c)
input()
`, "psycopg", 4, 1, 3, 2},
	{"SQLAlchemy", "sqlalchemy", database("sqlalchemy", "psycopg"), `
engine = sqlalchemy.create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"), pool_size=2, max_overflow=1, pool_timeout=60)
held = [engine.connect() for _ in range(3)]
wait(engine.connect)
input()
for c in held: c.close()
input()
`, "sqlalchemy", 4, 1, 2, 2},
	{"SQLAlchemy with asyncpg", "sqlalchemy", database("sqlalchemy", "asyncpg"), `
import asyncio, sqlalchemy.ext.asyncio
async def main():
    engine = sqlalchemy.ext.asyncio.create_async_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+asyncpg:"), pool_size=2, max_overflow=1, pool_timeout=60)
    held = [await engine.connect() for _ in range(3)]
    async def later():
        async with engine.connect(): pass
    waits = asyncio.ensure_future(later())
    await asyncio.to_thread(input)
    for c in held: await c.close()
    await asyncio.to_thread(input)
asyncio.run(main())
`, "sqlalchemy", 6, 1, 2, 2},
	{"asyncpg", "asyncpg", database("asyncpg"), `
import asyncio
async def main():
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=3)
    held = [await pool.acquire() for _ in range(3)]
    async def later(): return await pool.acquire()
    waits = asyncio.ensure_future(later())
    await asyncio.to_thread(input)
    for c in held: await pool.release(c)
    await asyncio.to_thread(input)
asyncio.run(main())
`, "asyncpg", 6, 1, 3, 2},
	{"redis", "redis", cache, `
pool = redis.ConnectionPool.from_url(os.environ["REDIS_URL"], max_connections=3)
held = [pool.get_connection() for _ in range(3)]
input()
for c in held: pool.release(c)
input()
`, "redis", 4, 0, 3, 3},
	{"redis that waits", "redis", cache, `
pool = redis.BlockingConnectionPool.from_url(os.environ["REDIS_URL"], max_connections=3, timeout=60)
held = [pool.get_connection() for _ in range(3)]
wait(pool.get_connection)
input()
for c in held: pool.release(c)
input()
`, "redis", 4, 1, 3, 2},
	{"redis.asyncio that waits", "redis.asyncio", cache, `
import asyncio
async def main():
    pool = redis.asyncio.BlockingConnectionPool.from_url(os.environ["REDIS_URL"], max_connections=3, timeout=60)
    held = [await pool.get_connection() for _ in range(3)]
    waits = asyncio.ensure_future(pool.get_connection())
    await asyncio.to_thread(input)
    for c in held: await pool.release(c)
    await asyncio.to_thread(input)
asyncio.run(main())
`, "redis", 6, 1, 3, 2},
	{"httpx", "httpx", peer, `
client = httpx.Client(limits=httpx.Limits(max_connections=3), timeout=60)
held = [client.send(client.build_request("GET", os.environ["PEER_URL"]), stream=True) for _ in range(3)]
wait(lambda: client.get(os.environ["PEER_URL"]))
input()
for r in held: r.read()
input()
`, "httpx", 4, 1, 3, 3},
	{"httpx, asynchronous", "httpx", peer, `
import asyncio
async def main():
    client = httpx.AsyncClient(limits=httpx.Limits(max_connections=3), timeout=60)
    held = [await client.send(client.build_request("GET", os.environ["PEER_URL"]), stream=True) for _ in range(3)]
    waits = asyncio.ensure_future(client.get(os.environ["PEER_URL"]))
    await asyncio.to_thread(input)
    for r in held: await r.aread()
    await asyncio.to_thread(input)
asyncio.run(main())
`, "httpx", 6, 1, 3, 3},
}

// prologue is what each service begins with; what it adds begins in line 4.
const prologue = `import os, threading, %s
def wait(get): threading.Thread(target=get, daemon=True).start()
`

// TestPools: the agent tells of each library's pool what is true, while it is used up and once it is not.
func TestPools(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers")
	}
	for _, p := range usedUp {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			environment, modules := p.needs(t)
			interpreter := needs.Python(t, append(modules, p.module)...)
			changed := make(chan struct{}, 1)
			listener, err := probe.Listen(func() time.Time {
				select {
				case changed <- struct{}{}:
				default:
				}
				return time.Now()
			})
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			script := filepath.Join(t.TempDir(), "app.py")
			if err := os.WriteFile(script, fmt.Appendf(nil, prologue+p.code, p.module), 0o644); err != nil {
				t.Fatal(err)
			}
			said, err := os.Create(script + ".said")
			if err != nil {
				t.Fatal(err)
			}
			defer said.Close()
			command := exec.Command(interpreter, script)
			command.Env, command.Stdout, command.Stderr = listener.Environment(append(needs.Environment(), environment...)), said, said
			command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			in, err := command.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			defer func() {
				syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
				command.Wait()
			}()
			until := func(what string, is func(one *probe.Pool) bool) {
				t.Helper()
				deadline := time.NewTimer(90 * time.Second)
				defer deadline.Stop()
				for {
					view, _ := listener.View(command.Process.Pid)
					if i := slices.IndexFunc(view.Stats.Pools, func(one probe.Pool) bool { return one.Kind == p.kind && is(&one) }); i >= 0 {
						if one := view.Stats.Pools[i]; one.Line != p.line || !strings.HasSuffix(one.File, "app.py") || view.Stats.Faults > 0 {
							t.Errorf("made at %s:%d, want line %d; faults %s", one.File, one.Line, p.line, view.Stats.Fault)
						}
						return
					}
					select {
					case <-changed:
					case <-deadline.C:
						out, _ := os.ReadFile(said.Name())
						t.Fatalf("no pool %s: %+v, faults %s\n%s", what, view.Stats.Pools, view.Stats.Fault, out)
					}
				}
			}
			until("that is used up", func(one *probe.Pool) bool {
				return one.Size == 3 && one.Max == 3 && one.Available == 0 && one.Waiting == p.waiting
			})
			fmt.Fprintln(in)
			until("that is free again", func(one *probe.Pool) bool {
				return one.Size == p.size && one.Max == 3 && one.Available == p.free && one.Waiting == 0
			})
		})
	}
}
